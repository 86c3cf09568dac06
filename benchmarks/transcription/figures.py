"""Figures from compared utterances: pooled rates, medians of errors of times, and intervals by bootstrap.

Utterances are drawn with replacement, 2000 times, with a fixed seed; systems that are compared are drawn
together (paired). Intervals are of 95 %.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .words import Compared

DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """A value, its interval, and how many words or cases it is of."""

    value: float
    low: float
    high: float
    count: int

    def said(self, form: str = "{:.1f}") -> str:
        """Return value and interval.

        >>> Figure(1.0, 0.5, 2.0, 10).said()
        '1.0 [0.5, 2.0]'
        """
        value, low, high = (form.format(each) for each in (self.value, self.low, self.high))
        return f"{value} [{low}, {high}]"


def error_rate(found: Sequence[Compared]) -> Figure:
    """Return the word error rate in percent, pooled over words.

    >>> error_rate([Compared(8, 0), Compared(2, 1)]).value
    10.0
    """
    words, errors = _columns(found)
    return _drawn(len(found), lambda rows: 100 * errors[rows].sum(-1) / words[rows].sum(-1), int(words.sum()))


def difference(ours: Sequence[Compared], theirs: Sequence[Compared]) -> Figure:
    """Return our error rate less another's on the same utterances, in points.

    >>> difference([Compared(10, 1)] * 3, [Compared(10, 2)] * 3).said()
    '-10.0 [-10.0, -10.0]'
    """
    words, errors = _columns(ours)
    others, wrong = _columns(theirs)
    if not np.array_equal(words, others):
        raise ValueError("the systems were not compared on the same utterances")
    less = errors - wrong
    return _drawn(len(ours), lambda rows: 100 * less[rows].sum(-1) / words[rows].sum(-1), int(words.sum()))


def typical(errors: Sequence[Sequence[float]], percent: float = 50, *, signed: bool = False) -> Figure:
    """Return a percentile of the errors of times, in milliseconds; utterances are drawn, not words.

    Parameters
    ----------
    errors : sequence of sequence of float
        Seconds, heard minus said, by utterance.
    percent : float
        Which percentile.
    signed : bool
        Whether early and late are told apart; their size alone counts by default.

    Examples
    --------
    >>> typical([[0.01, -0.03], [0.02]]).value
    20.0
    """
    rows = [np.array(each) * 1000 for each in errors if each]
    rows = rows if signed else [np.abs(row) for row in rows]
    if not rows:
        return Figure(float("nan"), float("nan"), float("nan"), 0)

    def of(drawn: NDArray[np.int64]) -> NDArray[np.float64]:
        if drawn.ndim == 1:
            return np.asarray(np.percentile(np.concatenate([rows[i] for i in drawn]), percent))
        return np.array([of(one) for one in drawn])

    return _drawn(len(rows), of, sum(len(row) for row in rows), draws=400)


def mean(errors: Sequence[Sequence[float]]) -> Figure:
    """Return the mean signed error in milliseconds: what is below 0 is heard too early.

    >>> mean([[0.01, -0.03], [0.05]]).said()
    '10.0 [-10.0, 50.0]'
    """
    kept = [each for each in errors if each]
    sums, counts = np.array([1000 * sum(each) for each in kept]), np.array([len(each) for each in kept])
    if not kept:
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    return _drawn(len(kept), lambda rows: sums[rows].sum(-1) / counts[rows].sum(-1), int(counts.sum()))


def share(cases: int, of: int) -> Figure:
    """Return a share in percent with Wilson's interval, which holds where there are none too.

    >>> share(0, 240).said("{:.2f}")
    '0.00 [0.00, 1.58]'
    """
    if not of:
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    z, p = 1.96, cases / of
    middle, half = p + z * z / (2 * of), z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    low, high = (100 * max(0.0, float(middle + side * half) / (1 + z * z / of)) for side in (-1, 1))
    return Figure(100 * p, low if cases else 0.0, high, of)


def _columns(found: Sequence[Compared]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    return np.array([one.words for one in found]), np.array([one.errors for one in found])


def _drawn(
    units: int, of: Callable[[NDArray[np.int64]], NDArray[np.float64]], count: int, draws: int = DRAWS
) -> Figure:
    if not units or not count:
        return Figure(float("nan"), float("nan"), float("nan"), 0)
    random = np.random.default_rng(0)
    low, high = np.percentile(of(random.integers(0, units, (draws, units))), [2.5, 97.5])
    return Figure(float(of(np.arange(units))), float(low), float(high), count)
