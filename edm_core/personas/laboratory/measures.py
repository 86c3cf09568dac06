"""Tests that the laboratory rests on: few assumptions, arrays in, numbers out.

Permutation and sign-flip tests count the observed arrangement among the drawn ones, so that a p-value is
never zero (Phipson and Smyth 2010). Ratios are judged by the jackknife over passages (Efron and Tibshirani
1993, chapter 11): what two personas say of one passage is not independent.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DRAWS = 1999
LEVEL = 0.05
SURE = 0.8
"""Power from which a finding that was not made counts as absent."""


@dataclass(frozen=True, slots=True)
class Tested:
    """An estimate, its standard error, and how likely as much would be if there were nothing.

    ``spread`` is the standard deviation between units, ``units`` how many there were.
    """

    estimate: float
    error: float
    p: float
    units: int
    spread: float


def sign_flips(values: Floats, seed: int, draws: int = DRAWS) -> Tested:
    """Return the mean of differences and the two-sided p-value of a sign-flip test (Fisher 1935).

    Parameters
    ----------
    values : array, shape (units,)
        One difference for each independent unit; ``nan`` is left out.
    seed : int
        Of the flips.

    Examples
    --------
    >>> found = sign_flips(np.array([0.4, 0.3, 0.5, 0.2, 0.4, 0.3, 0.6, 0.1]), 0)
    >>> round(found.estimate, 2), found.p < 0.02
    (0.35, True)
    """
    known = values[np.isfinite(values)]
    if len(known) < 2:
        return Tested(float("nan"), float("nan"), 1.0, len(known), float("nan"))
    mean, spread = float(known.mean()), float(known.std(ddof=1))
    flips = np.random.default_rng(seed).integers(0, 2, (draws, len(known))) * 2 - 1
    drawn = np.abs(flips @ known) / len(known)
    p = (1 + int((drawn >= abs(mean) - 1e-12).sum())) / (draws + 1)
    return Tested(mean, spread / len(known) ** 0.5, p, len(known), spread)


def slope_within(scores: Floats, place: NDArray[np.int64], seed: int, draws: int = DRAWS) -> Tested:
    """Return how far scores move from the first place to the last, within the same thing heard.

    Scores are centred within each row, and so are places; the two-sided p-value comes from shuffling scores
    among the places of a row, which is all that chance could do to a judge that has no sense of place.

    Parameters
    ----------
    scores : array, shape (rows, sessions)
        Rows with a missing score are left out.
    place : array of int, shape (rows, sessions)
        From 0.
    seed : int
        Of the shuffles.

    Examples
    --------
    >>> place = np.tile([0, 1, 2, 3], (6, 1))
    >>> round(slope_within(3.0 + 0.1 * place, place, 0).estimate, 3)
    0.3
    """
    whole = np.isfinite(scores).all(axis=1)
    y = scores[whole] - scores[whole].mean(axis=1, keepdims=True)
    x = place[whole] - place[whole].mean(axis=1, keepdims=True)
    if not len(y):
        return Tested(float("nan"), float("nan"), 1.0, 0, float("nan"))
    length = float(place.max() - place.min())
    scale = length / float((x**2).sum())
    estimate = float((x * y).sum()) * scale
    random = np.random.default_rng(seed)
    drawn = np.empty(draws)
    for start in range(0, draws, 250):
        size = min(250, draws - start)
        mixed = random.permuted(np.broadcast_to(y, (size, *y.shape)), axis=2)
        drawn[start : start + size] = np.einsum("drs,rs->d", mixed, x) * scale
    p = (1 + int((np.abs(drawn) >= abs(estimate) - 1e-12).sum())) / (draws + 1)
    return Tested(estimate, float(drawn.std()), p, len(y), float(np.sqrt((y**2).mean())))


def against_limit(
    measure: Callable[[Floats], Floats],
    units: int,
    limit: float,
    side: Literal["above", "below"],
    also: float = 0.0,
) -> Tested:
    """Return a measure, its jackknife error, and the one-sided p-value that it lies beyond a limit.

    Parameters
    ----------
    measure : callable
        Takes weights of units, shape (draws, units), and gives the measure for each draw.
    units : int
        How many there are; each is left out once.
    limit : float
        What is still tolerated.
    side : str
        On which side of it lies what is looked for.
    also : float, optional
        Standard error of the limit itself.

    Examples
    --------
    >>> values = np.array([0.5, 0.6, 0.55, 0.62, 0.48, 0.58])
    >>> found = against_limit(lambda w: w @ values / w.sum(1), 6, 0.4, "above")
    >>> round(found.estimate, 3), found.p < 0.01
    (0.555, True)
    """
    from scipy.special import stdtr

    if units < 5:
        return Tested(float("nan"), float("nan"), 1.0, units, float("nan"))
    estimate = float(measure(np.ones((1, units)))[0])
    left_out = measure(1.0 - np.eye(units))
    known = left_out[np.isfinite(left_out)]
    if not np.isfinite(estimate) or len(known) < 5:
        return Tested(estimate, float("nan"), 1.0, len(known), float("nan"))
    count = len(known)
    error = float(np.sqrt((count - 1) / count * ((known - known.mean()) ** 2).sum() + also**2))
    beyond = estimate - limit if side == "above" else limit - estimate
    if error == 0.0:
        return Tested(estimate, 0.0, 0.0 if beyond > 0 else 1.0, count, 0.0)
    return Tested(estimate, error, float(stdtr(count - 1, -beyond / error)), count, error * count**0.5)


def holm(p: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that the chance of any false alarm among them stays what it should be.

    Holm (1979), "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 6, 65–70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, kind="stable")
    adjusted, highest = [1.0] * len(p), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, (len(p) - rank) * p[place]))
        adjusted[place] = highest
    return adjusted


def power_of(effect: float, error: float, tests: int, sides: int) -> float:
    """Return the chance that an effect of this size would be found, by the normal approximation.

    The level is that of the strictest step of Holm's procedure over ``tests`` tests.

    Examples
    --------
    >>> round(power_of(0.3, 0.08, 5, 2), 2)
    0.88
    """
    from scipy.special import ndtr, ndtri

    if not np.isfinite(error):
        return 0.0
    if error == 0.0:
        return 1.0
    return float(ndtr(abs(effect) / error + ndtri(LEVEL / tests / sides)))


def spread_out(score: float) -> Floats:
    """Return a score as shares of its two nearest whole scores: the narrowest distribution of that mean.

    Examples
    --------
    >>> spread_out(3.25).tolist()
    [0.0, 0.0, 0.75, 0.25, 0.0]
    """
    shares = np.zeros(5)
    low = min(4, max(1, int(score)))
    shares[low - 1], shares[low] = 1 - (score - low), score - low
    return shares
