"""Entering a recording: its entry stands only when its bytes do, and its owner has room for them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import StorageError
from ..settings import Settings
from . import entries
from .blobs import Blobs, key_for
from .database import Database, now_of
from .entry import Entry


class QuotaError(StorageError):
    """An upload that would take its owner beyond the quota."""


def enter(
    base: Database, blobs: Blobs, settings: Settings, entry: Entry, draft: Path | None = None
) -> tuple[Entry, bool]:
    """Enter a recording; return its entry as it stands now, and whether it is new.

    Parameters
    ----------
    base : Database
        Where entries are.
    blobs : Blobs
        Where the bytes of uploads are.
    settings : Settings
        How much room an owner has.
    entry : Entry
        As it would be if it were new.
    draft : Path, optional
        The bytes of an upload; they are moved from there.

    Raises
    ------
    QuotaError
        If its owner has no room for it.
    """
    key = key_for("sources", entry.digest)
    if draft is not None and blobs.is_remote:
        with base.reading() as connection:
            is_new = entries.read(connection, entry.id) is None
            used = entries.uploads_of(connection, entry.owner)[1]
        if is_new:
            _check_room(settings, entry, used)
            blobs.put(key, draft)  # before anybody has to wait for it
    with base.writing() as connection:
        entries.hold(connection, entry.id)
        known = entries.read(connection, entry.id, hold=True)
        if known is None:
            if draft is not None:
                entries.hold(connection, f"quota of {entry.owner}")
                _check_room(settings, entry, entries.uploads_of(connection, entry.owner)[1])
            entry = replace(entry, added=now_of(connection))
            entries.add(connection, entry)
        elif not _is_lost(blobs, known):
            return known, False
        else:  # moved, and found again by its content
            changed = entries.change(connection, entry.id, path=entry.path, size=entry.size)
            assert changed is not None
            entry = changed
        if draft is not None and not (blobs.is_remote and blobs.size(key) is not None):
            blobs.put(key, draft)
    return entry, known is None


def _is_lost(blobs: Blobs, known: Entry) -> bool:
    if known.path:
        return not Path(known.path).is_file()
    return blobs.size(key_for("sources", known.digest)) is None


def _check_room(settings: Settings, entry: Entry, used: int) -> None:
    quota = settings.quota_mb * 1_000_000
    if quota and used + (entry.size or 0) > quota:
        raise QuotaError(
            f"its {(entry.size or 0) / 1e6:.1f} MB would make the uploads of {entry.owner or 'all'} "
            f"take more than {settings.quota_mb} MB",
            subject=entry.name, remedy="remove recordings that are not needed, or raise EDM_QUOTA_MB",
        )  # fmt: skip
