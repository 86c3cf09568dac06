"""Plans and arrangements: what must hold whatever is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.unseen.arrange import CLEAREST, change_at
from benchmarks.unseen.forms import Form, in_bars
from benchmarks.unseen.plan import Plan, draw_plans
from benchmarks.unseen.styles import BY_NAME, STYLES
from benchmarks.unseen.writer import DRUMS


def test_a_seed_gives_the_same_pieces_and_a_longer_list_begins_with_the_shorter(
    plans: list[Plan], hand_made: list[Form]
) -> None:
    again = draw_plans(hand_made, 4, seed=5)
    for one, other in zip(plans, again, strict=False):
        assert (one.name, one.bpm, one.melodic, one.drums) == (
            other.name,
            other.bpm,
            other.melodic,
            other.drums,
        )
        for role, levels in one.arrangement.levels.items():
            np.testing.assert_array_equal(levels, other.arrangement.levels[role])
    assert draw_plans(hand_made, 1, seed=6)[0].arrangement.sections != again[0].arrangement.sections


def test_all_styles_come_and_a_third_of_the_tempi_are_not_whole(plans: list[Plan]) -> None:
    assert {plan.style.name for plan in plans} == set(BY_NAME)
    assert len(STYLES) == 10
    assert sum(plan.bpm != round(plan.bpm) for plan in plans) == len(plans) // 3
    for plan in plans:
        low, high = plan.style.tempo
        assert low - 1 <= plan.bpm <= high


def test_sections_tile_the_form(plans: list[Plan]) -> None:
    for plan in plans:
        sections = plan.arrangement.sections
        assert tuple(section.label for section in sections) == plan.form.labels
        assert tuple(s.end - s.start for s in sections) == in_bars(plan.form, plan.bar_seconds)
        assert sections[0].start == 0
        assert [s.start for s in sections[1:]] == [s.end for s in sections[:-1]]


def test_every_section_begins_with_a_change_that_can_be_heard(plans: list[Plan]) -> None:
    weak = [
        (plan.name, section)
        for plan in plans
        for section in plan.arrangement.sections[1:]
        if change_at(plan.arrangement.levels, section.start) < CLEAREST
    ]
    assert len(weak) <= 0.02 * sum(len(plan.form.labels) for plan in plans), weak


def playing(plan: Plan, role: str, start: int, end: int) -> np.ndarray:
    levels = plan.arrangement.levels.get(role)
    return levels[start:end] > 0 if levels is not None else np.zeros(end - start, bool)


def test_drops_have_kick_and_bass_and_silences_have_no_drums(plans: list[Plan]) -> None:
    for plan in plans:
        for section in plan.arrangement.sections:
            bars = (section.start, section.end)
            if section.label == "drop":
                assert playing(plan, "kick", *bars).mean() >= 0.8, (plan.name, section)
                assert (playing(plan, "bass", *bars) | playing(plan, "bass2", *bars)).all()
            if section.label == "silence":
                assert not any(playing(plan, role, *bars).any() for role in DRUMS)


def test_no_breakdown_has_kick_and_bass_together(plans: list[Plan]) -> None:
    for plan in plans:
        for section in plan.arrangement.sections:
            if section.label == "breakdown":
                bars = (section.start, section.end)
                bass = playing(plan, "bass", *bars) | playing(plan, "bass2", *bars)
                assert not (bass & playing(plan, "kick", *bars)).any(), (plan.name, section)


def test_ways_of_each_label_are_used(plans: list[Plan]) -> None:
    used = {(section.label, section.way) for plan in plans for section in plan.arrangement.sections}
    for label, ways in {
        "intro": {"beat", "tops", "atmos", "mixed"},
        "buildup": {"roll", "riser", "filter", "plain"},
        "drop": {"full", "minimal"},
        "breakdown": {"pad", "drums", "melody", "groove"},
    }.items():
        assert ways <= {way for name, way in used if name == label}
    assert len({way for name, way in used if name == "outro"}) >= 3


@pytest.mark.parametrize("style", ["techno", "dnb"])
def test_every_part_that_plays_has_a_sound(plans: list[Plan], style: str) -> None:
    for plan in plans:
        if plan.style.name == style:
            heard = {role for role, levels in plan.arrangement.levels.items() if levels.any()}
            assert heard <= {*plan.melodic, *plan.drums, "break", "riser"}
            assert ("break" in heard) <= (plan.break_loop is not None)
