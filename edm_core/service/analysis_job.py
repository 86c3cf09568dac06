"""Analysing a recording of the library and keeping the result: what a worker does, and a first start too."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from ..cache import Cache
from ..errors import AudioError, StorageError
from ..settings import Settings
from ..store import Entry, Library
from .picture import outline_of

if TYPE_CHECKING:
    from ..timeline import Timeline

_log = logging.getLogger(__name__)
Progress = Callable[[str, float, float | None], None]
"""Called with stage, share of the whole (0 to 1) and seconds left."""


def analyse_entry(library: Library, entry: Entry, progress: Progress | None = None) -> Timeline:
    """Analyse a recording and save its timeline and its card's picture.

    Parameters
    ----------
    library : Library
        Where the entry is from.
    entry : Entry
        Which recording.
    progress : callable, optional
        Called as the work goes on; what it raises stops it.

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
        playable(path, sound.recording, cache, settings=settings)  # made now: nobody waits for it later
    remember_personas(settings)
    library.save_timeline(timeline, outline_of(sound.peaks))
    return timeline


def remember_personas(settings: Settings) -> None:
    """Keep the personas' present versions, so that what they score now can be explained when they changed."""
    from ..personas.folder import Folder

    try:
        Folder.of(settings).remember()
    except StorageError as error:
        _log.warning("the personas' versions were not kept: %s", error)


def payload_of(entry: Entry, settings: Settings) -> dict[str, Any]:
    """Return what a worker needs to know: the recording, and the settings as it would find them set."""
    return {"id": entry.id, "settings": environment_of(settings)}


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the variables that give these settings to another process."""
    values = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {f"EDM_{name.upper()}": str(value) for name, value in values.items() if value is not None}


def run(payload: Mapping[str, Any], progress: Progress) -> None:
    """Do the job ``analyze``; see :mod:`edm_core.jobs`."""
    library = Library(Settings.from_environment(payload["settings"]))
    entry = library.get(payload["id"])
    if entry is not None:  # else it was removed while it waited
        analyse_entry(library, entry, progress)
