"""Which recording of the library a file of annotations is about."""

from __future__ import annotations

import re
from pathlib import Path

from ..annotation import Subject
from ..errors import EdmError, StorageError
from .entry import Entry, display_name
from .library import Library

_ID = re.compile(r"(sha256:)?[0-9a-f]{6,64}")


def matching(library: Library, subject: Subject, *, name: str = "") -> Entry:
    r"""Return the recording that a file's words for it mean.

    Tried in this order: its id or the beginning of one, the sound itself where the path leads to it, the name
    of the file in whichever system's spelling, its title. What is found by name alone must be one.

    Parameters
    ----------
    library : Library
        Where to look.
    subject : Subject
        What the file says: id, path (``C:\Music\a.flac`` and ``/music/a.flac`` are both ``a.flac``), title.
    name : str, optional
        What the file of annotations itself is called; tried last.

    Raises
    ------
    StorageError
        If there is none, or several.
    """
    if subject.id and _ID.fullmatch(subject.id):
        entry = library.get(subject.id) or library.find(subject.id)
        if entry is not None:
            return entry
    if subject.path and (entry := _of_sound(library, Path(subject.path))) is not None:
        return entry
    entries = library.list()
    for wanted in filter(None, (subject.path, subject.title, name)):
        names = _names(display_name(wanted))
        found = [
            entry
            for entry in entries
            if names & _names(entry.name) | names & {(entry.title or "").casefold()}
        ]
        exact = [entry for entry in found if entry.name.casefold() == display_name(wanted).casefold()]
        found = exact or found
        if subject.artist and len(found) > 1:
            found = [
                each for each in found if (each.artist or "").casefold() == subject.artist.casefold()
            ] or found
        if len(found) == 1:
            return found[0]
        if found:
            ids = ", ".join(entry.digest[:12] for entry in found[:5])
            raise StorageError(
                f"{len(found)} recordings of the library are called so", subject=wanted,
                remedy=f"give its id instead: {ids}",
            )  # fmt: skip
    called = subject.path or subject.title or subject.id or name or None
    raise StorageError(
        "the library has no such recording", subject=called,
        remedy="add it to the library first, or give the id of one that is there",
    )  # fmt: skip


def _of_sound(library: Library, path: Path) -> Entry | None:
    from ..audio import content_id
    from ..audio.files import EXTENSIONS

    try:
        if path.suffix.lower() in EXTENSIONS and path.is_file():
            return library.get(content_id(path))
    except (OSError, ValueError, EdmError):  # a path of another machine
        return None
    return None


def _names(name: str) -> set[str]:
    """Return a name with and without its ending."""
    folded = name.casefold()
    return {folded, folded.rsplit(".", 1)[0]} - {""}
