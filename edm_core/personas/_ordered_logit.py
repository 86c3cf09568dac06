"""A cumulative logit of ratings from 1 to 5 on a score, fitted by maximum a posteriori."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_HONEST = (-3.0, math.log(2.0), math.log(2.0), math.log(2.0), math.log(2.0))
"""First threshold, logarithms of the three steps to the next, and of the slope: ratings around the score."""
_LOOSE = (3.0, 1.5, 1.5, 1.5, 1.5)
_CLOSE = (1.0, 0.5, 0.5, 0.5, 0.5)
"""Standard deviations of the priors: around an honest scorer, and around the curve of all personas."""


@dataclass(frozen=True, slots=True)
class Curve:
    """``P(rating ≤ k | score) = logistic(thresholds[k - 1] - slope * (score - 3))`` for k from 1 to 4."""

    thresholds: tuple[float, ...]
    slope: float

    def distribution(self, score: float) -> tuple[float, ...]:
        """Return the probabilities of the ratings 1 to 5.

        Examples
        --------
        >>> [round(share, 2) for share in Curve((-3.0, -1.0, 1.0, 3.0), 2.0).distribution(3.0)]
        [0.05, 0.22, 0.46, 0.22, 0.05]
        """
        below = [0.0, *(_logistic(each - self.slope * (score - 3.0)) for each in self.thresholds), 1.0]
        return tuple(high - low for low, high in zip(below, below[1:], strict=False))


def fitted(scores: Sequence[float], ratings: Sequence[int], *, near: Curve | None = None) -> Curve:
    """Return the likeliest curve.

    Parameters
    ----------
    scores : sequence of float
    ratings : sequence of int
        1 to 5, one a score.
    near : Curve, optional
        What it is pulled to; a scorer whose scores are people's mean ratings by default.

    Examples
    --------
    >>> curve = fitted([1.5, 2.5, 3.5, 4.5] * 50, [1, 3, 3, 5] * 50)
    >>> [max(range(5), key=curve.distribution(score).__getitem__) + 1 for score in (1.5, 3.0, 4.5)]
    [1, 3, 5]
    """
    import numpy as np
    from scipy.optimize import minimize

    centre, spread = (
        np.array(_HONEST if near is None else _packed(near)),
        np.array(_LOOSE if near is None else _CLOSE),
    )
    place, given = np.asarray(scores, dtype=float) - 3.0, np.asarray(ratings, dtype=int)

    def cost(packed: Any) -> tuple[float, Any]:
        steps, slope = np.exp(packed[1:4]), math.exp(packed[4])
        thresholds = np.concatenate([[-np.inf, packed[0]], packed[0] + np.cumsum(steps), [np.inf]])
        high, low = (1.0 / (1.0 + np.exp(-(thresholds[given + k] - slope * place))) for k in (0, -1))
        share = np.maximum(high - low, 1e-12)
        # The derivative of log(high - low) by the upper and by the lower threshold.
        up, down = high * (1.0 - high) / share, low * (1.0 - low) / share
        by_threshold = [up[given == k].sum() - down[given == k + 1].sum() for k in range(1, 5)]
        by_slope = -((up - down) * place).sum()
        gradient = np.array(
            [sum(by_threshold), *(sum(by_threshold[k:]) * steps[k - 1] for k in (1, 2, 3)), by_slope * slope]
        )
        off = (packed - centre) / spread
        return float(0.5 * (off**2).sum() - np.log(share).sum()), off / spread - gradient

    bounds = [(-30.0, 30.0), *[(-8.0, 4.0)] * 3, (-8.0, 4.0)]
    found = minimize(cost, centre, jac=True, method="L-BFGS-B", bounds=bounds).x
    thresholds = np.concatenate([[found[0]], found[0] + np.cumsum(np.exp(found[1:4]))])
    return Curve(tuple(round(float(each), 6) for each in thresholds), round(math.exp(found[4]), 6))


def _packed(curve: Curve) -> list[float]:
    steps = [high - low for low, high in zip(curve.thresholds, curve.thresholds[1:], strict=False)]
    return [
        curve.thresholds[0],
        *(math.log(max(step, 1e-4)) for step in steps),
        math.log(max(curve.slope, 1e-4)),
    ]


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(value, -40.0), 40.0)))
