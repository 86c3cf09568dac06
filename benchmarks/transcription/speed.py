"""Speed and memory of transcription: ten minutes of a radio show, every system in a fresh process, in turn.

    python -m benchmarks.transcription.speed whole|sequential WAV

The real-time factor is seconds of work a second of sound. Models are loaded before the clock starts, and all
give word times; ours is timed with what it does before it recognises (finding activity) and without.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from ..measure import Cost, Runs, rounds, run
from ..peers import PeerMissing
from ..progress import Progress
from .material import Recording
from .packages import read
from .systems import SPEECH_PEERS, placed

RATE = 16_000
FACTOR_GOAL, GAIN_GOAL, SHARE_GOAL, MEMORY_GOAL = 0.08, 1.6, 0.5, 500e6
"""Real-time factor; ours against one sound at a time; share of openai-whisper's time; peak resident bytes."""

WHOLE = "ours: decoding, activity, words"
PARALLEL, SEQUENTIAL = "ours, words alone", "ours, words alone, one sound at a time"
OURS = {WHOLE: "whole", SEQUENTIAL: "sequential"}


def long_show(shows: Sequence[Recording], path: Path, seconds: float) -> Path:
    """Write English shows one after the other, people and machines in turn, until that length is reached."""
    import soundfile

    english = [show for show in shows if show.language == "en"]
    ordered = sorted(english, key=lambda show: show.name.rsplit("-", 1)[-1])
    samples = np.concatenate([read(show.path) for show in ordered])
    soundfile.write(path, np.resize(samples, round(seconds * RATE)), RATE, "PCM_16")
    return path


def speed(show: Path, seconds: float, peers: Sequence[str], runs: int, peer_runs: int) -> str:
    """Measure, and return a table with what is to be reached."""
    tasks: dict[str, Callable[[], Cost]] = {
        name: partial(run, [sys.executable, "-m", __spec__.name, what, show]) for name, what in OURS.items()
    }
    missing = []
    for name in peers:
        try:
            command = placed(SPEECH_PEERS[name]).command
        except PeerMissing as reason:
            missing.append(f"{name}: {reason}")
            continue
        tasks[name] = partial(run, [sys.executable, "-m", __spec__.name, "peer", show, *command])
    fewer = {name: peer_runs for name in tasks if name not in OURS}
    steps = runs * len(OURS) + min(runs, peer_runs) * len(fewer)
    progress = Progress("speed of transcription", steps)
    found = rounds(tasks, runs, fewer, lambda name, s: progress.advance(1, f"{name}: {s:.0f} s"))
    alone = Runs(tuple(replace(cost, output=cost.output.splitlines()[-2]) for cost in found[WHOLE].costs))
    return table({WHOLE: found[WHOLE], PARALLEL: alone, **found}, seconds, missing)


def table(found: dict[str, Runs], seconds: float, missing: Sequence[str] = ()) -> str:
    """Write medians over rounds; ratios are of the same round.

    >>> costs = Runs((Cost(9.0, 9.0, 400_000_000, "6.0"),))
    >>> "0.060" in table({PARALLEL: costs}, 100.0)
    True
    """
    lines = [
        f"A show of {seconds / 60:g} min, base, int8, 2 threads (openai-whisper: float32), word",
        "times on. Medians over rounds; peak memory of a fresh process and all below it. Each ratio is the",
        "median of those within a round, over the rounds that both took part in.",
        "",
        "| system | rounds | seconds (fastest–slowest) | real-time factor | peak memory |",
        "|---|---|---|---|---|",
    ]
    for name, costs in found.items():
        inside = [cost.inside for cost in costs.costs]
        factor, memory = costs.inside / seconds, f"{costs.memory / 1e6:.0f} MB"
        # The goals are of the whole: what a user waits for, models loaded.
        kept = _kept(factor <= FACTOR_GOAL, f" (goal ≤ {FACTOR_GOAL:g})") if name == WHOLE else ""
        within = _kept(costs.memory <= MEMORY_GOAL, " (goal ≤ 500 MB)") if name == WHOLE else ""
        spread = f"{costs.inside:.1f} ({min(inside):.1f}–{max(inside):.1f})"
        lines.append(f"| {name} | {len(inside)} | {spread} | {factor:.3f}{kept} | {memory}{within} |")
    lines.append("")
    if {PARALLEL, SEQUENTIAL} <= found.keys():
        gain = ratio(found[SEQUENTIAL], found[PARALLEL])
        goal = _kept(gain >= GAIN_GOAL, f" (goal: ≥ {GAIN_GOAL})")
        lines.append(f"- {gain:.2f} × as fast as one sound at a time{goal}.")
    for name in (name for name in found if name in SPEECH_PEERS):
        part = ratio(found[WHOLE], found[name])
        goal = _kept(part <= SHARE_GOAL, f" (goal: ≤ {SHARE_GOAL})") if name.startswith("openai") else ""
        lines.append(f"- The whole takes {part:.2f} × the time of {name}{goal}.")
    return "\n".join([*lines, *(f"- Left out: {reason}." for reason in missing)])


def ratio(above: Runs, below: Runs) -> float:
    """Return the median of the ratios of rounds that both took part in."""
    pairs = zip(above.costs, below.costs, strict=False)
    return statistics.median(over.inside / under.inside for over, under in pairs)


def _kept(kept: bool, goal: str) -> str:
    return goal if kept else goal.replace(")", ", **not reached**)")


def _ours(what: str, path: str) -> tuple[float, float]:
    """Return the seconds of the words alone, and of all."""
    from edm_core.audio import load
    from edm_core.models import whisper
    from edm_core.segmentation import find_activity
    from edm_core.transcription import transcribe
    from edm_core.transcription.faster_whisper_engine import FasterWhisper

    folder = whisper("base")
    engine = FasterWhisper(folder, workers=1) if what == "sequential" else FasterWhisper(folder)
    started = time.perf_counter()
    sound = load(path)
    activity = find_activity(sound)
    heard = time.perf_counter()
    found = transcribe(sound, activity, engine=engine, language="en")
    done = time.perf_counter()
    if not found.words:
        raise SystemExit(f"no words were found in {path}")
    return done - heard, done - started


def _peer(path: str, command: Sequence[str]) -> float:
    """Return the seconds that a peer's worker says it took."""
    asked = json.dumps({"audio": path, "language": "en"}) + "\n"
    answer = subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout
    return float(json.loads(answer.splitlines()[-1])["seconds"])


if __name__ == "__main__":
    if sys.argv[1] == "peer":
        print(_peer(sys.argv[2], sys.argv[3:]))
    else:
        alone, whole = _ours(*sys.argv[1:])
        print(alone, whole if sys.argv[1] == "whole" else alone, sep="\n")
