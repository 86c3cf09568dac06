"""Checks of sections against bars: where boundaries lie, and whether bar numbers fit the times beside them.

Kinds and thresholds are told in :mod:`~edm_core.evaluation.checks`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..findings import Finding
from ..timeline import Section
from ._beat_grid import BeatGrid
from ._findings import plural, runs

NEAR_S = 0.1
_SAME_PART = 0.15  # of a beat
_FEWEST, _MOST = 3, 0.6  # boundaries, and share of all, that make it the downbeats' fault
_DISAGREE_S = 0.25


@dataclass(frozen=True, slots=True)
class _Boundary:
    index: int
    time: float
    late: float  # seconds behind the nearest downbeat
    beats: float  # the same, in beats


def boundary_findings(sections: Sequence[Section], grid: BeatGrid) -> Iterator[Finding]:
    """Yield boundaries that lie off the bars, and bar numbers that do not fit."""
    yield from _off_downbeats(_boundaries(sections, grid))
    yield from _numbers(sections, grid)


def bar_disagrees(bar: int, time: float, grid: BeatGrid) -> tuple[float | None, int] | None:
    """Return when a bar begins (None if it never does) and which is right, if a bar does not fit its time.

    It fits if the bar begins within 0.25 s, or if no bar begins nearer. Where no beats are near, nothing is
    known, and nothing returned.
    """
    nearest = grid.nearest_downbeat(time)
    if nearest is None:
        return None
    right = int(grid.bars[nearest])
    said = grid.downbeats[grid.bars[grid.downbeats] == bar]
    distance = abs(float(grid.times[nearest]) - time)
    first = grid.downbeats[0]
    if time < grid.times[first]:  # bar 0 from half a bar before the first bar on
        half = 2.0 * grid.norm(time)
        if bar in (0, right) and abs(distance - half) <= max(_DISAGREE_S, grid.norm(time)):
            return None
        right = 0 if distance > half else right
        if bar == right:
            return None
    if not len(said):
        return (None, right) if bar != right else None
    begins = min((float(grid.times[i]) for i in said), key=lambda begin: abs(begin - time))
    if bar == right or abs(begins - time) <= max(_DISAGREE_S, distance + 0.02):
        return None
    return begins, right


def _boundaries(sections: Sequence[Section], grid: BeatGrid) -> list[_Boundary]:
    """Boundaries between parts of music; where music itself begins or ends, no downbeat has to be."""
    found = []
    for index, (before, section) in enumerate(zip(sections, sections[1:], strict=False), 1):
        labels = {before.label, section.label}
        if "silence" in labels or ("other" in labels and len(labels) > 1) or not grid.covers(section.start):
            continue
        nearest = grid.nearest_downbeat(section.start)
        if nearest is not None:
            late = section.start - float(grid.times[nearest])
            found.append(_Boundary(index, section.start, late, late / grid.norm(section.start)))
    return found


def _off_downbeats(boundaries: list[_Boundary]) -> Iterator[Finding]:
    off = [boundary for boundary in boundaries if abs(boundary.late) > NEAR_S]
    shared = _alike(off)
    if len(shared) >= _FEWEST and len(shared) >= _MOST * len(boundaries):
        way = "behind" if shared[0].late > 0 else "before"
        message = (
            f"{len(shared)} of {len(boundaries)} boundaries lie {_beats(shared[0].beats)} {way} a downbeat: "
            "either all are shifted, or the downbeats"
        )
        yield Finding(
            "shifted_downbeats", "warning", shared[0].time, shared[-1].time, message, "beats",
            count=len(shared),
        )  # fmt: skip
        taken = {boundary.index for boundary in shared}
        off = [boundary for boundary in off if boundary.index not in taken]
    by_index = {boundary.index: boundary for boundary in off}
    for group in runs(sorted(by_index)):
        first, last = by_index[group[0]], by_index[group[-1]]
        if len(group) == 1:
            way = "behind" if first.late > 0 else "before"
            message = f"a boundary {abs(first.late):.2f} s ({_beats(first.beats)}) {way} a downbeat"
        else:
            furthest = max(abs(by_index[index].late) for index in group)
            message = f"{len(group)} boundaries in a row up to {furthest:.2f} s from a downbeat"
        end = last.time if len(group) > 1 else None
        yield Finding("off_downbeat", "note", first.time, end, message, "sections", count=len(group))


def _beats(number: float) -> str:
    shown = f"{abs(number):.1f}".removesuffix(".0")
    return f"{shown} beat{'' if shown == '1' else 's'}"


def _alike(boundaries: list[_Boundary]) -> list[_Boundary]:
    """Return those that are as late as one of them: of the one with the most."""
    if not boundaries:
        return []
    beats = np.array([boundary.beats for boundary in boundaries])
    ordered = np.sort(beats)
    counts = np.searchsorted(ordered, beats + _SAME_PART, "right") - np.searchsorted(
        ordered, beats - _SAME_PART
    )
    near = np.abs(beats - beats[counts.argmax()]) <= _SAME_PART
    return [boundaries[index] for index in np.flatnonzero(near)]


def _numbers(sections: Sequence[Section], grid: BeatGrid) -> Iterator[Finding]:
    wrong: dict[int, str] = {}
    for index, section in enumerate(sections):
        found = None if section.start_bar is None else bar_disagrees(section.start_bar, section.start, grid)
        if found is not None:
            wrong[index] = f"bar {section.start_bar} {_begins(found[0])}; here is bar {found[1]}"
        elif section.start_bar is not None and section.end_bar is not None:
            message = _end_disagrees(section, sections[index + 1 : index + 2], grid)
            if message:
                wrong[index] = message
    for group in runs(sorted(wrong)):
        more = f"; {plural(len(group), 'section')} in a row" if len(group) > 1 else ""
        yield Finding(
            "bars_disagree", "error", sections[group[0]].start, sections[group[-1]].end,
            wrong[group[0]] + more, "sections", count=len(group),
        )  # fmt: skip


def _begins(time: float | None) -> str:
    return "does not exist" if time is None else f"begins at {time:.2f} s"


def _end_disagrees(section: Section, following: Sequence[Section], grid: BeatGrid) -> str | None:
    """Say if the last bar of a section does not fit; a section within one bar ends in it."""
    start, end = section.start_bar, section.end_bar
    assert start is not None and end is not None
    if end < start:
        return f"it begins in bar {start} and ends in bar {end}"
    if not grid.covers(section.end):  # bars count on where beats have ended, as far as one likes
        return None
    after = following[0].start_bar if following else None
    if after is not None and bar_disagrees(after, section.end, grid) is None:
        # Where the next section says when it begins, this one ends with the bar before.
        fits = end in (after - 1, after) or start == end
        return None if fits else f"it ends with bar {end}, the next section begins in bar {after}"
    found = bar_disagrees(end + 1, section.end, grid)
    if found is None or start == end:
        return None
    return f"it ends with bar {end}; bar {found[1]} begins there"
