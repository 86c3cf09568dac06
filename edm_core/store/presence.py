"""Presence: who looks at a recording now. Who has not been seen for a while has gone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .database import put
from .tables import presence

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Presence:
    """Somebody at a recording, and when they were last seen there (ISO 8601 in UTC)."""

    recording: str
    author: str
    time: str


def see(connection: Connection, recording: str, author: str, time: str) -> None:
    """Note that somebody is there."""
    put(connection, presence, {"recording": recording, "author": author, "time": time})


def leave(connection: Connection, recording: str, author: str) -> None:
    """Note that somebody has gone."""
    connection.execute(
        sa.delete(presence).where(presence.c.recording == recording, presence.c.author == author)
    )


def present(connection: Connection, recording: str, now: str, within_s: float) -> tuple[Presence, ...]:
    """Return who was seen within so many seconds, by name."""
    since = (datetime.fromisoformat(now) - timedelta(seconds=within_s)).isoformat(timespec="microseconds")
    query = (
        sa.select(presence)
        .where(presence.c.recording == recording, presence.c.time >= since.replace("+00:00", "Z"))
        .order_by(presence.c.author)
    )
    return tuple(Presence(row.recording, row.author, row.time) for row in connection.execute(query))
