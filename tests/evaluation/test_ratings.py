import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import cohen_kappa_score

from edm_core.evaluation.ratings import (
    MEASURES,
    compared,
    difference_of,
    mean_of,
    reliability,
)

RATINGS = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=5, max_size=40)
NAN = float("nan")


@given(RATINGS)
def test_weighted_kappa_is_that_of_scikit_learn(pairs):
    one, other = zip(*pairs, strict=True)
    found = compared(one, other, draws=0)["kappa"]
    if len(set(one)) == 1 or len(set(other)) == 1:
        assert found.value is None and "single score" in found.reason
    else:
        judge = cohen_kappa_score(one, other, weights="quadratic", labels=[1, 2, 3, 4, 5])
        assert found.value == pytest.approx(judge, abs=1e-9)


@given(RATINGS)
def test_spearman_is_that_of_scipy(pairs):
    one, other = zip(*pairs, strict=True)
    found = compared(one, other, draws=0)["spearman"]
    if found.value is not None:
        assert found.value == pytest.approx(spearmanr(one, other).statistic, abs=1e-9)
    else:
        assert len(set(one)) == 1 or len(set(other)) == 1


@given(RATINGS)
def test_measures_of_a_pair_are_symmetric(pairs):
    one, other = zip(*pairs, strict=True)
    ahead, back = compared(one, other, draws=0), compared(other, one, draws=0)
    for measure in ("kappa", "alpha", "alpha_interval", "spearman", "mae", "ks"):
        assert ahead[measure].value == pytest.approx(back[measure].value, nan_ok=True)
    assert ahead["bias"].value == pytest.approx(-back["bias"].value)


def test_alpha_of_two_is_the_reliability_of_two():
    one, other = [1, 2, 3, 4, 5, 2], [1, 3, 3, 5, 5, 1]
    found = compared(one, other, draws=0)
    assert found["alpha"].value == pytest.approx(reliability([one, other], draws=0).value)
    expected = reliability([one, other], ordinal=False, draws=0).value
    assert found["alpha_interval"].value == pytest.approx(expected)


def test_interval_alpha_from_its_definition():
    ratings = np.array([[1, 2, NAN, 4, 5, 3], [1, 3, 3, 4, 4, 3], [2, NAN, 3, 5, 4, 3]])
    known = [column[np.isfinite(column)] for column in ratings.T]
    every = np.concatenate(known)
    observed = sum(((unit[:, None] - unit) ** 2).sum() / (len(unit) - 1) for unit in known) / len(every)
    expected = ((every[:, None] - every) ** 2).sum() / (len(every) * (len(every) - 1))
    found = reliability(ratings, ordinal=False, draws=0).value
    assert found == pytest.approx(1 - observed / expected)


def test_missing_ratings_are_left_out():
    with_gap = compared([1, 2, 3, 4, 5, 5], [1, 2, NAN, 4, 4, 5], draws=0)
    assert with_gap["mae"] == compared([1, 2, 4, 5, 5], [1, 2, 4, 4, 5], draws=0)["mae"]


def test_four_units_give_no_figure_and_say_so():
    found = compared([1, 2, 3, 4], [1, 2, 3, 4])
    assert {each.value for each in found.values()} == {None}
    assert all(each.n == 4 and "5 are needed" in each.reason for each in found.values())
    assert reliability([[1, 2, 3], [1, 2, 3]]).reason


def test_nothing_in_common():
    assert compared([], [])["kappa"].reason.startswith("nothing in common")
    assert reliability([]).value is None


def test_all_the_same_everywhere():
    found = compared([3] * 8, [3] * 8)
    assert found["mae"].value == 0.0 and found["ks"].value == 1.0
    for measure in ("kappa", "alpha", "alpha_interval", "spearman", "variance"):
        assert found[measure].value is None and "single score" in found[measure].reason


@pytest.mark.parametrize("measure", MEASURES)
def test_intervals_hold_the_figure_and_are_seeded(measure):
    random = np.random.default_rng(3)
    one = random.integers(1, 6, 60)
    other = np.clip(one + random.integers(-1, 2, 60), 1, 5)
    found, again = (compared(one, other, seed=5)[measure] for _ in range(2))
    assert found == again
    assert found.low < found.value < found.high


def test_interval_of_the_mean_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(1)
    hits = 0
    for draw in range(300):
        found = mean_of(list(random.normal(3.0, 1.0, 40)), draws=400, seed=draw)
        hits += found.low <= 3.0 <= found.high
    assert 0.89 <= hits / 300 <= 0.98


def test_differences_paired_and_not():
    one, other = [2.0, 3.0, 4.0, 3.0, 5.0], [1.0, 2.0, 3.0, 2.0, 4.0]
    paired = difference_of(one, other, paired=True)
    assert (paired.value, paired.low, paired.high) == (1.0, 1.0, 1.0)
    apart = difference_of(one, other, paired=False)
    assert apart.value == pytest.approx(1.0) and apart.low < 1.0 < apart.high
    assert difference_of([], [1.0], paired=False).reason


def test_few_values_have_a_mean_without_interval():
    found = mean_of([1.0, 2.0])
    assert found.value == 1.5 and found.low is None and "fewer than 5" in found.reason
    assert mean_of([]).value is None
