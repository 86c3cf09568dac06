"""Intervals by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13), seeded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVEL = 0.95
FEWEST = 5
"""Units below which no interval is given: drawing four things anew says next to nothing."""


def draws_of(units: int, draws: int, seed: int) -> NDArray[Any]:
    """Return how often each unit is drawn in each draw, ``(draws, units)``, with replacement."""
    import numpy as np

    return np.random.default_rng(seed).multinomial(units, [1.0 / units] * units, size=draws)


def interval(values: NDArray[Any]) -> tuple[float, float] | None:
    """Return the middle 95 % of what draws gave; None where a tenth or more of them gave nothing."""
    import numpy as np

    known = values[np.isfinite(values)]
    if len(known) <= 0.9 * len(values):
        return None
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def resampled(
    counts: NDArray[Any], measure: Callable[[NDArray[Any]], NDArray[Any]], times: NDArray[Any]
) -> NDArray[Any]:
    """Return a measure of counts added up over the units of each draw.

    Parameters
    ----------
    counts : array, shape (units, …)
    measure : callable
        Takes ``(draws, …)``, gives ``(draws,)``.
    times : array, shape (draws, units)
        Of :func:`draws_of`.
    """
    flat = counts.reshape(len(counts), -1)
    return measure((times @ flat).reshape(len(times), *counts.shape[1:]))
