"""The mirror: every line as a YAML file in a folder, for git, for other programs, for editing by hand.

A file is what :mod:`edm_core.exchange` writes, with one thing more in its ``edm`` block: which revision of
which line it shows. What somebody changes in it comes in as a new revision: the changes since the revision it
names are merged with what was saved since. Where that cannot be, the file is kept aside as
``<name>.conflict.yaml`` and nothing is overwritten. A file that cannot be read is told and left as it is.

Files of other origin in the folder are taken in and never written to. ``.edm-seen.json`` remembers what each
file held when it was last looked at, for programs that leave out the block when they save.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from .._files import made, write_atomic
from ..annotation import Annotation, Subject
from ..errors import EdmError, StorageError
from ..merging import merge
from .mirror_folder import Folder, end_of, free_beside, named_end, sha256
from .revisions import Revision, author_of, packed

if TYPE_CHECKING:
    from .annotations import Annotations

STAMP = "edm"
"""Key of ``Annotation.rest`` under which a file says which revision it shows."""
_TRIES = 20

Find = Callable[[Subject, str], Subject]
"""Gives id and duration of the recording that a file is about, by what the file says and how it is called."""


@dataclass(frozen=True, slots=True)
class Synced:
    """What became of a file, and why or what changed.

    ``saved`` as a revision, ``merged`` with what was saved since and so saved, ``written`` from the
    store, the ``same`` as it was, in ``conflict``, or ``refused``.
    """

    file: str
    what: Literal["same", "saved", "merged", "written", "conflict", "refused"]
    recording: str | None = None
    author: str | None = None
    revision: int | None = None
    message: str = ""


def unstamped(annotation: Annotation) -> tuple[Annotation, dict[str, Any]]:
    """Return an annotation without the note of which revision its file shows, and that note."""
    stamp = annotation.rest.get(STAMP)
    rest = {key: value for key, value in annotation.rest.items() if key != STAMP}
    return replace(annotation, rest=rest), stamp if isinstance(stamp, dict) else {}


class Mirror:
    """The files of a folder.

    Parameters
    ----------
    folder : Path
        Made if it is not there.
    store : Annotations
        What is mirrored.
    """

    def __init__(self, folder: Path, store: Annotations) -> None:
        self.folder, self.store = Folder(folder), store

    def refresh(self, recording: str, author: str) -> tuple[Synced, ...]:
        """Bring the file of a line up to its newest revision; what was changed in it comes in first.

        Raises
        ------
        OSError
            If it cannot be written; what is in the store stands.
        """
        with self.folder.held():
            path = self._path(recording, author)
            outcome = self._take_in(path, None, None) if path.exists() else None
            if outcome is None or outcome.what != "refused":
                self._write(recording, author)
        return () if outcome is None else (outcome,)

    def sync(self, find: Find | None = None, *, author: str | None = None) -> tuple[Synced, ...]:
        """Take in what was changed in the folder, then write the lines that are missing there.

        Parameters
        ----------
        find : callable, optional
            Asked about files of other origin; without it they are refused.
        author : str, optional
            Whose the files are that do not say.

        Raises
        ------
        OSError
            If the folder cannot be written.
        """
        with self.folder.held():
            outcomes = [self._take_in(path, find, author) for path in self.folder.files()]
            left = {outcome.file for outcome in outcomes if outcome.what == "refused"}
            for line in self.store.lines():
                path = self._path(line.recording, line.author)
                if self.folder.name(path) not in left and self._write(line.recording, line.author):
                    written = Synced(
                        self.folder.name(path), "written", line.recording, line.author, line.number
                    )
                    outcomes = [each for each in outcomes if (each.file, each.what) != (written.file, "same")]
                    if all(each.file != written.file for each in outcomes):
                        outcomes.append(written)
        return tuple(outcomes)

    def waiting(self) -> tuple[str, ...]:
        """Return the files that were kept aside and wait for somebody to settle them."""
        return self.folder.aside()

    # --- from a file -------------------------------------------------------------------------------

    def _take_in(self, path: Path, find: Find | None, whose: str | None) -> Synced:
        name = self.folder.name(path)
        try:
            data = path.read_bytes()
            if self._is_known(self.folder.seen.get(name, {}), data):
                return Synced(name, "same")
            return self._taken(path, data, find, whose)
        except EdmError as error:
            remedy = f"; {error.remedy}" if error.remedy else ""
            return Synced(name, "refused", message=f"{error.problem}{remedy}")
        except OSError as error:
            return Synced(name, "refused", message=f"it cannot be read ({error.strerror})")

    def _is_known(self, seen: dict[str, Any], data: bytes) -> bool:
        """Whether a file is as it was last time, and this store has what it held then."""
        if seen.get("sha256") != sha256(data):
            return False
        head = self.store.head(str(seen.get("recording")), str(seen.get("author")))
        number = seen.get("revision")
        return head is not None and isinstance(number, int) and number <= head.number

    def _taken(self, path: Path, data: bytes, find: Find | None, whose: str | None) -> Synced:
        from .annotations import Conflict

        name = self.folder.name(path)
        said, stamp = unstamped(_only(data, path.name))
        known = stamp or self.folder.seen.get(name) or self._by_name(path)
        is_ours = bool(stamp) or known.get("ours", False)
        subject, author = self._line(said, known, path, find, whose)
        assert subject.id is not None and subject.duration is not None
        if not is_ours:
            said, _ = unstamped(_only(data, path.name, subject.duration))
        for _ in range(_TRIES):
            head = self.store.head(subject.id, author)
            base = self._base(head, known, self.folder.seen.get(name, {}))
            digest = packed(said, subject.id, author, subject.duration).digest
            if (
                head
                and base
                and digest == self._digest(self._shown(base, stripped=is_ours and not stamp), subject, author)
            ):
                self.folder.see(name, data, base, ours=is_ours)
                return Synced(name, "same", subject.id, author, base.number)
            merged = said
            if head:
                before = self._shown(base, stripped=is_ours and not stamp) if base else None
                both = merge(before, self._shown(head), said)
                if both.clashes:
                    return self._conflict(path, data, head, base, len(both.clashes), ours=is_ours)
                merged = both.annotation
            try:
                new = self.store._commit(
                    subject.id, author, merged, parent=head.number if head else None,
                    duration=subject.duration, tool="sync", note=f"from {name}",
                )  # fmt: skip
            except Conflict:
                continue  # somebody saved in between
            self.folder.see(name, data, new, ours=is_ours)
            if is_ours:
                self._write(subject.id, author)
            what: Literal["same", "saved", "merged"] = "saved" if head is None or base == head else "merged"
            what = "same" if new == head else what
            return Synced(name, what, subject.id, author, new.number, new.summary)
        raise StorageError("others save to it all the time", subject=name, remedy="sync again")

    def _line(
        self, said: Annotation, known: dict[str, Any], path: Path, find: Find | None, whose: str | None
    ) -> tuple[Subject, str]:
        """Return which recording, with its duration, and whose."""
        author = known.get("author") or said.author or whose
        if not isinstance(author, str):
            raise StorageError(
                "it does not say whose it is", subject=path.name, remedy="say so with --author, or import it"
            )
        about = said.recording
        if isinstance(id := known.get("recording"), str):
            about = replace(about, id=id)
        if about.id and (subject := self.store.subject(about.id)) is not None:
            return subject, author_of(author)
        if find is not None:
            return find(about, path.name), author_of(author)
        if about.id and about.duration:
            return about, author_of(author)
        raise StorageError(
            "nobody knows the recording", subject=path.name, remedy="edm annotations sync tells more"
        )

    def _base(self, head: Revision | None, known: dict[str, Any], seen: dict[str, Any]) -> Revision | None:
        """Return the revision that a file was made from, if this store has it."""
        if head is None:
            return None
        for number in (known.get("revision"), seen.get("revision")):
            if isinstance(number, int) and 1 <= number <= head.number:
                return next(
                    each for each in self.store.history(head.recording, head.author) if each.number == number
                )
        return None

    def _shown(self, revision: Revision, *, stripped: bool = False) -> Annotation:
        """Return a revision as it comes back from its file: what was changed is what differs from that.

        A program that leaves out the block when it saves has not deleted what only the block can hold:
        ``stripped`` is what is left of a file without it.
        """
        data = self._data(revision)
        if stripped:
            data = data.partition(b"\nedm:\n")[0]  # the last of its keys; texts have no lines of their own
        return unstamped(_only(data, f"revision {revision.number}"))[0]

    def _digest(self, said: Annotation, subject: Subject, author: str) -> str:
        assert subject.id is not None and subject.duration is not None
        return packed(said, subject.id, author, subject.duration).digest

    def _conflict(
        self, path: Path, data: bytes, head: Revision, base: Revision | None, count: int, *, ours: bool
    ) -> Synced:
        since = f"revision {base.number}" if base else "a revision that it does not name"
        message = f"{count} of its changes to {since} clash with revision {head.number} ({head.summary})"
        if ours:
            aside = free_beside(path)
            write_atomic(aside, data, mode=0o644)
            self.folder.see(self.folder.name(path), data, head, ours=True)
            message += f"; it was kept as {aside.name}, and {path.name} shows revision {head.number}"
            self._write(head.recording, head.author)
        return Synced(self.folder.name(path), "conflict", head.recording, head.author, head.number, message)

    # --- to a file ---------------------------------------------------------------------------------

    def _write(self, recording: str, author: str) -> bool:
        """Write the newest revision of a line, unless its file has it already."""
        head = self.store.head(recording, author)
        if head is None:
            return False
        path = self._path(recording, author)
        data = self._data(head)
        is_new = not path.exists() or path.read_bytes() != data
        if is_new:
            made(path.parent)
            write_atomic(path, data, mode=0o644)
        self.folder.see(self.folder.name(path), data, head, ours=True)
        return is_new

    def _data(self, revision: Revision) -> bytes:
        from .. import exchange

        said = self.store.annotation(revision.recording, revision.author, revision.number)
        stamp = {"recording": revision.recording, "author": revision.author, "revision": revision.number}
        return exchange.write(replace(said, rest=said.rest | {STAMP: stamp}), "yaml").data

    def _path(self, recording: str, author: str) -> Path:
        return self.folder.place(self.store.subject(recording) or Subject(recording), author)

    def _by_name(self, path: Path) -> dict[str, Any]:
        """Return whose file it is, from its name alone."""
        if (end := named_end(path)) is not None:
            for line in self.store.lines():
                if end_of(line.recording, line.author) == end:
                    return {"recording": line.recording, "author": line.author, "ours": True}
        return {}


def _only(data: bytes, name: str, duration: float | None = None) -> Annotation:
    from .. import exchange

    annotations = exchange.read(data, name, "yaml", duration=duration).annotations
    if len(annotations) != 1:
        raise StorageError(
            f"it holds {len(annotations)} annotations",
            subject=name,
            remedy="bring it in with: edm annotations import",
        )
    return annotations[0]
