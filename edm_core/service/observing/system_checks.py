"""What ``edm doctor`` looks at beyond codecs and models: database, queue, workers, clocks, keys.

Each check says what was seen and, if that is not well, what to do about it. Nothing is made or changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from ...errors import EdmError, StorageError
from ...settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

SAFE_SQLITE = (3, 51, 3)
"""Versions before this one can damage a write-ahead log."""
MOST_SKEW_S = 5.0
LEAST_REDIS = (5, 0)
_POLICY = "CONFIG SET maxmemory-policy noeviction, and in its configuration: any other policy drops jobs"
_KEYS = "edm keys create NAME --scope admin, or unset it"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, what was seen, and what to do."""

    check: str
    status: Literal["ok", "warning", "failed"]
    seen: str
    remedy: str = ""


def looked_at(settings: Settings) -> Iterator[Finding]:
    """Look at everything that a server rests on, one thing after the other."""
    yield from database(settings)
    yield from queue(settings)
    yield blobs(settings)
    yield from keys(settings)


def database(settings: Settings) -> Iterator[Finding]:
    """Look at the database: that it answers, is sound and up to date; and at what stands in it."""
    from ...store.database import HEAD, database_of, has_annotations

    if not has_annotations(settings):
        yield Finding("database", "ok", "none yet: it is made when it is needed")
        return
    try:
        base = database_of(settings)
        with base.reading() as connection:
            yield from _sqlite(connection) if base.file else _postgresql(connection)
            yield _step(connection, HEAD)
            yield _clock(connection)
            yield _workers(connection, settings)
    except EdmError as error:
        yield Finding("database", "failed", error.problem, error.remedy or "")


def queue(settings: Settings) -> Iterator[Finding]:
    """Look at the queue's server: its version, and that it never drops what it took."""
    if not settings.queue_url:
        yield Finding("queue", "ok", "jobs are handed out by the database")
        return
    try:
        from redis import Redis
        from redis.exceptions import RedisError
    except ImportError:
        yield Finding(
            "queue", "failed", "the package redis is missing", "pip install 'edm-workbench[service]'"
        )
        return
    try:
        with Redis.from_url(settings.queue_url, socket_timeout=3.0, socket_connect_timeout=3.0) as redis:
            found: dict[str, Any] = redis.info("everything")
            seconds, micros = redis.time()
    except (RedisError, ValueError) as error:  # its words may hold the address, and that a password
        yield Finding(
            "queue", "failed", type(error).__name__, "check that it runs and EDM_QUEUE_URL names it"
        )
        return
    yield from redis_findings(found)
    skew = abs(datetime.now(UTC).timestamp() - (seconds + micros / 1e6))
    yield _skew("clock of the queue", skew)


def redis_findings(found: dict[str, Any]) -> Iterator[Finding]:
    """Judge what Redis says of itself.

    Examples
    --------
    >>> told = {"redis_version": "7.0.15", "maxmemory_policy": "allkeys-lru", "aof_enabled": 1}
    >>> [finding.status for finding in redis_findings(told)]
    ['ok', 'failed', 'ok']
    """
    version = str(found.get("redis_version", "0"))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    old = numbers < LEAST_REDIS
    yield Finding("queue", "warning" if old else "ok", f"Redis {version}", "use 5 or newer" if old else "")
    policy = str(found.get("maxmemory_policy", "unknown"))
    drops = policy not in ("noeviction", "unknown")
    most = int(found.get("maxmemory", 0))
    room = f"{policy}, {most / 1e6:.0f} MB at most" if most else policy
    yield Finding("queue's memory", "failed" if drops else "ok", room, _POLICY if drops else "")
    keeps = bool(int(found.get("aof_enabled", 0)))
    yield Finding(
        "queue on disk", "ok",
        "its log is kept" if keeps else "kept now and then; what it forgets is sent again from the database",
    )  # fmt: skip


def blobs(settings: Settings) -> Finding:
    """Look whether recordings can be kept."""
    from .health import recordings

    try:
        check = recordings(settings)
    except EdmError as error:
        return Finding("recordings", "failed", error.problem, error.remedy or "")
    return Finding("recordings", "ok" if check.ok else "failed", check.seen, check.remedy)


def keys(settings: Settings) -> Iterator[Finding]:
    """Look whether keys are there where they are asked for."""
    from ...store.database import has_annotations
    from ...store.keys import keys_of

    wanted = settings.api_keys_required or bool(settings.public_url)
    try:
        alive = has_annotations(settings) and keys_of(settings).any_alive()
    except StorageError:
        return  # told of with the database
    if wanted and not alive:
        because = "EDM_API_KEYS_REQUIRED" if settings.api_keys_required else "EDM_PUBLIC_URL"
        yield Finding("API keys", "warning", f"{because} is set, and there is none", _KEYS)
    elif alive:
        yield Finding("API keys", "ok", "there are some; edm keys list shows them")
    else:
        yield Finding("API keys", "ok", "none: only this machine may connect")


def langflow(settings: Settings) -> Finding | None:
    """Ask the Langflow server whether it is well; None if no server is named."""
    if not settings.langflow_base_url:
        return None
    import httpx2

    address = settings.langflow_base_url.rstrip("/")
    headers = {"x-api-key": settings.langflow_api_key} if settings.langflow_api_key else {}
    try:
        answer = httpx2.get(f"{address}/health", headers=headers, timeout=5.0)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        remedy = "start the server or correct EDM_LANGFLOW_BASE_URL"
        return Finding("Langflow", "failed", f"{address}: {type(error).__name__}", remedy)
    if answer.status_code >= 400:
        return Finding("Langflow", "failed", f"{address} answers {answer.status_code}", "look into its log")
    if not settings.langflow_flow:
        return Finding("Langflow", "warning", f"{address}, no flow is named", "set EDM_LANGFLOW_FLOW")
    return Finding("Langflow", "ok", f"{settings.langflow_flow} at {address}")


# --- private -----------------------------------------------------------------------------------------


def _sqlite(connection: Connection) -> Iterator[Finding]:
    version = str(connection.exec_driver_sql("SELECT sqlite_version()").scalar_one())
    safe = tuple(int(part) for part in version.split(".")) >= SAFE_SQLITE
    remedy = "" if safe else "pip install pysqlite3: versions before 3.51.3 can damage a log"
    yield Finding("database", "ok" if safe else "warning", f"SQLite {version}", remedy)
    mode = str(connection.exec_driver_sql("PRAGMA journal_mode").scalar_one())
    yield Finding(
        "database's log", "ok" if mode == "wal" else "warning", mode,
        "" if mode == "wal" else "keep it on a local disk: network disks cannot write ahead",
    )  # fmt: skip
    told = connection.exec_driver_sql("PRAGMA quick_check(5)").scalars().all()
    sound = told == ["ok"]
    yield Finding(
        "database is sound", "ok" if sound else "failed", "; ".join(map(str, told)),
        "" if sound else "stop the workbench and put a backup back: edm restore",
    )  # fmt: skip


def _postgresql(connection: Connection) -> Iterator[Finding]:
    version = str(connection.exec_driver_sql("SHOW server_version").scalar_one())
    yield Finding("database", "ok", f"PostgreSQL {version}")
    off = [
        name
        for name in ("fsync", "synchronous_commit", "full_page_writes")
        if connection.exec_driver_sql(f"SHOW {name}").scalar_one() == "off"
    ]
    yield Finding(
        "database keeps what it says", "failed" if off else "ok", f"off: {', '.join(off)}" if off else "yes",
        "turn them on: a crash loses what was acknowledged" if off else "",
    )  # fmt: skip


def _step(connection: Connection, head: str) -> Finding:
    step = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return Finding("database's tables", "ok" if step == head else "failed", f"step {step} of {head}")


def _clock(connection: Connection) -> Finding:
    from ...store.database import now_of

    before = datetime.now(UTC)
    theirs = datetime.fromisoformat(now_of(connection))
    after = datetime.now(UTC)
    skew = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    return _skew("clock of the database", skew)


def _skew(check: str, skew: float) -> Finding:
    wrong = skew > MOST_SKEW_S
    seen = f"{skew:.1f} s from this machine's" if skew >= 0.1 else "agrees with this machine's"
    return Finding(check, "warning" if wrong else "ok", seen, "synchronise both (NTP)" if wrong else "")


def _workers(connection: Connection, settings: Settings) -> Finding:
    from .figures import read_from

    found = read_from(connection, settings.lease_s)
    waiting = sum(found.waiting.values())
    seen = f"{found.workers} alive, {waiting} jobs wait"
    stuck = waiting and not found.workers
    remedy = (
        "edm worker starts one; edm app and edm serve bring their own without EDM_QUEUE_URL" if stuck else ""
    )
    return Finding("workers", "warning" if stuck else "ok", seen, remedy)
