"""Erasing: the one exception to "only ever added", for somebody who takes their consent back.

A recording goes with everything derived from it: its entry and tags, bytes and analyses, annotations with
all their revisions, drafts and assignments, scorings, ratings, jobs, answers kept for repeated requests, the
files of the mirror, and this machine's stage cache as a whole, whose entries do not say of which recording
they are (other machines empty theirs when they next save an analysis or collect garbage). Contents that
another recording's revisions use too stay.

What stays is the audit log: its rows keep who did what to this id and when, and lose their details; one more
row says who erased it, why, and how much that was. What only names it is told and not deleted: reports of
the laboratory, calibrations, files of the mirror's folder that came from elsewhere. Experiments in MLflow,
backups and the history of a git repository are not looked into.

The rows go in one transaction, in which triggers let exactly these rows go; nobody else ever sees it open.
Then the files go. Cut off in between, the row in ``erasures`` still lists what is left, and it is finished by
the next erasure or collection of garbage.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from .._files import made, write_atomic
from ..annotation import Subject
from ..cache import Cache
from ..errors import StorageError
from ..settings import Settings
from . import audit
from .blobs import Blobs, MissingBlob
from .database import Database, now_of
from .mirror_folder import Folder
from .pointing import delete_unused, keys_of, unused
from .revisions import author_of, enter, storable
from .tables import (
    answers,
    assignments,
    calibrations,
    contents,
    drafts,
    entries,
    erasures,
    jobs,
    presence,
    ratings,
    recordings,
    revision_contents,
    revisions,
    scorings,
)
from .tables import audit as log

if TYPE_CHECKING:
    from sqlalchemy import Connection

AGAIN = timedelta(minutes=10)
"""How long after an erasure a cache is emptied once more: what was at work then may have written to it."""
_PORTION = 500
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erasure:
    """That a recording was erased: ``counts`` by what went; ``named_in`` still names it, and was left."""

    recording: str
    who: str
    time: str
    reason: str
    counts: dict[str, int]
    named_in: tuple[str, ...]


def erase(base: Database, blobs: Blobs, settings: Settings, id: str, who: str, reason: str) -> Erasure:
    """Delete a recording with everything derived from it; see the module.

    Raises
    ------
    StorageError
        If nothing is known of it, or ``who`` is no name.
    """
    who, reason = author_of(who), (storable(reason) or "").strip()
    finish(base, blobs, settings)
    with base.writing() as connection:
        _overwriting(connection)
        if not _is_known(connection, id):
            raise StorageError("nothing is known of it", subject=id, remedy="look at its id again")
        time, counts = _erase_rows(connection, id)
        told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        audit.note(connection, time, who, "erase", id, f"{reason or 'no reason given'} ({told})")
        named = (*_calibrations(connection, id), *_named(settings, id))
    finish(base, blobs, settings)
    forget_cached(base, settings)
    return Erasure(id, who, time, reason, counts, named)


def finish(base: Database, blobs: Blobs, settings: Settings) -> None:
    """Delete the files of erasures whose rows have gone."""
    with base.reading() as connection:
        query = sa.select(erasures.c.id, erasures.c.recording, erasures.c.blobs)
        left = connection.execute(query.where(erasures.c.blobs.is_not(None))).all()
    for row in left:
        for key in [*json.loads(row.blobs), *_older(base, blobs, row.recording)]:
            delete_unused(base, blobs, key)  # unless it was added again since
        if settings.annotation_dir is not None:
            _forget_mirrored(settings.annotation_dir, row.recording)
        with base.writing() as connection:
            connection.execute(sa.update(erasures).where(erasures.c.id == row.id).values(blobs=None))


def forget_cached(base: Database, settings: Settings) -> None:
    """Empty this machine's cache if something was erased since this was last done."""
    with base.reading() as connection:
        query = sa.select(erasures.c.id, erasures.c.time).order_by(erasures.c.id.desc()).limit(1)
        last = connection.execute(query).first()
        if last is None:
            return
        early = datetime.fromisoformat(now_of(connection)) < datetime.fromisoformat(last.time) + AGAIN
    cache = Cache.of(settings)
    mark, wanted = cache.folder / ".erased", f"{last.id} {'early' if early else 'settled'}"
    try:
        if mark.exists() and mark.read_text(encoding="ascii") == wanted:
            return
        Cache(cache.folder, 0).trim()
        write_atomic(made(cache.folder) / mark.name, wanted.encode("ascii"))
    except OSError as error:
        _log.warning("the stage cache could not be emptied after an erasure: %s", error)


# --- rows ------------------------------------------------------------------------------------------


def _overwriting(connection: Connection) -> None:
    """Have SQLite overwrite what it deletes."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")


def _is_known(connection: Connection, id: str) -> bool:
    columns = [
        entries.c.id, recordings.c.id, ratings.c.recording, drafts.c.recording, assignments.c.recording,
        jobs.c.key,
    ]  # fmt: skip
    return any(connection.execute(sa.select(sa.exists().where(column == id))).scalar() for column in columns)


def _erase_rows(connection: Connection, id: str) -> tuple[str, dict[str, int]]:
    """Delete the rows of a recording; return when, and how many of what."""
    enter(connection, Subject(id, duration=0.0), erasing=True)  # from here on nobody else adds to it
    time = now_of(connection)
    opened = connection.execute(
        sa.insert(erasures).values(recording=id, time=time, open=1).returning(erasures.c.id)
    ).scalar_one()
    keys = keys_of(connection, id)
    used = _contents_of(connection, id)
    digest = id.removeprefix("sha256:")
    of_it = sa.select(revisions.c.id).where(revisions.c.recording == id)
    connection.execute(sa.delete(revision_contents).where(revision_contents.c.revision.in_(of_it)))
    counts = {
        "entries": _delete(connection, entries, entries.c.id == id),
        "blobs": len(keys),
        "revisions": _delete(connection, revisions, revisions.c.recording == id),
        "scorings": _delete(connection, scorings, scorings.c.recording == id),
        "ratings": _delete(connection, ratings, ratings.c.recording == id),
        "drafts": _delete(connection, drafts, drafts.c.recording == id),
        "assignments": _delete(connection, assignments, assignments.c.recording == id),
        "contents": sum(_delete(connection, contents, where) for where in _unused(used)),
        "jobs": _delete(
            connection, jobs, sa.or_(jobs.c.key.contains(digest), jobs.c.payload.contains(digest))
        ),
        "answers": _delete(
            connection, answers, sa.or_(answers.c.body.contains(digest), answers.c.headers.contains(digest))
        ),
    }  # fmt: skip
    _delete(connection, presence, presence.c.recording == id)
    _delete(connection, recordings, recordings.c.id == id)
    connection.execute(sa.update(log).where(log.c.recording == id).values(detail=""))
    connection.execute(
        sa.update(erasures).where(erasures.c.id == opened).values(open=0, blobs=json.dumps(keys))
    )
    return time, counts


def _delete(connection: Connection, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    return connection.execute(sa.delete(table).where(where)).rowcount


def _contents_of(connection: Connection, id: str) -> list[str]:
    said = (
        sa.select(revision_contents.c.digest)
        .join(revisions, revisions.c.id == revision_contents.c.revision)
        .where(revisions.c.recording == id)
    )
    scored = sa.select(scorings.c.reactions).where(scorings.c.recording == id)
    return sorted({row[0] for query in (said, scored) for row in connection.execute(query)})


def _unused(digests: list[str]) -> Iterator[sa.ColumnElement[bool]]:
    for start in range(0, len(digests), _PORTION):
        yield sa.and_(
            contents.c.digest.in_(digests[start : start + _PORTION]),
            ~sa.exists().where(revision_contents.c.digest == contents.c.digest),
            ~sa.exists().where(scorings.c.reactions == contents.c.digest),
        )


def _calibrations(connection: Connection, id: str) -> list[str]:
    query = sa.select(calibrations.c.id, calibrations.c.scorer)
    named = calibrations.c.document.contains(id.removeprefix("sha256:"))
    return [f"calibration {row.id} of {row.scorer}" for row in connection.execute(query.where(named))]


# --- files -----------------------------------------------------------------------------------------


def _older(base: Database, blobs: Blobs, id: str) -> Iterator[str]:
    """Give the keys of analyses of a recording that nothing points at any more."""
    for each in unused(base, blobs, "timelines/"):
        try:
            text = blobs.read(each.key)
        except MissingBlob:
            continue
        if id.encode() in text:
            yield each.key


def _forget_mirrored(folder: Path, id: str) -> None:
    """Delete the files in which the mirror shows a recording, and those that it kept aside."""
    if not folder.is_dir():
        return
    mirror = Folder(folder)
    with mirror.held():
        ours = {
            name for name, seen in mirror.seen.items() if seen.get("recording") == id and seen.get("ours")
        }
        for path in _files_about(folder, id):
            if mirror.name(path) in ours or _is_named_for(path, id):
                path.unlink(missing_ok=True)
        mirror.seen = {name: seen for name, seen in mirror.seen.items() if seen.get("recording") != id}


def _is_named_for(path: Path, id: str) -> bool:
    short = id.removeprefix("sha256:")[:12]
    return re.search(rf"\.{short}\.[^.]+(\.conflict(-\d+)?)?\.yaml$", path.name) is not None


def _files_about(folder: Path, id: str) -> list[Path]:
    """Return the files below a folder that hold the id."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in (".yaml", ".yml", ".json") and path.is_file() and not path.is_symlink():
            try:
                if id.removeprefix("sha256:").encode() in path.read_bytes():
                    found.append(path)
            except OSError as error:
                _log.warning("%s cannot be read and may name a recording that was erased: %s", path, error)
    return found


def _named(settings: Settings, id: str) -> Iterable[str]:
    """Give files that name a recording and are left."""
    reports = settings.data_dir / "laboratory"
    yield from (f"laboratory/{path.name}" for path in _files_about(reports, id))
    if settings.annotation_dir is not None:
        for path in _files_about(settings.annotation_dir, id):
            if not _is_named_for(path, id) and not path.name.startswith("."):
                yield os.fspath(path)
