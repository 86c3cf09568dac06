"""Workers of a case: processes that can be killed, whole or in part, and what became of their jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from edm_core.jobs import Job, Queue
from edm_core.settings import Settings
from edm_core.store import Entry, Library
from tests.servers import until

from .material import furnished
from .serving import ROOT, begun, ended
from .tasks import AFTER, KINDS, TASK

PATIENCE = 120.0


class Crew:
    """Worker processes, each of which has children that do the jobs.

    Parameters
    ----------
    settings : Settings
        With ``workers``, how many jobs each does at once.
    folder : Path
        Where their log goes.
    command : sequence of str, optional
        What is run; the tasks of :mod:`benchmarks.soak.tasks` by default.
    """

    def __init__(self, settings: Settings, folder: Path, command: Sequence[str] = ()) -> None:
        self.settings, self.folder = settings, folder
        self.command = list(command) or [sys.executable, "-m", "benchmarks.soak.tasks"]
        self.workers: list[subprocess.Popen[bytes]] = []

    def hire(self, environment: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start one more."""
        where = {"PYTHONPATH": str(ROOT), **(environment or {})}
        worker = begun(self.command, self.settings, self.folder / "workers.log", where)
        self.workers.append(worker)
        return worker

    def kill(self, worker: subprocess.Popen[bytes], what: str) -> None:
        """Kill a worker's ``parent``, its ``child`` (all of them) or ``both``, at once."""
        if what == "both":
            ended(worker)
        elif what == "parent":
            worker.kill()
            worker.wait()
        else:
            for child in children(worker.pid):
                os.kill(child, signal.SIGKILL)
        if what != "child":
            self.workers.remove(worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            ended(worker)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that live."""
    found = []
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in file.read_text().split()]
        except FileNotFoundError:  # the thread has just ended
            continue
    return found


class Board:
    """Recordings that are to be worked on, the jobs for them, and what became of both.

    Parameters
    ----------
    settings : Settings
    folder : Path
        For the recordings.
    """

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.library = Library(settings)
        self.folder = folder
        self.queue = Queue(settings, KINDS)
        self.entries: list[Entry] = []
        self.jobs: list[str] = []

    def ask(self, seconds: float) -> Job:
        """Add a recording, and a task that takes so long."""
        entry = furnished(self.library.settings, self.folder, len(self.entries))
        job = self.queue.submit(TASK, entry.id, {"id": entry.id, "seconds": seconds})
        self.entries.append(entry)
        self.jobs.append(job.id)
        return job

    def job(self, id: str) -> Job:
        """Return a job as it stands."""
        job = self.queue.ledger.get(id)
        assert job is not None, f"the ledger has lost {id}"
        return job

    def running(self) -> list[Job]:
        """Return the tasks that are being done."""
        return [job for job in map(self.job, self.jobs) if job.state == "running"]

    def unfinished(self) -> list[Job]:
        """Return the tasks that are not done yet."""
        return [job for job in map(self.job, self.jobs) if not job.is_finished]

    def finish(self, seconds: float = PATIENCE) -> None:
        """Wait until all is done, also what follows."""
        try:
            until(lambda: not self.unfinished() and not self._following(), "", seconds, 0.1)
        except TimeoutError:
            left = [
                f"{job.id} {job.kind} {job.state} due {job.due}: {job.message}" for job in self.unfinished()
            ]
            left += [f"{job.id} {job.kind} {job.state} due {job.due}" for job in self._following()]
            raise TimeoutError(f"not done within {seconds:g} s: {'; '.join(left)}") from None

    def faults(self) -> list[str]:
        """Return what was lost, and what was done more than once."""
        faults = []
        followers = [job.key for job in self.queue.ledger.page(kind=AFTER, limit=10_000)]
        for entry, id in zip(self.entries, self.jobs, strict=True):
            job, now = self.job(id), self.library.get(entry.id)
            assert now is not None
            if job.state != "done":
                faults.append(f"job {id} is {job.state}: {job.message}")
            if now.revision != entry.revision + 1:
                faults.append(f"{entry.name} was saved {now.revision - entry.revision} times")
            if followers.count(entry.id) != 1:
                faults.append(f"{entry.name} was followed by {followers.count(entry.id)} jobs")
        return faults

    def _following(self) -> list[Job]:
        return [job for job in self.queue.ledger.page(kind=AFTER, limit=10_000) if not job.is_finished]


@contextmanager
def keeping(board: Board) -> Iterator[None]:
    """Keep the ledger true meanwhile as an app does, without doing jobs."""
    board.queue.start(work=False)
    try:
        yield
    finally:
        board.queue.close()


def begun_again(board: Board, jobs: Sequence[Job], began: float, seconds: float = PATIENCE) -> list[float]:
    """Wait until jobs that were being done are done or begun anew, and return the seconds since ``began``."""
    waiting = {job.id: job.attempt for job in jobs}
    took: list[float] = []

    def look() -> bool:
        for id, attempt in list(waiting.items()):
            job = board.job(id)
            if job.is_finished or (job.attempt > attempt and job.state == "running"):
                took.append(time.monotonic() - began)
                del waiting[id]
        return not waiting

    until(look, f"{len(waiting)} jobs are begun again", seconds, 0.05)
    return took
