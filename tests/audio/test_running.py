"""Running means and maxima are those of SciPy, whatever the window and the shape."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from edm_core.audio.running import running_max, running_mean

SHAPES = st.tuples(st.integers(1, 40), st.integers(1, 4))


@given(SHAPES, st.integers(1, 60), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_means_are_those_of_scipy(shape, size, axis, seed):
    values = np.random.default_rng(seed).normal(size=shape)
    for ours, theirs in (("mirror", "reflect"), ("zero", "constant")):
        expected = ndimage.uniform_filter1d(values, size, axis=axis, mode=theirs)
        found = running_mean(values, size, axis=axis, beyond=ours)
        np.testing.assert_allclose(found, expected, atol=1e-12)


@given(SHAPES, st.integers(1, 60), st.integers(0, 1), st.integers(0, 2**32 - 1))
def test_maxima_are_those_of_scipy(shape, size, axis, seed):
    values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    found = running_max(values, size, axis=axis)
    assert found.dtype == np.float32
    expected = ndimage.maximum_filter1d(values, size, axis=axis, mode="constant", cval=-np.inf)
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(0,), (0, 3)])
def test_nothing_gives_nothing(shape):
    assert running_mean(np.zeros(shape), 5, axis=0).shape == shape
    assert running_max(np.zeros(shape), 5, axis=0).shape == shape


def test_what_is_given_stays_as_it_is():
    values = np.arange(9.0)
    running_mean(values, 4)
    running_max(values, 4)
    np.testing.assert_array_equal(values, np.arange(9.0))
