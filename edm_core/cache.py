"""The stage cache: what was computed once is kept under a key made of what it was computed from.

An entry is a folder. It is written aside and renamed into place, so that a reader sees a whole entry or
none, also after a crash and with several writers. The cache does not know what its entries hold.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ._files import made, writing
from .settings import Settings

STALE_SECONDS = 24 * 3600.0
"""Age after which a half-written entry is known to have lost its writer."""


def key_of(*parts: object) -> str:
    """Return the key of what ``parts`` describe: the same parts give the same key, on every machine.

    Parameters
    ----------
    *parts : JSON-like values
        What the result depends on: content id, stage name and version, parameters.

    Examples
    --------
    >>> key_of("sha256:00", "beats", 1) == key_of("sha256:00", "beats", 1)
    True
    """
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """Folders by key, below one folder, trimmed to a size.

    Parameters
    ----------
    folder : Path
        Where the entries lie; made at the first write.
    limit_bytes : int
        Size to which :meth:`trim` brings the cache, oldest use first.

    Examples
    --------
    >>> import tempfile
    >>> cache = Cache(Path(tempfile.mkdtemp()), 1_000_000)
    >>> with cache.create(key_of("demo")) as entry:
    ...     _ = (entry / "value.txt").write_text("42")
    >>> (cache.get(key_of("demo")) / "value.txt").read_text()
    '42'
    """

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder, self.limit_bytes = folder, limit_bytes

    @classmethod
    def of(cls, settings: Settings) -> Cache:
        """Return the cache of the settings' data folder, which all analyses there share."""
        return cls(settings.data_dir / "cache", settings.cache_mb * 1_000_000)

    def get(self, key: str) -> Path | None:
        """Return the entry's folder and mark it as used, or None if there is no such entry."""
        entry = self._place(key)
        try:
            if not entry.is_dir():
                return None
        except OSError:  # a cache that may not be looked into
            return None
        with suppress(OSError):  # a read-only cache still serves
            os.utime(entry)
        return entry

    @contextmanager
    def create(self, key: str) -> Iterator[Path]:
        """Give a folder to write the entry into; it becomes visible when the block ends without error.

        If another writer was first, its entry stays and this one is dropped: equal keys mean equal content.

        Raises
        ------
        StorageError
            If the cache's folder cannot be made, or the disk gets full in the block.
        """
        place = self._place(key)
        made(place.parent)
        with writing(self.folder):
            draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=place.parent))
            try:
                yield draft
                try:
                    draft.rename(place)
                except OSError:
                    if not place.is_dir():
                        raise
            finally:
                shutil.rmtree(draft, ignore_errors=True)

    def drop(self, key: str) -> None:
        """Delete an entry, if it is there."""
        shutil.rmtree(self._place(key), ignore_errors=True)

    def size(self) -> int:
        """Return the size of all entries, in bytes."""
        return sum(_size(entry) for entry in self._entries())

    def trim(self) -> int:
        """Delete the entries unused for longest until the cache fits its limit; return bytes freed."""
        for draft in self.folder.glob("*/.draft-*"):
            with suppress(OSError):
                if time.time() - draft.stat().st_mtime > STALE_SECONDS:
                    shutil.rmtree(draft, ignore_errors=True)
        aged = []
        for entry in self._entries():
            with suppress(OSError):
                aged.append((entry.stat().st_mtime, _size(entry), entry))
        total, freed = sum(size for _, size, _ in aged), 0
        for _, size, entry in sorted(aged):
            if total - freed <= self.limit_bytes:
                break
            shutil.rmtree(entry, ignore_errors=True)
            freed += size
        return freed

    def _place(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def _entries(self) -> list[Path]:
        return [entry for entry in self.folder.glob("??/*") if not entry.name.startswith(".")]


def _size(entry: Path) -> int:
    total = 0
    for path in entry.rglob("*"):
        with suppress(OSError):
            total += path.stat().st_size
    return total
