"""Kicks, snares and their like, and the parts that all drums are made of.

Every function without a sampling rate draws one instrument; what it returns plays it.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from .score import Sound, Voice

Random = np.random.Generator


# --- parts ------------------------------------------------------------------------------------------


def clock(seconds: float, rate: int) -> Sound:
    """Give the time of every sample in seconds."""
    return (np.arange(max(8, int(seconds * rate))) / rate).astype(np.float32)


def noise(seed: int, count: int) -> Sound:
    """Draw white noise, the same for the same seed."""
    return np.random.default_rng(seed).standard_normal(count, dtype=np.float32)


def band(sound: Sound, rate: int, low: float = 0.0, high: float = 0.0, order: int = 2) -> Sound:
    """Keep a band (Hz; 0: no edge)."""
    top = 0.47 * rate
    if low > 20.0:
        sound = sosfilt(butter(order, min(low, 0.9 * top), "highpass", fs=rate, output="sos"), sound)
    if 0.0 < high < top:
        sound = sosfilt(butter(order, high, "lowpass", fs=rate, output="sos"), sound)
    return np.asarray(sound, np.float32)


def modes(t: Sound, pitches: list[float], decays: list[float], levels: list[float]) -> Sound:
    """Add up ringing modes: pitches in Hz, decays in seconds."""
    out = np.zeros_like(t)
    for pitch, decay, level in zip(pitches, decays, levels, strict=False):
        out += level * np.sin(2 * np.pi * pitch * t) * np.exp(-t / decay)
    return out


def peaked(sound: Sound) -> Sound:
    """Bring to a peak of 1, without a click at the end."""
    sound = np.asarray(sound, np.float32)
    sound = sound / max(1e-9, float(np.abs(sound).max()))
    fade = min(len(sound), 200)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return sound


def new_seed(random: Random) -> int:
    """Draw a seed for a noise that shall be the same at every hit."""
    return int(random.integers(2**31))


# --- kicks ------------------------------------------------------------------------------------------


def swept_kick(random: Random) -> Voice:
    """Draw a sine that falls: from a deep hum to a hard thud, clean or driven."""
    low = random.uniform(38, 68)
    reach, fall = (
        random.uniform(40, 600),
        random.choice([0.006, 0.015, 0.03, 0.06]) * random.uniform(0.6, 1.5),
    )
    decay = random.choice([0.06, 0.12, 0.2, 0.4]) * random.uniform(0.7, 1.4)
    drive = random.choice([0.5, 1.5, 3.0, 8.0])
    click, click_pitch, seed = random.uniform(0, 0.6) ** 2, random.uniform(1500, 6000), new_seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(min(1.2, 5 * decay), rate)
        phase = low * t + reach * fall * (1 - np.exp(-t / fall))
        body = np.sin(2 * np.pi * phase) * np.exp(-t / decay)
        tick = band(noise(seed, len(t)), rate, click_pitch) * np.exp(-t / 0.004)
        return peaked(np.tanh(drive * (body + click * tick)))

    return voice


def distorted_kick(random: Random) -> Voice:
    """Hardcore and hardstyle: a driven, filtered, long fall."""
    low, reach = random.uniform(42, 60), random.uniform(150, 900)
    fall, decay = random.uniform(0.02, 0.09), random.uniform(0.12, 0.3)
    drive, top, bias = random.uniform(5, 40), random.uniform(1200, 8000), random.uniform(-0.3, 0.3)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(4.5 * decay, rate)
        phase = low * t + reach * fall * (1 - np.exp(-t / fall))
        body = np.sin(2 * np.pi * phase) * np.exp(-t / decay)
        return peaked(band(np.tanh(drive * (body + bias * np.exp(-t / decay))), rate, 30, top))

    return voice


def layered_kick(random: Random) -> Voice:
    """Draw two kicks on top of each other, as producers stack them."""
    under, over = swept_kick(random), (acoustic_kick if random.random() < 0.5 else swept_kick)(random)
    share = random.uniform(0.2, 0.8)

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        low, high = under(pitch, seconds, rate), over(pitch, seconds, rate)
        out = np.zeros(max(len(low), len(high)), np.float32)
        out[: len(low)] += share * low
        out[: len(high)] += (1 - share) * band(high, rate, 120)
        return peaked(out)

    return voice


def acoustic_kick(random: Random) -> Voice:
    """Draw a skin with a beater: a few low modes and a knock."""
    low, decay, seed = random.uniform(52, 90), random.uniform(0.06, 0.2), new_seed(random)
    knock, top = random.uniform(0.1, 0.9), random.uniform(1200, 5000)
    ratios = [1.0, random.uniform(1.4, 1.7), random.uniform(2.0, 2.6), random.uniform(2.8, 3.6)]

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(6 * decay, rate)
        body = modes(t, [low * r for r in ratios], [decay / r for r in ratios], [1, 0.5, 0.25, 0.15])
        beater = band(noise(seed, len(t)), rate, 200, top) * np.exp(-t / 0.008)
        return peaked(body + knock * beater)

    return voice


def chip_kick(random: Random) -> Voice:
    """Draw a square or triangle stepped down sixty times a second."""
    first, ratio, square = random.uniform(180, 500), random.uniform(0.55, 0.85), random.random() < 0.4
    length = random.uniform(0.08, 0.2)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(length, rate)
        pitch = np.maximum(35.0, first * ratio ** np.floor(t * 60))
        phase = np.cumsum(pitch) / rate
        wave = np.sign(np.sin(2 * np.pi * phase)) if square else 2 * np.abs(2 * (phase % 1) - 1) - 1
        return peaked(wave * np.maximum(0, 1 - t / length))

    return voice


# --- snares and their like --------------------------------------------------------------------------


def snare(random: Random) -> Voice:
    """Two modes and noise; from a dry tick to a gated wash."""
    low, ratio = random.uniform(140, 280), random.uniform(1.4, 1.9)
    tone, rustle = random.uniform(0.02, 0.12), random.uniform(0.03, 0.3)
    share, edge, top = random.uniform(0.3, 1.6), random.uniform(300, 3000), random.uniform(5000, 18000)
    drive, seed = random.choice([0.5, 2.0, 5.0]), new_seed(random)
    gate = random.uniform(0.12, 0.3) if random.random() < 0.2 else 0.0

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(gate or min(0.9, 6 * max(tone, rustle)), rate)
        body = modes(t, [low, low * ratio], [tone, tone * 0.7], [1.0, 0.6])
        fall = np.exp(-t / (3 * rustle if gate else rustle))
        wires = band(noise(seed, len(t)), rate, edge, top) * fall
        return peaked(np.tanh(drive * (body + share * wires)))

    return voice


def clap(random: Random) -> Voice:
    """Hands, nearly together: bursts of band noise, then a tail."""
    count, gap = int(random.integers(1, 5)), random.uniform(0.005, 0.013)
    centre, tail, seed = random.uniform(800, 2600), random.uniform(0.04, 0.25), new_seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(0.03 + 5 * tail, rate)
        shape = 0.7 * np.exp(-np.maximum(0, t - count * gap) / tail) * (t >= count * gap)
        for burst in range(count):
            since = t - burst * gap
            shape = shape + np.where((since >= 0) & (since < gap), np.exp(-since / (0.4 * gap)), 0)
        return peaked(band(noise(seed, len(t)), rate, 0.6 * centre, 2.2 * centre) * shape)

    return voice


def rim(random: Random) -> Voice:
    """Draw a stick on metal or wood: short, pitched."""
    pitch, decay, seed = random.uniform(400, 2400), random.uniform(0.006, 0.03), new_seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(8 * decay, rate)
        ring = modes(t, [pitch, pitch * 1.47, pitch * 2.1], [decay] * 3, [1, 0.6, 0.3])
        return peaked(ring + 0.4 * noise(seed, len(t)) * np.exp(-t / 0.002))

    return voice


def held_noise(random: Random) -> Voice:
    """Noise of a sound chip: each value held for some samples, the level stepped."""
    speed, length, seed = random.uniform(1500, 20000), random.uniform(0.03, 0.25), new_seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(length, rate)
        values = np.sign(noise(seed, int(length * speed) + 2))
        steps = np.floor(16 * (1 - t / length)) / 16
        return peaked(values[(t * speed).astype(int)] * steps)

    return voice
