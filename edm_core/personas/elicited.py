"""What a language model says, as a distribution over the scores 1 to 5: stated, or read from free text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ModelError
from .distribution import rounded
from .persona import SCORES


def from_shares(shares: Sequence[float], where: str = "language model") -> tuple[float, ...]:
    """Return shares of any sum as probabilities.

    Raises
    ------
    ModelError
        If all of them are 0.

    Examples
    --------
    >>> from_shares([0, 10, 20, 50, 20])
    (0.0, 0.1, 0.2, 0.5, 0.2)
    """
    total = sum(shares)
    if not total > 0:
        raise ModelError("its distribution is empty", subject=where, remedy="try another model or server")
    return rounded([share / total for share in shares])


def from_score(score: float, sure: float) -> tuple[float, ...]:
    """Return the distribution that a bare score with a self-declared confidence stands for.

    The confidence is taken at its word, as the probability of that very score (a score between two whole ones
    is shared by both); the rest goes to the other scores, half as much for each step away. A confidence below
    that of a guess, one in five, counts as one. So the mean is nearer to the middle than the score, the more
    so the less sure the model is.

    Examples
    --------
    >>> from_score(4, 1.0)
    (0.0, 0.0, 0.0, 1.0, 0.0)
    >>> from_score(5, 0.4)
    (0.04, 0.08, 0.16, 0.32, 0.4)
    """
    low = min(4, int(score))
    shares = [0.0] * 5
    for said, part in ((low, low + 1 - score), (low + 1, score - low)):
        others = [0.0 if place == said else 0.5 ** abs(place - said) for place in SCORES]
        kept = max(sure, 0.2)
        for place in SCORES:
            rest = (1 - kept) * others[place - 1] / sum(others)
            shares[place - 1] += part * (kept if place == said else rest)
    return rounded(shares)


def from_likeness(
    text: ArrayLike, anchors: ArrayLike, *, epsilon: float = 0.0, temperature: float = 1.0
) -> tuple[float, ...]:
    """Return the distribution that free text stands for, by its likeness to what is said at each score.

    Parameters
    ----------
    text : array, shape (d,)
        The text's embedding.
    anchors : array, shape (5, d)
        Those of the anchors, lowest score first.
    epsilon : float, optional
        What the least similar anchor is left with.
    temperature : float, optional
        Below 1 the distribution is narrower, above 1 wider.

    Notes
    -----
    Semantic-similarity rating, after Maier, Aslak, Fiaschi and others (2025), "LLMs Reproduce Human Purchase
    Intent via Semantic Similarity Elicitation of Likert Ratings", arXiv:2510.08338. With the cosine
    :math:`\\gamma_r` of the text to the anchor of score r, and l the least similar anchor,
    :math:`p(r) \\propto \\gamma_r - \\gamma_l + \\epsilon\\,\\delta_{lr}`, then
    :math:`p(r, T) \\propto p(r)^{1/T}`. The paper averages over several sets of anchors and takes
    :math:`\\epsilon = 0, T = 1`; a persona has one set. A text as like to every anchor gives equal shares.

    Examples
    --------
    >>> from_likeness([1.0, 0.0], [[0.0, 1.0], [1.0, 3.0], [1.0, 1.0], [3.0, 1.0], [1.0, 0.0]])
    (0.0, 0.1064, 0.2379, 0.3192, 0.3365)
    """
    vector, rows = np.asarray(text, float), np.asarray(anchors, float)
    cosines = _unit(rows) @ _unit(vector[None])[0]
    raw = cosines - cosines.min()
    raw[int(np.argmin(cosines))] += epsilon
    if not raw.sum() > 0:
        return (0.2,) * 5
    scaled = (raw / raw.sum()) ** (1 / temperature)
    return rounded((scaled / scaled.sum()).tolist())


# --- private ---------------------------------------------------------------------------------------


def _unit(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0))
