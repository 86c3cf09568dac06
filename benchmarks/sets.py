"""The sets of recordings whose truth is known: where they lie, and how they are made where they are missing.

- the public development set, by ``make_dev_set.py`` of the folder that ``EDM_BENCHMARK_DIR`` names;
- the unseen rendered forms, by ``python -m benchmarks.unseen``, which plays human forms with LMMS.

Both are folders with ``audio/`` and ``truth/`` (one JSON file an item).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path
from typing import Any

from .peers.environments import CACHE

REPOSITORY = Path(__file__).resolve().parents[1]
DEVELOPMENT = CACHE / "devset"
UNSEEN = CACHE / "unseen"

Truth = dict[str, Any]


class SetMissing(RuntimeError):
    """A set is not there and cannot be made; the message is the reason, fit for a table."""


@dataclass(frozen=True)
class Recordings:
    """A set's folder and the ids of its items, sorted; those that a pattern or a number left are out."""

    folder: Path
    ids: tuple[str, ...]

    @cached_property
    def truths(self) -> dict[str, Truth]:
        """Truth by id."""
        return {name: json.loads(self.truth_file(name).read_text(encoding="utf-8")) for name in self.ids}

    def truth_file(self, name: str) -> Path:
        """Where an item's truth lies."""
        return self.folder / "truth" / f"{name}.json"

    def audio(self, name: str) -> Path:
        """Where an item's recording lies."""
        return (self.folder / str(self.truths[name]["audio"])).resolve()

    def items(self, wanted: Callable[[Truth], bool] = lambda _: True) -> list[dict[str, Any]]:
        """Return recordings and truths, as the peers' workers take them."""
        return [
            {"audio": str(self.audio(name)), "truth": truth}
            for name, truth in self.truths.items()
            if wanted(truth)
        ]


def benchmark_folder() -> Path | None:
    """Return the folder that ``EDM_BENCHMARK_DIR`` names, if the three scripts are in it."""
    named = os.environ.get("EDM_BENCHMARK_DIR")
    folder = Path(named).expanduser().resolve() if named else None
    if folder and all((folder / f"{name}.py").is_file() for name in ("make_dev_set", "score", "baselines")):
        return folder
    return None


def recordings(folder: Path, only: str = "*", count: int | None = None) -> Recordings:
    """Return a set that is there: items that match `only`, the first `count` of them."""
    ids = sorted(path.stem for path in (folder / "truth").glob("*.json") if fnmatch(path.stem, only))
    return Recordings(folder, tuple(ids[:count]))


def development(scripts: Path, folder: Path = DEVELOPMENT, only: str = "*") -> Recordings:
    """Return the development set; render it where it is missing (minutes, and Debian's packages)."""
    if not list((folder / "truth").glob("*.json")):
        print("Rendering the development set …", file=sys.stderr, flush=True)
        command = [sys.executable, str(scripts / "make_dev_set.py"), "--out", str(folder)]
        subprocess.run(command, check=True, stdout=sys.stderr)
    return recordings(folder, only)


def unseen(folder: Path = UNSEEN, count: int = 24, only: str = "*") -> Recordings:
    """Return the first so many unseen rendered forms; render those that are missing.

    Raises
    ------
    SetMissing
        If there is no LMMS to play them, or the renderer failed.
    """
    if not _complete(recordings(folder, count=count), count):
        if shutil.which("lmms") is None:
            raise SetMissing("LMMS, which plays the forms, is not installed (Debian: `lmms`)")
        print("Rendering unseen forms …", file=sys.stderr, flush=True)
        command = [sys.executable, "-m", "benchmarks.unseen", "--out", str(folder), "--count", str(count)]
        done = subprocess.run(command, check=False, stdout=sys.stderr, cwd=REPOSITORY)
        if done.returncode or not _complete(recordings(folder, count=count), count):
            raise SetMissing(f"the renderer failed (exit status {done.returncode})")
    first = set(recordings(folder, count=count).ids)
    return Recordings(folder, tuple(name for name in recordings(folder, only).ids if name in first))


def _complete(there: Recordings, count: int) -> bool:
    """Whether there are so many items, each with its sound: a renderer may have been interrupted."""
    return len(there.ids) >= count and all(there.audio(name).exists() for name in there.ids)
