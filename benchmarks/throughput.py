"""Many tracks: whether the time is linear in their number, and what two workers gain."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from .material import REPOSITORY, short_tracks
from .measure import EDM, Cost, Runs, rounds, run
from .progress import Progress

GAIN = 1.8
"""What two workers are to gain."""
LINEAR = 1.05
"""What a track of the whole batch may cost, measured in tracks of half of it."""

HALF, ALL, PAIR = "half", "all", "two workers"


def throughput(folder: Path, tracks: int, seconds: float, runs: int) -> str:
    """Analyse a folder of short tracks, half of it, and all of it with two workers; return Markdown.

    Parameters
    ----------
    folder : Path
        Where the tracks and the data folder go.
    tracks : int
        Tracks of the whole batch, even.
    seconds : float
        Length of each track.
    runs : int
        Rounds.
    """
    whole = short_tracks(folder / "tracks", tracks, seconds)
    half, single = folder / "half", folder / "single"
    for part, count in ((half, tracks // 2), (single, 1)):
        part.mkdir()
        for path in sorted(whole.iterdir())[:count]:
            (part / path.name).hardlink_to(path)
    batch(single, folder / "batch", 1, 1)  # untimed: weights are verified once and stay so
    tasks = {
        HALF: partial(batch, half, folder / "batch", 1, tracks // 2),
        ALL: partial(batch, whole, folder / "batch", 1, tracks),
        PAIR: partial(batch, whole, folder / "batch", 2, tracks),
    }
    progress = Progress("many tracks", 3 * runs)
    found = rounds(tasks, runs, told=lambda name, s: progress.advance(1, f"{name}: {s:.1f} s"))
    return said(found, tracks, seconds)


def batch(folder: Path, data: Path, workers: int, tracks: int) -> Cost:
    """One ``edm analyze`` of a folder with an empty stage cache; checks that every track has its line."""
    shutil.rmtree(data / "cache", ignore_errors=True)
    options = ("--only", "music", "--format", "json", "--workers", str(workers))
    cost = run(
        [*EDM, "analyze", folder, *options], {"PYTHONPATH": str(REPOSITORY), "EDM_DATA_DIR": str(data)}
    )
    if len(cost.output.splitlines()) != tracks:
        raise ValueError(f"{len(cost.output.splitlines())} documents for {tracks} tracks")
    return Cost(cost.seconds, cost.cpu, cost.memory, "")


def said(found: Mapping[str, Runs], tracks: int, seconds: float) -> str:
    """Write a table and the two ratios, paired by round: medians, as single rounds are disturbed."""
    lines = [
        f"`edm analyze --only music` on a folder of {tracks} MP3 files of {seconds:g} s, and on half of it.",
        "",
        "| tracks | workers | seconds | seconds a track | tracks a minute | peak memory |",
        "|---|---|---|---|---|---|",
    ]
    for name, count, workers in ((HALF, tracks // 2, 1), (ALL, tracks, 1), (PAIR, tracks, 2)):
        spent = found[name].seconds
        lines.append(
            f"| {count} | {workers} | {spent:.1f} | {spent / count:.3f} | {60 * count / spent:.0f} "
            f"| {found[name].memory / 1e6:.0f} MB |"
        )
    growth = _ratio(found[ALL], found[HALF]) / (tracks / (tracks // 2))
    gain = _ratio(found[ALL], found[PAIR])
    linear = f"(linear: ≤ {LINEAR}{_kept(growth <= LINEAR)})"
    lines += [
        "",
        f"A track of the whole costs {growth:.2f} × one of the half {linear}.",
        f"Two workers are {gain:.2f} × as fast as one (goal: ≥ {GAIN}{_kept(gain >= GAIN)}). Medians over",
        f"{len(found[ALL].costs)} rounds of the ratio within the round.",
    ]
    return "\n".join(lines)


def _ratio(above: Runs, below: Runs) -> float:
    pairs = zip(above.costs, below.costs, strict=True)
    return statistics.median(over.seconds / under.seconds for over, under in pairs)


def _kept(kept: bool) -> str:
    return "" if kept else ", **not reached**"
