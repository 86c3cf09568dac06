"""Drums, synthesisers and effects from which the demo recordings are built.

Everything here is a pure function of its arguments; noise comes from a generator that the caller seeds.
A *sound* is a float array, ``(n,)`` for mono or ``(n, 2)`` for stereo, at :data:`SAMPLE_RATE`, with a peak
near 1 unless said otherwise. Pitches are MIDI note numbers (69 is A4, 440 Hz), times are in seconds.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

Array = NDArray[np.float64]

SAMPLE_RATE = 44_100

# --- small parts ------------------------------------------------------------------------------------


def frequency(pitch: float) -> float:
    """Frequency in Hz of a MIDI note number.

    >>> frequency(69)
    440.0
    """
    return float(440.0 * 2.0 ** ((pitch - 69) / 12))


def ramp(seconds: float) -> Array:
    """Time in seconds of each sample of a sound that lasts `seconds`."""
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def faded(sound: Array, attack: float = 0.002, release: float = 0.01) -> Array:
    """The sound with straight fades at both ends, so that it neither starts nor stops with a click."""
    sound = sound.copy()
    rise, fall = (min(len(sound), round(seconds * SAMPLE_RATE)) for seconds in (attack, release))
    shape = (-1,) + (1,) * (sound.ndim - 1)
    if rise:
        sound[:rise] *= np.linspace(0, 1, rise, endpoint=False).reshape(shape)
    if fall:
        sound[-fall:] *= np.linspace(1, 0, fall).reshape(shape)
    return sound


def butter(sound: Array, kind: str, cutoff: float | tuple[float, float], order: int = 2) -> Array:
    """Butterworth filter of fixed cutoff: kind is ``lowpass``, ``highpass`` or ``bandpass``."""
    sections = signal.butter(order, cutoff, kind, fs=SAMPLE_RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, sound, axis=0))


def panned(sound: Array, position: float) -> Array:
    """Stereo from mono at constant power: -1 is left, 0 the middle, 1 right."""
    angle = (position + 1) * np.pi / 4
    return np.asarray(sound[:, None] * (np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)])))


def place(bus: Array, sound: Array, start: int, gain: float = 1.0) -> None:
    """Add a sound to a stereo bus at a sample index; what hangs over the end is cut off."""
    sound = sound[:, None] if sound.ndim == 1 else sound
    length = min(len(sound), len(bus) - start)
    if length > 0:
        bus[start : start + length] += gain * sound[:length]


# --- drums ------------------------------------------------------------------------------------------


def kick(generator: np.random.Generator, seconds: float = 0.36) -> Array:
    """House kick: a sine that falls from 260 to 49 Hz, a click in front, a little drive."""
    t = ramp(seconds)
    pitch = 49 + 150 * np.exp(-t / 0.028) + 900 * np.exp(-t / 0.0035)
    body = np.sin(2 * np.pi * np.cumsum(pitch) / SAMPLE_RATE) * np.exp(-t / 0.17)
    click = butter(generator.standard_normal(len(t)), "highpass", 2500) * np.exp(-t / 0.0022)
    return faded(np.tanh(1.9 * body + 0.22 * click) / np.tanh(1.9), 0.0004, 0.06)


def clap(generator: np.random.Generator) -> Array:
    """Four hands a few milliseconds apart, and a short room; stereo."""
    t = ramp(0.4)
    hands = sum(np.where(t >= at, np.exp(-(t - at) / 0.006), 0) for at in (0.0, 0.009, 0.019))
    room = np.where(t >= 0.027, np.exp(-(t - 0.027) / 0.075), 0)
    noise = generator.standard_normal((len(t), 2)) * 0.5 + generator.standard_normal((len(t), 1))
    sound = butter(noise, "bandpass", (900, 5200)) * (hands + 0.9 * room)[:, None]
    return faded(sound / np.abs(sound).max(), 0.0003, 0.05)


def snare(generator: np.random.Generator, seconds: float = 0.2) -> Array:
    """Tight snare for rolls: two drum modes under bright noise."""
    t = ramp(seconds)
    tone = np.sin(2 * np.pi * (185 * t + 6 * (1 - np.exp(-t / 0.01)))) + 0.5 * np.sin(2 * np.pi * 332 * t)
    noise = butter(generator.standard_normal(len(t)), "bandpass", (1500, 9500))
    sound = 0.6 * tone * np.exp(-t / 0.05) + noise * np.exp(-t / 0.07)
    return faded(sound / np.abs(sound).max(), 0.0003, 0.03)


def cymbal(generator: np.random.Generator, decay: float, low: float, metal: float = 0.5) -> Array:
    """Hat, ride or crash by its decay (time constant): filtered noise with a clang of partials; stereo."""
    t = ramp(min(3.5, decay * 6))
    partials = generator.uniform(low, 14_000, 24)
    clang = np.add.reduce([np.sin(2 * np.pi * (hertz * t + generator.random())) for hertz in partials]) / 2
    noise = 0.35 * generator.standard_normal((len(t), 2)) + generator.standard_normal((len(t), 1))
    sound = butter(noise + metal * clang[:, None], "highpass", low, 4) * np.exp(-t / decay)[:, None]
    return faded(sound / np.abs(sound).max(), 0.0003, 0.03)


def impact(generator: np.random.Generator) -> Array:
    """Low boom under a wide, dark burst of noise; stereo."""
    t = ramp(2.4)
    boom = np.sin(2 * np.pi * np.cumsum(34 + 60 * np.exp(-t / 0.12)) / SAMPLE_RATE) * np.exp(-t / 0.6)
    burst = butter(generator.standard_normal((len(t), 2)), "lowpass", 3200) * np.exp(-t / 0.35)[:, None]
    return faded(0.7 * boom[:, None] + 0.5 * burst, 0.001, 0.2)


# --- synthesisers -----------------------------------------------------------------------------------


def saw(hertz: float, samples: int, phase: float) -> Array:
    """Sawtooth with its steps rounded by a polynomial (polyBLEP), which keeps aliasing low."""
    step = hertz / SAMPLE_RATE
    position = (phase + step * np.arange(samples)) % 1.0
    wave: Array = np.asarray(2 * position - 1, np.float64)
    after, before = position < step, position > 1 - step
    x = position[after] / step
    wave[after] -= 2 * x - x * x - 1
    x = (position[before] - 1) / step
    wave[before] -= x * x + 2 * x + 1
    return wave


def supersaw(
    pitches: tuple[int, ...], seconds: float, generator: np.random.Generator, detune: float = 0.16
) -> Array:
    """A chord of seven detuned saws a note, spread from left to right. `detune` is in semitones; stereo."""
    samples = round(seconds * SAMPLE_RATE)
    sound = np.zeros((samples, 2))
    for pitch in pitches:
        for offset in np.linspace(-1, 1, 7):
            voice = saw(frequency(pitch + detune * offset), samples, generator.random())
            place(sound, panned(voice, 0.85 * offset * (-1) ** pitch), 0, 1.0 if offset == 0 else 0.62)
    return faded(sound / (3.0 * np.sqrt(len(pitches))), 0.004, 0.03)


def pluck(pitch: float, seconds: float, brightness: float = 1.0, decay: float = 0.35) -> Array:
    """Plucked tone: harmonics of a saw, the higher the sooner gone. Free of aliasing by construction."""
    t, hertz = ramp(seconds), frequency(pitch)
    sound = np.zeros_like(t)
    for harmonic in range(1, int(min(32, 15_000 / hertz)) + 1):
        fall = 1 / decay + harmonic * (5.0 / brightness)
        sound += np.sin(2 * np.pi * harmonic * hertz * t) / harmonic * np.exp(-t * fall)
    return faded(sound / 1.6, 0.001, 0.02)


def electric_piano(pitch: float, seconds: float, velocity: float = 1.0) -> Array:
    """Tine piano by frequency modulation: a bell at the start, round afterwards, slow tremolo; stereo."""
    t, hertz = ramp(seconds), frequency(pitch)
    bell = 0.9 * velocity * np.exp(-t / 0.12) * np.sin(2 * np.pi * 14 * hertz * t) * (hertz < 700)
    body = np.sin(
        2 * np.pi * hertz * t
        + 0.25 * bell
        + 1.1 * velocity * np.exp(-t / 0.5) * np.sin(2 * np.pi * hertz * t)
    )
    sound = faded(velocity * body * np.exp(-t / 1.1), 0.002, 0.06)
    swing = 0.22 * np.sin(2 * np.pi * 4.6 * t)
    return np.column_stack([sound * (1 + swing), sound * (1 - swing)])


def reese(pitch: float, seconds: float, generator: np.random.Generator) -> Array:
    """Bass: three slowly beating saws through a closing filter, over a clean sub an octave down; stereo."""
    t, samples = ramp(seconds), round(seconds * SAMPLE_RATE)
    voices = [saw(frequency(pitch + cents / 100), samples, generator.random()) for cents in (-11, 0, 12)]
    wide = panned(voices[0], -0.5) + panned(voices[1], 0) + panned(voices[2], 0.5)
    dull, bright = butter(wide, "lowpass", 420, 2), butter(wide, "lowpass", 2600, 2)
    mid = butter(dull + bright * (0.75 * np.exp(-t / 0.07))[:, None], "highpass", 90)
    sub = np.sin(2 * np.pi * frequency(pitch - 12) * t)
    return faded(np.tanh(0.42 * mid + 0.55 * sub[:, None]), 0.003, 0.018)


def bass_guitar(pitch: float, seconds: float) -> Array:
    """Round, plucked bass for the show's music."""
    return faded(np.tanh(1.5 * butter(pluck(pitch, seconds, 2.5, 0.8), "lowpass", 900)), 0.003, 0.03)


def riser(seconds: float, generator: np.random.Generator) -> Array:
    """Noise that opens from 300 Hz to the top over a tone that climbs two octaves, loudest at its end."""
    t = ramp(seconds)
    share = t / seconds
    noise = generator.standard_normal((len(t), 2))
    swept = swept_filter(noise, 300 * (14_000 / 300) ** share, "bandpass")
    climb = np.cumsum(frequency(53) * 2 ** (2 * share**1.5)) / SAMPLE_RATE
    tone = 0.10 * (2 * (climb % 1) - 1)[:, None] * np.array([1.0, 1.0])
    tone = butter(tone, "bandpass", (300, 6000))
    return faded((0.55 * swept + tone) * (0.04 + 0.96 * share**2.2)[:, None], 0.05, 0.004)


def faller(seconds: float, generator: np.random.Generator) -> Array:
    """The opposite of a riser: bright noise that sinks and dies; stereo."""
    t = ramp(seconds)
    noise = generator.standard_normal((len(t), 2))
    swept = swept_filter(noise, 12_000 * (250 / 12_000) ** (t / seconds), "bandpass")
    return faded(0.5 * swept * (1 - t / seconds)[:, None] ** 2, 0.002, 0.05)


# --- effects ----------------------------------------------------------------------------------------


def swept_filter(sound: Array, cutoff: Array, kind: str, order: int = 4) -> Array:
    """Filter whose cutoff moves: a Butterworth-shaped magnitude, frame by frame in the short-time spectrum.

    Parameters
    ----------
    sound : ndarray, shape (n, 2)
    cutoff : ndarray, shape (n,)
        Corner (centre, for ``bandpass``) in Hz at each sample.
    kind : {"lowpass", "highpass", "bandpass"}
        The band is about an octave and a half wide.
    order : int
        Steepness of the lowpass and highpass.
    """
    size, hop = 2048, 512
    window = signal.windows.hann(size, sym=False)
    transform = signal.ShortTimeFFT(window, hop, SAMPLE_RATE, scale_to=None)
    spectrum = transform.stft(sound.T)
    moments = np.clip(transform.t(len(sound)) * SAMPLE_RATE, 0, len(sound) - 1).astype(int)
    ratio = np.maximum(transform.f, 1.0)[:, None] / cutoff[moments][None, :]
    if kind == "lowpass":
        magnitude = 1 / np.sqrt(1 + ratio ** (2 * order))
    elif kind == "highpass":
        magnitude = 1 / np.sqrt(1 + ratio ** (-2.0 * order))
    else:
        magnitude = 1 / (1 + np.abs(np.log2(ratio) / 0.75) ** 3)
    return np.ascontiguousarray(transform.istft(spectrum * magnitude, k1=len(sound)).real.T)


def reverb(sound: Array, generator: np.random.Generator, seconds: float, dark: float = 5500) -> Array:
    """Hall: convolution with noise that decays by 60 dB in `seconds`, highs first; wet signal only."""
    t = ramp(seconds)
    tail = generator.standard_normal((len(t), 2)) * np.exp(-6.9 * t / seconds)[:, None]
    late = butter(tail, "lowpass", dark / 3)
    tail = butter(tail, "lowpass", dark) * np.exp(-4 * t / seconds)[:, None] + late
    tail = butter(tail, "highpass", 180)
    tail = np.vstack([np.zeros((round(0.018 * SAMPLE_RATE), 2)), tail])
    tail /= np.sqrt(np.sum(tail**2) / 2)
    wet = signal.oaconvolve(sound, tail, axes=0)[: len(sound)]
    return np.asarray(wet)


def ping_pong(sound: Array, delay: int, feedback: float, repeats: int = 6) -> Array:
    """Echoes that jump between left and right, each duller than the one before; wet signal only."""
    wet = np.zeros_like(sound)
    echo = np.repeat(sound.mean(axis=1, keepdims=True), 2, axis=1)
    for count in range(1, repeats + 1):
        echo = butter(echo, "lowpass", 6500, 1)
        side = np.array([1.0, 0.25]) if count % 2 else np.array([0.25, 1.0])
        if count * delay < len(wet):
            wet[count * delay :] += feedback**count * side * echo[: -count * delay]
    return butter(wet, "highpass", 300)


def pumping(samples: int, hits: NDArray[np.int64], depth: float, seconds: float = 0.24) -> Array:
    """Gain curve, shape (samples, 1), that ducks at each hit and recovers, as sidechain compression does."""
    t = ramp(seconds)
    recovery = 1 - depth * (1 - (t / seconds) ** 1.6)
    gain = np.ones(samples)
    for hit in hits:
        length = min(len(recovery), samples - hit)
        if length > 0:
            gain[hit : hit + length] = np.minimum(gain[hit : hit + length], recovery[:length])
    return np.asarray(ndimage.uniform_filter1d(gain, 131))[:, None]


# --- mastering --------------------------------------------------------------------------------------


def loudness(sound: Array) -> float:
    """Integrated loudness in LUFS of a stereo sound (ITU-R BS.1770-4: K-weighting, gated 400 ms blocks).

    Silence gives minus infinity.
    """
    weighted = sound
    for b, a in _k_weighting():
        weighted = signal.lfilter(b, a, weighted, axis=0)
    size, hop = round(0.4 * SAMPLE_RATE), round(0.1 * SAMPLE_RATE)
    energy = np.concatenate([[0.0], np.cumsum(np.sum(weighted**2, axis=1))])
    starts = np.arange(0, max(1, len(sound) - size + 1), hop)
    blocks = (energy[np.minimum(starts + size, len(sound))] - energy[starts]) / size
    blocks = blocks[blocks > 10 ** ((-70 + 0.691) / 10)]
    if not len(blocks):
        return float("-inf")
    blocks = blocks[blocks > 0.1 * blocks.mean()]
    return float(-0.691 + 10 * np.log10(blocks.mean()))


def _k_weighting() -> list[tuple[Array, Array]]:
    """The two filters of BS.1770 at our sample rate: a high shelf of 4 dB and a highpass at 38 Hz."""
    tangent, quality = np.tan(np.pi * 1681.974450955533 / SAMPLE_RATE), 0.7071752369554196
    high = 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    norm = 1 + tangent / quality + tangent**2
    ends = (high + band * tangent / quality + tangent**2, high - band * tangent / quality + tangent**2)
    shelf = np.array([ends[0], 2 * (tangent**2 - high), ends[1]]) / norm
    poles = np.array([norm, 2 * (tangent**2 - 1), 1 - tangent / quality + tangent**2]) / norm
    tangent, quality = np.tan(np.pi * 38.13547087602444 / SAMPLE_RATE), 0.5003270373238773
    norm = 1 + tangent / quality + tangent**2
    low = np.array([norm, 2 * (tangent**2 - 1), 1 - tangent / quality + tangent**2]) / norm
    return [(shelf, poles), (np.array([1.0, -2.0, 1.0]), low)]


def limited(sound: Array, ceiling: float, release: float = 0.09) -> Array:
    """Peak limiter with 4 ms of look-ahead: no sample leaves it above `ceiling`."""
    block, ahead = 44, 4
    count = -(-len(sound) // block)
    padded = np.zeros((count * block, sound.shape[1]))
    padded[: len(sound)] = sound
    peaks = np.abs(padded).reshape(count, -1).max(axis=1)
    peaks = ndimage.maximum_filter1d(peaks, 2 * ahead + 1, mode="nearest")
    target = np.minimum(1.0, ceiling / np.maximum(peaks, 1e-9))
    gain, keep, now = np.empty(count), np.exp(-block / SAMPLE_RATE / release), 1.0
    for index, wanted in enumerate(target):
        now = min(wanted, 1 - keep * (1 - now))
        gain[index] = now
    gain = ndimage.uniform_filter1d(gain, ahead, mode="nearest")
    curve = np.interp(np.arange(len(sound)), (np.arange(count) + 0.5) * block, gain)
    return np.asarray(np.clip(sound * curve[:, None], -ceiling, ceiling))


def mastered(sound: Array, target: float, ceiling: float = 0.86) -> Array:
    """Bring a mix to `target` LUFS: cut below 28 Hz, saturate softly, limit."""
    sound = butter(sound, "highpass", 28)
    gain = 10 ** ((target - loudness(sound)) / 20)
    for _ in range(6):
        driven = gain * sound
        # Straight up to half of full scale, bent above it: peaks become warm before they are limited.
        bent = np.where(
            np.abs(driven) < 0.5,
            driven,
            np.sign(driven) * (0.5 + 0.7 * np.tanh((np.abs(driven) - 0.5) / 0.7)),
        )
        result = limited(bent, ceiling)
        gain *= 10 ** ((target - loudness(result)) / 20)
    return result
