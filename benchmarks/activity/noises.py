"""Sounds that are neither speech nor music, synthesised: noise, hum, tones, rain, applause, engines, wind.

Each takes a generator and a length and returns mono samples with a peak of 1. The training draws its own
settings from wide ranges; nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter

from .clips import RATE

Samples = NDArray[np.float32]
Random = np.random.Generator


def coloured(generator: Random, count: int) -> Samples:
    """Noise that falls by 0 to 7 dB an octave: white, pink, brown and between."""
    return _scaled(_shaped(generator, count, generator.uniform(0.0, 1.2)))


def band(generator: Random, count: int) -> Samples:
    """Noise of one band: a fan, a tap, a detuned radio."""
    low = generator.uniform(60.0, 3_000.0)
    high = min(low * generator.uniform(1.5, 8.0), 11_000.0)
    return _scaled(_filtered(generator.normal(size=count), low, high))


def hum(generator: Random, count: int) -> Samples:
    """Mains hum of 50 or 60 Hz with harmonics and a little hiss."""
    base = generator.choice([50.0, 60.0]) * (1.0 + generator.normal(0, 1e-3))
    time = np.arange(count) / RATE
    total = generator.normal(0, 10.0 ** generator.uniform(-3.5, -1.0), count)
    for harmonic in range(1, int(generator.integers(3, 24))):
        phase = generator.uniform(0, 6.28)
        total += generator.uniform() / harmonic * np.sin(2 * np.pi * base * harmonic * time + phase)
    return _scaled(total)


def tone(generator: Random, count: int) -> Samples:
    """One steady sine, square or saw, at times with a hiss: a test signal, no music."""
    pitch = 10.0 ** generator.uniform(1.7, 3.9)
    phase = pitch * np.arange(count) / RATE
    shape = int(generator.integers(3))
    if shape == 0 or pitch > 1_500:
        wave = np.sin(2 * np.pi * phase)
    else:
        wave = _filtered(
            np.sign(np.sin(2 * np.pi * phase)) if shape == 1 else 2 * (phase % 1) - 1, 20, 10_000
        )
    return _scaled(wave + generator.normal(0, 10.0 ** generator.uniform(-4, -1.5), count))


def beeps(generator: Random, count: int) -> Samples:
    """Make a tone that comes and goes: a busy line, an alarm, a reversing lorry."""
    period, share = generator.uniform(0.2, 2.5), generator.uniform(0.2, 0.8)
    time = np.arange(count) / RATE
    on = _edged((time % period) < share * period)
    pitch = np.where((time // period) % 2 == 0, 1.0, generator.choice([1.0, 1.0, 0.8, 1.25]))
    return _scaled(on * np.sin(2 * np.pi * np.cumsum(pitch * 10 ** generator.uniform(2.4, 3.5)) / RATE))


def sweep(generator: Random, count: int) -> Samples:
    """Make a sine that glides: a siren, a sweep for measuring."""
    time = np.arange(count) / RATE
    rate = generator.uniform(0.05, 0.6)
    octave = generator.uniform(0.3, 2.0) * np.sin(2 * np.pi * rate * time + generator.uniform(0, 6))
    return _scaled(np.sin(2 * np.pi * np.cumsum(generator.uniform(300, 1500) * 2.0**octave) / RATE))


def rain(generator: Random, count: int) -> Samples:
    """Make a bed of hiss with drops on it."""
    bed = _filtered(generator.normal(size=count), generator.uniform(300, 1500), 10_500)
    return _scaled(bed + _impacts(generator, count, generator.uniform(20, 200), 0.003, 1_000, 9_000, 6.0))


def applause(generator: Random, count: int) -> Samples:
    """Many hands: short bursts of band noise, each pair of hands at its own pace, swelling and dying."""
    total = np.zeros(count)
    swell = np.interp(np.arange(count), [0, 0.15 * count, 0.6 * count, count], [0.1, 1.0, 0.9, 0.05])
    for _ in range(int(generator.integers(6, 60))):
        pace, centre = generator.uniform(2.5, 5.5), generator.uniform(700, 2_500)
        times = np.cumsum(generator.normal(1 / pace, 0.03, int(count / RATE * pace) + 2))
        burst = generator.normal(size=900) * np.exp(-np.arange(900) / generator.uniform(80, 250))
        burst = _filtered(burst, centre / 2, min(centre * 2.5, 11_000)) * generator.uniform(0.2, 1.0)
        for place in (times * RATE).astype(int):
            if 0 <= place < count - 900:
                total[place : place + 900] += burst * swell[place]
    return _scaled(total + 0.02 * swell * _shaped(generator, count, 0.4))


def engine(generator: Random, count: int) -> Samples:
    """Make a motor: pulses at a slowly changing pace through a resonance."""
    drift = np.interp(np.arange(count), np.linspace(0, count, 6), generator.uniform(0.8, 1.3, 6))
    phase = np.cumsum(generator.uniform(20, 110) * drift) / RATE
    pulses = np.diff(np.floor(phase), prepend=0.0) * generator.uniform(0.6, 1.0, count)
    body = _filtered(pulses, 40, generator.uniform(400, 4_000))
    return _scaled(_scaled(body) + generator.uniform(0.02, 0.5) * _scaled(_shaped(generator, count, 0.7)))


def wind(generator: Random, count: int) -> Samples:
    """Noise whose loudness and colour wander."""
    gust = np.interp(
        np.arange(count),
        np.linspace(0, count, max(4, count // RATE)),
        generator.uniform(0.1, 1, max(4, count // RATE)),
    )
    return _scaled(gust * _filtered(_shaped(generator, count, 0.8), 80, generator.uniform(500, 4_000)))


def steps(generator: Random, count: int) -> Samples:
    """Knocks: footsteps, a hammer, typing."""
    return _scaled(
        _impacts(generator, count, generator.uniform(0.7, 9.0), 0.02, 80, generator.uniform(800, 8_000), 1.0)
        + 10 ** generator.uniform(-4, -2) * generator.normal(size=count)
    )


KINDS: dict[str, Callable[[Random, int], Samples]] = {
    made.__name__: made
    for made in (coloured, band, hum, tone, beeps, sweep, rain, applause, engine, wind, steps)
}


def _shaped(generator: Random, count: int, slope: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(generator.normal(size=count))
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / RATE), 20.0)
    shaped = np.fft.irfft(spectrum * (frequency / 1000.0) ** -slope, count)
    return np.asarray(shaped / np.abs(shaped).max())


def _filtered(samples: NDArray[np.float64], low: float, high: float) -> NDArray[np.float64]:
    return np.asarray(lfilter(*butter(2, [low, high], "band", fs=RATE), samples))


def _impacts(
    generator: Random, count: int, pace: float, decay: float, low: float, high: float, loud: float
) -> NDArray[np.float64]:
    train = np.zeros(count)
    hits = max(1, int(count / RATE * pace))
    regular = (np.arange(hits) + generator.uniform(-0.2, 0.2, hits)) / pace
    times = regular if pace < 10 else generator.uniform(0, count / RATE, hits)
    places = np.clip((times * RATE).astype(int), 0, count - 1)
    train[places] = generator.uniform(0.3, 1.0, hits) * loud
    length = int(6 * decay * RATE)
    burst = generator.normal(size=length) * np.exp(-np.arange(length) / (decay * RATE))
    return _filtered(np.convolve(train, burst)[:count], low, high)


def _edged(flags: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.convolve(flags.astype(float), np.ones(120) / 120, "same")


def _scaled(samples: NDArray[np.float64]) -> Samples:
    return (samples / max(float(np.abs(samples).max()), 1e-9)).astype(np.float32)
