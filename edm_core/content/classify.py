"""What judges a closed set of labels, and how scores become an answer or none.

Every engine is a :class:`Classifier`. An answer is the label with the highest share, the shares of the best
few, and the right not to answer; what could not be asked is ``failed`` with the reason, never a label.
"""

from __future__ import annotations

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


class Embeds(Protocol):
    """Turns texts into rows of length 1."""

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one row a text."""
        ...

    def __hash__(self) -> int:
        """Return what tells it from others: rows are kept by it."""
        ...


class Classifier(Protocol):
    """Chooses a label of a set for each text."""

    def __call__(self, texts: Sequence[str], labels: LabelSet) -> list[Judgement]:
        """Return one judgement a text."""
        ...


def judgement(
    shares: Sequence[float] | NDArray[np.float64], labels: LabelSet, *, none: bool = False
) -> Judgement:
    """Return the answer that shares give.

    Parameters
    ----------
    shares : sequence of float
        One a label, in the set's order, adding up to 1.
    labels : LabelSet
        What can be answered, and the share below which nothing is.
    none : bool, optional
        Whether the text is about nothing in particular.

    Examples
    --------
    >>> from edm_core.content.labels import Label
    >>> both = (Label("Red", "red", ("a",)), Label("Blue", "blue", ("b",)))
    >>> labels = LabelSet(both, "en", "1", abstain_below=0.6)
    >>> judgement([0.7, 0.3], labels).label
    'Red'
    >>> judgement([0.5, 0.5], labels).reason
    'no label reaches 0.6'
    """
    order = np.argsort(-np.asarray(shares), kind="stable")[:TOP]
    names = labels.names
    top = tuple(Score(names[place], round(float(shares[place]), 4)) for place in order)
    if none:
        return Judgement("abstained", top=top, reason="about nothing in particular")
    if top[0].confidence < labels.abstain_below:
        return Judgement("abstained", top=top, reason=f"no label reaches {labels.abstain_below:g}")
    return Judgement("ok", label=top[0].label, confidence=top[0].confidence, top=top)


def is_too_short(text: str) -> bool:
    """Return whether nobody could tell what a text is about."""
    return len(text.split()) < FEWEST_WORDS


TOO_SHORT = Judgement("abstained", reason="too few words to tell")


def softmax(scores: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Return shares that add up to 1 along the last axis."""
    raised = np.exp((scores - scores.max(axis=-1, keepdims=True)) / temperature)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


@lru_cache(maxsize=32)
def embedded(texts: tuple[str, ...], embed: Embeds) -> NDArray[np.float32]:
    """Return the rows of fixed texts, such as what personas like, embedded once a process."""
    return embed(texts)
