"""Timelines as they are served: their JSON, kept in the process by what it was made of, bounded in bytes."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

LIMIT_BYTES = 64_000_000
"""Most that is kept."""
_SMALLEST = 1_000
"""Bytes below which packing is not worth it."""


@dataclass(frozen=True, slots=True)
class Document:
    """A timeline's JSON: ``etag`` in quotes, as HTTP has it; ``packed`` is the same with gzip, if long."""

    etag: str
    data: bytes
    packed: bytes | None = field(default=None, repr=False)

    @classmethod
    def of(cls, text: str) -> Document:
        """Return the document of a text.

        Examples
        --------
        >>> Document.of("{}").etag
        '"44136fa355b3678a1146ad16f7e8649e"'
        """
        data = text.encode()
        packed = gzip.compress(data, 5, mtime=0) if len(data) >= _SMALLEST else None
        return cls(f'"{hashlib.sha256(data).hexdigest()[:32]}"', data, packed)

    @property
    def size(self) -> int:
        """Bytes that it takes."""
        return len(self.data) + len(self.packed or b"")


class Documents:
    """Documents by recording, each with a stamp of what it was made of; the longest unused go first.

    Parameters
    ----------
    limit : int, optional
        Most bytes.

    Examples
    --------
    >>> kept = Documents(limit=1_000)
    >>> kept.put("sha256:00", 1, Document.of("{}"))
    >>> kept.get("sha256:00", 1).data, kept.get("sha256:00", 2)
    (b'{}', None)
    """

    def __init__(self, limit: int = LIMIT_BYTES) -> None:
        self.limit, self.bytes = limit, 0
        self._kept: OrderedDict[str, tuple[Hashable, Document]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, id: str, stamp: Hashable) -> Document | None:
        """Return a recording's document, if it was made of the same."""
        with self._lock:
            known = self._kept.get(id)
            if known is None or known[0] != stamp:
                return None
            self._kept.move_to_end(id)
            return known[1]

    def put(self, id: str, stamp: Hashable, document: Document) -> None:
        """Keep a recording's document in the place of the one before."""
        with self._lock:
            self._drop(id)
            if document.size > self.limit:
                return
            self._kept[id] = (stamp, document)
            self.bytes += document.size
            while self.bytes > self.limit:
                self._drop(next(iter(self._kept)))

    def drop(self, id: str) -> None:
        """Forget a recording's document."""
        with self._lock:
            self._drop(id)

    def _drop(self, id: str) -> None:
        if (known := self._kept.pop(id, None)) is not None:
            self.bytes -= known[1].size
