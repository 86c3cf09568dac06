import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.personas.distribution import bell, confidence, distribution_of, mean, rounded


@given(st.floats(1, 5), st.floats(0.3, 3))
def test_a_bell_is_a_distribution(middle, width):
    shares = bell(middle, width)
    assert sum(shares) == pytest.approx(1.0, abs=1e-9) and min(shares) >= 0


@given(st.floats(-50, 50), st.floats(-0.5, 1.5))
def test_any_points_give_a_distribution(points, known):
    shares = distribution_of(points, known)
    assert sum(shares) == pytest.approx(1.0, abs=1e-9) and 1 <= mean(shares) <= 5
    assert 0 <= confidence(shares) <= 1


@given(st.floats(-3, 3), st.floats(0.1, 2), st.floats(0, 1))
def test_more_points_mean_a_higher_score(points, more, known):
    assert mean(distribution_of(points + more, known)) >= mean(distribution_of(points, known))


def test_the_less_is_known_the_less_sure():
    assert confidence(distribution_of(1.0, 1.0)) > confidence(distribution_of(1.0, 0.0))


def test_what_rounding_leaves_goes_to_the_largest():
    assert sum(rounded([1 / 3, 1 / 3, 1 / 3, 0, 0])) == pytest.approx(1.0, abs=1e-12)
