"""From mix to file: tilt, compression, limiting, bad samplers and tapes, lossy codecs, level.

Nothing here moves sound in time: codecs' delays are measured by cross-correlation and taken back.
"""

from __future__ import annotations

import io

import numpy as np
import soundfile
import soxr
from scipy.signal import butter, correlate, lfilter, sosfilt

from .score import Sound, stream

CODECS = {"mp3": ("MP3", "MPEG_LAYER_III"), "ogg": ("OGG", "VORBIS"), "opus": ("OGG", "OPUS")}
OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


def master(mix: Sound, seed: int, rate: int) -> Sound:
    """Make a finished recording of the same length, shape (channels, samples)."""
    random = stream(seed, "master")
    sound = mix / max(1e-6, float(np.percentile(np.abs(mix[:, ::7]), 99.9)))
    if random.random() < 0.6:
        sound = tilt(sound, rate, float(random.normal(0, 2.5)))
    if random.random() < 0.7:
        sound = compress(sound, rate, float(random.uniform(1.3, 6)), float(random.uniform(-26, -8)))
    ceiling = str(random.choice(["hard", "soft", "none"], p=[0.3, 0.4, 0.3]))
    push = 10 ** (random.uniform(-2, 9) / 20)
    if ceiling == "hard":
        sound = np.clip(sound * push, -1, 1)
    elif ceiling == "soft":
        sound = np.tanh(sound * push)
    sound = worn(sound, seed, rate)
    sound = sound / max(1e-6, float(np.abs(sound).max()))
    if random.random() < 0.3:
        noise = stream(seed, "hiss").standard_normal(sound.shape, dtype=np.float32)
        sound = sound + noise * np.float32(10 ** (random.uniform(-80, -45) / 20))
    sound = (0.98 * sound / max(1.0, float(np.abs(sound).max()))).astype(np.float32)
    if random.random() < 0.25:
        name = str(random.choice(list(CODECS), p=[0.4, 0.55, 0.05]))
        # Codecs overshoot; what plays them clips.
        sound = np.clip(lossy(sound, rate, name, float(random.uniform(0.1, 0.95))), -1, 1)
    gain = 0.0 if random.random() < 0.6 else -float(random.uniform(0, 20))
    return np.asarray(sound * np.float32(10 ** (gain / 20)), np.float32)


def tilt(sound: Sound, rate: int, decibels: float) -> Sound:
    """Turn the spectrum about 800 Hz: that much more above, that much less below."""
    pole = float(np.exp(-2 * np.pi * 800 / rate))
    low = lfilter([1 - pole], [1, -pole], sound, axis=1).astype(np.float32)
    up = np.float32(10 ** (decibels / 20))
    return np.asarray(up * (sound - low) + low / up, np.float32)


def compress(sound: Sound, rate: int, ratio: float, threshold: float) -> Sound:
    """Follow the strength over some 5 to 150 ms and turn down what is above the threshold (dB)."""
    hop = max(1, rate // 200)
    count = sound.shape[1] // hop + 1
    power = np.zeros(count * hop, np.float32)
    power[: sound.shape[1]] = (sound**2).mean(0)
    level = lfilter([0.12], [1, -0.88], power.reshape(count, hop).mean(1))
    over = np.maximum(0, 10 * np.log10(level + 1e-9) - threshold)
    gain = 10 ** (-over * (1 - 1 / ratio) / 20)
    curve = np.interp(np.arange(sound.shape[1]), (np.arange(count) + 0.5) * hop, gain)
    return np.asarray(sound * curve.astype(np.float32), np.float32)


def worn(sound: Sound, seed: int, rate: int) -> Sound:
    """Now and then: few bits, a low sampling rate, held samples as in old computers, or a narrow band."""
    random = stream(seed, "wear")
    kind = str(random.choice(["none", "band", "bits", "held"], p=[0.66, 0.18, 0.08, 0.08]))
    if kind == "band":
        high = float(random.choice([7000, 10000, 11000, 16000]))
        if high < 0.45 * rate:
            return np.asarray(sosfilt(butter(4, high, fs=rate, output="sos"), sound, axis=1), np.float32)
    elif kind == "bits":
        steps = 2.0 ** int(random.integers(7, 9)) / 2
        peak = max(1e-6, float(np.abs(sound).max()))
        return np.asarray(np.round(sound / peak * steps) / steps * peak, np.float32)
    elif kind == "held":
        clock = float(random.uniform(8000, 22000))
        if clock < rate:
            index = (np.floor(np.arange(sound.shape[1]) * clock / rate) * rate / clock).astype(int)
            return sound[:, index]
    return sound


def lossy(sound: Sound, rate: int, name: str, loss: float) -> Sound:
    """Encode and decode; `loss` from 0 (best) to 1 (worst). Aligned with the input again, same length."""
    container, subtype = CODECS[name]
    coded_rate = min((r for r in OPUS_RATES if r >= rate), default=48000) if name == "opus" else rate
    frames = sound.T if coded_rate == rate else soxr.resample(sound.T, rate, coded_rate, "HQ")
    memory = io.BytesIO()
    with soundfile.SoundFile(
        memory, "w", coded_rate, sound.shape[0], subtype, format=container, compression_level=loss
    ) as file:
        for start in range(0, len(frames), 65536):  # libsndfile's Vorbis overflows the stack on long writes
            file.write(frames[start : start + 65536])
    memory.seek(0)
    decoded, _ = soundfile.read(memory, dtype="float32", always_2d=True)
    if coded_rate != rate:
        decoded = soxr.resample(decoded, coded_rate, rate, "HQ")
    return _aligned(decoded.T, sound, rate)


def _aligned(late: Sound, original: Sound, rate: int) -> Sound:
    """Take back a delay of up to 0.1 s, found by cross-correlating the loudest ten seconds."""
    reach, window = rate // 10, min(10 * rate, original.shape[1])
    power = np.add.reduceat((original**2).sum(0), np.arange(0, original.shape[1], window))
    start = min(int(np.argmax(power)) * window, original.shape[1] - window)
    reference = original[:, start : start + window].sum(0)
    padded = np.pad(late.sum(0), (reach, reach + original.shape[1]))
    match = correlate(padded[start : start + window + 2 * reach], reference, "valid", "fft")
    delay = int(np.argmax(match)) - reach
    out = np.zeros_like(original)
    source = late[:, max(0, delay) : max(0, delay) + original.shape[1]]
    shift = max(0, -delay)
    count = min(source.shape[1], out.shape[1] - shift)
    out[:, shift : shift + count] = source[:, :count]
    return out
