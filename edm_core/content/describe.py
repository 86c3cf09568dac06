"""Topic, tone, safety and repetition of every passage, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..resources import LABELS
from ..settings import Settings
from ..timeline import Judgement, Passage
from .classify import Embeds, classify
from .labels import LabelSet, read_labels, read_safety
from .repeats import find_repeats
from .safety import judge_safety
from .sentences import sentences_of, vector_of

VERSION = "1"


def describe(
    passages: Sequence[Passage],
    *,
    folder: Path = LABELS,
    embed: Embeds | None = None,
    settings: Settings | None = None,
) -> tuple[Passage, ...]:
    """Fill in topic, tone, safety and ``repeats`` of passages.

    Parameters
    ----------
    passages : sequence of Passage
        In order of time.
    folder : Path, optional
        Where ``topics.yaml``, ``tones.yaml`` and ``safety.yaml`` lie.
    embed : callable, optional
        Turns texts into rows of length 1; the packaged MiniLM by default.
    settings : Settings, optional
        The process's own by default.

    Returns
    -------
    tuple of Passage
        Text that is too short, unclear, or in another language than the label file's gets the status
        ``abstained`` with the reason, never a label for want of one.

    Raises
    ------
    SettingsError
        If a label file is wrong.
    ModelError
        If the embedding model is missing or damaged.
    """
    if not passages:
        return ()
    topics, tones = read_labels(folder / "topics.yaml"), read_labels(folder / "tones.yaml")
    terms = read_safety(folder / "safety.yaml")
    if embed is None:
        from ..models import minilm

        embed = minilm(settings=settings)
    vectors = _vectors(passages, {topics.language, tones.language}, embed)
    judged = [_judgements(passages, vectors, labels, embed) for labels in (topics, tones)]
    repeats = find_repeats([passage.text for passage in passages], vectors)
    return tuple(
        replace(passage, topic=topic, tone=tone, safety=judge_safety(passage, terms), repeats=repeat)
        for passage, topic, tone, repeat in zip(passages, *judged, repeats, strict=True)
    )


def _vectors(passages: Sequence[Passage], languages: set[str], embed: Embeds) -> NDArray[np.float32]:
    """Embed what can be read; the rest gets rows of zeros, which are near nothing."""
    texts = [passage.text if _readable(passage, languages) else "" for passage in passages]
    embed([sentence for text in texts for sentence in sentences_of(text)])  # all at once is quicker
    return np.stack([vector_of(text, embed) for text in texts])


def _judgements(
    passages: Sequence[Passage], vectors: NDArray[np.float32], labels: LabelSet, embed: Embeds
) -> list[Judgement]:
    judged = classify([passage.text for passage in passages], vectors, labels, embed)
    foreign = Judgement(
        "abstained",
        reason="the packaged text model reads English only" if labels.language == "en" else "other language",
    )
    return [
        judgement if _readable(passage, {labels.language}) else foreign
        for passage, judgement in zip(passages, judged, strict=True)
    ]


def _readable(passage: Passage, languages: set[str]) -> bool:
    return passage.language is None or passage.language in languages
