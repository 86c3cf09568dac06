"""The sound behind a timeline, for faces that are given a timeline alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..cache import Cache
from ..errors import AudioError, EdmError
from ..settings import Settings
from ..timeline import Timeline
from .props import PersonaLike

if TYPE_CHECKING:
    from ..audio import Sound


def sound_of(timeline: Timeline, settings: Settings) -> Sound:
    """Load the sound that a timeline was made from.

    Raises
    ------
    AudioError
        If its file is not known, not there, not readable or not the same any more.
    """
    from ..audio import load

    recording = timeline.recording
    if recording.path is None or not Path(recording.path).exists():
        raise AudioError(
            "its file is not there",
            subject=recording.path or recording.id,
            remedy="give sound=edm_core.audio.load(path)",
        )
    sound = load(recording.path, settings=settings, cache=Cache.of(settings))
    if sound.recording.id != recording.id:
        raise AudioError(
            "its content is not that of the timeline", subject=recording.path, remedy="analyse the file again"
        )
    return sound


def checked(timeline: Timeline, sound: Sound) -> Sound:
    """Return ``sound`` if it is the timeline's.

    Raises
    ------
    EdmError
        If it is of another recording.
    """
    if sound.recording.id != timeline.recording.id:
        raise EdmError(
            "the sound is of another recording", subject=sound.recording.path or sound.recording.id,
            remedy="give the sound that the timeline was made from",
        )  # fmt: skip
    return sound


def faces(timeline: Timeline) -> Mapping[str, PersonaLike]:
    """Return names and faces of the personas that ship with the package; none if nobody reacted."""
    if not timeline.reactions:
        return {}
    from ..personas import load_personas

    personas: Mapping[str, PersonaLike] = load_personas()
    return personas
