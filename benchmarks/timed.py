"""What is timed: commands in fresh processes, with an empty stage cache, on one core, with one thread."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from .material import REPOSITORY, SHOW, long_flac
from .measure import EDM, ONE_THREAD, Cost, Runs, on_one_core, run
from .peers import PEERS, PeerMissing, environment
from .peers.documents import WORKER
from .peers.environments import CACHE

STOPWATCH = WORKER.with_name("stopwatch.py")
RUNG = (sys.executable, "-m", "benchmarks.rungs")

MUSIC = "`edm analyze --only music`"
EVERYTHING = "`edm analyze`, everything (no speech in it)"
DECODING = "decoding alone (soundfile)"
LADDER = "`load → track_beats → find_sections → find_key`"
WARM = "the same, imports not counted"
OURS_BEATS = "beats and downbeats alone, ours"
THEIR_BEATS = "beats and downbeats alone, madmom"
RADIO = "`edm analyze`, the demo's radio show (124 s)"

_LOAD = """
import sys
from edm_core.audio import load
from edm_core.cache import Cache
from pathlib import Path
sound = load(sys.argv[1], cache=Cache(Path(sys.argv[2]), 10**12))
print(sound.recording.duration)
"""
_IMPORT = "import time; t = time.perf_counter(); import edm_core; print(time.perf_counter() - t)"


def our_tasks(music: Path, samples: Path, folder: Path) -> dict[str, Callable[[], Cost]]:
    """Ours and bare decoding, by the name in the table."""
    return {
        DECODING: partial(rung, "decode", music, folder),
        MUSIC: partial(analyze, music, folder, "--only", "music"),
        LADDER: partial(rung, "ladder", music, folder),
        WARM: partial(rung, "warm", music, folder),
        EVERYTHING: partial(analyze, music, folder),
        OURS_BEATS: partial(rung, "beats", samples, folder),
        RADIO: partial(analyze, SHOW, folder),
    }


def peer_tasks(
    systems: Sequence[str], scripts: Path | None, music: Path, folder: Path
) -> tuple[dict[str, Callable[[], Cost]], dict[str, str]]:
    """Peers that listen, by name, each after a run that fills its caches; and why others are left out."""
    tasks: dict[str, Callable[[], Cost]] = {}
    missing: dict[str, str] = {}
    five, short = folder / "five.jsonl", folder / "short.jsonl"
    five.write_text(json.dumps({"audio": str(music), "truth": {"duration": 300.0}}) + "\n")
    short.write_text(json.dumps({"audio": str(SHOW), "truth": {"duration": 124.0}}) + "\n")
    for peer in (PEERS[name] for name in systems):
        if peer.pins is None:
            continue
        if scripts is None:
            missing[peer.name] = "`EDM_BENCHMARK_DIR` names no folder with `baselines.py`"
            continue
        try:
            place = environment(peer)
            command: list[str | Path] = [place.python, WORKER, scripts, peer.name]
            variables = {**ONE_THREAD, "NUMBA_CACHE_DIR": str(CACHE / "numba-0" / place.fingerprint)}
            run([*command, short], variables)
        except (PeerMissing, RuntimeError) as reason:
            missing[peer.name] = (
                str(reason).splitlines()[0] if isinstance(reason, PeerMissing) else "it failed"
            )
            continue
        tasks[peer.name] = partial(run, on_one_core([*command, five]), variables)
    return tasks, missing


def beat_task(systems: Sequence[str], samples: Path) -> dict[str, Callable[[], Cost]]:
    """Madmom on decoded samples, where it can be had."""
    if "madmom" not in systems:
        return {}
    try:
        place = environment(PEERS["madmom"])
    except PeerMissing:
        return {}
    return {THEIR_BEATS: partial(run, on_one_core([place.python, STOPWATCH, samples]), ONE_THREAD)}


def rung(name: str, path: Path, folder: Path) -> Cost:
    """One rung of the ladder in a fresh process on one core."""
    return run(on_one_core([*RUNG, name, path]), _environment(folder))


def analyze(music: Path, folder: Path, *options: str) -> Cost:
    """One ``edm analyze`` with an empty stage cache; weights that were verified stay so."""
    shutil.rmtree(folder / "data" / "cache", ignore_errors=True)
    command: list[str | Path] = [*EDM, "analyze", music, "--format", "json", *options]
    return run(on_one_core(command), _environment(folder))


def long_run(folder: Path, hours: float) -> Runs:
    """Take a long FLAC through decoding, spectrum and peaks, once."""
    path = long_flac(folder / "long.flac", hours)
    cost = run([sys.executable, "-c", _LOAD, path, folder / "long"], _environment(folder))
    if abs(cost.inside - hours * 3600) > 1:
        raise ValueError(f"{path}: {cost.inside} s were read of {hours * 3600} s")
    return Runs((cost,))


def import_seconds() -> float:
    """Seconds of ``import edm_core`` in a fresh interpreter, its start not included."""
    return run([sys.executable, "-c", _IMPORT], {"PYTHONPATH": str(REPOSITORY)}).inside


def _environment(folder: Path) -> dict[str, str]:
    return {**ONE_THREAD, "PYTHONPATH": str(REPOSITORY), "EDM_DATA_DIR": str(folder / "data")}
