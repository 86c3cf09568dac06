"""What happens to sound on its way: codecs, telephones, clipping, low rates. Length and timing stay."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

from .clips import RATE

Samples = NDArray[np.float32]
Random = np.random.Generator


def mp3(samples: Samples, generator: Random) -> Samples:
    """MPEG layer III at a low rate."""
    return _coded(samples, "MP3", "MPEG_LAYER_III", float(generator.uniform(0.3, 0.95)))


def opus(samples: Samples, generator: Random) -> Samples:
    """Opus at a low rate."""
    return _coded(samples, "OGG", "OPUS", float(generator.uniform(0.3, 0.95)))


def telephone(samples: Samples, _generator: Random) -> Samples:
    """300 to 3,400 Hz in 8-bit mu-law steps at 8 kHz."""
    narrow = sosfilt(butter(4, [300, 3_400], "band", fs=RATE, output="sos"), samples)
    thin = np.clip(resample_poly(narrow, 1, 3), -1, 1)
    coded = np.round(np.sign(thin) * np.log1p(255 * np.abs(thin)) / np.log(256) * 127) / 127
    back = np.sign(coded) * np.expm1(np.abs(coded) * np.log(256)) / 255
    return _fitted(resample_poly(back, 3, 1), len(samples))


def low_rate(samples: Samples, generator: Random) -> Samples:
    """Take out what a low sampling rate cannot hold: nothing above 3.5 to 7.5 kHz."""
    cut = generator.uniform(3_500, 7_500)
    return np.asarray(sosfilt(butter(8, cut, fs=RATE, output="sos"), samples), np.float32)


def clipped(samples: Samples, generator: Random) -> Samples:
    """Overdriven by 6 to 18 dB."""
    peak = float(np.abs(samples).max()) or 1.0
    return np.asarray(np.clip(samples * 10 ** (generator.uniform(6, 18) / 20), -peak, peak), np.float32)


def hiss(samples: Samples, generator: Random) -> Samples:
    """Add a noise floor 35 to 60 dB below the peak."""
    floor = float(np.abs(samples).max()) * 10 ** (generator.uniform(-60, -35) / 20)
    return (samples + generator.normal(0, floor, len(samples))).astype(np.float32)


def room(samples: Samples, generator: Random) -> Samples:
    """Put a voice into a room of 0.1 to 0.6 s reverberation."""
    seconds = generator.uniform(0.1, 0.6)
    count = int(seconds * RATE)
    tail = generator.normal(size=count) * 10 ** (-3 * np.arange(count) / count)
    tail *= generator.uniform(0.05, 0.4) / np.sqrt((tail**2).sum())
    tail[0] = 1.0
    return np.asarray(fftconvolve(samples, tail)[: len(samples)], np.float32)


KINDS = (mp3, opus, telephone, low_rate, clipped, hiss)


def _coded(samples: Samples, container: str, codec: str, level: float) -> Samples:
    import soundfile

    peak = max(float(np.abs(samples).max()), 1e-6)
    memory = io.BytesIO()
    with soundfile.SoundFile(memory, "w", RATE, 1, codec, format=container, compression_level=level) as file:
        for start in range(0, len(samples), RATE):  # long writes of Opus overflow libsndfile's stack
            file.write(samples[start : start + RATE] / peak * 0.9)
    memory.seek(0)
    decoded, _ = soundfile.read(memory, dtype="float32")
    return _fitted(decoded * (peak / 0.9), len(samples))


def _fitted(samples: NDArray[np.floating], count: int) -> Samples:
    return np.pad(samples, (0, max(0, count - len(samples))))[:count].astype(np.float32)
