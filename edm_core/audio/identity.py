"""Opening a recording's file once, naming it by its content, and noticing when it changes.

The file is opened a single time; hashing, tags and decoding all read the same descriptor, so a file that is
replaced meanwhile cannot mix two recordings. :meth:`Source.check` compares the path with what was opened.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import AudioError, LimitError
from ..settings import Settings

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is open for reading.

    ``path`` is as it was given, ``descriptor`` belongs to the :func:`opened` block, ``size`` is in bytes.
    """

    path: str
    descriptor: int
    size: int
    state: tuple[int, int, int, int]

    def read(self, start: int, count: int) -> bytes:
        """Return up to ``count`` bytes from ``start``; the descriptor's own position stays."""
        return os.pread(self.descriptor, count, start)

    def content_id(self) -> str:
        """Return ``sha256:`` and the hexadecimal digest of the bytes."""
        digest, place = hashlib.sha256(), 0
        while block := self.read(place, _BLOCK):
            digest.update(block)
            place += len(block)
        return f"sha256:{digest.hexdigest()}"

    def check(self) -> None:
        """Raise ``AudioError`` if the file vanished or changed since it was opened."""
        try:
            now = _state(Path(self.path).stat())
        except OSError:
            raise AudioError(
                "it vanished while it was read",
                subject=self.path,
                remedy="put it back and try again",
            ) from None
        if now != self.state or _state(os.fstat(self.descriptor)) != self.state:
            raise AudioError(
                "it changed while it was read",
                subject=self.path,
                remedy="wait until it is written, then try again",
            )


@contextmanager
def opened(path: str | os.PathLike[str], settings: Settings | None = None) -> Iterator[Source]:
    """Open a recording's file, checking what can be known before reading it.

    Parameters
    ----------
    path : path
        The file.
    settings : Settings, optional
        Its ``max_bytes`` is the limit; without settings there is none.

    Raises
    ------
    AudioError
        If it is missing, a folder, empty, not a plain file or not readable.
    LimitError
        If it is larger than the limit.
    """
    name = os.fspath(path)
    try:
        # Not waiting matters for named pipes: opening one would hang until somebody writes.
        descriptor = os.open(name, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        raise _cannot_open(name, error) from None
    try:
        status = os.fstat(descriptor)
        if stat.S_ISDIR(status.st_mode):
            raise AudioError("it is a folder", subject=name, remedy="name an audio file in it")
        if not stat.S_ISREG(status.st_mode):
            raise AudioError(
                "it is not a plain file",
                subject=name,
                remedy="save the sound as a file first",
            )
        if status.st_size == 0:
            raise AudioError("it is empty", subject=name, remedy="export or download it again")
        if settings is not None and status.st_size > settings.max_bytes:
            raise LimitError(
                f"it has {status.st_size / 1e6:.1f} MB, more than the {settings.max_upload_mb} MB allowed",
                subject=name,
                remedy="raise EDM_MAX_UPLOAD_MB, or compress or split the recording",
            )
        yield Source(name, descriptor, status.st_size, _state(status))
    finally:
        os.close(descriptor)


def content_id(path: str | os.PathLike[str]) -> str:
    """Return the id of a file's content: ``sha256:`` and the digest of its bytes.

    Raises
    ------
    AudioError
        If the file cannot be read.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "a.wav"
    >>> _ = file.write_bytes(b"abc")
    >>> content_id(file)[:15]
    'sha256:ba7816bf'
    """
    with opened(path) as source:
        return source.content_id()


def _cannot_open(name: str, error: Exception) -> AudioError:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return AudioError("there is no such file", subject=name, remedy="check the path")
    if isinstance(error, PermissionError):
        return AudioError(
            "it may not be read",
            subject=name,
            remedy="give yourself permission to read it",
        )
    reason = getattr(error, "strerror", None) or str(error)
    return AudioError(
        f"it cannot be opened ({reason})",
        subject=repr(name)[1:-1][:300],
        remedy="check the path",
    )


def _state(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def display_path(path: str | os.PathLike[str]) -> str:
    """Return a path as text that can always be written out, whatever bytes the name holds."""
    return os.fsencode(Path(path)).decode("utf-8", "replace")
