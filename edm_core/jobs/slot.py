"""A slot: one thread that has one job of one queue after another done by a worker process."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable

from ..errors import EdmError, StorageError
from .claims import Claims
from .job import Job, Worker
from .ledger import Ledger
from .process import Apart, Outcome, WorkerProcess

PROGRESS_S = 0.5
"""Shortest time between two notes of a job's progress."""
IDLE_S = 600.0
"""How long models are kept warm for a job that may come."""
MOST_RESIDENT = 3_000_000_000
"""Bytes of memory beyond which a process is not kept for the next job."""
AGAIN_S = 1.0
"""Seconds until a database that does not answer is asked again."""
_log = logging.getLogger(__name__)

Take = Callable[["Slot"], Job | None]
"""Waits for a job and claims it; None when no more are to be done."""


class Slot:
    """Who does jobs of one queue.

    Parameters
    ----------
    queue : str
        Which queue.
    ledger : Ledger
        Where they stand.
    process : WorkerProcess
        What does them; slots may share one.
    apart : Apart or None
        Where slots share a process: what does a job that broke before. If it takes its process with it, it
        takes no other job.
    closing : threading.Event
        Set when no more are to be done.
    follow : callable
        Called with a job that was queued because this slot ended another.
    """

    def __init__(
        self,
        queue: str,
        ledger: Ledger,
        process: WorkerProcess,
        apart: Apart | None,
        closing: threading.Event,
        follow: Callable[[Job], object],
    ) -> None:
        host = socket.gethostname()[:40]
        self.queue = queue
        self.id = f"{host}:{os.getpid()}:{queue}:{secrets.token_hex(3)}"
        self.job: Job | None = None
        self.done = 0
        self.process, self._apart = process, apart
        self._host, self._closing, self._follow = host, closing, follow
        self._claims = Claims(ledger)

    def serve(self, take: Take) -> None:
        """Do jobs until there are to be no more; a fault does not end the thread: nobody would notice."""
        while True:
            try:
                if (job := take(self)) is None:
                    return
                self._one(job)
            except Exception:  # noqa: BLE001 - the job's lease runs out, and it is begun again
                _log.exception("a worker of the queue %s met a fault", self.queue)
                self._closing.wait(AGAIN_S)

    def worker(self) -> Worker:
        """Return this slot as the roll has it."""
        at = self.job
        return Worker(
            self.id, self._host, os.getpid(), (self.queue,), "", "", self.done, at.id if at else None, True
        )

    def rest(self) -> None:
        """End the process if it has had nothing to do for long; called now and then by another thread."""
        self.process.rest(idle_s=IDLE_S)

    def cancel(self, job: Job) -> None:
        """Ask a job to stop, if it is the one being done."""
        for process in self._processes:
            process.cancel(job)

    def drop(self, job: Job) -> None:
        """Stop a job that somebody else does by now, if it is the one being done."""
        for process in self._processes:
            process.drop(job)

    def close(self) -> None:
        """End what does the jobs; one that is being done is left undone."""
        for process in self._processes:
            process.close()

    @property
    def _processes(self) -> tuple[WorkerProcess, ...]:
        return (self.process,) if self._apart is None else (self.process, self._apart)

    def _one(self, job: Job) -> None:
        self.job = job
        try:
            ended = self._settle(job, self._done(job))
        finally:
            self.job = None
            if self.process.resident > MOST_RESIDENT:
                self.process.rest()
        self.done += bool(ended and ended[0].is_finished)
        for following in ended[1:]:
            self._follow(following)

    def _done(self, job: Job) -> Outcome:
        noted, last = 0.0, None

        def report(stage: str, share: float, remaining: float | None) -> None:
            nonlocal noted, last
            last = (stage, share, remaining)
            if time.monotonic() - noted >= PROGRESS_S:
                noted, last = time.monotonic(), None
                self._note(job, stage, share, remaining)

        process = self._apart if self._apart is not None and job.failures else self.process
        try:
            outcome = process.do(job, report)
        except OSError as error:  # no memory or no number for another process
            outcome = Outcome("broken", f"its process cannot be started ({error.strerror})")
        if last is not None:
            self._note(job, *last)
        return outcome

    def _note(self, job: Job, stage: str, share: float, remaining: float | None) -> None:
        try:
            if not self._claims.note(job, stage, share, remaining):
                self.drop(job)
        except StorageError as error:  # progress is of interest only while it moves
            _log.warning("job %s: how far it is cannot be noted: %s", job.id, error)

    def _settle(self, job: Job, outcome: Outcome) -> tuple[Job, ...]:
        """Note how a job ended, however long the database takes to answer; a close does not wait for it."""
        while True:
            try:
                return self._written(job, outcome)
            except StorageError as error:
                _log.warning("job %s: that it is %s cannot be noted: %s", job.id, outcome.ending, error)
                if self._closing.wait(AGAIN_S):
                    return ()

    def _written(self, job: Job, outcome: Outcome) -> tuple[Job, ...]:
        if outcome.ending == "done":
            try:
                return self._claims.finish(job, "done", result=outcome.result)
            except StorageError:
                raise
            except (EdmError, KeyError, TypeError, ValueError) as error:
                _log.exception("job %s: what it returned cannot be kept", job.id)
                return self._claims.finish(job, "failed", message=f"what it returned cannot be kept: {error}")
        if outcome.ending in ("failed", "cancelled"):
            return self._claims.finish(
                job, "failed" if outcome.ending == "failed" else "cancelled", message=outcome.message
            )
        if outcome.ending == "broken":
            _log.warning("job %s broke: %s", job.id, outcome.message)
            broken = self._claims.broke(job, outcome.message or "it broke")
            return (broken,) if broken is not None else ()
        if outcome.ending == "interrupted":
            self._claims.give_back(job)
        return ()
