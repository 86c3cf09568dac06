"""Recordings made to be timed: five minutes of music, many short tracks, ten quiet hours.

The music is the demo track, drops and all. All files are written where the caller says, by soundfile.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[1]
TRACK = REPOSITORY / "data" / "demo" / "edm_track.mp3"
SHOW = REPOSITORY / "data" / "demo" / "radio_show.ogg"
RATE = 44_100


def five_minutes(path: Path) -> Path:
    """Write five minutes of stereo MP3: the demo track's 64 bars up to the outro, repeated."""
    import soundfile

    samples, _ = soundfile.read(TRACK, dtype="float32", always_2d=True)
    first, last = 4_410, 4_410 + 64 * 84_000
    with soundfile.SoundFile(path, "w", RATE, 2, "MPEG_LAYER_III", format="MP3") as file:
        for position in itertools.count(0, 65_536):
            left = 300 * RATE - position
            if left <= 0:
                return path
            index = first + np.arange(position, position + min(65_536, left)) % (last - first)
            file.write(samples[index])
    return path


def decoded(path: Path, music: Path) -> Path:
    """Write the samples of `music` as mono 16-bit WAV, for trackers that start from decoded samples."""
    import soundfile

    samples, rate = soundfile.read(music, dtype="float32", always_2d=True)
    soundfile.write(path, samples.mean(1), rate, "PCM_16")
    return path


def short_tracks(folder: Path, count: int, seconds: float) -> Path:
    """Write so many different short MP3 files: the demo track from ever other places."""
    import soundfile

    samples, _ = soundfile.read(TRACK, dtype="float32", always_2d=True)
    length = round(seconds * RATE)
    folder.mkdir(parents=True)
    for number in range(count):
        # A step that shares no factor with the length: no place comes twice.
        first = number * 1_000_003 % (len(samples) - length)
        track = folder / f"track_{number:04d}.mp3"
        soundfile.write(track, samples[first : first + length], RATE, format="MP3")
    return folder


def long_flac(path: Path, hours: float) -> Path:
    """Write a mono FLAC of so many hours, block by block: silence with a quiet tick every half second."""
    import soundfile

    block = np.zeros(RATE * 60, np.int16)
    block[:: RATE // 2] = 40
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        for _ in range(round(hours * 60)):
            file.write(block)
    return path
