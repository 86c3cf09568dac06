"""Sound files: what reads their structure here, what reads their tags, and the codecs in their sandbox."""

from __future__ import annotations

import atexit
import io
import os
import shutil
import struct
import tempfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from edm_core.errors import AudioError
from edm_core.settings import Settings

from ..running import Target

_RATE = 8_000
_CHUNKS = (
    b"RIFF", b"WAVE", b"fmt ", b"data", b"LIST", b"id3 ", b"ds64", b"RF64", b"FORM", b"AIFF", b"SSND", b"COMM", b"fLaC", b"OggS",
    b"OpusHead", b"OpusTags", b"vorbis", b"ID3\x04\x00\x00", b"TAG", b"APETAGEX", b"Xing", b"LAME", b"VBRI", b"ftyp", b"moov", b"trak",
    b"mdat", b"udta", b"meta", b"stsz", b"stts", b"esds", b"edts", b"elst", b"\x1aE\xdf\xa3", b"\xff\xfb\x90\x00", b"\xff\xf1",
    struct.pack("<I", 0xFFFFFFF0), struct.pack(">I", 0x7FFFFFF0), struct.pack(">Q", 1 << 62),
)  # fmt: skip


@cache
def _folder() -> Path:
    shared = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="edm-fuzz-", dir=shared if shared.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _samples(seconds: float, channels: int) -> np.ndarray:
    chance = np.random.default_rng(7)
    return (chance.standard_normal((int(seconds * _RATE), channels)) * 0.1).astype(np.float32)


def _by_soundfile(container: str, subtype: str, rate: int = _RATE) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, _samples(0.4, 2), rate, format=container, subtype=subtype)
    return file.getvalue()


def _by_ffmpeg(container: str, codec: str, rate: int = 48_000) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream: Any = output.add_stream(codec, rate=rate)
        stream.layout = "stereo"
        form = stream.codec_context.codec.audio_formats[0]
        size = stream.codec_context.frame_size or 1024
        samples = np.tile(_samples(0.4, 2), (6, 1))
        for start in range(0, len(samples), size):
            block = samples[start : start + size]
            if form.name.startswith("s16"):
                block = (block * 32_767).astype(np.int16)
            planes = block.T if form.is_planar else block.reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(planes), form.name, "stereo")
            frame.sample_rate, frame.pts = rate, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


_MAKERS: dict[str, Callable[[], bytes]] = {
    "wav": lambda: _by_soundfile("WAV", "PCM_16"),
    "rf64": lambda: _by_soundfile("RF64", "PCM_24"),
    "aiff": lambda: _by_soundfile("AIFF", "FLOAT"),
    "flac": lambda: _by_soundfile("FLAC", "PCM_16"),
    "mp3": lambda: _by_soundfile("MP3", "MPEG_LAYER_III"),
    "vorbis": lambda: _by_soundfile("OGG", "VORBIS"),
    "opus": lambda: _by_ffmpeg("ogg", "libopus"),
    "m4a": lambda: _by_ffmpeg("mp4", "aac"),
    "webm": lambda: _by_ffmpeg("webm", "libopus"),
    "aac": lambda: _by_ffmpeg("adts", "aac"),
}


@cache
def _made(name: str) -> bytes:
    return _MAKERS[name]()


def _all() -> Sequence[bytes]:
    return tuple(_with_tags(_made(name), name) for name in _MAKERS)


@cache
def _with_tags(data: bytes, name: str) -> bytes:
    """A file as music shops sell them: with a title and an artist."""
    import mutagen

    path = _folder() / f"tagged.{'m4a' if name == 'm4a' else 'ogg' if name == 'vorbis' else name}"
    path.write_bytes(data)
    try:
        file = mutagen.File(path, easy=True)
        if file is None:
            return data
        if file.tags is None:
            file.add_tags()
        file["title"], file["artist"] = "A – Titel", "Ø"
        file.save()
    except Exception:  # formats that hold no such tags
        return data
    return path.read_bytes()


def _structure(data: bytes) -> None:
    from edm_core.audio import _container

    reads = 0

    def read(start: int, count: int) -> bytes:
        nonlocal reads
        reads += 1
        assert start >= 0
        assert 0 <= count <= 70_000
        return data[start : start + count]

    kind = _container.kind_of(data[:64])
    missing = _container.missing_end(read, len(data))
    assert missing >= 0
    assert kind is None or kind
    assert reads <= 10_010


def _untagged(data: bytes) -> None:
    from edm_core.audio._untagged import Untagged

    descriptor = _open(data)
    try:
        file = Untagged(descriptor)
        read = 0
        while block := file.read(65_536):
            read += len(block)
            assert read <= len(data) + 100
        assert file.seek(0, os.SEEK_END) >= 0
        assert file.read(10) == b""
        assert not file.remaining > 0
    finally:
        os.close(descriptor)


def _tags(data: bytes) -> None:
    from edm_core.audio.tags import LONGEST_TEXT, MOST_TAGS, read_tags

    endings = (".mp3", ".flac", ".wav", ".aiff", ".m4a", ".ogg", ".aac")
    path = _folder() / f"tags{endings[len(data) % len(endings)]}"
    path.write_bytes(data)
    tags = read_tags(path)
    texts = [text for text in (tags.title, tags.artist, *tags.others.values()) if text is not None]
    assert len(texts) <= MOST_TAGS
    assert all(0 < len(text) <= LONGEST_TEXT and text.isprintable() for text in texts)


def _probe(data: bytes) -> None:
    from edm_core.audio.probing import probe

    found = probe(_file(data), Settings())
    assert found.duration is None or found.duration >= 0
    assert 0 < found.channels <= 8


def _decoded(data: bytes) -> None:
    from edm_core.audio.decode import decoding
    from edm_core.audio.identity import opened

    with opened(_file(data), settings := Settings()) as source, decoding(source, settings) as stream:
        for block in stream.blocks():
            assert block.shape[1] == stream.format.channels
            assert np.isfinite(block).all()


def _file(data: bytes) -> Path:
    path = _folder() / "sound"
    path.write_bytes(data)
    return path


def _open(data: bytes) -> int:
    return os.open(_file(data), os.O_RDONLY)


TARGETS = (
    Target("sound-structure", _all, _structure, tokens=_CHUNKS),
    Target("sound-untagged", _all, _untagged, tokens=_CHUNKS),
    Target("sound-tags", _all, _tags, tokens=_CHUNKS, seconds=10.0),
    Target("sound-probe", _all, _probe, (AudioError,), _CHUNKS, wall=30.0),
    Target("sound-decoder", _all, _decoded, (AudioError,), _CHUNKS, wall=30.0),
)
