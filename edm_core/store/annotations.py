"""What people say of recordings: revisions, drafts, and who is there.

A *line* is what one author says of one recording, as a row of revisions that is only ever added to. A save
names the revision that it was made from; if somebody saved since, :class:`Conflict` has what they saved, and
nothing is lost: the line holds theirs, the author keeps the draft, and :func:`edm_core.merging.merge` brings
the two together. A settled truth of several annotators is the line of the author :data:`REFERENCE`.

Every method may be called by several threads and processes at once.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._files import writing
from ..annotation import Annotation, Subject
from ..changes import difference, told
from ..changes import summary as contents
from ..errors import EdmError, StorageError
from ..settings import Settings
from ..timeline import Layer
from . import audit, drafts, presence
from .audit import AuditRow
from .database import Database, database_of, now_of
from .drafts import Draft
from .presence import Presence
from .revisions import (
    Packed,
    Revision,
    author_of,
    enter,
    found,
    insert,
    is_erased,
    known,
    layered,
    of_line,
    packed,
    refuse_erased,
    unpacked,
)
from .tables import revisions

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .mirror import Find, Synced

__all__ = ["REFERENCE", "Annotations", "AuditRow", "Conflict", "Draft", "Presence", "Revision", "author_of"]

_NUMBERS = 2**31 - 1  # as far as databases count
_log = logging.getLogger(__name__)

REFERENCE = "reference"
"""The author whose line is the settled truth; ``verified_by`` says who settled it."""


class Conflict(StorageError):
    """A save that was made from a revision that is not the newest any more.

    ``base`` is the revision it was made from (None: from nothing), ``theirs`` the newest one.
    """

    base: int | None
    theirs: Revision

    @classmethod
    def between(cls, base: int | None, theirs: Revision) -> Conflict:
        """Return the error for a save from ``base`` onto a line that has come to ``theirs``."""
        since = f"since revision {base}" if base else "before"
        error = cls(
            f"{theirs.author} saved revision {theirs.number} {since} ({theirs.summary}; {theirs.tool})",
            subject=theirs.recording,
            remedy=f"merge with revision {theirs.number} and save that; the draft is kept",
        )
        error.base, error.theirs = base, theirs
        return error

    def __reduce__(self) -> tuple[object, ...]:
        return Conflict.between, (self.base, self.theirs)


class NoRevision(StorageError):
    """A revision that a line does not have."""


class Annotations:
    """The annotations of a data folder or database server.

    Parameters
    ----------
    settings : Settings, optional
        ``database_url`` and ``data_dir`` say where they are; from the environment by default.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from edm_core.items import Section
    >>> store = Annotations(Settings(data_dir=Path(tempfile.mkdtemp())))
    >>> heard = Annotation(sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop")))
    >>> store.save("sha256:00", "Ada", heard, parent=None, duration=60.0, tool="example").number
    1
    >>> [(layer.source, len(layer.items)) for layer in store.layers("sha256:00", 60.0)]
    [('person:ada', 2)]
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self._database: Database = database_of(self.settings)

    # --- saving ------------------------------------------------------------------------------------

    def save(
        self,
        recording: str,
        author: str,
        annotation: Annotation,
        *,
        parent: int | None,
        duration: float,
        tool: str,
        note: str = "",
    ) -> Revision:
        """Keep an annotation as the next revision of its line, and drop the line's draft.

        Parameters
        ----------
        recording : str
            Its id.
        author : str
            Whose line it is.
        annotation : Annotation
            Sections need not cover the recording: what is left out becomes ``other`` in a timeline.
        parent : int or None
            The revision it was made from, None for the first of a line.
        duration : float
            Of the recording, in seconds.
        tool : str
            What it is saved with.
        note : str
            What the author says of it.

        Returns
        -------
        Revision
            The new one, or the newest there is if that says the same: saving twice adds nothing.

        Raises
        ------
        Conflict
            If ``parent`` is not the newest; the draft is kept.
        TimelineError
            If it cannot become layers of a timeline.
        StorageError
            If it cannot be kept. Then nothing has changed.
        """
        revision = self._commit(
            recording, author, annotation, parent=parent, duration=duration, tool=tool, note=note
        )
        self._mirror(revision)
        return revision

    def _commit(
        self,
        recording: str,
        author: str,
        annotation: Annotation,
        *,
        parent: int | None,
        duration: float,
        tool: str,
        note: str,
    ) -> Revision:
        author = author_of(author)
        new = packed(annotation, recording, author, duration)
        with (
            self._database.reading() as connection
        ):  # who is late hears it without waiting for those who write
            _refuse_late(parent, new, self._head(connection, recording, author)[0])
        with self._database.writing() as connection:
            enter(connection, new.annotation.recording)
            head, before = self._head(connection, recording, author)
            _refuse_late(parent, new, head)
            if head is None or head.digest != new.digest:
                head = self._add(connection, new, head, before, tool, note)
            drafts.drop(connection, recording, author)
        return head

    def restore(self, recording: str, author: str, number: int, *, by: str) -> Revision:
        """Make the newest revision of a line say again what an earlier one said.

        Returns
        -------
        Revision
            A new one behind the newest, or the newest if it says that already.

        Raises
        ------
        StorageError
            If there is no such revision.
        """
        author, by = author_of(author), author_of(by)
        with self._database.writing() as connection:
            old = self._read(connection, recording, author, number)
            duration = old.recording.duration
            assert duration is not None  # every revision is saved with one
            new = packed(old, recording, author, duration)
            enter(connection, new.annotation.recording)
            head, before = self._head(connection, recording, author)
            assert head is not None
            if head.digest == new.digest:
                return head
            words = f"revision {number} again"
            revision = self._add(connection, new, head, before, "restore", "", by=by, summary=words)
        self._mirror(revision)
        return revision

    # --- reading -----------------------------------------------------------------------------------

    def head(self, recording: str, author: str) -> Revision | None:
        """Return the newest revision of a line, None where there is none."""
        author = author_of(author)
        with self._database.reading() as connection:
            return self._head(connection, recording, author)[0]

    def revision(self, recording: str, author: str, number: int) -> Revision | None:
        """Return a revision of a line by its number, None where there is none."""
        if not 0 < number <= _NUMBERS:
            return None
        with self._database.reading() as connection:
            return next(
                (one for one, _ in found(connection, *of_line(recording, author_of(author), number))), None
            )

    def annotation(self, recording: str, author: str, number: int | None = None) -> Annotation:
        """Return what a revision says, by default the newest; ``modified`` is when it was saved.

        Raises
        ------
        StorageError
            If there is no such revision.
        """
        with self._database.reading() as connection:
            return self._read(connection, recording, author_of(author), number)

    def annotations(self, recording: str, author: str, numbers: Sequence[int]) -> tuple[Annotation, ...]:
        """Return what some revisions of a line say, in the order of ``numbers``.

        Raises
        ------
        StorageError
            If one does not exist.
        """
        author = author_of(author)
        these = revisions.c.number.in_([number for number in numbers if 0 < number <= _NUMBERS])
        with self._database.reading() as connection:
            rows = [row for _, row in found(connection, *of_line(recording, author), these)]
            said = dict(zip([row.number for row in rows], unpacked(connection, rows), strict=True))
        for number in numbers:
            if number not in said:
                raise _no_revision(recording, author, number)
        return tuple(said[number] for number in numbers)

    def history(self, recording: str, author: str | None = None) -> tuple[Revision, ...]:
        """Return the revisions of a recording, of one author or of all, the one saved last first."""
        where = (
            [revisions.c.recording == recording] if author is None else of_line(recording, author_of(author))
        )
        with self._database.reading() as connection:
            return tuple(revision for revision, _ in found(connection, *where))

    def lines(self, recording: str | None = None) -> tuple[Revision, ...]:
        """Return the newest revision of each line, of one recording or of all, the one saved last first."""
        where = [] if recording is None else [revisions.c.recording == recording]
        with self._database.reading() as connection:
            return tuple(revision for revision, _ in found(connection, *where, newest=True))

    def newest(self) -> dict[str, str]:
        """Return when something was last saved of each recording, by its id."""
        import sqlalchemy as sa

        last = sa.select(revisions.c.recording, sa.func.max(revisions.c.time)).group_by(revisions.c.recording)
        with self._database.reading() as connection:
            return {row[0]: row[1] for row in connection.execute(last)}

    def layers(self, recording: str, duration: float) -> tuple[Layer, ...]:
        """Return the layers that each line's newest revision makes in a timeline, oldest first.

        Parameters
        ----------
        recording : str
            Its id.
        duration : float
            In seconds; sections are made to cover it.
        """
        with self._database.reading() as connection:
            newest = found(connection, revisions.c.recording == recording, newest=True)[::-1]
            said = unpacked(connection, [row for _, row in newest])
        return tuple(
            layer
            for (revision, _), annotation in zip(newest, said, strict=True)
            for layer in layered(
                annotation, duration, revision.author, revision.number, revision.parent, revision.time
            )
        )

    def subject(self, recording: str) -> Subject | None:
        """Return id, duration (seconds), title, artist and path of a recording that was ever annotated."""
        with self._database.reading() as connection:
            return known(connection, recording)

    # --- drafts ------------------------------------------------------------------------------------

    def keep_draft(self, recording: str, author: str, base: int | None, annotation: Annotation) -> Draft:
        """Keep what an author is in the middle of, however unfinished, in the place of the draft before."""
        if base is not None and not 0 < base <= _NUMBERS:
            raise StorageError(f"{base} is no number of a revision", subject=recording)
        with self._database.writing() as connection:
            refuse_erased(connection, recording)
            draft = Draft(recording, author_of(author), base, annotation, now_of(connection))
            drafts.keep(connection, draft)
        return draft

    def draft(self, recording: str, author: str) -> Draft | None:
        """Return the draft of a line, None where there is none."""
        with self._database.reading() as connection:
            return drafts.read(connection, recording, author_of(author))

    def drop_draft(self, recording: str, author: str) -> None:
        """Forget the draft of a line."""
        with self._database.writing() as connection:
            drafts.drop(connection, recording, author_of(author))

    # --- who is there, and who did what ------------------------------------------------------------

    def see(self, recording: str, author: str) -> None:
        """Note that an author is at a recording now."""
        with self._database.writing() as connection:
            if not is_erased(connection, recording):
                presence.see(connection, recording, author_of(author), now_of(connection))

    def leave(self, recording: str, author: str) -> None:
        """Note that an author has gone."""
        with self._database.writing() as connection:
            presence.leave(connection, recording, author_of(author))

    def present(self, recording: str, within_s: float = 30.0) -> tuple[Presence, ...]:
        """Return who was seen at a recording within so many seconds."""
        with self._database.reading() as connection:
            return presence.present(connection, recording, now_of(connection), within_s)

    def audit(self, recording: str | None = None, limit: int = 100) -> tuple[AuditRow, ...]:
        """Return who did what, newest first."""
        with self._database.reading() as connection:
            return audit.rows(connection, recording, max(0, min(limit, _NUMBERS)))

    def sync(self, find: Find | None = None, *, author: str | None = None) -> tuple[Synced, ...]:
        """Bring the folder of YAML files and the store together: :meth:`edm_core.store.mirror.Mirror.sync`.

        Raises
        ------
        StorageError
            If no folder is set, or it cannot be written.
        """
        from .mirror import Mirror

        folder = self.settings.annotation_dir
        if folder is None:
            raise StorageError(
                "no folder of annotations is set", subject="EDM_ANNOTATION_DIR",
                remedy="set it to the folder that shall hold them as YAML",
            )  # fmt: skip
        with writing(folder):
            return Mirror(folder, self).sync(find, author=author)

    # --- private -----------------------------------------------------------------------------------

    def _mirror(self, revision: Revision) -> None:
        """Show a revision in the folder of YAML files; that this fails takes nothing from the save."""
        if self.settings.annotation_dir is None:
            return
        from .mirror import Mirror

        try:
            outcomes = Mirror(self.settings.annotation_dir, self).refresh(revision.recording, revision.author)
        except (OSError, EdmError) as error:
            _log.warning("revision %s is saved, but its YAML file is not: %s", revision.number, error)
            return
        for outcome in outcomes:
            if outcome.what in ("conflict", "refused"):
                _log.warning("%s: %s", outcome.file, outcome.message)

    def _head(self, connection: Connection, recording: str, author: str) -> tuple[Revision | None, Any]:
        newest = found(connection, *of_line(recording, author), limit=1)
        return newest[0] if newest else (None, None)

    def _add(
        self,
        connection: Connection,
        new: Packed,
        head: Revision | None,
        before: Any,
        tool: str,
        note: str,
        *,
        by: str | None = None,
        summary: str | None = None,
    ) -> Revision:
        now = now_of(connection)
        revision = insert(
            connection, new, after=head, time=now, tool=tool, note=note,
            created=new.annotation.created or (before.created if before else None) or now,
            summary=summary or _summary(connection, new, before),
        )  # fmt: skip
        detail = f"revision {revision.number} of {revision.author} with {revision.tool}: {revision.summary}"
        what = "restore" if tool == "restore" else "save"
        audit.note(connection, now, by or revision.author, what, revision.recording, detail)
        return revision

    def _read(self, connection: Connection, recording: str, author: str, number: int | None) -> Annotation:
        rows = []
        if number is None or 0 < number <= _NUMBERS:
            rows = found(connection, *of_line(recording, author, number), limit=1)
        if not rows:
            raise _no_revision(recording, author, number)
        return unpacked(connection, [rows[0][1]])[0]


def _no_revision(recording: str, author: str, number: int | None) -> StorageError:
    what = f"no revision {number} of it" if number is not None else "no annotation of it"
    return StorageError(
        f"there is {what} by {author}", subject=recording, remedy="its history tells what there is"
    )


def _summary(connection: Connection, new: Packed, before: Any) -> str:
    """Return what a revision holds if it is the first of its line, else what changed."""
    if before is None:
        return contents(new.annotation)
    return told(difference(unpacked(connection, [before])[0], new.annotation))


def _refuse_late(parent: int | None, new: Packed, head: Revision | None) -> None:
    """Refuse a save from another revision than the newest, unless that says the same."""
    if parent == (head.number if head else None) or (head is not None and head.digest == new.digest):
        return
    if head is None or (parent is not None and parent > head.number):
        whole = new.annotation
        raise NoRevision(
            f"there is no revision {parent} of it by {whole.author}", subject=whole.recording.id,
            remedy="load it again, and save from what is there",
        )  # fmt: skip
    raise Conflict.between(parent, head)
