"""Grids: what beats they give, where bars lie, and that they are read back from beats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.errors import TimelineError
from edm_core.grid import Grid, GridSegment, Place, grid_of
from edm_core.items import Beat

GOLDEN = Path(__file__).parent / "data" / "grid.json"


@st.composite
def grids(draw, most: int = 4) -> Grid:
    """Grids whose segments are whole beats long or break off, as people make them."""
    time = draw(st.floats(0, 5))
    segments = []
    for _ in range(draw(st.integers(1, most))):
        size = draw(st.integers(2, 7))
        bpm = draw(st.integers(6000, 20000)) / 100
        position = draw(st.integers(1, size))
        count = draw(st.integers(8, 60))
        end = draw(st.none() | st.just(time + (count - 0.5) * 60 / bpm))
        segments.append(GridSegment(time, bpm, size, position, end))
        time += (count + draw(st.floats(-0.4, 0.4)) + (2 if end else 0)) * 60 / bpm
    return Grid(tuple(segments))


@pytest.mark.parametrize(
    "case", json.loads(GOLDEN.read_text())["cases"] if GOLDEN.exists() else [], ids=lambda case: case["name"]
)
def test_golden_cases_are_the_same_here_and_in_the_editor(case):
    grid = Grid(tuple(GridSegment(**segment) for segment in case["segments"]))
    beats = grid.beats(case["duration"])
    assert [[beat.time, beat.bar, beat.position] for beat in beats] == [
        pytest.approx(row) for row in case["beats"]
    ]
    for time, bar, beat in case["places"]:
        place = grid.place_of(time)
        assert (place and (place.bar, place.beat)) == (None if bar is None else (bar, beat)), time
    for bar, beat, time in case["times"]:
        assert grid.time_of(bar, beat) == (None if time is None else pytest.approx(time)), (bar, beat)


@given(grids(), st.floats(0.5, 120))
def test_beats_increase_and_bars_count_on(grid, duration):
    beats = grid.beats(duration)
    assert all(one.time < next.time for one, next in zip(beats, beats[1:], strict=False))
    assert all(
        next.bar - one.bar == (next.position == 1) for one, next in zip(beats, beats[1:], strict=False)
    )
    assert all(beat.time < duration for beat in beats)
    assert not beats or beats[0].bar == (beats[0].position == 1)


@given(grids(), st.floats(0.5, 120))
def test_a_beat_is_found_by_its_bar_and_by_its_time(grid, duration):
    for beat in grid.beats(duration)[::7]:
        assert grid.place_of(beat.time) == Place(beat.bar, beat.position, pytest.approx(0, abs=1e-3))
        if beat.bar > 0:
            found = grid.time_of(beat.bar, beat.position)
            assert found is not None and found <= beat.time + 1e-6  # a bar begun again counts as the same


@settings(deadline=None)
@given(grids())
def test_a_grid_is_read_back_from_its_beats(grid):
    duration = grid.segments[-1].time + 20.0
    beats = grid.beats(duration)
    again = grid_of(beats, grid.tempo(duration), grid.meter(duration), duration)
    twice = again.beats(duration)
    assert len(twice) == len(beats)
    for one, other in zip(beats, twice, strict=True):
        assert (one.position, one.bar) == (other.position, other.bar)
        assert one.time == pytest.approx(other.time, abs=0.012)


@settings(deadline=None)
@given(st.floats(60, 200), st.floats(0, 3), st.integers(8, 400), st.randoms(use_true_random=False))
def test_beats_that_stray_by_milliseconds_are_one_segment(bpm, first, count, random):
    times = [first + index * 60 / bpm + random.uniform(-0.004, 0.004) for index in range(count)]
    beats = [
        Beat(max(time, 0), position=index % 4 + 1, bar=index // 4 + 1) for index, time in enumerate(times)
    ]
    (segment,) = grid_of(beats).segments
    assert segment.bpm == pytest.approx(bpm, rel=0.02 / count**0.5)
    assert segment.beats_per_bar == 4


def test_a_round_tempo_is_read_as_one():
    beats = Grid((GridSegment(0.0213, 174.0),)).beats(300.0)
    jittered = [Beat(round(beat.time, 3), position=beat.position, bar=beat.bar) for beat in beats]
    assert grid_of(jittered).segments[0].bpm == 174.0


def test_a_hole_ends_a_segment():
    grid = Grid((GridSegment(1.0, 120.0, end=10.0), GridSegment(40.0, 120.0)))
    beats = grid.beats(60.0)
    assert grid_of(beats).segments == grid.segments
    assert grid.place_of(20.0) is None and grid.time_of(5) == 9.0


def test_tempo_and_meter_say_where_they_change():
    grid = Grid((GridSegment(0.5, 120.0), GridSegment(8.5, 174.0), GridSegment(20.0, 174.0, 3)))
    assert [(span.start, span.end, span.bpm) for span in grid.tempo(30.0)] == [
        (0.5, 8.5, 120.0), (8.5, 20.0, 174.0), (20.0, 30.0, 174.0),
    ]  # fmt: skip
    assert [(span.start, span.end, span.beats_per_bar) for span in grid.meter(30.0)] == [
        (0.5, 20.0, 4),
        (20.0, 30.0, 3),
    ]


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"time": -1.0, "bpm": 120.0}, "begins at -1.0 s"),
        ({"time": 0.0, "bpm": 0.0}, "a tempo of 0.0 BPM"),
        ({"time": 0.0, "bpm": float("nan")}, "a tempo of nan BPM"),
        ({"time": 0.0, "bpm": 120.0, "position": 5}, "position 5 in a bar of 4"),
        ({"time": 0.0, "bpm": 120.0, "beats_per_bar": 0}, "0 beats in a bar"),
        ({"time": 2.0, "bpm": 120.0, "end": 2.0}, "ends at 2.0 s"),
    ],
)
def test_a_segment_that_cannot_be_says_why(values, says):
    with pytest.raises(TimelineError, match=says):
        GridSegment(**values)


def test_segments_are_in_order():
    with pytest.raises(TimelineError, match=r"a segment at 1.0 s after one at 2.0 s"):
        Grid((GridSegment(2.0, 120.0), GridSegment(1.0, 120.0)))


def test_no_beats_give_no_grid():
    assert grid_of(()).segments == ()
    assert grid_of([Beat(1.0, position=1, bar=1)]).segments == ()
    assert Grid(()).beats(10.0) == () and Grid(()).place_of(1.0) is None and Grid(()).time_of(1) is None
    assert Grid(()).tempo(10.0) == () and Grid(()).meter(10.0) == ()
