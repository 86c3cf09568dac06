"""Assignments: who is to annotate what, and what they are not shown before they have said it themselves.

An assignment is open until its author saves a revision of the recording after it was made, or somebody closes
it. There is one for each recording and author; a new one takes the place of the last.

Functions take the :class:`~edm_core.store.annotations.Annotations` whose database holds the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import sqlalchemy as sa

from ..errors import StorageError
from . import audit
from .annotations import Annotations, author_of
from .database import database_of, now_of, put
from .revisions import refuse_erased
from .tables import assignments, revisions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

Pass = Literal["first", "blind", "unaided"]
"""A first pass shows everything; a blind one hides what others said; an unaided one the suggestion too."""
PASSES: tuple[Pass, ...] = get_args(Pass)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Somebody is to annotate a recording.

    ``by`` is who said so, ``time`` when (ISO 8601 in UTC), ``done`` when it was done or closed.
    """

    recording: str
    author: str
    by: str
    time: str
    kind: Pass
    done: str | None = None


@dataclass(frozen=True, slots=True)
class Veil:
    """What an author is not shown of a recording yet."""

    others: bool = False
    suggestion: bool = False


def assign(
    annotations: Annotations, recordings: Iterable[str], author: str, *, by: str, kind: Pass = "first"
) -> tuple[Assignment, ...]:
    """Give recordings to an author.

    Parameters
    ----------
    annotations : Annotations
    recordings : iterable of str
        Their ids.
    author, by : str
        Who is to annotate them, and who says so.
    kind : str
        One of :data:`PASSES`.

    Raises
    ------
    StorageError
        If a name is none, or there is no such pass.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from edm_core.settings import Settings
    >>> store = Annotations(Settings(data_dir=Path(tempfile.mkdtemp())))
    >>> [given.author for given in assign(store, ["sha256:00"], "Ben", by="ada", kind="blind")]
    ['ben']
    >>> veil(store, "sha256:00", "ben")
    Veil(others=True, suggestion=False)
    """
    author, by = author_of(author), author_of(by)
    if kind not in PASSES:
        raise StorageError("it is no pass", subject=repr(kind), remedy=f"use one of {', '.join(PASSES)}")
    with database_of(annotations.settings).writing() as connection:
        now = now_of(connection)
        given = tuple(Assignment(recording, author, by, now, kind) for recording in recordings)
        for each in given:
            refuse_erased(connection, each.recording)
            row = {"recording": each.recording, "author": author, "by": by, "time": now, "done": None}
            put(connection, assignments, {**row, "pass": PASSES.index(kind) + 1})
            audit.note(connection, now, by, "assign", each.recording, f"to {author}, {kind} pass")
    return given


def close(annotations: Annotations, recording: str, author: str, *, by: str) -> bool:
    """Close an assignment that need not be done any more; return whether there was an open one."""
    author, by = author_of(author), author_of(by)
    with database_of(annotations.settings).writing() as connection:
        if not any(each.done is None for each in _found(connection, _line(recording, author))):
            return False
        now = now_of(connection)
        connection.execute(sa.update(assignments).where(*_line(recording, author)).values(done=now))
        audit.note(connection, now, by, "close", recording, f"the assignment to {author}")
    return True


def assigned(
    annotations: Annotations, *, author: str | None = None, recording: str | None = None
) -> tuple[Assignment, ...]:
    """Return assignments, of one author or recording or of all, the oldest first; done ones too."""
    where = []
    if author is not None:
        where.append(assignments.c.author == author_of(author))
    if recording is not None:
        where.append(assignments.c.recording == recording)
    with database_of(annotations.settings).reading() as connection:
        return _found(connection, where)


def veil(annotations: Annotations, recording: str, author: str) -> Veil:
    """Return what an author is not to see: of an open blind or unaided pass, what others said."""
    with database_of(annotations.settings).reading() as connection:
        found = _found(connection, _line(recording, author_of(author)))
    kind = found[0].kind if found and found[0].done is None else "first"
    return Veil(others=kind in ("blind", "unaided"), suggestion=kind == "unaided")


# --- private ---------------------------------------------------------------------------------------


def _found(connection: Connection, where: list[Any]) -> tuple[Assignment, ...]:
    # Saving a revision is what does it; nobody has to say so.
    saved = (
        sa.select(sa.func.min(revisions.c.time))
        .where(
            revisions.c.recording == assignments.c.recording,
            revisions.c.author == assignments.c.author,
            revisions.c.time > assignments.c.time,
        )
        .scalar_subquery()
    )
    query = (
        sa.select(assignments, sa.func.coalesce(assignments.c.done, saved).label("over"))
        .where(*where)
        .order_by(assignments.c.time, assignments.c.recording)
    )
    return tuple(
        Assignment(row.recording, row.author, row.by, row.time, PASSES[getattr(row, "pass") - 1], row.over)
        for row in connection.execute(query)
    )


def _line(recording: str, author: str) -> list[Any]:
    return [assignments.c.recording == recording, assignments.c.author == author]
