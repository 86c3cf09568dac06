from types import SimpleNamespace

import numpy as np
import pytest

from edm_core.segmentation._activity_features import FEATURES, Levelled, cell_features, reference_level


def spectrum(frames, seed=0, gain=0.0):
    generator = np.random.default_rng(seed)
    return SimpleNamespace(
        mel=(generator.normal(-40, 6, (frames, 64)) + gain).astype(np.float32),
        level=(generator.normal(-30, 3, frames) + gain).astype(np.float32),
        chroma=(generator.uniform(size=(-(-frames // 10), 12)) * 10 ** (gain / 10)).astype(np.float32),
    )


def features(sound, low, high, voice=None):
    voice = np.linspace(0, 1, 200, dtype=np.float32) if voice is None else voice
    return cell_features(sound, voice, 0.032, reference_level(sound.level), low, high)


def test_shape_and_range():
    rows = features(spectrum(205), 0, 21)
    assert rows.shape == (21, FEATURES) and rows.dtype == np.float32
    assert np.abs(rows).max() <= 4.0


def test_parts_join_without_a_seam():
    sound = spectrum(400)
    whole = features(sound, 0, 40)
    assert np.array_equal(np.concatenate([features(sound, 0, 13), features(sound, 13, 40)]), whole)


def test_gain_changes_nothing():
    assert features(spectrum(300), 0, 30) == pytest.approx(
        features(spectrum(300, gain=-17.0), 0, 30), abs=1e-4
    )


def test_without_frames_or_voice():
    empty = spectrum(0)
    assert features(empty, 0, 1, np.zeros(0, np.float32)).shape == (1, FEATURES)
    assert reference_level(empty.level) == -100.0


def test_levelled_samples_are_scaled_where_they_are_read():
    quiet = Levelled(np.full(10, 328, np.int16), -40.0)
    assert len(quiet) == 10
    assert quiet[2:5] == pytest.approx(np.full(3, 10 * 328 / 32768), rel=1e-5)
    assert Levelled(np.ones(3, np.float32), -100.0)[:1] == pytest.approx([100.0])  # 40 dB at most
