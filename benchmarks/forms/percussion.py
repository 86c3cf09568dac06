"""Drums and noises: each function draws one instrument, and what it returns plays it.

All are synthetic: oscillators that fall in pitch, ringing modes, filtered noise (the classic recipes of
analogue drum machines, and modal synthesis for the acoustic ones). Hits start at sample 0: the grid is the
truth.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import fftconvolve

from . import drums
from .drums import band, clock, new_seed, noise, peaked
from .score import Sound, Voice, hertz

Random = np.random.Generator


def draw(role: str, random: Random) -> Voice:
    """Draw an instrument for a role, its recipe and all its settings."""
    recipes = RECIPES[role]
    return recipes[int(random.integers(len(recipes)))](random)


# --- metal ------------------------------------------------------------------------------------------


def _metal(random: Random, decays: tuple[float, float], edges: tuple[float, float]) -> Voice:
    pitches = (
        random.uniform(300, 900) * np.array([1, 1.34, 1.52, 1.8, 2.5, 3.05]) * random.uniform(0.93, 1.07, 6)
    )
    decay, edge, seed = random.uniform(*decays), random.uniform(*edges), new_seed(random)
    hiss, attack = random.choice([0.0, 0.5, 3.0]) * random.uniform(0.5, 1.5), random.uniform(0, 0.001)
    curve = random.uniform(0.6, 1.4)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(min(3.0, 6 * decay), rate)
        ring = np.zeros_like(t)
        for pitch in pitches:
            ring += np.sign(np.sin(2 * np.pi * pitch * t))
        mix = ring / 3 + hiss * noise(seed, len(t))
        shape = np.exp(-((t / decay) ** curve)) * np.minimum(1, (t + 1e-5) / (attack + 1e-5))
        return peaked(band(mix, rate, min(edge, 0.33 * rate), order=3) * shape)

    return voice


def closed_hat(random: Random) -> Voice:
    """Short metal."""
    return _metal(random, (0.01, 0.06), (3000, 9000))


def open_hat(random: Random) -> Voice:
    """Long metal."""
    return _metal(random, (0.08, 0.35), (3000, 8500))


def ride(random: Random) -> Voice:
    """Longer metal, lower."""
    return _metal(random, (0.25, 0.8), (1800, 6000))


def crash(random: Random) -> Voice:
    """Draw the longest metal."""
    return _metal(random, (0.4, 1.3), (800, 4000))


def shaker(random: Random) -> Voice:
    """Grains of noise, soft at the edges."""
    rise, decay, seed = random.uniform(0.002, 0.02), random.uniform(0.015, 0.06), new_seed(random)
    low = random.uniform(2500, 7000)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(rise + 6 * decay, rate)
        shape = np.minimum(t / rise, 1) * np.exp(-np.maximum(0, t - rise) / decay)
        return peaked(band(noise(seed, len(t)), rate, low, 2.5 * low) * shape)

    return voice


# --- skins and bells --------------------------------------------------------------------------------


def skin(random: Random) -> Voice:
    """Toms, congas, bongos, tablas: a mode that bends, and its overtones; the note's pitch moves it."""
    low, decay = random.uniform(80, 420), random.uniform(0.05, 0.3)
    bend, slap, seed = random.uniform(0, 0.6), random.uniform(0, 0.5), new_seed(random)

    def voice(pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(5 * decay, rate)
        base = low * (pitch / 261.6)
        phase = base * (t + bend * 0.02 * (1 - np.exp(-t / 0.02)))
        body = np.sin(2 * np.pi * phase) + 0.3 * np.sin(2 * np.pi * 1.59 * phase) * np.exp(-t / (0.3 * decay))
        hit = band(noise(seed, len(t)), rate, 600, 5000) * np.exp(-t / 0.006)
        return peaked(body * np.exp(-t / decay) + slap * hit)

    return voice


def cowbell(random: Random) -> Voice:
    """Two squares a fifth or so apart."""
    low, ratio, decay = random.uniform(400, 900), random.uniform(1.35, 1.6), random.uniform(0.05, 0.3)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = clock(5 * decay, rate)
        pair = np.sign(np.sin(2 * np.pi * low * t)) + np.sign(np.sin(2 * np.pi * low * ratio * t))
        return peaked(band(pair, rate, 0.7 * low, 4 * low) * np.exp(-t / decay))

    return voice


def drum_loop(random: Random) -> Voice:
    """Draw a small kit in one room, as break loops are: which drum sounds, the note's pitch says.

    `KICK`, `SNARE` and `HAT` are the pitches; the whole is band-limited and driven like an old record.
    """
    pieces = (
        drums.acoustic_kick(random),
        drums.snare(random),
        (closed_hat if random.random() < 0.7 else open_hat)(random),
    )
    levels = (random.uniform(0.6, 1), random.uniform(0.6, 1), random.uniform(0.15, 0.6))
    low, high = random.uniform(40, 250), random.uniform(4000, 16000)
    drive, room = random.uniform(0.5, 4), random.uniform(0.0, 0.4)
    seed, decay = new_seed(random), random.uniform(0.04, 0.2)

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        which = int(np.argmin([abs(pitch - hertz(name)) for name in (KICK, SNARE, HAT)]))
        hit = levels[which] * pieces[which](pitch, seconds, rate)
        t = clock(decay * 5, rate)
        tail = np.zeros(len(hit) + len(t), np.float32)
        tail[: len(hit)] = hit
        echo = noise(seed, len(t)) * np.exp(-t / decay)
        wet = fftconvolve(hit, echo / np.sqrt((echo**2).sum()))
        tail[: len(wet)] += room * wet[: len(tail)]
        out = np.tanh(drive * band(tail, rate, low, high)) / np.tanh(drive)
        out[-64:] *= np.linspace(1, 0, 64)
        return np.asarray(out, np.float32)

    return voice


KICK, SNARE, HAT = 36.0, 42.0, 54.0

RECIPES = {
    "break": (drum_loop,),
    "kick": (
        drums.swept_kick,
        drums.swept_kick,
        drums.swept_kick,
        drums.layered_kick,
        drums.acoustic_kick,
        drums.distorted_kick,
    ),
    "hard kick": (drums.distorted_kick,),
    "acoustic kick": (drums.acoustic_kick,),
    "chip kick": (drums.chip_kick, drums.chip_kick, drums.held_noise),
    "snare": (drums.snare, drums.snare, drums.snare, drums.clap),
    "clap": (drums.clap, drums.clap, drums.snare),
    "rim": (drums.rim,),
    "chip snare": (drums.held_noise,),
    "closed hat": (closed_hat, closed_hat, shaker),
    "open hat": (open_hat,),
    "chip hat": (drums.held_noise, closed_hat),
    "ride": (ride,),
    "shaker": (shaker, closed_hat),
    "crash": (crash,),
    "percussion": (skin, skin, skin, cowbell, drums.rim),
    "tom": (skin,),
}
