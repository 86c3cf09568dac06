import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.audio import Sound
from edm_core.segmentation.onsets import onset_envelopes
from edm_core.segmentation.portrait import FEATURES, bar_edges, bar_features

BAR = 100 * 4 * 60 / 126  # frames


@pytest.fixture(scope="module")
def features(piece):
    edges = 50 + BAR * np.arange(73)
    return bar_features(piece.spectrum, onset_envelopes(piece.spectrum), edges)


def test_a_row_a_bar(features):
    assert features.shape == (72, FEATURES)
    assert np.isfinite(features).all()
    assert np.abs(features).max() <= 5


def test_a_drop_is_fuller_than_a_breakdown(features):
    loudness, bass = features[:, 16], features[:, 17]
    for number in (loudness, bass):
        assert number[18:30].mean() > number[34:38].mean() + 0.3


def test_change_is_largest_where_sections_meet(features):
    novelty = features[:, 72:77]  # of the spectrum, over five contexts
    four = novelty[:, 2]
    for edge in (16, 32, 48, 64):
        assert four[edge] >= four[edge - 4 : edge + 5].max() - 1e-6


def test_few_bars_and_silence_are_described_too(rate):
    spectrum = Sound.from_samples(np.zeros(10 * rate), rate).spectrum
    for count in (1, 2, 5):
        rows = bar_features(spectrum, onset_envelopes(spectrum), np.linspace(0, 1000, count + 1))
        assert rows.shape == (count, FEATURES)
        assert np.isfinite(rows).all()


@given(st.floats(0.5, 5), st.floats(0, 30), st.integers(0, 40), st.floats(40, 200))
def test_edges_cover_the_stretch(bar, first, count, end):
    downbeats = first + bar * np.arange(count)
    edges = bar_edges(downbeats, 0.0, end)
    assert edges[0] == 0.0
    assert edges[-1] == end
    assert (np.diff(edges) > 0).all()
    inside = downbeats[downbeats < end]
    if len(inside) > 1:
        assert np.diff(edges).max() <= 1.6 * bar
