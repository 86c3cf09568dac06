"""The queue: jobs are asked for here, and done by slots of this process or by workers elsewhere."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..errors import EdmError, StorageError
from ..settings import Settings
from ._rows import OnChange
from .carrier import Carrier
from .claims import Claims
from .job import Job, Kind, Unavailable
from .keeper import Keeper
from .ledger import Ledger
from .process import Apart, WorkerProcess
from .slot import AGAIN_S, Slot

SHOWN = 1_000
"""How many jobs :meth:`Queue.jobs` returns at most."""
_log = logging.getLogger(__name__)


class Queue:
    """Jobs, and the processes that do them.

    Several processes, on one machine or many, may use the same ledger. Where the settings name a queue's
    server, jobs are done by workers that were started for it (``edm worker``), else by this process too.

    Parameters
    ----------
    settings : Settings
        Where the ledger is, how many work at once, and how long a lease is.
    kinds : mapping
        The kinds of jobs, by name.
    on_change : callable, optional
        Called as ``on_change(connection, job)`` in the transaction of every change of a job's state.
    slots : mapping, optional
        How many processes work on each queue; by default ``settings.workers``, and 1 on ``personas``. Each
        is at as many jobs as the queue's kinds allow.
    begin : str, optional
        ``module:function`` of what each worker process calls before its first job: its log, its figures.
    """

    def __init__(
        self,
        settings: Settings,
        kinds: Mapping[str, Kind],
        *,
        on_change: OnChange | None = None,
        slots: Mapping[str, int] | None = None,
        begin: str = "",
    ) -> None:
        self.settings, self._begin = settings, begin
        self.ledger = Ledger(settings, kinds, on_change=on_change)
        self._claims = Claims(self.ledger)
        self._wanted = dict(slots) if slots is not None else _usual(settings, kinds)
        self._carrier = Carrier(settings) if settings.queue_url else None
        self._slots: list[Slot] = []
        self._threads: list[threading.Thread] = []
        self._keeper: Keeper | None = None
        self._closing = threading.Event()
        self._due: Counter[str] = Counter()  # grows whenever something may have become due
        self._changed = threading.Condition()

    # --- running -----------------------------------------------------------------------------------

    @property
    def is_running(self) -> bool:
        """Whether it was started, so that the ledger is kept true."""
        return self._keeper is not None

    @property
    def works(self) -> bool:
        """Whether jobs are done by this process."""
        return bool(self._threads)

    def start(self, *, work: bool | None = None) -> None:
        """Begin to keep the ledger true, and to do jobs.

        Parameters
        ----------
        work : bool, optional
            Whether this process does jobs; by default where no queue's server is set.

        Raises
        ------
        StorageError
            If the ledger cannot be opened.
        """
        if self.is_running:
            return
        self._claims.standing()  # a ledger that cannot be read is told of now
        self._closing.clear()
        if work if work is not None else self._carrier is None:
            self._slots = [
                slot for queue, count in self._wanted.items() for slot in self._manned(queue, count)
            ]
        self._keeper = Keeper(self.ledger, self._slots, self._wake, self._carrier)
        self._keeper.start()
        take = self._take if self._carrier is None else self._taken
        for slot in self._slots:
            thread = threading.Thread(target=slot.serve, args=(take,), name=f"jobs-{slot.queue}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """End the workers. What they had not finished goes back into the queue."""
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._slots:
            with ThreadPoolExecutor(len(self._slots)) as pool:
                list(pool.map(lambda slot: slot.close(), self._slots))
        for thread in self._threads:
            thread.join()
        if self._keeper is not None:
            self._keeper.close()
        if self._carrier is not None:
            self._carrier.close()
        self._slots, self._threads, self._keeper = [], [], None

    # --- asking for something ----------------------------------------------------------------------

    def submit(
        self,
        kind: str,
        key: str,
        payload: Mapping[str, Any] | None = None,
        *,
        who: str = "",
        priority: int = 0,
    ) -> Job:
        """Add a job and return it; if one of that kind and key is not finished yet, return that one.

        Raises
        ------
        EdmError
            If nothing does jobs of this kind.
        StorageError
            If it cannot be noted.
        Unavailable
            If the queue's server cannot take it; it is not queued then.
        """
        with self.ledger.database.writing() as connection:
            job, is_new = self.ledger.enter(connection, kind, key, payload, who=who, priority=priority)
        if is_new and self._carrier is not None:
            try:
                self._carrier.send(job.queue, job.id, first=priority > 0)
            except Unavailable as error:
                if self.ledger.withdraw(job, str(error)):
                    raise
                return self.ledger.get(job.id) or job  # somebody has begun it all the same
        self._wake(job.queue)
        return job

    def cancel(self, id: str) -> bool:
        """Stop a job or take it out of the queue; whether there was anything to stop."""
        stopped = self.ledger.cancel(id)
        if stopped and self._keeper is not None:
            self._keeper.poke()
        return stopped

    def retry(self, id: str) -> Job:
        """Queue a job again that failed or was cancelled.

        Raises
        ------
        EdmError
            If there is no such job, or it is done.
        """
        job = self.ledger.retry(id)
        self._sent(job)
        return job

    # --- looking -----------------------------------------------------------------------------------

    def job(self, kind: str, key: str) -> Job | None:
        """Return the newest job of a kind and key."""
        return self.ledger.newest(kind, key)

    def jobs(self) -> tuple[Job, ...]:
        """Return the newest jobs, oldest first."""
        return self.ledger.page(limit=SHOWN)[::-1]

    def wait(self, id: str, timeout: float | None = None) -> Job:
        """Return a job once it is finished, or as it stands after ``timeout`` seconds.

        Raises
        ------
        EdmError
            If there is no such job.
        """
        end = None if timeout is None else time.monotonic() + timeout
        pause = 0.01
        while True:
            job = self.ledger.get(id)
            if job is None:
                raise EdmError("there is no such job", subject=id)
            if job.is_finished or (end is not None and time.monotonic() >= end):
                return job
            time.sleep(pause if end is None else max(0.0, min(pause, end - time.monotonic())))
            pause = min(pause * 1.5, 0.25)

    # --- private -----------------------------------------------------------------------------------

    def _manned(self, queue: str, count: int) -> Iterator[Slot]:
        """Yield the slots of so many processes."""
        kinds, settings = self.ledger.kinds, self.settings
        width = max((kind.concurrency for kind in kinds.values() if kind.queue == queue), default=1)
        for _ in range(count):
            process = WorkerProcess(settings, kinds, self._begin)
            apart = Apart(settings, kinds, self._begin) if width > 1 else None
            for _ in range(width):
                yield Slot(queue, self.ledger, process, apart, self._closing, self._sent)

    def _wake(self, queue: str) -> None:
        with self._changed:
            self._due[queue] += 1
            self._changed.notify_all()

    def _sent(self, job: Job) -> None:
        """Let a job be known that stands in the ledger; what cannot be sent now, the keeper sends later."""
        if self._carrier is not None and job.state == "queued":
            try:
                self._carrier.send(job.queue, job.id, first=job.priority > 0)
            except Unavailable as error:
                _log.warning("job %s is queued and will be sent later: %s", job.id, error)
        self._wake(job.queue)

    def _take(self, slot: Slot) -> Job | None:
        """Wait for something to be due, and claim it."""
        while not self._closing.is_set():
            seen = self._due[slot.queue]
            if (job := self._claimed(slot)) is not None:
                return job
            with self._changed:
                while not self._closing.is_set() and self._due[slot.queue] == seen:
                    self._changed.wait()
        return None

    def _taken(self, slot: Slot) -> Job | None:
        """Wait for an id from the queue's server.

        Where that has none although something is due, or does not answer, the ledger is asked itself: what
        the server lost or has no room for waits for nobody who is idle.
        """
        assert self._carrier is not None
        while not self._closing.is_set():
            seen = self._due[slot.queue]
            try:
                if self._carrier.take(slot.queue) is None and self._due[slot.queue] == seen:
                    continue
            except Unavailable as error:
                _log.warning("work is looked for in the ledger: %s", error)
                self._closing.wait(AGAIN_S)
            if not self._closing.is_set() and (job := self._claimed(slot)) is not None:
                return job
        return None

    def _claimed(self, slot: Slot) -> Job | None:
        try:
            return self._claims.claim((slot.queue,), slot.id)
        except StorageError as error:
            _log.warning("no job can be claimed: %s", error)
            self._closing.wait(AGAIN_S)
            return None


def _usual(settings: Settings, kinds: Mapping[str, Kind]) -> dict[str, int]:
    queues = dict.fromkeys(kind.queue for kind in kinds.values())
    return {queue: 1 if queue == "personas" else settings.workers for queue in queues}
