"""From buses to a finished recording: room, levels of sections against each other, limiter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .plan import Plan
from .render import SAMPLE_RATE, Audio

CEILING = 0.96
LOOKAHEAD = 220  # samples, 5 ms
SENDS = {"drums": 0.05, "music": 0.25, "effects": 0.3}
LOUDEST_DB, QUIETEST_DB = -8.0, -13.0  # RMS of the drops, full scale
LEAST_CONTRAST_DB = 1.5  # before the limiter, which takes some of it


def master(plan: Plan, buses: dict[str, Audio]) -> Audio:
    """Mix, ride the level, fade, limit; values within ±``CEILING``."""
    generator = np.random.default_rng([plan.seed, 9])
    send = sum(np.float32(share) * buses[name] for name, share in SENDS.items())
    total = sum(buses.values()) + room(np.asarray(send), generator)
    audio = np.asarray(total, np.float32)
    target = float(generator.uniform(QUIETEST_DB, LOUDEST_DB))
    levels = section_levels(plan, audio)
    drops = [
        level
        for section, level in zip(plan.arrangement.sections, levels, strict=True)
        if section.label == "drop"
    ]
    reference = float(np.median(drops))
    audio *= gain_curve(plan, len(audio), ride(plan, levels, reference))[:, None]
    audio *= np.float32(10 ** ((target - reference) / 20))
    for start, end in plan.arrangement.fades:
        _fade(audio, int(plan.time(start) * SAMPLE_RATE), int(plan.time(end) * SAMPLE_RATE))
    return limit(np.tanh(0.8 * audio) / np.float32(0.8))


def room(send: Audio, generator: np.random.Generator) -> Audio:
    """Reverberation: the send through two channels of decaying noise."""
    from scipy.signal import butter, oaconvolve, sosfilt

    seconds = float(generator.uniform(1.2, 2.6))
    time = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tail = generator.standard_normal((len(time), 2)) * np.exp(-6.9 * time / seconds)[:, None]
    tail = sosfilt(butter(2, [250, 7000], "bandpass", fs=SAMPLE_RATE, output="sos"), tail, axis=0)
    tail /= np.sqrt(np.square(tail).sum(0))
    wet = oaconvolve(send, tail.astype(np.float32), axes=0)[: len(send)]
    return np.asarray(wet, np.float32)


def section_levels(plan: Plan, audio: Audio) -> list[float]:
    """Root mean square of every section, dB."""
    levels = []
    for section in plan.arrangement.sections:
        part = audio[int(plan.time(section.start) * SAMPLE_RATE) : int(plan.time(section.end) * SAMPLE_RATE)]
        levels.append(10 * float(np.log10(np.mean(np.square(part)) + 1e-12)))
    return levels


def ride(plan: Plan, levels: list[float], reference: float) -> list[float]:
    """Gain (dB) of every section that brings it within its distance below the drops.

    Drops come within 1 dB of each other; a breakdown or buildup stays at least ``LEAST_CONTRAST_DB`` and at
    most the plan's contrast below; intro and outro may lie 3 dB lower still; silence is left alone.
    """
    gains = []
    for section, level in zip(plan.arrangement.sections, levels, strict=True):
        below = reference - level
        if section.label == "silence":
            gains.append(0.0)
        elif section.label == "drop":
            gains.append(float(below - np.clip(below, -1.0, 1.0)))
        else:
            most = plan.contrast_db + (3.0 if section.label in ("intro", "outro") else 0.0)
            gains.append(float(np.clip(below - np.clip(below, LEAST_CONTRAST_DB, most), -6.0, 14.0)))
    return gains


def gain_curve(plan: Plan, length: int, gains: list[float]) -> NDArray[np.float32]:
    """Gain by sample, with steps of 20 ms at the sections' starts; the last one lasts to the end."""
    starts = [plan.time(section.start) for section in plan.arrangement.sections]
    times, values = [0.0], [gains[0]]
    for start, before, after in zip(starts[1:], gains[:-1], gains[1:], strict=True):
        times += [start - 0.02, start]
        values += [before, after]
    curve = np.interp(np.arange(length) / SAMPLE_RATE, times, values)
    return np.asarray(10 ** (curve / 20), np.float32)


def limit(audio: Audio) -> Audio:
    """Look-ahead limiter: no sample beyond ``CEILING``."""
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    peak = maximum_filter1d(np.abs(audio).max(1), 2 * LOOKAHEAD + 1)
    gain = np.minimum(1.0, CEILING / np.maximum(peak, 1e-9))
    smooth = uniform_filter1d(gain, 2 * LOOKAHEAD + 1)
    return np.asarray(np.clip(audio * smooth[:, None], -CEILING, CEILING), np.float32)


def _fade(audio: Audio, start: int, end: int) -> None:
    audio[start:end] *= np.linspace(1, 0, end - start, dtype=np.float32)[:, None] ** 1.5
    audio[end:] = 0
