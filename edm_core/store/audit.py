"""The audit log: who did what, when. Rows are only ever added."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .tables import audit

if TYPE_CHECKING:
    from sqlalchemy import Connection

behind: ContextVar[str] = ContextVar("behind", default="")
"""Who is behind what is done now, if that is more than the name they write under: the key, or the person who
signed in. Whoever lets a request in says so."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One thing that was done: ``what`` is a word (``save``, ``restore`` …), ``detail`` says it in words."""

    time: str
    who: str
    what: str
    recording: str | None
    detail: str


def note(
    connection: Connection, time: str, who: str, what: str, recording: str | None, detail: str = ""
) -> None:
    """Add a row, in the transaction of what it tells of; :data:`behind` is added to the detail."""
    if by := behind.get():
        detail = f"{detail} [{by}]".lstrip()
    row = {"time": time, "who": who, "what": what, "recording": recording, "detail": detail}
    connection.execute(sa.insert(audit).values(row))


def rows(connection: Connection, recording: str | None, limit: int) -> tuple[AuditRow, ...]:
    """Return the newest rows, of one recording or of all."""
    query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
    if recording is not None:
        query = query.where(audit.c.recording == recording)
    return tuple(
        AuditRow(row.time, row.who, row.what, row.recording, row.detail) for row in connection.execute(query)
    )
