"""A sound file as if it had no tags: what the codecs get to read.

Both libsndfile and FFmpeg take time that grows with the square of the number of tags; a hundred thousand of
them stop either for minutes. Tags are read elsewhere, with a limit, so here they are left out: ID3 in front
of the sound, FLAC's metadata blocks, and MP4's user data.

This runs in the decoder process.
"""

from __future__ import annotations

import io
import os
import struct
from typing import Any

_MOST_BLOCKS = 10_000
_LARGE_BYTES = 1 << 16


class Untagged(io.RawIOBase):
    """An open file, read through positions of its own: ``prefix``, then the file from ``start`` on.

    ``patches`` maps places in the file to bytes that stand there instead.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor, self._place = descriptor, 0
        self._size = os.fstat(descriptor).st_size
        self.start = _after_id3(descriptor)
        self.prefix = b""
        self.patches: dict[int, bytes] = {}
        head = os.pread(descriptor, 12, self.start)
        if head[:4] == b"fLaC":
            self.prefix, self.start = _flac(descriptor, self.start)
        elif head[4:8] == b"ftyp" and not self.start:
            self.patches = _mp4(descriptor, self._size)
        self.start = min(self.start, self._size)  # tags may be said to reach beyond the end

    @property
    def changed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.start or self.patches)

    @property
    def remaining(self) -> int:
        """Bytes after the current position."""
        return self._length - self._place

    @property
    def _length(self) -> int:
        return len(self.prefix) + self._size - self.start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = (0, self._place, self._length)[whence]
        self._place = max(0, base + offset)
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer).cast("B")
        front = self.prefix[self._place : self._place + len(view)]
        place = self._place + len(front) - len(self.prefix) + self.start
        data = front + self._patched(place, os.pread(self._descriptor, len(view) - len(front), place))
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _patched(self, place: int, data: bytes) -> bytes:
        for where, patch in self.patches.items():
            if where < place + len(data) and place < where + len(patch):
                changed = bytearray(data)
                for index, byte in enumerate(patch, where - place):
                    if 0 <= index < len(data):
                        changed[index] = byte
                data = bytes(changed)
        return data


def _after_id3(descriptor: int) -> int:
    place = 0
    for _ in range(8):  # some programs put a second tag in front of the first
        head = os.pread(descriptor, 10, place)
        if len(head) < 10 or head[:3] != b"ID3":
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        place += 10 + size + (10 if head[5] & 0x10 else 0)
    return place


def _flac(descriptor: int, start: int) -> tuple[bytes, int]:
    """Return the stream information as the only metadata block, and where the sound begins."""
    information, place = b"", start + 4
    for _ in range(_MOST_BLOCKS):
        head = os.pread(descriptor, 4, place)
        if len(head) < 4:
            break
        size = int.from_bytes(head[1:], "big")
        if head[0] & 0x7F == 0:
            information = os.pread(descriptor, size, place + 4)
        place += 4 + size
        if head[0] & 0x80:
            if len(information) != 34:
                break
            return b"fLaC\x80\x00\x00\x22" + information, place
    return b"", start


def _mp4(descriptor: int, size: int) -> dict[int, bytes]:
    """Return patches that turn large user data of the movie into free space."""
    patches: dict[int, bytes] = {}
    boxes = [(0, size)]
    for _ in range(_MOST_BLOCKS):
        if not boxes:
            break
        place, end = boxes.pop()
        if place + 8 > min(end, size):  # a box may say that it ends far beyond the file
            continue
        head = os.pread(descriptor, 16, place)
        if len(head) < 8:
            continue
        length: int = struct.unpack(">I", head[:4])[0]
        inside = 8
        if length == 1 and len(head) == 16:
            length, inside = struct.unpack(">Q", head[8:])[0], 16
        length = length or end - place
        if length < inside:
            continue
        boxes.append((place + length, end))
        if head[4:8] in (b"udta", b"meta") and length > _LARGE_BYTES:
            patches[place + 4] = b"free"
        elif head[4:8] in (b"moov", b"trak"):
            boxes.append((place + inside, place + length))
    return patches
