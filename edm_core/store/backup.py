"""Backups: the database as it was at one moment, and everything that it points to.

A backup is a folder that takes many snapshots, or one ``.tar`` file with a single one::

    blobs/sources/ab/<sha256>              recordings and analyses, once for all snapshots
    snapshots/<time>/manifest.json         what there is, with digests and versions
    snapshots/<time>/tables/<name>.jsonl.gz
    snapshots/<time>/files/…               personas, reports of the laboratory, experiments

All tables are read in one transaction that sees a single state, while others go on writing. What was
acknowledged before it began is in it; the blobs that it points to cannot change, and are copied afterwards.
A snapshot is there when its folder has its name: until then it is a draft.

Recordings that lie in folders of their owners are not copied, nor are the stage cache, models, logs and the
mirror of annotations, which all can be made again. Settings are noted without secrets.
"""

from __future__ import annotations

import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._files import made, sync_folder, write_atomic, writing
from .._version import __version__
from ..errors import StorageError
from ..settings import Settings
from .blobs import Blobs, MissingBlob, blobs_of, key_for
from .database import HEAD, database_of, now_of
from .dump import digest, sqlite_module, tables, write

if TYPE_CHECKING:
    from sqlalchemy import Connection

FORMAT = 1
FOLDERS = ("personas", "laboratory", "mlflow-files")
"""What is kept of the data folder besides database and blobs."""
DATABASES = ("mlflow.db",)
NOBODY = "sha256:" + "0" * 64
Told = Callable[[str, int, int], None]
"""Called with what is being copied, how many are done, and how many there are."""


@dataclass(frozen=True, slots=True)
class BackUp:
    """What a backup holds: ``place`` is the snapshot's folder or the file, ``began`` its moment (ISO 8601).

    ``copied`` blobs of ``bytes`` were new to it, ``present`` were there from before. ``elsewhere`` counts
    recordings that lie in folders of their owners; ``gone`` names what was removed while it was copied.
    """

    place: Path
    began: str
    rows: int
    copied: int
    present: int
    bytes: int
    elsewhere: int
    gone: tuple[str, ...]


def back_up(settings: Settings, to: Path, *, audio: bool = True, told: Told | None = None) -> BackUp:
    """Make a backup, while the workbench may go on working.

    Parameters
    ----------
    settings : Settings
        Whose database and data folder.
    to : Path
        A folder, in which blobs that are there already are not copied again, or a file ``*.tar``.
    audio : bool, optional
        Whether recordings are copied too, and not only what was found in them.
    told : callable, optional
        Told how it goes.

    Raises
    ------
    StorageError
        If the database does not answer, or there is no room.
    """
    to = to.expanduser().absolute()
    if to.suffix == ".tar":
        return _to_file(settings, to, audio, told)
    if to.is_file() or ".tar" in to.suffixes or to.suffix in (".zip", ".tgz", ".gz"):
        raise StorageError("it is neither a folder nor a .tar", subject=str(to), remedy="name one of them")
    if _within(to, settings.data_dir / "blobs"):
        raise StorageError("recordings lie there", subject=str(to), remedy="name a folder outside")
    return _to_folder(settings, to, audio, told)


def default_place(settings: Settings) -> Path:
    """Return where backups go if nothing else is said: beside the data folder."""
    return settings.data_dir.absolute().with_name(f"{settings.data_dir.name}-backup")


def sealed(manifest: dict[str, Any]) -> str:
    """Return the digest of a manifest without its seal, by which damage shows."""
    rest = {name: value for name, value in manifest.items() if name != "seal"}
    return sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _to_folder(settings: Settings, to: Path, audio: bool, told: Told | None) -> BackUp:
    snapshots = made(to / "snapshots")
    with writing(to):
        draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=snapshots))
        try:
            manifest = _snapshot(settings, draft, audio)
            blobs = blobs_of(settings)
            gone, copied, size, keys = [], 0, 0, list(manifest["blobs"])
            for done, key in enumerate(keys):
                if told is not None:
                    told(key, done, len(keys))
                place = to / "blobs" / key
                try:
                    if place.exists() and place.stat().st_size == blobs.size(key):
                        continue
                    size += _copy(blobs, key, place)
                    copied += 1
                except MissingBlob:
                    if not place.exists():
                        gone.append(key)
            _seal(manifest, draft, gone)
            name = manifest["began"].replace(":", "-")
            draft.rename(snapshots / name)
            sync_folder(snapshots)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    present = len(keys) - copied - len(gone)
    return _report(manifest, snapshots / name, copied, present, size, gone)


def _to_file(settings: Settings, to: Path, audio: bool, told: Told | None) -> BackUp:
    folder = made(to.parent)
    blobs = blobs_of(settings)
    with writing(folder), tempfile.TemporaryDirectory(prefix=".draft-", dir=folder) as name:
        draft = made(Path(name, "snapshot"))
        manifest = _snapshot(settings, draft, audio)
        gone, size, keys = [], 0, list(manifest["blobs"])
        file = Path(name, "backup.tar")
        with tarfile.open(file, "w") as archive:
            for done, key in enumerate(keys):
                if told is not None:
                    told(key, done, len(keys))
                try:
                    place = blobs.local(key)
                    archive.add(place, f"blobs/{key}")
                    size += place.stat().st_size
                except (MissingBlob, FileNotFoundError):
                    gone.append(key)
            _seal(manifest, draft, gone)
            archive.add(draft, f"snapshots/{manifest['began'].replace(':', '-')}")
        file.chmod(0o600)
        _flush(file)
        file.replace(to)
        sync_folder(folder)
    return _report(manifest, to, len(keys) - len(gone), 0, size, gone)


def _snapshot(settings: Settings, folder: Path, audio: bool) -> dict[str, Any]:
    """Write tables and files below a folder, and return the manifest, which names the blobs to copy."""
    from .library import Library

    Library(settings).get(NOBODY)  # what an earlier version left in files is in the database from then on
    database = database_of(settings)
    rows: dict[str, dict[str, Any]] = {}
    made(folder / "tables")
    with database.reading() as connection:
        began = now_of(connection)
        keys, elsewhere = _pointed_to(connection, audio)
        for table in tables():
            path = folder / "tables" / f"{table.name}.jsonl.gz"
            count = write(connection, table, path)
            rows[table.name] = {"rows": count, "sha256": digest(path)}
    blobs = blobs_of(settings)
    return {
        "format": FORMAT,
        "edm_core": __version__,
        "began": began,
        "database": {"kind": "sqlite" if database.file else "postgresql", "step": HEAD},
        "audio": audio,
        "elsewhere": elsewhere,
        "tables": rows,
        "files": _files(settings, folder / "files"),
        "blobs": {key: blobs.size(key) for key in keys},
        "settings": _plain(settings),
    }


def _pointed_to(connection: Connection, audio: bool) -> tuple[list[str], int]:
    import sqlalchemy as sa

    from .tables import entries

    keys, elsewhere = [], 0
    for id, path, timeline in connection.execute(sa.select(entries.c.id, entries.c.path, entries.c.timeline)):
        if timeline:
            keys.append(key_for("timelines", timeline))
        elsewhere += path is not None
        if audio and path is None:
            keys.append(key_for("sources", id.removeprefix("sha256:")))
    return sorted(set(keys)), elsewhere


def _files(settings: Settings, to: Path) -> dict[str, dict[str, Any]]:
    """Copy what lies in files of its own, which are only ever replaced as a whole."""
    for name in DATABASES:
        if (settings.data_dir / name).is_file():
            _copy_database(settings.data_dir / name, made(to) / name)
    for name in FOLDERS:
        if (settings.data_dir / name).is_dir():
            shutil.copytree(settings.data_dir / name, to / name, ignore=_unfinished, copy_function=_if_there)
    found = sorted(path for path in to.rglob("*") if path.is_file())
    return {
        path.relative_to(to).as_posix(): {"size": path.stat().st_size, "sha256": digest(path)}
        for path in found
    }


def _unfinished(_folder: str, names: list[str]) -> Iterable[str]:
    return [name for name in names if name.startswith(".")]


def _if_there(source: str, target: str) -> str:
    try:
        return str(shutil.copy2(source, target))
    except FileNotFoundError:  # removed since its folder was listed
        return target


def _copy_database(source: Path, target: Path) -> None:
    module = sqlite_module()
    here, there = module.connect(str(source)), module.connect(str(target))
    try:
        here.backup(there)
    finally:
        here.close()
        there.close()


def _copy(blobs: Blobs, key: str, place: Path) -> int:
    """Copy a blob to a file, which is there as a whole or not at all; return its size."""
    stream = blobs.open(key)
    made(place.parent)
    handle, name = tempfile.mkstemp(prefix=".draft-", dir=place.parent)
    draft, size = Path(name), 0
    try:
        with os.fdopen(handle, "wb") as file:
            for block in stream:
                size += file.write(block)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(place)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(place.parent)
    return size


def _seal(manifest: dict[str, Any], draft: Path, gone: list[str]) -> None:
    for key in gone:
        del manifest["blobs"][key]
    manifest["gone"] = gone
    manifest["finished"] = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    manifest["seal"] = sealed(manifest)
    for path in draft.rglob("*"):
        if path.is_file():
            _flush(path)
    write_atomic(draft / "manifest.json", json.dumps(manifest, indent=1).encode())


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _report(
    manifest: dict[str, Any], place: Path, copied: int, present: int, size: int, gone: list[str]
) -> BackUp:
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return BackUp(place, manifest["began"], rows, copied, present, size, manifest["elsewhere"], tuple(gone))


def _plain(settings: Settings) -> dict[str, str]:
    """Return the settings without those that may hold secrets, which are the ones that are not shown."""
    shown = [each.name for each in fields(settings) if each.repr]
    return {name: str(value) for name in shown if (value := getattr(settings, name)) is not None}


def _within(path: Path, folder: Path) -> bool:
    return path.is_relative_to(folder.absolute())
