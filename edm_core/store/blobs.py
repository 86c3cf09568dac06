"""Blobs: recordings and analyses by the SHA-256 of their bytes, on this machine's disk or in S3.

Keys are ``sources/ab/<sha256>`` and ``timelines/ab/<sha256>``. A blob is there as a whole or not at all, and
the same key always means the same bytes; putting one again renews its date, by which garbage is told from
what has just come.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, Protocol
from urllib.parse import unquote, urlsplit

from .._files import made, sync_folder, write_atomic, writing
from ..errors import SettingsError, StorageError
from ..settings import Settings

BLOCK = 1 << 20
_KEY = re.compile(r"[a-z]+/[0-9a-f]{2}/[0-9a-f]{64}")
_DRAFT = ".draft-"


class MissingBlob(StorageError):
    """A blob that is not there."""

    @classmethod
    def of(cls, key: str, where: str) -> MissingBlob:
        """Return the error for a key."""
        return cls(
            f"{key} is not there", subject=where,
            remedy="put it back from a backup, or remove the recording and add it again",
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stored:
    """A blob that is there: ``size`` in bytes, ``modified`` in seconds since 1970."""

    key: str
    size: int
    modified: float


class Blobs(Protocol):
    """Where blobs lie. Every method may be called by several threads and processes at once."""

    is_remote: bool
    """Whether bytes travel over a network."""

    def put(self, key: str, source: Path | bytes) -> None:
        """Keep bytes, or a file; a file on the same disk is moved there, any other stays or is deleted.

        Raises
        ------
        StorageError
            If it cannot be kept. Then nothing is there.
        """

    def open(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the bytes of ``[start, stop)`` in blocks, to the end by default.

        Raises
        ------
        MissingBlob
            If there is no such blob; before the first block.
        """

    def read(self, key: str) -> bytes:
        """Return all of a blob; errors as :meth:`open`."""

    def local(self, key: str) -> Path:
        """Return a file on this machine with the bytes; whoever reads it does not change it.

        Raises
        ------
        MissingBlob
            If there is no such blob.
        """

    def size(self, key: str) -> int | None:
        """Return how many bytes it has, None if it is not there."""

    def delete(self, key: str) -> None:
        """Delete it, if it is there, and its copies on this machine."""

    def keys(self, prefix: str = "") -> Iterator[Stored]:
        """Give the blobs whose keys begin so."""

    def sweep(self, seconds: float) -> int:
        """Delete what a writer that died so long ago had begun; return how many there were."""

    def address(self, key: str, seconds: int = 3600) -> str | None:
        """Return an address from which it may be read for so long without more ado; None on disk."""


def blobs_of(settings: Settings) -> Blobs:
    """Return where the settings say that blobs lie.

    Raises
    ------
    SettingsError
        If the address is none that can be used, or boto3 is missing.
    """
    if not settings.blob_url:
        return FileBlobs(settings.data_dir / "blobs")
    try:
        parts = urlsplit(settings.blob_url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme == "file" and parts.netloc in ("", "localhost") and parts.path.startswith("/"):
        return FileBlobs(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc and not (parts.query or parts.fragment or "@" in parts.netloc):
        from .blobs_s3 import S3Blobs

        if find_spec("boto3") is None:
            raise SettingsError(
                "S3 needs the package boto3", subject="EDM_BLOB_URL",
                remedy="pip install 'edm-workbench[service]'",
            )  # fmt: skip
        return S3Blobs(parts.netloc, parts.path.strip("/"), settings)
    raise SettingsError(
        "it is no address at which blobs can be kept", subject="EDM_BLOB_URL",
        remedy="give s3://bucket/prefix, with the credentials in AWS_*, or unset it",
    )  # fmt: skip


def key_for(kind: str, digest: str) -> str:
    """Return the key of a blob.

    Examples
    --------
    >>> key_for("sources", "ab" * 32)[:14]
    'sources/ab/aba'
    """
    return checked(f"{kind}/{digest[:2]}/{digest}")


def checked(key: str) -> str:
    """Return a key, if it is one: nothing else becomes a path or an address.

    Raises
    ------
    StorageError
        If it is none.
    """
    if not _KEY.fullmatch(key):
        raise StorageError("it is no key of a blob", subject=repr(key[:100]))
    return key


class FileBlobs:
    """Blobs as files below a folder.

    Parameters
    ----------
    folder : Path
        Made at the first write.

    Examples
    --------
    >>> blobs = FileBlobs(Path(tempfile.mkdtemp()))
    >>> blobs.put(key := key_for("sources", "ab" * 32), b"sound")
    >>> blobs.read(key), blobs.size(key), [each.key == key for each in blobs.keys("sources/")]
    (b'sound', 5, [True])
    """

    is_remote = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, key: str, source: Path | bytes) -> None:
        """Keep bytes, or a file, which is moved: on the same disk without copying it."""
        place = self.place(key)
        made(place.parent)
        with writing(self.folder):
            if isinstance(source, bytes):
                write_atomic(place, source)
            else:
                _move(source, place)

    def open(self, key: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Give the bytes of ``[start, stop)`` in blocks."""
        try:
            file = self.place(key).open("rb")
        except FileNotFoundError:
            raise MissingBlob.of(key, str(self.folder)) from None
        return _blocks(file, start, stop)

    def read(self, key: str) -> bytes:
        """Return all of a blob."""
        try:
            return self.place(key).read_bytes()
        except FileNotFoundError:
            raise MissingBlob.of(key, str(self.folder)) from None

    def local(self, key: str) -> Path:
        """Return where it lies."""
        place = self.place(key)
        if not place.is_file():
            raise MissingBlob.of(key, str(self.folder))
        return place

    def size(self, key: str) -> int | None:
        """Return how many bytes it has."""
        try:
            return self.place(key).stat().st_size
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        """Delete it, if it is there."""
        self.place(key).unlink(missing_ok=True)

    def keys(self, prefix: str = "") -> Iterator[Stored]:
        """Give the blobs whose keys begin so."""
        for path in self.folder.glob("*/??/*"):
            key = path.relative_to(self.folder).as_posix()
            if key.startswith(prefix) and _KEY.fullmatch(key):
                with suppress(FileNotFoundError):
                    status = path.stat()
                    yield Stored(key, status.st_size, status.st_mtime)

    def address(self, key: str, seconds: int = 3600) -> str | None:  # noqa: ARG002
        """Return None: a disk has no address."""
        return None

    def sweep(self, seconds: float) -> int:
        """Delete what a writer that died so long ago had begun; return how many there were."""
        swept = 0
        for draft in self.folder.glob(f"*/??/{_DRAFT}*"):
            with suppress(FileNotFoundError):
                if time.time() - draft.stat().st_mtime > seconds:
                    shutil.rmtree(draft) if draft.is_dir() else draft.unlink()
                    swept += 1
        return swept

    def place(self, key: str) -> Path:
        """Return where a blob lies, or is to lie."""
        return self.folder / checked(key)


def _blocks(file: BinaryIO, start: int, stop: int | None) -> Iterator[bytes]:
    with file:
        file.seek(start)
        left = None if stop is None else max(0, stop - start)
        while block := file.read(BLOCK if left is None else min(BLOCK, left)):
            yield block
            if left is not None:
                left -= len(block)


def _move(source: Path, place: Path) -> None:
    with source.open("rb") as file:
        os.fsync(file.fileno())
    source.chmod(0o600)
    os.utime(source)  # its age counts from now: it has only just come
    try:
        source.replace(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        draft = Path(tempfile.mkdtemp(prefix=_DRAFT, dir=place.parent)) / place.name
        try:
            shutil.copyfile(source, draft)
            with draft.open("rb") as file:
                os.fsync(file.fileno())
            draft.chmod(0o600)
            draft.replace(place)
            source.unlink()
        finally:
            shutil.rmtree(draft.parent, ignore_errors=True)
    sync_folder(place.parent)
