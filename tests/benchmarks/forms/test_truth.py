"""Boundaries from what plays: the rule of the development set."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.forms.truth import GAP, boundaries, changes


def plays(*rows: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in row] for row in rows])


def test_a_full_exchange_is_major_and_a_small_change_minor() -> None:
    activity = plays("########........", "........########", "################", "################")
    found = boundaries(activity, [], np.arange(17.0))
    assert [(b["bar"], b["strength"], b["major"], b["time"]) for b in found] == [(8, 0.5, True, 8.0)]
    activity = plays("########........", "################", "################")
    assert [(b["bar"], b["major"]) for b in boundaries(activity, [], np.arange(17.0))] == [(8, False)]
    assert changes(plays("########........", *["################"] * 4)) == []  # a fifth is nothing


def test_a_labelled_start_takes_the_place_of_a_change_near_it() -> None:
    activity = plays("######..........", "......##########")
    found = boundaries(activity, [8], np.arange(17.0))
    assert [(b["bar"], b["strength"], b["major"]) for b in found] == [(8, 1.0, True)]
    found = boundaries(plays("################"), [8], np.arange(17.0))
    assert [(b["bar"], b["strength"], b["major"]) for b in found] == [(8, None, True)]


@given(st.integers(1, 6), st.integers(1, 60), st.randoms(use_true_random=False))
def test_found_changes_keep_their_distance_and_lie_inside(tracks: int, bars: int, random) -> None:
    activity = np.array([[random.random() < 0.5 for _ in range(bars)] for _ in range(tracks)])
    found = [bar for bar, _ in changes(activity)]
    assert all(b - a >= GAP for a, b in pairwise(found))
    assert all(2 <= bar <= bars - 2 for bar in found)
