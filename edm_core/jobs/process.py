"""The parent's side of a worker process: start it, give it jobs, hear of their progress, stop them."""

from __future__ import annotations

import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from ..settings import Settings
from .job import Job, Kind

GRACE_SECONDS = 5.0
"""How long a job may take to stop before its process is killed."""

_log = logging.getLogger(__name__)

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
    """A worker process, started at its first job and again after it has died; it may be at several jobs.

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
        bindings = [f"{name}={kind.handler}" for name, kind in kinds.items()]
        self._command = [sys.executable, "-m", "edm_core.jobs.worker", begin, *bindings]
        self._settings = settings
        self._child: _Child | None = None
        self._left: list[_Child] = []  # those that end with the last job in them
        self._closed = False
        self._lock = threading.Lock()

    @property
    def pid(self) -> int | None:
        """Number of the process, None while there is none."""
        child = self._child
        return child.process.pid if child and not child.has_ended else None

    @property
    def resident(self) -> int:
        """Bytes of memory that the process holds, 0 while there is none or where it cannot be told."""
        try:
            pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        except (OSError, IndexError):
            return 0
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def do(self, job: Job, report: Report) -> Outcome:
        """Have a job done and return how it ended.

        Raises
        ------
        OSError
            If the process cannot be started.
        """
        with self._lock:
            if self._closed:
                return Outcome("interrupted")
            if self._child is None or self._child.has_ended:
                self._child = _Child(self._command, self._settings.inherited())
            child, start = self._child, self._child.begun(job)
        about = {"id": job.id, "attempt": job.attempt}
        try:
            child.tell({"start": start.name, "kind": job.kind, "payload": {**job.payload, "job": about}})
            while (message := start.said.get()) is not None:
                if "progress" in message:
                    report(*message["progress"])
                elif "stopped" in message:
                    return Outcome(start.stopped or "interrupted")
                else:
                    return Outcome(**message)
            if start.stopped is None and not child.was_ended:
                return Outcome("broken", _cause(child.process.wait()))
            return Outcome(start.stopped or "interrupted")
        except BaseException:
            child.tell({"cancel": start.name})  # nobody hears of it any more
            raise
        finally:
            self._ended(child, start)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop, if it is in the process; kill the process if it does not."""
        if (found := self._found(job)) and found[1].stopped is None:
            self._stop(*found, "cancelled")  # one that waits for its turn is found when the keeper asks again

    def drop(self, job: Job) -> None:
        """Stop a job that somebody else does by now: at once if it is alone in the process."""
        if (found := self._found(job)) and found[1].stopped != "lost":
            self._stop(*found, "lost")
            if len(found[0].starts) == 1:
                found[0].kill()

    def close(self) -> None:
        """End the process; jobs in it are left undone."""
        with self._lock:
            self._closed, children = True, self._all()
        for child in children:
            child.end()

    def rest(self, idle_s: float | None = None) -> None:
        """Let the process go, and the models it keeps, as soon as nothing is under way in it.

        The next job starts another. With ``idle_s`` only if nothing has been for so many seconds.
        """
        with self._lock:
            child = self._child
            if child is None or (idle_s is not None and not child.has_been_idle(idle_s)):
                return
            self._child = None
            if child.starts:
                self._left.append(child)
                return
        child.end()

    def _all(self) -> list[_Child]:
        return [*self._left, *([self._child] if self._child else [])]

    def _found(self, job: Job) -> tuple[_Child, _Start] | None:
        with self._lock:
            for child in self._all():
                if (start := child.starts.get(start_of(job))) is not None:
                    return child, start
        return None

    def _stop(self, child: _Child, start: _Start, why: Literal["cancelled", "lost"]) -> None:
        start.stopped = why
        child.tell({"cancel": start.name})
        timer = threading.Timer(GRACE_SECONDS, self._kill_if_still, (child, start))
        timer.daemon = True
        timer.start()

    def _kill_if_still(self, child: _Child, start: _Start) -> None:
        with self._lock:
            if child.starts.get(start.name) is start:
                child.kill()

    def _ended(self, child: _Child, start: _Start) -> None:
        with self._lock:
            child.starts.pop(start.name, None)
            child.idle_since = time.monotonic()
            if child not in self._left or child.starts:
                return
            self._left.remove(child)
        child.end()


class Apart(WorkerProcess):
    """A worker process for jobs that broke beside others: one at a time, and each in a new process."""

    def __init__(self, settings: Settings, kinds: Mapping[str, Kind], begin: str = "") -> None:
        super().__init__(settings, kinds, begin)
        self._turn = threading.Lock()

    def do(self, job: Job, report: Report) -> Outcome:
        """Have a job done, once those before it are, and return how it ended."""
        with self._turn:
            try:
                return super().do(job, report)
            finally:
                self.rest()


@dataclass(slots=True)
class _Start:
    """A job in a process: what is heard of it, None at the end, and why we stopped it, if we did."""

    name: str
    said: queue.SimpleQueue[dict[str, Any] | None] = field(default_factory=queue.SimpleQueue)
    stopped: Literal["cancelled", "lost"] | None = None


class _Child:
    """One process with the jobs in it, and a thread that hears what it says of each."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.starts: dict[str, _Start] = {}
        self.was_ended, self.idle_since = False, time.monotonic()
        self._silent, self._lock = False, threading.Lock()
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        threading.Thread(target=self._listen, name=f"hears-{self.process.pid}", daemon=True).start()

    @property
    def has_ended(self) -> bool:
        return self._silent or self.process.poll() is not None

    def has_been_idle(self, seconds: float) -> bool:
        return not self.starts and time.monotonic() - self.idle_since > seconds

    def begun(self, job: Job) -> _Start:
        """Note a job that it is about to be told of."""
        start = _Start(start_of(job))
        with self._lock:
            self.starts[start.name] = start
            if self._silent:
                start.said.put(None)
        return start

    def tell(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        # A process that has just died is noticed by the end of its output.
        with suppress(BrokenPipeError, ValueError), self._lock:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()

    def kill(self) -> None:
        self.was_ended = True
        self.process.kill()

    def end(self) -> None:
        """Have it end, by closing its input; kill it if it does not."""
        self.was_ended = True
        assert self.process.stdin is not None
        with suppress(BrokenPipeError), self._lock:
            self.process.stdin.close()
        try:
            self.process.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _listen(self) -> None:
        try:
            self._hear()
        except Exception:  # noqa: BLE001 - whoever waits for it would wait for ever
            _log.exception("worker process %d says what cannot be understood", self.process.pid)
            self.process.kill()
        self.process.wait()
        with self._lock:
            self._silent = True
            starts = list(self.starts.values())
        for start in starts:
            start.said.put(None)

    def _hear(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if not line.endswith("\n"):  # killed while it spoke
                    break
                message = json.loads(line)
                if (start := self.starts.get(message.pop("start"))) is not None:
                    start.said.put(message)


def start_of(job: Job) -> str:
    """Return a name for this start of a job."""
    return f"{job.id}/{job.attempt}"


def _cause(code: int) -> str:
    if code < 0:
        name = signal.Signals(-code).name
        hint = ", perhaps for want of memory" if -code == signal.SIGKILL else ""
        return f"its process was ended by {name}{hint}; try again"
    return f"its process ended with code {code}; try again"
