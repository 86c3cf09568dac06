"""The parent's side of a worker process: start it, give it a job, hear of its progress, stop it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from ..settings import Settings
from .job import Job, Kind

GRACE_SECONDS = 5.0
"""How long a job may take to stop before its process is killed."""

Report = Callable[[str, float, float | None], None]
Ending = Literal["done", "failed", "broken", "cancelled", "interrupted", "lost"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a start of a job ended.

    ``failed`` is what the same input would do again, ``broken`` what may go well the next time;
    ``interrupted`` was closed in the middle, and ``lost`` is no longer ours.
    """

    ending: Ending
    message: str | None = None
    result: Any = None


class WorkerProcess:
    """One worker process, started at its first job and again after it has died.

    Parameters
    ----------
    settings : Settings
        What the process finds in its environment.
    kinds : mapping
        What does each kind of job.
    begin : str, optional
        ``module:function`` of what the process calls before its first job.
    """

    def __init__(self, settings: Settings, kinds: Mapping[str, Kind], begin: str = "") -> None:
        self._settings, self._kinds, self._begin = settings, kinds, begin
        self._process: subprocess.Popen[str] | None = None
        self._start: str | None = None
        self._cancelled = self._lost = self._closed = False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Number of the process, None while there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def resident(self) -> int:
        """Bytes of memory that the process holds, 0 while there is none or where it cannot be told."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def do(self, job: Job, report: Report) -> Outcome:
        """Have a job done and return how it ended."""
        with self._lock:
            if self._closed:
                return Outcome("interrupted")
            process = self._started()
            self._start, self._cancelled, self._lost = start_of(job), False, False
        try:
            about = {"id": job.id, "attempt": job.attempt}
            order = {"start": start_of(job), "kind": job.kind, "payload": {**job.payload, "job": about}}
            self._send(process, order)
            assert process.stdout is not None
            for line in process.stdout:
                if not line.endswith("\n"):  # killed while it spoke
                    break
                message = json.loads(line)
                if "progress" in message:
                    report(*message["progress"])
                elif "stopped" in message:
                    return self._stopped() or Outcome("interrupted")
                else:
                    return Outcome(**message)
            return self._stopped() or Outcome("broken", _cause(process.wait()))
        finally:
            with self._lock:
                self._start = None

    def cancel(self, job: Job) -> None:
        """Ask a job to stop, if it is the one being done; kill its process if it does not."""
        with self._lock:
            if self._start != start_of(job) or self._process is None or self._cancelled:
                return
            self._cancelled = True
            process = self._process
        self._send(process, {"cancel": start_of(job)})
        timer = threading.Timer(GRACE_SECONDS, self._kill_if_still, (process, start_of(job)))
        timer.daemon = True
        timer.start()

    def drop(self, job: Job) -> None:
        """Kill the process of a job, if it is the one being done: somebody else does it by now."""
        with self._lock:
            if self._start == start_of(job) and self._process is not None:
                self._lost = True
                self._process.kill()

    def close(self) -> None:
        """End the process; a job in it is left undone."""
        with self._lock:
            self._closed, process = True, self._process
        if process is not None:
            _end(process)

    def rest(self) -> None:
        """End the process, and the models it keeps, if it does nothing; the next job starts another."""
        with self._lock:
            if self._start is not None or self._process is None:
                return
            process, self._process = self._process, None
        _end(process)

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            bindings = [f"{name}={kind.handler}" for name, kind in self._kinds.items()]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "edm_core.jobs.worker", self._begin, *bindings],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=self._settings.inherited(),
            )
        return self._process

    def _send(self, process: subprocess.Popen[str], message: dict[str, Any]) -> None:
        assert process.stdin is not None
        # A process that has just died is noticed by the end of its output.
        with suppress(BrokenPipeError, ValueError):
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()

    def _kill_if_still(self, process: subprocess.Popen[str], start: str) -> None:
        with self._lock:
            if self._start == start and self._process is process:
                process.kill()

    def _stopped(self) -> Outcome | None:
        """Return why it ended without a word, where we are the reason."""
        with self._lock:
            if self._lost:
                return Outcome("lost")
            if self._cancelled:
                return Outcome("cancelled")
            return Outcome("interrupted") if self._closed else None


def start_of(job: Job) -> str:
    """Return a name for this start of a job."""
    return f"{job.id}/{job.attempt}"


def _end(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        process.stdin.close()
    try:
        process.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _cause(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        hint = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{hint}; try again"
    return f"its process ended with code {code}; try again"
