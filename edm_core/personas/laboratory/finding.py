"""A finding: what was looked for in a judge's answers, with its interval, test, power and verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .measures import LEVEL, SURE, Floats, Tested, holm, power_of

Verdict = Literal["found", "not found", "cannot tell"]
NEGLIGIBLE = 0.1
"""Points of the score below which a difference that chance does not explain is still none worth a name."""
WORTH_KNOWING = 0.3
"""Points that a design must be able to find before it may say that there is nothing."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for.

    ``estimate`` is in ``unit``, with its 95 % interval; ``limit`` is what it was tested against; ``adjusted``
    is ``p`` after Holm's correction over the findings of its kind. ``effect`` is the estimate, less the
    limit, in standard deviations of the units. ``power`` is the chance that the design had to find ``worth``.
    ``wanted`` tells that a good judge shows it.
    """

    name: str
    title: str
    estimate: float | None
    low: float | None
    high: float | None
    unit: str
    limit: float
    p: float | None
    adjusted: float | None
    n: int
    units: str
    effect: float | None
    worth: float
    power: float
    verdict: Verdict
    test: str
    note: str = ""
    wanted: bool = False


def adjusted(found: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return findings with p-values after Holm's correction over them, and verdicts by those."""
    corrected = holm([1.0 if each.p is None else each.p for each in found])
    return tuple(
        each if each.p is None else replace(each, adjusted=p, verdict=_verdict(each, p))
        for each, p in zip(found, corrected, strict=True)
    )


def points(
    name: str, title: str, tested: Tested, *, unit: str, units: str, worth: float, test: str, tests: int,
    wanted: bool = False, note: str = "",
) -> Finding:  # fmt: skip
    """Return a finding about a difference from zero, before correction over its ``tests``."""
    if not np.isfinite(tested.estimate):
        return Finding(
            name, title, None, None, None, unit, 0.0, None, None, tested.units, units, None, worth, 0.0,
            "cannot tell", test, note or "too few answers", wanted,
        )  # fmt: skip
    still = tested.estimate == 0.0 and tested.spread == 0.0
    margin = 1.96 * tested.error
    return Finding(
        name, title, tested.estimate, tested.estimate - margin, tested.estimate + margin, unit, 0.0,
        None if still else tested.p, None, tested.units, units,
        tested.estimate / tested.spread if tested.spread else None, worth,
        power_of(worth, tested.error, tests, 2), "not found", test,
        note or ("no score changed" if still else ""), wanted,
    )  # fmt: skip


def beyond(
    name: str, title: str, tested: Tested, limit: float, unit: str, worth: float, test: str
) -> Finding:
    """Return a finding about a measure beyond a limit, before correction."""
    if not np.isfinite(tested.error):
        return Finding(
            name, title, None, None, None, unit, limit, None, None, tested.units, "passages", None, worth,
            0.0, "cannot tell", test, "too few answers",
        )  # fmt: skip
    margin = 1.96 * tested.error
    return Finding(
        name, title, tested.estimate, tested.estimate - margin, tested.estimate + margin, unit, limit,
        tested.p, None, tested.units, "passages",
        (tested.estimate - limit) / tested.spread if tested.spread else None,
        worth, power_of(worth - limit, tested.error, 5, 1), "not found", test,
    )  # fmt: skip


def mean_of(values: Floats, axis: int | tuple[int, ...]) -> Floats:
    """Return the mean over axes of what is there; ``nan`` where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.asarray(np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0))


def _verdict(found: Finding, p: float) -> Verdict:
    if p <= LEVEL and found.estimate is not None:
        beyond = abs(found.estimate - found.limit) >= (NEGLIGIBLE if found.unit == "points" else 0.0)
        return "found" if beyond else "not found"
    return "not found" if found.power >= SURE else "cannot tell"
