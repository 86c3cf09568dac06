"""Seconds and memory: five minutes of music through every system, ten hours through the audio stages.

All systems take turns within a round, and the medians of some rounds count, so that a busy machine is busy
for all of them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .material import decoded, five_minutes
from .measure import Runs, rounds
from .progress import Progress
from .throughput import throughput
from .timed import (
    DECODING,
    LADDER,
    MUSIC,
    OURS_BEATS,
    RADIO,
    THEIR_BEATS,
    WARM,
    beat_task,
    import_seconds,
    long_run,
    our_tasks,
    peer_tasks,
)

SECONDS, MEMORY, DECODINGS, TIMES_MADMOM, IMPORT = 3.0, 300e6, 4.5, 20.0, 0.3
"""The goals: seconds, bytes and times decoding for five minutes; times faster than madmom; import."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is measured.

    Parameters
    ----------
    runs : int
        Rounds of ours.
    peer_runs : int
        Rounds that the peers take part in.
    hours : float
        Length of the long FLAC; 0 leaves it out.
    tracks : int
        Number of short tracks of the batch; 0 leaves it out.
    track_seconds : float
        Length of each.
    """

    runs: int = 5
    peer_runs: int = 3
    hours: float = 10
    tracks: int = 60
    track_seconds: float = 30


def section(budget: Budget, systems: Sequence[str], scripts: Path | None) -> str:
    """Measure everything; return the section of ``RESULTS.md``, Markdown.

    Parameters
    ----------
    budget : Budget
    systems : sequence of str
        Names of the peers.
    scripts : Path or None
        Folder of ``baselines.py``; without it the peers are left out.
    """
    busy = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="edm-speed-") as scratch:
        folder = Path(scratch)
        music = five_minutes(folder / "five_minutes.mp3")
        tasks = our_tasks(music, decoded(folder / "five_minutes.wav", music), folder)
        theirs, missing = peer_tasks(systems, scripts, music, folder)
        alone = beat_task(systems, folder / "five_minutes.wav")
        fewer = dict.fromkeys((*theirs, *alone), budget.peer_runs)
        tasks |= theirs | alone
        total = sum(fewer.get(name, budget.runs) for name in tasks)
        progress = Progress("speed", total)
        found = rounds(tasks, budget.runs, fewer, lambda name, s: progress.advance(1, f"{name}: {s:.2f} s"))
        long = long_run(folder, budget.hours) if budget.hours else None
        batch = "Left out."
        if budget.tracks:
            batch = throughput(folder, budget.tracks, budget.track_seconds, budget.runs)
    imports = sorted(import_seconds() for _ in range(max(5, budget.runs)))
    return "\n".join(
        [
            f"Medians of {budget.runs} rounds ({budget.peer_runs} of the peers) in fresh processes, nothing",
            "cached, one thread on one core; all systems in turn within a round. Five minutes of stereo MP3,",
            "decoding and interpreter start included unless said. Memory: of the process tree, sampled.",
            "CPU: user and system time, which a busy neighbour disturbs less (load of the machine",
            f"before: {busy:.1f}).",
            "",
            *table(found),
            "",
            *(f"- {name} left out: {reason}" for name, reason in missing.items()),
            "",
            *ratios(found),
            "",
            "### Others",
            "",
            f"- {RADIO}: {_both(found[RADIO])}",
            *(
                [f"- {budget.hours:g}-hour FLAC, audio stages: {_both(long)} (goal: ≤ 300 MB)"]
                if long
                else []
            ),
            f"- `import edm_core`: {imports[len(imports) // 2]:.3f} s (goal: < {IMPORT} s)",
            "",
            "### Many tracks",
            "",
            batch,
        ]
    )


# --- what is said about it ----------------------------------------------------------------------------------


def table(found: Mapping[str, Runs]) -> list[str]:
    """Lines of a Markdown table; a goal that was not reached is said so."""
    decoding = found[DECODING]
    lines = [
        "| what | seconds | (fastest–slowest) | CPU seconds | times decoding | peak memory | goal |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, runs in found.items():
        if name == RADIO:
            continue
        fast, slow = runs.range
        # What starts from decoded samples, or when all is imported, takes its own time.
        inside = name in (WARM, OURS_BEATS, THEIR_BEATS)
        seconds = runs.inside if inside else runs.seconds
        measured = [cost.inside for cost in runs.costs] if inside else [fast, slow]
        ratio = "" if name in (OURS_BEATS, THEIR_BEATS) else f"{seconds / _decoding(decoding, inside):.1f}"
        cells = (
            name, f"{seconds:.2f}", f"{min(measured):.2f}–{max(measured):.2f}",
            "" if inside else f"{runs.cpu:.2f}", ratio, f"{runs.memory / 1e6:.0f} MB",
            _goal(name, runs, decoding),
        )  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def ratios(found: Mapping[str, Runs]) -> list[str]:
    """Say what the table's rows mean for each other."""
    decoding = found[DECODING]
    whole, inside = found[LADDER].seconds / decoding.seconds, found[WARM].inside / decoding.inside
    lines = [
        f"Decoding takes {decoding.seconds:.2f} s as a process, {decoding.inside:.2f} s inside it.",
        f"The ladder as a process takes {whole:.1f} × the one; with everything imported and opened it takes",
        f"{inside:.1f} × the other.",
    ]
    if THEIR_BEATS in found:
        times = found[THEIR_BEATS].inside / found[OURS_BEATS].inside
        kept = "" if times >= TIMES_MADMOM else ", **not reached**"
        lines += [
            "",
            f"Beats and downbeats from decoded samples: {times:.1f} × faster than madmom",
            f"(goal: ≥ {TIMES_MADMOM:g} ×{kept}).",
            "The clock starts when samples and models are loaded and 20 s went through, on either side.",
        ]
    return lines


def _decoding(decoding: Runs, inside: bool) -> float:
    return decoding.inside if inside else decoding.seconds


def _goal(name: str, runs: Runs, decoding: Runs) -> str:
    if name not in (MUSIC, LADDER):
        return ""
    kept = runs.seconds <= SECONDS and runs.memory <= MEMORY and runs.seconds <= DECODINGS * decoding.seconds
    goal = f"≤ {SECONDS:g} s, ≤ {DECODINGS} ×, ≤ {MEMORY / 1e6:g} MB"
    return goal + ("" if kept else " (**not reached**)")


def _both(runs: Runs) -> str:
    return f"{runs.seconds:.2f} s, {runs.memory / 1e6:.0f} MB"
