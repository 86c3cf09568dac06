"""The label files: topics, tones and safety terms, read from YAML and checked.

A user adds a topic by editing ``topics.yaml``: what is wrong with a file is said with its path and place.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..errors import EdmError, SettingsError
from ..resources import LABELS
from ..timeline import Severities

CATEGORIES = tuple(field.name for field in fields(Severities))


@dataclass(frozen=True, slots=True)
class Label:
    """A label with the texts that stand for it and the cues that speak for it."""

    name: str
    description: str
    prototypes: tuple[str, ...]
    cues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSet:
    """A closed set of labels; ``version`` is a hash of the file's bytes.

    ``none_of_these`` are sentences about nothing in particular, such as greetings: what is nearest to them
    gets no label.
    """

    labels: tuple[Label, ...]
    language: str
    abstain_below: float
    temperature: float
    cue_weight: float
    version: str
    none_of_these: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The labels' names, in the file's order."""
        return tuple(label.name for label in self.labels)


@dataclass(frozen=True, slots=True)
class SafetyTerms:
    """Terms by category with their severity, phrases that are harmless, and when a category is flagged."""

    language: str
    harmless: tuple[str, ...]
    terms: dict[str, dict[str, int]]
    flag_from: dict[str, int]
    version: str


def read_labels(path: Path = LABELS / "topics.yaml") -> LabelSet:
    """Read a file of topics or tones.

    Raises
    ------
    SettingsError
        If it cannot be read or breaks the schema; the message names the place.
    """
    data, version = _read(path)
    entries = data.get("labels")
    if not isinstance(entries, list) or len(entries) < 2:
        raise _wrong(path, "labels", "is not a list of at least two labels")
    labels = tuple(_label(entry, path, f"labels[{index}]") for index, entry in enumerate(entries))
    names = [label.name for label in labels]
    for name in names:
        if names.count(name) > 1:
            raise _wrong(path, "labels", f"holds {name!r} twice")
    return LabelSet(
        labels,
        language=_text(data, "language", path),
        abstain_below=_number(data, "abstain_below", path, 0.0, 1.0),
        temperature=_number(data, "temperature", path, 1e-3, 10.0),
        cue_weight=_number(data, "cue_weight", path, 0.0, 1.0) if "cue_weight" in data else 0.0,
        version=version,
        none_of_these=_texts(data.get("none_of_these", []), path, "none_of_these"),
    )


def read_safety(path: Path = LABELS / "safety.yaml") -> SafetyTerms:
    """Read the file of safety terms.

    Raises
    ------
    SettingsError
        If it cannot be read or breaks the schema; the message names the place.
    """
    data, version = _read(path)
    categories = data.get("categories")
    if not isinstance(categories, dict) or set(categories) != set(CATEGORIES):
        raise _wrong(path, "categories", f"does not hold exactly {', '.join(CATEGORIES)}")
    terms: dict[str, dict[str, int]] = {}
    flags: dict[str, int] = {}
    for name in CATEGORIES:
        place = f"categories.{name}"
        entry = categories[name]
        if not isinstance(entry, dict) or not isinstance(entry.get("terms"), dict):
            raise _wrong(path, place, "has no terms by severity")
        flags[name] = _severity(entry.get("flag_from"), path, f"{place}.flag_from")
        terms[name] = {}
        for key, words in entry["terms"].items():
            severity = _severity(key, path, f"{place}.terms")
            for word in _texts(words, path, f"{place}.terms.{severity}"):
                terms[name][word.casefold()] = max(severity, terms[name].get(word.casefold(), 0))
    harmless = _texts(data.get("harmless", []), path, "harmless")
    return SafetyTerms(_text(data, "language", path), harmless, terms, flags, version)


def labels_version(folder: Path = LABELS) -> str:
    """Return a hash of all label files: what is judged by them is out of date when it changes.

    Raises
    ------
    SettingsError
        If one of them cannot be read or is wrong.
    """
    versions = [read_labels(folder / name).version for name in ("topics.yaml", "tones.yaml")]
    versions.append(read_safety(folder / "safety.yaml").version)
    return hashlib.sha256("".join(versions).encode()).hexdigest()[:12]


def _label(entry: Any, path: Path, place: str) -> Label:
    if not isinstance(entry, dict):
        raise _wrong(path, place, "is not a label with name, description and prototypes")
    unknown = set(entry) - {"name", "description", "prototypes", "cues"}
    if unknown:
        raise _wrong(path, place, f"has the unknown key {min(map(str, unknown))!r}")
    prototypes = _texts(entry.get("prototypes"), path, f"{place}.prototypes")
    if not prototypes:
        raise _wrong(path, f"{place}.prototypes", "is empty")
    return Label(
        _text(entry, "name", path, place),
        _text(entry, "description", path, place),
        prototypes,
        _texts(entry.get("cues", []), path, f"{place}.cues"),
    )


def _read(path: Path) -> tuple[dict[str, Any], str]:
    import yaml

    try:
        raw = path.read_bytes()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built
        data = yaml.load(raw, Loader=loader)  # noqa: S506  # a safe loader, whichever it is
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", subject=str(path)) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"not YAML: {error}", subject=str(path), remedy="correct it there") from None
    if not isinstance(data, dict):
        raise _wrong(path, "the file", "does not hold keys and values")
    return data, hashlib.sha256(raw).hexdigest()[:12]


def _text(data: dict[str, Any], key: str, path: Path, place: str = "") -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise _wrong(path, f"{place}.{key}".lstrip("."), "is not a text")
    return value.strip()


def _texts(value: Any, path: Path, place: str) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise _wrong(path, place, "is not a list of texts")
    for item in value:
        if not isinstance(item, str) or not item.strip():
            raise _wrong(path, place, f"holds {item!r}, which is not a text")
    return tuple(item.strip() for item in value)


def _number(data: dict[str, Any], key: str, path: Path, low: float, high: float) -> float:
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise _wrong(path, key, f"is not a number from {low:g} to {high:g}")
    return float(value)


def _severity(value: Any, path: Path, place: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 7:
        raise _wrong(path, place, f"{value!r} is not a severity from 1 to 7")
    return value


def _wrong(path: Path, place: str, problem: str) -> EdmError:
    return SettingsError(f"{place} {problem}", subject=str(path), remedy="correct it there")
