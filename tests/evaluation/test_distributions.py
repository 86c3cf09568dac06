import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.evaluation.distributions import (
    calibration_error,
    ks_similarity,
    reliability_curve,
    variance_ratio,
)


def test_likeness_of_distributions():
    assert ks_similarity([0, 0, 1, 0, 0], [0, 0, 1, 0, 0]) == 1.0
    assert ks_similarity([1, 0, 0, 0, 0], [0, 0, 0, 0, 1]) == 0.0
    assert ks_similarity([2, 2, 0, 0, 0], [1, 1, 0, 0, 0]) == 1.0  # counts or shares


def test_ratio_of_variances():
    assert variance_ratio([1, 0, 0, 0, 1], [0, 1, 0, 1, 0]) == pytest.approx(4.0)


@given(st.integers(0, 2**32 - 1))
def test_what_is_said_honestly_has_little_error(seed):
    random = np.random.default_rng(seed)
    shares = random.dirichlet([1, 2, 3, 2, 1], 3000)
    given_ = (random.random(3000)[:, None] > np.cumsum(shares, axis=1)).sum(axis=1) + 1
    assert calibration_error(shares, given_) < 0.04
    turned = 6 - given_
    assert calibration_error(shares, turned) > 0.1


def test_bins_hold_every_rating_once_and_equal_predictions_together():
    shares = [[0.2] * 5] * 7 + [[0, 0, 0, 0, 1.0]] * 3
    for score, bins in reliability_curve(shares, [1, 2, 3, 4, 5, 1, 2, 5, 5, 4]).items():
        assert sum(each.n for each in bins) == 10
        assert [each.n for each in bins] == [7, 3], score
    assert calibration_error([], []) is None


def test_a_hand_made_error():
    # "2 or more" is said at 100 % and comes half of the time; the others are right.
    found = calibration_error([[0, 1, 0, 0, 0]] * 2, [1, 2])
    assert math.isclose(found, 0.5 / 4)
