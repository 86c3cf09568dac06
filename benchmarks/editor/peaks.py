"""How long the peaks of ten minutes take, and how long they take once they are in the cache."""

from __future__ import annotations

import shutil
import statistics
import sys
from pathlib import Path

import numpy as np

from ..material import RATE, TRACK
from ..measure import run

_LOAD = """
import sys, time
from pathlib import Path
from edm_core.audio import load
from edm_core.cache import Cache
cache = Cache(Path(sys.argv[2]), 10**12)
began = time.perf_counter()
peaks = load(sys.argv[1], cache=cache).peaks
peaks.to_bytes(0)
print(time.perf_counter() - began)
"""


def seconds(folder: Path, runs: int) -> list[tuple[str, float, float]]:
    """Return, for each format, the medians of seconds to compute the peaks and to read them from the cache.

    In fresh processes; importing is not counted, decoding is.
    """
    found = []
    for form in ("wav", "mp3") if runs else ():
        path = ten_minutes(folder / f"ten.{form}")
        fresh, cached = [], []
        for number in range(runs):
            cache = folder / f"cache-{form}-{number}"
            fresh.append(run([sys.executable, "-c", _LOAD, path, cache]).inside)
            cached.append(run([sys.executable, "-c", _LOAD, path, cache]).inside)
            shutil.rmtree(cache)
        found.append((form, statistics.median(fresh), statistics.median(cached)))
    return found


def ten_minutes(path: Path) -> Path:
    """Write ten minutes of stereo, the demo track's 64 bars up to the outro repeated."""
    import soundfile

    samples, _ = soundfile.read(TRACK, dtype="float32", always_2d=True)
    first, last = 4_410, 4_410 + 64 * 84_000
    form, kind = {"wav": ("WAV", "PCM_16"), "mp3": ("MP3", "MPEG_LAYER_III")}[path.suffix[1:]]
    with soundfile.SoundFile(path, "w", RATE, 2, kind, format=form) as file:
        for position in range(0, 600 * RATE, 1 << 18):
            index = first + np.arange(position, min(position + (1 << 18), 600 * RATE)) % (last - first)
            file.write(samples[index])
    return path
