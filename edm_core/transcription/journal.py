"""What was recognised so far, so that work that was stopped goes on where it was.

Entries lie in the stage cache, one a chunk of speech, under the key of the transcription they belong to, and
go when it is done. A cache that cannot be written costs time at the next run, nothing else.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from .._codec import decode_items, encode
from ..cache import Cache, key_of
from ..errors import EdmError, StorageError
from .engine import Heard

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Journal:
    """The entries of one transcription.

    Parameters
    ----------
    cache : Cache
        Where they lie.
    key : str
        Of all that the result depends on: sound, engine, model, options.
    """

    cache: Cache
    key: str

    def read(self, index: int) -> tuple[Heard, ...] | None:
        """Return what was heard in a chunk, or None if that is not known."""
        entry = self.cache.get(self._place(index))
        if entry is None:
            return None
        try:
            data = json.loads((entry / "heard.json").read_text(encoding="utf-8"))
            return decode_items(Heard, data, "heard")
        except (OSError, ValueError, EdmError):
            self.cache.drop(self._place(index))
            return None

    def write(self, index: int, heard: Sequence[Heard]) -> None:
        """Keep what was heard in a chunk."""
        try:
            with self.cache.create(self._place(index)) as draft:
                (draft / "heard.json").write_text(json.dumps(encode(tuple(heard))), encoding="utf-8")
        except (OSError, StorageError) as error:
            log.warning("the transcription cannot be kept on the way: %s", error)

    def forget(self, count: int) -> None:
        """Drop the entries of a transcription of ``count`` chunks."""
        for index in range(count):
            self.cache.drop(self._place(index))

    def _place(self, index: int) -> str:
        return key_of("journal", self.key, index)
