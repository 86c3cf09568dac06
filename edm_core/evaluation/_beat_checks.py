"""Checks of beats and their bars; kinds and thresholds are told in :mod:`~edm_core.evaluation.checks`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..findings import Finding, Kind
from ..timeline import Meter, Timeline
from ._beat_grid import STRAY, BeatGrid
from ._findings import plural, runs

_WHOLE = 0.25  # of a beat: how far the length of a run may be from a whole number of beats
_FEWEST_INTERVALS = 4
_APART, _APART_BARS = 8, 4  # beats, bars: faults of one kind that are closer are one finding


def beat_findings(timeline: Timeline, grid: BeatGrid) -> Iterator[Finding]:
    """Yield what is wrong with beats and how they count."""
    broken = list(_interval_faults(timeline, grid))
    yield from _intervals(grid, broken)
    uncounted = {
        i for kind, first, last, _ in broken if kind != "irregular_beat" for i in range(first, last + 1)
    }
    yield from _bars(timeline, grid, uncounted)


# --- intervals between beats -----------------------------------------------------------------------


def _interval_faults(timeline: Timeline, grid: BeatGrid) -> Iterator[tuple[Kind, int, int, int]]:
    """Yield kind, first and last interval, and number of beats too few or too many."""
    intervals = np.diff(grid.times)
    if len(intervals) < _FEWEST_INTERVALS:
        return
    relative = intervals / grid.norms
    strays = [
        i for i in np.flatnonzero(np.abs(relative - 1) > STRAY).tolist() if not _expected(timeline, grid, i)
    ]
    for group in runs(strays):
        length = float(intervals[group].sum() / np.median(grid.norms[group]))
        missing = round(length) - len(group)
        kind: Kind = "irregular_beat"
        if missing and abs(length - round(length)) <= _WHOLE:
            kind = "missing_beat" if missing > 0 else "double_beat"
        yield kind, group[0], group[-1], abs(missing)


def _expected(timeline: Timeline, grid: BeatGrid, interval: int) -> bool:
    """Whether an odd interval has its reason: another tempo begins there, or no music plays."""
    start, end = float(grid.times[interval]), float(grid.times[interval + 1])
    if grid.near_edge(start, end):
        return True
    if end - start < 1.75 * grid.norms[interval] or not timeline.activity:
        return False
    heard = sum(
        min(span.end, end) - max(span.start, start)
        for span in timeline.activity
        if "music" in span.label and span.start < end and span.end > start
    )
    return heard < 0.5 * (end - start)


def _intervals(grid: BeatGrid, broken: list[tuple[Kind, int, int, int]]) -> Iterator[Finding]:
    for kind in ("missing_beat", "double_beat", "irregular_beat"):
        faults = [(first, last, number) for found, first, last, number in broken if found == kind]
        groups: list[list[tuple[int, int, int]]] = []
        for fault in faults:
            if groups and fault[0] - groups[-1][-1][1] <= _APART:
                groups[-1].append(fault)
            else:
                groups.append([fault])
        for group in groups:
            first, last = group[0][0], group[-1][1]
            number = sum(fault[2] for fault in group)
            start, end = float(grid.times[first]), float(grid.times[last + 1])
            if kind == "irregular_beat":
                within = np.diff(grid.times)[first : last + 1] / grid.norms[first : last + 1]
                worst = float(within[np.abs(within - 1).argmax()])
                message = (
                    f"an interval of {worst:.2f} beats"
                    if last - first < 2
                    else f"intervals of up to {worst:.2f} beats"
                )
                yield Finding("irregular_beat", "note", start, end, message, "beats", count=last - first + 1)
            elif kind == "missing_beat":
                message = f"{plural(number, 'beat')} missing"
                yield Finding("missing_beat", "warning", start, end, message, "beats", count=number)
            else:
                message = f"{plural(number, 'beat')} too many"
                yield Finding("double_beat", "warning", start, end, message, "beats", count=number)


# --- bars ------------------------------------------------------------------------------------------


def _bars(timeline: Timeline, grid: BeatGrid, broken: set[int]) -> Iterator[Finding]:
    if len(grid.times) < 2:
        return
    starts = grid.downbeats.tolist()
    cuts = [0, *(start for start in starts if start), len(grid.times)]
    groups = list(zip(cuts, cuts[1:], strict=False))
    positions, lengths, sizes = [], [], []
    for number, (first, end) in enumerate(groups):
        start, last = float(grid.times[first]), float(grid.times[end - 1])
        if _touched(broken, first, end) or grid.near_edge(start, last + grid.norm(last)):
            continue
        counted = grid.positions[first:end]
        expected = _meter_at(timeline, start)
        if (np.diff(counted) != 1).any() or counted[0] < 1 or (number > 0 and counted[0] != 1):
            positions.append(number)
        elif 0 < number < len(groups) - 1 and expected and end - first != expected:
            lengths.append(number)
            sizes.append((end - first, expected))
        elif expected and counted[-1] > expected:
            lengths.append(number)
            sizes.append((int(counted[-1]), expected))
    size_of = dict(zip(lengths, sizes, strict=True))
    for group in runs(positions, apart=_APART_BARS):
        first, end = groups[group[0]][0], groups[group[-1]][1]
        shown = " ".join(str(position) for position in grid.positions[first:end][:9])
        more = " …" if end - first > 9 else ""
        yield Finding(
            "bar_position", "error", *_span(grid, first, end), f"beats count {shown}{more}", "beats",
            count=len(group),
        )  # fmt: skip
    for group in runs(lengths, apart=_APART_BARS):
        size, expected = size_of[group[0]]
        message = (
            f"a bar of {plural(size, 'beat')}, where the meter has {expected}"
            if len(group) == 1
            else f"{plural(len(group), 'bar')} that have not {expected} beats; the first has {size}"
        )
        span = _span(grid, groups[group[0]][0], groups[group[-1]][1])
        yield Finding("bar_length", "warning", *span, message, "beats", count=len(group))
    yield from _numbers(grid, groups, broken)


def _touched(broken: set[int], first: int, end: int) -> bool:
    """Whether beats of a bar are missing or too many: then it cannot count as it should."""
    return not broken.isdisjoint(range(first - 1, end))


def _numbers(grid: BeatGrid, groups: list[tuple[int, int]], broken: set[int]) -> Iterator[Finding]:
    before = 0
    wrong, told = [], {}
    for number, (first, end) in enumerate(groups):
        inside = grid.bars[first:end]
        if _touched(broken, first, end):
            before = int(inside[-1])
            continue
        pickup = number == 0 and grid.positions[first] != 1
        expected = 0 if pickup else before + 1
        if (inside != inside[0]).any():
            wrong.append(number)
            told[number] = f"one bar is numbered {inside[0]} and {inside[inside != inside[0]][0]}"
        elif inside[0] != expected:
            wrong.append(number)
            told[number] = f"bar {inside[0]} where bar {expected} is expected"
        before = int(inside[-1])
    for group in runs(wrong, apart=_APART_BARS):
        first, end = groups[group[0]][0], groups[group[-1]][1]
        more = f"; {len(group)} such bars" if len(group) > 1 else ""
        yield Finding(
            "bar_number", "error", *_span(grid, first, end), told[group[0]] + more, "beats", count=len(group)
        )


def _meter_at(timeline: Timeline, time: float) -> int | None:
    layer = timeline.layer("meter")
    meters: tuple[Meter, ...] = layer.items if layer else ()
    return next((meter.beats_per_bar for meter in meters if meter.start - 0.05 <= time < meter.end), None)


def _span(grid: BeatGrid, first: int, end: int) -> tuple[float, float]:
    """From one beat to another; behind the last beat, as long as a beat is."""
    start, last = float(grid.times[first]), float(grid.times[end - 1])
    return start, float(grid.times[end]) if end < len(grid.times) else last + grid.norm(last)
