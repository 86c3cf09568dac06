"""Whether the service can do its work: what ``/health`` and ``/ready`` answer, and the page System shows.

``/health`` says that the process answers. ``/ready`` looks at everything that answering rests on, within two
seconds whatever hangs; a proxy sends nobody to a process that is not ready.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ...errors import EdmError
from .bounded import Asked

if TYPE_CHECKING:
    from ...settings import Settings
    from ..bench import Workbench

WITHIN_S = 1.8
KEPT_S = 1.5
LEAST_FREE = 100_000_000
"""Bytes that have to be free below the data folder."""
_MODELS_KEPT_S = 60.0
_S3_KEPT_S = 15.0

_asked: Asked[Check] = Asked(KEPT_S)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: whether it works, what was seen, and what to do if it does not."""

    name: str
    ok: bool
    seen: str
    remedy: str = ""


def health() -> dict[str, str]:
    """Return what ``/health`` answers.

    Examples
    --------
    >>> health()
    {'status': 'ok'}
    """
    return {"status": "ok"}


def ready(bench: Workbench) -> tuple[Check, ...]:
    """Look at everything that the service rests on; answers within two seconds, and not much older.

    Returns
    -------
    tuple of Check
        Database, recordings, queue, workers, disk and models. Ready is who has all of them.
    """
    settings = bench.settings
    embedded = bench.queue.works
    looks: dict[str, Callable[[], Check]] = {
        "database": lambda: database(settings),
        "recordings": lambda: recordings(settings),
        "queue": lambda: queue(settings),
        "workers": lambda: _workers(settings, embedded),
        "disk": lambda: disk(settings),
        "models": lambda: models(settings),
    }
    place = (settings.data_dir, settings.database_url, settings.queue_url, settings.blob_url)
    longer = {("models", place): _MODELS_KEPT_S}
    if settings.blob_url.startswith("s3:"):
        longer["recordings", place] = _S3_KEPT_S
    found = _asked.all({(name, place): look for name, look in looks.items()}, WITHIN_S, longer)
    return tuple(_said(name, answer) for (name, _), answer in found.items())


def is_ready(checks: tuple[Check, ...]) -> bool:
    """Whether all of them are well."""
    return all(check.ok for check in checks)


def document(checks: tuple[Check, ...]) -> dict[str, Any]:
    """Return what ``/ready`` answers, with status 200 if all is well, else 503.

    Examples
    --------
    >>> document((Check("disk", True, "20 GB free"),))
    {'ready': True, 'checks': [{'name': 'disk', 'ok': True, 'message': '20 GB free'}]}
    """
    rows = [
        {"name": check.name, "ok": check.ok, "message": "; ".join(filter(None, (check.seen, check.remedy)))}
        for check in checks
    ]
    return {"ready": is_ready(checks), "checks": rows}


def database(settings: Settings) -> Check:
    """Look whether the database answers and has all tables."""
    from ...store.database import HEAD, database_of

    with database_of(settings).reading() as connection:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    if found != HEAD:
        return Check("database", False, f"its tables are at step {found}", f"step {HEAD} is needed")
    kind = "PostgreSQL" if settings.database_url.startswith("postgres") else "SQLite"
    return Check("database", True, f"{kind}, step {found}")


def recordings(settings: Settings) -> Check:
    """Look whether recordings can be kept: something is written where they lie."""
    from ...store.blobs import blobs_of

    blobs = blobs_of(settings)
    if blobs.is_remote:
        key = _probe_key()
        blobs.put(key, socket.gethostname().encode())
        blobs.delete(key)
        return Check("recordings", True, settings.blob_url)
    with tempfile.TemporaryFile(dir=_folder(settings)) as file:
        file.write(bytes(4096))
        file.flush()
    return Check("recordings", True, "they can be kept")


def queue(settings: Settings) -> Check:
    """Look whether jobs can be queued: by the database, or by Redis if it answers and has room."""
    if not settings.queue_url:
        return Check("queue", True, "in the database")
    from redis import Redis

    with Redis.from_url(settings.queue_url, socket_timeout=1.0, socket_connect_timeout=1.0) as redis:
        memory: dict[str, Any] = redis.info("memory")
    most, used = int(memory.get("maxmemory") or 0), int(memory["used_memory"])
    if most and used >= 0.98 * most:
        seen = f"Redis is full: {used / 1e6:.0f} of {most / 1e6:.0f} MB"
        return Check("queue", False, seen, "raise its maxmemory, or wait until jobs are done")
    return Check("queue", True, f"Redis, {used / 1e6:.0f} MB{f' of {most / 1e6:.0f}' if most else ''}")


def disk(settings: Settings) -> Check:
    """Look whether there is room below the data folder."""
    free = shutil.disk_usage(_folder(settings)).free
    room = f"{free / 1e9:.1f} GB free"
    return Check("disk", free >= LEAST_FREE, room, "" if free >= LEAST_FREE else "make room there")


def models(settings: Settings) -> Check:
    """Look whether all packaged models are there; they were hashed at their first use."""
    from ...models import info

    wrong = [model for model in info(settings) if model.status in ("missing", "damaged")]
    if not wrong:
        return Check("models", True, "all are here")
    return Check("models", False, ", ".join(model.name for model in wrong), "edm doctor says more")


def _workers(settings: Settings, embedded: bool) -> Check:
    import sqlalchemy as sa

    from ...store.database import database_of, now_of
    from ...store.tables import workers
    from .figures import alive_s, before

    with database_of(settings).reading() as connection:
        since = before(now_of(connection), timedelta(seconds=alive_s(settings.lease_s)))
        alive = connection.execute(
            sa.select(sa.func.count()).select_from(workers).where(workers.c.seen >= since)
        ).scalar_one()
    if embedded or alive:
        return Check("workers", True, f"{alive} alive" if alive else "in this process")
    return Check("workers", False, "none is alive: what is submitted waits", "edm worker starts one")


def _said(name: str, answer: Check | BaseException) -> Check:
    if isinstance(answer, Check):
        return answer
    if isinstance(answer, TimeoutError):
        return Check(name, False, "no answer in time", "look whether its server runs")
    if isinstance(answer, EdmError):
        return Check(name, False, answer.problem, answer.remedy or "")
    if isinstance(answer, ImportError):
        return Check(name, False, "a package is missing", "pip install 'edm-workbench[service]'")
    # What others say of themselves may hold addresses and passwords.
    return Check(name, False, type(answer).__name__, "the log says more; edm doctor looks closer")


def _folder(settings: Settings) -> str:
    from ..._files import made

    return str(made(settings.data_dir))


def _probe_key() -> str:
    import hashlib

    from ...store.blobs import key_for

    return key_for("probes", hashlib.sha256(socket.gethostname().encode()).hexdigest())
