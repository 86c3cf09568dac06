"""The process that decodes: it alone runs the codecs, on one open file, under limits of its own.

A damaged or hostile file can make a codec crash, hang or ask for all memory. Here that costs one short-lived
process. It is forked by a process that is ready (:mod:`._ready_process`) or, where that cannot be had,
started as a script. It gets the file as an open descriptor and writes messages to its standard output; each
is a kind (one byte), a length (four bytes, little-endian) and that many bytes:

``F``  JSON: ``sample_rate``, ``channels``, ``frames`` (what the file promises, or null), ``expected``
       (a guess for showing progress, or null), ``codec``
``B``  32-bit floats, channels interleaved
``D``  nothing: the end of the sound
``X``  JSON: ``problem`` and ``remedy``; nothing follows

The script imports next to nothing of the package, so that it starts in a tenth of a second. libsndfile is
asked first, FFmpeg (through PyAV) for what libsndfile does not read. Both honour the gapless tags of MP3, the
pre-skip of Opus and the edit list of MP4, so that time zero is the first sample that was encoded.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import struct
import sys
import types
import typing
from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import Any

BLOCK_FRAMES = 65_536
HEADER = struct.Struct("<cI")

# FFmpeg guesses by content, and some of its "formats" open further files or addresses: only these may be.
FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,aac,mp3,flac,wav,w64,aiff,caf,au"
_UNKNOWN_LENGTH = 1 << 48  # libsndfile's "no idea" is 2^63 - 1
_MARGIN_FRAMES = 4096  # longest padding an encoder adds at the end

_LONGEST_GAP_S = 1.0  # recorders of live sound leave shorter ones
_TRAILING_BYTES = 1 << 17  # what tags may take up after an MP3
_OGG_HEAD_BYTES = 1 << 17  # two of the largest pages
_MOST_CHANNELS = 64

NOTHING_KNOWN = "it is not sound in a format known here"
_DAMAGED = "export or download it again"
_CONVERT = "convert it to FLAC or WAV first"


class Unreadable(Exception):
    """The file cannot be decoded: what is wrong, and what to do."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def messages(descriptor: int) -> Iterator[tuple[bytes, Any]]:
    """Decode an open file: ``(b"F", format)`` once, then ``(b"B", buffer)`` for each block.

    A buffer is overwritten by the next; copy what is to be kept.

    Raises
    ------
    Unreadable
        If there is no sound that can be decoded, or decoding fails midway.
    """
    from edm_core.audio._untagged import Untagged  # by its whole name: this module also runs as a script

    file = Untagged(descriptor)
    if not _is_for_ffmpeg(file, descriptor):
        started = yield from _with_libsndfile(file, descriptor)
        if started:
            return
    file.seek(0)
    yield from _with_ffmpeg(file)


def _is_for_ffmpeg(file: Any, descriptor: int) -> bool:
    """Whether FFmpeg is the better reader, although libsndfile may read the file too."""
    head = os.pread(descriptor, _OGG_HEAD_BYTES, 0)
    if head[:4] == b"OggS":
        # It takes minutes for many tags: pages of the header are at position zero, or at none (-1).
        places = [match.start() for match in re.finditer(b"OggS", head)]
        few_tags = any(head[place + 6 : place + 14].strip(b"\0\xff") for place in places)
        # libsndfile needs three times as long for Opus, and ends where a radio stream changes its song.
        return few_tags and (b"OpusHead" in head[:64] or _is_chained(descriptor))
    frame = os.pread(descriptor, 2048, file.start)
    if frame[:1] == b"\xff" and (mark := max(frame.find(b"Xing"), frame.find(b"Info"))) > 0:
        flags, _, size = struct.unpack(">III", frame[mark + 4 : mark + 16].ljust(12, b"\0"))
        # Several MP3s in one file: libsndfile would end with the first.
        return bool(flags & 3 == 3 and file.remaining > 1.1 * size + _TRAILING_BYTES / 4)
    return False


def _is_chained(descriptor: int) -> bool:
    """Whether an Ogg file begins anew somewhere after its beginning."""
    place, begun = 0, True
    while True:
        head = os.pread(descriptor, 27 + 255, place)
        if len(head) < 27 or head[:4] != b"OggS":
            return False
        starts = bool(head[5] & 2)
        if starts and not begun:
            return True
        begun = begun and starts  # several streams side by side all begin first
        place += 27 + head[26] + sum(head[27 : 27 + head[26]])


def _with_libsndfile(file: Any, descriptor: int) -> Generator[tuple[bytes, Any], None, bool]:
    """Return False, having yielded nothing, if libsndfile cannot read the file."""
    soundfile = _soundfile()
    os.lseek(descriptor, 0, os.SEEK_SET)
    try:
        sound = soundfile.SoundFile(file if file.changed else descriptor, closefd=False)
    except soundfile.LibsndfileError:
        return False
    with sound:
        channels = sound.channels
        length = sound.frames if 0 < sound.frames < _UNKNOWN_LENGTH else None
        if sound.format == "FLAC" and length is None:
            return False  # libsndfile stumbles at the end of FLAC that was written to a pipe
        # Without a Xing header libsndfile extrapolates from the first frames.
        is_mp3 = sound.subtype.startswith("MPEG")
        counted = not is_mp3 or _counts_its_frames(descriptor, file.start)
        header = {
            "sample_rate": sound.samplerate,
            "channels": channels,
            "frames": length if counted else None,
            "expected": length,
            "codec": f"{sound.format} {sound.subtype}",
        }
        yield b"F", header
        if channels > _MOST_CHANNELS:  # where the reader, who knows the limit, has not refused it already
            raise Unreadable(f"its {channels} channels are more than can be decoded", "mix it down")
        buffer = bytearray(BLOCK_FRAMES * channels * 4)
        try:
            while count := sound.buffer_read_into(buffer, "float32"):
                yield b"B", memoryview(buffer)[: count * channels * 4]
        except soundfile.LibsndfileError as error:
            raise Unreadable(f"it is damaged midway ({_brief(error)})", _DAMAGED) from None
        if is_mp3:
            _check_read_to_the_end(file, descriptor)
        return True


def _soundfile() -> Any:
    """Return the module; what only its annotations need is not imported for it.

    Those are NumPy and typing_extensions: together they take as long as decoding 40 s of MP3.
    """
    if "soundfile" not in sys.modules and "numpy" not in sys.modules:
        numpy: Any = types.ModuleType("numpy")
        numpy.ndarray, numpy.dtype = dict, list  # anything that takes as many parameters
        numpy.float32 = numpy.float64 = float
        numpy.int32 = numpy.int16 = int
        stand_ins = {"numpy": numpy, "typing_extensions": typing}
        sys.modules.update(stand_ins)
        try:
            with suppress(Exception):  # a version that needs more: imported below, with all it needs
                importlib.import_module("soundfile")
        finally:
            for name in stand_ins:
                del sys.modules[name]
    return importlib.import_module("soundfile")


def _counts_its_frames(descriptor: int, start: int) -> bool:
    """Whether an MP3 carries a Xing, Info or VBRI header, which says how many frames follow."""
    first = os.pread(descriptor, 2048, start)
    return any(word in first for word in (b"Xing", b"Info", b"VBRI"))


def _check_read_to_the_end(file: Any, descriptor: int) -> None:
    """MP3's decoder stops without a word where it finds no more frames."""
    place = file.tell() + file.start if file.changed else os.lseek(descriptor, 0, os.SEEK_CUR)
    left = os.fstat(descriptor).st_size - place
    if left > _TRAILING_BYTES and b"APETAGEX" not in os.pread(descriptor, 4096, place + left - 4096):
        raise Unreadable(f"it is damaged midway ({left} bytes are no MP3)", _DAMAGED)


def _with_ffmpeg(file: Any) -> Iterator[tuple[bytes, Any]]:
    import av

    av.logging.set_level(None)
    options = {"format_whitelist": FORMATS, "protocol_whitelist": ""}
    try:
        container = av.open(file, options=options, buffer_size=1 << 18)
    except (av.error.FFmpegError, ValueError, UnicodeError):
        raise Unreadable(NOTHING_KNOWN, _CONVERT) from None
    with container:
        stream = container.streams.best("audio") if container.streams.audio else None
        if stream is None:
            raise Unreadable("it holds no audio stream", "give a file with sound in it")
        yield from _ffmpeg_stream(container, stream)


def _ffmpeg_stream(container: Any, stream: Any) -> Iterator[tuple[bytes, Any]]:
    import av

    if stream.codec_context is None:
        raise Unreadable("its codec is unknown here", _CONVERT)
    stream.codec_context.thread_count = 1
    sound: _Interleaved | None = None
    clock: float | None = None
    try:
        for frame in container.decode(stream):
            clock = _checked_time(frame, clock)
            if sound is None:
                sound = _Interleaved(frame)
                yield b"F", _ffmpeg_header(container, stream, sound)
            sound.add(frame)
            yield from sound.blocks(_MARGIN_FRAMES)
        if sound is not None:
            sound.finish()
    except (av.error.FFmpegError, ValueError) as error:
        extent = "midway" if sound is not None else "from the start"
        raise Unreadable(f"it is damaged {extent} ({_brief(error)})", _DAMAGED) from None
    if sound is None:
        raise Unreadable("it is damaged: nothing in it can be read", _DAMAGED)
    sound.cut(_promised_by_mp4(container, stream, sound.rate))
    yield from sound.blocks(0)
    if sound.pending:
        yield b"B", bytes(sound.pending)


class _Interleaved:
    """FFmpeg's frames as one stream of interleaved floats, at the rate and channels of the first frame."""

    def __init__(self, first: Any) -> None:
        self.rate, self.layout = first.sample_rate, first.layout
        self.channels = first.layout.nb_channels
        self.pending = bytearray()
        self._frame_bytes = 4 * self.channels
        self._given = 0
        self._shape: tuple[str, str, int] | None = None
        self._resampler: Any = None

    def add(self, frame: Any) -> None:
        import av

        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:  # also midway: radio streams change between mono and stereo
            self.finish()
            self._resampler = av.AudioResampler(format="flt", layout=self.layout, rate=self.rate)
            self._shape = shape
        self._append(frame)

    def finish(self) -> None:
        if self._resampler is not None:
            self._append(None)

    def blocks(self, keep: int) -> Iterator[tuple[bytes, Any]]:
        """Yield whole blocks while more than ``keep`` frames stay behind."""
        size = BLOCK_FRAMES * self._frame_bytes
        while len(self.pending) >= size + keep * self._frame_bytes:
            yield b"B", bytes(self.pending[:size])
            del self.pending[:size]
            self._given += BLOCK_FRAMES

    def cut(self, promise: int | None) -> None:
        """Drop the encoder's padding, without which MP4 states the length."""
        if promise:
            excess = self._given + len(self.pending) // self._frame_bytes - promise
            if 0 < excess <= _MARGIN_FRAMES:
                del self.pending[-excess * self._frame_bytes :]

    def _append(self, frame: Any) -> None:
        for ready in self._resampler.resample(frame):
            self.pending += memoryview(ready.planes[0])[: ready.samples * self._frame_bytes]


def _ffmpeg_header(container: Any, stream: Any, sound: _Interleaved) -> dict[str, Any]:
    expected = None
    if stream.duration and stream.time_base:
        expected = int(stream.duration * stream.time_base * sound.rate)
    elif container.duration:
        expected = int(container.duration * sound.rate / 1_000_000)
    name = f"{container.format.name} {stream.codec_context.name}"
    return {
        "sample_rate": sound.rate,
        "channels": sound.channels,
        "frames": None,
        "expected": expected,
        "codec": name,
    }


def _promised_by_mp4(container: Any, stream: Any, rate: int) -> int | None:
    if "mp4" not in container.format.name or not stream.duration:
        return None
    return round(float(stream.duration * stream.time_base) * rate)


def _checked_time(frame: Any, clock: float | None) -> float | None:
    """Return when the frame ends; a jump forward since the last one means that sound is missing between."""
    if frame.time is None or not frame.sample_rate:
        return None
    if clock is not None and frame.time - clock > _LONGEST_GAP_S:
        raise Unreadable(f"it is damaged midway ({frame.time - clock:.1f} s are missing)", _DAMAGED)
    return float(frame.time + frame.samples / frame.sample_rate)


def _brief(error: Exception) -> str:
    words = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return words.splitlines()[0][:120]


def prepare() -> None:
    """Import what decoding imports; a process that may open nothing can then decode."""
    _soundfile()
    for name in ("resource", "av", "av.subtitles.stream", "edm_core.audio._untagged"):
        importlib.import_module(name)


def limit(memory: int, seconds: int, files: int) -> None:
    """Limit this process for good: bytes of address space, seconds of computing, and open files."""
    import resource

    for kind, value in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, files),
    ):
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            continue  # macOS has no limit of address space; the others still hold


def answer(descriptor: int, memory: int, blocks: int) -> int:
    """Write the messages of a file to standard output; return the status to end with.

    Parameters
    ----------
    descriptor : int
        The open file.
    memory : int
        The limit, for saying what it is.
    blocks : int
        How many blocks are wanted; 0 for all.
    """
    given = 0
    try:
        for kind, payload in messages(descriptor):
            _write(kind, json.dumps(payload).encode() if isinstance(payload, dict) else payload)
            given += kind == b"B"
            if blocks and given >= blocks:
                break
        _write(b"D", b"")
    except Unreadable as error:
        _write(b"X", json.dumps({"problem": error.problem, "remedy": error.remedy}).encode())
    except MemoryError:
        problem = f"decoding it takes more than {memory // 1_000_000} MB of memory"
        _write(b"X", json.dumps({"problem": problem, "remedy": _CONVERT}).encode())
    except BrokenPipeError:
        return 1  # nobody listens any more
    return 0


def _write(kind: bytes, payload: Any) -> None:
    for part in (HEADER.pack(kind, len(payload)), payload):
        view = memoryview(part)
        while view:
            view = view[os.write(1, view) :]


def main(arguments: list[str]) -> int:
    """Run as ``script descriptor memory cpu-seconds blocks path…``, where the paths are for imports."""
    descriptor, memory, seconds, blocks = map(int, arguments[:4])
    sys.path[:] = arguments[4:]
    limit(memory, seconds, files=64)
    return answer(descriptor, memory, blocks)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
