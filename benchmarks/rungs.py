"""Rungs of the ladder, each in a process of its own; the last line printed is the seconds it took inside.

    python -m benchmarks.rungs decode|ladder|warm|beats FILE

- ``decode``: soundfile alone, in blocks;
- ``ladder``: ``load → track_beats → find_sections → find_key``, from the first import on;
- ``warm``: the same after a few seconds of the recording went through: nothing is left to import or to open;
- ``beats``: beats and downbeats from decoded samples, warm too. The clock starts when the samples are there.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

WARMING_UP = 20.0
"""Seconds of the recording that go through before a warm run."""


def main() -> None:
    """Run what the command line asks for."""
    rungs: dict[str, Callable[[str], float]] = {
        "decode": decode, "ladder": ladder, "warm": warm, "beats": beats
    }  # fmt: skip
    name, path = sys.argv[1:]
    print(rungs[name](path))


def decode(path: str) -> float:
    """Decode a file by soundfile; return seconds."""
    import soundfile

    started = time.perf_counter()
    with soundfile.SoundFile(path) as file:
        for _ in file.blocks(65536, dtype="float32"):
            pass
    return time.perf_counter() - started


def ladder(path: str) -> float:
    """Take a file up the ladder; return seconds, imports included."""
    started = time.perf_counter()
    _climb(path)
    return time.perf_counter() - started


def warm(path: str) -> float:
    """Take a file up the ladder when everything is imported; return seconds."""
    import tempfile
    from pathlib import Path

    import soundfile

    rate = soundfile.info(path).samplerate
    samples, _ = soundfile.read(path, frames=round(WARMING_UP * rate), dtype="float32", always_2d=True)
    with tempfile.TemporaryDirectory() as folder:
        short = Path(folder) / "short.wav"
        soundfile.write(short, samples, rate)
        _climb(str(short))
    return ladder(path)


def beats(path: str) -> float:
    """Track beats and downbeats in decoded samples; return seconds."""
    import soundfile

    from edm_core.audio import Sound
    from edm_core.segmentation import track_beats

    def track(samples: Any, rate: int) -> int:
        return len(track_beats(Sound.from_samples(samples, rate)).beats)

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    track(samples[: round(WARMING_UP * rate)], rate)
    started = time.perf_counter()
    if not track(samples, rate):
        raise SystemExit(f"no beats were found in {path}")
    return time.perf_counter() - started


def _climb(path: str) -> None:
    from edm_core.audio import load
    from edm_core.segmentation import find_key, find_sections, track_beats

    sound = load(path)
    rhythm = track_beats(sound)
    find_sections(sound, rhythm)
    find_key(sound)


if __name__ == "__main__":
    main()
