"""Distributions over the ratings 1 to 5: how alike two are, and how well predicted ones hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

SCORES = 5
"""How many scores there are, from 1."""


def ks_similarity(one: ArrayLike, other: ArrayLike) -> float:
    """Return 1 less the largest difference of the cumulative shares of two distributions over 1 to 5.

    Parameters
    ----------
    one, other : array_like, shape (5,)
        Counts or shares.

    Examples
    --------
    >>> ks_similarity([1, 1, 1, 1, 1], [0, 0, 1, 0, 0])
    0.6
    """
    import numpy as np

    sides = [np.cumsum(side) / np.sum(side) for side in (one, other)]
    return round(1.0 - float(np.abs(sides[0] - sides[1]).max()), 12)


def variance_ratio(one: ArrayLike, other: ArrayLike) -> float | None:
    """Return the variance of one distribution over 1 to 5 over that of another, None where that has none.

    Examples
    --------
    >>> variance_ratio([1, 0, 2, 0, 1], [1, 0, 0, 0, 1]), variance_ratio([1, 0, 0, 0, 1], [0, 0, 1, 0, 0])
    (0.5, None)
    """
    import numpy as np

    scores = np.arange(1, SCORES + 1)
    spread = []
    for side in (one, other):
        shares = np.asarray(side, dtype=float) / np.sum(side)
        spread.append(float(shares @ (scores - shares @ scores) ** 2))
    return spread[0] / spread[1] if spread[1] > 1e-12 else None


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of about one size: their mean, how often what they predicted came true, and how many."""

    predicted: float
    observed: float
    n: int


def reliability_curve(
    distributions: ArrayLike, ratings: ArrayLike, *, bins: int = 10
) -> dict[int, tuple[Bin, ...]]:
    """Return how often ratings reached a score, by how probable that was said to be.

    Parameters
    ----------
    distributions : array_like, shape (ratings, 5)
        Predicted shares of the scores 1 to 5 for each rating.
    ratings : array_like, shape (ratings,)
        What people gave, 1 to 5.
    bins : int
        At most so many for each score, with as many predictions in each as can be (Nguyen and O'Connor 2015);
        equal predictions stay together.

    Returns
    -------
    dict of int to tuple of Bin
        By score, from 2 to 5: the bins of "this score or more", in order of the predictions.
    """
    import numpy as np

    shares, given = np.asarray(distributions, dtype=float), np.asarray(ratings, dtype=float)
    found: dict[int, tuple[Bin, ...]] = {}
    for score in range(2, SCORES + 1):
        predicted = shares[:, score - 1 :].sum(axis=1)
        order = np.argsort(predicted, kind="stable")
        ranked, came = predicted[order], (given >= score)[order]
        edges = np.unique(np.searchsorted(ranked, ranked[[len(ranked) * k // bins for k in range(bins)]]))
        parts = zip(edges, [*edges[1:], len(ranked)], strict=True)
        found[score] = tuple(
            Bin(float(ranked[low:high].mean()), float(came[low:high].mean()), int(high - low))
            for low, high in parts
        )
    return found


def calibration_error(distributions: ArrayLike, ratings: ArrayLike, *, bins: int = 10) -> float | None:
    """Return the expected calibration error: how far predicted and observed shares lie apart.

    The mean over bins (Naeini et al. 2015, bins of equal count) of each of the four statements "2 or more" to
    "5", then over the statements: what one says too often does not make up for what another says too seldom.
    It is above 0 by chance where ratings are few. None without ratings. Parameters as
    :func:`reliability_curve`.

    Examples
    --------
    >>> sure = [[0, 0, 1, 0, 0]] * 4
    >>> calibration_error(sure, [3, 3, 3, 3]), calibration_error(sure, [3, 3, 4, 4])
    (0.0, 0.125)
    """
    import numpy as np

    if not np.size(ratings):
        return None
    errors = [
        sum(each.n * abs(each.predicted - each.observed) for each in curve) / sum(each.n for each in curve)
        for curve in reliability_curve(distributions, ratings, bins=bins).values()
    ]
    return float(np.mean(errors))
