"""What a worker writes: which job it takes, that it lives, and how the job ended.

A claim is a lease on a job. Every write names the start it belongs to (``attempt``), and is refused once
that start is no longer the newest or the job no longer runs: however many begin a job, because one was taken
for dead or clocks disagree, one of them ends it. All times are the database's.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..store.tables import jobs
from . import roll
from ._rows import changed, fetched, is_due, later, now_of
from .job import LONGEST_BACKOFF_S, MOST_STARTS, Job, JobState, Worker
from .ledger import Ledger

BACKOFF_S = 2.0
"""Seconds before a broken job is begun again for the first time; each further time it is twice as long."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What a look at the ledger shows: the running jobs, and the queues in which something is due."""

    running: tuple[tuple[str, int, str, bool, bool], ...]
    """Id, attempt, lease, whether the lease has run out, whether it is to stop."""
    due: Mapping[str, int]
    """How many jobs are due, by queue."""


class Claims:
    """The ledger, for those who do the work.

    Parameters
    ----------
    ledger : Ledger
        With its kinds: others are left to those who know them.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def claim(self, queues: Sequence[str], worker: str) -> Job | None:
        """Take the most urgent job of some queues that is due, and return it; None if there is none."""
        best = (
            sa.select(jobs.c.id)
            .where(jobs.c.state == "queued", jobs.c.queue.in_(queues), jobs.c.kind.in_(self._ledger.kinds))
            .order_by(jobs.c.priority.desc(), jobs.c.due, jobs.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)  # SQLite has one writer at a time, and does without
        )
        with self._ledger.database.writing() as connection:
            now = now_of(connection)
            id = connection.execute(best.where(is_due(now))).scalar()
            if id is None:
                return None
            return changed(
                connection, jobs.c.id == id, self._ledger.on_change, state="running",
                attempt=jobs.c.attempt + 1, started=now, lease=self._lease(now), worker=worker, stage=None,
                share=0.0, remaining=None, message=None,
            )  # fmt: skip

    def note(self, job: Job, stage: str, share: float, remaining: float | None) -> bool:
        """Note how far a job is; whether it is still ours."""
        with self._ledger.database.writing() as connection:
            noted = changed(connection, _ours(job), None, stage=stage, share=share, remaining=remaining)
            return noted is not None

    def finish(
        self,
        job: Job,
        state: JobState,
        *,
        message: str | None = None,
        result: Any = None,
    ) -> tuple[Job, ...]:
        """End a job, and queue what is to follow it; return it and those, nothing if it was not ours.

        What would be followed by more work is cancelled instead where somebody wants it stopped.

        Raises
        ------
        EdmError
            If what is to follow is of a kind that nothing does. Nothing is written then.
        """
        following: Sequence[Mapping[str, Any]] = ()
        if isinstance(result, dict) and "then" in result:
            following = result["then"] if state == "done" else ()
            result = {name: value for name, value in result.items() if name != "then"} or None
        with self._ledger.database.writing() as connection:
            if following and connection.execute(_stopping(job)).scalar():
                state, result, following = "cancelled", None, ()
            ended = changed(
                connection, _ours(job), self._ledger.on_change, state=state, finished=now_of(connection),
                lease=None, stop=0, message=message, remaining=None,
                result=None if result is None else json.dumps(result, allow_nan=False),
                **({"share": 1.0} if state == "done" else {}),
            )  # fmt: skip
            if ended is None:
                return ()
            return ended, *(
                self._ledger.enter(
                    connection, each["kind"], each["key"], each.get("payload"), who=job.who,
                    priority=job.priority,
                )[0]
                for each in following
            )  # fmt: skip

    def broke(self, job: Job, message: str) -> Job | None:
        """Note that a start broke: it is begun again later, or given up; None if it was not ours."""
        kind = self._ledger.kinds[job.kind]
        with self._ledger.database.writing() as connection:
            known = fetched(connection, job.id)
            failures = known.failures + 1 if known is not None else 0
            if known is not None and failures < kind.attempts and not known.stop:
                wait = min(BACKOFF_S * 2.0 ** (failures - 1), LONGEST_BACKOFF_S)
                due = later(now_of(connection), wait * random.uniform(0.5, 1.0))  # noqa: S311
                again = {"state": "queued", "due": due, "failures": failures, "message": message}
                return changed(connection, _ours(job), self._ledger.on_change, lease=None, **again)
            given_up = {"state": "failed", "message": message, "failures": failures}
            return changed(
                connection, _ours(job), self._ledger.on_change, finished=now_of(connection), lease=None,
                remaining=None, **(_STOPPED if known is not None and known.stop else given_up),
            )  # fmt: skip

    def give_back(self, job: Job) -> Job | None:
        """Put a job back that was interrupted, in its old place; one that was to stop is cancelled."""
        with self._ledger.database.writing() as connection:
            return self._requeued(connection, job, _ours(job))

    def expire(self, id: str, attempt: int, lease: str) -> Job | None:
        """Take back a job whose worker has fallen silent; None if it has been heard of meanwhile."""
        with self._ledger.database.writing() as connection:
            job = fetched(connection, id)
            if job is None:
                return None
            silent = sa.and_(
                jobs.c.id == id, jobs.c.attempt == attempt, jobs.c.lease == lease, jobs.c.state == "running"
            )
            kind = self._ledger.kinds.get(job.kind)
            if job.stop or attempt < max(MOST_STARTS, kind.attempts if kind is not None else 0):
                return self._requeued(connection, job, silent)
            return changed(
                connection, silent, self._ledger.on_change, state="failed", finished=now_of(connection),
                lease=None, message=f"it was begun {attempt} times and never came to an end",
            )  # fmt: skip

    def standing(self) -> Standing:
        """Look at what runs and what is due, in one go."""
        running = sa.select(jobs.c.id, jobs.c.attempt, jobs.c.lease, jobs.c.stop).where(
            jobs.c.state == "running"
        )
        with self._ledger.database.reading() as connection:
            now = now_of(connection)
            due = (
                sa.select(jobs.c.queue, sa.func.count().label("many"))
                .where(jobs.c.state == "queued", is_due(now))
                .group_by(jobs.c.queue)
            )
            return Standing(
                tuple(
                    (id, attempt, lease, lease < now, bool(stop))
                    for id, attempt, lease, stop in connection.execute(running)
                ),
                {row.queue: row.many for row in connection.execute(due)},
            )

    def due(self, queue: str, limit: int) -> tuple[str, ...]:
        """Return the ids of the jobs of a queue that are due, most urgent first."""
        with self._ledger.database.reading() as connection:
            query = (
                sa.select(jobs.c.id)
                .where(jobs.c.state == "queued", jobs.c.queue == queue, is_due(now_of(connection)))
                .order_by(jobs.c.priority.desc(), jobs.c.due, jobs.c.id)
                .limit(limit)
            )
            return tuple(connection.execute(query).scalars())

    def renew(self, held: Iterable[Job], workers: Iterable[Worker]) -> None:
        """Prolong leases that are still ours, and sign the roll."""
        with self._ledger.database.writing() as connection:
            now = now_of(connection)
            for job in held:
                changed(connection, _ours(job), None, lease=self._lease(now))
            for worker in workers:
                roll.sign(connection, worker, now)

    def sign_off(self, workers: list[str]) -> None:
        """Take workers off the roll."""
        with self._ledger.database.writing() as connection:
            roll.sign_off(connection, workers)

    # --- private -----------------------------------------------------------------------------------

    def _lease(self, now: str) -> str:
        return later(now, self._ledger.settings.lease_s)

    def _requeued(self, connection: sa.Connection, job: Job, which: sa.ColumnElement[bool]) -> Job | None:
        known = fetched(connection, job.id)
        ended = {"finished": now_of(connection)} | _STOPPED
        back = ended if known is not None and known.stop else {"state": "queued", "worker": None}
        return changed(connection, which, self._ledger.on_change, lease=None, **back)


_STOPPED: dict[str, Any] = {"state": "cancelled", "stop": 0}


def _stopping(job: Job) -> sa.Select[tuple[int]]:
    """Ask whether a job is to stop, and let nobody say so any more until the transaction ends."""
    return sa.select(jobs.c.stop).where(jobs.c.id == job.id).with_for_update()


def _ours(job: Job) -> sa.ColumnElement[bool]:
    return sa.and_(jobs.c.id == job.id, jobs.c.attempt == job.attempt, jobs.c.state == "running")
