"""What the blocks of a mix hold: rows of phrases, of sung lines, of noises, each at a common loudness."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edm_core.segmentation.activity import runs

from . import damage
from .clips import RATE, Clip
from .stock import Stock

PAUSE = 1.0
"""Seconds; from here on a pause is none of the speech."""

Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]
Random = np.random.Generator


def talk(stock: Stock, generator: Random, count: int, names: list[str]) -> tuple[Samples, Flags]:
    """Return phrases of one or two voices with short pauses, and where they are."""
    out, spoken = np.zeros(count, np.float32), np.zeros(count, bool)
    voices = [stock.speech[name] for name in generator.choice(list(stock.speech), 2)]
    in_room = generator.uniform() < 0.25
    place = int(generator.uniform(0.0, 0.6) * RATE)
    while True:
        group = voices[int(generator.uniform() < 0.2)]
        clip = group[int(generator.integers(len(group)))]
        samples, flags = phrase(clip)
        if place + len(samples) > count:
            break
        samples = damage.room(samples, generator) if in_room else samples
        out[place : place + len(samples)] += samples * level(generator, 3.0)
        spoken[place : place + len(samples)] |= flags
        names.append(clip.name)
        pause = generator.uniform(0.05, 0.7) if generator.uniform() < 0.9 else generator.uniform(1.2, 3.0)
        place += len(samples) + int(pause * RATE)
    return out, spoken


def phrase(clip: Clip) -> tuple[Samples, Flags]:
    """Return a spoken clip at a common loudness, trimmed, and where in it there is speech."""
    step = RATE // 50
    power = (clip.samples[: len(clip.samples) // step * step].reshape(-1, step) ** 2).mean(1)
    loud = power >= 10**-3.8 * np.percentile(power, 95)
    inside = np.flatnonzero(loud)
    first, last = int(inside[0]), int(inside[-1]) + 1
    for start, end in runs(~loud[first:last]):
        if (end - start) / 50 < PAUSE:
            loud[first + start : first + end] = True
    samples = clip.samples[first * step : last * step]
    rms = float(np.sqrt(power[loud].mean()))
    return samples * np.float32(0.1 / max(rms, 1e-6)), np.repeat(loud[first:last], step)


def song(stock: Stock, generator: Random, count: int, names: list[str]) -> tuple[Samples, Flags]:
    """Return lines by one singer, and where they are."""
    out, sung = np.zeros(count, np.float32), np.zeros(count, bool)
    singer = stock.sung[list(stock.sung)[int(generator.integers(len(stock.sung)))]]
    place = int(generator.uniform(0, 1.0) * RATE)
    loudness = level(generator, 4.0)
    while True:
        clip = singer[int(generator.integers(len(singer)))]
        samples, flags = phrase(clip)
        if place + len(samples) > count:
            return out, sung
        out[place : place + len(samples)] = samples * loudness
        sung[place : place + len(samples)] = flags
        names.append(clip.name)
        place += len(samples) + int(generator.uniform(0.1, 0.9) * RATE)


def noises(stock: Stock, generator: Random, count: int, names: list[str]) -> Samples:
    """Return noises one after another."""
    out = np.zeros(count, np.float32)
    place = 0
    while place < count:
        clip = stock.draw_noise(generator)
        names.append(clip.name)
        samples = even(clip.samples)[: count - place]
        out[place : place + len(samples)] = samples
        place += len(samples) + int(generator.uniform(0, 0.5) * RATE)
    return out


def even(samples: Samples) -> Samples:
    """Bring the louder half of a clip to a common loudness."""
    step = RATE // 10
    power = samples[: max(1, len(samples) // step) * step] ** 2
    cells = power[: len(power) // step * step].reshape(-1, step).mean(1) if len(power) >= step else power
    loud = cells[cells >= np.median(cells)].mean()
    return samples * np.float32(0.1 / max(float(np.sqrt(loud)), 1e-6))


def level(generator: Random, spread: float) -> float:
    """Return an amplitude around 1, which is a voice's."""
    return float(10 ** (np.clip(generator.normal(0, spread / 2), -spread, spread) / 20))
