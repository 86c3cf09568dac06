"""Topic and tone: nearest labels by sentence embedding, with a confidence and the right not to answer.

A label's score is the mean of its two nearest texts' cosine similarities (its description and prototypes),
plus a little for each cue word found. A softmax over the labels turns scores into confidences; their scale
is set by hand in the label file, so they order answers well but are no calibrated probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..timeline import Judgement, Score
from .labels import LabelSet

FEWEST_WORDS = 4
"""Text shorter than this is about nothing that can be told."""
TOP = 3
_MOST_CUES = 2


class Embeds(Protocol):
    """Turns texts into rows of length 1."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        ...

    def __hash__(self) -> int:
        """Return what tells it from others: rows are kept by it."""
        ...


def classify(
    texts: Sequence[str], vectors: NDArray[np.float32], labels: LabelSet, embed: Embeds
) -> list[Judgement]:
    """Choose a label for each text.

    Parameters
    ----------
    texts : sequence of str
        The texts.
    vectors : array, shape (len(texts), d)
        Their embeddings.
    labels : LabelSet
        What can be answered.
    embed : callable
        Embeds the labels' own texts; they are kept for the next call.
    """
    scores = label_scores(texts, vectors, labels, embed)
    empty = np.full(len(texts), -np.inf)
    if labels.none_of_these:
        empty = _nearest(vectors, embedded(labels.none_of_these, embed))
    return [_judge(text, row, none, labels) for text, row, none in zip(texts, scores, empty, strict=True)]


def label_scores(
    texts: Sequence[str], vectors: NDArray[np.float32], labels: LabelSet, embed: Embeds
) -> NDArray[np.float64]:
    """Return how much speaks for each label, shape (len(texts), number of labels)."""
    columns = []
    for label, own in zip(labels.labels, _label_vectors(labels, embed), strict=True):
        nearest = _nearest(vectors, own)
        if label.cues and labels.cue_weight:
            pattern = _pattern(label.cues)
            found = [len({hit.casefold() for hit in pattern.findall(text)}) for text in texts]
            nearest = nearest + labels.cue_weight * np.minimum(found, _MOST_CUES)
        columns.append(nearest)
    return np.stack(columns, axis=1) if len(texts) else np.zeros((0, len(labels.labels)))


def softmax(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return confidences that add up to 1."""
    raised = np.exp((scores - scores.max()) / temperature)
    return np.asarray(raised / raised.sum())


def _nearest(vectors: NDArray[np.float32], own: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean similarity of each row to the two nearest of ``own``."""
    return np.asarray(np.sort(vectors.astype(np.float64) @ own.T, axis=1)[:, -2:].mean(axis=1))


def _judge(text: str, scores: NDArray[np.float64], none: float, labels: LabelSet) -> Judgement:
    if len(text.split()) < FEWEST_WORDS:
        return Judgement("abstained", reason="too few words to tell")
    confidences = softmax(scores, labels.temperature)
    order = np.argsort(-confidences, kind="stable")[:TOP]
    names = labels.names
    top = tuple(Score(names[place], round(float(confidences[place]), 4)) for place in order)
    if none > scores.max():
        return Judgement("abstained", top=top, reason="about nothing in particular")
    if top[0].confidence < labels.abstain_below:
        return Judgement("abstained", top=top, reason=f"no label reaches {labels.abstain_below:g}")
    return Judgement("ok", label=top[0].label, confidence=top[0].confidence, top=top)


def _label_vectors(labels: LabelSet, embed: Embeds) -> list[NDArray[np.float32]]:
    counts = [1 + len(label.prototypes) for label in labels.labels]
    texts = tuple(text for label in labels.labels for text in (label.description, *label.prototypes))
    rows = embedded(texts, embed)
    return np.split(rows, np.cumsum(counts)[:-1])


@lru_cache(maxsize=32)
def embedded(texts: tuple[str, ...], embed: Embeds) -> NDArray[np.float32]:
    """Return the rows of fixed texts, such as labels' prototypes, embedded once a process."""
    return embed(texts)


@lru_cache(maxsize=64)
def _pattern(cues: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(cue) for cue in sorted(cues, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
