"""Run a command in a fresh process and see what it takes: seconds, and memory of it and its children.

Memory is the resident set summed over the process tree, sampled every 20 ms. Pages that two processes share
count twice, and pages of mapped files count as long as they are resident: it is an upper bound.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import shutil
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

ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

_INTERVAL = 0.02
_KCMP = {"x86_64": 312, "aarch64": 272}  # the system call's number, by machine
_KCMP_VM = 1  # of linux/kcmp.h: compare address spaces


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run took: wall-clock seconds, seconds of CPU, peak resident bytes, and what it printed."""

    seconds: float
    cpu: float
    memory: int
    output: str

    @property
    def inside(self) -> float:
        """Seconds that the process measured itself and printed as its last line."""
        return float(self.output.strip().splitlines()[-1])


@dataclass(frozen=True, slots=True)
class Runs:
    """Several runs of the same: medians of seconds, fastest and slowest, the largest memory."""

    costs: tuple[Cost, ...]

    @property
    def seconds(self) -> float:
        """Median of the wall-clock seconds."""
        return statistics.median(cost.seconds for cost in self.costs)

    @property
    def range(self) -> tuple[float, float]:
        """Fastest and slowest run, in seconds."""
        return min(cost.seconds for cost in self.costs), max(cost.seconds for cost in self.costs)

    @property
    def cpu(self) -> float:
        """Median of the seconds of CPU."""
        return statistics.median(cost.cpu for cost in self.costs)

    @property
    def inside(self) -> float:
        """Median of the seconds that the processes measured themselves."""
        return statistics.median(cost.inside for cost in self.costs)

    @property
    def memory(self) -> int:
        """Largest peak, in bytes."""
        return max(cost.memory for cost in self.costs)


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
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command], stdout=out, stderr=err, env={**os.environ, **(environment or {})}
        )
        memory = 0
        while process.poll() is None:
            memory = max(memory, _tree_memory(process.pid))
            time.sleep(_INTERVAL)
        seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        out.seek(0), err.seek(0)
        output, errors = (file.read().decode("utf-8", "replace") for file in (out, err))
    if process.returncode not in accept:
        tail = "\n".join((output + errors).strip().splitlines()[-5:])
        raise CommandFailed(f"{' '.join(map(str, command))} exited with {process.returncode}:\n{tail}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(seconds, cpu, memory, output)


def rounds(
    tasks: Mapping[str, Callable[[], Cost]],
    runs: int,
    fewer: Mapping[str, int] | None = None,
    told: Callable[[str, float], None] | None = None,
) -> dict[str, Runs]:
    """Run all tasks in turn, again and again, so that a busy minute falls on all of them alike.

    Parameters
    ----------
    tasks : mapping of str to callable
    runs : int
        Rounds.
    fewer : mapping of str to int, optional
        Tasks that take part in the first so many rounds only.
    told : callable, optional
        Called with a task's name and seconds after each run.

    Returns
    -------
    dict of str to Runs
    """
    costs: dict[str, list[Cost]] = {name: [] for name in tasks}
    for number in range(runs):
        for name, once in tasks.items():
            if number < (fewer or {}).get(name, runs):
                costs[name].append(once())
                if told is not None:
                    told(name, costs[name][-1].seconds)
    return {name: Runs(tuple(found)) for name, found in costs.items()}


def on_one_core(command: Sequence[str | Path]) -> list[str | Path]:
    """Prefix a command so that it and its children keep to one core, where ``taskset`` is there."""
    if shutil.which("taskset") is None or not hasattr(os, "sched_getaffinity"):
        return list(command)
    return ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]


def machine() -> str:
    """Name the machine in a few neutral words."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def _tree_memory(root: int) -> int:
    """Resident bytes of a process and all below it; 0 where there is no /proc."""
    return sum(_resident(pid) for pid in _tree(root))


def _tree(pid: int) -> list[int]:
    found = [pid]
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:  # gone in the meantime, or a system without /proc
        return found
    for task in tasks:
        try:
            children = (task / "children").read_text().split()
        except OSError:  # gone in the meantime
            continue
        for child in map(int, children):
            if not _same_memory(pid, child):
                found += _tree(child)
    return found


def _same_memory(parent: int, child: int) -> bool:
    """Whether a child still lives in its parent's memory, as between vfork and exec; it would count twice."""
    number = _KCMP.get(platform.machine())
    return number is not None and ctypes.CDLL(None).syscall(number, parent, child, _KCMP_VM, 0, 0) == 0


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
