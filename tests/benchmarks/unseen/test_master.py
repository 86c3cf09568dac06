"""Mastering: levels of sections against each other, and the limiter."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.unseen.master import CEILING, gain_curve, limit, master, ride, room, section_levels
from benchmarks.unseen.mix import BUSES
from benchmarks.unseen.plan import Plan
from benchmarks.unseen.render import SAMPLE_RATE


def test_the_limiter_holds_the_ceiling_and_leaves_quiet_sound_alone() -> None:
    generator = np.random.default_rng(0)
    loud = generator.standard_normal((SAMPLE_RATE, 2)).astype(np.float32)
    assert np.abs(limit(loud)).max() <= CEILING
    quiet = (0.05 * loud).astype(np.float32)
    np.testing.assert_allclose(limit(quiet), quiet, rtol=1e-6)


def test_levels_are_ridden_into_range_and_silence_is_left(plans: list[Plan]) -> None:
    plan = plans[0]
    labels = [section.label for section in plan.arrangement.sections]
    levels = [
        {"drop": -10.0, "silence": -60.0}.get(label, -40.0 if i % 2 else -9.0)
        for i, label in enumerate(labels)
    ]
    gains = ride(plan, levels, -10.0)
    for label, level, gain in zip(labels, levels, gains, strict=True):
        below = -10.0 - (level + gain)
        if label == "silence":
            assert gain == 0.0
        elif label == "drop":
            assert below == pytest.approx(0.0)
        elif level == -9.0:
            assert below == pytest.approx(1.5)
        else:
            assert gain == 14.0  # no more than that, or noise comes up


def test_the_gain_steps_at_the_start_of_a_section(plans: list[Plan]) -> None:
    plan = plans[0]
    gains = [float(index) for index in range(len(plan.arrangement.sections))]
    curve = gain_curve(plan, int(plan.time(plan.bars) * SAMPLE_RATE), gains)
    for section, gain in zip(plan.arrangement.sections, gains, strict=True):
        inside = curve[
            int(plan.time(section.start) * SAMPLE_RATE) + 2 : int(
                (plan.time(section.end) - 0.03) * SAMPLE_RATE
            )
        ]
        np.testing.assert_allclose(inside, 10 ** (gain / 20), rtol=1e-4)


def test_a_room_rings_after_the_sound_and_is_not_louder_than_it() -> None:
    send = np.zeros((2 * SAMPLE_RATE, 2), np.float32)
    send[1000] = 1.0
    wet = room(send, np.random.default_rng(0))
    assert len(wet) == len(send) and not wet[:990].any(where=np.abs(wet[:990]) > 1e-5)
    assert np.square(wet).sum(0) == pytest.approx([1.0, 1.0], rel=0.05)
    early, late = np.square(wet[1000:12000]).sum(), np.square(wet[40000:51000]).sum()
    assert early > 20 * late > 0


def test_a_mastered_piece_is_loud_in_its_drops_and_ends_in_silence(plans: list[Plan]) -> None:
    plan = min(plans, key=lambda plan: plan.bars * plan.bar_seconds)
    length = int((plan.time(plan.bars) + 3) * SAMPLE_RATE)
    generator = np.random.default_rng(1)
    drums = np.zeros((length, 2), np.float32)
    for section in plan.arrangement.sections:
        at = slice(int(plan.time(section.start) * SAMPLE_RATE), int(plan.time(section.end) * SAMPLE_RATE))
        loudness = {"drop": 0.2, "breakdown": 0.01}.get(section.label, 0.05)
        drums[at] = loudness * generator.standard_normal((at.stop - at.start, 2))
    buses = {name: np.zeros((length, 2), np.float32) for name in BUSES} | {"drums": drums}
    audio = master(plan, buses)
    assert np.abs(audio).max() <= CEILING
    levels = dict(zip((s.label for s in plan.arrangement.sections), section_levels(plan, audio), strict=True))
    assert -14 <= levels["drop"] <= -7
    assert 1.0 <= levels["drop"] - levels["breakdown"] <= 12.0
    assert np.abs(audio[-SAMPLE_RATE // 4 :]).max() < 0.02
