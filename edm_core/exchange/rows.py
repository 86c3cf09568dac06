"""Labelled stretches and marks, as nearly every format has them, become sections and events.

A row says where something begins, by time or by bar, and often where it ends. Ends that are not said are the
next beginning, then the end of the recording; else a bar, or a second where there is no grid. Where time and
bar disagree by more than a quarter of a second, the time counts and both are kept.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ..annotation import tiled
from ..grid import Grid
from ..items import Event, Section
from ..vocabulary import read_section
from .errors import ExchangeError
from .reading import Notes

DISAGREE_S = 0.25
SHORTEST_S = 1e-5
"""What is shorter has no length: its end is derived."""

_SAME_S = 1e-6


@dataclass(frozen=True, slots=True)
class Row:
    """A label and where it is; ``place`` is for messages, such as ``song.csv: line 3``."""

    place: str
    word: str
    start: float | None = None
    end: float | None = None
    bar: float | None = None
    last_bar: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The sections of a file, and what of its labels are moments."""

    sections: tuple[Section, ...]
    events: tuple[Event, ...]


def parts_of(
    rows: Sequence[Row], notes: Notes, *, grid: Grid | None, duration: float | None, tile: bool = True
) -> Parts:
    """Return sections and events of rows in any order.

    Parameters
    ----------
    rows : sequence of Row
    notes : Notes
        Hears of what was derived and what does not agree.
    grid : Grid or None
        Tells what a bar is.
    duration : float or None
        Of the recording, in seconds. Where it is known, the sections tile the recording.
    tile : bool
        Whether they shall, where that is so.

    Raises
    ------
    ExchangeError
        If a row has a bar alone, and no grid tells when that is.
    """
    grid = grid if grid and grid.segments else None
    words = {row.word: read_section(row.word) for row in rows}
    timed = [_timed(row, grid, notes) for row in rows]
    starts = sorted({_start(row) for row in timed if not words[row.word].is_event})
    sections: list[Section] = []
    events: list[Event] = []
    for row in timed:
        word, start = words[row.word], _start(row)
        bar = None if row.bar is None else int(row.bar)
        if word.is_event:
            events.append(Event(start, row.word.strip(), row.confidence, bar=bar))
            continue
        if not word.known:
            notes.unknown(row.word, start)
        sections.append(
            Section(
                start,
                _end(row, starts, grid, duration, notes),
                word.label,
                row.confidence,
                start_bar=bar,
                end_bar=None if row.last_bar is None else int(row.last_bar),
                original=None if row.word == word.label else row.word,
            )
        )
    events.sort(key=lambda event: event.time)
    return Parts(in_order(sections, notes, grid, duration if tile else None), tuple(events))


def in_order(
    sections: Sequence[Section], notes: Notes, grid: Grid | None, duration: float | None
) -> tuple[Section, ...]:
    """Return sections in order of time that do not overlap; where the duration is known, they tile it.

    A first section that begins at the first downbeat begins with the recording.
    """
    if not sections:
        return ()
    if duration is None:
        return _untangled(sections, notes)
    first = min(sections, key=lambda section: section.start)
    if 0 < first.start <= _lead(grid) and first.end > first.start:
        notes.say(
            "gap",
            f"{first.label} begins at {first.start:.3f} s, the first there is: taken from the beginning",
            0.0,
            first.start,
            severity="note",
        )
        sections = [replace(one, start=0.0) if one is first else one for one in sections]
    kept, findings = tiled(sections, duration)
    for finding in findings:
        notes.add(finding)
    return kept


def last_end(parts: Parts) -> float | None:
    """Return the latest time that is said, None if there is none."""
    ends = [section.end for section in parts.sections] + [event.time for event in parts.events]
    return max(ends, default=None)


# --- private ---------------------------------------------------------------------------------------


def _lead(grid: Grid | None) -> float:
    """Return how long before its first downbeat a recording may begin: half a bar, or half a second."""
    return grid.segments[0].period * grid.segments[0].beats_per_bar / 2 if grid and grid.segments else 0.5


def _timed(row: Row, grid: Grid | None, notes: Notes) -> Row:
    """Give a row its time, and see whether its bar goes with it."""
    begins = None if row.bar is None or grid is None else _bar_time(grid, row.bar, row.place)
    start, end = row.start, row.end
    if start is None:
        if row.bar is None:
            raise ExchangeError("it has neither a time nor a bar", subject=row.place)
        if begins is None:
            raise ExchangeError(
                f"bar {row.bar:g}, and nothing tells the tempo", subject=row.place,
                remedy="add bpm and downbeat, or give seconds",
            )  # fmt: skip
        start = begins
    elif begins is not None and grid is not None and abs(begins - start) > DISAGREE_S:
        assert row.bar is not None
        if start == 0 and row.bar == 1 and begins <= _lead(grid):
            return row  # what begins with the recording, a little before its first downbeat
        nearest = grid.nearest_bar(start)
        notes.say(
            "bars_disagree",
            f"{row.word} is at {start:.3f} s and in bar {row.bar:g}, which begins at {begins:.3f} s: "
            f"both are kept, the time counts; to repair it, make it bar {nearest} or {begins:.3f} s",
            start,
            bar=nearest,
        )  # fmt: skip
    if end is None and row.last_bar is not None and grid is not None:
        end = _bar_time(grid, row.last_bar + 1, row.place)
    return replace(row, start=start, end=end)


def _bar_time(grid: Grid, bar: float, place: str) -> float:
    if bar < 0 or bar > 1_000_000:
        raise ExchangeError(f"bar {bar:g}", subject=place, remedy="bars count from 1")
    whole = int(bar)
    segment = grid.segments[-1]
    time = 0.0 if whole == 0 else grid.time_of(whole)
    if time is None:  # behind a segment that ends, or a bar that one cut short: counted on from the last
        place_of = grid.place_of(segment.time)
        bars = whole - (place_of.bar if place_of else 1)
        time = max(0.0, segment.time + bars * segment.beats_per_bar * segment.period)
    return time + (bar - whole) * segment.beats_per_bar * segment.period


def _start(row: Row) -> float:
    assert row.start is not None  # a timed row has one
    return row.start


def _end(row: Row, starts: list[float], grid: Grid | None, duration: float | None, notes: Notes) -> float:
    """Return where a row ends, as it says or as it can be derived."""
    start = _start(row)
    if row.end is not None and row.end > start + SHORTEST_S:
        return row.end
    if row.end is not None and row.end < start:
        notes.say("no_end", f"{row.word} ends at {row.end:.3f} s, before it begins at {start:.3f} s", start)
    following = bisect_right(starts, start + SHORTEST_S)
    if following < len(starts):
        return starts[following]
    if duration is not None and duration > start + SHORTEST_S:
        return duration
    bar = 60.0 / grid.segments[-1].bpm * grid.segments[-1].beats_per_bar if grid and grid.segments else None
    length, what = (bar, "one bar") if bar else (1.0, "one second")
    notes.say("no_end", f"nothing tells where {row.word} at {start:.3f} s ends: {what} was taken", start)
    return start + length


def _untangled(sections: Sequence[Section], notes: Notes) -> tuple[Section, ...]:
    for one, next in zip(sections, sections[1:], strict=False):
        if next.start < one.start:
            notes.say(
                "unsorted",
                f"{next.label} at {next.start:.3f} s stands after {one.label} at {one.start:.3f} s: sorted",
                next.start,
                next.end,
            )
    kept: list[Section] = []
    for section in sorted(sections, key=lambda section: section.start):
        if kept and section.start < kept[-1].end - _SAME_S:
            before = kept.pop()
            notes.say(
                "overlap",
                f"{section.label} at {section.start:.3f} s begins before {before.label} at"
                f" {before.start:.3f} s ends: that was cut there",
                section.start,
                min(section.end, before.end),
            )
            if section.start > before.start + _SAME_S:
                kept.append(replace(before, end=section.start))
        kept.append(section)
    return tuple(kept)
