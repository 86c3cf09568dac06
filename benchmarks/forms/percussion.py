"""Drums and noises: each function draws one instrument, and what it returns plays it.

All are synthetic: oscillators that fall in pitch, ringing modes, filtered noise (the classic recipes of analogue
drum machines, and modal synthesis for the acoustic ones). Hits start at sample 0: the grid is the truth.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfilt

from .score import Sound, Voice

Random = np.random.Generator


def draw(role: str, random: Random) -> Voice:
    """An instrument for a role, its recipe and all its settings drawn."""
    recipes = RECIPES[role]
    return recipes[int(random.integers(len(recipes)))](random)


# --- parts ------------------------------------------------------------------------------------------


def _clock(seconds: float, rate: int) -> Sound:
    return (np.arange(max(8, int(seconds * rate))) / rate).astype(np.float32)


def _noise(seed: int, count: int) -> Sound:
    return np.random.default_rng(seed).standard_normal(count, dtype=np.float32)


def _band(sound: Sound, rate: int, low: float = 0.0, high: float = 0.0, order: int = 2) -> Sound:
    top = 0.47 * rate
    if low > 20.0:
        sound = sosfilt(butter(order, min(low, 0.9 * top), "highpass", fs=rate, output="sos"), sound)
    if 0.0 < high < top:
        sound = sosfilt(butter(order, high, "lowpass", fs=rate, output="sos"), sound)
    return np.asarray(sound, np.float32)


def _modes(t: Sound, pitches: list[float], decays: list[float], levels: list[float]) -> Sound:
    out = np.zeros_like(t)
    for pitch, decay, level in zip(pitches, decays, levels):
        out += level * np.sin(2 * np.pi * pitch * t) * np.exp(-t / decay)
    return out


def _peak(sound: Sound) -> Sound:
    sound = np.asarray(sound, np.float32)
    sound = sound / max(1e-9, float(np.abs(sound).max()))
    fade = min(len(sound), 200)
    sound[-fade:] *= np.linspace(1, 0, fade, dtype=np.float32)
    return sound


def _seed(random: Random) -> int:
    return int(random.integers(2**31))


# --- kicks ------------------------------------------------------------------------------------------


def swept_kick(random: Random) -> Voice:
    """A sine that falls: from a deep hum to a hard thud, clean or driven."""
    low = random.uniform(38, 68)
    reach, fall = (
        random.uniform(40, 600),
        random.choice([0.006, 0.015, 0.03, 0.06]) * random.uniform(0.6, 1.5),
    )
    decay = random.choice([0.06, 0.12, 0.2, 0.4]) * random.uniform(0.7, 1.4)
    drive = random.choice([0.5, 1.5, 3.0, 8.0])
    click, click_pitch, seed = random.uniform(0, 0.6) ** 2, random.uniform(1500, 6000), _seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(min(1.2, 5 * decay), rate)
        phase = low * t + reach * fall * (1 - np.exp(-t / fall))
        body = np.sin(2 * np.pi * phase) * np.exp(-t / decay)
        tick = _band(_noise(seed, len(t)), rate, click_pitch) * np.exp(-t / 0.004)
        return _peak(np.tanh(drive * (body + click * tick)))

    return voice


def distorted_kick(random: Random) -> Voice:
    """Hardcore and hardstyle: a driven, filtered, long fall."""
    low, reach = random.uniform(42, 60), random.uniform(150, 900)
    fall, decay = random.uniform(0.02, 0.09), random.uniform(0.12, 0.3)
    drive, top, bias = random.uniform(5, 40), random.uniform(1200, 8000), random.uniform(-0.3, 0.3)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(4.5 * decay, rate)
        phase = low * t + reach * fall * (1 - np.exp(-t / fall))
        body = np.sin(2 * np.pi * phase) * np.exp(-t / decay)
        return _peak(_band(np.tanh(drive * (body + bias * np.exp(-t / decay))), rate, 30, top))

    return voice


def acoustic_kick(random: Random) -> Voice:
    """A skin with a beater: a few low modes and a knock."""
    low, decay, seed = random.uniform(52, 90), random.uniform(0.06, 0.2), _seed(random)
    knock, top = random.uniform(0.1, 0.9), random.uniform(1200, 5000)
    ratios = [1.0, random.uniform(1.4, 1.7), random.uniform(2.0, 2.6), random.uniform(2.8, 3.6)]

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(6 * decay, rate)
        body = _modes(t, [low * r for r in ratios], [decay / r for r in ratios], [1, 0.5, 0.25, 0.15])
        beater = _band(_noise(seed, len(t)), rate, 200, top) * np.exp(-t / 0.008)
        return _peak(body + knock * beater)

    return voice


def chip_kick(random: Random) -> Voice:
    """A square or triangle stepped down sixty times a second."""
    first, ratio, square = random.uniform(180, 500), random.uniform(0.55, 0.85), random.random() < 0.4
    length = random.uniform(0.08, 0.2)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(length, rate)
        pitch = np.maximum(35.0, first * ratio ** np.floor(t * 60))
        phase = np.cumsum(pitch) / rate
        wave = np.sign(np.sin(2 * np.pi * phase)) if square else 2 * np.abs(2 * (phase % 1) - 1) - 1
        return _peak(wave * np.maximum(0, 1 - t / length))

    return voice


# --- snares and their like --------------------------------------------------------------------------


def snare(random: Random) -> Voice:
    """Two modes and noise; from a dry tick to a gated wash."""
    low, ratio = random.uniform(140, 280), random.uniform(1.4, 1.9)
    tone, rustle = random.uniform(0.02, 0.12), random.uniform(0.03, 0.3)
    share, edge, top = random.uniform(0.3, 1.6), random.uniform(300, 3000), random.uniform(5000, 18000)
    drive, seed = random.choice([0.5, 2.0, 5.0]), _seed(random)
    gate = random.uniform(0.12, 0.3) if random.random() < 0.2 else 0.0

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(gate or min(0.9, 6 * max(tone, rustle)), rate)
        body = _modes(t, [low, low * ratio], [tone, tone * 0.7], [1.0, 0.6])
        fall = np.exp(-t / (3 * rustle if gate else rustle))
        wires = _band(_noise(seed, len(t)), rate, edge, top) * fall
        return _peak(np.tanh(drive * (body + share * wires)))

    return voice


def clap(random: Random) -> Voice:
    """Hands, nearly together: bursts of band noise, then a tail."""
    count, gap = int(random.integers(1, 5)), random.uniform(0.005, 0.013)
    centre, tail, seed = random.uniform(800, 2600), random.uniform(0.04, 0.25), _seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(0.03 + 5 * tail, rate)
        shape = 0.7 * np.exp(-np.maximum(0, t - count * gap) / tail) * (t >= count * gap)
        for burst in range(count):
            since = t - burst * gap
            shape = shape + np.where((since >= 0) & (since < gap), np.exp(-since / (0.4 * gap)), 0)
        return _peak(_band(_noise(seed, len(t)), rate, 0.6 * centre, 2.2 * centre) * shape)

    return voice


def rim(random: Random) -> Voice:
    """A stick on metal or wood: short, pitched."""
    pitch, decay, seed = random.uniform(400, 2400), random.uniform(0.006, 0.03), _seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(8 * decay, rate)
        ring = _modes(t, [pitch, pitch * 1.47, pitch * 2.1], [decay] * 3, [1, 0.6, 0.3])
        return _peak(ring + 0.4 * _noise(seed, len(t)) * np.exp(-t / 0.002))

    return voice


def held_noise(random: Random) -> Voice:
    """Noise of a sound chip: each value held for some samples, the level stepped."""
    clock, length, seed = random.uniform(1500, 20000), random.uniform(0.03, 0.25), _seed(random)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(length, rate)
        values = np.sign(_noise(seed, int(length * clock) + 2))
        steps = np.floor(16 * (1 - t / length)) / 16
        return _peak(values[(t * clock).astype(int)] * steps)

    return voice


# --- metal ------------------------------------------------------------------------------------------


def _metal(random: Random, decays: tuple[float, float], edges: tuple[float, float]) -> Voice:
    pitches = (
        random.uniform(300, 900) * np.array([1, 1.34, 1.52, 1.8, 2.5, 3.05]) * random.uniform(0.93, 1.07, 6)
    )
    decay, edge, seed = random.uniform(*decays), random.uniform(*edges), _seed(random)
    hiss, attack = random.choice([0.0, 0.5, 3.0]) * random.uniform(0.5, 1.5), random.uniform(0, 0.001)
    curve = random.uniform(0.6, 1.4)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(min(3.0, 6 * decay), rate)
        ring = np.zeros_like(t)
        for pitch in pitches:
            ring += np.sign(np.sin(2 * np.pi * pitch * t))
        mix = ring / 3 + hiss * _noise(seed, len(t))
        shape = np.exp(-((t / decay) ** curve)) * np.minimum(1, (t + 1e-5) / (attack + 1e-5))
        return _peak(_band(mix, rate, min(edge, 0.33 * rate), order=3) * shape)

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
    """The longest metal."""
    return _metal(random, (0.4, 1.3), (800, 4000))


def shaker(random: Random) -> Voice:
    """Grains of noise, soft at the edges."""
    rise, decay, seed = random.uniform(0.002, 0.02), random.uniform(0.015, 0.06), _seed(random)
    low = random.uniform(2500, 7000)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(rise + 6 * decay, rate)
        shape = np.minimum(t / rise, 1) * np.exp(-np.maximum(0, t - rise) / decay)
        return _peak(_band(_noise(seed, len(t)), rate, low, 2.5 * low) * shape)

    return voice


# --- skins and bells --------------------------------------------------------------------------------


def skin(random: Random) -> Voice:
    """Toms, congas, bongos, tablas: a mode that bends, and its overtones; the note's pitch moves it."""
    low, decay = random.uniform(80, 420), random.uniform(0.05, 0.3)
    bend, slap, seed = random.uniform(0, 0.6), random.uniform(0, 0.5), _seed(random)

    def voice(pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(5 * decay, rate)
        base = low * (pitch / 261.6)
        phase = base * (t + bend * 0.02 * (1 - np.exp(-t / 0.02)))
        body = np.sin(2 * np.pi * phase) + 0.3 * np.sin(2 * np.pi * 1.59 * phase) * np.exp(-t / (0.3 * decay))
        hit = _band(_noise(seed, len(t)), rate, 600, 5000) * np.exp(-t / 0.006)
        return _peak(body * np.exp(-t / decay) + slap * hit)

    return voice


def cowbell(random: Random) -> Voice:
    """Two squares a fifth or so apart."""
    low, ratio, decay = random.uniform(400, 900), random.uniform(1.35, 1.6), random.uniform(0.05, 0.3)

    def voice(_pitch: float, _seconds: float, rate: int) -> Sound:
        t = _clock(5 * decay, rate)
        pair = np.sign(np.sin(2 * np.pi * low * t)) + np.sign(np.sin(2 * np.pi * low * ratio * t))
        return _peak(_band(pair, rate, 0.7 * low, 4 * low) * np.exp(-t / decay))

    return voice


RECIPES = {
    "kick": (swept_kick, swept_kick, swept_kick, acoustic_kick, distorted_kick),
    "hard kick": (distorted_kick,),
    "acoustic kick": (acoustic_kick,),
    "chip kick": (chip_kick, chip_kick, held_noise),
    "snare": (snare, snare, snare, clap),
    "clap": (clap, clap, snare),
    "rim": (rim,),
    "chip snare": (held_noise,),
    "closed hat": (closed_hat, closed_hat, shaker),
    "open hat": (open_hat,),
    "chip hat": (held_noise, closed_hat),
    "ride": (ride,),
    "shaker": (shaker, closed_hat),
    "crash": (crash,),
    "percussion": (skin, skin, skin, cowbell, rim),
    "tom": (skin,),
}
