"""The label files: topics, tones and the passages that show both, read from YAML and checked.

A user adds a topic by editing ``topics.yaml``: what is wrong with a file is said with its path and place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..resources import LABELS
from .reading import number, parsed, text_of, texts_of, wrong

EXAMPLES = "examples.yaml"
_KEYS = {"name", "description", "prototypes", "words", "cues"}


@dataclass(frozen=True, slots=True)
class Label:
    """A label with the texts that stand for it; ``words`` and ``cues`` (phrases) speak for it where found."""

    name: str
    description: str
    prototypes: tuple[str, ...]
    words: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSet:
    """A closed set of labels and how they are told apart; ``version`` is a hash of the files' bytes.

    ``none_of_these`` are texts about nothing in particular, such as greetings: what is most like them gets
    no label. ``hypothesis`` is the sentence that a zero-shot model is asked about. ``styles`` are groups of
    words and phrases that say how something is said. The weights are those of features beside an embedding
    of length 1; 0 leaves a kind of feature out.
    """

    labels: tuple[Label, ...]
    language: str
    version: str
    hypothesis: str = "This text is about {}."
    abstain_below: float = 0.0
    temperature: float = 1.0
    shrinkage: float = 0.5
    word_weight: float = 0.0
    cue_weight: float = 0.0
    style_weight: float = 0.0
    none_of_these: tuple[str, ...] = ()
    styles: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in the file's order."""
        return tuple(label.name for label in self.labels)


def read_labels(path: Path = LABELS / "topics.yaml") -> LabelSet:
    """Read a file of topics or tones, and the passages for it in ``examples.yaml`` beside it, if there.

    Raises
    ------
    SettingsError
        If one cannot be read or breaks the schema; the message names the file and the place.
    """
    _data, version = parsed(path)
    labels = _labels(path, version)
    beside = path.with_name(EXAMPLES)
    if not beside.is_file() or path.stem not in ("topics", "tones"):
        return labels
    shown = _examples(beside, parsed(beside)[1])
    place = 0 if path.stem == "topics" else 1
    for topic, tone, _ in shown:
        if (topic, tone)[place] not in labels.names:
            where = (f"passages.{topic}", f"passages.{topic}.{tone}")[place]
            raise wrong(beside, where, f"is no label of {path.name}")
    grown = tuple(
        replace(
            label, prototypes=label.prototypes + tuple(one[2] for one in shown if one[place] == label.name)
        )
        for label in labels.labels
    )
    both = hashlib.sha256((version + parsed(beside)[1]).encode()).hexdigest()[:12]
    return replace(labels, labels=grown, version=both)


def read_examples(folder: Path = LABELS) -> tuple[tuple[str, str, str], ...]:
    """Return the example passages beside the label files, each as topic, tone and text; none without a file.

    Raises
    ------
    SettingsError
        If they cannot be read or break the schema.
    """
    path = folder / EXAMPLES
    return _examples(path, parsed(path)[1]) if path.is_file() else ()


def labels_version(folder: Path = LABELS) -> str:
    """Return a hash of all label files: what is judged by them is out of date when it changes.

    Raises
    ------
    SettingsError
        If one of them cannot be read or is wrong.
    """
    from .lexicon import read_safety

    versions = [read_labels(folder / name).version for name in ("topics.yaml", "tones.yaml")]
    versions.append(read_safety(folder / "safety.yaml").version)
    return hashlib.sha256("".join(versions).encode()).hexdigest()[:12]


# --- private ---------------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def _labels(path: Path, version: str) -> LabelSet:
    data, _ = parsed(path)
    entries = data.get("labels")
    if not isinstance(entries, list) or len(entries) < 2:
        raise wrong(path, "labels", "is not a list of at least two labels")
    labels = tuple(_label(entry, path, f"labels[{index}]") for index, entry in enumerate(entries))
    names = [label.name for label in labels]
    for name in names:
        if names.count(name) > 1:
            raise wrong(path, "labels", f"holds {name!r} twice")
    weights: dict[str, Any] = {
        key: number(data, key, path, 0.0, 1.0)
        for key in ("word_weight", "cue_weight", "style_weight", "shrinkage")
        if key in data
    }
    if "hypothesis" in data:
        weights["hypothesis"] = text_of(data, "hypothesis", path)
        if "{}" not in weights["hypothesis"]:
            raise wrong(path, "hypothesis", "has no {} where the label goes")
    return LabelSet(
        labels,
        text_of(data, "language", path),
        version,
        abstain_below=number(data, "abstain_below", path, 0.0, 1.0),
        temperature=number(data, "temperature", path, 1e-3, 100.0),
        none_of_these=texts_of(data.get("none_of_these", []), path, "none_of_these"),
        styles=_styles(data.get("styles", {}), path),
        **weights,
    )


def _label(entry: Any, path: Path, place: str) -> Label:
    if not isinstance(entry, dict):
        raise wrong(path, place, "is not a label with name, description and prototypes")
    unknown = set(entry) - _KEYS
    if unknown:
        raise wrong(path, place, f"has the unknown key {min(map(str, unknown))!r}")
    prototypes = texts_of(entry.get("prototypes"), path, f"{place}.prototypes")
    if not prototypes:
        raise wrong(path, f"{place}.prototypes", "is empty")
    words = text_of(entry, "words", path, place).split() if "words" in entry else []
    return Label(
        text_of(entry, "name", path, place),
        text_of(entry, "description", path, place),
        prototypes,
        tuple(dict.fromkeys(words)),
        texts_of(entry.get("cues", []), path, f"{place}.cues"),
    )


def _styles(value: Any, path: Path) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise wrong(path, "styles", "does not hold groups of words by name")
    return tuple((str(name), texts_of(words, path, f"styles.{name}")) for name, words in value.items())


@lru_cache(maxsize=4)
def _examples(path: Path, _version: str) -> tuple[tuple[str, str, str], ...]:
    """Return (topic, tone, text) of every passage; kept by the version of the file's bytes."""
    passages = parsed(path)[0].get("passages")
    if not isinstance(passages, dict):
        raise wrong(path, "passages", "does not hold passages by topic and tone")
    found = []
    for topic, tones in passages.items():
        if not isinstance(tones, dict):
            raise wrong(path, f"passages.{topic}", "does not hold passages by tone")
        for tone, texts in tones.items():
            place = f"passages.{topic}.{tone}"
            found += [(str(topic), str(tone), text) for text in texts_of(texts, path, place)]
    return tuple(found)
