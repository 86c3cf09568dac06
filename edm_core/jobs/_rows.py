"""Rows of the table ``jobs`` and the values that stand for them; time as the database has it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from ..store import database
from ..store.tables import jobs
from .job import LONGEST_BACKOFF_S, UNFINISHED, Job

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

OnChange = Callable[["Connection", Job], object]
"""Called with a job in the transaction that changed its state."""

UNFINISHED_ROW = jobs.c.state.in_(UNFINISHED)
"""As the partial unique index has it."""


def now_of(connection: Connection) -> str:
    """Return the time as :func:`edm_core.store.database.now_of` does."""
    return database.now_of(connection)


def later(time: str, seconds: float) -> str:
    """Return a time so many seconds later.

    Examples
    --------
    >>> later("2026-01-01T00:00:00.500000Z", 30.0)
    '2026-01-01T00:00:30.500000Z'
    """
    moved = datetime.fromisoformat(time) + timedelta(seconds=seconds)
    return moved.isoformat(timespec="microseconds").replace("+00:00", "Z")


def between(earlier: str, then: str) -> float:
    """Return the seconds from one time to another.

    Examples
    --------
    >>> between("2026-01-01T00:00:00.500000Z", "2026-01-01T00:01:00.000000Z")
    59.5
    """
    return (datetime.fromisoformat(then) - datetime.fromisoformat(earlier)).total_seconds()


def is_due(now: str) -> sa.ColumnElement[bool]:
    """Return the condition that a job's time has come.

    None is told to wait for longer than the longest back-off: a time beyond it was written while a clock was
    ahead, and would hold the job up once that is right again.
    """
    return sa.or_(jobs.c.due <= now, jobs.c.due > later(now, LONGEST_BACKOFF_S))


def new_id(now: str) -> str:
    """Return an id that nothing else has and that sorts by age."""
    return f"{''.join(filter(str.isdigit, now))}-{secrets.token_hex(4)}"


def job_of(row: Row[Any]) -> Job:
    """Return a row as a job."""
    values = dict(row._mapping)
    values["payload"] = json.loads(values["payload"])
    values["result"] = None if values["result"] is None else json.loads(values["result"])
    values["stop"] = bool(values["stop"])
    return Job(**values)


def fetched(connection: Connection, id: str) -> Job | None:
    """Return a job by its id."""
    row = connection.execute(sa.select(jobs).where(jobs.c.id == id)).one_or_none()
    return None if row is None else job_of(row)


def changed(
    connection: Connection, which: sa.ColumnElement[bool], told: OnChange | None, **values: Any
) -> Job | None:
    """Change the row that fulfils a condition, tell of it, and return it; None if there is none."""
    row = connection.execute(sa.update(jobs).where(which).values(values).returning(jobs)).one_or_none()
    if row is None:
        return None
    job = job_of(row)
    if told is not None:
        told(connection, job)
    return job


def entered(connection: Connection, job: Job, told: OnChange | None) -> Job:
    """Add a queued job and tell of it, or return the unfinished one of its kind and key.

    Which of the two it is, is decided by the unique index, whoever else does the same at the same time.
    """
    row = {
        "id": job.id, "kind": job.kind, "queue": job.queue, "key": job.key,
        "payload": json.dumps(job.payload, allow_nan=False), "who": job.who, "state": "queued",
        "priority": job.priority, "attempt": 0, "failures": 0, "created": job.created, "due": job.due,
        "stop": 0, "share": 0.0,
    }  # fmt: skip
    insert = (
        database.dialect_of(connection)
        .insert(jobs)
        .values(row)
        .on_conflict_do_nothing(
            index_elements=["kind", "key"], index_where=sa.text("state IN ('queued', 'running')")
        )
        .returning(jobs)
    )
    known = sa.select(jobs).where(jobs.c.kind == job.kind, jobs.c.key == job.key, UNFINISHED_ROW)
    while True:
        if (new := connection.execute(insert).one_or_none()) is not None:
            added = job_of(new)
            if told is not None:
                told(connection, added)
            return added
        if (there := connection.execute(known).one_or_none()) is not None:
            return job_of(there)
        # It came to an end between the two statements.
