"""Truth: the boundary rule on cases made by hand, and what every document must hold."""

from __future__ import annotations

import doctest
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.unseen import truth as module
from benchmarks.unseen.plan import Plan
from benchmarks.unseen.truth import changes, merged, onset_lag_ms, truth


def heard(*rows: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in row] for row in rows])


def test_examples_run() -> None:
    assert doctest.testmod(module).failed == 0


def test_a_part_that_enters_changes_its_share_of_what_plays() -> None:
    assert changes(heard("################", "........########")) == [(8, 0.5)]
    three = ["################"] * 3
    assert changes(heard(*three, "........########")) == [(8, 0.25)]
    assert changes(heard(*three, three[0], "........########")) == []  # a fifth is not noticed


def test_an_exchange_counts_both_parts() -> None:
    assert changes(heard("########........", "........########", "################")) == [(8, 0.667)]


def test_of_near_changes_the_stronger_stays_and_eights_win_ties() -> None:
    # One part leaves after bar 9, another enters with bar 8: the same strength at both, .875.
    assert changes(heard("#########.......", "........########")) == [(8, 0.875)]
    # At bar 6 two thirds change, at bar 8 only .625, which the .03 of an eight does not make up.
    assert changes(heard("################", "......##########", "........########", "........########")) == [
        (6, 0.667)
    ]


def test_nothing_is_found_at_the_edges() -> None:
    assert changes(heard(".###############", "################")) == []
    assert changes(heard("###############.", "################")) == []
    assert changes(np.zeros((3, 16), bool)) == []


def test_a_bar_that_rests_is_no_boundary_of_its_own() -> None:
    # Over four bars a rest of one is too little; nothing is found at its start or end.
    assert changes(heard("#######.########", "################", "################")) == []


@given(st.lists(st.lists(st.booleans(), min_size=24, max_size=24), min_size=1, max_size=8))
def test_changes_keep_their_distance_and_their_range(rows: list[list[bool]]) -> None:
    found = changes(np.array(rows))
    assert all(b - a >= module.GAP_BARS for (a, _), (b, _) in zip(found, found[1:], strict=False))
    assert all(2 <= bar <= 22 and module.NOTICED <= strength <= 1 for bar, strength in found)


def test_starts_of_sections_take_in_what_is_near() -> None:
    assert merged([(6, 0.3), (10, 0.8), (17, 0.4)], [8]) == [(8, 0.8), (17, 0.4)]
    assert merged([], [4]) == [(4, None)]
    assert merged([(6, 0.4)], [4, 7]) == [(4, None), (7, 0.4)]  # the nearer one


def test_documents_are_whole_and_fit_the_plan(plans: list[Plan]) -> None:
    for plan in plans:
        document = json.loads(json.dumps(truth(plan, f"audio/{plan.name}.wav", 300.0)))
        assert document["family"] == "unseen" and document["id"] == plan.name
        assert document["tempo"]["bpm"] in document["tempo"]["accept"]
        beats, downbeats = np.array(document["beats"]), np.array(document["downbeats"])
        np.testing.assert_allclose(np.diff(beats), 60 / plan.bpm, atol=2e-4)
        np.testing.assert_array_equal(beats[::4], downbeats)
        assert downbeats[0] == plan.offset and len(downbeats) == plan.bars
        sections = document["sections"]
        assert [s["label"] for s in sections] == list(plan.form.labels)
        assert [s["start"] for s in sections[1:]] == [s["end"] for s in sections[:-1]]
        major = {boundary["time"] for boundary in document["boundaries"] if boundary["major"]}
        assert {s["start"] for s in sections[1:]} <= major <= set(document["downbeats"])
        rows = document["activity"]["bars"]
        assert {len(row) for row in rows} == {plan.bars} and set("".join(rows)) <= {"#", "."}


def test_fast_styles_accept_half_their_tempo(plans: list[Plan]) -> None:
    for plan in plans:
        accept = truth(plan, "", 1.0)["tempo"]["accept"]
        assert len(accept) == (2 if plan.style.name in ("dnb", "dubstep") else 1)


@pytest.mark.parametrize("shift_ms", [-20.0, 0.0, 12.0])
def test_a_lag_is_found_to_five_milliseconds(shift_ms: float) -> None:
    rate, times = 44100, np.arange(1, 20) * 0.5
    audio = np.random.default_rng(0).standard_normal((rate * 11, 2)) * 1e-4
    for time in times:
        at = round((time + shift_ms / 1000) * rate)
        audio[at : at + 2000] += (
            np.exp(-np.arange(2000) / 300)[:, None] * np.sin(np.arange(2000) / 5)[:, None]
        )
    found = onset_lag_ms(audio, list(times), rate)
    assert found is not None and abs(found - shift_ms) <= 5.0
    assert onset_lag_ms(audio, list(times[:5]), rate) is None
