import numpy as np
import pytest

from edm_core.segmentation.onsets import onset_envelopes
from edm_core.segmentation.pulse import FEATURES, coarse_bands, means_between, pulse_features, sides


def test_means_between_times():
    rows = np.arange(10.0)[:, None]
    assert means_between(rows, np.array([0.0, 2.0, 5.0])).ravel().tolist() == [0.5, 3.0]


def test_means_are_the_same_block_by_block(monkeypatch):
    rows = np.random.default_rng(0).normal(size=(1000, 3))
    times = np.arange(0.0, 1000.0, 23.0)
    whole = means_between(rows, times)
    monkeypatch.setattr("edm_core.segmentation.pulse._BLOCK", 100)
    assert means_between(rows, times) == pytest.approx(whole, abs=1e-4)


def test_sides_are_the_rows_before_and_from_here_on():
    ((before, after),) = sides(np.array([[0.0], [1.0], [2.0], [3.0]]), (2,))
    assert before.ravel().tolist() == [0.0, 0.0, 0.5, 1.5]
    assert after.ravel().tolist() == [0.5, 1.5, 2.5, 3.0]


def test_features_do_not_depend_on_loudness(compose, rate):
    from edm_core.audio import Sound

    samples = compose(128.0, [("drop", 8), ("breakdown", 4), ("drop", 8)])
    halves = np.arange(0.0, 3700.0, 100 * 60 / 128 / 2)
    made = []
    for gain in (1.0, 0.1):
        spectrum = Sound.from_samples(gain * samples, rate).spectrum
        made.append(
            pulse_features(coarse_bands(spectrum), spectrum.chroma, onset_envelopes(spectrum), halves)
        )
    assert made[0].shape == (len(halves), FEATURES)
    assert np.abs(made[0] - made[1]).mean() < 0.02


def test_a_kick_is_seen_on_the_beat(compose, rate):
    from edm_core.audio import Sound

    spectrum = Sound.from_samples(compose(128.0, [("drop", 8)]), rate).spectrum
    halves = np.arange(0.0, 1480.0, 100 * 60 / 128 / 2)
    features = pulse_features(coarse_bands(spectrum), spectrum.chroma, onset_envelopes(spectrum), halves)
    low = features[:, 0]
    assert low[2:-2:2].mean() > low[3:-2:2].mean() + 1
    assert features[0, -1] == pytest.approx(0.0, abs=1e-3)  # 128 BPM
