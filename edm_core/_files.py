"""Whole files or none: writing aside, flushing, renaming; and a lock that two processes respect.

What goes wrong in the workbench's own folders is said once, here: which folder, and what to do.
"""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import StorageError

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})


def made(folder: Path) -> Path:
    """Return ``folder``, made if it is not there.

    Raises
    ------
    StorageError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from None
    return folder


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a full or read-only disk, met in the block, into a ``StorageError`` about ``folder``."""
    try:
        yield
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        raise _unwritable(folder, error) from None


def write_atomic(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace ``path`` by ``data``: after a crash the file holds the old bytes or the new, never a part.

    Parameters
    ----------
    path : Path
        In a folder that is there.
    data : bytes
        All of the file.
    mode : int, optional
        Its permissions; by default only its owner reads it.

    Raises
    ------
    OSError
        If it cannot be written; nothing is left behind.
    """
    handle, draft = tempfile.mkstemp(prefix=".draft-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).chmod(mode)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names, without which a rename may be lost with the power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock, between processes and between threads; it ends with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _unwritable(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot be written ({error.strerror})",
        subject=str(folder),
        remedy="make room there, or set EDM_DATA_DIR to a folder you may write",
    )
