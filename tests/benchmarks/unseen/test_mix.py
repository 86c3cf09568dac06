"""Mixing: parts land where the plan has them, filters and ducking do what they say."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.unseen.drums import Stroke
from benchmarks.unseen.mix import add, duck, place_break, place_loop, place_strokes, sweep, wobble
from benchmarks.unseen.notes import LOOP_BARS
from benchmarks.unseen.plan import Plan
from benchmarks.unseen.render import SAMPLE_RATE


def bus(plan: Plan) -> np.ndarray:
    return np.zeros((int((plan.time(plan.bars) + 3) * SAMPLE_RATE), 2), np.float32)


def test_a_loop_is_heard_in_the_bars_of_its_part_and_starts_afresh_with_each_section(
    plans: list[Plan],
) -> None:
    plan = plans[0]
    bar = plan.bar_seconds * SAMPLE_RATE
    # Every bar of the loop has its own level, so that what is heard says which bar it is.
    loop = np.repeat(np.arange(1, LOOP_BARS + 1, dtype=np.float32), round(bar))[: int(LOOP_BARS * bar)]
    out = bus(plan)
    place_loop(out, plan, "bass", np.stack([loop, loop], 1))
    levels = plan.arrangement.levels["bass"]
    for section in plan.arrangement.sections:
        for at in range(section.start, section.end):
            middle = out[round((plan.time(at) + plan.bar_seconds / 2) * SAMPLE_RATE), 0]
            expected = levels[at] * ((at - section.start) % LOOP_BARS + 1)
            assert middle == pytest.approx(expected, abs=1e-4), (section, at)


def test_strokes_land_on_their_sample() -> None:
    out = np.zeros((SAMPLE_RATE, 2), np.float32)
    sound = np.array([[2.0, 2.0], [1.0, 1.0]], np.float32)
    place_strokes(out, [Stroke("kick", 0.25, 1.0), Stroke("kick", 0.5, 0.5)], sound, 0.8)
    at = np.flatnonzero(out[:, 0])
    np.testing.assert_array_equal(at, [11025, 11026, 22050, 22051])
    np.testing.assert_allclose(out[at, 0], [0.8, 0.4, 0.4, 0.2], rtol=1e-6)


def test_what_runs_over_the_end_is_cut() -> None:
    out = np.zeros((10, 2), np.float32)
    add(out, np.ones((6, 2), np.float32), 7)
    add(out, np.ones((6, 2), np.float32), 12)
    assert out[:, 0].tolist() == [0] * 7 + [1] * 3


def test_a_break_lasts_a_bar_at_any_tempo(plans: list[Plan]) -> None:
    plan = next(plan for plan in plans if plan.break_loop and plan.arrangement.levels["break"].any())
    assert plan.break_loop is not None
    length = int(plan.break_loop[1] * SAMPLE_RATE)
    sound = np.random.default_rng(0).standard_normal((length, 2)).astype(np.float32)
    sound[length // 2 :] *= 0.01  # loud in its first half only
    out = bus(plan)
    place_break(out, plan, sound)
    for at in np.flatnonzero(plan.arrangement.levels["break"] > 0)[:8]:
        start, half = round(plan.time(int(at)) * SAMPLE_RATE), int(plan.bar_seconds * SAMPLE_RATE / 2)
        first, second = (
            out[start + 500 : start + half - 500],
            out[start + half + 500 : start + 2 * half - 500],
        )
        assert np.abs(first).mean() > 20 * np.abs(second).mean()


def tone(hertz: float, seconds: float = 1.0) -> np.ndarray:
    wave = np.sin(2 * np.pi * hertz * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE)
    return np.stack([wave, wave], 1).astype(np.float32)


def test_a_sweep_opens_and_a_highpass_closes() -> None:
    opened = sweep(tone(3000), 200, 16000)
    assert np.abs(opened[:4000]).max() < 0.05 < 0.9 < np.abs(opened[-4000:]).max()
    closed = sweep(tone(100), 20, 4000, highpass=True)
    assert np.abs(closed[1000:5000]).max() > 0.8 > 0.05 > np.abs(closed[-4000:]).max()


def test_ducking_falls_at_the_kick_and_recovers() -> None:
    gain = duck(SAMPLE_RATE, [0.25], 0.2, 0.6)
    assert gain[: SAMPLE_RATE // 4 - 1].min() == 1.0
    assert gain[SAMPLE_RATE // 4] == pytest.approx(0.4)
    assert gain[int(0.45 * SAMPLE_RATE) :].min() == 1.0
    assert (np.diff(gain[SAMPLE_RATE // 4 : int(0.44 * SAMPLE_RATE)]) >= 0).all()


def test_a_wobble_takes_away_only_what_is_high(plans: list[Plan]) -> None:
    plan = plans[0]
    seconds = LOOP_BARS * plan.bar_seconds
    low, high = wobble(plan, tone(60, seconds), "bass"), wobble(plan, tone(3000, seconds), "bass")
    assert np.abs(low[SAMPLE_RATE:]).max() == pytest.approx(1.0, abs=0.15)
    hops = np.abs(high[: len(high) // 1000 * 1000, 0]).reshape(-1, 1000).max(1)
    assert hops.max() > 0.9 and np.percentile(hops, 10) < 0.1
