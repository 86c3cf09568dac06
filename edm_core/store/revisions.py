"""Revisions: an annotation as rows of the database, and back.

What an annotation says of each kind (sections, grid, words …) is kept once under its digest, however many
revisions say the same. The digest of a revision covers all that counts as its content; who saved it and when,
and what the recording is called, do not.

Pure but for the functions that take a connection.
"""

from __future__ import annotations

import hashlib
import json
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from .._codec import decode, encode
from ..annotation import Annotation, Subject, Tier, layers_of, tiled
from ..errors import StorageError, TimelineError
from .database import dialect_of
from .tables import contents, entries, erasures, recordings, revision_contents, revisions

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row
    from sqlalchemy.sql import ColumnElement

AUTHOR_LENGTH = 64
"""Longest name of an author, in characters."""
FIELDS = ("grid", "key", "sections", "events", "activity", "words", "passages", "comments", "rest")
"""Fields of an annotation whose contents are kept by digest; the others are columns."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A state of one author's annotation of one recording, without its contents.

    ``number`` counts up from 1, ``parent`` is the number of the revision it was made from. ``time`` is
    ISO 8601 in UTC, ``tool`` what it was saved with, ``note`` what its author said of it, ``digest`` the
    SHA-256 of its contents, ``summary`` what it holds or what changed, in words.
    """

    recording: str
    author: str
    number: int
    parent: int | None
    time: str
    tool: str
    tier: Tier | None
    confidence: float | None
    flags: tuple[str, ...]
    verified_by: str | None
    note: str
    digest: str
    summary: str


@dataclass(frozen=True, slots=True)
class Packed:
    """An annotation ready to be written: as it will be read again, its contents by kind, its digest."""

    annotation: Annotation
    contents: dict[str, tuple[str, str]]
    digest: str


def author_of(name: str) -> str:
    """Return what an author is known by: the name in the same case and spelling whoever types it.

    Raises
    ------
    StorageError
        If it is no name: 1 to 64 printable characters, and nothing that could be a path.

    Examples
    --------
    >>> author_of(" Rater-1 ")
    'rater-1'
    """
    plain = unicodedata.normalize("NFC", name.strip())
    if (
        not (0 < len(plain) <= AUTHOR_LENGTH and plain.isprintable())
        or plain[0] == "."
        or set(plain) & {*"/\\"}
    ):
        raise StorageError(
            "it is no name of an author", subject=repr(name[:80]),
            remedy=f"give 1 to {AUTHOR_LENGTH} printable characters without slashes, no dot at the beginning",
        )  # fmt: skip
    return unicodedata.normalize("NFC", plain.casefold())


def packed(annotation: Annotation, recording: str, author: str, duration: float) -> Packed:
    """Return an annotation of a recording (``duration`` in seconds) as it is kept.

    Raises
    ------
    TimelineError
        If it cannot become layers of a timeline: an unknown label, items out of order.
    StorageError
        If ``recording`` cannot be an id.
    """
    if not (0 < len(recording) <= 80 and recording.isprintable()):
        raise StorageError("it is no id of a recording", subject=repr(recording[:80]))
    if not (math.isfinite(duration) and duration > 0):
        raise StorageError(
            f"a duration of {duration} s", subject=recording, remedy="give that of the recording"
        )
    whole = _as_read(annotation)
    layered(whole, duration, author, 1, None, "")
    subject = Subject(
        recording, storable(whole.recording.path), storable(whole.recording.title),
        storable(whole.recording.artist), float(duration),
    )  # fmt: skip
    whole = replace(
        whole, recording=subject, author=author, notes=storable(whole.notes),
        verified_by=storable(whole.verified_by), created=storable(whole.created), modified=None,
    )  # fmt: skip
    if whole.created is not None and len(whole.created) > 64:
        raise TimelineError(f"{whole.created[:40]}… is no time", subject="annotation.created")
    kept: dict[str, tuple[str, str]] = {}
    for kind in FIELDS:
        value = getattr(whole, kind)
        if value is not None and not (kind == "rest" and not value):
            text = json_of(encode(value))
            kept[kind] = (sha256_of(f"{kind} {text}"), text)
    counts = (whole.tier, whole.confidence, whole.flags, whole.verified_by, whole.notes)
    digest = sha256_of(json_of([*encode(counts), {kind: digest for kind, (digest, _) in kept.items()}]))
    return Packed(whole, kept, digest)


def layered(
    annotation: Annotation, duration: float, author: str, number: int, parent: int | None, time: str
) -> tuple[Any, ...]:
    """Return the layers of a revision; its sections are made to cover the recording."""
    if annotation.sections is not None:
        annotation = replace(annotation, sections=tiled(annotation.sections, duration)[0])
    source = f"person:{author}"
    before = None if parent is None else f"{source}#{parent}"
    return layers_of(annotation, duration, source=source, revision=number, parent=before, time=time)


# --- rows ------------------------------------------------------------------------------------------


def insert(
    connection: Connection,
    new: Packed,
    *,
    after: Revision | None,
    created: str,
    time: str,
    tool: str,
    note: str,
    summary: str,
) -> Revision:
    """Write a revision behind the newest of its line; the caller has entered the recording."""
    whole = new.annotation
    assert whole.recording.id is not None and whole.author is not None
    revision = Revision(
        recording=whole.recording.id, author=whole.author,
        number=after.number + 1 if after else 1, parent=after.number if after else None,
        time=max(time, after.time) if after else time, tool=storable(tool) or "", tier=whole.tier,
        confidence=whole.confidence, flags=whole.flags, verified_by=whole.verified_by,
        note=storable(note) or "", digest=new.digest, summary=storable(summary) or "",
    )  # fmt: skip
    values = {name: getattr(revision, name) for name in Revision.__slots__} | {
        "flags": json_of(revision.flags), "notes": whole.notes, "created": created,
        "subject": json_of(encode(whole.recording)),
    }  # fmt: skip
    if new.contents:
        # In one order whoever writes, so that two writers cannot wait for each other.
        rows = [
            {"digest": digest, "kind": kind, "items": text}
            for kind, (digest, text) in sorted(new.contents.items(), key=lambda each: each[1])
        ]
        connection.execute(dialect_of(connection).insert(contents).on_conflict_do_nothing(), rows)
    id = connection.execute(sa.insert(revisions).values(values).returning(revisions.c.id)).scalar_one()
    if new.contents:
        links = [{"revision": id, "digest": digest} for digest, _ in new.contents.values()]
        connection.execute(sa.insert(revision_contents), links)
    return revision


def enter(connection: Connection, subject: Subject, *, erasing: bool = False) -> None:
    """Note a recording, and keep others from saving to it until the transaction ends.

    Raises
    ------
    StorageError
        If it was erased, and this is not for the sake of that.
    """
    row = {name: getattr(subject, name) for name in ("id", "duration", "title", "artist", "path")}
    statement = dialect_of(connection).insert(recordings).values(row)
    known = {
        name: sa.func.coalesce(statement.excluded[name], recordings.c[name])
        for name in ("title", "artist", "path")
    }
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["id"], set_={"duration": statement.excluded.duration} | known
        )
    )
    if not erasing:  # asked after the row is held: an erasure that was under way is over now
        refuse_erased(connection, subject.id or "")


def refuse_erased(connection: Connection, recording: str) -> None:
    """Refuse what is said of a recording that was erased, unless it was added again since.

    Raises
    ------
    StorageError
        If it was.
    """
    if is_erased(connection, recording):
        raise StorageError(
            "it was erased", subject=recording, remedy="add the recording again first, if that is allowed"
        )


def is_erased(connection: Connection, recording: str) -> bool:
    """Whether a recording was erased, and has not been added again since."""
    was = sa.exists().where(erasures.c.recording == recording)
    there = sa.exists().where(entries.c.id == recording)
    return bool(connection.execute(sa.select(sa.and_(was, ~there))).scalar())


def known(connection: Connection, recording: str) -> Subject | None:
    """Return what is noted of a recording."""
    row = connection.execute(sa.select(recordings).where(recordings.c.id == recording)).one_or_none()
    return None if row is None else Subject(row.id, row.path, row.title, row.artist, row.duration)


def found(
    connection: Connection, *where: ColumnElement[bool], newest: bool = False, limit: int | None = None
) -> list[tuple[Revision, Row[Any]]]:
    """Return revisions with their rows, the one saved last first; ``newest``: only that of each line."""
    query = sa.select(revisions).where(*where).order_by(revisions.c.id.desc()).limit(limit)
    if newest:
        last = sa.select(sa.func.max(revisions.c.id)).where(*where)
        query = query.where(revisions.c.id.in_(last.group_by(revisions.c.recording, revisions.c.author)))
    return [(_revision(row), row) for row in connection.execute(query)]


def of_line(recording: str, author: str, number: int | None = None) -> list[ColumnElement[bool]]:
    """Return the conditions that pick a line, or one revision of it."""
    line = [revisions.c.recording == recording, revisions.c.author == author]
    return line if number is None else [*line, revisions.c.number == number]


def unpacked(connection: Connection, rows: Sequence[Row[Any]]) -> list[Annotation]:
    """Return the annotations of rows of revisions, in the same order."""
    held: dict[int, dict[str, Any]] = {row.id: {} for row in rows}
    for some in _portions([row.id for row in rows]):
        query = (
            sa.select(revision_contents.c.revision, contents.c.kind, contents.c["items"])
            .join(contents, contents.c.digest == revision_contents.c.digest)
            .where(revision_contents.c.revision.in_(some))
        )
        for revision, kind, text in connection.execute(query):
            held[revision][kind] = json.loads(text)
    return [_annotation(row, held[row.id]) for row in rows]


def json_of(value: Any) -> str:
    """Return JSON that is the same for the same value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)  # all of it ASCII


def sha256_of(text: str) -> str:
    """Return the digest of an ASCII text."""
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def storable(text: str | None) -> str | None:
    """Return a text that every database takes: no zero characters, no half characters."""
    if text is None:
        return None
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


# --- private ---------------------------------------------------------------------------------------


def _as_read(annotation: Annotation) -> Annotation:
    """Return an annotation as it will be read again: whole numbers with their point, tuples for lists."""
    try:
        return decode(Annotation, json.loads(json_of(encode(annotation))), "annotation")
    except (TypeError, ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise TimelineError(
            f"it cannot be written as JSON ({reason})",
            subject="annotation",
            remedy="use plain numbers and text",
        ) from None


def _annotation(row: Row[Any], held: dict[str, Any]) -> Annotation:
    values = held | {
        "recording": json.loads(row.subject), "author": row.author, "tier": row.tier,
        "confidence": row.confidence, "flags": json.loads(row.flags), "verified_by": row.verified_by,
        "notes": row.notes, "created": row.created, "modified": row.time,
    }  # fmt: skip
    return decode(Annotation, values, f"revision {row.number} of {row.author}")


def _revision(row: Row[Any]) -> Revision:
    values = {name: getattr(row, name) for name in Revision.__slots__}
    return Revision(**values | {"flags": tuple(json.loads(row.flags))})


def _portions(ids: list[int], size: int = 500) -> Iterable[list[int]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))
