"""Whether a file is sound: its header read and its first block decoded, in a process of its own."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass

from ..settings import Settings, cores
from .decode import Decoding, decoding
from .identity import Source, opened

AT_ONCE = max(2, cores())
"""How many files are looked into at the same time; the others wait."""

_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Probe:
    """What a file is, as far as its beginning tells.

    ``duration`` is what the header says, in seconds; None where it says nothing.
    """

    duration: float | None
    sample_rate: int
    channels: int
    codec: str


def probe(file: str | os.PathLike[str] | Source, settings: Settings | None = None) -> Probe:
    """Return what a file is, having decoded its first block.

    It takes some milliseconds, however long the file is. Its end is not looked at: a file that is damaged
    further on, or cut short, is refused when it is read as a whole.

    Parameters
    ----------
    file : path or Source
        The file, or the file as it was opened.
    settings : Settings, optional
        Limits of size, duration and channels; by default from the environment.

    Raises
    ------
    AudioError
        If it cannot be read as sound.
    LimitError
        If it is beyond a limit of the settings.

    Examples
    --------
    >>> import tempfile, wave
    >>> path = tempfile.mkdtemp() + "/a.wav"
    >>> with wave.open(path, "wb") as sound:
    ...     sound.setparams((1, 2, 8000, 0, "NONE", None))
    ...     sound.writeframes(bytes(32_000))
    >>> probe(path)
    Probe(duration=2.0, sample_rate=8000, channels=1, codec='WAV PCM_16')
    """
    settings = settings or Settings.from_environment()
    with _places:
        if isinstance(file, Source):
            return _looked_into(file, settings)
        with opened(file, settings) as source:
            return _looked_into(source, settings)


def _looked_into(source: Source, settings: Settings) -> Probe:
    with decoding(source, settings, blocks=1) as stream:
        next(stream.blocks(), None)
        return _found(stream)


def _found(stream: Decoding) -> Probe:
    header = stream.format
    frames = header.frames or header.expected
    return Probe(
        frames / header.sample_rate if frames else None,
        header.sample_rate,
        header.channels,
        header.codec,
    )
