"""Scores have the same colours in figures and in the player."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.vocabulary import SCORE_HIGH, SCORE_LOW, SCORE_MIDDLE, SCORE_SPREAD, opacity_of, score_colour

SOURCE = Path(__file__).parents[2] / "frontend" / "src" / "colour.ts"


@pytest.mark.skipif(not SOURCE.exists(), reason="the player's source is not part of this copy")
def test_the_players_scale_is_this_one():
    text = SOURCE.read_text(encoding="utf-8")
    for name, colour in (("LOW", SCORE_LOW), ("MIDDLE", SCORE_MIDDLE), ("HIGH", SCORE_HIGH)):
        found = re.search(rf"const {name}: Rgb = \[(\d+), (\d+), (\d+)\]", text)
        assert found and tuple(map(int, found.groups())) == colour
    assert f"** {SCORE_SPREAD}" in text


@given(score=st.floats(1, 5))
def test_a_scored_cell_is_never_the_grey_of_unknown(score):
    red, green, blue = (int(part) for part in re.findall(r"\d+", score_colour(score))[:3])
    assert max(red, green, blue) - min(red, green, blue) >= 8


def test_beyond_the_scale_is_its_end():
    assert score_colour(0) == score_colour(1)
    assert score_colour(9) == score_colour(5)


def test_opacity_grows_with_confidence_and_is_never_nothing():
    assert 0.3 < opacity_of(0) < opacity_of(None) < opacity_of(1) == 1
