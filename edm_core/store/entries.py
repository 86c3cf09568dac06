"""Entries of the library as rows of the database: reading and changing them, within a transaction.

A card is drawn from one row. What it shows beside the columns (chips, problems, parts, outline) stands in one
of them as JSON; decoded cards are kept, because a list of ten thousand needs them again and again.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .._codec import encode
from ..timeline import Problem, Timeline
from .entry import Entry, EntryStatus, Part, chips_of, parts_of
from .revisions import storable
from .tables import entries, jobs, revisions, scorings, tags

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

_CARDS_KEPT = 12_000
_PORTION = 500  # ids in one question
_OF_ENTRY = (
    "id", "name", "added", "path", "status", "message", "title", "artist", "duration", "revision", "said",
    "owner", "size",
)  # fmt: skip
_OF_TABLE = ("timeline", "job", "bpm", "key", "speech")
"""Columns that are no fields of an entry."""


def read(connection: Connection, id: str, *, hold: bool = False) -> Entry | None:
    """Return an entry, None if there is none of this id; ``hold`` keeps others from changing it meanwhile."""
    query = sa.select(entries).where(entries.c.id == id)
    row = connection.execute(query.with_for_update() if hold else query).first()
    return None if row is None else of_rows(connection, [row])[0]


def some(connection: Connection, *where: ColumnElement[bool]) -> list[Entry]:
    """Return the entries that fulfil all conditions, the newest first."""
    query = sa.select(entries).where(*where).order_by(entries.c.added.desc(), entries.c.id.desc())
    return of_rows(connection, connection.execute(query).all())


def of_rows(connection: Connection, rows: Sequence[Row[Any]]) -> list[Entry]:
    """Return the entries of rows of the table, with their tags, in the same order."""
    given = tags_of(connection, [row.id for row in rows])
    return [_entry(row, given.get(row.id, ())) for row in rows]


def beginning(connection: Connection, prefix: str) -> list[Entry]:
    """Return at most two entries whose ids begin so."""
    query = sa.select(entries).where(entries.c.id >= prefix, entries.c.id < prefix + "g").limit(2)
    return of_rows(connection, connection.execute(query).all())


def add(connection: Connection, entry: Entry) -> None:
    """Enter a new recording."""
    connection.execute(sa.insert(entries).values(columns(entry)))


def change(connection: Connection, id: str, *where: ColumnElement[bool], **changes: Any) -> Entry | None:
    """Change an entry and what is searched in it; None if there is none, or not under these conditions.

    ``changes`` are fields of :class:`Entry`, or columns that only the table has.
    """
    row = connection.execute(sa.select(entries).where(entries.c.id == id, *where).with_for_update()).first()
    if row is None:
        return None
    fields = {name: value for name, value in changes.items() if name not in _OF_TABLE}
    for name in ("message", "title", "artist"):
        if name in fields:
            fields[name] = storable(fields[name])
    entry = replace(of_rows(connection, [row])[0], **fields)
    values = columns(entry) | {name: changes[name] for name in _OF_TABLE if name in changes}
    connection.execute(sa.update(entries).where(entries.c.id == id).values(values))
    return entry


def newest_timeline(connection: Connection, id: str) -> str | None:
    """Return the SHA-256 of a recording's newest analysis."""
    digest: str | None = connection.execute(
        sa.select(entries.c.timeline).where(entries.c.id == id)
    ).scalar_one_or_none()
    return digest


def made_by(connection: Connection, id: str) -> str | None:
    """Return the job that made a recording's newest analysis."""
    job: str | None = connection.execute(
        sa.select(entries.c.job).where(entries.c.id == id)
    ).scalar_one_or_none()
    return job


def stamp_of(connection: Connection, id: str) -> tuple[object, ...] | None:
    """Return what changes with all that a timeline is made of; None without an analysis."""
    query = sa.select(
        entries.c.timeline, entries.c.revision,
        sa.select(sa.func.max(revisions.c.id)).where(revisions.c.recording == id).scalar_subquery(),
        sa.select(sa.func.max(scorings.c.id)).where(scorings.c.recording == id).scalar_subquery(),
    ).where(entries.c.id == id)  # fmt: skip
    row = connection.execute(query).first()
    return None if row is None or row[0] is None else tuple(row)


def uploads_of(connection: Connection, owner: str) -> tuple[int, int]:
    """Return how many recordings somebody gave that lie among the blobs, and their bytes."""
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(entries.c.size), 0)).where(
        entries.c.owner == owner, entries.c.path.is_(None)
    )
    count, size = connection.execute(query).one()
    return int(count), int(size)


def hold(connection: Connection, name: str) -> None:
    """Keep others that hold the same out until the transaction ends, also where no row stands yet."""
    if connection.dialect.name == "postgresql":  # with SQLite there is one writer at a time
        connection.execute(
            sa.text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name}
        )


def note_status(connection: Connection, id: str, status: EntryStatus, message: str | None = None) -> bool:
    """Note how the analysis of a recording stands, in somebody else's transaction; whether it is there."""
    changed = connection.execute(
        sa.update(entries).where(entries.c.id == id).values(status=status, message=storable(message))
    )
    return changed.rowcount > 0


def columns(entry: Entry) -> dict[str, Any]:
    """Return an entry as a row, but for what only the table has."""
    card = {
        "chips": entry.chips, "problems": encode(entry.problems),
        "parts": [[part.start, part.end, part.label] for part in entry.parts],
        "outline": b64encode(bytes(min(max(int(value), 0), 127) for value in entry.outline)).decode("ascii"),
    }  # fmt: skip
    return {name: getattr(entry, name) for name in _OF_ENTRY} | {
        "path": _kept_path(entry.path), "name": storable(entry.name),
        "shown": storable(entry.shown.casefold()), "search": storable(entry.words),
        "card": json.dumps(card, separators=(",", ":"), allow_nan=False),
    }  # fmt: skip


def found_in(timeline: Timeline) -> dict[str, Any]:
    """Return the fields and columns that tell what is in a recording, as people and models say it."""
    return {
        "chips": chips_of(timeline), "parts": parts_of(timeline), "speech": timeline.speech_share,
        "bpm": timeline.tempo.bpm if timeline.tempo else None,
        "key": timeline.key.camelot if timeline.key else None,
    }  # fmt: skip


# --- tags ------------------------------------------------------------------------------------------


def tags_of(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the tags of recordings that have some, in alphabetical order."""
    found: dict[str, list[str]] = {}
    for where in _portions(ids, tags.c.recording):
        query = sa.select(tags.c.recording, tags.c.tag).where(where).order_by(tags.c.tag)
        for recording, tag in connection.execute(query):
            found.setdefault(recording, []).append(tag)
    return {recording: tuple(sorted(names)) for recording, names in found.items()}


def tag(connection: Connection, ids: Iterable[str], add: Sequence[str], remove: Sequence[str]) -> int:
    """Give tags to recordings and take others away; return how many of the recordings there are."""
    count = 0
    for id in dict.fromkeys(ids):
        row = connection.execute(sa.select(entries).where(entries.c.id == id).with_for_update()).first()
        if row is None:
            continue
        before = set(tags_of(connection, [id]).get(id, ()))
        after = (before | set(add)) - set(remove)
        connection.execute(sa.delete(tags).where(tags.c.recording == id, tags.c.tag.in_(before - after)))
        if after - before:
            rows = [{"recording": id, "tag": name} for name in sorted(after - before)]
            connection.execute(sa.insert(tags), rows)
        change(connection, id)
        count += 1
    return count


def all_tags(connection: Connection) -> dict[str, int]:
    """Return how many recordings have each tag, in alphabetical order."""
    query = sa.select(tags.c.tag, sa.func.count()).group_by(tags.c.tag)
    return dict(sorted((name, int(count)) for name, count in connection.execute(query)))


# --- what people said since ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """That people saved something of a recording, at ``time``, which its card does not show yet."""

    id: str
    time: str


def said_so_far(connection: Connection) -> tuple[int, int]:
    """Return what changes with every save: the last revision's number, and how many there are."""
    last, count = connection.execute(sa.select(sa.func.max(revisions.c.id), sa.func.count())).one()
    return last or 0, count


def behind(connection: Connection, most: int, ids: Sequence[str] | None = None) -> list[Said]:
    """Return analysed recordings of which people said something since their cards were made."""
    last = sa.select(revisions.c.recording, sa.func.max(revisions.c.time).label("time"))
    if ids is not None:
        last = last.where(revisions.c.recording.in_(ids))
    newest = last.group_by(revisions.c.recording).subquery()
    query = (
        sa.select(entries.c.id, newest.c.time)
        .join(newest, newest.c.recording == entries.c.id)
        .where(
            entries.c.timeline.is_not(None),
            sa.or_(entries.c.said.is_(None), entries.c.said != newest.c.time),
        )
        .limit(most)
    )
    return [Said(id, time) for id, time in connection.execute(query)]


def last_said(connection: Connection, id: str) -> str | None:
    """Return when people last saved something of a recording."""
    query = sa.select(sa.func.max(revisions.c.time)).where(revisions.c.recording == id)
    time: str | None = connection.execute(query).scalar()
    return time


# --- what a job may write --------------------------------------------------------------------------------


def may_write(connection: Connection, job: tuple[str, int]) -> bool:
    """Whether a start of a job still counts; until the transaction ends nobody can take it for dead."""
    query = sa.select(jobs.c.state, jobs.c.attempt).where(jobs.c.id == job[0])
    row = connection.execute(query.with_for_update(read=True)).first()
    return row is not None and row.state == "running" and row.attempt == job[1]


# --- private ---------------------------------------------------------------------------------------------


def _entry(row: Row[Any], given: tuple[str, ...]) -> Entry:
    chips, problems, parts, outline = _card(row.card)
    return Entry(
        id=row.id, name=row.name, added=row.added, path=_path(row.path), status=row.status,
        message=row.message, title=row.title, artist=row.artist, duration=row.duration, chips=chips,
        problems=problems, parts=parts, outline=outline, revision=row.revision, said=row.said, tags=given,
        owner=row.owner, size=row.size,
    )  # fmt: skip


@lru_cache(maxsize=_CARDS_KEPT)
def _card(
    text: str,
) -> tuple[tuple[str, ...], tuple[Problem, ...], tuple[Part, ...], tuple[int, ...]]:
    card = json.loads(text)
    return (
        tuple(card["chips"]),
        tuple(Problem(**each) for each in card["problems"]),
        tuple(Part(*each) for each in card["parts"]),
        tuple(b64decode(card["outline"])),
    )


def _portions(ids: Sequence[str], column: sa.Column[str]) -> Iterator[ColumnElement[bool]]:
    """Give conditions that together pick the ids; many of them are not worth picking one by one."""
    if len(ids) > 4 * _PORTION:
        yield sa.true()
        return
    for start in range(0, len(ids), _PORTION):
        yield column.in_(ids[start : start + _PORTION])


def _kept_path(path: str | None) -> str | None:
    """Return a path as text that every database takes: names that are no UTF-8 as JSON, reversibly."""
    if path is None:
        return None
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(path)
    return path


def _path(text: str | None) -> str | None:
    return json.loads(text) if text and text.startswith('"') else text
