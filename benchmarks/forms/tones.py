"""Pitched instruments: each function draws one, and what it returns plays single notes.

Most share one oscillator: a row of wavetables, each a darker or brighter (or differently voiced) version of one
harmonic spectrum, none with harmonics above half the sampling rate. An envelope moves through the row: that is a
filter, or a mouth. Then there are frequency modulation (Chowning 1973), the plucked string (Karplus and Strong
1983) and the bare square waves of sound chips.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy.signal import lfilter

from .score import Sound, Voice

Random = np.random.Generator
TABLE = 2048
ROWS = 8
# First three formants in Hz of vowels, between those of men and of women (Peterson and Barney 1952).
VOWELS = ((300, 2300, 3000), (530, 1850, 2500), (700, 1150, 2500), (570, 850, 2400), (320, 900, 2250))

Spectrum = Callable[[npt.NDArray[np.float64], float], npt.NDArray[np.float64]]


def draw(kind: str, random: Random) -> Voice:
    """An instrument of a kind, its recipe and all its settings drawn."""
    recipes = RECIPES[kind]
    return recipes[int(random.integers(len(recipes)))](random)


# --- the oscillator ---------------------------------------------------------------------------------


def harmonics(shape: str, width: float) -> Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]:
    """Levels of the harmonics k of a classic wave."""
    if shape == "saw":
        return lambda k: 1.0 / k
    if shape == "square":
        return lambda k: (k % 2) / k
    if shape == "triangle":
        return lambda k: (k % 2) / k**2
    if shape == "pulse":
        return lambda k: np.abs(np.sin(np.pi * k * width)) / k
    if shape == "hollow":
        return lambda k: (k % 3 != 0) / k**1.3
    return lambda k: (k == 1) * 1.0 + (k == 2) * width  # nearly a sine


def tables(pitch: float, rate: int, rows: list[Spectrum], phases: npt.NDArray[np.float64]) -> Sound:
    """Wavetables of a note, shape (rows, TABLE): each row's function gives the harmonics' levels."""
    count = int(min(TABLE // 2 - 1, len(phases), max(1, 0.47 * rate / pitch)))
    k = np.arange(1, count + 1, dtype=float)
    spectra = np.zeros((len(rows), TABLE // 2 + 1), complex)
    for row, levels in zip(spectra, rows):
        row[1 : count + 1] = levels(k, pitch) * np.exp(1j * phases[:count])
    waves = np.fft.irfft(spectra, TABLE, axis=1)
    return (waves / max(1e-12, float(np.sqrt((waves**2).mean(1).max())))).astype(np.float32)


def read(waves: Sound, phase: npt.NDArray[np.float64], row: Sound) -> Sound:
    """Follow a phase (in cycles) through the tables while `row` moves between them."""
    place = (phase * TABLE).astype(np.int64) & (TABLE - 1)
    row = np.clip(row, 0, len(waves) - 1.001)
    lower = row.astype(np.int64)
    share = row - lower
    flat = waves.ravel()
    index = lower * TABLE + place
    return flat[index] * (1 - share) + flat[index + TABLE] * share


def _steps(seconds: float, rate: int) -> Sound:
    return (np.arange(max(16, int(seconds * rate))) / rate).astype(np.float32)


def _envelope(t: Sound, seconds: float, attack: float, decay: float, sustain: float, release: float) -> Sound:
    shape = sustain + (1 - sustain) * np.exp(-np.maximum(0, t - attack) / decay)
    shape = shape * np.minimum(1, t / max(1e-4, attack))
    shape = shape * np.exp(-np.maximum(0, t - seconds) / release)
    return np.asarray(shape * np.clip((t[-1] - t) / 0.005, 0, 1), np.float32)


def subtractive(
    random: Random,
    *,
    shapes: tuple[str, ...] = ("saw", "square", "pulse", "hollow"),
    voices: tuple[int, ...] = (1, 2, 3),
    detune: float = 12.0,
    attack: tuple[float, float] = (0.001, 0.01),
    decay: tuple[float, float] = (0.05, 0.5),
    sustain: tuple[float, float] = (0.0, 1.0),
    release: tuple[float, float] = (0.02, 0.15),
    open_to: tuple[float, float] = (800.0, 12000.0),
    ratio: tuple[float, float] = (0.05, 1.0),
    resonance: tuple[float, float] = (0.5, 2.0),
) -> Voice:
    """Oscillators, a low-pass filter that its envelope closes, and a level envelope.

    Cutoffs in Hz: `open_to` at the attack, times `ratio` at rest; `detune` in cents, times in seconds.
    """
    wave = harmonics(str(random.choice(shapes)), random.uniform(0.05, 0.5))
    count, spread = int(random.choice(voices)), random.uniform(0.2, 1.0) * detune
    rise, fall = random.uniform(*attack), random.uniform(*decay)
    hold, leave = random.uniform(*sustain), random.uniform(*release)
    top = float(np.exp(random.uniform(*np.log(open_to))))
    rest = top * random.uniform(*ratio)
    peak, poles = random.uniform(*resonance), int(random.integers(1, 3))
    phases = random.uniform(0, 2 * np.pi) + np.pi / 2 * np.zeros(512)
    starts, cents = random.random(count), np.linspace(-1, 1, count) * spread if count > 1 else np.zeros(1)
    vibrato = (random.uniform(4, 7), random.choice([0.0, 0.0, 8.0, 20.0]))
    filter_fall = fall * random.uniform(0.4, 1.5)
    follow = random.uniform(0, 0.6)

    def lowpass(cutoff: float) -> Spectrum:
        def levels(k: npt.NDArray[np.float64], pitch: float) -> npt.NDArray[np.float64]:
            x = k * pitch / (cutoff * (pitch / 220.0) ** follow)
            gain: npt.NDArray[np.float64] = 1 / np.sqrt((1 - x**2) ** 2 + (x / peak) ** 2) ** poles
            return wave(k) * gain

        return levels

    cutoffs = np.geomspace(min(rest, top), max(rest, top) * 1.001, ROWS)
    rows = [lowpass(float(cutoff)) for cutoff in cutoffs]

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = _steps(seconds + 4 * leave, rate)
        waves = tables(pitch, rate, rows, phases)
        opening = (
            (ROWS - 1) * np.exp(-np.maximum(0, t - rise) / filter_fall) * np.minimum(1, t / max(rise, 1e-4))
        )
        bend = vibrato[1] / 1200 * np.log(2) / (2 * np.pi * vibrato[0]) * np.sin(2 * np.pi * vibrato[0] * t)
        out = np.zeros_like(t)
        for start, cent in zip(starts, cents):
            out += read(waves, (t + bend) * pitch * 2 ** (cent / 1200) + start, opening)
        return np.asarray(out / count**0.6 * _envelope(t, seconds, rise, fall, hold, leave), np.float32)

    return voice


# --- kinds ------------------------------------------------------------------------------------------


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
    """A resonant filter that closes fast."""
    return subtractive(
        random, shapes=("saw", "square"), voices=(1,), decay=(0.08, 0.4), open_to=(800, 4500), ratio=(0.05, 0.25),
        resonance=(3, 9), release=(0.01, 0.03),
    )  # fmt: skip


def reese_bass(random: Random) -> Voice:
    """Detuned saws that beat."""
    return subtractive(
        random, shapes=("saw",), voices=(2, 3), detune=35, sustain=(0.8, 1), open_to=(250, 3000), ratio=(0.3, 1),
        release=(0.02, 0.08),
    )  # fmt: skip


def pad(random: Random) -> Voice:
    """Slow and wide."""
    return subtractive(
        random, voices=(2, 3), detune=16, attack=(0.02, 0.6), decay=(0.5, 2), sustain=(0.6, 1), release=(0.15, 0.6),
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
        random, shapes=("saw",), voices=(3, 4), detune=14, attack=(0.05, 0.3), sustain=(0.8, 1), release=(0.1, 0.4),
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
        t = _steps(seconds + 0.1, rate)
        waves = tables(pitch, rate, [spectrum, spectrum], phases)
        return read(waves, t.astype(float) * pitch, np.zeros_like(t)) * _envelope(
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
        t = _steps(seconds + 4 * leave, rate)
        depth = min(index, 0.4 * rate / (pitch * max(1.0, ratio)) / 2) * np.exp(-t / settle)
        bent = np.sin(2 * np.pi * pitch * t + depth * np.sin(2 * np.pi * pitch * ratio * t))
        return np.asarray(bent * _envelope(t, seconds, 0.002, decay, float(hold), leave), np.float32)

    return voice


def string(random: Random) -> Voice:
    """A burst of noise in a loop that loses its treble: guitars, harps, clavinets."""
    loss, seed = random.uniform(0.985, 0.999), int(random.integers(2**31))
    soft, damp = random.uniform(0.0, 0.8), random.uniform(0.03, 0.3)
    drive = random.choice([0.0, 0.0, 4.0, 15.0])

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = _steps(seconds + 3 * damp, rate)
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
        return np.asarray(out * _envelope(t, seconds, 0.001, 1.0, 1.0, damp), np.float32)

    return voice


def chip(random: Random) -> Voice:
    """A bare square, pulse, triangle or sampled wave, with the vibrato and level steps of a tracker."""
    kind, width = random.choice(["pulse", "triangle", "saw"]), float(random.choice([0.125, 0.25, 0.5]))
    decay, hold = random.uniform(0.05, 0.6), random.uniform(0, 1)
    vibrato = random.choice([0.0, 0.0, 15.0, 30.0])

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = _steps(seconds + 0.02, rate)
        bend = 1 + vibrato / 1200 * 0.69 * np.sin(2 * np.pi * 6 * t) * (t > 0.15)
        phase = (np.cumsum(bend) * pitch / rate) % 1
        if kind == "pulse":
            wave = np.where(phase < width, 1.0, -1.0)
        elif kind == "triangle":
            wave = np.round(8 * (2 * np.abs(2 * phase - 1) - 1)) / 8
        else:
            wave = 2 * phase - 1
        level = np.ceil(15 * _envelope(t, seconds, 0.0, decay, hold, 0.01)) / 15
        return np.asarray(0.6 * wave * level, np.float32)

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
        t = _steps(seconds + 0.15, rate)
        waves = tables(pitch, rate, rows, phases)
        local = np.random.default_rng(seed + int(pitch * 10))
        start, end = local.uniform(0, len(rows) - 1, 2)
        row = np.interp(t, [0, 0.7 * seconds], [start, end]).astype(np.float32)
        sway = wobble / 1200 * 0.69 * np.minimum(t / 0.4, 1) * np.sin(2 * np.pi * 5.3 * t)
        phase = np.cumsum((1 + sway - 0.06 * np.exp(-t / 0.03)) * pitch / rate)
        tone = read(waves, phase, row) * _envelope(t, seconds, attack, 1.0, 0.8, 0.05)
        noise = local.standard_normal(len(t), dtype=np.float32)
        consonant = np.diff(noise, prepend=0.0) * np.exp(-((t / 0.03) ** 2)) * hiss
        return np.asarray(tone + breath * noise * tone + consonant, np.float32)

    return voice


def riser(random: Random) -> Voice:
    """Noise or tone that climbs for as long as the note lasts; some fall instead."""
    tonal, up = random.random() < 0.4, random.random() < 0.85
    low, high, seed = random.uniform(150, 800), random.uniform(3000, 10000), int(random.integers(2**31))
    power = random.uniform(0.7, 3)

    def voice(pitch: float, seconds: float, rate: int) -> Sound:
        t = _steps(seconds, rate)
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


def impact(random: Random) -> Voice:
    """A boom with a wash behind it."""
    low, decay, seed = random.uniform(35, 80), random.uniform(0.4, 1.6), int(random.integers(2**31))
    wash = random.uniform(0.1, 1)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _steps(4 * decay, rate)
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
        t = _steps(seconds, rate)
        local = np.random.default_rng(seed)
        noise = local.standard_normal(len(t), dtype=np.float32)
        if crackle:
            noise = noise * (local.random(len(t), dtype=np.float32) < 12.0 / rate) * 6 + 0.01 * noise
            return np.asarray(noise, np.float32)
        breathing = 1 + 0.5 * np.sin(2 * np.pi * local.uniform(0.05, 0.3) * t)
        edges = np.clip(np.minimum(t, t[-1] - t) / 0.05, 0, 1)
        return np.asarray(lfilter([1 - pole], [1, -pole], noise) * breathing * edges, np.float32)

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
    "chip": (chip,),
    "vocal": (singer,),
    "riser": (riser,),
    "impact": (impact,),
    "ambience": (ambience,),
}
