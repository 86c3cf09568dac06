from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from edm_core.personas.laboratory.measures import (
    against_limit,
    holm,
    power_of,
    sign_flips,
    slope_within,
    spread_out,
)


def test_sign_flips_agree_with_all_flips() -> None:
    values = np.random.default_rng(1).normal(0.3, 0.5, 12)
    exact = stats.permutation_test(
        (values,), lambda x: np.mean(x), permutation_type="samples", n_resamples=np.inf
    ).pvalue
    assert sign_flips(values, 0, draws=20_000).p == pytest.approx(exact, abs=0.01)


def test_sign_flips_keep_to_their_level() -> None:
    random = np.random.default_rng(2)
    p = [sign_flips(random.standard_t(3, 20), seed, draws=399).p for seed in range(400)]
    assert np.mean(np.array(p) <= 0.05) <= 0.08


def test_what_is_missing_is_left_out_and_one_value_says_nothing() -> None:
    found = sign_flips(np.array([0.5, np.nan, 0.7]), 0)
    assert (found.units, found.estimate) == (2, pytest.approx(0.6))
    assert sign_flips(np.array([0.5, np.nan]), 0).p == 1.0


def test_a_slope_is_told_in_points_from_first_to_last_whatever_the_rows_mean() -> None:
    place = np.stack([np.random.default_rng(row).permutation(8) for row in range(10)])
    scores = np.arange(10.0)[:, None] + 0.4 * place / 7
    found = slope_within(scores, place, 0)
    assert found.estimate == pytest.approx(0.4)
    assert found.p < 0.01
    assert slope_within(-scores, place, 0).estimate == pytest.approx(-0.4)


def test_the_slopes_level_is_kept_where_rows_differ_in_noise() -> None:
    random = np.random.default_rng(3)
    place = np.tile(np.arange(6), (12, 1))
    spread = np.linspace(0.1, 2.0, 12)[:, None]
    p = [slope_within(random.normal(0, spread, (12, 6)), place, n, draws=199).p for n in range(300)]
    assert np.mean(np.array(p) <= 0.05) <= 0.08


def test_rows_with_a_hole_are_left_out_of_the_slope() -> None:
    place = np.tile(np.arange(4), (3, 1))
    scores = np.array([[1.0, 2, 3, 4], [np.nan, 9, 9, 9], [1, 2, 3, 4]])
    assert slope_within(scores, place, 0).units == 2
    assert slope_within(np.full((3, 4), np.nan), place, 0).units == 0


def test_the_jackknife_of_a_mean_is_its_t_test() -> None:
    values = np.random.default_rng(4).normal(0.5, 0.3, 20)
    found = against_limit(lambda weights: weights @ values / weights.sum(1), 20, 0.4, "above")
    expected = stats.ttest_1samp(values, 0.4, alternative="greater")
    assert found.estimate == pytest.approx(values.mean())
    assert found.error == pytest.approx(stats.sem(values))
    assert found.p == pytest.approx(expected.pvalue)
    below = against_limit(lambda weights: weights @ values / weights.sum(1), 20, 0.4, "below")
    assert below.p == pytest.approx(1 - expected.pvalue)


def test_an_uncertain_limit_makes_less_sure() -> None:
    values = np.linspace(0.5, 0.9, 10)
    sure, unsure = (
        against_limit(lambda weights: weights @ values / weights.sum(1), 10, 0.5, "above", also)
        for also in (0.0, 0.2)
    )
    assert sure.p < unsure.p


@pytest.mark.parametrize(("limit", "p"), [(0.4, 0.0), (0.6, 1.0), (0.5, 1.0)])
def test_without_any_spread_the_limit_decides(limit: float, p: float) -> None:
    found = against_limit(lambda weights: np.full(len(weights), 0.5), 8, limit, "above")
    assert found.p == p


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p: list[float]) -> None:
    adjusted = holm(p)
    assert all(0 <= before <= after <= 1 for before, after in zip(p, adjusted, strict=True))
    order = np.argsort(p, kind="stable")
    assert list(np.array(adjusted)[order]) == sorted(adjusted)


def test_power_is_the_level_where_there_is_no_effect_and_grows() -> None:
    assert power_of(0.0, 0.1, 5, 1) == pytest.approx(0.01)
    assert power_of(0.1, 0.1, 5, 2) < power_of(0.3, 0.1, 5, 2) < 1
    assert power_of(0.3, 0.0, 5, 2) == 1.0
    assert power_of(0.3, float("nan"), 5, 2) == 0.0


@given(st.floats(1, 5))
def test_a_score_alone_becomes_shares_of_the_same_mean(score: float) -> None:
    shares = spread_out(score)
    assert shares.min() >= 0
    assert shares.sum() == pytest.approx(1)
    assert shares @ np.arange(1, 6) == pytest.approx(score)
