"""Analyses: blobs ``timelines/ab/<sha256>`` at which entries point, and what is made of them.

With what people say of a recording its newest analysis becomes the timeline that is shown and served. Where
something was said since, the entry's card is made anew when it is next asked for.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from dataclasses import replace

from ..errors import EdmError, StorageError
from ..joining import joined
from ..settings import Settings
from ..timeline import Problem, Timeline
from . import entries
from .annotations import Annotations
from .blobs import Blobs, MissingBlob, key_for
from .database import Database
from .documents import Document, Documents
from .entry import Entry
from .erasure import forget_cached
from .scorings import Scorings

MOST_REFRESHED = 50
"""How many cards are made anew by one question, because people said something since."""
_log = logging.getLogger(__name__)


class Analyses:
    """The analyses of a library; recordings are named by whole ids, ``sha256:…``.

    Parameters
    ----------
    base : Database
        Where the entries are.
    blobs : Blobs
        Where the analyses are.
    settings : Settings
        Where annotations and scorings are.
    """

    def __init__(self, base: Database, blobs: Blobs, settings: Settings) -> None:
        self._base, self._blobs, self._settings = base, blobs, settings
        self._annotations, self._scorings = Annotations(settings), Scorings(settings)
        self._documents = Documents()
        self._said: tuple[int, int] | None = None  # as far as all cards show it

    # --- reading -----------------------------------------------------------------------------------

    def read(self, id: str) -> Timeline | None:
        """Return the newest analysis as the models left it, or None before the first."""
        text = self._text(id)
        return None if text is None else Timeline.from_json(text.decode())

    def joined(self, analysis: Timeline) -> Timeline:
        """Return an analysis with what people say and personas scored; ``problems`` tells what cannot be."""
        recording = analysis.recording
        try:
            said = self._annotations.layers(recording.id, recording.duration)
            return joined(analysis, said, self._scorings.layers(recording.id))
        except StorageError as error:
            return replace(analysis, problems=(*analysis.problems, Problem("annotations", str(error))))

    def document(self, id: str) -> Document | None:
        """Return the timeline as it is served, or None before the first analysis.

        It is kept in this process, by what it was made of: one small question to the database tells whether
        it still holds.
        """
        with self._base.reading() as connection:
            stamp = entries.stamp_of(connection, id)
        if stamp is None:
            self.forget(id)
            return None
        if (known := self._documents.get(id, stamp)) is not None:
            return known
        with self._base.reading() as connection:
            entry = entries.read(connection, id)
        analysis = self.read(id)
        if entry is None or analysis is None:
            return None
        timeline = self.joined(analysis)
        # Where the bytes lie on this machine is nobody's business.
        shown = replace(timeline, recording=replace(timeline.recording, path=entry.name))
        document = Document.of(shown.to_json())
        # What was saved since the stamp was taken is in the document, and the next question makes it anew.
        self._documents.put(id, stamp, document)
        return document

    # --- changing ----------------------------------------------------------------------------------

    def save(self, timeline: Timeline, outline: Sequence[int], job: tuple[str, int] | None) -> Entry | None:
        """Keep an analysis as :meth:`edm_core.store.Library.save_timeline` says."""
        recording = timeline.recording
        with self._base.reading() as connection:
            if entries.read(connection, recording.id) is None:
                return None
            said = entries.last_said(connection, recording.id)
        text = timeline.to_json().encode()
        digest = hashlib.sha256(text).hexdigest()
        self._blobs.put(key_for("timelines", digest), text)
        found = entries.found_in(self.joined(timeline))
        with self._base.writing() as connection:
            if job is not None and not entries.may_write(connection, job):
                return None
            before = entries.read(connection, recording.id, hold=True)
            if before is None:
                return None
            if job is not None and entries.made_by(connection, recording.id) == job[0]:
                return before
            after = entries.change(
                connection, recording.id, status="done", message=None, title=recording.title,
                artist=recording.artist, duration=recording.duration, problems=timeline.problems,
                outline=tuple(int(value) for value in outline), revision=before.revision + 1, said=said,
                timeline=digest, job=job[0] if job else None, **found,
            )  # fmt: skip
        forget_cached(self._base, self._settings)
        return after

    def refresh(self, ids: Sequence[str] | None = None) -> int:
        """Make cards anew of which people said something since, those of ``ids`` or of all; return how many.

        A few at a time: after an import of ten thousand annotations each question does its share.
        """
        with self._base.reading() as connection:
            said = entries.said_so_far(connection)
            if said == self._said or ids == []:
                return 0
            behind = entries.behind(connection, MOST_REFRESHED if ids is None else len(ids), ids)
        for each in behind:
            found = entries.found_in(timeline) if (timeline := self._card_of(each.id)) else {}
            with self._base.writing() as connection:
                entries.change(connection, each.id, said=each.time, **found)
        if ids is None and len(behind) < MOST_REFRESHED:
            self._said = said
        return len(behind)

    def forget(self, id: str) -> None:
        """Let go of what this process keeps of a recording."""
        self._documents.drop(id)

    # --- private -----------------------------------------------------------------------------------

    def _text(self, id: str) -> bytes | None:
        """Return the newest analysis as it was written."""
        last = None
        while True:
            with self._base.reading() as connection:
                digest = entries.newest_timeline(connection, id)
            if digest is None:
                return None
            try:
                return self._blobs.read(key_for("timelines", digest))
            except MissingBlob:
                if digest == last:  # it has not been replaced while we looked: it is gone
                    raise
                last = digest

    def _card_of(self, id: str) -> Timeline | None:
        try:
            analysis = self.read(id)
            return None if analysis is None else self.joined(analysis)
        except (EdmError, ValueError) as error:
            _log.warning("the card of %s stays as it was: %s", id, error)
            return None
