"""What a browser plays, so that sound and picture agree to the sample.

Browsers skip encoder delays differently from one another, so a compressed file may sound some milliseconds
beside its own waveform. Formats where no such doubt exists are played as they are; all others are decoded
by the decoder that the picture came from, into FLAC, which is kept in the cache.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ..cache import Cache, key_of
from ..errors import AudioError
from ..settings import Settings
from . import _container
from .decode import Decoding, Format, decoding
from .identity import opened
from .peaks import mix
from .resample import Resampler, sixteen_bits

VERSION = "1"
HIGHEST_RATE = 48_000
"""Sample rate of a rendition at most, in hertz."""

_PLAYED_AS_THEY_ARE = {
    *((form, kind) for form in ("WAV", "WAVEX") for kind in ("PCM_16", "PCM_24", "FLOAT")),
    *(("FLAC", kind) for kind in ("PCM_16", "PCM_24")),
    ("OGG", "VORBIS"),
    ("ogg", "opus"),
    ("ogg", "libopus"),
}
_MEDIA_TYPES = {
    "wav": "audio/wav",
    "aiff": "audio/aiff",
    "mp4": "audio/mp4",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "matroska": "audio/webm",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
}
_SOUND = "sound.flac"


def playable(
    path: str | os.PathLike[str],
    id: str,
    cache: Cache,
    *,
    settings: Settings | None = None,
    progress: Callable[[float], None] | None = None,
) -> Path:
    """Return the file that a browser should play for a recording.

    Parameters
    ----------
    path : path
        The recording's file.
    id : str
        The recording's id, ``sha256:…``.
    cache : Cache
        Where a rendition is kept: FLAC with 16 bits, at most two channels and at most 48 kHz.
    settings : Settings, optional
        Limits; by default from the environment.
    progress : callable, optional
        Called with the share done, 0 to 1, while a rendition is made.

    Returns
    -------
    Path
        ``path`` itself where every browser plays it to the sample, else the rendition.

    Raises
    ------
    AudioError
        If the file cannot be read as sound, or is not the recording any more.
    """
    settings = settings or Settings.from_environment()
    key = key_of("rendition", VERSION, id)
    entry = cache.get(key)
    if entry is None:
        with opened(path, settings) as source:
            if source.content_id() != id:
                raise AudioError(
                    "its content is not that of the recording",
                    subject=source.path,
                    remedy="add it as a new recording",
                )
            with decoding(source, settings) as stream, cache.create(key) as draft:
                # An entry without sound remembers that none is needed.
                if not _is_played_as_it_is(stream.format):
                    _write(draft / _SOUND, stream, progress)
        entry = cache.get(key)
    rendition = entry / _SOUND if entry is not None else None
    return rendition if rendition is not None and rendition.exists() else Path(path)


def media_type(path: str | os.PathLike[str]) -> str:
    """Return a sound file's media type, by its content and not by its name.

    Raises
    ------
    AudioError
        If the file cannot be read.
    """
    with opened(path) as source:
        kind = _container.kind_of(source.read(0, 64))
    return _MEDIA_TYPES.get(kind or "", "application/octet-stream")


def _is_played_as_it_is(header: Format) -> bool:
    form, _, kind = header.codec.partition(" ")
    return (form, kind) in _PLAYED_AS_THEY_ARE and header.channels <= 2 and header.sample_rate <= 96_000


def _write(file: Path, stream: Decoding, progress: Callable[[float], None] | None) -> None:
    import soundfile

    rate = min(stream.format.sample_rate, HIGHEST_RATE)
    # More than two channels become one: the mix that the analysers hear and the bands show.
    channels = stream.format.channels if stream.format.channels <= 2 else 1
    resamplers = [Resampler(stream.format.sample_rate, rate) for _ in range(channels)]
    with soundfile.SoundFile(
        file, "w", rate, channels, subtype="PCM_16", format="FLAC", compression_level=0.25
    ) as sound:
        for block in stream.blocks():
            kept = block if block.shape[1] == channels else mix(block)[:, None]
            columns = [each.push(kept[:, index]) for index, each in enumerate(resamplers)]
            sound.write(sixteen_bits(np.stack(columns, 1)))
            if progress is not None and stream.share is not None:
                progress(stream.share)
        sound.write(sixteen_bits(np.stack([each.finish() for each in resamplers], 1)))
    if progress is not None:
        progress(1.0)
