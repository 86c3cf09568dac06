import numpy as np
import pytest

from edm_core.models.voice import HOP, silero
from edm_core.settings import Settings


@pytest.fixture(scope="module")
def detector(tmp_path_factory):
    return silero(settings=Settings(data_dir=tmp_path_factory.mktemp("data")))


@pytest.mark.parametrize("samples", [0, 1, HOP - 1, HOP, HOP + 1, 16_000, 40 * 16_000])
def test_one_probability_a_frame(detector, samples):
    sound = np.random.default_rng(0).normal(0, 300, samples).astype(np.int16)
    result = detector(sound)
    assert result.shape == (-(-samples // HOP),)
    assert ((result >= 0) & (result <= 1)).all()


def test_silence_and_tone_are_no_speech(detector):
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(32_000) / 16_000)).astype(np.int16)
    assert detector(np.zeros(32_000, np.int16)).max() < 0.5
    assert np.mean(detector(tone) > 0.5) < 0.1


def test_blocks_do_not_show(detector):
    """A sound's end does not change what was said of its beginning."""
    sound = np.random.default_rng(1).normal(0, 1000, 1500 * HOP).astype(np.int16)
    np.testing.assert_allclose(detector(sound)[:700], detector(sound[: 700 * HOP]), atol=1e-4)


def test_float_and_int_are_the_same_sound(detector):
    sound = np.random.default_rng(2).normal(0, 1000, 16_000).astype(np.int16)
    np.testing.assert_array_equal(detector(sound), detector(sound.astype(np.float32) / 32768))
