"""Dance music whose beats are known: a kick on each, hats between, a chord a bar, bass that comes and goes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from edm_core.audio import Sound

RATE = 24_000


def _hit(seconds: float, sound: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    return sound(np.arange(int(seconds * RATE)) / RATE).astype(np.float32)


KICK = _hit(0.25, lambda t: 0.9 * np.exp(-t * 18) * np.sin(2 * np.pi * (50 * t + 12 * (1 - np.exp(-t * 40)))))
HAT = _hit(0.05, lambda t: 0.25 * np.exp(-t * 80) * np.random.default_rng(1).standard_normal(len(t)))
CLAP = _hit(0.15, lambda t: 0.4 * np.exp(-t * 25) * np.random.default_rng(2).standard_normal(len(t)))
CHORDS = ((57, 60, 64), (53, 57, 60), (60, 64, 67), (55, 59, 62))  # A minor, F, C, G


def place(out: np.ndarray, hit: np.ndarray, time: float) -> None:
    start = round(time * RATE)
    if 0 <= start < len(out):
        piece = hit[: len(out) - start]
        out[start : start + len(piece)] += piece


def compose(
    bpm: float, form: list[tuple[str, int]], lead: float = 0.0, swing: np.ndarray | None = None
) -> np.ndarray:
    """Return mono samples of a piece; ``form`` lists labels and their bars, ``lead`` is silence in front."""
    beat = 60.0 / bpm
    bars = sum(count for _, count in form)
    out = np.zeros(int((lead + bars * 4 * beat + 0.5) * RATE), np.float32)
    times = lead + np.arange(4 * bars) * beat if swing is None else lead + swing
    bar = 0
    for label, count in form:
        for inside in range(count):
            _bar(out, times[4 * bar : 4 * bar + 4], beat, label, inside / count, CHORDS[bar % 4])
            bar += 1
    return out


def _bar(out, times, beat, label, progress, chord):
    full, sparse = label == "drop", label in ("intro", "outro")
    for number, time in enumerate(times):
        if full or sparse:
            place(out, KICK * (1.0 if full else 0.7), time)
        if full or label == "buildup":
            place(out, HAT * (1 + progress), time + beat / 2)
        if full and number % 2:
            place(out, CLAP, time)
        if label == "buildup":
            for part in range(4):
                place(out, CLAP * (0.2 + 0.8 * progress), time + part * beat / 4)
    t = np.arange(int(4 * beat * RATE)) / RATE
    gain = {"drop": 0.12, "breakdown": 0.08, "buildup": 0.06}.get(label, 0.01)
    pad = sum(np.sin(2 * np.pi * 440 * 2 ** ((note - 69) / 12) * t) for note in chord) * gain
    if full:
        pad = pad + 0.25 * np.sign(np.sin(2 * np.pi * 440 * 2 ** ((chord[0] - 24 - 69) / 12) * t))
    place(out, pad.astype(np.float32), float(times[0]))


FORM = [
    ("intro", 8),
    ("buildup", 8),
    ("drop", 16),
    ("breakdown", 8),
    ("buildup", 8),
    ("drop", 16),
    ("outro", 8),
]


@pytest.fixture(scope="session")
def piece() -> Sound:
    """A piece at 126 BPM with half a second of silence in front."""
    return Sound.from_samples(compose(126.0, FORM, lead=0.5), RATE)


@pytest.fixture(scope="session")
def piece_samples() -> np.ndarray:
    return compose(126.0, FORM, lead=0.5)


@pytest.fixture(scope="session", name="compose")
def _compose() -> Callable[..., np.ndarray]:
    return compose


@pytest.fixture(scope="session")
def rate() -> int:
    return RATE
