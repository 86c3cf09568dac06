"""Strokes: where the drums of a plan fall."""

from __future__ import annotations

import doctest

import numpy as np
import pytest

from benchmarks.unseen import drums
from benchmarks.unseen.drums import roll, strokes
from benchmarks.unseen.plan import Plan


def test_examples_run() -> None:
    assert doctest.testmod(drums).failed == 0


def test_strokes_fall_in_bars_in_which_their_drum_plays(plans: list[Plan]) -> None:
    for plan in plans[:10]:
        for stroke in strokes(plan):
            bar = int((stroke.time - plan.offset) / plan.bar_seconds + 1e-9)
            assert 0 <= bar < plan.bars
            levels = plan.arrangement.levels
            if stroke.drum in levels and stroke.drum != "roll":
                assert levels[stroke.drum][bar] > 0, (plan.name, stroke)


def test_kicks_and_backbeats_are_on_sixteenths_and_swing_moves_only_odd_ones(plans: list[Plan]) -> None:
    for plan in plans[:10]:
        steps = [
            (s.time - plan.offset) / plan.bar_seconds * 16 for s in strokes(plan) if s.drum in ("kick", "hat")
        ]
        late = np.array([step - np.floor(step + 1e-6) for step in steps])
        odd = np.floor(np.array(steps) + 1e-6).astype(int) % 2 == 1
        np.testing.assert_allclose(late[~odd], 0, atol=1e-6)
        np.testing.assert_allclose(late[odd], plan.style.swing, atol=1e-6)


def test_four_on_the_floor_in_drops_of_house(plans: list[Plan]) -> None:
    plan = next(plan for plan in plans if plan.style.name == "house")
    drop = next(section for section in plan.arrangement.sections if section.label == "drop")
    kicks = np.array([s.time for s in strokes(plan) if s.drum == "kick"])
    first = kicks[(kicks >= plan.time(drop.start) - 1e-6) & (kicks < plan.time(drop.start + 4) - 1e-6)]
    np.testing.assert_allclose(np.diff(first), 60 / plan.bpm, atol=1e-6)
    assert len(first) == 16


def test_nothing_is_struck_in_a_rest(plans: list[Plan]) -> None:
    rested = [plan for plan in plans if plan.arrangement.rests]
    assert rested
    for plan in rested:
        times = np.array([stroke.time for stroke in strokes(plan)])
        for start, end in plan.arrangement.rests:
            inside = (times > plan.time(start) + 1e-4) & (times < plan.time(end) - 1e-4)
            assert not inside.any()


@pytest.mark.parametrize("bars", [1, 2, 4, 8])
def test_a_roll_grows_denser_and_louder(plans: list[Plan], bars: int) -> None:
    plan = plans[0]
    found = sorted(roll(plan, 4, 4 + bars), key=lambda stroke: stroke.time)
    gaps = np.diff([stroke.time for stroke in found]) / plan.bar_seconds
    assert gaps[0] >= gaps[-1] == pytest.approx(1 / 32)
    assert found[0].loudness < found[-1].loudness <= 1.0
    assert found[-1].time < plan.time(4 + bars)
