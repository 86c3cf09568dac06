"""Plain synthetic music: held chords, broken chords, a beat with a bass. What packages hold too little of.

Each takes a generator and a length and returns mono samples with a peak of 1. A chord that is held for half a
minute is music, a single steady tone (:func:`benchmarks.activity.noises.tone`) is not.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .clips import RATE, Clip

CHORDS: tuple[tuple[int, ...], ...] = (
    (0, 4, 7),
    (0, 3, 7),
    (0, 3, 7, 10),
    (0, 4, 7, 11),
    (0, 5, 7),
    (0, 7, 12),
    (0, 4, 7, 14),
    (0, 2, 7),
)

Samples = NDArray[np.float32]
Random = np.random.Generator


def pad(generator: Random, count: int) -> Samples:
    """Hold chords of 2 s to all the time, each fading into the next, swelling slowly."""
    time = np.arange(count) / RATE
    length = float(generator.choice([2.0, 4.0, 8.0, 1e6]))
    root, harmonics = generator.uniform(36, 64), int(generator.integers(1, 9))
    total = np.zeros(count)
    for start in np.arange(0.0, count / RATE, length):
        chord = CHORDS[int(generator.integers(len(CHORDS)))]
        root += generator.choice([0, 0, -5, 5, 2, -2])
        shape = np.clip(np.minimum(time - start, start + length - time) / 0.4 + 0.5, 0.0, 1.0)
        for step in chord:
            total += shape * _note(generator, root + step, time, harmonics)
    swell = generator.uniform(0.0, 0.4) * np.sin(2 * np.pi * generator.uniform(0.03, 0.5) * time)
    return _scaled(total * (1 - swell))


def broken(generator: Random, count: int) -> Samples:
    """Play the notes of chords one after another, plucked."""
    out = np.zeros(count)
    step, decay = int(generator.uniform(0.09, 0.4) * RATE), generator.uniform(0.05, 0.8)
    root, harmonics = generator.uniform(40, 66), int(generator.integers(1, 12))
    time = np.arange(int(3 * decay * RATE) + 1) / RATE
    chord: tuple[int, ...] = CHORDS[0]
    for number, start in enumerate(range(0, count - len(time), step)):
        if number % 16 == 0:
            chord = CHORDS[int(generator.integers(len(CHORDS)))]
        pitch = root + chord[number % len(chord)] + 12 * (number // len(chord) % 2)
        out[start : start + len(time)] += _note(generator, pitch, time, harmonics) * np.exp(-time / decay)
    return _scaled(out)


def beat(generator: Random, count: int) -> Samples:
    """Kick, hat, a bass between them and chords on top, at 90 to 175 beats a minute."""
    time = np.arange(count) / RATE
    length = 60 / generator.uniform(90, 175)
    inside = time % length
    kick = np.sin(2 * np.pi * (50 * inside + 4 * (1 - np.exp(-inside * 30)))) * np.exp(-inside * 9)
    hat = generator.normal(0, 0.4, count) * np.exp(-((time + length / 2) % length) * 60)
    total = kick + generator.uniform(0, 1) * hat
    if generator.uniform() < 0.7:
        total += 0.6 * _note(generator, generator.uniform(28, 45), time, 6) * (inside > length / 2)
    if generator.uniform() < 0.7:
        total += 0.5 * pad(generator, count) * (time % (4 * length) < 2.6 * length)
    return _scaled(total)


KINDS: tuple[Callable[[Random, int], Samples], ...] = (pad, pad, broken, beat)


def tunes(generator: Random, count: int, seconds: float = 40.0) -> list[Clip]:
    """Return so many tunes of all kinds in turn."""
    made = []
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        made.append(Clip(f"plain/{kind.__name__}/{number}", kind(generator, round(seconds * RATE))))
    return made


def _note(generator: Random, pitch: float, time: NDArray[np.float64], harmonics: int) -> NDArray[np.float64]:
    base = 440.0 * 2 ** ((pitch - 69 + generator.normal(0, 0.04)) / 12)
    fall = generator.uniform(0.8, 2.0)
    out = np.zeros(len(time))
    for harmonic in range(1, harmonics + 1):
        phase = 2 * np.pi * base * harmonic * time + generator.uniform(0, 6.28)
        out += np.sin(phase) / harmonic**fall
    return out


def _scaled(samples: NDArray[np.float64]) -> Samples:
    return (samples / max(float(np.abs(samples).max()), 1e-9)).astype(np.float32)
