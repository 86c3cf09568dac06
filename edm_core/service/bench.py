"""The open workbench: one library and one queue a process, shared by pages and routes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING

from ..cache import Cache
from ..errors import AudioError, EdmError
from ..jobs import Job, Kind, Queue
from ..jobs.earlier import take_over
from ..personas.scorers import SCORERS, ScorerName
from ..settings import Settings, cores
from ..store import Entry, Library
from .analysis_job import ANALYZE, SPEECH, noted, payload_of
from .laboratory_job import Examination, laboratory_payload
from .observing import metrics
from .scoring_job import scoring_payload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from ..audio import Sound
    from ..store.erasure import Erasure

KIND = ANALYZE
SCORE = "score"
EXAMINE = "laboratory"
MOST_HEARD = 4
"""Recordings whose speech one process recognises at the same time, with one model, if it has as many cores: a
short clip keeps only one core busy."""
KINDS = {
    ANALYZE: Kind("edm_core.service.analysis_job:run", queue="music"),
    SPEECH: Kind(
        "edm_core.service.analysis_job:run_speech", queue="speech", concurrency=min(MOST_HEARD, cores())
    ),
    SCORE: Kind("edm_core.service.scoring_job:run", queue="personas"),
    EXAMINE: Kind("edm_core.service.laboratory_job:run", queue="personas"),
}
"""The kinds of jobs, by name."""
BEGIN = "edm_core.service.observing.logs:begin_worker"
"""What every worker process does first."""
STOPPING_S = 10.0
"""How long an erasure waits for a job to stop."""
MOST_WAITING = 1_000_000
"""How many jobs and recordings a start looks through: all of them."""
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
    slots : mapping, optional
        How many processes do the jobs of each queue, as :class:`edm_core.jobs.Queue` has it.
    """

    def __init__(self, settings: Settings | None = None, *, slots: Mapping[str, int] | None = None) -> None:
        self.settings = settings or Settings.from_environment()
        self.library = Library(self.settings)
        self.queue = Queue(self.settings, KINDS, on_change=_noted, slots=slots, begin=BEGIN)
        self._sounds: OrderedDict[str, Sound] = OrderedDict()
        self._renditions: dict[str, Path] = {}
        self._lock = threading.Lock()

    def start(self, *, work: bool | None = None) -> None:
        """Take up every recording that is still waiting for its analysis, and begin.

        Parameters
        ----------
        work : bool, optional
            Whether this process does jobs; by default where no queue's server is set.

        Raises
        ------
        StorageError
            If the data folder or the database cannot be used.
        """
        ledger = self.queue.ledger
        take_over(ledger, self.settings.data_dir / "jobs")
        known = {job.key for job in ledger.page(states=("queued", "running"), limit=MOST_WAITING)}
        waiting = self.library.page(status=("queued", "running"), descending=False, limit=MOST_WAITING)
        for entry in waiting.entries:
            if entry.id not in known:
                ledger.submit(ANALYZE, entry.id, payload_of(entry))
        self.queue.start(work=work)

    def close(self) -> None:
        """Stop the workers; unfinished work goes back into the queue."""
        self.queue.close()

    def analyse(self, entry: Entry, *, who: str = "", priority: int = 0) -> Job:
        """Have a recording analysed; once, however often it is asked for.

        Raises
        ------
        Unavailable
            If the queue's server cannot take it.
        """
        job = self.job(entry)
        if job is not None and not job.is_finished:
            return job
        return self.queue.submit(ANALYZE, entry.id, payload_of(entry), who=who, priority=priority)

    def cancel(self, entry: Entry) -> None:
        """Stop a recording's analysis, if there is one."""
        self._stop(entry, scoring=False)

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
        payload = scoring_payload(entry, personas, scorer, who=who, note=note)
        job = self.queue.submit(SCORE, _scoring_key(entry, scorer), payload, who=who)
        if not set(personas) <= set(job.payload["personas"]):
            raise Busy(
                f"it is being scored by {', '.join(job.payload['personas'])}", subject=entry.shown,
                remedy="wait until that is done, or stop it",
            )  # fmt: skip
        return job

    def scoring(self, entry: Entry, scorer: ScorerName | None = None) -> Job | None:
        """Return the newest scoring of a recording, by one scorer or by any, one that goes on first."""
        wanted = SCORERS if scorer is None else (scorer,)
        jobs = [job for name in wanted if (job := self.queue.job(SCORE, _scoring_key(entry, name)))]
        return max(jobs, key=lambda job: (not job.is_finished, job.id), default=None)

    def stop_scoring(self, entry: Entry) -> None:
        """Stop whatever scores a recording; its scores stay as they were."""
        self._stop(entry, analysis=False)

    def examine(self, wanted: Examination) -> Job:
        """Put a judge through the laboratory; one at a time for each judge."""
        return self.queue.submit(EXAMINE, wanted.scorer, laboratory_payload(wanted))

    def examination(self) -> Job | None:
        """Return the newest run of the laboratory, one that goes on before others."""
        jobs = [job for name in SCORERS if (job := self.queue.job(EXAMINE, name))]
        return max(jobs, key=lambda job: (not job.is_finished, job.id), default=None)

    def remove(self, entry: Entry) -> None:
        """Forget a recording; an analysis of it is stopped."""
        self._stop(entry)
        self.library.remove(entry.id)
        self._forget(entry)

    def erase(self, entry: Entry, who: str, reason: str) -> Erasure:
        """Erase a recording with everything derived from it; what works on it is stopped first.

        Raises
        ------
        StorageError
            As :meth:`edm_core.store.Library.erase`.
        """
        for job in self._stop(entry):
            self.queue.wait(job.id, STOPPING_S)  # what it has begun to write is to be erased too
        erasure = self.library.erase(entry.id, who, reason)
        self._forget(entry)
        return erasure

    def job(self, entry: Entry) -> Job | None:
        """Return the newest job of a recording's analysis, one that goes on before others."""
        jobs = [job for kind in (ANALYZE, SPEECH) if (job := self.queue.job(kind, entry.id))]
        return max(jobs, key=lambda job: (not job.is_finished, job.id), default=None)

    def _stop(self, entry: Entry, *, analysis: bool = True, scoring: bool = True) -> list[Job]:
        """Stop what works on a recording; return the jobs that were stopped."""
        names = [(ANALYZE, entry.id), (SPEECH, entry.id)] if analysis else []
        names += [(SCORE, _scoring_key(entry, name)) for name in SCORERS] if scoring else []
        stopped = []
        for kind, key in names:  # one after another: what is spoken is queued as the music's analysis ends
            job = self.queue.job(kind, key)
            if job is not None and not job.is_finished and self.queue.cancel(job.id):
                stopped.append(job)
        return stopped

    def _forget(self, entry: Entry) -> None:
        with self._lock:
            self._sounds.pop(entry.id, None)
            self._renditions.pop(entry.id, None)

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
        from ..audio import content_id, playable

        with self._lock:
            known = self._renditions.get(entry.id)
        if known is not None and known.is_file():
            return known
        with self.library.opened(entry) as path:
            if entry.path:  # it lies in a folder where anybody may change it
                _same(content_id(path), entry, path)
            rendition = playable(path, entry.id, Cache.of(self.settings), settings=self.settings)
        with self._lock:
            self._renditions[entry.id] = rendition
        return rendition


def _noted(connection: Connection, job: Job) -> None:
    noted(connection, job)
    if job.is_finished:
        metrics.job_ended(job.kind, job.state)


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
