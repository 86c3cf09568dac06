"""The open workbench: one library and one queue a process, shared by pages and routes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from ..cache import Cache
from ..errors import AudioError, EdmError
from ..jobs import Job, Queue
from ..personas.scorers import SCORERS, ScorerName
from ..settings import Settings
from ..store import Entry, Library
from .analysis_job import payload_of
from .laboratory_job import Examination, laboratory_payload
from .scoring_job import scoring_payload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..audio import Sound

KIND = "analyze"
SCORE = "score"
EXAMINE = "laboratory"
HANDLERS = {
    KIND: "edm_core.service.analysis_job:run",
    SCORE: "edm_core.service.scoring_job:run",
    EXAMINE: "edm_core.service.laboratory_job:run",
}
SOUNDS_KEPT = 16
"""How many recordings stay mapped for drawing; they are memory-mapped, so this bounds open files."""


class Busy(EdmError):
    """A recording that is being scored for something else."""


class Workbench:
    """A data folder with its library, its queue, and the sounds that are being looked at.

    Parameters
    ----------
    settings : Settings, optional
        From the environment by default.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self.library = Library(self.settings)
        self.queue = Queue(
            self.settings.data_dir / "jobs",
            HANDLERS,
            workers=self.settings.workers,
            on_change=self._note,
        )
        self._sounds: OrderedDict[str, Sound] = OrderedDict()
        self._renditions: dict[str, Path] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        """Start the workers and take up every recording that is still waiting for its analysis.

        Raises
        ------
        EdmError
            If another process works on this data folder.
        """
        self.queue.start()
        for entry in reversed(self.library.list()):
            if entry.status in ("queued", "running"):
                self.analyse(entry)

    def close(self) -> None:
        """Stop the workers; unfinished work is taken up at the next start."""
        self.queue.close()

    def analyse(self, entry: Entry) -> Job:
        """Have a recording analysed; once, however often it is asked for."""
        return self.queue.submit(KIND, entry.id, payload_of(entry, self.settings))

    def cancel(self, entry: Entry) -> None:
        """Stop a recording's analysis, if there is one."""
        if (job := self.job(entry)) is not None:
            self.queue.cancel(job.id)

    def score(
        self,
        entry: Entry,
        personas: Sequence[str],
        scorer: ScorerName = "offline",
        *,
        who: str = "",
        note: str = "",
    ) -> Job:
        """Have personas score a recording again; once, however often the same is asked for.

        Raises
        ------
        Busy
            If that scorer is at this recording for other personas: they are not forgotten silently.
        """
        payload = scoring_payload(entry, self.settings, personas, scorer, who=who, note=note)
        job = self.queue.submit(SCORE, _scoring_key(entry, scorer), payload)
        if not set(personas) <= set(job.payload["personas"]):
            raise Busy(
                f"it is being scored by {', '.join(job.payload['personas'])}", subject=entry.shown,
                remedy="wait until that is done, or stop it",
            )  # fmt: skip
        return job

    def scoring(self, entry: Entry, scorer: ScorerName | None = None) -> Job | None:
        """Return the newest scoring of a recording in this run of the app, by one scorer or by any."""
        wanted = SCORERS if scorer is None else (scorer,)
        jobs = [job for name in wanted if (job := self.queue.job(SCORE, _scoring_key(entry, name)))]
        return max(jobs, key=lambda job: (not job.is_finished, job.id), default=None)

    def stop_scoring(self, entry: Entry) -> None:
        """Stop whatever scores a recording; its scores stay as they were."""
        for name in SCORERS:
            if (job := self.queue.job(SCORE, _scoring_key(entry, name))) is not None:
                self.queue.cancel(job.id)

    def examine(self, wanted: Examination) -> Job:
        """Put a judge through the laboratory; one at a time for each judge."""
        return self.queue.submit(EXAMINE, wanted.scorer, laboratory_payload(wanted, self.settings))

    def examination(self) -> Job | None:
        """Return the newest run of the laboratory in this run of the app, one that goes on before others."""
        jobs = [job for name in SCORERS if (job := self.queue.job(EXAMINE, name))]
        return max(jobs, key=lambda job: (not job.is_finished, job.id), default=None)

    def remove(self, entry: Entry) -> None:
        """Forget a recording; an analysis of it is stopped."""
        self.cancel(entry)
        self.stop_scoring(entry)
        self.library.remove(entry.id)
        with self._lock:
            self._sounds.pop(entry.id, None)
            self._renditions.pop(entry.id, None)

    def job(self, entry: Entry) -> Job | None:
        """Return the newest analysis of a recording in this run of the app."""
        return self.queue.job(KIND, entry.id)

    def sound(self, entry: Entry) -> Sound:
        """Return a recording's peaks and tracks, decoding only if the cache has lost them.

        Raises
        ------
        AudioError
            If the file is gone, has changed or cannot be read.
        """
        from ..audio import load

        with self._lock:
            if (known := self._sounds.get(entry.id)) is not None:
                self._sounds.move_to_end(entry.id)
                return known
        with self.library.opened(entry) as path:
            sound = load(path, settings=self.settings, cache=Cache.of(self.settings))
            _same(sound.recording.id, entry, path)
        with self._lock:
            self._sounds[entry.id] = sound
            while len(self._sounds) > SOUNDS_KEPT:
                self._sounds.popitem(last=False)
        return sound

    def rendition(self, entry: Entry) -> Path:
        """Return the file that a browser should play: the recording's own, or what was decoded from it.

        Raises
        ------
        AudioError
            If the file is gone, has changed or cannot be read.
        """
        from ..audio import playable

        with self._lock:
            known = self._renditions.get(entry.id)
        if known is not None and known.is_file():
            return known
        recording = self.sound(entry).recording
        with self.library.opened(entry) as path:
            rendition = playable(path, recording, Cache.of(self.settings), settings=self.settings)
        with self._lock:
            self._renditions[entry.id] = rendition
        return rendition

    def _note(self, job: Job) -> None:
        """Keep the library's status in step with the job; ``done`` is noted together with the timeline."""
        if job.kind != KIND:
            return
        if job.state in ("queued", "running"):
            self.library.set_status(job.key, job.state)
        elif job.state == "failed":
            self.library.set_status(job.key, "failed", job.message)
        elif job.state == "cancelled":
            self.library.set_status(job.key, "cancelled", "it was stopped")


_opened: Workbench | None = None
_opening = threading.Lock()


def open_workbench(settings: Settings | None = None) -> Workbench:
    """Open a data folder as this process's workbench, in place of an earlier one."""
    global _opened
    with _opening:
        _opened = Workbench(settings)
        return _opened


def workbench() -> Workbench:
    """Return this process's workbench, opening the one of the environment if there is none."""
    return _opened or open_workbench()


def _scoring_key(entry: Entry, scorer: str) -> str:
    return f"{entry.id} {scorer}"


def _same(id: str, entry: Entry, path: Path) -> None:
    if id != entry.id:
        raise AudioError(
            "its content has changed since it was added",
            subject=str(path),
            remedy="remove it and add it again",
        )
