"""A beat grid as a few numbers: where it begins, how fast it goes, and where it changes.

Beats are what a grid gives, and most grids of dance music are one segment: first beat, tempo, beats in a bar.
People edit segments, files of DJ software hold them, and layers of beats are made from them and read back.

A :class:`Grid` has one segment for each stretch of constant tempo. Beats of a segment go on until the next
begins; the last of them is between half a beat and one and a half before it, so that no two beats fall
together where they meet. Before the first segment there are no beats. A segment may ``end`` earlier, as where
somebody talks between two pieces.

Bars are numbered through from 1 at the first downbeat; beats before it are in bar 0. A new segment says at
which position of the bar it begins, and a bar that it cuts short counts as a bar.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ._codec import absent
from .errors import TimelineError
from .items import Beat, Meter, Tempo

if TYPE_CHECKING:
    from numpy.typing import NDArray

TOLERANCE_S = 0.010
"""How far beats may lie from an even grid and still be one segment of it."""

_NEAR_S = 1e-6
_SLOWEST, _FASTEST = 10.0, 1000.0
_LONGEST_S, _SHORTEST_S = 60.0 / _SLOWEST, 60.0 / _FASTEST
_HOLE = 1.5  # usual intervals: a longer one is no beat that is late, but beats that are not there
_AROUND = 8  # intervals before and behind that tell what is usual
_SAME_S = 1e-5
_DRIFT_S = 0.001  # how far a rounder tempo may carry the beats of a segment


@dataclass(frozen=True, slots=True)
class GridSegment:
    """A stretch of constant tempo.

    ``time`` is that of its first beat in seconds, ``position`` where in its bar that beat lies (1 is the
    downbeat), ``end`` where its beats stop if that is before the next segment.
    """

    time: float
    bpm: float
    beats_per_bar: int = 4
    position: int = 1
    end: float | None = absent()

    def __post_init__(self) -> None:
        if not (math.isfinite(self.time) and self.time >= 0):
            raise TimelineError(
                f"a grid that begins at {self.time} s", subject="grid", remedy="times are seconds from 0"
            )
        if not _SLOWEST <= self.bpm <= _FASTEST:  # a tempo that is no number is refused too
            raise TimelineError(
                f"a tempo of {self.bpm} BPM", subject="grid", remedy=f"give {_SLOWEST:g} to {_FASTEST:g}"
            )
        if not 1 <= self.beats_per_bar <= 32:
            raise TimelineError(f"{self.beats_per_bar} beats in a bar", subject="grid", remedy="give 1 to 32")
        if not 1 <= self.position <= self.beats_per_bar:
            raise TimelineError(
                f"position {self.position} in a bar of {self.beats_per_bar}", subject="grid",
                remedy=f"give 1 to {self.beats_per_bar}",
            )  # fmt: skip
        if self.end is not None and not self.end > self.time:
            raise TimelineError(
                f"it ends at {self.end} s, not after its start at {self.time} s", subject="grid"
            )

    @property
    def period(self) -> float:
        """Seconds from beat to beat."""
        return 60.0 / self.bpm


@dataclass(frozen=True, slots=True)
class Place:
    """A bar, a beat in it (from 1), and how far it is to the next beat, from 0 to 1."""

    bar: int
    beat: int
    fraction: float


@dataclass(frozen=True)
class Grid:
    """Segments in order of time.

    Examples
    --------
    >>> grid = Grid((GridSegment(0.02, bpm=128.0),))
    >>> grid.time_of(bar=17)
    30.02
    >>> grid.place_of(30.02)
    Place(bar=17, beat=1, fraction=0.0)
    >>> [(beat.time, beat.bar, beat.position) for beat in grid.beats(1.0)]
    [(0.02, 1, 1), (0.48875, 1, 2), (0.9575, 1, 3)]
    """

    segments: tuple[GridSegment, ...]

    def __post_init__(self) -> None:
        for one, next in zip(self.segments, self.segments[1:], strict=False):
            if next.time <= one.time:
                raise TimelineError(
                    f"a segment at {next.time} s after one at {one.time} s", subject="grid",
                    remedy="sort them by time",
                )  # fmt: skip
            if one.end is not None and one.end > next.time:
                raise TimelineError(
                    f"a segment ends at {one.end} s, behind the next at {next.time} s", subject="grid"
                )

    # --- layers ------------------------------------------------------------------------------------

    def beats(self, duration: float) -> tuple[Beat, ...]:
        """Return the beats before ``duration`` (seconds)."""
        return tuple(
            Beat(run.time(index), position=place.beat, bar=place.bar)
            for run in self._runs
            for index in range(run.length(duration))
            for place in (run.place(index),)
        )

    def tempo(self, duration: float) -> tuple[Tempo, ...]:
        """Return the tempo of each segment that begins before ``duration``, up to the next."""
        return tuple(Tempo(start, end, bpm=segment.bpm) for segment, start, end in self._stretches(duration))

    def meter(self, duration: float) -> tuple[Meter, ...]:
        """Return beats in a bar, one span for each stretch that has as many."""
        spans: list[Meter] = []
        for segment, start, end in self._stretches(duration):
            if spans and spans[-1].beats_per_bar == segment.beats_per_bar and spans[-1].end == start:
                start = spans.pop().start
            spans.append(Meter(start, end, beats_per_bar=segment.beats_per_bar))
        return tuple(spans)

    # --- times and bars ----------------------------------------------------------------------------

    def time_of(self, bar: int, beat: int = 1) -> float | None:
        """Return when a beat of a bar comes; None where the grid has no such beat.

        The last segment goes on for ever unless it has an end. Bar 0 is what lies before the first downbeat.
        """
        for run in self._runs:
            index = run.index(bar, beat)
            if index is not None:
                return run.time(index)
        return None

    def place_of(self, time: float) -> Place | None:
        """Return the bar and beat at a time; None before the first beat, and where beats have stopped."""
        number = bisect_right([run.segment.time for run in self._runs], time + _NEAR_S) - 1
        if number < 0:
            return None
        run = self._runs[number]
        index = math.floor((time + _NEAR_S - run.segment.time) / run.segment.period)
        last = run.count is not None and index >= run.count - 1
        if run.count is not None:
            index = min(index, run.count - 1)
        since, lasts = time - run.time(index), run.segment.period
        if last:
            next = self._runs[number + 1].segment.time if number + 1 < len(self._runs) else math.inf
            lasts = min(lasts if run.segment.end is not None else math.inf, next - run.time(index))
            if since >= lasts:
                return None
        place = run.place(index)
        return Place(place.bar, place.beat, min(max(since / lasts, 0.0), math.nextafter(1.0, 0.0)))

    def nearest_bar(self, time: float) -> int | None:
        """Return the bar whose downbeat is nearest, 0 over half a bar before the first.

        Behind the last beat bars count on. None where the grid has no downbeat.
        """
        first = self.time_of(1)
        if first is None:
            return None
        starts = [run.segment.time for run in self._runs]
        run = self._runs[max(0, bisect_right(starts, time + _NEAR_S) - 1)]
        length = run.segment.beats_per_bar * run.segment.period
        if time < first - length / 2:
            return 0
        index = max(0, math.floor((time - run.segment.time) / run.segment.period))
        here = max(1, run.place(index if run.count is None else min(index, run.count - 1)).bar)
        start, after = self.time_of(here), self.time_of(here + 1)
        if start is None or time <= start:
            return here
        return here + (round((time - start) / length) if after is None else int(after - time <= time - start))

    # --- private -----------------------------------------------------------------------------------

    @cached_property
    def _runs(self) -> tuple[_Run, ...]:
        runs: list[_Run] = []
        bars = 0
        for segment, next in zip(self.segments, [*self.segments[1:], None], strict=False):
            if segment.end is not None:
                count = math.ceil((segment.end - segment.time) / segment.period - _NEAR_S)
            elif next is not None:
                count = max(1, math.floor((next.time - segment.time) / segment.period + 0.5 - _NEAR_S))
            else:
                count = None
            runs.append(_Run(segment, count, bars))
            if count is not None:
                bars = runs[-1].place(count - 1).bar
        return tuple(runs)

    def _stretches(self, duration: float) -> list[tuple[GridSegment, float, float]]:
        following = [*(segment.time for segment in self.segments[1:]), duration]
        return [
            (segment, segment.time, min(segment.end or math.inf, end, duration))
            for segment, end in zip(self.segments, following, strict=False)  # no segments, one end
            if segment.time < duration
        ]


@dataclass(frozen=True, slots=True)
class _Run:
    """The beats of a segment: how many (None: no end), and the bars that began before it."""

    segment: GridSegment
    count: int | None
    bars: int

    def length(self, duration: float) -> int:
        until = math.ceil((duration - self.segment.time) / self.segment.period - _NEAR_S)
        return max(0, until if self.count is None else min(until, self.count))

    def time(self, index: int) -> float:
        return round(self.segment.time + index * self.segment.period, 9)  # 30.02, not 30.019999999999996

    def place(self, index: int) -> Place:
        passed = self.segment.position - 1 + index
        begun = passed // self.segment.beats_per_bar + (1 if self.segment.position == 1 else 0)
        return Place(self.bars + begun, passed % self.segment.beats_per_bar + 1, 0.0)

    def index(self, bar: int, beat: int) -> int | None:
        if not 1 <= beat <= self.segment.beats_per_bar:
            return None
        begun = bar - self.bars - (1 if self.segment.position == 1 else 0)
        index = begun * self.segment.beats_per_bar + beat - self.segment.position
        return index if 0 <= index < (math.inf if self.count is None else self.count) else None


def grid_of(
    beats: Sequence[Beat],
    tempo: Sequence[Tempo] = (),
    meter: Sequence[Meter] = (),
    duration: float | None = None,
) -> Grid:
    """Return the grid that beats lie on: the inverse of :meth:`Grid.beats`.

    Parameters
    ----------
    beats : sequence of Beat
        In order of time. One less than 60 ms behind the last is left out, and so is a single beat where
        nothing tells a tempo.
    tempo, meter : sequence of Tempo, of Meter
        What is known beside them. A tempo whose span begins on a beat, and along which the beats go, is taken
        as it is; else a line is fitted through as many beats as lie within 10 ms of it. Without a meter, the
        highest position tells.
    duration : float, optional
        Length of the recording in seconds: where beats stop before it, the last segment gets an end.

    Examples
    --------
    >>> grid = Grid((GridSegment(0.02, bpm=128.0), GridSegment(30.02, bpm=174.0)))
    >>> grid_of(grid.beats(60.0)) == grid
    True
    """
    import numpy as np

    kept: list[Beat] = []
    for beat in beats:
        if not kept or beat.time - kept[-1].time >= _SHORTEST_S:
            kept.append(beat)
    times = np.array([beat.time for beat in kept])
    gaps = np.diff(times)
    usual = float(np.median(gaps[gaps <= _LONGEST_S])) if (gaps <= _LONGEST_S).any() else None
    known = {round(span.start, 6): span.bpm for span in tempo}
    segments: list[GridSegment] = []
    begin = 0
    changes = (index for index, time in enumerate(times) if round(float(time), 6) in known)
    for edge in sorted({*_edges(kept, gaps, meter), *changes}):
        highest = max((beat.position for beat in kept[begin:edge]), default=1)
        while begin < edge:
            origin, period, count = _longest(times[begin:edge], known, usual)
            first = kept[begin]
            begin += count
            if period is None:
                continue
            size = max(_size(first.time, meter) or highest, first.position)
            following = float(times[begin]) if begin < len(times) else duration
            segment = GridSegment(max(origin, 0.0), 60.0 / period, size, first.position)
            segments.append(_ended(segment, count, following, is_beat=begin < len(times)))
    return Grid(tuple(segments))


def _edges(beats: Sequence[Beat], gaps: NDArray[Any], meter: Sequence[Meter]) -> list[int]:
    """Return where a new segment must begin whatever the tempo: bars break off, or beats are missing."""
    import numpy as np

    if not len(gaps):
        return [len(beats)]
    padded = np.pad(gaps, _AROUND, mode="edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * _AROUND + 1), axis=1)
    edges = []
    for index, (one, next) in enumerate(zip(beats, beats[1:], strict=False)):
        size, after = _size(one.time, meter), _size(next.time, meter)
        counts_on = next.position == one.position + 1 and next.bar == one.bar
        new_bar = next.position == 1 and next.bar == one.bar + 1 and size in (None, one.position)
        is_hole = gaps[index] > min(_HOLE * usual[index], _LONGEST_S)
        if size != after or not (counts_on or new_bar) or is_hole:
            edges.append(index + 1)
    return [*edges, len(beats)]


def _longest(
    times: NDArray[Any], known: dict[float, float], usual: float | None
) -> tuple[float, float | None, int]:
    """Return first beat and period of the longest even run at the beginning, and how many beats it has."""
    import numpy as np

    first = float(times[0])
    if (bpm := known.get(round(first, 6))) is not None:
        astray = np.flatnonzero(np.abs(first + np.arange(len(times)) * 60.0 / bpm - times) > _SAME_S)
        count = int(astray[0]) if len(astray) else len(times)
        if count > 1 or len(times) == 1:
            return first, 60.0 / bpm, count
    if len(times) == 1:
        return first, usual, 1

    def line(count: int) -> tuple[float, float] | None:
        slope, origin = np.polyfit(np.arange(count), times[:count], 1)
        off = np.abs(origin + slope * np.arange(count) - times[:count]).max()
        return (float(origin), float(slope)) if off <= TOLERANCE_S else None

    low, every = 2, len(times)  # two beats are always on a line
    while low < every and line(min(2 * low, every)):
        low = min(2 * low, every)
    high = min(2 * low, every) if low < every else every + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if line(middle) else (low, middle)
    origin, period = line(low) or (first, float(times[1] - first))
    if 2 < low < every - 1:
        gap, after = times[low] - times[low - 1], times[low + 1] - times[low]
        low -= int(abs(gap - after) < abs(gap - period))  # the beat where two tempos meet begins the second
    return (*_rounded(origin, period, low), low)


def _rounded(origin: float, period: float, count: int) -> tuple[float, float]:
    """Prefer a tempo with few digits, where that moves no beat by more than a millisecond."""
    for digits in range(4):
        rounder = 60.0 / round(60.0 / period, digits)
        if abs(rounder - period) * count <= _DRIFT_S:
            return round(origin + (period - rounder) * (count - 1) / 2, 6), rounder
    return round(origin, 6), period


def _ended(segment: GridSegment, count: int, following: float | None, *, is_beat: bool) -> GridSegment:
    """Give a segment an end where it would have other than ``count`` beats before what follows it."""
    if following is None:
        return segment
    fills = (following - segment.time) / segment.period
    wanted = math.floor(fills + 0.5 - _NEAR_S) if is_beat else math.ceil(fills - _NEAR_S)
    if max(1, wanted) == count:
        return segment
    return replace(segment, end=min(segment.time + count * segment.period, following))


def _size(time: float, meter: Sequence[Meter]) -> int | None:
    return next((span.beats_per_bar for span in meter if span.start - _NEAR_S <= time < span.end), None)
