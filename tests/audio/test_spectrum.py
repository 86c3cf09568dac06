"""The spectral front end: calibrated, the same whatever the blocks, and in step with the sound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.audio import spectrum
from edm_core.audio.spectrum import CHROMA_RATE, FRAME_RATE, RATE, Spectrum, SpectrumStream, mel_frequencies


def computed(samples, cuts=()):
    stream, parts, start = SpectrumStream(), [], 0
    for cut in [*sorted(cuts), len(samples)]:
        parts.append(stream.push(samples[start:cut].astype(np.float32)))
        start = cut
    parts.append(stream.finish())
    return Spectrum(
        *(np.concatenate([getattr(p, name) for p in parts]) for name in ("mel", "level", "chroma"))
    )


def sine(hertz, seconds=1.0, amplitude=1.0):
    return amplitude * np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE)


NOISE = np.random.default_rng(0).uniform(-1, 1, 3 * RATE).astype(np.float32)
WHOLE = computed(NOISE)


@settings(max_examples=30)
@given(st.lists(st.integers(0, len(NOISE)), max_size=8))
def test_blocks_do_not_show(cuts):
    parts = computed(NOISE, cuts)
    # Products of other sizes round otherwise: a step of float16 is 0.06 dB at most.
    assert np.allclose(parts.mel, WHOLE.mel, atol=0.07)
    assert np.allclose(parts.level, WHOLE.level, atol=0.07)
    assert np.allclose(parts.chroma, WHOLE.chroma, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("samples", [1, 239, 240, 241, 2400, 24_001, 100_000])
def test_every_sample_has_a_frame(samples):
    found = computed(np.zeros(samples))
    assert found.mel.shape == (-(-samples * FRAME_RATE // RATE), spectrum.BANDS)
    assert found.level.shape == found.mel.shape[:1]
    assert found.chroma.shape == (-(-samples * CHROMA_RATE // RATE), 12)


def test_level_is_in_dbfs():
    assert computed(np.ones(RATE)).level[50] == pytest.approx(0.0, abs=0.01)
    assert computed(sine(1000.0)).level[50] == pytest.approx(-3.01, abs=0.02)
    assert computed(np.zeros(RATE)).level.max() == spectrum.FLOOR_DB


@pytest.mark.parametrize("hertz", [60.0, 250.0, 1000.0, 4000.0, 9000.0])
def test_a_sine_is_loudest_in_its_band(hertz):
    band = int(computed(sine(hertz)).mel[50].argmax())
    nearest = int(np.abs(mel_frequencies() - hertz).argmin())
    assert abs(band - nearest) <= 1
    quieter = computed(sine(hertz, amplitude=0.1)).mel[50].max()
    assert computed(sine(hertz)).mel[50].max() - quieter == pytest.approx(20.0, abs=0.1)


def test_bands_are_those_of_slaney_as_librosa_makes_them():
    import librosa

    theirs = librosa.filters.mel(
        sr=RATE,
        n_fft=1024,
        n_mels=spectrum.BANDS,
        fmin=spectrum.LOWEST_HZ,
        fmax=spectrum.HIGHEST_HZ,
        norm=None,
    )
    ours = spectrum._mel_bank().T
    filled = theirs.max(1) >= 0.5  # narrow low bands are given their nearest bin, theirs may stay empty
    assert filled.mean() > 0.7
    assert ours[filled] == pytest.approx(theirs[filled], abs=1e-5)
    assert (ours.max(1) >= 0.5).all()


def test_an_impulse_is_in_its_frame():
    samples = np.zeros(2 * RATE)
    samples[RATE] = 1.0
    found = computed(samples)
    assert abs(int(found.level.argmax()) - FRAME_RATE) <= 0
    assert abs(int(found.mel.sum(1).argmax()) - FRAME_RATE) <= 1


@pytest.mark.parametrize(("note", "pitch_class"), [(60, 0), (57, 9), (69, 9), (66, 6), (46, 10)])
def test_chroma_names_the_pitch(note, pitch_class):
    found = computed(sine(440 * 2 ** ((note - 69) / 12), seconds=2.0))
    shares = found.chroma[10] / found.chroma[10].sum()
    assert shares.argmax() == pitch_class
    assert shares.max() > 0.9
