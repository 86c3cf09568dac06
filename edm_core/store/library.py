"""The library: recordings below one folder, each under the digest of its bytes.

Layout, below ``<data_dir>/library``::

    ab/abcdef…/entry.json      what a card shows
    ab/abcdef…/timeline.json   the newest analysis
    ab/abcdef…/source          the bytes, if they were uploaded
    .lock, .incoming/          the writers' lock, uploads that are still arriving

Names that clients give are shown and never used as paths. The same bytes are the same entry, whatever they
were called.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from .._codec import decode, encode
from .._files import locked, made, sync_folder, write_atomic, writing
from ..errors import AudioError, EdmError, LimitError, StorageError
from ..joining import joined
from ..settings import Settings
from ..timeline import Problem, Timeline
from .database import has_annotations
from .entry import Entry, EntryStatus, chips_of, display_name, parts_of

if TYPE_CHECKING:
    from .annotations import Annotations
    from .calibrations import Calibrations
    from .ratings import Ratings
    from .scorings import Scorings

BLOCK = 1 << 20
STALE_SECONDS = 24 * 3600.0
"""Age after which an upload that is still arriving has lost its sender."""
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


class Library:
    """The recordings of a data folder.

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
        self._known: dict[str, tuple[tuple[int, int], Entry]] = {}

    @cached_property
    def annotations(self) -> Annotations:
        """What people say of these recordings; the database is opened when it is first asked."""
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
    def calibrations(self) -> Calibrations:
        """What was fitted on ratings."""
        from .calibrations import Calibrations

        return Calibrations(self.settings)

    # --- adding ------------------------------------------------------------------------------------

    def add_upload(self, name: str, stream: BinaryIO, limit: int | None = None) -> Entry:
        """Keep the bytes of ``stream`` and return their entry, an earlier one if they are known.

        Parameters
        ----------
        name : str
            What the client calls it; only shown.
        stream : binary file
            Read in blocks, never as a whole.
        limit : int, optional
            Most bytes that are read; the settings' by default.

        Raises
        ------
        LimitError
            If there is more than ``limit``.
        AudioError
            If it is empty or no sound. Nothing is left behind.
        StorageError
            If the library cannot be written.
        """
        limit = self.settings.max_bytes if limit is None else limit
        shown = display_name(name)
        incoming = made(self.folder / ".incoming")
        _sweep(incoming)
        handle, draft_name = tempfile.mkstemp(dir=incoming)
        draft = Path(draft_name)
        try:
            with writing(self.folder), os.fdopen(handle, "wb") as file:
                digest = _copy(stream, file, limit, shown)
            with _shown_as(shown, draft):
                self._check(draft)
            return self._enter(digest, shown, None, draft)
        finally:
            draft.unlink(missing_ok=True)

    def add_file(self, path: str | Path) -> Entry:
        """Enter a file where it lies, without copying it; return its entry, an earlier one if it is known.

        Raises
        ------
        AudioError
            If it is missing, empty, too large or no sound.
        """
        from ..audio import content_id

        place = Path(path).expanduser().absolute()
        digest = content_id(place).removeprefix("sha256:")
        self._check(place)
        return self._enter(digest, display_name(place.name), str(place), None)

    def add_folder(self, path: str | Path, *, recursive: bool = True) -> FolderReport:
        """Enter the audio files of a folder; one that cannot be read does not stop the others.

        Raises
        ------
        AudioError
            If it is no folder or holds no audio files.
        """
        from ..audio.files import sound_files

        folder = Path(path).expanduser()
        files = sound_files(folder, recursive=recursive)
        before = {entry.id for entry in self.list()}
        entries: dict[str, Entry] = {}
        refused = []
        for file in files:
            try:
                entry = self.add_file(file)
            except EdmError as error:
                reason = error.problem + (f"; {error.remedy}" if error.remedy else "")
                refused.append(Refusal(str(file), reason))
            else:
                entries[entry.id] = entry
        return FolderReport(
            added=tuple(entry for entry in entries.values() if entry.id not in before),
            known=tuple(entry for entry in entries.values() if entry.id in before),
            refused=tuple(refused),
        )

    # --- reading -----------------------------------------------------------------------------------

    def get(self, id: str) -> Entry | None:
        """Return an entry by its whole id, with or without ``sha256:``; None for anything else."""
        match = _DIGEST.fullmatch(id)
        return self._read(match[1]) if match else None

    def find(self, prefix: str) -> Entry | None:
        """Return the only entry whose id begins with ``prefix`` (six digits or more), else None."""
        match = _PREFIX.fullmatch(prefix)
        if not match:
            return None
        found = [folder.name for folder in (self.folder / match[1][:2]).glob(f"{match[1]}*")]
        return self._read(found[0]) if len(found) == 1 else None

    def list(self, search: str = "") -> tuple[Entry, ...]:
        """Return the entries that match ``search``, newest first; cards show what people say by now."""
        said = self._said()
        known = [entry for name in self._digests() if (entry := self._read(name))]
        entries = [
            self._refreshed(entry, said[entry.id]) if said.get(entry.id, entry.said) != entry.said else entry
            for entry in known
        ]
        entries = [entry for entry in entries if entry.matches(search)]
        return tuple(sorted(entries, key=lambda entry: (entry.added, entry.id), reverse=True))

    def timeline(self, id: str) -> Timeline | None:
        """Return the newest analysis with what people say of it, or None before the first analysis.

        What personas scored again is in it too, one layer of reactions for each scoring. Where the database
        cannot be read it is the analysis alone, and ``problems`` says why.
        """
        analysis = self.analysis(id)
        return None if analysis is None else self._joined(analysis)

    def analysis(self, id: str) -> Timeline | None:
        """Return the newest analysis as the models left it, or None before the first."""
        if (entry := self.get(id)) is None:
            return None
        try:
            text = (self._place(entry.digest) / "timeline.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        return Timeline.from_json(text)

    def source(self, entry: Entry) -> Path:
        """Return where the bytes lie.

        Raises
        ------
        AudioError
            If they are gone: the file was added from a folder and was moved since.
        """
        place = Path(entry.path) if entry.path else self._place(entry.digest) / "source"
        if not place.is_file():
            raise AudioError(
                "it is not there any more",
                subject=str(entry.path or entry.name),
                remedy="add it again from where it is",
            )
        return place

    @contextmanager
    def opened(self, entry: Entry) -> Iterator[Path]:
        """Give where the bytes lie; errors about an upload name it as its owner does, not as it lies here.

        Raises
        ------
        AudioError
            As :meth:`source`.
        """
        path = self.source(entry)
        with nullcontext() if entry.path else _shown_as(entry.name, path):
            yield path

    # --- changing ----------------------------------------------------------------------------------

    def set_status(self, id: str, status: EntryStatus, message: str | None = None) -> Entry | None:
        """Note how the analysis of a recording stands; None if it has been removed."""
        return self._change(id, status=status, message=message)

    def save_timeline(self, timeline: Timeline, outline: Sequence[int] = ()) -> Entry | None:
        """Keep an analysis and what its card shows, and mark it as done; None if it has been removed.

        Parameters
        ----------
        timeline : Timeline
            Its recording's id says whose it is.
        outline : sequence of int
            Loudest peak of equal slices, from 0 to 127.
        """
        recording = timeline.recording
        entry = self.get(recording.id)
        if entry is None:
            return None
        text = timeline.to_json().encode()
        with writing(self.folder), locked(self.folder / ".lock"):
            place = self._place(entry.digest)
            if not place.is_dir():
                return None
            write_atomic(place / "timeline.json", text)
        return self._change(
            recording.id,
            status="done",
            message=None,
            title=recording.title,
            artist=recording.artist,
            duration=recording.duration,
            problems=timeline.problems,
            outline=tuple(int(value) for value in outline),
            revision=entry.revision + 1,
            **_card(self._joined(timeline)),
        )

    def remove(self, id: str) -> bool:
        """Forget a recording and what was found in it; a file that was added from a folder stays there."""
        match = _DIGEST.fullmatch(id)
        if not match:
            return False
        place = self._place(match[1])
        with locked(self.folder / ".lock"):
            if not place.is_dir():
                return False
            self._known.pop(match[1], None)
            # Renamed first: a reader sees the whole entry or none, also if the deletion is cut off.
            trash = Path(tempfile.mkdtemp(dir=made(self.folder / ".incoming"))) / match[1]
            place.rename(trash)
        shutil.rmtree(trash.parent, ignore_errors=True)
        return True

    # --- private -----------------------------------------------------------------------------------

    def _said(self) -> dict[str, str]:
        """Return when people last saved what they say of each recording."""
        try:
            return self.annotations.newest() if has_annotations(self.settings) else {}
        except StorageError as error:
            _log.warning("the cards show what the models say: %s", error)
            return {}

    def _refreshed(self, entry: Entry, said: str) -> Entry:
        timeline = self.timeline(entry.id)
        return (timeline and self._change(entry.id, said=said, **_card(timeline))) or entry

    def _joined(self, analysis: Timeline) -> Timeline:
        if not has_annotations(self.settings):
            return analysis
        recording = analysis.recording
        try:
            said = self.annotations.layers(recording.id, recording.duration)
            return joined(analysis, said, self.scorings.layers(recording.id))
        except StorageError as error:
            return replace(analysis, problems=(*analysis.problems, Problem("annotations", str(error))))

    def _enter(self, digest: str, name: str, path: str | None, draft: Path | None) -> Entry:
        now = datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
        made(self.folder)
        with writing(self.folder), locked(self.folder / ".lock"):
            known = self._read(digest)
            if known is not None:
                if path and known.path and path != known.path and not Path(known.path).is_file():
                    known = replace(known, path=path)  # moved, and found again by its content
                    self._write(known)
                return known
            entry = Entry(f"sha256:{digest}", name, now, path)
            place = self._place(digest)
            place.mkdir(parents=True, exist_ok=True)
            if draft is not None:
                draft.replace(place / "source")
            self._write(entry)  # last: an entry stands only when its bytes do
            sync_folder(place.parent)
            return entry

    def _change(self, id: str, **changes: Any) -> Entry | None:
        with locked(self.folder / ".lock"):
            entry = self.get(id)
            if entry is None:
                return None
            entry = replace(entry, **changes)
            self._write(entry)
            return entry

    def _write(self, entry: Entry) -> None:
        text = json.dumps(encode(entry), ensure_ascii=False, allow_nan=False)
        write_atomic(self._place(entry.digest) / "entry.json", text.encode())

    def _read(self, digest: str) -> Entry | None:
        path = self._place(digest) / "entry.json"
        try:
            # A new file replaces the old one at every change, so that its number and time tell them apart.
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_ino)
            cached = self._known.get(digest)
            if cached and cached[0] == stamp:
                return cached[1]
            entry = decode(Entry, json.loads(path.read_bytes()), str(path))
        except FileNotFoundError:
            return None
        except (EdmError, ValueError) as error:
            _log.warning("%s cannot be read and is left out: %s", path, error)
            return None
        self._known[digest] = (stamp, entry)
        return entry

    def _digests(self) -> Sequence[str]:
        if not self.folder.is_dir():
            return []
        shelves = [item.path for item in os.scandir(self.folder) if len(item.name) == 2]
        return [item.name for shelf in shelves for item in os.scandir(shelf) if _DIGEST.fullmatch(item.name)]

    def _place(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def _probe(self, path: Path) -> object:
        from ..audio import decoding, opened

        with (
            opened(path, self.settings) as source,
            decoding(source, self.settings) as stream,
        ):
            return next(stream.blocks(), None)


def _card(timeline: Timeline) -> dict[str, Any]:
    return {"chips": chips_of(timeline), "parts": parts_of(timeline)}


def _copy(stream: BinaryIO, file: BinaryIO, limit: int, shown: str) -> str:
    digest, size = hashlib.sha256(), 0
    while block := stream.read(BLOCK):
        size += len(block)
        if size > limit:
            raise LimitError(
                f"it is larger than {limit / 1e6:g} MB",
                subject=shown,
                remedy="raise EDM_MAX_UPLOAD_MB or compress it",
            )
        digest.update(block)
        file.write(block)
    if not size:
        raise AudioError("it is empty", subject=shown, remedy="export it again")
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest()


@contextmanager
def _shown_as(name: str, path: Path) -> Iterator[None]:
    """Let errors about the file at ``path`` speak of ``name``."""
    try:
        yield
    except EdmError as error:
        if error.subject != str(path):
            raise
        raise type(error)(error.problem, subject=name, remedy=error.remedy) from None


def _sweep(incoming: Path) -> None:
    """Delete what senders that died left behind."""
    for path in incoming.iterdir():
        with suppress(FileNotFoundError):  # another process sweeps too
            if time.time() - path.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
