"""The snapshots of a backup: finding the newest, checking one, and letting go of the oldest."""

from __future__ import annotations

import json
import shutil
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._files import made, writing
from ..errors import StorageError
from ..settings import Settings
from .backup import FORMAT, Told, sealed
from .database import HEAD
from .dump import digest

YOUNG_S = 24 * 3600.0
"""Blobs that came within so many seconds may belong to a backup that is being made."""


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was let go of: snapshots, and the blobs that only they pointed to, with their bytes."""

    snapshots: tuple[Path, ...]
    blobs: int
    bytes: int


@contextmanager
def opened(archive: Path, settings: Settings) -> Iterator[tuple[Path, Path]]:
    """Give the folder of a backup and its newest snapshot; a file is unpacked meanwhile.

    Raises
    ------
    StorageError
        If it is no backup.
    """
    archive = archive.expanduser().absolute()
    if not archive.is_file():
        snapshot = archive if (archive / "manifest.json").is_file() else _newest(archive)
        yield (snapshot.parent.parent, snapshot)
        return
    made(settings.data_dir)
    with (
        writing(settings.data_dir),
        tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as to,
    ):
        try:
            with tarfile.open(archive) as tar:
                tar.extractall(to, filter="data")
        except (tarfile.TarError, EOFError) as error:
            raise _damaged(archive, str(error)) from None
        yield Path(to), _newest(Path(to))


def checked(root: Path, snapshot: Path, told: Told | None = None) -> dict[str, Any]:
    """Return the manifest of a snapshot after looking at every file that it names.

    Raises
    ------
    StorageError
        If anything is missing or damaged, or a newer version made it.
    """
    manifest = manifest_of(snapshot)
    try:
        files = {f"tables/{name}.jsonl.gz": table["sha256"] for name, table in manifest["tables"].items()}
        files |= {f"files/{name}": file["sha256"] for name, file in manifest["files"].items()}
        for name, expected in files.items():
            if digest(snapshot / name) != expected:
                raise _damaged(snapshot / name, "it is not as it was written")
        for done, key in enumerate(manifest["blobs"]):
            if told is not None:
                told(f"checking {key}", done, len(manifest["blobs"]))
            if digest(root / "blobs" / key) != key.rpartition("/")[2]:
                raise _damaged(root / "blobs" / key, "it is not as it was written")
    except FileNotFoundError as error:
        raise _damaged(Path(str(error.filename)), "it is missing") from None
    return manifest


def prune(folder: Path, keep: int) -> Pruned:
    """Let go of all snapshots of a folder but the newest, and of the blobs that only they pointed to.

    Parameters
    ----------
    folder : Path
        Of backups.
    keep : int
        How many snapshots stay, one or more.

    Raises
    ------
    StorageError
        If one that stays cannot be read: then nothing is deleted, as nobody knows what it points to.
    """
    folder = folder.expanduser().absolute()
    if keep < 1:
        raise StorageError("nothing would be left", subject=str(folder), remedy="keep one or more")
    found = _snapshots(folder)
    going, staying = found[:-keep], found[-keep:]
    pointed = {key for snapshot in staying for key in manifest_of(snapshot)["blobs"]}
    for snapshot in going:
        (snapshot / "manifest.json").unlink()  # first: what has none is no backup
        shutil.rmtree(snapshot)
    count = size = 0
    for path in folder.glob("blobs/*/??/*"):
        status = path.stat()
        if (
            path.relative_to(folder / "blobs").as_posix() in pointed
            or time.time() - status.st_mtime < YOUNG_S
        ):
            continue
        path.unlink()
        count, size = count + 1, size + status.st_size
    return Pruned(tuple(going), count, size)


def manifest_of(snapshot: Path) -> dict[str, Any]:
    """Return the manifest of a snapshot.

    Raises
    ------
    StorageError
        If it is missing, damaged, or of a newer version.
    """
    try:
        manifest: dict[str, Any] = json.loads((snapshot / "manifest.json").read_bytes())
        if manifest["format"] > FORMAT or manifest["database"]["step"] > HEAD:
            raise StorageError(
                f"version {manifest['edm_core']} made it",
                subject=str(snapshot),
                remedy="update edm-workbench",
            )
        if manifest["seal"] != sealed(manifest):
            raise _damaged(snapshot / "manifest.json", "it is not as it was written")
    except FileNotFoundError:
        raise _damaged(snapshot / "manifest.json", "it is missing") from None
    except (ValueError, KeyError, TypeError) as error:
        raise _damaged(snapshot, f"its manifest cannot be read ({error})") from None
    return manifest


def _snapshots(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.glob("snapshots/[!.]*/manifest.json"))


def _newest(folder: Path) -> Path:
    found = _snapshots(folder)
    if not found:
        raise StorageError(
            "there is no backup", subject=str(folder), remedy="name the folder or file that edm backup wrote"
        )
    return found[-1]


def _damaged(place: Path, problem: str) -> StorageError:
    return StorageError(problem, subject=str(place), remedy="nothing was changed; take another backup")
