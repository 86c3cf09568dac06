"""Sound in which nobody speaks, made from nothing: noises, tones, signals, clicks, silence. Seeded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
SHORTEST, LONGEST = 5.0, 30.0
"""Seconds of a clip."""

Sound = NDArray[np.float64]
Random = np.random.Generator
Maker = Callable[[Random, int], Sound]


def clips(kind: str, each: int) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Yield so many clips of every maker of a kind: a name, and samples at 16 kHz.

    Examples
    --------
    >>> name, samples = next(clips("tones", 1))
    >>> name, 5 * 16_000 <= len(samples) <= 30 * 16_000
    ('sine-0', True)
    """
    for index, (name, maker) in enumerate(KINDS[kind].items()):
        for number in range(each):
            random = np.random.default_rng([number, index, *kind.encode()])
            count = round(random.uniform(SHORTEST, LONGEST) * RATE)
            samples = maker(random, count)
            level = 0.0 if name in ("silence", "dc", "dither") else 10 ** (random.uniform(-45, -12) / 20)
            if level:
                samples = samples * level / (np.sqrt(np.mean(samples**2)) + 1e-12)
            yield f"{name}-{number}", np.clip(samples, -1, 1).astype(np.float32)


def _coloured(slope: float) -> Maker:
    """Noise whose power falls by 3 dB an octave for every 1 of the slope."""

    def make(random: Random, count: int) -> Sound:
        spectrum = np.fft.rfft(random.standard_normal(count))
        frequency = np.fft.rfftfreq(count, 1 / RATE)
        shape = np.where(frequency < 20, 0, np.maximum(frequency, 20) ** (-slope / 2))
        return np.fft.irfft(spectrum * shape, count)

    return make


def _slowly(random: Random, count: int, seconds: float) -> Sound:
    """Return a random contour between 0 and 1 that changes about once in so many seconds."""
    points = random.uniform(0, 1, max(2, int(count / RATE / seconds) + 2))
    return np.interp(np.linspace(0, len(points) - 1, count), np.arange(len(points)), points)


def _wind(random: Random, count: int) -> Sound:
    return _coloured(1.6)(random, count) * (0.05 + _slowly(random, count, 1.5) ** 2)


def _surf(random: Random, count: int) -> Sound:
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * _time(count) / random.uniform(5, 9))
    return _coloured(0.7)(random, count) * swell**2


def _strewn(rate: float, milliseconds: float, slope: float) -> Maker:
    """Many short decaying bursts of noise: drops, hands, keys."""

    def make(random: Random, count: int) -> Sound:
        length = int(milliseconds * RATE / 1000)
        out = np.zeros(count + length)
        fall = np.exp(-np.arange(length) / (length / 5))
        noise = _coloured(slope)(random, 4 * RATE)
        for start in random.integers(0, count, int(rate * count / RATE)):
            at = int(random.integers(0, len(noise) - length))
            out[start : start + length] += noise[at : at + length] * fall * random.uniform(0.1, 1)
        return out[:count]

    return make


def _hum(random: Random, count: int) -> Sound:
    mains, time = float(random.choice([50.0, 60.0])), _time(count)
    return _sum(np.sin(2 * np.pi * mains * k * time) / k**1.5 for k in range(1, 12))


def _engine(random: Random, count: int) -> Sound:
    turning = np.cumsum(40 + 60 * _slowly(random, count, 4)) / RATE
    return (turning % 1 - 0.5) + 0.3 * _coloured(1)(random, count)


def _fan(random: Random, count: int) -> Sound:
    blades = 1 + 0.4 * np.sin(2 * np.pi * random.uniform(8, 25) * _time(count))
    return _coloured(1)(random, count) * blades


def _sum(sounds: Iterator[Sound]) -> Sound:
    return np.asarray(np.sum(list(sounds), axis=0), np.float64)


def _time(count: int) -> Sound:
    return np.arange(count) / RATE


def _tones(*frequencies: float, on: float = 0, off: float = 0) -> Maker:
    """Steady tones, or with a cadence in seconds."""

    def make(_random: Random, count: int) -> Sound:
        time = _time(count)
        sound = _sum(np.sin(2 * np.pi * frequency * time) for frequency in frequencies)
        return sound * ((time % (on + off)) < on) if off else sound

    return make


def _sine(random: Random, count: int) -> Sound:
    frequency = float(np.exp(random.uniform(np.log(60), np.log(6000))))
    return np.asarray(np.sin(2 * np.pi * frequency * _time(count)), np.float64)


def _square(random: Random, count: int) -> Sound:
    return np.where(_sine(random, count) < 0, -1.0, 1.0)


def _chord(random: Random, count: int) -> Sound:
    root, time = random.uniform(110, 330), _time(count)
    steps = random.choice([0, 3, 4, 7, 10, 12], 4, replace=False)
    return _sum(np.sin(2 * np.pi * root * 2 ** (step / 12) * time) for step in steps)


def _sweep(random: Random, count: int) -> Sound:
    frequency = np.geomspace(random.uniform(50, 200), random.uniform(2000, 7000), count)
    return np.sin(2 * np.pi * np.cumsum(frequency) / RATE)


def _keys(random: Random, count: int) -> Sound:
    """Telephone keys (DTMF)."""
    time, out = _time(count), np.zeros(count)
    length = int(0.12 * RATE)
    for start in range(0, count - length, int(random.uniform(0.2, 0.5) * RATE)):
        low, high = random.choice([697, 770, 852, 941]), random.choice([1209, 1336, 1477])
        piece = time[:length]
        out[start : start + length] = np.sin(2 * np.pi * low * piece) + np.sin(2 * np.pi * high * piece)
    return out


def _morse(random: Random, count: int) -> Sound:
    unit = int(random.uniform(0.05, 0.1) * RATE)
    keyed = np.repeat(random.random(count // unit + 1) < 0.55, unit)[:count]
    return np.sin(2 * np.pi * random.uniform(400, 900) * _time(count)) * keyed


def _siren(random: Random, count: int) -> Sound:
    frequency = 700 + 400 * np.sin(2 * np.pi * _time(count) * random.uniform(0.2, 3))
    return np.sin(2 * np.pi * np.cumsum(frequency) / RATE)


def _bells(random: Random, count: int) -> Sound:
    out, length = np.zeros(count + 2 * RATE), 2 * RATE
    time = _time(length)
    for start in range(0, count, int(random.uniform(0.4, 1.5) * RATE)):
        base = random.uniform(200, 900)
        for ratio in (0.5, 1, 1.19, 1.5, 2, 2.74, 3.76):
            out[start : start + length] += np.sin(2 * np.pi * base * ratio * time) * np.exp(-time * 2 * ratio)
    return out[:count]


def _metronome(random: Random, count: int) -> Sound:
    out = np.zeros(count)
    length = RATE // 50
    tick = np.sin(2 * np.pi * 1500 * _time(length)) * np.exp(-np.arange(length) / 60)
    for start in range(0, count - length, int(60 / random.uniform(60, 180) * RATE)):
        out[start : start + length] = tick
    return out


def _spikes(random: Random, count: int) -> Sound:
    out = np.zeros(count)
    out[random.integers(0, count, max(1, count // RATE))] = random.choice([-1.0, 1.0])
    return out


KINDS: dict[str, dict[str, Maker]] = {
    "noise": {
        "white": _coloured(0), "pink": _coloured(1), "brown": _coloured(2), "blue": _coloured(-1),
        "hum": _hum, "fan": _fan, "engine": _engine, "wind": _wind, "surf": _surf,
        "rain": _strewn(300, 15, 0), "applause": _strewn(120, 40, 0.5), "crackle": _strewn(8, 5, 0),
    },
    "tones": {
        "sine": _sine, "square": _square, "chord": _chord, "sweep": _sweep, "siren": _siren, "bells": _bells,
        "keys": _keys, "morse": _morse, "dial-us": _tones(350, 440), "dial-eu": _tones(425),
        "busy": _tones(480, 620, on=0.5, off=0.5), "ring": _tones(440, 480, on=2, off=4),
    },
    "clicks and silence": {
        "metronome": _metronome, "spikes": _spikes, "typing": _strewn(5, 30, 1),
        "silence": lambda _random, count: np.zeros(count),
        "dither": lambda random, count: random.uniform(-1, 1, count) / 32768,
        "dc": lambda random, count: np.full(count, random.uniform(-0.5, 0.5)),
    },
}  # fmt: skip
"""Makers by kind and name."""
