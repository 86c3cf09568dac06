"""What takes room: recordings, analyses, caches, the database; counted in the background."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .bounded import Asked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...settings import Settings

_COUNTED_S = 30.0
_PATIENCE_S = 0.5


@dataclass(frozen=True, slots=True)
class Kept:
    """What takes room: how many things of a kind, and their bytes; ``limit`` is what they may take."""

    kind: str
    count: int
    size: int
    limit: int | None = None


_sizes: Asked[tuple[Kept, ...]] = Asked(_COUNTED_S)


def sizes(settings: Settings) -> tuple[Kept, ...] | None:
    """Return what takes room, largest first; None while it is being counted for the first time."""
    key = (settings.data_dir, settings.blob_url, settings.database_url)
    found = _sizes.all({key: lambda: counted(settings)}, _PATIENCE_S)[key]
    return None if isinstance(found, BaseException) else found


def counted(settings: Settings) -> tuple[Kept, ...]:
    """Count what takes room, by kind."""
    from ...store.blobs import blobs_of

    blobs: dict[str, list[int]] = {"sources": [], "timelines": []}
    for stored in blobs_of(settings).keys():  # noqa: SIM118 - it is no mapping
        blobs.setdefault(stored.key.partition("/")[0], []).append(stored.size)
    home = settings.data_dir
    found = [
        Kept("Recordings", len(blobs["sources"]), sum(blobs["sources"])),
        Kept("Analyses", len(blobs["timelines"]), sum(blobs["timelines"])),
        _folder("Stage cache", home / "cache", limit=settings.cache_mb * 1_000_000),
        _folder("Models", home / "models"),
        _folder("Experiments", home / "mlflow-files", home / "mlflow.db", home / "laboratory"),
        Kept("Database", 1, _database_size(settings)),
    ]
    return tuple(sorted((kept for kept in found if kept.size), key=lambda kept: -kept.size))


def owners(connection: Connection, settings: Settings) -> tuple[Kept, ...]:
    """Return what the uploads of each person take, where there is a limit to it, most first."""
    import sqlalchemy as sa

    from ...store.tables import entries

    if not settings.quota_mb:
        return ()
    size = sa.func.coalesce(sa.func.sum(entries.c.size), 0)
    query = (
        sa.select(entries.c.owner, sa.func.count(), size)
        .where(entries.c.path.is_(None))
        .group_by(entries.c.owner)
        .order_by(size.desc())
        .limit(10)
    )
    limit = settings.quota_mb * 1_000_000
    return tuple(
        Kept(owner or "nobody said", count, int(size), limit)
        for owner, count, size in connection.execute(query)
    )


# --- private -----------------------------------------------------------------------------------------


def _folder(kind: str, *places: Path, limit: int | None = None) -> Kept:
    found = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    kept = []
    for path in found:
        try:
            if path.is_file():
                kept.append(path.stat().st_size)
        except OSError:  # gone since it was listed
            continue
    return Kept(kind, len(kept), sum(kept), limit)


def _database_size(settings: Settings) -> int:
    from ...store.database import database_of

    base = database_of(settings)
    if base.file is not None:
        places = [base.file, *(base.file.with_name(base.file.name + end) for end in ("-wal", "-shm"))]
        return sum(place.stat().st_size for place in places if place.exists())
    with base.reading() as connection:
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
