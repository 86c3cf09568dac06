"""From a file to blocks of samples: bounded, streaming, and out of harm's way.

The codecs run in a process of their own (:mod:`._decoder_process`), which is limited in memory, time and
open files and gets nothing but the open file. Whatever happens there, here it is an
:class:`~edm_core.errors.AudioError` that names the file and what to do.
"""

from __future__ import annotations

import json
import math
import os
import select
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import AudioError, LimitError
from ..settings import Settings
from . import _container, _decoder_process, sandbox
from .identity import Source

SHORTEST_S = 0.1
"""Shortest sound that is accepted, in seconds."""
LOWEST_RATE, HIGHEST_RATE = 8_000, 192_000
"""Sample rates that are accepted, in hertz."""
LOUDEST = 1_000.0
"""Highest sample that is accepted, where full scale is 1: integers stored as floats are beyond it."""

MEMORY_BYTES = 2_000_000_000
"""Address space of the decoder process: FFmpeg and its libraries alone map 0.5 GB."""
SILENCE_S = 25.0
"""How long the decoder may take for one block before it counts as hung."""

_LONGEST_S = 1e8  # of decoding: what is asked of the operating system must fit its integers
_LARGEST_MESSAGE = 64 << 20
_AGAIN = "export or download it again"
_MESSAGE_HEADER = _decoder_process.HEADER

Block = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Format:
    """What a file's header says.

    ``frames`` is what the file promises, ``expected`` a guess; each is None where the format does not say.
    """

    sample_rate: int
    channels: int
    frames: int | None
    expected: int | None
    codec: str


@dataclass(slots=True)
class Decoding:
    """A file that is being decoded: its format, and its sound block by block.

    ``frames`` counts what :meth:`blocks` has given so far.
    """

    format: Format
    frames: int = 0
    _blocks: Iterator[Block] = field(default_factory=lambda: iter(()))

    def blocks(self) -> Iterator[Block]:
        """Yield the sound once, as float32 blocks of shape (frames, channels), full scale at ±1.

        Raises
        ------
        AudioError
            If the file turns out to be damaged, cut short, too short, or not to hold numbers.
        LimitError
            If it is longer than the settings allow.
        """
        for block in self._blocks:
            self.frames += len(block)
            yield block

    @property
    def share(self) -> float | None:
        """How much of the file has been given, 0 to 1; None where its length is unknown."""
        expected = self.format.frames or self.format.expected
        return min(1.0, self.frames / expected) if expected else None


@contextmanager
def decoding(
    source: Source, settings: Settings, *, isolated: bool = True, blocks: int = 0
) -> Iterator[Decoding]:
    """Decode a file in blocks of about a second.

    Parameters
    ----------
    source : Source
        The open file, see :func:`~edm_core.audio.identity.opened`.
    settings : Settings
        Limits of duration and channels.
    isolated : bool
        Whether the codecs run in a limited process of their own. Only for files of your own making may this
        be False: it saves some milliseconds.
    blocks : int
        How many blocks are wanted, 0 for all. A file is held to its promised length only if all are.

    Raises
    ------
    AudioError
        If the file holds no sound that can be decoded.
    LimitError
        If it is longer or has more channels than the settings allow.
    """
    checked = _checked(source, settings, isolated, blocks)
    try:
        header = next(checked)
        assert isinstance(header, Format)
        yield Decoding(header, _blocks=checked)
    finally:
        checked.close()  # stops the decoder, also when the caller was cancelled midway


def _checked(source: Source, settings: Settings, isolated: bool, blocks: int) -> Generator[Any, None, None]:
    """Yield the format, then blocks, raising on whatever breaks a rule."""
    refuse = _Refusal(source, settings)
    stream = _isolated(source, settings, blocks) if isolated else _direct(source)
    frames = given = 0
    try:
        for item in stream:
            if isinstance(item, dict):
                header = _format(item)
                refuse.format(header)
                yield header
                continue
            block = item.reshape(-1, header.channels)
            frames += len(block)
            refuse.duration(frames, header.sample_rate)
            refuse.samples(block)
            yield block
            given += 1
            if given == blocks:
                return
    except _decoder_process.Unreadable as error:
        source.check()  # a file that shrinks meanwhile seems damaged, or cut short
        raise refuse.unreadable(error, frames / header.sample_rate if frames else 0.0) from None
    finally:
        stream.close()
    source.check()
    refuse.length(header, frames)


def within_limits(path: str, settings: Settings, *, channels: int = 0, seconds: float = 0.0) -> None:
    """Raise :class:`~edm_core.errors.LimitError` if a recording has too many channels or lasts too long."""
    if channels > settings.max_channels:
        raise LimitError(
            f"it has {channels} channels, more than the {settings.max_channels} allowed",
            subject=path,
            remedy="mix it down, or raise EDM_MAX_CHANNELS",
        )
    if seconds > settings.max_duration_s:
        raise LimitError(
            f"it lasts longer than the {settings.max_duration_s:g} s allowed",
            subject=path,
            remedy="split it, or raise EDM_MAX_DURATION_S",
        )


def implausible(samples: NDArray[Any]) -> str | None:
    """Return why numbers cannot be sound with full scale at ±1, or None.

    Examples
    --------
    >>> implausible(np.float32([0.5, np.nan]))
    'it holds samples that are not numbers (NaN or infinite)'
    """
    peak = max(float(samples.max()), -float(samples.min())) if samples.size else 0.0
    if not math.isfinite(peak):
        return "it holds samples that are not numbers (NaN or infinite)"
    return f"its samples reach {peak:.3g} where full scale is 1" if peak > LOUDEST else None


class _Refusal:
    """Every reason to refuse a file, in one place and in the same voice."""

    def __init__(self, source: Source, settings: Settings) -> None:
        self.source, self.settings, self.path = source, settings, source.path
        self.missing = _container.missing_end(source.read, source.size)

    def format(self, header: Format) -> None:
        if header.channels < 1:
            raise AudioError("it has no channels", subject=self.path, remedy=_AGAIN)
        within_limits(self.path, self.settings, channels=header.channels)
        if not LOWEST_RATE <= header.sample_rate <= HIGHEST_RATE:
            raise AudioError(
                f"its sample rate of {header.sample_rate} Hz is not between {LOWEST_RATE} and {HIGHEST_RATE}",
                subject=self.path,
                remedy="resample it to 44100 Hz",
            )
        self.duration(header.frames or 0, header.sample_rate)

    def duration(self, frames: int, rate: int) -> None:
        within_limits(self.path, self.settings, seconds=frames / rate)

    def samples(self, block: Block) -> None:
        if problem := implausible(block):
            raise AudioError(problem, subject=self.path, remedy="export it again, as 16- or 24-bit WAV")

    def length(self, header: Format, frames: int) -> None:
        seconds = frames / header.sample_rate
        promised = (header.frames or 0) / header.sample_rate
        # Programs that cut MP3s leave the frame count a little wrong; in other formats it is exact.
        slack = max(0.1, 0.002 * promised) if "MP3" in header.codec or "MPEG" in header.codec else 0.0
        if self.missing or promised - seconds > slack:
            of = f" of {promised:.1f} s" if promised > seconds else ""
            raise AudioError(
                f"it is cut short: {seconds:.1f} s{of} can be read",
                subject=self.path,
                remedy=_AGAIN,
            )
        if frames < SHORTEST_S * header.sample_rate:
            count = f"{frames} sample{'s' if frames != 1 else ''}"
            raise AudioError(
                f"it holds {count}, less than {SHORTEST_S:g} s of sound" if frames else "it holds no sound",
                subject=self.path,
                remedy="give a longer recording" if frames else _AGAIN,
            )

    def unreadable(self, error: _decoder_process.Unreadable, seconds: float) -> AudioError:
        if seconds:
            return AudioError(
                f"{error.problem}, after {seconds:.1f} s",
                subject=self.path,
                remedy=error.remedy,
            )
        kind = _container.kind_of(self.source.read(0, 64))
        if kind is not None and not _container.is_sound(kind):
            return AudioError(
                f"it is not sound but {kind}",
                subject=self.path,
                remedy="give an audio file",
            )
        if self.missing:
            return AudioError("it is cut short: nothing in it can be read", subject=self.path, remedy=_AGAIN)
        if kind is not None and error.problem == _decoder_process.NOTHING_KNOWN:
            return AudioError("it is damaged: nothing in it can be read", subject=self.path, remedy=_AGAIN)
        return AudioError(error.problem, subject=self.path, remedy=error.remedy)


def _count(frames: int | None) -> int | None:
    """Return a number of frames as a header says it; a damaged one may say less than none."""
    return None if frames is None else max(0, frames)


def _format(header: dict[str, Any]) -> Format:
    return Format(
        int(header["sample_rate"]),
        int(header["channels"]),
        _count(header["frames"]),
        _count(header["expected"]),
        str(header["codec"]),
    )


def _direct(source: Source) -> Generator[Any, None, None]:
    for kind, payload in _decoder_process.messages(source.descriptor):
        yield payload if kind == b"F" else np.frombuffer(payload, np.float32).copy()


def _isolated(source: Source, settings: Settings, blocks: int) -> Generator[Any, None, None]:
    # Slow codecs manage 20 seconds of sound in one second; anything slower is no honest file.
    seconds = 60 + math.ceil(min(settings.max_duration_s, _LONGEST_S) / 20)
    try:
        decoder = sandbox.start(source.descriptor, MEMORY_BYTES, seconds, blocks)
    except OSError as error:
        raise AudioError(
            f"the decoder cannot be started ({error.strerror or error})",
            subject=source.path,
            remedy="edm doctor looks at the installation; too many programs at once may be a cause",
        ) from None
    try:
        while True:
            kind, length = _MESSAGE_HEADER.unpack(_take(decoder, source, _MESSAGE_HEADER.size))
            if length > _LARGEST_MESSAGE:
                raise _broken(source, "answered nonsense")
            payload = _take(decoder, source, length)
            if kind == b"D":
                return
            if kind == b"B":
                yield np.frombuffer(payload, np.float32)
            elif kind == b"F":
                yield json.loads(bytes(payload))
            elif kind == b"X":
                raise _decoder_process.Unreadable(**json.loads(bytes(payload)))
            else:
                raise _broken(source, "answered nonsense")
    finally:
        decoder.stop()


def _take(decoder: sandbox.Decoder, source: Source, count: int) -> memoryview:
    """Read exactly ``count`` bytes from the decoder."""
    unset: Any = np.empty(count, np.uint8)
    data = view = memoryview(unset)
    while view:
        if not _is_readable(decoder.output, SILENCE_S):
            raise _broken(source, f"gave no sound for {SILENCE_S:g} s and was stopped")
        got = os.readv(decoder.output, [view])
        if not got:
            raise _broken(source, _ending(decoder.wait()))
        view = view[got:]
    return data


def _is_readable(descriptor: int, seconds: float) -> bool:
    poll = select.poll()  # unlike select, it takes any number of open files
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _ending(code: int) -> str:
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        return "was stopped because it took too much time or memory"
    if code < 0:
        return f"crashed ({signal.Signals(-code).name})"
    return f"stopped with status {code}"


def _broken(source: Source, what: str) -> AudioError:
    return AudioError(
        f"the decoder {what}",
        subject=source.path,
        remedy="convert it to FLAC or WAV first",
    )
