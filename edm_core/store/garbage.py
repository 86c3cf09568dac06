"""What nothing points at: blobs of recordings that were removed, analyses before the newest, drafts."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from ..settings import Settings
from . import erasure, intake
from .blobs import Blobs, Stored
from .database import Database
from .pointing import delete_unused, keys_of, unused
from .tables import entries

YOUNGEST_S = 24 * 3600.0
"""Age below which nothing is garbage: whoever brought it may still be about to point at it."""


@dataclass(frozen=True, slots=True)
class Garbage:
    """What nothing pointed at; ``dry_run``: it is still there.

    ``drafts`` are uploads whose senders have died, ``draft_bytes`` what they take.
    """

    blobs: tuple[Stored, ...]
    drafts: int
    draft_bytes: int
    dry_run: bool

    @property
    def bytes(self) -> int:
        """What all of it takes."""
        return sum(each.size for each in self.blobs) + self.draft_bytes


def collect(
    base: Database, blobs: Blobs, settings: Settings, incoming: Path, *, dry_run: bool = True
) -> Garbage:
    """Delete what nothing points at and is older than a day, or tell what that is.

    Erasures that were cut off are finished too.
    """
    now = time.time()
    found = tuple(each for each in unused(base, blobs) if now - each.modified > YOUNGEST_S)
    if dry_run:
        drafts = intake.stale(incoming)
        return Garbage(found, len(drafts), sum(size for _, size in drafts), dry_run)
    for each in found:
        delete_unused(base, blobs, each.key)
    blobs.sweep(YOUNGEST_S)
    erasure.finish(base, blobs, settings)
    erasure.forget_cached(base, settings)
    return Garbage(found, *intake.sweep(incoming), dry_run)


def remove(base: Database, blobs: Blobs, id: str) -> bool:
    """Forget a recording's entry, and then its blobs; what people say of it stays."""
    with base.writing() as connection:
        held = keys_of(connection, id)
        gone = connection.execute(sa.delete(entries).where(entries.c.id == id)).rowcount > 0
    for key in held:  # cut off here, they are garbage
        delete_unused(base, blobs, key)
    return gone
