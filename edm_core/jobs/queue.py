"""The queue: jobs in order of submission, shared out among worker processes."""

from __future__ import annotations

import fcntl
import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from .._files import made, writing
from ..errors import EdmError
from .ledger import Job, Ledger
from .process import WorkerProcess

MOST_ATTEMPTS = 3
"""How often a job is started that does not come to an end, before it is given up."""
KEPT = 1_000
"""How many finished jobs are remembered."""
_log = logging.getLogger(__name__)


class Queue:
    """Jobs, and the processes that do them.

    Parameters
    ----------
    folder : Path
        Where unfinished jobs are noted; one queue at a time may use it.
    handlers : mapping
        From each kind to the function that does it, as ``module:function``.
    workers : int
        How many processes.
    on_change : callable, optional
        Called with a job, in a thread of the queue, whenever its state has changed. An ``OSError`` that it
        raises is logged.
    """

    def __init__(
        self,
        folder: Path,
        handlers: Mapping[str, str],
        *,
        workers: int = 1,
        on_change: Callable[[Job], None] | None = None,
    ) -> None:
        self._ledger, self._handlers, self._on_change = Ledger(folder), dict(handlers), on_change
        self._workers = [WorkerProcess(self._handlers) for _ in range(workers)]
        self._threads: list[threading.Thread] = []
        self._jobs: dict[str, Job] = {}
        self._changed = threading.Condition(threading.RLock())
        self._numbers = itertools.count()
        self._closing = False
        self._lock_file: int | None = None

    @property
    def is_running(self) -> bool:
        """Whether jobs are being done."""
        return bool(self._threads) and not self._closing

    def start(self) -> None:
        """Take up what was not finished, and begin.

        Raises
        ------
        EdmError
            If another process is working on the same folder.
        StorageError
            If the folder cannot be made.
        """
        self._claim()
        for job in self._ledger.read():
            given_up = job.attempt >= MOST_ATTEMPTS
            reason = f"it was begun {job.attempt} times and never came to an end"
            self._put(
                replace(job, state="failed", message=reason) if given_up else replace(job, state="queued")
            )
        for index, worker in enumerate(self._workers):
            thread = threading.Thread(target=self._serve, args=(worker,), name=f"jobs-{index}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def submit(self, kind: str, key: str, payload: dict[str, Any] | None = None) -> Job:
        """Add a job and return it; if one of that kind and key is not finished yet, return that one.

        Raises
        ------
        EdmError
            If nothing does jobs of this kind.
        StorageError
            If the job cannot be noted.
        """
        if kind not in self._handlers:
            raise EdmError(f"nothing does jobs of kind {kind!r}", subject=key)
        with self._changed:
            known = self.job(kind, key)
            if known and not known.is_finished:
                return known
            # Names of files sort by age: time first, then a number within this process.
            id = f"{time.time_ns():020d}-{next(self._numbers):06d}"
            job = Job(id, kind, key, payload or {})
            with writing(self._ledger.folder):  # what cannot be noted is not promised
                self._ledger.write(job)
            self._show(job)
            return job

    def job(self, kind: str, key: str) -> Job | None:
        """Return the newest job of a kind and key."""
        with self._changed:
            fitting = [job for job in self._jobs.values() if job.kind == kind and job.key == key]
        return fitting[-1] if fitting else None

    def jobs(self) -> tuple[Job, ...]:
        """Return all jobs of this run, oldest first."""
        with self._changed:
            return tuple(self._jobs.values())

    def cancel(self, id: str) -> bool:
        """Stop a job or take it out of the queue; whether there was anything to stop."""
        with self._changed:
            job = self._jobs.get(id)
            if job is None or job.is_finished:
                return False
            if job.state == "queued":
                self._put(replace(job, state="cancelled"))
                return True
        for worker in self._workers:
            worker.cancel(id)
        return True

    def wait(self, id: str, timeout: float | None = None) -> Job:
        """Return a job once it is finished, or as it stands after ``timeout`` seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs[id].is_finished, timeout)
            return self._jobs[id]

    def close(self) -> None:
        """End the workers. What they had not finished is taken up at the next start."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        for worker in self._workers:
            worker.close()
        for thread in self._threads:
            thread.join()
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None

    def _serve(self, worker: WorkerProcess) -> None:
        while (job := self._take()) is not None:
            id = job.id

            def report(stage: str, share: float, remaining: float | None, id: str = id) -> None:
                with self._changed:
                    self._jobs[id] = replace(self._jobs[id], stage=stage, share=share, remaining=remaining)

            state, message = worker.do(job, report)
            if state == "queued":  # closed in the middle; the ledger has it as running
                return
            with self._changed:
                self._put(replace(self._jobs[id], state=state, message=message))

    def _take(self) -> Job | None:
        with self._changed:
            while not self._closing:
                for job in self._jobs.values():
                    if job.state == "queued":
                        job = replace(job, state="running", attempt=job.attempt + 1)
                        self._put(job)
                        return job
                self._changed.wait()
        return None

    def _put(self, job: Job) -> None:
        """Note and show how a known job stands.

        A note that cannot be written is left out: at worst the job is done again after a restart, while an
        error here would end the worker's thread, and with it all work, without a word.
        """
        with self._changed:
            try:
                self._ledger.write(job)
            except OSError as error:
                _log.warning("job %s: its state %s cannot be noted: %s", job.id, job.state, error)
            self._show(job)

    def _show(self, job: Job) -> None:
        with self._changed:
            self._jobs[job.id] = job
            finished = [id for id, old in self._jobs.items() if old.is_finished]
            for id in finished[:-KEPT]:
                del self._jobs[id]
            try:
                if self._on_change:
                    self._on_change(job)
            except OSError as error:
                _log.warning("job %s: its state %s cannot be told: %s", job.id, job.state, error)
            self._changed.notify_all()

    def _claim(self) -> None:
        folder = self._ledger.folder
        made(folder)
        self._lock_file = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock_file)
            self._lock_file = None
            raise EdmError(
                "another workbench is working on this data folder",
                subject=str(folder.parent),
                remedy="use that one, stop it, or set EDM_DATA_DIR to another folder",
            ) from None
