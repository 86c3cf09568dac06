"""A desk: where one author writes one recording's annotation, whatever carries what they do there.

The editor on a page speaks HTTP and the one in a notebook sends messages. Both ask the same things, and
both are answered from here, in plain values that become JSON. Nothing here knows of either.

A save that began from an old revision is no error: the answer holds both versions, what merging them gives
and where they clash, and the draft stays until the author has settled it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from .._codec import encode
from ..annotation import Annotation, Subject, layers_of, plain, tiled
from ..errors import EdmError, TimelineError
from ..evaluation import check
from ..findings import Finding
from ..timeline import Recording, Timeline
from .annotations import Annotations, Conflict, Draft, NoRevision, Revision, author_of
from .answers import Clashed, Saved, number_or_none, plain_revision, read_annotation
from .assignments import Veil, veil
from .distance import boundary_share, label_share
from .revisions import packed

NOTE_LENGTH = 2_000
"""Longest note to a revision, in characters."""
MOST_CHECKED = 5_000
"""Sections up to which a draft is checked: it is kept every second, and must not wait."""


class Desk:
    """One author's desk for one recording.

    Parameters
    ----------
    annotations : Annotations
        The store.
    recording : Recording
        What is annotated.
    author : str
        Whose line is written, without ``person:``.
    timeline : Timeline, optional
        What the models found: it is suggested, and the checks of a draft compare with it. In an unaided
        pass nothing is.
    tool : str
        What the revisions say they were made with.

    Raises
    ------
    StorageError
        If the author's name is none.
    """

    def __init__(
        self,
        annotations: Annotations,
        recording: Recording,
        author: str,
        *,
        timeline: Timeline | None = None,
        tool: str = "editor",
    ) -> None:
        self.annotations, self.recording = annotations, recording
        self.author = author_of(author)  # raises
        self.tool = tool
        self._timeline = timeline

    @cached_property
    def veil(self) -> Veil:
        """What the author is not to see."""
        return veil(self.annotations, self.recording.id, self.author)

    @cached_property
    def found(self) -> Timeline:
        """What the models heard, as far as the author may see it."""
        return Timeline(self.recording) if self.veil.suggestion else _found(self._timeline, self.recording)

    # --- reading -----------------------------------------------------------------------------------

    def opened(self) -> dict[str, Any]:
        """Return the newest revision of the line, and the draft that was left on the desk.

        ``revision`` and ``annotation`` are None where nobody has saved under this name yet. A draft that says
        the same as the newest revision is none: everything was undone, or saved elsewhere.
        """
        head = self.annotations.head(self.recording.id, self.author)
        draft = self.annotations.draft(self.recording.id, self.author)
        if draft is not None and head is not None and self._says(draft.annotation, head):
            draft = None
        return {
            "revision": None if head is None else head.number,
            "annotation": None if head is None else plain(self._annotation(head.number)),
            "draft": None if draft is None else _shown(draft, head),
        }

    def history(self) -> dict[str, Any]:
        """Return the revisions of the line, newest first."""
        revisions = self.annotations.history(self.recording.id, self.author)
        return {"revisions": [plain_revision(revision) for revision in revisions]}

    def revision(self, number: Any) -> dict[str, Any]:
        """Return a revision with its annotation.

        Raises
        ------
        NoRevision
            If the line does not have it.
        """
        revision = self._known(number)
        return {"revision": plain_revision(revision), "annotation": plain(self._annotation(number))}

    # --- writing -----------------------------------------------------------------------------------

    def save(self, data: Any, *, parent: Any, note: Any = "") -> Saved | Clashed:
        """Save an annotation as the line's next revision, if nobody has since ``parent``.

        Parameters
        ----------
        data : JSON-like
            The annotation, as :func:`edm_core._codec.encode` writes it.
        parent : int or None
            The revision that was edited; None begins the line.
        note : str
            What the author says of it.

        Raises
        ------
        TimelineError
            If it is no annotation of this recording, naming the place.
        NoRevision
            If the line does not have ``parent``.
        """
        annotation = self._checked(read_annotation(data))
        if not isinstance(note, str):
            raise TimelineError(f"{note!r} is no text", subject="note")
        try:
            revision = self.annotations.save(
                self.recording.id, self.author, annotation, parent=number_or_none(parent, "parent"),
                duration=self.recording.duration, tool=self.tool, note=note[:NOTE_LENGTH],
            )  # fmt: skip
        except Conflict as conflict:
            return self._clashed(annotation, conflict)
        return Saved(revision, created=revision.number == 1 and parent is None)

    def keep(self, data: Any, *, base: Any) -> dict[str, Any]:
        """Keep a draft, and say what is odd in it and how far it is from the other annotators.

        A draft may be unfinished: what a save refuses is kept and told as findings.

        Raises
        ------
        TimelineError
            If it cannot be read as an annotation at all, or ``base`` is no number.
        """
        annotation = read_annotation(data)
        base = number_or_none(base, "base")
        draft = self.annotations.keep_draft(self.recording.id, self.author, base, annotation)
        return {
            "kept": draft.time,
            "findings": [encode(finding) for finding in self.findings(annotation)],
            "distance": self.distance(annotation),
        }

    def restore(self, number: Any) -> dict[str, Any]:
        """Make an old revision the newest again, as a new one; return it with its annotation.

        Raises
        ------
        NoRevision
            If the line does not have it.
        """
        self._known(number)
        revision = self.annotations.restore(self.recording.id, self.author, number, by=self.author)
        return {
            "revision": plain_revision(revision),
            "annotation": plain(self._annotation(revision.number)),
        }

    # --- beside it --------------------------------------------------------------------------------

    def findings(self, annotation: Annotation) -> tuple[Finding, ...]:
        """Return what the checks find odd in an annotation, beside what the models heard."""
        if (count := len(annotation.sections or ())) > MOST_CHECKED:
            message = f"{count} sections are not checked while they are edited, {MOST_CHECKED} at most are"
            return (Finding("unread", "note", 0.0, None, message, "sections"),)
        annotation, repaired = self._tiled(annotation)
        try:
            mine = layers_of(annotation, self.recording.duration, source=f"person:{self.author}")
            return (*repaired, *check(replace(self.found, layers=(*self.found.layers, *mine))))
        except EdmError as error:
            message = f"it cannot be checked: {error}"
            return (*repaired, Finding("unread", "error", 0.0, None, message, "sections"))

    def distance(self, annotation: Annotation) -> list[dict[str, Any]]:
        """Return how far an annotation's sections are from each other annotator's.

        ``boundaries`` is the F-measure within 0.5 s, ``labels`` the share of time under the same label; None
        where one of the two has no sections, or no boundaries.
        """
        mine = annotation.sections
        return [
            {
                "author": author,
                "boundaries": boundary_share(mine, theirs.sections, self.recording.duration),
                "labels": label_share(mine, theirs.sections),
            }
            for author, _, theirs in self.others()
            if mine and theirs.sections
        ]

    def others(self) -> list[tuple[str, int, Annotation]]:
        """Return every other line's newest revision: author, number, annotation; none in a blind pass."""
        if self.veil.others:
            return []
        lines = self.annotations.lines(self.recording.id)
        return [
            (line.author, line.number, self._annotation(line.number, line.author))
            for line in lines
            if line.author != self.author
        ]

    def present(self) -> dict[str, Any]:
        """Note that the author is here; return who else is."""
        self.annotations.see(self.recording.id, self.author)
        here = self.annotations.present(self.recording.id)
        others = [each for each in here if each.author != self.author]
        return {"present": [{"author": each.author, "time": each.time} for each in others]}

    def leave(self) -> None:
        """Note that the author has gone."""
        self.annotations.leave(self.recording.id, self.author)

    # --- private -----------------------------------------------------------------------------------

    def _says(self, annotation: Annotation, revision: Revision) -> bool:
        try:
            new = packed(annotation, self.recording.id, self.author, self.recording.duration)
        except EdmError:  # it is not finished
            return False
        return new.digest == revision.digest

    def _known(self, number: Any) -> Revision:
        revision = None
        if isinstance(number, int):
            revision = self.annotations.revision(self.recording.id, self.author, number)
        if revision is None:
            raise NoRevision(
                f"it has no revision {number!r}", subject=self.author, remedy="look at its history"
            )
        return revision

    def _annotation(self, number: int, author: str | None = None) -> Annotation:
        """Return a revision as it is edited: its sections cover the recording, whatever they came from."""
        found = self.annotations.annotation(self.recording.id, author or self.author, number)
        return self._tiled(found)[0]

    def _checked(self, annotation: Annotation) -> Annotation:
        """Return it as it is saved; what is not of this recording raises."""
        duration = self.recording.duration
        named = annotation.recording.id
        if named is not None and named != self.recording.id:
            raise TimelineError(
                f"it is an annotation of {named}", subject="annotation.recording",
                remedy=f"leave the id out or give {self.recording.id}",
            )  # fmt: skip
        _, findings = self._tiled(annotation)
        if findings:
            raise TimelineError(
                f"sections do not cover the recording one after the other: {findings[0].message}",
                subject="annotation.sections",
                remedy=f"let each begin where the one before it ends, from 0 to {duration} s",
            )
        for name in ("events", "activity", "words", "passages", "comments"):
            for index, item in enumerate(getattr(annotation, name) or ()):
                if item.start > duration:
                    raise TimelineError(
                        f"it begins at {item.start} s, and the recording ends at {duration} s",
                        subject=f"annotation.{name}[{index}]", remedy="give times within the recording",
                    )  # fmt: skip
        layers_of(annotation, duration, source=f"person:{self.author}")  # raises what a layer may not hold
        about = self.recording
        subject = Subject(about.id, about.path, about.title, about.artist, about.duration)
        return replace(annotation, recording=subject, author=self.author)

    def _tiled(self, annotation: Annotation) -> tuple[Annotation, tuple[Finding, ...]]:
        if not annotation.sections:  # not annotated, or said to have none
            return annotation, ()
        sections, findings = tiled(annotation.sections, self.recording.duration)
        return replace(annotation, sections=sections), findings

    def _clashed(self, ours: Annotation, conflict: Conflict) -> Clashed:
        from ..merging import merge

        base, theirs = conflict.base, conflict.theirs.number
        numbers = [theirs] if base is None else [theirs, base]
        said = self.annotations.annotations(self.recording.id, self.author, numbers)
        versions = {number: self._tiled(each)[0] for number, each in zip(numbers, said, strict=True)}
        newest = versions[theirs]
        # Where the file lies, and what it is called, is no matter of opinion.
        before = Annotation() if base is None else versions[base]
        ours, before = (replace(each, recording=newest.recording) for each in (ours, before))
        merged = merge(before, ours, newest)
        began = None if base is None else (base, versions[base])
        return Clashed(began, (theirs, newest), merged.annotation, tuple(merged.clashes))


def _found(timeline: Timeline | None, recording: Recording) -> Timeline:
    """Return what the models say, without what people do."""
    found = timeline or Timeline(recording)
    return replace(found, layers=tuple(layer for layer in found.layers if not layer.is_person))


def _shown(draft: Draft, head: Revision | None) -> dict[str, Any]:
    """Return a draft; one of a revision that is not there any more can still be saved, or merged."""
    base = draft.base if head is not None and (draft.base or 0) <= head.number else None
    return {"annotation": plain(draft.annotation), "base": base, "time": draft.time}
