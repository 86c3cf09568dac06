"""The library: every recording's entry in the database, its bytes and its analyses among the blobs.

A file that is added from a folder stays where it is; an upload becomes the blob ``sources/ab/<sha256>``.
Each analysis is a blob ``timelines/ab/<sha256>``, and the entry points at the newest; older ones are garbage,
which :meth:`Library.collect` deletes. Names that clients give are shown and never used as paths. The same
bytes are the same entry, whatever they were called.

What versions before kept as folders below ``<data_dir>/library`` is taken over when the library is first
asked for something (:mod:`edm_core.store.takeover`): files are renamed there, never copied. The folder also
holds ``.incoming``, uploads that are still arriving.

SQLAlchemy is imported when there is something to ask the database.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from .._files import made
from ..errors import AudioError, EdmError, StorageError
from ..settings import Settings
from ..timeline import Timeline
from .blobs import Blobs, MissingBlob, blobs_of, key_for
from .database import Database, database_of, has_annotations
from .documents import Document
from .entry import Entry, EntryStatus, display_name, tag_of
from .intake import received, shown_as
from .takeover import is_earlier, take_over

if TYPE_CHECKING:
    from .analyses import Analyses
    from .annotations import Annotations
    from .calibrations import Calibrations
    from .entry_pages import Page, Range, Sort
    from .erasure import Erasure
    from .garbage import Garbage
    from .ratings import Ratings
    from .scorings import Scorings

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
_PREFIX = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})")
_log = logging.getLogger(__name__)

Check = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A file that was not added, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What became of a folder's files: new entries, files the library had already, and files refused."""

    added: tuple[Entry, ...]
    known: tuple[Entry, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """What somebody's uploads take: how many they are, their bytes, and how many these may be (0: any)."""

    recordings: int
    bytes: int
    quota: int


class Library:
    """The recordings of a data folder, or of the servers that the settings name.

    Every method may be called by several threads and processes at once; each raises
    :class:`~edm_core.errors.StorageError` where database or blobs do not answer.

    Parameters
    ----------
    settings : Settings, optional
        Where the data lie and how large a file may be; from the environment by default.
    check : callable, optional
        Called with the path of each new file; raises :class:`~edm_core.errors.AudioError` if it is no
        sound. By default the file is opened and its first block decoded.

    Examples
    --------
    >>> import io, tempfile
    >>> library = Library(Settings(data_dir=Path(tempfile.mkdtemp())), check=lambda path: None)
    >>> entry = library.add_upload("../tone.wav", io.BytesIO(b"bytes"))
    >>> entry.name, entry.status, library.list()[0] == entry
    ('tone.wav', 'queued', True)
    """

    def __init__(self, settings: Settings | None = None, *, check: Check | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self.folder = self.settings.data_dir / "library"
        self._check = check or self._probe
        self._opened: Database | None = None
        self._opening = threading.Lock()

    @cached_property
    def blobs(self) -> Blobs:
        """Where bytes and analyses lie."""
        return blobs_of(self.settings)

    @cached_property
    def annotations(self) -> Annotations:
        """What people say of these recordings."""
        from .annotations import Annotations

        return Annotations(self.settings)

    @cached_property
    def scorings(self) -> Scorings:
        """What personas scored again."""
        from .scorings import Scorings

        return Scorings(self.settings)

    @cached_property
    def ratings(self) -> Ratings:
        """What people say of passages and sections."""
        from .ratings import Ratings

        return Ratings(self.settings)

    @cached_property
    def _analyses(self) -> Analyses:
        from .analyses import Analyses

        return Analyses(self._base, self.blobs, self.settings)

    @cached_property
    def calibrations(self) -> Calibrations:
        """What was fitted on ratings."""
        from .calibrations import Calibrations

        return Calibrations(self.settings)

    # --- adding ------------------------------------------------------------------------------------

    def add_upload(self, name: str, stream: BinaryIO, limit: int | None = None, *, owner: str = "") -> Entry:
        """Keep the bytes of ``stream`` and return their entry, an earlier one if they are known.

        Parameters
        ----------
        name : str
            What the client calls it; only shown.
        stream : binary file
            Read in blocks, never as a whole.
        limit : int, optional
            Most bytes that are read; the settings' by default.
        owner : str, optional
            Who gives it.

        Raises
        ------
        LimitError
            If there is more than ``limit``.
        AudioError
            If it is empty or no sound. Nothing is left behind.
        QuotaError
            If its owner has no room for it.
        """
        limit = self.settings.max_bytes if limit is None else limit
        shown = display_name(name)
        with received(self.incoming, stream, limit, shown) as (draft, digest):
            return self.enter(draft, digest, shown, owner=owner)

    def enter(self, draft: Path, digest: str, name: str, *, owner: str = "") -> Entry:
        """Keep a file that has arrived, and return its entry, an earlier one if its bytes are known.

        Parameters
        ----------
        draft : Path
            The file, best in :attr:`incoming`, from where it is moved; whatever is left of it is deleted.
        digest : str
            SHA-256 of its bytes, in hexadecimal.
        name : str
            What the client calls it; only shown.
        owner : str, optional
            Who gives it.

        Raises
        ------
        AudioError
            If it is no sound.
        QuotaError
            If its owner has no room for it.
        """
        shown = display_name(name)
        try:
            with shown_as(shown, draft):
                self._check(draft)
            entry = Entry(f"sha256:{digest}", shown, "", owner=owner, size=draft.stat().st_size)
            return self._enter(entry, draft)[0]
        finally:
            draft.unlink(missing_ok=True)

    def add_file(self, path: str | Path, *, owner: str = "") -> Entry:
        """Enter a file where it lies, without copying it; return its entry, an earlier one if it is known.

        Raises
        ------
        AudioError
            If it is missing, empty, too large or no sound.
        """
        return self._add_file(path, owner)[0]

    def add_folder(self, path: str | Path, *, recursive: bool = True, owner: str = "") -> FolderReport:
        """Enter the audio files of a folder; one that cannot be read does not stop the others.

        Raises
        ------
        AudioError
            If it is no folder or holds no audio files.
        """
        from ..audio.files import sound_files

        files = sound_files(Path(path).expanduser(), recursive=recursive)
        entries: dict[str, tuple[Entry, bool]] = {}
        refused = []
        for file in files:
            try:
                entry, is_new = self._add_file(file, owner)
            except EdmError as error:
                reason = error.problem + (f"; {error.remedy}" if error.remedy else "")
                refused.append(Refusal(str(file), reason))
            else:
                entries[entry.id] = (entry, is_new or entries.get(entry.id, (entry, False))[1])
        return FolderReport(
            added=tuple(entry for entry, is_new in entries.values() if is_new),
            known=tuple(entry for entry, is_new in entries.values() if not is_new),
            refused=tuple(refused),
        )

    @property
    def incoming(self) -> Path:
        """The folder for uploads that are still arriving, on the disk to which they will be moved."""
        return self.folder / ".incoming"

    # --- reading -----------------------------------------------------------------------------------

    @property
    def is_new(self) -> bool:
        """Whether nothing was ever added."""
        return self._is_bare or (not self.folder.exists() and self.page(limit=0).total == 0)

    def get(self, id: str) -> Entry | None:
        """Return an entry by its whole id, with or without ``sha256:``; None for anything else."""
        if (whole := self._known(id)) is None:
            return None
        from . import entries

        with self._base.reading() as connection:
            return entries.read(connection, whole)

    def find(self, prefix: str) -> Entry | None:
        """Return the only entry whose id begins with ``prefix`` (six digits or more), else None."""
        match = _PREFIX.fullmatch(prefix)
        if match is None or self._is_bare:
            return None
        from . import entries

        with self._base.reading() as connection:
            found = entries.beginning(connection, f"sha256:{match[1]}")
        return found[0] if len(found) == 1 else None

    def list(self, search: str = "") -> tuple[Entry, ...]:
        """Return all entries that match ``search``, newest first; :meth:`page` returns a part of many."""
        if self._is_bare:
            return ()
        from . import entries

        self._analyses.refresh()
        with self._base.reading() as connection:
            found = entries.some(connection)
        return tuple(entry for entry in found if entry.matches(search)) if search.strip() else tuple(found)

    def page(
        self,
        search: str = "",
        tags: Sequence[str] = (),
        status: EntryStatus | Collection[EntryStatus] | None = None,
        sort: Sort = "added",
        descending: bool = True,
        limit: int = 60,
        offset: int = 0,
        *,
        bpm: Range | None = None,
        key: str | None = None,
        duration: Range | None = None,
        speech: bool | None = None,
        analysed: bool | None = None,
    ) -> Page:
        """Return some of the entries that fulfil all that is asked, and how many do.

        Parameters
        ----------
        search : str
            Words of which each has to stand in the name, title, artist, chips, tags or status.
        tags : sequence of str
            Tags of which it has to have all.
        status : str or collection of str, optional
            One of these.
        sort : str
            ``added``, ``title``, ``bpm`` or ``duration``; what has none comes last.
        descending : bool
            The newest, last or largest first.
        limit, offset : int
            How many are returned, and how many are passed over before them.
        bpm, duration : tuple of two floats or None, optional
            From and to, both included; seconds.
        key : str, optional
            On the Camelot wheel, such as ``8A``.
        speech : bool, optional
            Whether somebody speaks.
        analysed : bool, optional
            Whether there is an analysis; one that is being made again counts.

        Raises
        ------
        EdmError
            If there is no such order, or a tag is none.
        """
        from . import entry_pages

        if self._is_bare:
            return entry_pages.Page((), 0)
        self._analyses.refresh()
        wanted: dict[str, Any] = {
            "search": search, "tagged": tags, "status": status, "sort": sort, "descending": descending,
            "limit": limit, "offset": offset, "bpm": bpm, "key": key, "duration": duration, "speech": speech,
            "analysed": analysed,
        }  # fmt: skip
        with self._base.reading() as connection:
            page = entry_pages.page(connection, **wanted)
        if self._analyses.refresh([entry.id for entry in page.entries]):
            with self._base.reading() as connection:
                return entry_pages.page(connection, **wanted)
        return page

    def timeline(self, id: str) -> Timeline | None:
        """Return the newest analysis with what people say of it, or None before the first analysis.

        What personas scored again is in it too, one layer of reactions for each scoring. Where that cannot
        be read it is the analysis alone, and ``problems`` says why.
        """
        analysis = self.analysis(id)
        return None if analysis is None else self._analyses.joined(analysis)

    def analysis(self, id: str) -> Timeline | None:
        """Return the newest analysis as the models left it, or None before the first."""
        whole = self._known(id)
        return None if whole is None else self._analyses.read(whole)

    def document(self, id: str) -> Document | None:
        """Return the timeline as JSON with its ETag, or None before the first analysis; it names no path."""
        whole = self._known(id)
        return None if whole is None else self._analyses.document(whole)

    def source(self, entry: Entry) -> Path:
        """Return a file with the bytes: where they lie, or a copy on this machine.

        Raises
        ------
        AudioError
            If they are gone: the file was added from a folder and was moved since.
        """
        if entry.path:
            place = Path(entry.path)
            if place.is_file():
                return place
        else:
            try:
                return self.blobs.local(key_for("sources", entry.digest))
            except MissingBlob:
                pass
        raise AudioError(
            "it is not there any more",
            subject=str(entry.path or entry.name),
            remedy="add it again from where it is",
        )

    def address(self, entry: Entry, seconds: int = 900) -> str | None:
        """Return where the bytes can be had without us for some time; None where they are not in a bucket."""
        return None if entry.path else self.blobs.address(key_for("sources", entry.digest), seconds)

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[Path]:
        """Give where the bytes lie; errors about an upload name it as its owner does, not as it lies here.

        Raises
        ------
        AudioError
            As :meth:`source`.
        """
        path = self.source(entry)
        with nullcontext() if entry.path else shown_as(entry.name, path):
            yield path

    def usage(self, owner: str = "") -> Usage:
        """Return what somebody's uploads take; files that stay in their folders do not count."""
        quota = self.settings.quota_mb * 1_000_000
        if self._is_bare:
            return Usage(0, 0, quota)
        from . import entries

        with self._base.reading() as connection:
            count, size = entries.uploads_of(connection, owner)
        return Usage(count, size, quota)

    # --- changing ----------------------------------------------------------------------------------

    def set_status(self, id: str, status: EntryStatus, message: str | None = None) -> Entry | None:
        """Note how the analysis of a recording stands; None if it has been removed."""
        if (whole := self._known(id)) is None:
            return None
        from . import entries

        with self._base.writing() as connection:
            return entries.change(connection, whole, status=status, message=message)

    def save_timeline(
        self, timeline: Timeline, outline: Sequence[int] = (), *, job: tuple[str, int] | None = None
    ) -> Entry | None:
        """Keep an analysis and what its card shows, and mark it as done; None if it has been removed.

        Parameters
        ----------
        timeline : Timeline
            Its recording's id says whose it is.
        outline : sequence of int
            Loudest peak of equal slices, from 0 to 127.
        job : tuple of str and int, optional
            Id and attempt of the job that made it: what an attempt leaves that does not count any more is
            not kept (and None is returned), and what a job has saved once is not saved again.
        """
        whole = self._known(timeline.recording.id)
        return None if whole is None else self._analyses.save(timeline, outline, job)

    def tag(self, ids: Iterable[str], add: Iterable[str] = (), remove: Iterable[str] = ()) -> int:
        """Give tags to recordings and take others away, all or none; return how many recordings there are.

        Raises
        ------
        EdmError
            If a tag is none: :func:`edm_core.store.entry.tag_of`.
        """
        from . import entries

        given, taken = [tag_of(name) for name in add], [tag_of(name) for name in remove]
        wanted = [f"sha256:{match[1]}" for id in ids if (match := _DIGEST.fullmatch(id))]
        if self._is_bare or not wanted:
            return 0
        with self._base.writing() as connection:
            return entries.tag(connection, wanted, given, taken)

    def tags(self) -> Mapping[str, int]:
        """Return how many recordings have each tag, in alphabetical order."""
        if self._is_bare:
            return {}
        from . import entries

        with self._base.reading() as connection:
            return entries.all_tags(connection)

    def remove(self, id: str) -> bool:
        """Forget a recording and what models found in it; a file that was added from a folder stays there.

        What people say of it stays, and shows again when it is added again; :meth:`erase` takes that too.
        """
        if (whole := self._known(id)) is None:
            return False
        from . import garbage

        self._analyses.forget(whole)
        return garbage.remove(self._base, self.blobs, whole)

    def erase(self, id: str, who: str, reason: str) -> Erasure:
        """Delete a recording with everything derived from it, so that nothing of it is left but its id.

        See :mod:`edm_core.store.erasure` for what goes, what stays and what is only told. A file that was
        added from a folder stays there: it was never the workbench's. Cut off between database and files,
        it is finished by the next erasure or :meth:`collect`.

        Parameters
        ----------
        id : str
            Its whole id; it need not be in the library any more.
        who : str
            Who does it, for the audit log.
        reason : str
            Why, for the audit log.

        Raises
        ------
        StorageError
            If nothing is known of it, or nobody is named.
        """
        from . import erasure

        if (whole := self._known(id)) is None:
            raise StorageError("nothing is known of it", subject=id[:100], remedy="give its whole id")
        self._analyses.forget(whole)
        return erasure.erase(self._base, self.blobs, self.settings, whole, who, reason)

    def collect(self, dry_run: bool = True) -> Garbage:
        """Delete what nothing points at and is older than a day; or only tell what that is.

        Nothing else is ever deleted by itself: entries stay until somebody removes them.
        """
        from . import garbage

        if self._is_bare:
            return garbage.Garbage((), 0, 0, dry_run)
        return garbage.collect(self._base, self.blobs, self.settings, self.incoming, dry_run=dry_run)

    # --- private -----------------------------------------------------------------------------------

    @property
    def _is_bare(self) -> bool:
        """Whether there is no database yet to ask, and nothing to be taken over into one."""
        return self._opened is None and not has_annotations(self.settings) and not is_earlier(self.folder)

    @property
    def _base(self) -> Database:
        if self._opened is None:
            with self._opening:
                base = database_of(self.settings)
                if is_earlier(self.folder):
                    taken = take_over(self.folder, base, self.blobs)
                    _log.info("%d recordings were taken over from an earlier version", taken)
                self._opened = base
        return self._opened

    def _known(self, id: str) -> str | None:
        """Return a whole id with ``sha256:``; None where it is none, or nothing can be known of it."""
        match = _DIGEST.fullmatch(id)
        return None if match is None or self._is_bare else f"sha256:{match[1]}"

    def _add_file(self, path: str | Path, owner: str) -> tuple[Entry, bool]:
        from ..audio import content_id

        place = Path(path).expanduser().absolute()
        id = content_id(place)
        self._check(place)
        size = place.stat().st_size
        return self._enter(Entry(id, display_name(place.name), "", str(place), owner=owner, size=size), None)

    def _enter(self, entry: Entry, draft: Path | None) -> tuple[Entry, bool]:
        from .entering import enter

        made(self.folder)
        return enter(self._base, self.blobs, self.settings, entry, draft)

    def _probe(self, path: Path) -> object:
        from ..audio import probe

        return probe(path, self.settings)
