"""Agreement of ratings from 1 to 5.

Conventions
-----------
Ratings are numbers from 1 to 5 by unit (a passage, say), NaN where there is none. Raters are whole numbers;
a simulated listener's score is a mean and may lie in between. A figure that is not defined, or that fewer
than five units would carry, is absent and says why.

``kappa``
    Cohen's kappa with quadratic weights (Cohen 1968), ``1 - E(x - y)² / E(x - y')²`` with ``y'`` of any unit.
    So written it takes numbers that are not whole, and equals Lin's concordance (1989) with population
    moments, of which Fleiss and Cohen (1973) showed it to be the discrete case.
``alpha``, ``alpha_interval``
    Krippendorff's alpha with the ordinal and the interval difference, with missing values (Krippendorff
    2011). The ordinal one counts categories: numbers in between are rounded, halves away from 3.
``spearman``
    Correlation of ranks, ties sharing their mean rank (Spearman 1904).
``mae``, ``bias``
    Mean absolute difference, and mean difference, in points.
``ks``
    1 less the largest difference of the two cumulative distributions (Kolmogorov and Smirnov).
``variance``
    Variance of the first over that of the second.

Intervals are 95 %, percentile bootstrap over units, seeded. Units of one recording are not independent, so
they are rather too narrow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal, get_args

from .._codec import absent
from ._coding import coincidences
from ._intervals import FEWEST, draws_of, interval
from .distributions import SCORES

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

Measure = Literal["kappa", "alpha", "alpha_interval", "spearman", "mae", "bias", "ks", "variance"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
"""In the order in which they are shown."""
TITLES: dict[Measure, str] = {
    "kappa": "weighted kappa",
    "alpha": "Krippendorff's alpha, ordinal",
    "alpha_interval": "Krippendorff's alpha, interval",
    "spearman": "Spearman",
    "mae": "mean difference, points",
    "bias": "first above second, points",
    "ks": "likeness of distributions (KS)",
    "variance": "ratio of variances",
}
DRAWS = 1000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over ``n`` units with its 95 % interval, or the ``reason`` why one of them is absent."""

    value: float | None
    low: float | None = absent()
    high: float | None = absent()
    n: int = 0
    reason: str | None = absent()


def mean_of(values: Sequence[float], *, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Return the mean of values with its interval, which fewer than five do not give.

    Examples
    --------
    >>> mean_of([3.0, 4.0])
    Estimate(value=3.5, low=None, high=None, n=2, reason='fewer than 5 scores')
    >>> found = mean_of([2.0, 3.0, 3.0, 4.0, 5.0, 1.0])
    >>> found.value, found.low < 3.0 < found.high
    (3.0, True)
    """
    import numpy as np

    count = len(values)
    if not count:
        return Estimate(None, reason="nothing is scored")
    array = np.asarray(values, dtype=float)
    value = float(array.mean())
    if count < FEWEST or not draws:
        return Estimate(value, n=count, reason=f"fewer than {FEWEST} scores" if count < FEWEST else None)
    return _estimate(value, _times(count, draws, seed)[1] @ array / count, count)


def difference_of(
    one: Sequence[float], other: Sequence[float], *, paired: bool, draws: int = DRAWS, seed: int = 0
) -> Estimate:
    """Return the mean of one less that of the other, with its interval.

    Parameters
    ----------
    one, other : sequence of float
        Scores; if they are ``paired``, of the same units in the same order.
    paired : bool
        Whether pairs are drawn anew, or each side by itself.
    """
    import numpy as np

    if paired:
        return mean_of([a - b for a, b in zip(one, other, strict=True)], draws=draws, seed=seed)
    sides = [np.asarray(side, dtype=float) for side in (one, other)]
    fewest = min(len(side) for side in sides)
    if not fewest:
        return Estimate(None, reason="one of the two has no score")
    value = float(sides[0].mean() - sides[1].mean())
    if fewest < FEWEST or not draws:
        return Estimate(value, n=fewest, reason=f"fewer than {FEWEST} scores" if fewest < FEWEST else None)
    means = [draws_of(len(side), draws, seed + i) @ side / len(side) for i, side in enumerate(sides)]
    return _estimate(value, means[0] - means[1], fewest)


def compared(
    one: ArrayLike, other: ArrayLike, *, draws: int = DRAWS, seed: int = 0
) -> dict[Measure, Estimate]:
    """Compare two raters on the units that both rated.

    Parameters
    ----------
    one, other : array_like, shape (units,)
        Ratings, NaN where there is none.
    draws, seed : int
        Of the bootstrap over units; 0 draws give no intervals.

    Examples
    --------
    >>> found = compared([1, 2, 3, 4, 5, 3, 2], [1, 2, 3, 4, 4, 3, float("nan")])
    >>> round(found["kappa"].value, 3), round(found["mae"].value, 3), found["kappa"].n
    (0.941, 0.167, 6)
    >>> compared([3, 3, 3, 3, 3], [1, 2, 3, 4, 5])["spearman"].reason
    'one of the two gives a single score throughout'
    """
    import numpy as np

    pairs = np.stack([np.asarray(side, dtype=float) for side in (one, other)])
    pairs = pairs[:, np.isfinite(pairs).all(axis=0)]
    count = pairs.shape[1]
    if count < FEWEST:
        few = f"{'only ' if count else ''}{count or 'nothing'} in common, {FEWEST} are needed"
        return dict.fromkeys(MEASURES, Estimate(None, n=count, reason=few))
    once, drawn = _times(count, draws, seed)
    found = {}
    for measure in MEASURES:
        if why := _undefined(measure, pairs):
            found[measure] = Estimate(None, n=count, reason=why)
            continue
        value = round(float(_PAIRED[measure](pairs, once)[0]), 12)
        found[measure] = _estimate(value, _PAIRED[measure](pairs, drawn) if draws else None, count)
    return found


def spearman_of(one: ArrayLike, other: ArrayLike, *, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Return the correlation of ranks alone, as :func:`compared` does.

    Examples
    --------
    >>> spearman_of([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 1.0, 4.0, 3.0, 5.0], draws=0).value
    0.8
    """
    import numpy as np

    pairs = np.stack([np.asarray(side, dtype=float) for side in (one, other)])
    count = pairs.shape[1]
    if count < FEWEST:
        return Estimate(None, n=count, reason=f"fewer than {FEWEST} in common")
    if why := _undefined("spearman", pairs):
        return Estimate(None, n=count, reason=why)
    once, drawn = _times(count, draws, seed)
    value = round(float(_spearman(pairs, once)[0]), 12)
    return _estimate(value, _spearman(pairs, drawn) if draws else None, count)


def reliability(ratings: ArrayLike, *, ordinal: bool = True, draws: int = DRAWS, seed: int = 0) -> Estimate:
    """Return Krippendorff's alpha of any number of raters.

    Parameters
    ----------
    ratings : array_like, shape (raters, units)
        NaN where there is none; a unit that fewer than two rated does not count.
    ordinal : bool
        Whether differences are ordinal; else of an interval scale.

    Examples
    --------
    Krippendorff (2011), example C, with missing values:

    >>> nan = float("nan")
    >>> ratings = [
    ...     [1, 2, 3, 3, 2, 1, 4, 1, 2, nan, nan, nan],
    ...     [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, nan, 3],
    ...     [nan, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, nan],
    ...     [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, nan],
    ... ]
    >>> round(reliability(ratings).value, 3), round(reliability(ratings, ordinal=False).value, 3)
    (0.815, 0.849)
    """
    import numpy as np

    table = np.asarray(ratings, dtype=float)
    if table.size:
        table = table[:, np.isfinite(table).sum(axis=0) >= 2]
    count = table.shape[1] if table.size else 0
    if count < FEWEST:
        return Estimate(None, n=count, reason=f"{count or 'no'} items with two ratings, {FEWEST} are needed")
    matrices = _matrices(table)
    alpha = _alpha_ordinal if ordinal else _alpha_interval
    value = float(alpha(matrices.sum(axis=0)[None])[0])
    if not np.isfinite(value):
        return Estimate(None, n=count, reason="all give a single score throughout")
    spread = None
    if draws:
        spread = alpha(
            (draws_of(count, draws, seed) @ matrices.reshape(count, -1)).reshape(-1, SCORES, SCORES)
        )
    return _estimate(value, spread, count)


# --- private ---------------------------------------------------------------------------------------


def _estimate(value: float, spread: NDArray[Any] | None, count: int) -> Estimate:
    bounds = None if spread is None else interval(spread)
    if bounds is None:
        why = None if spread is None else "too many draws of the bootstrap give no figure"
        return Estimate(value, n=count, reason=why)
    return Estimate(value, bounds[0], bounds[1], count)


@lru_cache(maxsize=4)  # every two raters of a panel are mostly compared on as many units
def _times(count: int, draws: int, seed: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return how often each unit counts: once, and in each draw, ``(1, units)`` and ``(draws, units)``."""
    import numpy as np

    return np.ones((1, count)), draws_of(count, draws, seed).astype(float)


def _undefined(measure: Measure, pairs: NDArray[Any]) -> str | None:
    """Return why a measure says nothing of two raters."""
    constant = pairs.min(axis=1) == pairs.max(axis=1)
    if measure in ("kappa", "spearman") and constant.any():
        return "one of the two gives a single score throughout"
    if measure == "variance" and constant[1]:
        return "the second gives a single score throughout"
    if measure in ("alpha", "alpha_interval") and len(set(_whole(pairs).ravel().tolist())) == 1:
        return "both give a single score throughout"
    return None


def _moments(pairs: NDArray[Any], times: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Return means of both, of their squares and of their product, in points from the middle of the scale."""
    import numpy as np

    one, other = pairs - 3.0
    rows = np.stack([one, other, one**2, other**2, one * other])
    return tuple((times @ rows.T / times.sum(axis=-1, keepdims=True)).T)


def _kappa(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    one, other, one2, other2, product = _moments(pairs, times)
    apart, chance = one2 + other2 - 2 * product, one2 + other2 - 2 * one * other
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(chance > 1e-9, 1.0 - apart / chance, np.nan)


def _variance(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    one, other, one2, other2, _ = _moments(pairs, times)
    spread = other2 - other**2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 1e-9, (one2 - one**2) / spread, np.nan)


def _mae(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    apart: NDArray[Any] = times @ abs(pairs[0] - pairs[1]) / times.sum(axis=-1)
    return apart


def _bias(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    above: NDArray[Any] = times @ (pairs[0] - pairs[1]) / times.sum(axis=-1)
    return above


def _spearman(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    one, other = (_ranks(side, times) for side in pairs)
    covariance, *spreads = (
        (times * a * b).sum(axis=-1) for a, b in ((one, other), (one, one), (other, other))
    )
    spread = np.sqrt(spreads[0] * spreads[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(spread > 1e-9, covariance / spread, np.nan)


def _ranks(values: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    """Return mean ranks less their mean, where each value stands as often as ``times`` says."""
    import numpy as np

    distinct, group = np.unique(values, return_inverse=True)
    counts = times @ (group[:, None] == np.arange(len(distinct)))
    ranks = np.cumsum(counts, axis=-1) - counts / 2  # the middle of each group of equals
    centred: NDArray[Any] = ranks[:, group] - times.sum(axis=-1, keepdims=True) / 2
    return centred


def _confusions(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    one, other = _whole(pairs).astype(int) - 1
    cells = (one * SCORES + other)[:, None] == np.arange(SCORES**2)
    counts: NDArray[Any] = (times @ cells).reshape(-1, SCORES, SCORES)
    return counts


def _ks(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    counts = _confusions(pairs, times)
    apart = np.cumsum(counts.sum(axis=-1) - counts.sum(axis=-2), axis=-1) / times.sum(axis=-1, keepdims=True)
    similar: NDArray[Any] = 1.0 - np.abs(apart).max(axis=-1)
    return similar


def _alpha_of_two(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    counts = _confusions(pairs, times)
    return _alpha_ordinal(counts + counts.swapaxes(-1, -2))


def _alpha_interval_of_two(pairs: NDArray[Any], times: NDArray[Any]) -> NDArray[Any]:
    counts = _confusions(pairs, times)
    return _alpha_interval(counts + counts.swapaxes(-1, -2))


def _matrices(table: NDArray[Any]) -> NDArray[Any]:
    """Return the coincidence matrix of each unit."""
    import numpy as np

    codes = np.where(np.isfinite(table), _whole(np.nan_to_num(table)) - 1, -1).astype(int)
    return coincidences(codes, SCORES, np.arange(table.shape[1]))


def _whole(ratings: NDArray[Any]) -> NDArray[Any]:
    """Round to whole scores, halves away from the middle."""
    import numpy as np

    off = ratings - 3
    whole: NDArray[Any] = np.clip(3 + np.sign(off) * np.floor(np.abs(off) + 0.5), 1, SCORES)
    return whole


def _alpha_ordinal(matrix: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    totals = matrix.sum(axis=-1)
    upto = np.cumsum(totals, axis=-1) - totals / 2  # the middle of each category's ranks
    return _alpha(matrix, (upto[..., :, None] - upto[..., None, :]) ** 2)


def _alpha_interval(matrix: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    scores = np.arange(SCORES)
    return _alpha(matrix, ((scores[:, None] - scores[None, :]) ** 2).astype(float))


def _alpha(matrix: NDArray[Any], apart: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    totals = matrix.sum(axis=-1)
    observed = (matrix * apart).sum(axis=(-1, -2))
    expected = (totals[..., :, None] * totals[..., None, :] * apart).sum(axis=(-1, -2))
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = 1.0 - (totals.sum(axis=-1) - 1.0) * observed / expected
    return np.where(expected > 1e-9, alpha, np.nan)


_PAIRED: dict[Measure, Callable[[NDArray[Any], NDArray[Any]], NDArray[Any]]] = {
    "kappa": _kappa,
    "alpha": _alpha_of_two,
    "alpha_interval": _alpha_interval_of_two,
    "spearman": _spearman,
    "mae": _mae,
    "bias": _bias,
    "ks": _ks,
    "variance": _variance,
}
"""Each takes two raters, ``(2, units)``, and how often each unit counts; it gives ``(draws,)``."""
