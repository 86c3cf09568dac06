"""Pages of the library: which entries fulfil a search and filters, in which order, and how many there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import sqlalchemy as sa

from ..errors import EdmError
from .entries import of_rows
from .entry import Entry, EntryStatus, tag_of
from .revisions import storable
from .tables import entries, tags

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

Sort = Literal["added", "title", "bpm", "duration"]
SORTS: tuple[Sort, ...] = get_args(Sort)
Range = tuple[float | None, float | None]
"""From and to, both included; None: without a bound."""
MOST = 10_000
"""Most entries of a page."""
_SPOKEN = 0.01  # share of the duration, as on a card


@dataclass(frozen=True, slots=True)
class Page:
    """Entries in order, and how many there are on all pages."""

    entries: tuple[Entry, ...]
    total: int


def page(
    connection: Connection,
    *,
    search: str,
    tagged: Sequence[str],
    status: EntryStatus | Collection[EntryStatus] | None,
    bpm: Range | None,
    key: str | None,
    duration: Range | None,
    speech: bool | None,
    analysed: bool | None,
    sort: Sort,
    descending: bool,
    limit: int,
    offset: int,
) -> Page:
    """Return a page; what is asked for is said in :meth:`edm_core.store.Library.page`."""
    where = [
        *_searched(search), *_tagged(tagged), *_within(entries.c.bpm, bpm),
        *_within(entries.c.duration, duration),
    ]  # fmt: skip
    if status is not None:
        where.append(entries.c.status.in_([status] if isinstance(status, str) else list(status)))
    if key:
        where.append(entries.c.key == key.strip().upper())
    if speech is not None:
        spoken = sa.func.coalesce(entries.c.speech, 0.0) >= _SPOKEN
        where.append(spoken if speech else sa.not_(spoken))
    if analysed is not None:
        where.append(entries.c.revision > 0 if analysed else entries.c.revision == 0)
    total = connection.execute(sa.select(sa.func.count()).select_from(entries).where(*where)).scalar_one()
    if limit <= 0 or offset >= total:
        return Page((), total)
    query = sa.select(entries).where(*where).order_by(*_order(sort, descending))
    rows = connection.execute(query.limit(min(limit, MOST)).offset(max(0, offset))).all()
    return Page(tuple(of_rows(connection, rows)), total)


# --- private ---------------------------------------------------------------------------------------


def _searched(search: str) -> list[ColumnElement[bool]]:
    text = entries.c.search + " " + entries.c.status
    words = dict.fromkeys((storable(search) or "").casefold().split())
    return [text.contains(word, autoescape=True) for word in list(words)[:20]]


def _tagged(names: Sequence[str]) -> list[ColumnElement[bool]]:
    return [
        sa.exists().where(tags.c.recording == entries.c.id, tags.c.tag == tag_of(name))
        for name in dict.fromkeys(names)
    ]


def _within(column: sa.Column[float], bounds: Range | None) -> list[ColumnElement[bool]]:
    low, high = bounds or (None, None)
    above = [] if low is None else [column >= low]
    return above if high is None else [*above, column <= high]


def _order(sort: Sort, descending: bool) -> list[ColumnElement[Any]]:
    if sort not in SORTS:
        raise EdmError("it is no order", subject=repr(sort), remedy=f"use one of {', '.join(SORTS)}")
    column = {"added": entries.c.added, "title": entries.c.shown, "bpm": entries.c.bpm}.get(
        sort, entries.c.duration
    )
    turned: list[ColumnElement[Any]] = [
        each.desc() if descending else each.asc() for each in (column, entries.c.id)
    ]
    # What has none comes last, whichever way the others stand.
    return [column.is_(None), *turned] if sort in ("bpm", "duration") else turned
