"""Analysing a recording of the library and keeping the result: what workers do, and a first start too.

Workers do it in two jobs, so that an hour of talk does not keep the music behind it waiting: ``analyze`` does
all but the speech, which is quick, and where there is speech, ``speech`` does the rest and keeps the result.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..cache import Cache
from ..errors import AudioError, StorageError
from ..settings import Settings
from ..store import Entry, Library
from .observing import metrics
from .observing.logs import of_job
from .views.picture import outline_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ..jobs import Job
    from ..timeline import Timeline

QUICK = ("activity", "beats", "sections", "key")
"""Stages of the first job; what they find is in the stage cache for the second."""
ANALYZE, SPEECH = "analyze", "speech"
"""The kinds of the two jobs."""
_log = logging.getLogger(__name__)
Progress = Callable[[str, float, float | None], None]
"""Called with stage, share of the whole (0 to 1) and seconds left."""


def analyse_entry(
    library: Library,
    entry: Entry,
    progress: Progress | None = None,
    *,
    job: tuple[str, int] | None = None,
) -> Timeline:
    """Analyse a recording and save its timeline and its card's picture.

    Parameters
    ----------
    library : Library
        Where the entry is from.
    entry : Entry
        Which recording.
    progress : callable, optional
        Called as the work goes on; what it raises stops it.
    job : tuple of str and int, optional
        Which start of which job this is; what a start leaves that is taken for dead is not kept.

    Raises
    ------
    AudioError
        If the file is gone, has changed since it was added, or cannot be read as sound.
    """
    from ..analysis import analyze
    from ..audio import load, playable

    def tell(step: Any) -> None:
        if progress is not None:
            progress(step.stage, step.share, step.remaining)

    settings = library.settings
    with library.opened(entry) as path:
        timeline: Timeline = analyze(path, progress=tell, settings=settings)
        if timeline.recording.id != entry.id:
            raise AudioError(
                "its content has changed since it was added",
                subject=str(path),
                remedy="remove it and add it again",
            )
        cache = Cache.of(settings)
        sound = load(path, settings=settings, cache=cache)
        playable(path, sound.recording.id, cache, settings=settings)  # made now: nobody waits for it later
    remember_personas(settings)
    library.save_timeline(timeline, outline_of(sound.peaks), job=job)
    metrics.analysed(timeline)
    return timeline


def remember_personas(settings: Settings) -> None:
    """Keep the personas' present versions, so that what they score now can be explained when they changed."""
    from ..personas.folder import Folder

    try:
        Folder.of(settings).remember()
    except StorageError as error:
        _log.warning("the personas' versions were not kept: %s", error)


def payload_of(entry: Entry) -> dict[str, Any]:
    """Return what a worker needs to know."""
    return {"id": entry.id}


@of_job
def run(payload: Mapping[str, Any], progress: Progress) -> dict[str, Any] | None:
    """Do the job ``analyze``; see :mod:`edm_core.jobs`. What is spoken is left to the job ``speech``."""
    from ..analysis import analyze

    library = Library(Settings.from_environment())
    entry = library.get(payload["id"])
    if entry is None:
        return None

    def tell(step: Any) -> None:
        progress(step.stage, step.share, step.remaining)

    with library.opened(entry) as path:
        quick = analyze(path, progress=tell, stages=QUICK, settings=library.settings)
    metrics.computed(quick)
    if quick.speech_share:
        return {"then": [{"kind": SPEECH, "key": entry.id, "payload": payload_of(entry)}]}
    analyse_entry(library, entry, progress, job=job_of(payload))
    return None


@of_job
def run_speech(payload: Mapping[str, Any], progress: Progress) -> None:
    """Do the job ``speech``: the whole analysis, of which all but the speech is in the cache by now."""
    library = Library(Settings.from_environment())
    entry = library.get(payload["id"])
    if entry is not None:
        analyse_entry(library, entry, progress, job=job_of(payload))


def job_of(payload: Mapping[str, Any]) -> tuple[str, int] | None:
    """Return which start of which job a payload belongs to; None where it is done outside of the queue."""
    job = payload.get("job")
    return (job["id"], job["attempt"]) if job else None


def noted(connection: Connection, job: Job) -> None:
    """Keep a recording's status in step with its jobs, in the transaction that changes the job.

    ``done`` is noted together with the timeline.
    """
    if job.kind not in (ANALYZE, SPEECH) or job.state == "done":
        return
    import sqlalchemy as sa

    from ..store.tables import entries

    message = {"cancelled": "it was stopped", "failed": job.message}.get(job.state)
    stands = {"status": job.state, "message": message}
    connection.execute(sa.update(entries).where(entries.c.id == job.key).values(stands))
