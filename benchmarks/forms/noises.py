"""Sounds without a place in the harmony: risers, swells, impacts, ambience."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from .oscillator import clock
from .score import Sound, Voice

Random = np.random.Generator


def riser(random: Random) -> Voice:
    """Noise or tone that climbs for as long as the note lasts; some fall instead."""
    tonal, up = random.random() < 0.4, random.random() < 0.85
    low, high, seed = random.uniform(150, 800), random.uniform(3000, 10000), int(random.integers(2**31))
    power = random.uniform(0.7, 3)

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds, rate)
        way = t / t[-1] if up else 1 - t / t[-1]
        if tonal:
            glide = pitch * 2 ** (random_octaves * way**power)
            wave = 2 * ((np.cumsum(glide) / rate) % 1) - 1
            return np.asarray(0.5 * wave * way, np.float32)
        noise = np.random.default_rng(seed).standard_normal(len(t), dtype=np.float32)
        # Crossfading between a few fixed bands is a sweeping band.
        centres = np.geomspace(low, min(high, 0.4 * rate), 6)
        out = np.zeros_like(t)
        place = way**power * (len(centres) - 1)
        for number, centre in enumerate(centres):
            weight = np.maximum(0, 1 - np.abs(place - number))
            radius = float(np.exp(-np.pi * 0.5 * centre / rate))
            poles = [1, -2 * radius * np.cos(2 * np.pi * centre / rate), radius**2]
            out += weight * lfilter([1 - radius, 0, radius - 1], poles, noise)
        return np.asarray(out * (0.15 + 0.85 * way), np.float32)

    random_octaves = random.uniform(1, 3.5)
    return voice


def swell(random: Random) -> Voice:
    """Draw a cymbal played backwards: it grows until the note ends."""
    seed, power, pole = int(random.integers(2**31)), random.uniform(2, 6), random.uniform(-0.8, 0.2)

    def voice(_pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds, rate)
        noise = np.random.default_rng(seed).standard_normal(len(t), dtype=np.float32)
        return np.asarray(lfilter([1.0], [1, -pole], noise) * (t / t[-1]) ** power, np.float32)

    return voice


def impact(random: Random) -> Voice:
    """Draw a boom with a wash behind it."""
    low, decay, seed = random.uniform(35, 80), random.uniform(0.4, 1.6), int(random.integers(2**31))
    wash = random.uniform(0.1, 1)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(4 * decay, rate)
        boom = np.sin(2 * np.pi * (low * t + 2 * (1 - np.exp(-t / 0.05))))
        noise = lfilter(
            [0.3], [1, -0.7], np.random.default_rng(seed).standard_normal(len(t), dtype=np.float32)
        )
        return np.asarray(0.7 * (boom + wash * noise) * np.exp(-t / decay), np.float32)

    return voice


def ambience(random: Random) -> Voice:
    """Wind, rain, vinyl: noise that breathes, or crackles."""
    seed, crackle, pole = int(random.integers(2**31)), random.random() < 0.4, random.uniform(0.6, 0.98)

    def voice(_pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds, rate)
        local = np.random.default_rng(seed)
        noise = local.standard_normal(len(t), dtype=np.float32)
        if crackle:
            noise = noise * (local.random(len(t), dtype=np.float32) < 12.0 / rate) * 6 + 0.01 * noise
            return np.asarray(noise, np.float32)
        breathing = 1 + 0.5 * np.sin(2 * np.pi * local.uniform(0.05, 0.3) * t)
        edges = np.clip(np.minimum(t, t[-1] - t) / 0.05, 0, 1)
        return np.asarray(lfilter([1 - pole], [1, -pole], noise) * breathing * edges, np.float32)

    return voice
