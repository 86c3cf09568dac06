"""What the outermost structure of a sound file says about itself: its kind, and whether its end is missing.

Codecs read a shortened file as a shorter recording and say nothing. But most containers state how long they
are, so a download that broke off can be told from a short recording. Only sizes are read here, never sound.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

Read = Callable[[int, int], bytes]
"""``read(start, count)`` returns up to ``count`` bytes from ``start``."""

_MOST_CHUNKS = 10_000  # a hostile file may hold millions of empty ones
_STREAMED = (
    0,
    0xFFFFFFFF,
    0x7FFFFFFF,
)  # sizes that writers leave who could not go back to fill them in


@dataclass(frozen=True, slots=True)
class _Signature:
    place: int
    mark: bytes
    kind: str


_SIGNATURES = tuple(
    _Signature(place, mark, kind)
    for place, mark, kind in (
        (8, b"WAVE", "wav"),
        (8, b"AIFF", "aiff"),
        (8, b"AIFC", "aiff"),
        (4, b"ftyp", "mp4"),
        (0, b"fLaC", "flac"),
        (0, b"OggS", "ogg"),
        (0, b"\x1a\x45\xdf\xa3", "matroska"),
        (0, b"ID3", "mp3"),
        (0, b"ADIF", "aac"),
        (0, b"PK\x03\x04", "a ZIP archive"),
        (0, b"PK\x05\x06", "a ZIP archive"),
        (0, b"\x1f\x8b", "a gzip archive"),
        (0, b"7z\xbc\xaf", "a 7z archive"),
        (0, b"Rar!", "a RAR archive"),
        (0, b"%PDF", "a PDF document"),
        (0, b"\x89PNG", "a PNG picture"),
        (0, b"\xff\xd8\xff", "a JPEG picture"),
        (0, b"GIF8", "a GIF picture"),
        (0, b"\x7fELF", "a program"),
        (0, b"MZ", "a program"),
        (0, b"#!", "a script"),
    )
)


def kind_of(head: bytes) -> str | None:
    """Return what a file's first bytes show it to be: ``"wav"``, …, or None if they show nothing.

    What is not sound comes with its article (``"a ZIP archive"``, ``"text"``).

    Examples
    --------
    >>> kind_of(b"fLaC" + bytes(60)), kind_of(b"Hello, this is not sound at all.")
    ('flac', 'text')
    """
    for signature in _SIGNATURES:
        if head[signature.place : signature.place + len(signature.mark)] == signature.mark:
            if signature.kind in ("wav", "aiff") and head[:4] not in (
                b"RIFF",
                b"RF64",
                b"FORM",
                b"BW64",
            ):
                continue
            return signature.kind
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "aac"
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0:
        return "mp3"
    if head and not any(byte < 9 or 13 < byte < 27 for byte in head):
        return "text"
    return None


def is_sound(kind: str | None) -> bool:
    """Whether :func:`kind_of` named a kind of sound file."""
    return kind is not None and kind != "text" and " " not in kind


def missing_end(read: Read, size: int) -> int:
    """Return how many bytes the file's structure promises beyond its end; 0 if none, or if it cannot tell.

    For Ogg, which states no length, 1 means that the last page is not marked as the last.
    """
    kind = kind_of(read(0, 64))
    if kind == "wav":
        return _riff(read, size, "<")
    if kind == "aiff":
        return _riff(read, size, ">")
    if kind == "mp4":
        return _mp4(read, size)
    if kind == "matroska":
        return _matroska(read, size)
    if kind == "ogg":
        return _ogg(read, size)
    return 0


def _riff(read: Read, size: int, order: str) -> int:
    """Only the sound's own chunk counts: programs that write tags often leave the others wrong."""
    place, wide = 12, None
    if read(0, 4) in (b"RF64", b"BW64"):  # sizes beyond 32 bits are in a chunk of their own, the first
        head = read(12, 24)
        wide = struct.unpack("<Q", head[16:])[0] if head[:4] == b"ds64" and len(head) == 24 else 0
    sound = {"<": b"data", ">": b"SSND"}[order]
    for _ in range(_MOST_CHUNKS):
        head = read(place, 8)
        if len(head) < 8:
            return 0
        length: int = struct.unpack(f"{order}I", head[4:])[0]
        if head[:4] == sound:
            if wide and length == 0xFFFFFFFF:
                return max(0, place + 8 + wide - size)
            if length in _STREAMED or length >= 0xFFFFF000 or 0x7FFFF000 <= length <= 0x7FFFFFFF:
                return 0
            return max(0, place + 8 + length - size)
        place += 8 + length + length % 2
    return 0


def _mp4(read: Read, size: int) -> int:
    place = 0
    for _ in range(_MOST_CHUNKS):
        head = read(place, 16)
        if len(head) < 8:
            return 0
        length: int = struct.unpack(">I", head[:4])[0]
        if length == 1 and len(head) == 16:
            length = struct.unpack(">Q", head[8:])[0]
        if length < 8:  # 0: up to the end of the file
            return 0
        if place + length > size:
            return place + length - size
        place += length
    return 0


def _matroska(read: Read, size: int) -> int:
    head = read(0, 4096)
    place = 4
    length, width = _ebml_size(head[place : place + 8])
    if length is None:
        return 0
    place += width + length
    if head[place : place + 4] != b"\x18\x53\x80\x67":
        return 0
    length, width = _ebml_size(head[place + 4 : place + 12])
    return 0 if length is None else max(0, place + 4 + width + length - size)


def _ebml_size(data: bytes) -> tuple[int | None, int]:
    """Return an EBML length and its width in bytes; None if it is unknown, as live recorders write it."""
    if not data or not data[0]:
        return None, 1
    width = 9 - data[0].bit_length()
    if len(data) < width:
        return None, width
    value = int.from_bytes(data[:width], "big") & ((1 << 7 * width) - 1)
    return (None if value == (1 << 7 * width) - 1 else value), width


def _ogg(read: Read, size: int) -> int:
    start = max(0, size - 70_000)  # a page has at most 65,307 bytes
    tail = read(start, 70_000)
    place = tail.rfind(b"OggS\x00")
    if place < 0 or len(tail) < place + 27:
        return 1
    segments = tail[place + 26]
    length = 27 + segments + sum(tail[place + 27 : place + 27 + segments])
    return 0 if tail[place + 5] & 4 and place + length <= len(tail) else 1
