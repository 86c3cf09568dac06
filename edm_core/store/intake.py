"""Uploads while they arrive: drafts in a folder of their own, bounded, hashed as they come."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from .._files import made, writing
from ..errors import AudioError, EdmError, LimitError

BLOCK = 1 << 20
STALE_SECONDS = 24 * 3600.0
"""Age after which an upload that is still arriving has lost its sender."""


@contextmanager
def received(folder: Path, stream: BinaryIO, limit: int, shown: str) -> Iterator[tuple[Path, str]]:
    """Give a draft with the bytes of a stream, and their SHA-256; it is gone at the end unless it was moved.

    Raises
    ------
    LimitError
        If there are more than ``limit``.
    AudioError
        If there are none.
    StorageError
        If they cannot be written.
    """
    incoming = made(folder)
    sweep(incoming)
    handle, name = tempfile.mkstemp(dir=incoming)
    draft = Path(name)
    try:
        with writing(folder), os.fdopen(handle, "wb") as file:
            digest = _copy(stream, file, limit, shown)
        yield draft, digest
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def shown_as(name: str, path: Path) -> Iterator[None]:
    """Let errors about the file at ``path`` speak of ``name``."""
    try:
        yield
    except EdmError as error:
        if error.subject != str(path):
            raise
        raise type(error)(error.problem, subject=name, remedy=error.remedy) from None


def sweep(incoming: Path) -> tuple[int, int]:
    """Delete what senders that died left behind; return how many drafts that were, and their bytes."""
    found = stale(incoming)
    for path, _ in found:
        with suppress(FileNotFoundError):  # another process sweeps too
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(found), sum(size for _, size in found)


def stale(incoming: Path) -> list[tuple[Path, int]]:
    """Return the drafts that have lost their senders, with their sizes in bytes."""
    found = []
    with suppress(FileNotFoundError):
        for path in incoming.iterdir():
            with suppress(FileNotFoundError):
                status = path.stat()
                if time.time() - status.st_mtime > STALE_SECONDS:
                    found.append((path, status.st_size))
    return found


def _copy(stream: BinaryIO, file: BinaryIO, limit: int, shown: str) -> str:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > limit:
            raise LimitError(
                f"it is larger than {limit / 1e6:g} MB",
                subject=shown,
                remedy="raise EDM_MAX_UPLOAD_MB or compress it",
            )
        digest.update(block)
        file.write(block)
    if not size:
        raise AudioError("it is empty", subject=shown, remedy="export it again")
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()
