import numpy as np
import pytest

from edm_core.audio.spectrum import Spectrum
from edm_core.segmentation import onsets


def spectrum(mel):
    frames = len(mel)
    return Spectrum(
        mel.astype(np.float16), np.zeros(frames, np.float16), np.zeros((-(-frames // 10), 12), np.float32)
    )


def test_a_hit_is_an_onset_in_its_band_and_at_its_time():
    mel = np.full((2000, 64), -80.0)
    mel[1000:1010, onsets.HIGH] = -10.0
    low, mid, high = onsets.onset_envelopes(spectrum(mel))
    assert abs(int(high.argmax()) - 1000) <= 2
    assert high.max() > 1.0
    assert low.max() == 0.0
    assert mid.max() < 0.5 * high.max()


def test_blocks_do_not_show(monkeypatch):
    mel = np.random.default_rng(0).uniform(-70, 0, (3000, 64))
    whole = onsets.onset_envelopes(spectrum(mel))
    monkeypatch.setattr(onsets, "_BLOCK", 701)
    assert onsets.onset_envelopes(spectrum(mel)) == pytest.approx(whole, abs=1e-6)


@pytest.mark.parametrize("seed", [38, 42, 89, 93])
def test_silence_after_sound_stays_finite(seed):
    """With these numbers the running sum falls to a hair below zero, which has no root."""
    raw = np.random.default_rng(seed).uniform(0, 9, 20_000).astype(np.float32)
    raw[10_000:] = 0.0
    levelled = onsets._levelled(raw)
    assert np.isfinite(levelled).all()
    assert levelled[12_000:].max() == 0.0


def test_nothing_has_no_onsets():
    assert onsets.onset_envelopes(spectrum(np.zeros((0, 64)))).shape == (3, 0)
