"""Putting a backup back: everything is checked first, and what was there before is moved aside, not deleted.

A backup of SQLite can be put into PostgreSQL and the other way round: its tables are lines of JSON. One that
an earlier version made is brought up to date on the way.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._files import locked, made, sync_folder, writing
from ..errors import StorageError
from ..settings import Settings
from . import audit
from .backup import DATABASES, FOLDERS, Told
from .blobs import Blobs, blobs_of
from .database import database_of, now_of
from .dump import go_on_counting, load, read, sqlite_module
from .engines import WRITES, sqlite, upgrade, url_of
from .snapshots import checked, opened

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import URL

_OURS = ("blobs", "library", *FOLDERS, *DATABASES)


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back: everything acknowledged before ``began`` (ISO 8601, by its database's clock).

    ``rows`` of the database, ``blobs`` that were not there yet. ``gone`` names what the backup points to and
    does not hold; ``aside`` is where that lies now which was here before, None if there was nothing.
    ``erased`` are recordings that were erased after the backup was made, as far as was known here: they were
    erased again, with all that had come back of them.
    """

    began: str
    rows: int
    blobs: int
    gone: tuple[str, ...]
    aside: str | None
    erased: tuple[str, ...]


def restore(
    settings: Settings, archive: Path, *, force: bool = False, who: str = "", told: Told | None = None
) -> Restored:
    """Put a backup back.

    Parameters
    ----------
    settings : Settings
        Where to: data folder, database and blobs.
    archive : Path
        A folder of backups (its newest snapshot is taken), one snapshot in it, or a ``.tar``.
    force : bool, optional
        Also where something is already. That is moved aside.
    who : str, optional
        Who does it, for the audit log.
    told : callable, optional
        Told how it goes.

    Raises
    ------
    StorageError
        If the backup is damaged or of a newer version (then nothing has been changed), if there is something
        already, or if the workbench is running.
    """
    with opened(archive, settings) as (root, snapshot):
        manifest = checked(root, snapshot, told)
        before = _before(settings)
        if before is not None and not force:
            raise StorageError(
                "there is something already", subject=before,
                remedy="give --force to move it aside, or set EDM_DATA_DIR to an empty folder",
            )  # fmt: skip
        if not force:
            _let_nobody_work(settings)
        erased = _erased_since(settings, manifest["began"]) if before is not None else ()
        copied = _put_blobs(root, manifest, blobs_of(settings), settings, told)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        said = f"backup of {manifest['began']}, {sum(t['rows'] for t in manifest['tables'].values())} rows"
        aside = _put_files(settings, snapshot, stamp)
        fill = _Filling(snapshot, manifest, who, said)
        moved = (
            _fill_server(settings, fill, stamp) if _is_server(settings) else _fill_file(settings, fill, stamp)
        )
        _erase_again(settings, erased, who)
        rows = sum(table["rows"] for table in manifest["tables"].values())
        return Restored(manifest["began"], rows, copied, tuple(manifest["gone"]), moved or aside, erased)


@dataclass(frozen=True, slots=True)
class _Filling:
    """The rows of a snapshot, to be put into a database that is empty."""

    snapshot: Path
    manifest: dict[str, Any]
    who: str
    said: str

    def into(self, connection: Connection) -> None:
        """Make the tables as they were back then, fill them, and bring them up to date."""
        import sqlalchemy as sa

        upgrade(connection, self.manifest["database"]["step"])
        then = sa.MetaData()
        then.reflect(connection)
        filled = []
        for table in then.sorted_tables:
            if table.name in self.manifest["tables"]:
                load(connection, table, read(self.snapshot / "tables" / f"{table.name}.jsonl.gz"))
                filled.append(table)
        go_on_counting(connection, filled)
        upgrade(connection)
        audit.note(connection, now_of(connection), self.who, "restore", None, self.said)


def _fill_file(settings: Settings, fill: _Filling, stamp: str) -> str | None:
    """Make a new file beside the old one, and put it in its place once it is whole."""
    place = Path(str(url_of(settings).database))
    folder = made(place.parent)
    new = folder / f".restore-{stamp}.db"
    try:
        with writing(folder):
            _make(new, url_of(settings), fill)
            aside = None
            with locked(folder / f".{place.name}.lock"):
                _settle(place)
                for suffix in ("-wal", "-shm", ""):  # a log must never meet the wrong file
                    old = place.with_name(place.name + suffix)
                    if old.exists():
                        aside = made(folder / f"before-restore-{stamp}")
                        old.rename(aside / old.name)
                new.rename(place)
            sync_folder(folder)
    finally:
        for suffix in ("", "-wal", "-shm"):
            new.with_name(new.name + suffix).unlink(missing_ok=True)
    database_of(settings).close()
    return str(aside) if aside else None


def _make(place: Path, url: URL, fill: _Filling) -> None:
    os.close(os.open(place, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    engine = sqlite(url.set(database=str(place)))
    try:
        raw = engine.raw_connection()
        raw.cursor().execute("PRAGMA journal_mode=WAL")
        raw.close()
        with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
            fill.into(connection)
    finally:
        engine.dispose()


def _settle(place: Path) -> None:
    """Write what stands in a database's log into its file, so that moving one and then the other is safe."""
    if place.exists():
        module = sqlite_module()
        with suppress(module.Error):  # a damaged one is moved as it is
            connection = module.connect(str(place))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()


def _fill_server(settings: Settings, fill: _Filling, stamp: str) -> str | None:
    """Move all tables aside as a schema and make new ones, in one transaction."""
    database = database_of(settings)
    name = f"before_restore_{stamp.casefold()}"
    with database.writing() as connection:
        schema = connection.exec_driver_sql("SELECT current_schema()").scalar_one()
        quoted = connection.dialect.identifier_preparer.quote(schema)
        is_empty = not _holds_rows(connection)
        connection.exec_driver_sql(f"ALTER SCHEMA {quoted} RENAME TO {name}")
        connection.exec_driver_sql(f"CREATE SCHEMA {quoted}")
        if is_empty:
            connection.exec_driver_sql(f"DROP SCHEMA {name} CASCADE")
        fill.into(connection)
    database.close()
    return None if is_empty else f"schema {name} of the database"


def _put_blobs(
    root: Path, manifest: dict[str, Any], blobs: Blobs, settings: Settings, told: Told | None
) -> int:
    """Put back the blobs that are not there; the backup keeps its own."""
    copied = 0
    drafts = made(settings.data_dir)
    for done, key in enumerate(manifest["blobs"]):
        if told is not None:
            told(f"copying {key}", done, len(manifest["blobs"]))
        if blobs.size(key) == manifest["blobs"][key] and _is_whole(blobs, key):
            continue
        with writing(drafts), tempfile.TemporaryDirectory(prefix=".restore-", dir=drafts) as folder:
            draft = Path(folder, "blob")
            shutil.copyfile(root / "blobs" / key, draft)
            blobs.put(key, draft)
        copied += 1
    return copied


def _is_whole(blobs: Blobs, key: str) -> bool:
    """Whether what is there is what its key says; a disk that lost data is why somebody restores."""
    found = sha256()
    for block in blobs.open(key):
        found.update(block)
    return found.hexdigest() == key.rpartition("/")[2]


def _put_files(settings: Settings, snapshot: Path, stamp: str) -> str | None:
    """Put folders and databases of the data folder in the place of those that are there."""
    aside = None
    made(settings.data_dir)
    with writing(settings.data_dir):
        for name in (*FOLDERS, *DATABASES):
            place = settings.data_dir / name
            if place.exists():
                aside = made(settings.data_dir / f"before-restore-{stamp}")
                place.rename(aside / name)
            source = snapshot / "files" / name
            if source.is_dir():
                shutil.copytree(source, place)
            elif source.is_file():
                shutil.copyfile(source, place)
    return str(aside) if aside else None


def _before(settings: Settings) -> str | None:
    """Return what is there already, None if there is nothing."""
    if _is_server(settings) or Path(str(url_of(settings).database)).exists():
        try:
            with database_of(settings).reading() as connection:
                if _holds_rows(connection):
                    return database_of(settings).name
        except StorageError:
            if _is_server(settings):
                raise
            return database_of(settings).name  # damaged, perhaps: it is moved aside as it is
    for name in _OURS:
        place = settings.data_dir / name
        if place.is_file() or (place.is_dir() and any(place.rglob("[!.]*"))):
            return str(place)
    return None


def _holds_rows(connection: Connection) -> bool:
    import sqlalchemy as sa

    from .dump import tables

    held = (connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)) for table in tables())
    return any(rows.first() is not None for rows in held)


def _let_nobody_work(settings: Settings) -> None:
    import sqlalchemy as sa

    from .tables import workers

    if not (_is_server(settings) or Path(str(url_of(settings).database)).exists()):
        return
    with database_of(settings).reading() as connection:
        now = datetime.fromisoformat(now_of(connection))
        since = (now - timedelta(seconds=settings.lease_s)).isoformat(timespec="microseconds")
        query = sa.select(workers.c.host, workers.c.pid).where(workers.c.seen >= since.replace("+00:00", "Z"))
        found = connection.execute(query).first()
    if found is not None:
        raise StorageError(
            f"process {found.pid} of {found.host} works on it", subject=database_of(settings).name,
            remedy="stop the workbench and its workers, wait half a minute and try again",
        )  # fmt: skip


def _erased_since(settings: Settings, began: str) -> tuple[str, ...]:
    import sqlalchemy as sa

    from .tables import erasures

    with suppress(StorageError), database_of(settings).reading() as connection:
        query = sa.select(erasures.c.recording).where(erasures.c.time >= began).distinct()
        return tuple(connection.scalars(query.order_by(erasures.c.recording)))
    return ()  # what was there cannot be read: that may be why somebody restores


def _erase_again(settings: Settings, erased: tuple[str, ...], who: str) -> None:
    from .library import Library

    library = Library(settings)
    for id in erased:
        with suppress(StorageError):  # the backup is older than the recording
            library.erase(id, who or "restore", "erased before; a backup brought it back")


def _is_server(settings: Settings) -> bool:
    return bool(url_of(settings).get_backend_name() != "sqlite")
