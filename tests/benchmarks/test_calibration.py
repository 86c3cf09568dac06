"""Calibration: what counts as a claim, which of them are right, and the error."""

from __future__ import annotations

from typing import Any

import mir_eval
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.calibration import (
    Claims,
    beat_claims,
    boundary_claims,
    calibration,
    label_claims,
    matched,
    without_optional,
)

TIMES = st.lists(st.integers(0, 400).map(lambda n: n / 100), max_size=30, unique=True).map(sorted)


def drawn(probability: np.ndarray[Any, Any], seed: int) -> Claims:
    """Claims that are right as often as they say."""
    right = np.random.default_rng(seed).random(len(probability)) < probability
    return Claims(probability, right.astype(float), np.ones(len(probability)))


@given(TIMES, TIMES)
def test_as_many_pairs_as_mir_eval_finds(estimated: list[float], reference: list[float]) -> None:
    # A window between two steps of the grid: at its very edge, rounding would decide.
    pairs = mir_eval.util.match_events(np.array(reference), np.array(estimated), 0.075)
    assert sum(matched(estimated, reference, 0.075)) == len(pairs)


@pytest.mark.parametrize("how", ["width", "mass"])
def test_honest_confidences_have_a_small_error_and_boastful_ones_a_large_one(how: Any) -> None:
    generator = np.random.default_rng(3)
    honest = [drawn(generator.random(2000), seed) for seed in range(20)]
    boastful = [Claims(np.sqrt(c.confidence), c.right, c.weight) for c in honest]
    families = ["a"] * 10 + ["b"] * 10
    good, bad = calibration(honest, families, how), calibration(boastful, families, how)
    assert good is not None and bad is not None
    assert good.error < 0.02
    # E[√p − p] = 2/3 − 1/2, whatever the bins
    assert bad.error == pytest.approx(1 / 6, abs=0.02)
    assert bad.low <= bad.error <= bad.high
    assert bad.low > good.high


def test_equal_mass_tells_apart_what_one_bin_of_equal_width_hides() -> None:
    confidence = np.repeat([0.92, 0.98], 500)
    right = np.concatenate(
        [np.ones(500), np.tile([1.0, 1.0, 1.0, 1.0, 0.5], 100)]
    )  # 1.0 and .9: wrong way round
    claims = [Claims(confidence, right, np.ones(1000))]
    width, mass = calibration(claims, ["a"]), calibration(claims, ["a"], "mass")
    assert width is not None and mass is not None
    assert width.error == pytest.approx(0.0, abs=1e-9)
    assert mass.error == pytest.approx(0.08, abs=1e-9)


def test_an_error_over_recordings_is_weighted_by_their_claims() -> None:
    sure = Claims(np.full(30, 1.0), np.ones(30), np.ones(30))
    wrong = Claims(np.full(10, 0.55), np.zeros(10), np.ones(10))
    found = calibration([sure, wrong], ["a", "b"])
    assert found is not None
    assert found.error == pytest.approx(10 * 0.55 / 40)
    # One recording a family: nothing else can be drawn.
    assert (found.low, found.high) == (pytest.approx(found.error), pytest.approx(found.error))
    assert (found.claims, found.recordings) == (40, 2)
    assert sum(weight for _, _, weight in found.bins) == 40


def test_nothing_claimed_has_no_error() -> None:
    empty = Claims(np.zeros(0), np.zeros(0), np.zeros(0))
    assert calibration([empty], ["a"]) is None
    assert calibration([], []) is None


def test_each_true_beat_makes_one_claim_right() -> None:
    document = {
        "beats": [
            {"time": 0.5, "confidence": 0.9},
            {"time": 0.52, "confidence": 0.4},
            {"time": 1.08, "confidence": 0.8},
            {"time": 2.0, "confidence": None},
        ]
    }
    claims = beat_claims({"beats": [0.5, 1.0, 2.0]}, document)
    assert claims is not None
    assert claims.confidence.tolist() == [0.9, 0.4, 0.8]
    assert claims.right.tolist() == [1, 0, 0]
    assert beat_claims({"beats": [0.5], "score_beats": False}, document) is None
    assert beat_claims({"tempo": {}}, document) is None


def test_starts_at_minor_boundaries_and_edges_are_no_claims() -> None:
    truth = {
        "duration": 100.0,
        "downbeats": [4.0, 6.0, 8.0, 90.0],
        "boundaries": [
            {"time": 20.0, "major": True},
            {"time": 40.0, "major": False},
            {"time": 60.0, "major": True},
        ],
    }
    starts = [(0.0, 0.99), (4.1, 0.9), (20.4, 0.8), (40.2, 0.7), (50.0, 0.6), (59.0, 0.5), (92.1, 0.4)]
    document = {"sections": [{"start": time, "boundary_confidence": sure} for time, sure in starts]}
    claims = boundary_claims(truth, document)
    assert claims is not None
    assert claims.confidence.tolist() == [0.8, 0.6, 0.5]
    assert claims.right.tolist() == [1, 0, 0]
    assert boundary_claims({"duration": 9.0, "boundaries": []}, document) is None


@given(TIMES, TIMES, TIMES)
def test_an_optional_time_takes_at_most_one_start_away(
    starts: list[float], required: list[float], optional: list[float]
) -> None:
    kept = without_optional(starts, required, optional, 0.5)
    assert len(starts) - len(optional) <= len(kept) <= len(starts)
    assert kept == sorted(set(kept))
    gone = set(range(len(starts))) - set(kept)
    assert all(min(abs(starts[index] - time) for time in optional) <= 0.5 for index in gone)


def test_labels_are_right_for_so_many_seconds() -> None:
    truth = {
        "sections": [
            {"start": 0.0, "end": 10.0, "label": "intro"},
            {"start": 10.0, "end": 30.0, "label": "drop", "also": ["breakdown"]},
        ]
    }
    document = {
        "sections": [
            {"start": 0.0, "end": 12.0, "label": "intro", "confidence": 0.8},
            {"start": 12.0, "end": 35.0, "label": "breakdown", "confidence": 0.6},
        ]
    }
    claims = label_claims(truth, document)
    assert claims is not None
    rows = zip(claims.confidence.tolist(), claims.right.tolist(), claims.weight.tolist(), strict=True)
    assert sorted(rows) == [(0.6, 1.0, 18.0), (0.8, 0.0, 2.0), (0.8, 1.0, 10.0)]
    found = calibration([claims], ["a"])
    assert found is not None
    assert found.error == pytest.approx((18 * 0.4 + abs(12 * 0.8 - 10)) / 30)
