"""The parent's side of a worker process: start it, give it a job, hear of its progress, stop it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from .ledger import Job, JobState

GRACE_SECONDS = 5.0
"""How long a job may take to stop before its process is killed."""

Report = Callable[[str, float, float | None], None]


class WorkerProcess:
    """One worker process, started at its first job and again after it has died.

    Parameters
    ----------
    handlers : mapping
        From kind to ``module:function``.
    """

    def __init__(self, handlers: Mapping[str, str]) -> None:
        self._handlers = handlers
        self._process: subprocess.Popen[str] | None = None
        self._job: str | None = None
        self._cancelled: set[str] = set()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """Number of the process, None while there is none."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def do(self, job: Job, report: Report) -> tuple[JobState, str | None]:
        """Have a job done and return how it ended, with the reason if it failed.

        Returns ``queued`` if the worker was closed in the middle: the job is as it was before.
        """
        with self._lock:
            if self._closed:
                return "queued", None
            process = self._started()
            self._job = job.id
        try:
            self._send(process, {"job": job.id, "kind": job.kind, "payload": job.payload})
            assert process.stdout is not None
            for line in process.stdout:
                message = json.loads(line)
                if "progress" in message:
                    report(*message["progress"])
                elif "failed" in message:
                    return "failed", message["failed"]
                else:
                    return ("done" if "done" in message else self._cancelled_or_closed(job)), None
            if self._was_told_to_stop(job):
                return self._cancelled_or_closed(job), None
            return "failed", _cause(process.wait())
        finally:
            with self._lock:
                self._job = None
                self._cancelled.discard(job.id)

    def cancel(self, id: str) -> None:
        """Ask the job to stop, if it is the one being done; kill its process if it does not."""
        with self._lock:
            if self._job != id or self._process is None:
                return
            self._cancelled.add(id)
            process = self._process
        self._send(process, {"cancel": id})
        timer = threading.Timer(GRACE_SECONDS, self._kill_if_still, (process, id))
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """End the process; a job in it is left undone."""
        with self._lock:
            self._closed, process = True, self._process
        if process is None:
            return
        assert process.stdin is not None
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _started(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            bindings = [f"{kind}={name}" for kind, name in self._handlers.items()]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "edm_core.jobs.worker", *bindings],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._process

    def _send(self, process: subprocess.Popen[str], message: dict[str, Any]) -> None:
        assert process.stdin is not None
        # A process that has just died is noticed by the end of its output.
        with suppress(BrokenPipeError, ValueError):
            process.stdin.write(json.dumps(message) + "\n")
            process.stdin.flush()

    def _kill_if_still(self, process: subprocess.Popen[str], id: str) -> None:
        with self._lock:
            if self._job == id and self._process is process:
                process.kill()

    def _was_told_to_stop(self, job: Job) -> bool:
        return self._closed or job.id in self._cancelled

    def _cancelled_or_closed(self, job: Job) -> JobState:
        return "cancelled" if job.id in self._cancelled else "queued"


def _cause(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        hint = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{hint}; try again"
    return f"its process ended with code {code}; try again"
