"""Mastering and codecs do not move sound in time."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import correlate

from benchmarks.forms.master import CODECS, compress, lossy, master, tilt, worn

RATE = 24000


def clicks(seconds: float = 6.0, channels: int = 2) -> np.ndarray:
    sound = (
        np.random.default_rng(1).standard_normal((channels, int(seconds * RATE))).astype(np.float32) * 1e-3
    )
    places = np.arange(0.5, seconds - 0.5, 0.37)
    for place in places:
        at = int(place * RATE)
        sound[:, at : at + 600] += 0.7 * np.sin(np.arange(600) * 0.3) * np.exp(-np.arange(600) / 150)
    return sound


def delay(late: np.ndarray, original: np.ndarray) -> int:
    a, b = np.abs(late).sum(0), np.abs(original).sum(0)
    match = correlate(np.pad(a - a.mean(), 600), b - b.mean(), "valid", "fft")
    return int(np.argmax(match)) - 600


@pytest.mark.parametrize("name", list(CODECS))
@pytest.mark.parametrize("loss", [0.2, 0.9])
def test_codecs_are_brought_back_to_where_they_were(name: str, loss: float) -> None:
    sound = clicks()
    coded = lossy(sound, RATE, name, loss)
    assert coded.shape == sound.shape
    assert abs(delay(coded, sound)) <= 24  # a millisecond
    assert not np.array_equal(coded, sound)


@pytest.mark.parametrize("seed", range(6))
def test_a_master_is_in_range_and_in_time(seed: int) -> None:
    sound = clicks(channels=1 + seed % 2)
    out = master(sound, seed, RATE)
    assert out.shape == sound.shape and out.dtype == np.float32
    assert 0.05 < np.abs(out).max() <= 1.0
    assert abs(delay(out, sound)) <= 48


def test_the_compressor_evens_out_and_the_tilt_tilts() -> None:
    ramp = clicks() * np.linspace(0.05, 1, 6 * RATE, dtype=np.float32)
    squeezed = compress(ramp, RATE, 6.0, -26.0)

    def span(x: np.ndarray) -> float:
        return float(np.abs(x[:, -RATE:]).max() / np.abs(x[:, :RATE]).max())

    assert span(squeezed) < 0.8 * span(ramp)
    noise = np.random.default_rng(0).standard_normal((1, RATE)).astype(np.float32)

    def share(x: np.ndarray) -> float:
        spectrum = np.abs(np.fft.rfft(x[0])) ** 2
        return float(spectrum[4000:].sum() / spectrum[:400].sum())

    assert share(tilt(noise, RATE, 4.0)) > 2 * share(noise)


def test_wear_keeps_the_length() -> None:
    sound = clicks(2.0)
    assert {worn(sound, seed, RATE).shape for seed in range(40)} == {sound.shape}
