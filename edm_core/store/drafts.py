"""Drafts: what an author is in the middle of, one a line, kept until it is saved or given up."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .._codec import decode, encode
from ..annotation import Annotation
from .database import put
from .tables import drafts

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Draft:
    """An unfinished annotation; ``base`` is the revision that is edited, None where there is none yet."""

    recording: str
    author: str
    base: int | None
    annotation: Annotation
    time: str


def keep(connection: Connection, draft: Draft) -> None:
    """Put a draft in the place of the one before."""
    row = {
        "recording": draft.recording, "author": draft.author, "base": draft.base, "time": draft.time,
        "document": json.dumps(encode(draft.annotation), allow_nan=False),
    }  # fmt: skip
    put(connection, drafts, row)


def read(connection: Connection, recording: str, author: str) -> Draft | None:
    """Return the draft of a line."""
    row = connection.execute(sa.select(drafts).where(*_line(recording, author))).one_or_none()
    if row is None:
        return None
    annotation = decode(Annotation, json.loads(row.document), "draft")
    return Draft(row.recording, row.author, row.base, annotation, row.time)


def drop(connection: Connection, recording: str, author: str) -> None:
    """Forget the draft of a line, if there is one."""
    connection.execute(sa.delete(drafts).where(*_line(recording, author)))


def _line(recording: str, author: str) -> list[sa.ColumnElement[bool]]:
    return [drafts.c.recording == recording, drafts.c.author == author]
