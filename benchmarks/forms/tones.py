"""Pitched instruments: each function draws one, and what it returns plays single notes.

Most are settings of one subtractive voice. Then there are frequency modulation (Chowning 1973), the plucked
string (Karplus and Strong 1983), the bare waves of sound chips, and a singer made of formants.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from . import noises
from .oscillator import Spectrum, clock, envelope, read, subtractive, tables
from .score import Sound, Voice

Random = np.random.Generator
# First three formants in Hz of vowels, between those of men and of women (Peterson and Barney 1952).
VOWELS = ((300, 2300, 3000), (530, 1850, 2500), (700, 1150, 2500), (570, 850, 2400), (320, 900, 2250))


def draw(kind: str, random: Random) -> Voice:
    """Draw an instrument of a kind, its recipe and all its settings."""
    recipes = RECIPES[kind]
    return recipes[int(random.integers(len(recipes)))](random)


def sub_bass(random: Random) -> Voice:
    """Nearly a sine."""
    return subtractive(
        random,
        shapes=("sine", "triangle"),
        voices=(1,),
        sustain=(0.5, 1),
        release=(0.01, 0.08),
        open_to=(200, 1500),
    )


def synth_bass(random: Random) -> Voice:
    """Plucked or held, dark or bright."""
    return subtractive(
        random, voices=(1, 1, 2), detune=8, decay=(0.04, 0.3), open_to=(300, 5000), release=(0.01, 0.06)
    )


def acid_bass(random: Random) -> Voice:
    """Draw a resonant filter that closes fast."""
    return subtractive(
        random, shapes=("saw", "square"), voices=(1,), decay=(0.08, 0.4), open_to=(800, 4500),
        ratio=(0.05, 0.25),
        resonance=(3, 9), release=(0.01, 0.03),
    )  # fmt: skip


def reese_bass(random: Random) -> Voice:
    """Detuned saws that beat."""
    return subtractive(
        random, shapes=("saw",), voices=(2, 3), detune=35, sustain=(0.8, 1), open_to=(250, 3000),
        ratio=(0.3, 1),
        release=(0.02, 0.08),
    )  # fmt: skip


def pad(random: Random) -> Voice:
    """Slow and wide."""
    return subtractive(
        random, voices=(2, 3), detune=16, attack=(0.02, 0.6), decay=(0.5, 2), sustain=(0.6, 1),
        release=(0.15, 0.6),
        open_to=(500, 7000), ratio=(0.3, 1), resonance=(0.5, 1.2),
    )  # fmt: skip


def supersaw(random: Random) -> Voice:
    """Many saws."""
    return subtractive(
        random, shapes=("saw",), voices=(4, 5, 6), detune=28, attack=(0.001, 0.02), sustain=(0.6, 1),
        open_to=(4000, 14000), ratio=(0.4, 1), release=(0.04, 0.3), resonance=(0.5, 0.9),
    )  # fmt: skip


def pluck(random: Random) -> Voice:
    """Gone as soon as it is there."""
    return subtractive(
        random, voices=(1, 2), decay=(0.04, 0.25), sustain=(0, 0.15), open_to=(1500, 9000), ratio=(0.03, 0.3),
        release=(0.03, 0.2),
    )  # fmt: skip


def lead(random: Random) -> Voice:
    """In front."""
    return subtractive(random, voices=(1, 2, 3), sustain=(0.4, 1), open_to=(1500, 12000), ratio=(0.3, 1))


def strings(random: Random) -> Voice:
    """Bowed, many."""
    return subtractive(
        random, shapes=("saw",), voices=(3, 4), detune=14, attack=(0.05, 0.3), sustain=(0.8, 1),
        release=(0.1, 0.4),
        open_to=(1500, 5000), ratio=(0.5, 1), resonance=(0.5, 0.8),
    )  # fmt: skip


def organ(random: Random) -> Voice:
    """Drawbars: some harmonics, at once there and at once gone."""
    bars = random.choice([0.0, 0.3, 0.7, 1.0], 8)
    bars[int(random.integers(0, 2))] = 1.0
    numbers = np.array([1, 2, 3, 4, 6, 8, 10, 12])
    level = np.zeros(16)
    level[numbers] = bars
    phases, decay = random.uniform(0, 6.28, 16), random.choice([0.15, 0.4, 3.0])
    hold = random.uniform(0.0, 1.0)

    def spectrum(k: npt.NDArray[np.float64], _pitch: float) -> npt.NDArray[np.float64]:
        out: npt.NDArray[np.float64] = np.where(k < 16, level[np.minimum(k, 15).astype(int)], 0.0)
        return out

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds + 0.1, rate)
        waves = tables(pitch, rate, [spectrum, spectrum], phases)
        return read(waves, t.astype(float) * pitch, np.zeros_like(t)) * envelope(
            t, seconds, 0.004, decay, hold, 0.025
        )

    return voice


def modulated(random: Random) -> Voice:
    """Bells, electric pianos, hard basses: one sine bends another."""
    ratio = float(random.choice([1, 1, 2, 3, 3.5, 1.41, 7, 0.5, 14]))
    index, settle = random.uniform(0.5, 6), random.uniform(0.05, 0.8)
    decay, hold = random.uniform(0.1, 1.2), random.choice([0.0, 0.0, 0.4])
    leave = random.uniform(0.05, 0.5)

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds + 4 * leave, rate)
        depth = min(index, 0.4 * rate / (pitch * max(1.0, ratio)) / 2) * np.exp(-t / settle)
        bent = np.sin(2 * np.pi * pitch * t + depth * np.sin(2 * np.pi * pitch * ratio * t))
        return np.asarray(bent * envelope(t, seconds, 0.002, decay, float(hold), leave), np.float32)

    return voice


def string(random: Random) -> Voice:
    """Draw a burst of noise in a loop that loses its treble: guitars, harps, clavinets."""
    loss, seed = random.uniform(0.985, 0.999), int(random.integers(2**31))
    soft, damp = random.uniform(0.0, 0.8), random.uniform(0.03, 0.3)
    drive = random.choice([0.0, 0.0, 4.0, 15.0])

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds + 3 * damp, rate)
        period = rate / pitch - 0.5
        whole = max(2, int(period))
        share = period - whole
        burst = np.zeros(len(t), np.float32)
        noise = np.random.default_rng(seed).uniform(-1, 1, whole)
        burst[:whole] = lfilter([1 - soft], [1, -soft], noise)[: len(t)]
        feedback = np.zeros(whole + 3)
        feedback[0] = 1
        feedback[whole] -= loss * 0.5 * (1 - share)
        feedback[whole + 1] -= loss * 0.5
        feedback[whole + 2] -= loss * 0.5 * share
        out = lfilter([1.0], feedback, burst)
        out = np.tanh(drive * out) if drive else out
        return np.asarray(out * envelope(t, seconds, 0.001, 1.0, 1.0, damp), np.float32)

    return voice


def chip(random: Random) -> Voice:
    """Draw a bare square, pulse, triangle or sampled wave, with the vibrato and level steps of a tracker."""
    kind, width = random.choice(["pulse", "triangle", "saw"]), float(random.choice([0.125, 0.25, 0.5]))
    decay, hold = random.uniform(0.05, 0.6), random.uniform(0, 1)
    vibrato = random.choice([0.0, 0.0, 15.0, 30.0])

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds + 0.02, rate)
        bend = 1 + vibrato / 1200 * 0.69 * np.sin(2 * np.pi * 6 * t) * (t > 0.15)
        phase = (np.cumsum(bend) * pitch / rate) % 1
        if kind == "pulse":
            wave = np.where(phase < width, 1.0, -1.0)
        elif kind == "triangle":
            wave = np.round(8 * (2 * np.abs(2 * phase - 1) - 1)) / 8
        else:
            wave = 2 * phase - 1
        level = np.ceil(15 * envelope(t, seconds, 0.0, decay, hold, 0.01)) / 15
        return np.asarray(0.6 * wave * level, np.float32)

    return voice


def chip_chord(random: Random) -> Voice:
    """Three notes in such fast turn that they are a chord: sound chips have few voices."""
    speed, width = float(random.choice([25, 50, 60])), float(random.choice([0.125, 0.25, 0.5]))
    intervals = np.array([[0, 3, 7], [0, 4, 7], [0, 5, 7], [0, 12, 7], [0, 7, 12]][int(random.integers(5))])
    decay, hold = random.uniform(0.1, 1.0), random.uniform(0.2, 1)

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds + 0.02, rate)
        notes = pitch * 2 ** (intervals[(t * speed).astype(int) % 3] / 12)
        wave = np.where((np.cumsum(notes) / rate) % 1 < width, 1.0, -1.0)
        return np.asarray(0.5 * wave * envelope(t, seconds, 0.001, decay, hold, 0.01), np.float32)

    return voice


def singer(random: Random) -> Voice:
    """Syllables: a pulse through formants that move from vowel to vowel, sometimes a consonant before."""
    size = random.uniform(0.85, 1.25)
    order = random.permutation(len(VOWELS))[: int(random.integers(2, 5))]
    breath, hiss = random.uniform(0, 0.06), random.choice([0.0, 0.2, 0.6])
    seed, phases = int(random.integers(2**31)), random.uniform(0, 0.5, 512)
    wobble, attack = random.uniform(0, 40), random.uniform(0.01, 0.06)

    def mouth(vowel: int) -> Spectrum:
        def levels(k: npt.NDArray[np.float64], pitch: float) -> npt.NDArray[np.float64]:
            out = np.full(len(k), 0.01)
            for number, formant in enumerate(VOWELS[vowel]):
                out += 0.5**number / (1 + ((k * pitch - size * formant) / (60 + 30 * number)) ** 2)
            return out / k**0.4

        return levels

    rows = [mouth(int(vowel)) for vowel in order]

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = clock(seconds + 0.15, rate)
        waves = tables(pitch, rate, rows, phases)
        local = np.random.default_rng(seed + int(pitch * 10))
        start, end = local.uniform(0, len(rows) - 1, 2)
        row = np.interp(t, [0, 0.7 * seconds], [start, end]).astype(np.float32)
        sway = wobble / 1200 * 0.69 * np.minimum(t / 0.4, 1) * np.sin(2 * np.pi * 5.3 * t)
        phase = np.cumsum((1 + sway - 0.06 * np.exp(-t / 0.03)) * pitch / rate)
        tone = read(waves, phase, row) * envelope(t, seconds, attack, 1.0, 0.8, 0.05)
        noise = local.standard_normal(len(t), dtype=np.float32)
        consonant = np.diff(noise, prepend=0.0) * np.exp(-((t / 0.03) ** 2)) * hiss
        return np.asarray(tone + breath * noise * tone + consonant, np.float32)

    return voice


RECIPES: dict[str, tuple[Callable[[Random], Voice], ...]] = {
    "bass": (synth_bass, synth_bass, acid_bass, reese_bass, sub_bass, modulated),
    "sub": (sub_bass,),
    "reese": (reese_bass,),
    "acid": (acid_bass,),
    "pad": (pad, pad, strings, supersaw, organ),
    "chords": (supersaw, organ, modulated, pluck, string, lead),
    "pluck": (pluck, pluck, string, modulated),
    "arp": (pluck, lead, modulated, string, chip),
    "lead": (lead, supersaw, modulated, chip, string),
    "chip": (chip, chip, chip_chord),
    "swell": (noises.swell,),
    "vocal": (singer,),
    "riser": (noises.riser,),
    "impact": (noises.impact,),
    "ambience": (noises.ambience,),
}
