"""Tags: what a file says about itself in words, bounded and plain.

Tags are written by strangers. Only texts are kept, at most :data:`MOST_TAGS` of them with
:data:`LONGEST_TEXT` characters each, without control characters; nothing in them can make loading fail.
"""

from __future__ import annotations

import importlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from ._container import kind_of

MOST_TAGS = 64
LONGEST_TEXT = 500
_MOST_SEEN = 5_000  # mutagen takes time that grows with the square of the number of ID3 frames
_READ_BYTES = 8 << 20  # pictures are large; a hundred thousand tags are larger

# One name for what each family of formats calls differently (ID3v2, RIFF and MP4 names).
_NAMES = {
    "tit2": "title", "inam": "title", "\xa9nam": "title", "name": "title",
    "tpe1": "artist", "iart": "artist", "\xa9art": "artist", "author": "artist", "auth": "artist",
    "talb": "album", "iprd": "album", "\xa9alb": "album",
    "tpe2": "albumartist", "aart": "albumartist", "album_artist": "albumartist",
    "tdrc": "date", "tyer": "date", "icrd": "date", "\xa9day": "date", "year": "date",
    "tcon": "genre", "ignr": "genre", "\xa9gen": "genre",
    "tbpm": "bpm", "tmpo": "bpm",
    "tkey": "initialkey", "key": "initialkey",
    "comm": "comment", "icmt": "comment", "\xa9cmt": "comment", "description": "comment",
    "trck": "tracknumber", "itrk": "tracknumber", "trkn": "tracknumber", "track": "tracknumber",
    "tpub": "label", "organization": "label", "publisher": "label",
    "tcom": "composer", "\xa9wrt": "composer", "tsrc": "isrc", "tpe4": "remixer", "tlan": "language",
    "tcop": "copyright", "icop": "copyright", "cprt": "copyright",
    "tsse": "encoder", "tenc": "encoder", "isft": "encoder", "\xa9too": "encoder",
}  # fmt: skip
_FIRST = (
    "title",
    "artist",
    "album",
    "albumartist",
    "date",
    "genre",
    "bpm",
    "initialkey",
    "comment",
)
_READERS: dict[tuple[str | None, str], tuple[str, str]] = {
    ("mp3", ".mp3"): ("mutagen.mp3", "MP3"),
    ("flac", ".flac"): ("mutagen.flac", "FLAC"),
    ("wav", ".wav"): ("mutagen.wave", "WAVE"),
    ("aiff", ".aiff"): ("mutagen.aiff", "AIFF"),
    ("mp4", ".m4a"): ("mutagen.mp4", "MP4"),
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]+")


@dataclass(frozen=True, slots=True)
class Tags:
    """A file's title, artist and other tags, by lower-case name; absent is None, never an empty text."""

    title: str | None = None
    artist: str | None = None
    others: dict[str, str] = field(default_factory=dict)


def read_tags(path: str | os.PathLike[str]) -> Tags:
    """Return a file's tags; a file without tags, or with broken ones, has none.

    Parameters
    ----------
    path : path
        Any file; ID3, Vorbis comments, MP4 and RIFF tags are understood.
    """
    try:
        with open(path, "rb") as file:
            return _read(file)
    except OSError:
        return Tags()


def _read(file: Any) -> Tags:
    try:
        if _frames(file) > _MOST_SEEN:
            return Tags()
        file.seek(0)
        reader = _reader(file.read(64), Path(file.name).suffix.lower())
        file.seek(0)
        found = reader(_Bounded(file))
    except Exception:  # noqa: BLE001 - mutagen meets hostile bytes; tags are a courtesy, the sound is the matter
        return Tags()
    if found is None or found.tags is None:
        return Tags()
    texts: dict[str, str] = {}
    try:
        for name, value in _items(found.tags):
            text = plain_text(value)
            if name and text:
                texts.setdefault(name, text)
    except Exception:  # noqa: BLE001 - as above, for tags that are decoded when they are asked for
        return Tags()
    names = [name for name in _FIRST if name in texts]
    names += [name for name in texts if name not in _FIRST]
    kept = {name: texts[name] for name in names[:MOST_TAGS]}
    return Tags(kept.pop("title", None), kept.pop("artist", None), kept)


def _reader(head: bytes, extension: str) -> Any:
    """Return mutagen's reader: where content and name agree the one; else all are asked, and imported."""
    module, name = _READERS.get((kind_of(head), extension), ("mutagen", "File"))
    return getattr(importlib.import_module(module), name)


def _frames(file: Any) -> int:
    """Count the frames of an ID3 tag, at the start or in a chunk of WAV or AIFF, as far as it matters."""
    head = file.read(12)
    order = {b"RIFF": "little", b"FORM": "big"}.get(head[:4])
    for _ in range(_MOST_SEEN if order else 0):
        chunk = file.read(8)
        if len(chunk) < 8 or chunk[:4].lower() == b"id3 ":
            break
        size = int.from_bytes(chunk[4:], "little" if order == "little" else "big")
        file.seek(size + size % 2, os.SEEK_CUR)
    if not order:
        file.seek(0)
    tag = file.read(10)
    if len(tag) < 10 or tag[:3] != b"ID3":
        return 0
    width, seen = (3 if tag[3] == 2 else 4), 0
    while seen <= _MOST_SEEN:
        frame = file.read(6 if width == 3 else 10)
        if len(frame) < 6 or not frame[0]:
            break
        sizes = frame[width : 2 * width]
        shift = 7 if tag[3] == 4 and max(sizes) < 0x80 else 8
        file.seek(sum(byte << shift * index for index, byte in enumerate(reversed(sizes))), os.SEEK_CUR)
        seen += 1
    return seen


def plain_text(value: str) -> str:
    r"""Return text on one line, without control characters, cut to :data:`LONGEST_TEXT` characters.

    Examples
    --------
    >>> plain_text("Drop\x00 it \n now")
    'Drop it now'
    """
    cleaned = _CONTROL.sub(" ", value[: 4 * LONGEST_TEXT]).encode("utf-8", "replace").decode("utf-8")
    return " ".join(cleaned.split())[:LONGEST_TEXT].rstrip()


class _Bounded:
    """A file of which only so many bytes can be read in all; then it seems to end."""

    def __init__(self, file: Any) -> None:
        self._file, self._left = file, _READ_BYTES
        self.name = file.name

    def read(self, count: int = -1) -> bytes:
        wanted = self._left if count < 0 else min(count, self._left)
        data: bytes = self._file.read(wanted)
        self._left -= len(data)
        return data

    def seek(self, place: int, whence: int = 0) -> int:
        result: int = self._file.seek(place, whence)
        return result

    def tell(self) -> int:
        result: int = self._file.tell()
        return result


def _items(tags: Any) -> Iterator[tuple[str, str]]:
    """Yield (name, text) for whatever mutagen made: mappings, or the list of pairs of Vorbis comments."""
    pairs = iter(tags) if isinstance(tags, list) else ((key, tags[key]) for key in tags)
    for key, value in islice(pairs, _MOST_SEEN):
        name, text = _name(str(key), value), "; ".join(_texts(value))
        if text:
            yield name, text


def _name(key: str, value: Any) -> str:
    if key.startswith("TXXX"):
        key = getattr(value, "desc", key[5:])
    elif key.startswith("----:"):
        key = key.rsplit(":", 1)[-1]
    else:
        key = key.split(":", 1)[0]
    key = plain_text(key).lower()[:60]
    return _NAMES.get(key, key)


def _texts(value: Any) -> Iterable[str]:
    if hasattr(value, "text"):  # an ID3 text frame
        value = value.text
    elif type(value).__module__.startswith("mutagen.id3"):
        return  # a picture, a private frame
    for item in value if isinstance(value, list | tuple) else [value]:
        if isinstance(item, tuple):  # MP4's track number and total
            item = "/".join(str(part) for part in item if part)
        if isinstance(item, bytes):
            if type(item).__name__ == "MP4Cover":
                continue
            item = item.decode("utf-8", "replace")
        if isinstance(item, str | int | float) or type(item).__name__ == "ID3TimeStamp":
            yield str(item)
