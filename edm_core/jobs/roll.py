"""The roll of workers: who lives, and what they do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ..store.tables import workers as table
from ._rows import later
from .job import Worker

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORGOTTEN_S = 3600.0
"""Seconds after which a worker that fell silent is taken off the roll."""


def sign(connection: Connection, worker: Worker, now: str) -> None:
    """Note a sign of life of a worker, and take off those that have been silent for long."""
    known = sa.update(table).where(table.c.id == worker.id)
    if not connection.execute(known.values(seen=now, done=worker.done, job=worker.job)).rowcount:
        row = {
            "id": worker.id, "host": worker.host, "pid": worker.pid, "queues": json.dumps(worker.queues),
            "started": now, "seen": now, "done": worker.done, "job": worker.job,
        }  # fmt: skip
        connection.execute(sa.insert(table).values(row))
    connection.execute(sa.delete(table).where(table.c.seen < later(now, -FORGOTTEN_S)))


def sign_off(connection: Connection, ids: list[str]) -> None:
    """Take workers off the roll that end in good order."""
    connection.execute(sa.delete(table).where(table.c.id.in_(ids)))


def workers(connection: Connection, now: str, lease_s: float) -> tuple[Worker, ...]:
    """Return the roll, longest serving first; who has been silent for a lease is not alive."""
    alive = later(now, -lease_s)
    rows = connection.execute(sa.select(table).order_by(table.c.started, table.c.id))
    return tuple(
        Worker(
            row.id,
            row.host,
            row.pid,
            tuple(json.loads(row.queues)),
            row.started,
            row.seen,
            row.done,
            row.job,
            row.seen >= alive,
        )
        for row in rows
    )
