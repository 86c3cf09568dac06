"""What a desk answers, and how annotations and revisions travel: plain values that become JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from .._codec import decode, encode
from ..annotation import Annotation, plain
from ..errors import EdmError, StorageError, TimelineError
from .annotations import NoRevision, Revision


def status_of(error: EdmError) -> int:
    """Return the status that page and notebook answer an error with.

    503 says that the store is busy or full: it may be kept later, and who asks keeps it until then.
    """
    if isinstance(error, NoRevision):
        return 404
    if isinstance(error, TimelineError):
        return 422
    return 503 if isinstance(error, StorageError) else 500


@dataclass(frozen=True, slots=True)
class Saved:
    """A save that stands; ``created`` where it began the line."""

    revision: Revision
    created: bool

    def plain(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return {"revision": plain_revision(self.revision)}


@dataclass(frozen=True, slots=True)
class Clashed:
    """A save that found a newer revision: both versions by number, and what merging them gives.

    ``base`` is what both began from, None where this author's line did not exist; ``merged`` has ours where
    ``clashes`` are.
    """

    base: tuple[int, Annotation] | None
    theirs: tuple[int, Annotation]
    merged: Annotation
    clashes: tuple[Any, ...]

    def plain(self) -> dict[str, Any]:
        """Return it as JSON-like values."""
        return {
            "base": None if self.base is None else _numbered(*self.base),
            "theirs": _numbered(*self.theirs),
            "merged": plain(self.merged),
            "clashes": encode(self.clashes),
        }


def read_annotation(data: Any) -> Annotation:
    """Return what JSON-like values say as an annotation.

    Raises
    ------
    TimelineError
        If they are none, naming the place.

    Examples
    --------
    >>> read_annotation({"grid": [{"time": 0.02, "bpm": 128.0}]}).grid
    (GridSegment(time=0.02, bpm=128.0, beats_per_bar=4, position=1, end=None),)
    >>> read_annotation({"sections": [{"start": "soon"}]})
    Traceback (most recent call last):
        ...
    edm_core.errors.TimelineError: annotation.sections[0].start: 'soon' is not float
    """
    try:
        json.dumps(data, ensure_ascii=False, allow_nan=False).encode()
        return decode(Annotation, data, "annotation")
    except (UnicodeEncodeError, OverflowError, RecursionError, ValueError) as error:
        raise TimelineError(f"it holds what no file can: {error}", subject="annotation") from None


def plain_revision(revision: Revision) -> dict[str, Any]:
    """Return what a history shows of a revision, as JSON-like values."""
    shown: dict[str, Any] = asdict(revision)
    del shown["digest"]
    return shown


def number_or_none(value: Any, place: str) -> int | None:
    """Return the number of a revision, or None for none; anything else raises ``TimelineError``."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9):
        return value
    raise TimelineError(
        f"{value!r} is no revision", subject=place, remedy="give its number, or null for none"
    )


def _numbered(number: int, annotation: Annotation) -> dict[str, Any]:
    return {"revision": number, "annotation": plain(annotation)}
