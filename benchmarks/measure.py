"""Run a command in a fresh process and see what it takes: seconds, and memory of it and its children.

Memory is the resident set summed over the process tree, sampled every 20 ms. Pages that two processes share
count twice, and pages of mapped files count as long as they are resident: it is an upper bound.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

EDM = (sys.executable, "-c", "from edm_core.cli import run; run()")
"""The ``edm`` command, by the interpreter that runs this."""

_INTERVAL = 0.02


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: wall-clock seconds, peak resident memory in bytes, and what it printed."""

    seconds: float
    memory: int
    output: str


class CommandFailed(RuntimeError):
    """A measured command did not exit with 0; the message holds its last lines."""


def run(
    command: Sequence[str | Path], environment: Mapping[str, str] | None = None, accept: Sequence[int] = (0,)
) -> Cost:
    """Run a command once.

    Parameters
    ----------
    command : sequence of str or Path
    environment : mapping, optional
        Variables besides those of this process.
    accept : sequence of int
        Exit statuses that are fine.

    Raises
    ------
    CommandFailed
        If it exits otherwise.

    Examples
    --------
    >>> import sys
    >>> run([sys.executable, "-c", "print('hello')"]).output
    'hello\\n'
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=out, stderr=err, env={**os.environ, **(environment or {})}
        )
        memory = 0
        while process.poll() is None:
            memory = max(memory, _tree_memory(process.pid))
            time.sleep(_INTERVAL)
        seconds = time.perf_counter() - started
        out.seek(0)
        err.seek(0)
        output, errors = out.read().decode(), err.read().decode("utf-8", "replace")
    if process.returncode not in accept:
        tail = "\n".join((output + errors).strip().splitlines()[-5:])
        raise CommandFailed(f"{' '.join(map(str, command))} exited with {process.returncode}:\n{tail}")
    return Cost(seconds, memory, output)


def median(runs: int, once: Callable[[], Cost]) -> Cost:
    """Take the middle of several runs: median of seconds, largest memory, output of the last."""
    costs = [once() for _ in range(runs)]
    return Cost(
        statistics.median(cost.seconds for cost in costs),
        max(cost.memory for cost in costs),
        costs[-1].output,
    )


def machine() -> str:
    """Name the machine in a few neutral words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _tree_memory(root: int) -> int:
    """Resident bytes of a process and all below it; 0 where there is no /proc."""
    return sum(_resident(pid) for pid in _tree(root))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = (task / "children").read_text().split()
        except OSError:  # gone in the meantime
            continue
        for child in children:
            found += _tree(int(child))
    return found


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
