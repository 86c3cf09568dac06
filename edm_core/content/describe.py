"""Topic, tone, safety and repetition of every passage, in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..resources import LABELS
from ..settings import Settings
from ..timeline import Judgement, Passage
from .classify import Classifier, Embeds
from .engines import classifier
from .injection import without_instructions
from .labels import LabelSet, read_labels
from .lexicon import read_safety
from .repeats import find_repeats
from .safety import judge_safety, likenesses

VERSION = "3"


def describe(
    passages: Sequence[Passage],
    *,
    folder: Path = LABELS,
    embed: Embeds | None = None,
    engine: str | Classifier | None = None,
    settings: Settings | None = None,
) -> tuple[Passage, ...]:
    """Fill in topic, tone, safety, ``repeats`` and ``repetition`` of passages.

    Parameters
    ----------
    passages : sequence of Passage
        In order of time.
    folder : Path, optional
        Where ``topics.yaml``, ``tones.yaml`` and ``safety.yaml`` lie.
    embed : callable, optional
        Turns texts into rows of length 1; the packaged MiniLM by default.
    engine : str or Classifier, optional
        What judges topic and tone: a name such as ``"packaged"`` (see :func:`~edm_core.content.classifier`)
        or a callable of yours; by default what the settings name. Safety and repetition are always packaged.
    settings : Settings, optional
        The process's own by default.

    Returns
    -------
    tuple of Passage
        Text that is too short, unclear, or in another language than the label file's gets the status
        ``abstained`` with the reason, and what could not be asked ``failed``; never a label for want of one.
        Sentences that instruct whoever judges are left out of what is judged.

    Raises
    ------
    SettingsError
        If a label file is wrong, or there is no such engine.
    ModelError
        If a model that is needed here is missing or damaged.

    Examples
    --------
    >>> from edm_core.timeline import Passage
    >>> (passage,) = describe([Passage(0.0, 8.0, text="Rain and gales will reach the coast by noon.")])
    >>> passage.topic.label
    'Weather & Climate'
    """
    if not passages:
        return ()
    settings = settings or Settings.from_environment()
    topics, tones = read_labels(folder / "topics.yaml"), read_labels(folder / "tones.yaml")
    terms = read_safety(folder / "safety.yaml")
    if embed is None:
        from ..models import minilm

        embed = minilm(settings=settings)
    if engine is None or isinstance(engine, str):
        engine = classifier(engine or settings.content_engine, embed, settings)
    texts = [without_instructions(passage.text) for passage in passages]
    read = [passage.language in (None, topics.language, tones.language) for passage in passages]
    vectors = embed([text if known else "" for text, known in zip(texts, read, strict=True)])
    repeated = find_repeats(texts, [passage.start for passage in passages], vectors)
    judged = [_judgements(passages, texts, labels, engine) for labels in (topics, tones)]
    ordinary = tuple(text for label in topics.labels for text in label.prototypes)
    like = likenesses(vectors, terms, embed, settings, clear=ordinary)
    return tuple(
        replace(
            passage,
            topic=topic,
            tone=tone,
            safety=judge_safety(passage, terms, alike),
            repeats=repetition.index if repetition else None,
            repetition=repetition,
        )
        for passage, topic, tone, alike, repetition in zip(passages, *judged, like, repeated, strict=True)
    )


def _judgements(
    passages: Sequence[Passage], texts: Sequence[str], labels: LabelSet, engine: Classifier
) -> list[Judgement]:
    """Let the engine judge the texts that are in the labels' language; the rest abstains."""
    foreign = Judgement(
        "abstained",
        reason="the packaged text model reads English only" if labels.language == "en" else "other language",
    )
    readable = [passage.language in (None, labels.language) for passage in passages]
    judged = iter(engine([text for text, known in zip(texts, readable, strict=True) if known], labels))
    return [next(judged) if known else foreign for known in readable]
