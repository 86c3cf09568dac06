"""Checksums of weights, computed once and remembered.

A file whose sha256 was right is remembered in a small stamp by its path, size and time of change, so that
145 MB are not hashed at each start. A stamp that does not match the file any more is not believed.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path

from .._files import write_atomic
from ..errors import ModelError
from ..settings import Settings

_BLOCK = 1 << 20


def verified(
    path: Path, sha256: str, settings: Settings, *, remedy: str = "install the package again"
) -> Path:
    """Return ``path`` if its bytes have the checksum.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str
        The checksum it must have, in hexadecimal.
    settings : Settings
        Says where stamps are kept; a data folder that cannot be written only costs time.
    remedy : str, optional
        What the error tells the user to do.

    Raises
    ------
    ModelError
        If the checksum is another one or the file cannot be read.
    """
    try:
        state = path.stat()
        mark = {
            "path": str(path.resolve()),
            "size": state.st_size,
            "mtime_ns": state.st_mtime_ns,
            "sha256": sha256,
        }
        stamp = _stamp(settings, mark["path"])
        if _read(stamp) == mark:
            return path
        found = digest(path)
    except OSError as error:
        raise ModelError(f"cannot be read: {error}", subject=str(path), remedy=remedy) from None
    if found != sha256:
        raise ModelError(
            f"its checksum is {found[:12]}… where {sha256[:12]}… was expected, so it is not used",
            subject=str(path),
            remedy=remedy,
        )
    with suppress(OSError):
        stamp.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(stamp, json.dumps(mark).encode())
    return path


def digest(path: Path) -> str:
    """Return the sha256 of a file's bytes, in hexadecimal."""
    sha = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            sha.update(block)
    return sha.hexdigest()


def models_dir(settings: Settings) -> Path:
    """Return the folder below the data folder where assembled and user-given models lie."""
    return settings.data_dir / "models"


def _stamp(settings: Settings, path: object) -> Path:
    name = hashlib.sha256(str(path).encode()).hexdigest()[:24]
    return models_dir(settings) / ".verified" / f"{name}.json"


def _read(stamp: Path) -> object:
    try:
        return json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # no stamp, or not a whole one: the file is hashed again
        return None
