"""What commands about annotations mean by their arguments: a recording, a line of it, a revision, a file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..annotation import Annotation, Subject
from ..errors import EdmError, StorageError

if TYPE_CHECKING:
    from ..store.annotations import Annotations


def opened() -> Annotations:
    """Return the store."""
    from ..store.annotations import Annotations

    return Annotations()


def subject_of(store: Annotations, text: str) -> Subject:
    """Return the recording that is meant: of the library, or one that only the store still knows."""
    from ..store import Library
    from ..store.matching import matching

    try:
        entry = matching(Library(), Subject(text, text, text))
    except StorageError:
        digest = text.removeprefix("sha256:")
        known = {line.recording for line in store.lines() if line.recording.startswith(f"sha256:{digest}")}
        if len(known) != 1 or len(digest) < 6:
            raise
        return store.subject(known.pop()) or Subject()
    return Subject(entry.id, entry.path or entry.name, entry.title, entry.artist, entry.duration)


def line_of(store: Annotations, text: str) -> tuple[Subject, str | None, int | None]:
    """Return what ``RECORDING[@AUTHOR[#REVISION]]`` means; names of recordings may hold both signs."""
    rest, number = text, None
    try:
        return subject_of(store, text), None, None
    except StorageError as error:
        if match := re.fullmatch(r"(.+)#([1-9][0-9]{0,8})", text):
            rest, number = match[1], int(match[2])
        for place in (place for place, sign in enumerate(rest) if sign == "@"):
            try:
                return subject_of(store, rest[:place]), rest[place + 1 :], number
            except StorageError:
                continue
        raise error from None


def annotation_of(store: Annotations, text: str) -> Annotation:
    """Return what a file or ``RECORDING[@AUTHOR[#REVISION]]`` says; without an author there must be one."""
    from .. import exchange
    from ..audio.files import EXTENSIONS
    from ..store.mirror import unstamped

    path = Path(text)
    if path.suffix.lower() not in EXTENSIONS and path.is_file():
        annotations = exchange.read_file(path).annotations
        if len(annotations) != 1:
            raise EdmError(f"it holds {len(annotations)} annotations", subject=text, remedy="give one of one")
        return unstamped(annotations[0])[0]
    subject, author, number = line_of(store, text)
    if author is None:
        authors = [line.author for line in store.lines(str(subject.id))]
        if len(authors) != 1:
            who = ", ".join(authors) or "nobody"
            raise EdmError(f"{who} annotated it", subject=text, remedy="say whose: RECORDING@AUTHOR")
        (author,) = authors
    return store.annotation(str(subject.id), author, number)
