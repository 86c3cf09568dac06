"""The ledger: what everybody may see of jobs and ask of them.

It is the truth. A server that hands out jobs (:mod:`edm_core.jobs.carrier`) only carries their ids; who does
them writes through :class:`edm_core.jobs.claims.Claims`. Every method may be called by several threads and
processes at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..errors import EdmError
from ..settings import Settings
from ..store.database import Database, database_of
from ..store.tables import jobs
from . import roll
from ._rows import UNFINISHED_ROW, OnChange, between, changed, entered, fetched, job_of, new_id, now_of
from .job import UNFINISHED, Depth, Figures, Job, JobState, Kind

if TYPE_CHECKING:
    from sqlalchemy import Connection


class Ledger:
    """The jobs of a database.

    Parameters
    ----------
    settings : Settings
        Which database.
    kinds : mapping, optional
        Kinds of jobs by name; needed where jobs are asked for.
    on_change : callable, optional
        Called as ``on_change(connection, job)`` in the transaction that changes a job's state.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> ledger = Ledger(Settings(data_dir=Path(tempfile.mkdtemp())), {"greet": Kind("greetings:say")})
    >>> job = ledger.submit("greet", "ada")
    >>> ledger.submit("greet", "ada").id == job.id, ledger.cancel(job.id), ledger.get(job.id).state
    (True, True, 'cancelled')
    """

    def __init__(
        self,
        settings: Settings,
        kinds: Mapping[str, Kind] | None = None,
        *,
        on_change: OnChange | None = None,
    ) -> None:
        self.settings, self.kinds, self.on_change = settings, dict(kinds or {}), on_change

    @property
    def database(self) -> Database:
        """Where the jobs stand."""
        return database_of(self.settings)

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
        """
        with self.database.writing() as connection:
            return self.enter(connection, kind, key, payload, who=who, priority=priority)[0]

    def enter(
        self,
        connection: Connection,
        kind: str,
        key: str,
        payload: Mapping[str, Any] | None = None,
        *,
        who: str = "",
        priority: int = 0,
    ) -> tuple[Job, bool]:
        """Do what :meth:`submit` does, in a transaction that is open, and tell whether the job is new."""
        if kind not in self.kinds:
            raise EdmError(f"nothing does jobs of kind {kind!r}", subject=key)
        now = now_of(connection)
        job = Job(
            new_id(now), kind, key, self.kinds[kind].queue, dict(payload or {}), who, priority=priority,
            created=now, due=now,
        )  # fmt: skip
        there = entered(connection, job, self.on_change)
        return there, there.id == job.id

    def withdraw(self, job: Job, reason: str) -> bool:
        """Take out a job that nobody has begun, as if it had not been asked for; whether it was still there.

        Whoever is told of changes hears that it failed, with the reason.
        """
        with self.database.writing() as connection:
            gone = connection.execute(
                sa.delete(jobs).where(jobs.c.id == job.id, jobs.c.state == "queued", jobs.c.attempt == 0)
            )
            if gone.rowcount and self.on_change is not None:
                told = Job(job.id, job.kind, job.key, job.queue, job.payload, job.who, state="failed",
                           created=job.created, due=job.due, message=reason)  # fmt: skip
                self.on_change(connection, told)
            return bool(gone.rowcount)

    def cancel(self, id: str) -> bool:
        """Take a job out of the queue, or have it stopped; whether there was anything to stop."""
        with self.database.writing() as connection:
            waits = sa.and_(jobs.c.id == id, jobs.c.state == "queued")
            ended = changed(connection, waits, self.on_change, state="cancelled", finished=now_of(connection))
            if ended is not None:
                return True
            runs = sa.and_(jobs.c.id == id, jobs.c.state == "running")
            return changed(connection, runs, None, stop=1) is not None

    def retry(self, id: str) -> Job:
        """Queue a job again that failed or was cancelled, and return it; one that is unfinished as it is.

        Where another job of its kind and key has been queued since, that one is returned.

        Raises
        ------
        EdmError
            If there is no such job, it is done, or nothing does jobs of its kind.
        """
        with self.database.writing() as connection:
            job = fetched(connection, id)
            if job is None:
                raise EdmError(
                    "there is no such job", subject=id, remedy="edm jobs list shows those there are"
                )
            if job.state in UNFINISHED:
                return job
            if job.state == "done":
                raise EdmError("it is done", subject=id, remedy="ask for it anew to have it done again")
            if job.kind not in self.kinds:
                raise EdmError(f"nothing does jobs of kind {job.kind!r}", subject=id)
            try:
                with connection.begin_nested():
                    again = changed(
                        connection, sa.and_(jobs.c.id == id, jobs.c.state == job.state), self.on_change,
                        state="queued", due=now_of(connection), failures=0, stop=0, stage=None, share=0.0,
                        remaining=None, started=None, finished=None, message=None, result=None,
                    )  # fmt: skip
            except sa.exc.IntegrityError:
                same = sa.select(jobs).where(jobs.c.kind == job.kind, jobs.c.key == job.key, UNFINISHED_ROW)
                return job_of(connection.execute(same).one())
            return again or job

    # --- looking -----------------------------------------------------------------------------------

    def get(self, id: str) -> Job | None:
        """Return a job by its id."""
        with self.database.reading() as connection:
            return fetched(connection, id)

    def newest(self, kind: str, key: str) -> Job | None:
        """Return the newest job of a kind and key."""
        query = sa.select(jobs).where(jobs.c.key == key, jobs.c.kind == kind)
        with self.database.reading() as connection:
            row = connection.execute(query.order_by(jobs.c.id.desc()).limit(1)).one_or_none()
        return None if row is None else job_of(row)

    def page(
        self,
        states: Sequence[JobState] | None = None,
        queue: str | None = None,
        kind: str | None = None,
        limit: int = 100,
        before: str | None = None,
        key: str | None = None,
    ) -> tuple[Job, ...]:
        """Return jobs, newest first.

        Parameters
        ----------
        states, queue, kind, key : optional
            Only those.
        limit : int
            Most of them.
        before : str, optional
            Only those older than the job of this id: the last of the page before.
        """
        query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
        if states is not None:
            query = query.where(jobs.c.state.in_(states))
        if queue is not None:
            query = query.where(jobs.c.queue == queue)
        if kind is not None:
            query = query.where(jobs.c.kind == kind)
        if key is not None:
            query = query.where(jobs.c.key == key)
        if before is not None:
            query = query.where(jobs.c.id < before)
        with self.database.reading() as connection:
            return tuple(job_of(row) for row in connection.execute(query))

    def figures(self) -> Figures:
        """Return how many jobs each queue has in each state, the age of the oldest, and who works."""
        counts = sa.select(
            jobs.c.queue, jobs.c.state, sa.func.count(), sa.func.min(jobs.c.due), sa.func.min(jobs.c.started)
        ).group_by(jobs.c.queue, jobs.c.state)
        with self.database.reading() as connection:
            now = now_of(connection)
            depths = []
            for queue, state, count, due, started in connection.execute(counts.order_by("queue", "state")):
                since = {"queued": due, "running": started}.get(state)
                age = None if since is None else max(0.0, between(since, now))
                depths.append(Depth(queue, state, count, age))
            return Figures(tuple(depths), roll.workers(connection, now, self.settings.lease_s))

    def holds(self, id: str, attempt: int) -> bool:
        """Whether this start of a job is the one that counts: a handler asks before it leaves an effect."""
        query = sa.select(jobs.c.id).where(
            jobs.c.id == id, jobs.c.attempt == attempt, jobs.c.state == "running"
        )
        with self.database.reading() as connection:
            return connection.execute(query).one_or_none() is not None
