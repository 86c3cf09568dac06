"""Distributions over the scores 1 to 5: made from points, and what they say."""

from __future__ import annotations

import math
from collections.abc import Sequence

SCORES = (1, 2, 3, 4, 5)
NARROW, WIDE = 0.65, 1.25
"""Width of the bell, in points, where all is known and where nothing is."""
_MOST_POINTS = 1.9


def distribution_of(points: float, known: float) -> tuple[float, ...]:
    """Return the distribution that reasons give.

    Parameters
    ----------
    points : float
        Their sum; 0 is the middle of the scale, and many points come ever nearer to its end.
    known : float
        How much is known of what is judged, 0 to 1: the less, the wider.

    Examples
    --------
    >>> [round(share, 2) for share in distribution_of(1.2, 1.0)]
    [0.0, 0.0, 0.16, 0.62, 0.22]
    """
    middle = 3.0 + _MOST_POINTS * math.tanh(points / _MOST_POINTS)
    return bell(middle, WIDE - (WIDE - NARROW) * min(1.0, max(0.0, known)))


def bell(middle: float, width: float) -> tuple[float, ...]:
    """Return five probabilities, highest around ``middle``; they add up to 1.

    Examples
    --------
    >>> [round(share, 2) for share in bell(4.0, 0.7)]
    [0.0, 0.01, 0.21, 0.58, 0.21]
    """
    raw = [math.exp(-((place - middle) ** 2) / (2 * width**2)) for place in SCORES]
    return rounded([value / sum(raw) for value in raw])


def rounded(shares: Sequence[float]) -> tuple[float, ...]:
    """Return shares to four decimals that still add up to 1: the largest takes what is left over."""
    kept = [round(float(share), 4) for share in shares]
    largest = max(range(len(kept)), key=kept.__getitem__)
    kept[largest] = round(kept[largest] + 1.0 - sum(kept), 4)
    return tuple(kept)


def mean(distribution: Sequence[float]) -> float:
    """Return the mean score.

    Examples
    --------
    >>> mean((0.0, 0.0, 0.5, 0.5, 0.0))
    3.5
    """
    return round(sum(place * share for place, share in zip(SCORES, distribution, strict=True)), 4)


def confidence(distribution: Sequence[float]) -> float:
    """Return 1 for one certain score and 0 for all five alike, by the standard deviation.

    Examples
    --------
    >>> confidence((0.0, 0.0, 1.0, 0.0, 0.0)), confidence((0.2,) * 5)
    (1.0, 0.0)
    """
    middle = sum(place * share for place, share in zip(SCORES, distribution, strict=True))
    variance = sum(share * (place - middle) ** 2 for place, share in zip(SCORES, distribution, strict=True))
    return round(min(1.0, max(0.0, 1.0 - math.sqrt(variance / 2.0))), 4)
