"""Which blobs entries point at, and deleting those that none does."""

from __future__ import annotations

import sqlalchemy as sa

from . import entries as rows
from .blobs import Blobs, Stored, key_for
from .database import Database
from .tables import entries


def keys_of(connection: sa.Connection, id: str) -> list[str]:
    """Return the keys of the blobs that an entry points at."""
    row = connection.execute(sa.select(entries.c.path, entries.c.timeline).where(entries.c.id == id)).first()
    if row is None:
        return []
    source = [key_for("sources", id.removeprefix("sha256:"))] if row.path is None else []
    return source + ([key_for("timelines", row.timeline)] if row.timeline else [])


def unused(base: Database, blobs: Blobs, prefix: str = "") -> list[Stored]:
    """Return the blobs that nothing points at."""
    stored = list(blobs.keys(prefix))
    with base.reading() as connection:  # after them: what came since is not among them
        query = sa.select(entries.c.id, entries.c.path, entries.c.timeline)
        found = connection.execute(query).all()
    used = {key_for("timelines", row.timeline) for row in found if row.timeline}
    used |= {key_for("sources", row.id.removeprefix("sha256:")) for row in found if row.path is None}
    return [each for each in stored if each.key not in used]


def delete_unused(base: Database, blobs: Blobs, key: str) -> None:
    """Delete a blob unless somebody points at it, or has come to do so by now."""
    kind, _, digest = key.split("/")
    with base.writing() as connection:
        if kind == "sources":
            rows.hold(connection, f"sha256:{digest}")  # who is about to enter it waits, and puts it again
            where = sa.and_(entries.c.id == f"sha256:{digest}", entries.c.path.is_(None))
        else:
            where = entries.c.timeline == digest
        if not connection.execute(sa.select(sa.exists().where(where))).scalar():
            blobs.delete(key)
