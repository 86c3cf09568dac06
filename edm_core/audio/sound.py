"""A recording as the analysers see it, computed in one pass over the file and kept on disk.

Decoded sound is never held as a whole: block by block it becomes peaks (at its own sample rate), a speech
track (16 kHz mono) and the spectral front end (24 kHz mono), which are appended to files and then
memory-mapped. Ten hours need no more memory than one minute.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from ..cache import Cache, key_of
from ..errors import AudioError, StorageError, TimelineError
from ..settings import Settings
from ..timeline import Recording
from .decode import SHORTEST_S, decoding, implausible, within_limits
from .identity import Source, display_path, opened
from .peaks import COLUMNS, FEWEST_BINS, HOP, POOL, Peaks, PeakStream, mix, pyramid
from .resample import Resampler, sixteen_bits
from .spectrum import BANDS, RATE, Spectrum, SpectrumStream
from .tags import read_tags

VERSION = "2"
"""Changes with what :func:`load` writes, so that older cache entries are not mistaken for it."""
SPEECH_RATE = 16_000
"""Sample rate of the speech track, in hertz."""

_MANIFEST = "sound.json"
_ARRAYS: dict[str, tuple[Any, int]] = {  # name: (type, columns)
    "speech": (np.int16, 0),
    "mel": (np.float16, BANDS),
    "level": (np.float16, 0),
    "chroma": (np.float32, 12),
    "peaks": (np.int8, COLUMNS),
}
_BLOCK_FRAMES = 65_536
_NOT_WHOLE = (OSError, ValueError, TypeError, LookupError, ArithmeticError, TimelineError)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Sound:
    """A recording, ready to be analysed.

    Parameters
    ----------
    recording : Recording
        What the file is: id, duration, sample rate, channels, tags.
    speech : int16 array, shape (samples,)
        Mono at :data:`SPEECH_RATE`, memory-mapped: the mean of the channels.
    spectrum : Spectrum
        The spectral front end, see :mod:`edm_core.audio.spectrum`.
    peaks : Peaks
        The three-band peak pyramid, see :mod:`edm_core.audio.peaks`.
    """

    recording: Recording
    speech: NDArray[np.int16]
    spectrum: Spectrum
    peaks: Peaks

    @classmethod
    def from_samples(
        cls,
        samples: NDArray[Any],
        sample_rate: int,
        *,
        path: str | os.PathLike[str] | None = None,
    ) -> Sound:
        """Make a sound from an array; for notebooks and tests.

        Parameters
        ----------
        samples : float array, shape (frames,) or (frames, channels)
            Full scale is ±1.
        sample_rate : int
            In hertz.
        path : path, optional
            What to call it.

        Raises
        ------
        AudioError
            If the array has no such shape, is shorter than 0.1 s, or holds values that are no sound: NaN,
            infinite, or far beyond full scale.

        Examples
        --------
        >>> sound = Sound.from_samples(np.zeros(44_100), 44_100)
        >>> sound.recording.duration, sound.speech.shape, sound.spectrum.mel.shape
        (1.0, (16000,), (100, 64))
        """
        name = None if path is None else display_path(path)
        array = np.asarray(samples, np.float32)
        array = array[:, None] if array.ndim == 1 else array
        if array.ndim != 2 or not array.shape[1]:
            raise AudioError(f"an array of shape {np.shape(samples)} is not sound", subject=name,
                             remedy="give shape (frames,) or (frames, channels)")  # fmt: skip
        if len(array) < SHORTEST_S * sample_rate:
            raise AudioError(f"{len(array)} frames are less than {SHORTEST_S:g} s of sound", subject=name,
                             remedy="give a longer recording")  # fmt: skip
        if problem := implausible(array):
            raise AudioError(problem, subject=name, remedy="replace or scale them")
        front = _FrontEnd(sample_rate)
        parts: dict[str, list[NDArray[Any]]] = {key: [] for key in _ARRAYS}
        for start in range(0, len(array), _BLOCK_FRAMES):
            _collect(parts, front.push(array[start : start + _BLOCK_FRAMES]))
        _collect(parts, front.finish())
        digest = hashlib.sha256(f"{sample_rate} {array.shape}".encode() + array.tobytes()).hexdigest()
        recording = Recording(
            f"sha256:{digest}",
            len(array) / sample_rate,
            int(sample_rate),
            array.shape[1],
            path=name,
        )
        arrays = {key: np.concatenate(blocks) for key, blocks in parts.items()}
        return _assemble(recording, arrays, pyramid(sample_rate, arrays["peaks"]))


def load(
    path: str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    cache: Cache | None = None,
    progress: Callable[[float], None] | None = None,
    isolated: bool = True,
) -> Sound:
    """Read a sound file, once, and compute what every analyser needs.

    Parameters
    ----------
    path : path
        A wav, flac, mp3, ogg, opus, m4a, aac or aiff file, or an mp4, mov, webm or mkv file with sound.
    settings : Settings, optional
        Limits; by default from the environment.
    cache : Cache, optional
        Where the arrays are kept. A file that was read before is then not decoded again. Without it, and
        where it cannot be written, they lie in a temporary file that disappears with the sound.
    progress : callable, optional
        Called with the share done, 0 to 1, where the length is known. What it raises stops the work.
    isolated : bool
        Whether codecs run in a process of their own; see :func:`~edm_core.audio.decode.decoding`.

    Raises
    ------
    AudioError
        If the file cannot be read as sound.
    LimitError
        If it is beyond a limit of the settings.
    """
    settings = settings or Settings.from_environment()
    with opened(path, settings) as source:
        key = key_of("audio", VERSION, content := source.content_id())
        entry = cache.get(key) if cache is not None else None
        if cache is not None and entry is not None:
            try:
                sound = _read(entry, path)
            except _NOT_WHOLE:
                cache.drop(key)  # cut short by a full disk or by hand: made anew below
            else:
                found = sound.recording  # what was read under wider limits is not let in under narrower ones
                within_limits(source.path, settings, channels=found.channels, seconds=found.duration)
                if progress is not None:
                    progress(1.0)
                return sound
        if cache is not None:
            try:
                with cache.create(key) as draft:
                    _write(draft, source, content, settings, progress, isolated)
                    return _read(draft, path)  # mapped files stay mapped when the draft is renamed
            except (OSError, StorageError) as error:  # costs time at the next run, not this result
                log.warning("the cache cannot be written: %s", error)
        try:
            with tempfile.TemporaryDirectory(prefix="edm-sound-") as folder:
                _write(Path(folder), source, content, settings, progress, isolated)
                return _read(Path(folder), path)  # what is mapped stays readable when its name is gone
        except OSError as error:
            raise AudioError(
                f"there is no place to decode it to ({error.strerror or error})",
                subject=source.path,
                remedy="make room, or set EDM_DATA_DIR to a folder on a disk with room",
            ) from None


def _write(
    folder: Path,
    source: Source,
    content: str,
    settings: Settings,
    progress: Callable[[float], None] | None,
    isolated: bool,
) -> None:
    """Decode the file into arrays in ``folder`` and describe them in a manifest."""
    counts = dict.fromkeys(_ARRAYS, 0)
    with ExitStack() as stack:
        files = {name: stack.enter_context(open(folder / name, "wb")) for name in _ARRAYS}
        stream = stack.enter_context(decoding(source, settings, isolated=isolated))
        front = _FrontEnd(stream.format.sample_rate)
        for block in stream.blocks():
            _append(files, counts, front.push(block))
            if progress is not None and stream.share is not None:
                progress(stream.share)
        _append(files, counts, front.finish())
    tags = read_tags(source.path)
    finest = np.memmap(folder / "peaks", np.int8, "r", shape=(counts["peaks"], COLUMNS))
    with open(folder / "peaks", "ab") as file:
        file.writelines(level.tobytes() for level in pyramid(stream.format.sample_rate, finest).levels[1:])
    manifest = {
        "id": content,
        "frames": stream.frames,
        "sample_rate": stream.format.sample_rate,
        "channels": stream.format.channels,
        "title": tags.title,
        "artist": tags.artist,
        "tags": tags.others,
        "counts": counts,
    }
    (folder / _MANIFEST).write_text(json.dumps(manifest))
    if progress is not None:
        progress(1.0)


def _read(folder: Path, path: str | os.PathLike[str]) -> Sound:
    """Map the arrays of a folder; the errors of ``_NOT_WHOLE`` say that it is not whole."""
    manifest = json.loads((folder / _MANIFEST).read_text())
    counts, rate = manifest["counts"], manifest["sample_rate"]
    recording = Recording(
        manifest["id"],
        manifest["frames"] / rate,
        rate,
        manifest["channels"],
        path=display_path(path),
        title=manifest["title"],
        artist=manifest["artist"],
        tags=manifest["tags"],
    )
    arrays = {
        name: _map(folder / name, kind, counts[name], columns) for name, (kind, columns) in _ARRAYS.items()
    }
    return _assemble(recording, arrays, _levels(folder / "peaks", rate, counts["peaks"]))


def _map(file: Path, kind: Any, count: int, columns: int, start: int = 0) -> NDArray[Any]:
    return np.memmap(file, kind, "r", offset=start, shape=(count, columns) if columns else (count,))


def _levels(file: Path, rate: int, count: int) -> Peaks:
    levels, start = [], 0
    while True:
        levels.append(_map(file, np.int8, count, COLUMNS, start))
        if count <= FEWEST_BINS:
            return Peaks(rate, HOP, tuple(levels))
        start += count * COLUMNS
        count = -(-count // POOL)


def _assemble(recording: Recording, arrays: dict[str, NDArray[Any]], peaks: Peaks) -> Sound:
    spectrum = Spectrum(arrays["mel"], arrays["level"], arrays["chroma"])
    return Sound(recording, arrays["speech"], spectrum, peaks)


def _append(files: Mapping[str, BinaryIO], counts: dict[str, int], arrays: dict[str, NDArray[Any]]) -> None:
    for name, array in arrays.items():
        files[name].write(np.ascontiguousarray(array).data)
        counts[name] += len(array)


def _collect(parts: dict[str, list[NDArray[Any]]], arrays: dict[str, NDArray[Any]]) -> None:
    for name, array in arrays.items():
        parts[name].append(array)


class _FrontEnd:
    """Turns blocks of sound into blocks of every array."""

    def __init__(self, sample_rate: int) -> None:
        self.peaks = PeakStream(sample_rate)
        self.speech = Resampler(sample_rate, SPEECH_RATE)
        self.music = Resampler(sample_rate, RATE)
        self.spectrum = SpectrumStream()

    def push(self, block: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
        mono = mix(block)
        return self._arrays(
            self.peaks.push(block, mono),
            self.speech.push(mono),
            self.spectrum.push(self.music.push(mono)),
        )

    def finish(self) -> dict[str, NDArray[Any]]:
        rest, last = self.spectrum.push(self.music.finish()), self.spectrum.finish()
        joined = Spectrum(*(np.concatenate(pair) for pair in zip(_parts(rest), _parts(last), strict=True)))
        return self._arrays(self.peaks.finish(), self.speech.finish(), joined)

    @staticmethod
    def _arrays(
        peaks: NDArray[Any], speech: NDArray[np.float32], spectrum: Spectrum
    ) -> dict[str, NDArray[Any]]:
        return {
            "peaks": peaks,
            "speech": sixteen_bits(speech),
            "mel": spectrum.mel,
            "level": spectrum.level,
            "chroma": spectrum.chroma,
        }


def _parts(spectrum: Spectrum) -> tuple[NDArray[Any], ...]:
    return spectrum.mel, spectrum.level, spectrum.chroma
