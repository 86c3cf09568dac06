"""Seconds and memory: five minutes of music through the pipeline, ten hours through the audio stages.

    python -m benchmarks.speed [--runs 3] [--hours 10]

Every measurement is a fresh process with an empty stage cache, interpreter start included. The music is
the demo track, drops and all, repeated to five minutes and encoded as a stereo MP3 at 44.1 kHz.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from .measure import EDM, Cost, median, run

REPOSITORY = Path(__file__).resolve().parents[1]
TRACK = REPOSITORY / "data" / "demo" / "edm_track.mp3"
SHOW = REPOSITORY / "data" / "demo" / "radio_show.ogg"
RATE = 44_100

# The promises, as in the documentation: seconds, bytes.
LIMITS = {"music": (10.0, 600e6), "hours": (float("inf"), 300e6), "import": (0.3, float("inf"))}

Row = tuple[str, Cost, tuple[float, float] | None]
"""Name, cost, and the promise about it: seconds and bytes."""

_DECODE = """
import sys, soundfile
with soundfile.SoundFile(sys.argv[1]) as file:
    for block in file.blocks(65536, dtype="float32"): pass
"""
_LOAD = """
import sys
from edm_core.audio import load
from edm_core.cache import Cache
from pathlib import Path
sound = load(sys.argv[1], cache=Cache(Path(sys.argv[2]), 10**12))
print(sound.recording.duration)
"""
_IMPORT = "import time; t = time.perf_counter(); import edm_core; print(time.perf_counter() - t)"


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="runs of each; the median counts")
    parser.add_argument("--hours", type=float, default=10, help="length of the long FLAC; 0 leaves it out")
    arguments = parser.parse_args()
    print(section(arguments.runs, arguments.hours))


def section(runs: int = 3, hours: float = 10) -> str:
    """Measure everything; return the section of ``RESULTS.md``, Markdown."""
    with tempfile.TemporaryDirectory(prefix="edm-speed-") as scratch:
        folder = Path(scratch)
        music = five_minutes(folder / "five_minutes.mp3")
        decode = median(runs, lambda: run([sys.executable, "-c", _DECODE, music]))
        rows: list[Row] = [("decoding alone (soundfile)", decode, None)]
        options: tuple[str, ...]
        for name, options, limit in (
            ("`edm analyze --only music`", ("--only", "music"), LIMITS["music"]),
            ("`edm analyze`, everything (no speech in it)", (), LIMITS["music"]),
        ):
            rows.append((name, median(runs, partial(analyze, music, folder, *options)), limit))
        rows.append(
            (
                "`edm analyze`, the demo's radio show (124 s)",
                median(runs, partial(analyze, SHOW, folder)),
                None,
            )
        )
        if hours:
            rows.append(long_row(folder, hours))
    seconds = import_seconds(max(5, runs))
    broken = "" if seconds < LIMITS["import"][0] else "; **not kept**"
    return "\n".join(
        [
            f"Medians of {runs} runs in fresh processes, nothing cached, interpreter start included;",
            "memory of the whole process tree, sampled. Unless said: five minutes of stereo MP3.",
            "",
            *table(rows, decode.seconds),
            "",
            f"`import edm_core`: {seconds:.3f} s (promised: under {LIMITS['import'][0]} s{broken}).",
        ]
    )


def table(rows: list[Row], decoding: float) -> list[str]:
    """Lines of a Markdown table; a promise that was not kept is said so."""
    lines = ["| what | seconds | times decoding | peak memory | promised |", "|---|---|---|---|---|"]
    for name, cost, limit in rows:
        ratio = "" if "FLAC" in name or "show" in name else f"{cost.seconds / decoding:.1f}"
        lines.append(
            f"| {name} | {cost.seconds:.2f} | {ratio} | {cost.memory / 1e6:.0f} MB "
            f"| {_promise(cost, limit)} |"
        )
    return lines


def five_minutes(path: Path) -> Path:
    """Write five minutes of music: the demo track's 64 bars up to the outro, repeated."""
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


def long_flac(path: Path, hours: float) -> Path:
    """Write a mono FLAC of so many hours, block by block: silence with a quiet tick every half second."""
    import soundfile

    block = np.zeros(RATE * 60, np.int16)
    block[:: RATE // 2] = 40
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        for _ in range(round(hours * 60)):
            file.write(block)
    return path


def analyze(music: Path, folder: Path, *options: str) -> Cost:
    """One ``edm analyze`` with an empty stage cache; weights that were verified stay so."""
    data = folder / "data"
    shutil.rmtree(data / "cache", ignore_errors=True)
    command: list[str | Path] = [*EDM, "analyze", music, "--format", "json", *options]
    return run(command, {"EDM_DATA_DIR": str(data), "PYTHONPATH": str(REPOSITORY)})


def long_row(folder: Path, hours: float) -> Row:
    """Take the long FLAC through decoding, spectrum and peaks."""
    path = long_flac(folder / "long.flac", hours)
    cost = run(
        [sys.executable, "-c", _LOAD, path, folder / "long"],
        {"PYTHONPATH": str(REPOSITORY), "EDM_DATA_DIR": str(folder / "data")},
    )
    if abs(float(cost.output) - hours * 3600) > 1:
        raise ValueError(f"{path}: {cost.output.strip()} s were read of {hours * 3600} s")
    return f"{hours:g}-hour FLAC ({path.stat().st_size / 1e6:.0f} MB), audio stages", cost, LIMITS["hours"]


def import_seconds(runs: int) -> float:
    """Median seconds of ``import edm_core`` in a fresh interpreter, its start not included."""
    environment = {"PYTHONPATH": str(REPOSITORY)}
    taken = sorted(float(run([sys.executable, "-c", _IMPORT], environment).output) for _ in range(runs))
    return taken[len(taken) // 2]


def _promise(cost: Cost, limit: tuple[float, float] | None) -> str:
    if limit is None:
        return ""
    parts = [f"≤ {limit[0]:g} s"] if limit[0] < float("inf") else []
    parts += [f"≤ {limit[1] / 1e6:g} MB"] if limit[1] < float("inf") else []
    kept = cost.seconds <= limit[0] and cost.memory <= limit[1]
    return ", ".join(parts) + ("" if kept else " (**not kept**)")


if __name__ == "__main__":
    main()
