"""The player in a notebook, as an anywidget. Sound and peaks travel through the widget's own channel.

A notebook may run where no address of this machine can be reached (a hub, a cloud, VS Code), so nothing is
fetched by URL.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

from ..cache import Cache
from ..errors import EdmError
from ..settings import Settings
from ..timeline import Timeline
from .assets import script
from .props import view
from .source import checked, faces, sound_of

if TYPE_CHECKING:
    from ..audio import Sound

LARGEST_BYTES = 32_000_000
"""Sound above this size travels as mono speech quality instead."""
_WRITE_FRAMES = 16_000


def listen(timeline: Timeline, sound: Sound | None = None, *, at: float = 0.0) -> Any:
    """Return the player for a timeline, to be shown by the notebook.

    The same player as on the page *Listen*: Space plays, a click goes anywhere, ``?`` shows the keys.

    Parameters
    ----------
    timeline : Timeline
        What to show.
    sound : Sound, optional
        The recording's sound; by default it is loaded from the file that the timeline names.
    at : float
        Where the sound stands at first, in seconds.

    Returns
    -------
    anywidget.AnyWidget
        Its ``props`` are what :func:`edm_core.waveform.view` returned.

    Raises
    ------
    EdmError
        If anywidget is not installed, or ``sound`` is of another recording.
    AudioError
        If the sound's file is gone or has changed.
    """
    widget = _widget()
    settings = Settings.from_environment()
    sound = sound_of(timeline, settings) if sound is None else checked(timeline, sound)
    props = view(timeline, audio_url="", peaks=sound.peaks, peaks_url="", personas=faces(timeline), at=at)
    return widget(props=props, **sounding(timeline, sound, settings))


@cache
def _widget() -> Any:
    class Player(sounding_widget("listen")):  # type: ignore[misc]
        """The player."""

        _esm = script("widget")

    return Player


def sounding_widget(subject: str) -> Any:
    """Return the class of a widget with a sound: it and its peaks are bytes, all else stands in ``props``.

    Raises
    ------
    EdmError
        If anywidget is not installed; ``subject`` is who asked for it.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        raise EdmError(
            "anywidget is not installed", subject=subject, remedy="pip install 'edm-workbench[notebook]'"
        ) from None

    class Sounding(anywidget.AnyWidget):
        props = traitlets.Dict().tag(sync=True)
        audio = traitlets.Bytes().tag(sync=True)
        audio_type = traitlets.Unicode().tag(sync=True)
        peaks = traitlets.Bytes().tag(sync=True)

    return Sounding


def sounding(timeline: Timeline, sound: Sound, settings: Settings) -> dict[str, Any]:
    """Return what such a widget is given beside its ``props``."""
    audio, audio_type = _audio(timeline, sound, settings)
    peaks = b"".join(sound.peaks.to_bytes(level) for level in range(len(sound.peaks.levels)))
    return {"audio": audio, "audio_type": audio_type, "peaks": peaks}


def _audio(timeline: Timeline, sound: Sound, settings: Settings) -> tuple[bytes, str]:
    """Return the sound as bytes, and its media type.

    It is what the page would play, or the speech track where that is too much or not there.
    """
    from ..audio import media_type, playable

    path = timeline.recording.path
    if path is not None:
        try:
            file = playable(path, timeline.recording.id, Cache.of(settings), settings=settings)
        except EdmError:
            file = None  # the sound is there without its file: made from an array, or the file has gone
        if file is not None and file.stat().st_size <= LARGEST_BYTES:
            return file.read_bytes(), media_type(file)
    return _speech_track(sound), "audio/ogg"


def _speech_track(sound: Sound) -> bytes:
    import soundfile

    from ..audio import SPEECH_RATE

    buffer = io.BytesIO()
    with soundfile.SoundFile(buffer, "w", SPEECH_RATE, 1, format="OGG", subtype="VORBIS") as file:
        # Block by block: libsndfile's Vorbis encoder overruns its stack on long ones.
        for start in range(0, len(sound.speech), _WRITE_FRAMES):
            file.write(sound.speech[start : start + _WRITE_FRAMES])
    return buffer.getvalue()
