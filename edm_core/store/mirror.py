"""The mirror: every line as a YAML file in a folder, for git, for other programs, for editing by hand.

A file is what :mod:`edm_core.exchange` writes, with one thing more in its ``edm`` block: which revision of
which line it shows. What somebody changes in it comes in as a new revision: the changes since the revision it
names are merged with what was saved since. Where that cannot be, the file is kept aside as
``<name>.conflict.yaml`` and nothing is overwritten. A file that cannot be read is told and left as it is.

Files of other origin in the folder are taken in and never written to. ``.edm-seen.json`` remembers what each
file held when it was last looked at, for programs that leave out the block when they save.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from .._files import locked, made, write_atomic
from ..annotation import Annotation, Subject
from ..errors import EdmError, StorageError
from ..merging import merge
from .revisions import Revision, author_of, packed

if TYPE_CHECKING:
    from .annotations import Annotations

STAMP = "edm"
"""Key of ``Annotation.rest`` under which a file says which revision it shows."""
_SEEN = ".edm-seen.json"
_ASIDE = re.compile(r"\.conflict(-\d+)?\.ya?ml$")
_NAMED = re.compile(r"[^.]*\.([0-9a-f]{12}\.[^.]+\.yaml)$")
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
        self.folder, self.store = folder, store
        self._seen: dict[str, Any] = {}
        self._there: dict[str, Path] = {}

    def refresh(self, recording: str, author: str) -> tuple[Synced, ...]:
        """Bring the file of a line up to its newest revision; what was changed in it comes in first.

        Raises
        ------
        OSError
            If it cannot be written; what is in the store stands.
        """
        with self._held():
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
        with self._held():
            outcomes = [self._take_in(path, find, author) for path in self._files()]
            left = {outcome.file for outcome in outcomes if outcome.what == "refused"}
            for line in self.store.lines():
                path = self._path(line.recording, line.author)
                if self._name(path) not in left and self._write(line.recording, line.author):
                    written = Synced(self._name(path), "written", line.recording, line.author, line.number)
                    outcomes = [each for each in outcomes if (each.file, each.what) != (written.file, "same")]
                    if all(each.file != written.file for each in outcomes):
                        outcomes.append(written)
        return tuple(outcomes)

    def waiting(self) -> tuple[str, ...]:
        """Return the files that were kept aside and wait for somebody to settle them."""
        return tuple(
            self._name(path) for path in sorted(self.folder.rglob("*.conflict*")) if _ASIDE.search(path.name)
        )

    # --- from a file -------------------------------------------------------------------------------

    def _take_in(self, path: Path, find: Find | None, whose: str | None) -> Synced:
        name = self._name(path)
        try:
            data = path.read_bytes()
            if self._is_known(self._seen.get(name, {}), data):
                return Synced(name, "same")
            return self._taken(path, data, find, whose)
        except EdmError as error:
            remedy = f"; {error.remedy}" if error.remedy else ""
            return Synced(name, "refused", message=f"{error.problem}{remedy}")
        except OSError as error:
            return Synced(name, "refused", message=f"it cannot be read ({error.strerror})")

    def _is_known(self, seen: dict[str, Any], data: bytes) -> bool:
        """Whether a file is as it was last time, and this store has what it held then."""
        if seen.get("sha256") != _sha256(data):
            return False
        head = self.store.head(str(seen.get("recording")), str(seen.get("author")))
        number = seen.get("revision")
        return head is not None and isinstance(number, int) and number <= head.number

    def _taken(self, path: Path, data: bytes, find: Find | None, whose: str | None) -> Synced:
        from .annotations import Conflict

        name = self._name(path)
        said, stamp = unstamped(_only(data, path.name))
        known = stamp or self._seen.get(name) or self._by_name(path)
        is_ours = bool(stamp) or known.get("ours", False)
        subject, author = self._line(said, known, path, find, whose)
        assert subject.id is not None and subject.duration is not None
        if not is_ours:
            said, _ = unstamped(_only(data, path.name, subject.duration))
        for _ in range(_TRIES):
            head = self.store.head(subject.id, author)
            base = self._base(head, known, self._seen.get(name, {}))
            digest = packed(said, subject.id, author, subject.duration).digest
            if (
                head
                and base
                and digest == self._digest(self._shown(base, stripped=is_ours and not stamp), subject, author)
            ):
                self._see(name, data, base, ours=is_ours)
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
            self._see(name, data, new, ours=is_ours)
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
            aside = _free(path)
            write_atomic(aside, data, mode=0o644)
            self._see(self._name(path), data, head, ours=True)
            message += f"; it was kept as {aside.name}, and {path.name} shows revision {head.number}"
            self._write(head.recording, head.author)
        return Synced(self._name(path), "conflict", head.recording, head.author, head.number, message)

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
        self._see(self._name(path), data, head, ours=True)
        return is_new

    def _data(self, revision: Revision) -> bytes:
        from .. import exchange

        said = self.store.annotation(revision.recording, revision.author, revision.number)
        stamp = {"recording": revision.recording, "author": revision.author, "revision": revision.number}
        return exchange.write(replace(said, rest=said.rest | {STAMP: stamp}), "yaml").data

    def _path(self, recording: str, author: str) -> Path:
        """Return where the file of a line lies, or is to lie."""
        end = _end(recording, author)
        if end in self._there and self._there[end].exists():
            return self._there[end]
        subject = self.store.subject(recording) or Subject()
        name = subject.title or Path((subject.path or "recording").replace("\\", "/")).stem
        plain = re.sub(r"[^\w\- ]+", "_", name).strip("_ ")[:60]
        return self.folder / f"{plain}.{end}"

    def _by_name(self, path: Path) -> dict[str, Any]:
        """Return whose file it is, from its name alone."""
        if match := _NAMED.match(path.name):
            for line in self.store.lines():
                if _end(line.recording, line.author) == match[1]:
                    return {"recording": line.recording, "author": line.author, "ours": True}
        return {}

    # --- the folder --------------------------------------------------------------------------------

    @contextmanager
    def _held(self) -> Iterator[None]:
        made(self.folder)
        with locked(self.folder / ".edm.lock"):
            try:
                seen = json.loads((self.folder / _SEEN).read_text(encoding="utf-8"))
                self._seen = {name: each for name, each in dict(seen).items() if isinstance(each, dict)}
            except (OSError, ValueError, TypeError):
                self._seen = {}  # not there yet, or what a merge left of it: it can be done without
            before = json.dumps(self._seen)
            named = [(path, match) for path in self._files() if (match := _NAMED.match(path.name))]
            self._there = {match[1]: path for path, match in reversed(named)}
            try:
                yield
            finally:
                if json.dumps(self._seen) != before:
                    text = json.dumps(self._seen, indent=1, sort_keys=True)
                    write_atomic(self.folder / _SEEN, text.encode("ascii"), mode=0o644)

    def _see(self, name: str, data: bytes, revision: Revision, *, ours: bool) -> None:
        line = {"recording": revision.recording, "author": revision.author, "revision": revision.number}
        self._seen[name] = line | {"sha256": _sha256(data), "ours": ours}

    def _files(self) -> list[Path]:
        """Return the files that are somebody's annotations; links to elsewhere are not followed."""
        return [
            path
            for path in sorted(self.folder.rglob("*"))
            if path.suffix.lower() in (".yaml", ".yml")
            and not _ASIDE.search(path.name)
            and not any(part.startswith(".") for part in path.relative_to(self.folder).parts)
            and path.is_file() and not path.is_symlink()
        ]  # fmt: skip

    def _name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()


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


def _free(path: Path) -> Path:
    """Return a name beside a file under which nothing has been kept yet."""
    names = [
        f"{path.stem}.conflict.yaml",
        *(f"{path.stem}.conflict-{number}.yaml" for number in range(2, 10_000)),
    ]
    return next(place for name in names if not (place := path.with_name(name)).exists())


def _end(recording: str, author: str) -> str:
    """Return how the name of a line's file ends, whatever stands before it."""
    return f"{_short(recording)}.{quote(author, safe=' @+').replace('.', '%2E')}.yaml"


def _short(recording: str) -> str:
    digest = recording.removeprefix("sha256:")
    return digest[:12] if re.fullmatch("[0-9a-f]{64}", digest) else _sha256(recording.encode())[:12]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
