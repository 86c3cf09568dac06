"""What a case of the fault matrix found: figures, and what missed its target."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that has run.

    ``what`` says how often what was done, ``target`` what must hold, ``figures`` what was measured, and
    ``faults`` what missed the target: none, if it was met.
    """

    case: str
    what: str
    target: str
    figures: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()

    @property
    def is_met(self) -> bool:
        """Whether the target was met."""
        return not self.faults


def seconds(times: Sequence[float]) -> str:
    """Return the median of times with its interval, and the slowest.

    The interval is that of order statistics, which asks nothing of how times are distributed.

    Parameters
    ----------
    times : sequence of float
        Seconds, at least one.

    Examples
    --------
    >>> seconds([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
    'median 3.5 s (1–6), slowest 6 s'
    """
    low, high = median_interval(times)
    middle = f"{_time(statistics.median(times))} ({_plain(low)}–{_plain(high)})"
    return f"median {middle}, slowest {_time(max(times))}"


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """Return bounds that hold the median with at least :data:`CONFIDENCE`, or all values where they are few.

    Examples
    --------
    >>> median_interval(range(1, 21))
    (6, 15)
    """
    ordered = sorted(values)
    count = len(ordered)
    below = 0.0  # the chance that fewer than `rank` values lie below the median
    rank = 0
    for rank in range(count // 2 + 1):
        below += math.comb(count, rank) / 2**count
        if below > (1 - CONFIDENCE) / 2:
            break
    rank = max(rank, 1)
    return ordered[rank - 1], ordered[count - rank]


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least ``share`` of all are not above.

    Examples
    --------
    >>> quantile([3.0, 1.0, 2.0, 4.0], 0.5)
    2.0
    """
    return sorted(values)[max(math.ceil(share * len(values)), 1) - 1]


def of(count: int, total: int) -> str:
    """Return how many of how many, with what the rate may be at most (Clopper and Pearson, one-sided).

    Examples
    --------
    >>> of(0, 100)
    '0 of 100 (with 95 %: below 3 %)'
    >>> of(0, 0)
    '0 of 0'
    """
    if not total:
        return f"{count:,} of {total:,}"
    return f"{count:,} of {total:,} (with {CONFIDENCE:.0%}: below {_share(at_most(count, total))})".replace(
        "95%", "95 %"
    )


def at_most(count: int, total: int) -> float:
    """Return the largest rate under which so few would still be seen in one of twenty runs."""
    low, high = count / total, 1.0
    for _ in range(60):
        rate = (low + high) / 2
        # The chance of at most `count` events, by their logarithms: totals are large.
        chance = sum(
            math.exp(
                math.lgamma(total + 1) - math.lgamma(each + 1) - math.lgamma(total - each + 1)
                + each * math.log(rate) + (total - each) * math.log1p(-rate)
            )
            for each in range(count + 1)
        ) if 0 < rate < 1 else 0.0  # fmt: skip
        low, high = (rate, high) if chance > 1 - CONFIDENCE else (low, rate)
    return high


def _share(rate: float) -> str:
    return f"{100 * rate:.2g} %"


def _time(value: float) -> str:
    return f"{1000 * value:.0f} ms" if value < 0.1 else f"{_plain(value)} s"


def _plain(value: float) -> str:
    return f"{value:.3g}"
