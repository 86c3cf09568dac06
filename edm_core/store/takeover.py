"""The library of earlier versions: folders of files, taken over into the database and the blobs, once.

Below ``<data_dir>/library`` it had for each recording::

    ab/abcdef…/entry.json      what a card shows
    ab/abcdef…/timeline.json   the newest analysis
    ab/abcdef…/source          the bytes, if they were uploaded

Each is taken over by itself: its bytes are renamed (or sent, where blobs lie elsewhere), its analysis becomes
a blob, its row is written, and last its folder goes. Cut off anywhere, the next opening goes on with it. One
that cannot be read is set aside in ``library/.unread`` with all its files.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .._codec import decode
from .._files import locked, made
from ..errors import EdmError, StorageError
from ..timeline import Timeline
from .blobs import Blobs, key_for
from .entry import Entry

if TYPE_CHECKING:
    from .database import Database

_SHELF = re.compile(r"[0-9a-f]{2}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_log = logging.getLogger(__name__)


def is_earlier(folder: Path) -> bool:
    """Whether a folder holds recordings as earlier versions kept them."""
    try:
        return any(_SHELF.fullmatch(item.name) for item in os.scandir(folder))
    except OSError:
        return False


def take_over(folder: Path, database: Database, blobs: Blobs) -> int:
    """Take over what an earlier version left in a folder; return how many recordings there were."""
    taken = 0
    with locked(folder / ".lock"):  # another process may be at it, or have done it by now
        for shelf in [item for item in folder.iterdir() if _SHELF.fullmatch(item.name)]:
            for place in [item for item in shelf.iterdir() if _DIGEST.fullmatch(item.name)]:
                try:
                    _take(place, database, blobs)
                except (EdmError, OSError, ValueError, TypeError, KeyError) as error:
                    if not isinstance(error, EdmError | ValueError):
                        raise
                    aside = made(folder / ".unread") / place.name
                    _log.warning("%s cannot be read (%s) and is set aside in %s", place, error, aside)
                    place.rename(aside)
                else:
                    taken += 1
            if not any(shelf.iterdir()):
                shelf.rmdir()
    return taken


def _take(place: Path, database: Database, blobs: Blobs) -> None:
    from . import entries

    digest = place.name
    try:
        entry = decode(Entry, json.loads((place / "entry.json").read_bytes()), str(place / "entry.json"))
    except FileNotFoundError:
        if (place / "source").exists():
            raise StorageError("its entry is missing", subject=str(place)) from None
        shutil.rmtree(place)  # all of it is taken over
        return
    text, timeline = _analysis(place)
    source = place / "source"
    size = None
    if source.is_file():
        size = source.stat().st_size
        blobs.put(key_for("sources", digest), source)
    elif entry.path is None:
        size = blobs.size(key_for("sources", digest))  # moved before it was cut off
    newest = hashlib.sha256(text).hexdigest() if text else None
    if newest and text:
        blobs.put(key_for("timelines", newest), text)
    with database.writing() as connection:
        if entries.read(connection, entry.id) is None:
            lost = entry.status == "done" and newest is None
            entry = replace(entry, size=_size(entry, size), status="queued" if lost else entry.status)
            entries.add(connection, entry)
            # The card stays as it was, with what people say; the models' columns come from the analysis.
            found = entries.found_in(timeline) if timeline else {}
            columns = {name: found[name] for name in ("bpm", "key", "speech") if name in found}
            entries.change(connection, entry.id, timeline=newest, **columns)
    (place / "entry.json").unlink()
    shutil.rmtree(place)


def _analysis(place: Path) -> tuple[bytes | None, Timeline | None]:
    try:
        text = (place / "timeline.json").read_bytes()
        return text, Timeline.from_json(text.decode())
    except FileNotFoundError:
        return None, None
    except (EdmError, ValueError) as error:
        _log.warning("%s cannot be read (%s): the recording is to be analysed again", place, error)
        return None, None


def _size(entry: Entry, size: int | None) -> int | None:
    if size is None and entry.path:
        with suppress(OSError):
            size = Path(entry.path).stat().st_size
    return size
