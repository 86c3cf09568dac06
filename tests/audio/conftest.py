"""Sound files made on the spot: clicks at known places, in every format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

SECONDS = 2.0
CLICKS = (0.25, 0.75, 1.25, 1.75)
"""When the clicks are, in seconds."""


def clicks(rate: int, channels: int = 2) -> np.ndarray:
    """Two seconds of near silence with four short clicks, shape (frames, channels)."""
    sound = np.zeros(int(SECONDS * rate), np.float32)
    width = rate // 1000
    for time in CLICKS:
        start = round(time * rate) - width // 2
        sound[start : start + width] = 0.9 * np.hanning(width)
    return np.repeat(sound[:, None], channels, 1)


def click_times(samples: np.ndarray, rate: int) -> list[float]:
    """Where the clicks are heard, in seconds: the centre of gravity of each half second's loud part."""
    found = []
    for index in range(len(CLICKS)):
        start, end = int(index * 0.5 * rate), int((index + 1) * 0.5 * rate)
        part = np.abs(samples[start:end].astype(float))
        part[part < 0.3 * part.max()] = 0
        found.append((start + float((part * np.arange(len(part))).sum() / part.sum())) / rate)
    return found


def encode(path: Path, samples: np.ndarray, rate: int, codec: str, layout: str = "stereo") -> None:
    """Write sound with FFmpeg's encoders."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=rate, layout=layout)
        stream.codec_context.open()
        form, size = stream.codec_context.format, stream.codec_context.frame_size or 1024
        scale, kind = {"flt": (1.0, np.float32), "s16": (32_767, np.int16), "s32": (2**31 - 256, np.int32)}[
            form.name[:3]
        ]
        data = (samples.astype(float) * scale).astype(kind)
        for start in range(0, len(data), size):
            block = data[start : start + size]
            planes = block.T if form.is_planar else block.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), form.name, layout)
            frame.sample_rate, frame.pts = rate, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


# name: (file name, sample rate, writer)
FORMATS: dict[str, tuple[str, int, Callable[[Path, np.ndarray, int], None]]] = {
    "wav": ("a.wav", 44_100, lambda p, x, r: soundfile.write(p, x, r, "PCM_16")),
    "wav 24": ("a.wav", 96_000, lambda p, x, r: soundfile.write(p, x, r, "PCM_24")),
    "wav float": ("a.wav", 48_000, lambda p, x, r: soundfile.write(p, x, r, "FLOAT")),
    "flac": ("a.flac", 44_100, lambda p, x, r: soundfile.write(p, x, r)),
    "aiff": ("a.aiff", 44_100, lambda p, x, r: soundfile.write(p, x, r)),
    "mp3": ("a.mp3", 44_100, lambda p, x, r: soundfile.write(p, x, r)),
    "mp3 lame": ("a.mp3", 44_100, lambda p, x, r: encode(p, x, r, "libmp3lame")),
    "ogg": ("a.ogg", 44_100, lambda p, x, r: soundfile.write(p, x, r)),
    "opus": ("a.opus", 48_000, lambda p, x, r: encode(p, x, r, "libopus")),
    "m4a": ("a.m4a", 44_100, lambda p, x, r: encode(p, x, r, "aac")),
    "alac": ("a.m4a", 44_100, lambda p, x, r: encode(p, x, r, "alac")),
    "mp4": ("a.mp4", 44_100, lambda p, x, r: encode(p, x, r, "aac")),
    "mov": ("a.mov", 44_100, lambda p, x, r: encode(p, x, r, "pcm_s16le")),
    "webm": ("a.webm", 48_000, lambda p, x, r: encode(p, x, r, "libopus")),
    "mkv": ("a.mkv", 44_100, lambda p, x, r: encode(p, x, r, "flac")),
    "aac": ("a.aac", 44_100, lambda p, x, r: encode(p, x, r, "aac")),
}


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """Clicks as a stereo WAV file at 44.1 kHz."""
    path = tmp_path / "clicks.wav"
    soundfile.write(path, clicks(44_100), 44_100)
    return path


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], Path]:
    """Write the clicks in one of :data:`FORMATS`."""

    def write(name: str) -> Path:
        file, rate, writer = FORMATS[name]
        writer(tmp_path / file, clicks(rate), rate)
        return tmp_path / file

    return write


@pytest.fixture
def sounds() -> Any:
    """What is above, for tests that need more than a file."""
    import types

    return types.SimpleNamespace(
        clicks=clicks, click_times=click_times, encode=encode, CLICKS=CLICKS, FORMATS=FORMATS, SECONDS=SECONDS
    )
