"""The oscillator that most pitched instruments share, its filter and its envelope.

A row of wavetables, each a darker or brighter (or differently voiced) version of one harmonic spectrum, none
with harmonics above half the sampling rate. An envelope moves through the row: that is a filter, or a mouth.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from .score import Sound, Voice

Random = np.random.Generator
TABLE = 2048
ROWS = 8

Spectrum = Callable[[npt.NDArray[np.float64], float], npt.NDArray[np.float64]]


def harmonics(shape: str, width: float) -> Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    """Levels of the harmonics k of a classic wave."""
    if shape == "saw":
        return lambda k: 1.0 / k
    if shape == "square":
        return lambda k: (k % 2) / k
    if shape == "triangle":
        return lambda k: (k % 2) / k**2
    if shape == "pulse":
        return lambda k: np.abs(np.sin(np.pi * k * width)) / k
    if shape == "hollow":
        return lambda k: (k % 3 != 0) / k**1.3
    return lambda k: (k == 1) * 1.0 + (k == 2) * width  # nearly a sine


def tables(pitch: float, rate: int, rows: list[Spectrum], phases: npt.NDArray[np.float64]) -> Sound:
    """Wavetables of a note, shape (rows, TABLE): each row's function gives the harmonics' levels."""
    count = int(min(TABLE // 2 - 1, len(phases), max(1, 0.47 * rate / pitch)))
    k = np.arange(1, count + 1, dtype=float)
    spectra = np.zeros((len(rows), TABLE // 2 + 1), complex)
    for row, levels in zip(spectra, rows, strict=False):
        row[1 : count + 1] = levels(k, pitch) * np.exp(1j * phases[:count])
    waves = np.fft.irfft(spectra, TABLE, axis=1)
    return np.asarray(waves / max(1e-12, float(np.sqrt((waves**2).mean(1).max()))), np.float32)


def read(waves: Sound, phase: npt.NDArray[np.float64], row: Sound) -> Sound:
    """Follow a phase (in cycles) through the tables while `row` moves between them."""
    place = (phase * TABLE).astype(np.int64) & (TABLE - 1)
    row = np.clip(row, 0, len(waves) - 1.001)
    lower = row.astype(np.int64)
    share = row - lower
    flat = waves.ravel()
    index = lower * TABLE + place
    return np.asarray(flat[index] * (1 - share) + flat[index + TABLE] * share, np.float32)


def clock(seconds: float, rate: int) -> Sound:
    """Give the time of every sample in seconds."""
    return (np.arange(max(16, int(seconds * rate))) / rate).astype(np.float32)


def envelope(t: Sound, seconds: float, attack: float, decay: float, sustain: float, release: float) -> Sound:
    """Shape a level: attack, decay to the sustained level, release after `seconds`; times in seconds."""
    shape = sustain + (1 - sustain) * np.exp(-np.maximum(0, t - attack) / decay)
    shape = shape * np.minimum(1, t / max(1e-4, attack))
    shape = shape * np.exp(-np.maximum(0, t - seconds) / release)
    return np.asarray(shape * np.clip((t[-1] - t) / 0.005, 0, 1), np.float32)


def subtractive(
    random: Random,
    *,
    shapes: tuple[str, ...] = ("saw", "square", "pulse", "hollow"),
    voices: tuple[int, ...] = (1, 2, 3),
    detune: float = 12.0,
    attack: tuple[float, float] = (0.001, 0.01),
    decay: tuple[float, float] = (0.05, 0.5),
    sustain: tuple[float, float] = (0.0, 1.0),
    release: tuple[float, float] = (0.02, 0.15),
    open_to: tuple[float, float] = (800.0, 12000.0),
    ratio: tuple[float, float] = (0.05, 1.0),
    resonance: tuple[float, float] = (0.5, 2.0),
) -> Voice:
    """Oscillators, a low-pass filter that its envelope closes, and a level envelope.

    Cutoffs in Hz: `open_to` at the attack, times `ratio` at rest; `detune` in cents, times in seconds.
    """
    wave = harmonics(str(random.choice(shapes)), random.uniform(0.05, 0.5))
    count, spread = int(random.choice(voices)), random.uniform(0.2, 1.0) * detune
    rise, fall = random.uniform(*attack), random.uniform(*decay)
    hold, leave = random.uniform(*sustain), random.uniform(*release)
    top = float(np.exp(random.uniform(*np.log(open_to))))
    rest = top * random.uniform(*ratio)
    peak, poles = random.uniform(*resonance), int(random.integers(1, 3))
    phases = random.uniform(0, 2 * np.pi) + np.pi / 2 * np.zeros(512)
    starts, cents = random.random(count), np.linspace(-1, 1, count) * spread if count > 1 else np.zeros(1)
    vibrato = (random.uniform(4, 7), random.choice([0.0, 0.0, 8.0, 20.0]))
    filter_fall = fall * random.uniform(0.4, 1.5)
    follow = random.uniform(0, 0.6)

    def lowpass(cutoff: float) -> Spectrum:
        def levels(k: npt.NDArray[np.float64], pitch: float) -> npt.NDArray[np.float64]:
            x = k * pitch / (cutoff * (pitch / 220.0) ** follow)
            gain: npt.NDArray[np.float64] = 1 / np.sqrt((1 - x**2) ** 2 + (x / peak) ** 2) ** poles
            return wave(k) * gain

        return levels

    cutoffs = np.geomspace(min(rest, top), max(rest, top) * 1.001, ROWS)
    rows = [lowpass(float(cutoff)) for cutoff in cutoffs]

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds + 4 * leave, rate)
        waves = tables(pitch, rate, rows, phases)
        opening = (
            (ROWS - 1) * np.exp(-np.maximum(0, t - rise) / filter_fall) * np.minimum(1, t / max(rise, 1e-4))
        )
        bend = vibrato[1] / 1200 * np.log(2) / (2 * np.pi * vibrato[0]) * np.sin(2 * np.pi * vibrato[0] * t)
        out = np.zeros_like(t)
        for start, cent in zip(starts, cents, strict=False):
            out += read(waves, (t + bend) * pitch * 2 ** (cent / 1200) + start, opening)
        return np.asarray(out / count**0.6 * envelope(t, seconds, rise, fall, hold, leave), np.float32)

    return voice
