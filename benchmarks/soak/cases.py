"""All cases by name, in two sizes, each with the servers that it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edm_core.settings import Settings
from tests.hosts import small_disk
from tests.servers import PostgreSQL, Redis

from . import backing, fleet, front, inputs, saving, shelf, working
from .outcome import Outcome


@dataclass(frozen=True, slots=True)
class Size:
    """How often each thing is done, how long leases are, and how large what is sent is."""

    server_kills: int
    worker_kills: int
    times: int
    tracks: int
    recordings: int
    rounds: int
    megabytes: int
    uploads: int
    hours: float
    seconds: float
    requests: int
    inputs: int
    lease_s: float
    carried_lease_s: float


Case = Callable[[Size, Path], Outcome]

SIZES = {
    "quick": Size(3, 3, 2, 9, 1_000, 1, 20, 40, 0.25, 2.0, 300, 200, 3.0, 5.0),
    # The counts that are asked for, and the default lease where Redis hands out jobs.
    "full": Size(100, 50, 12, 60, 10_000, 5, 400, 200, 10.0, 20.0, 2_000, 100_000, 5.0, 30.0),
}


def _server_killed_sqlite(size: Size, folder: Path) -> Outcome:
    return saving.server_killed(_laptop(size, folder), folder, size.server_kills)


def _server_killed_postgresql(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server:
        return saving.server_killed(_team(size, folder, server), folder, size.server_kills, server)


def _database_restarted(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server:
        return saving.database_restarted(server, folder, size.times)


def _disk_full(size: Size, folder: Path) -> Outcome:
    with small_disk(2_000_000 + 500_000 * size.times) as disk:  # what was uploaded stays there
        return saving.disk_full(disk, folder, size.times)


def _one_line_sqlite(size: Size, folder: Path) -> Outcome:
    return saving.one_line(_laptop(size, folder), folder)


def _one_line_postgresql(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server:
        return saving.one_line(_team(size, folder, server), folder)


def _large_library_sqlite(size: Size, folder: Path) -> Outcome:
    return shelf.searched(_laptop(size, folder), folder, size.recordings)


def _large_library_postgresql(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server:
        return shelf.searched(_team(size, folder, server), folder, size.recordings)


def _workers_killed_sqlite(size: Size, folder: Path) -> Outcome:
    return working.workers_killed(_laptop(size, folder), folder, size.worker_kills)


def _workers_killed_postgresql(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server:
        return working.workers_killed(_team(size, folder, server), folder, size.worker_kills)


def _workers_killed_redis(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server, Redis() as queue:
        return working.workers_killed(_fleet(size, folder, server, queue), folder, size.worker_kills)


def _clocks_sqlite(size: Size, folder: Path) -> Outcome:
    return working.clocks_jump(_laptop(size, folder), folder, size.times)


def _clocks_postgresql(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server:
        return working.clocks_jump(_team(size, folder, server), folder, size.times)


def _redis_killed(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server, Redis() as queue:
        return working.redis_killed(_fleet(size, folder, server, queue), queue, folder, size.times)


def _redis_emptied(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server, Redis() as queue:
        return working.redis_emptied(_fleet(size, folder, server, queue), queue, folder, size.times)


def _redis_full(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server, Redis() as queue:
        return working.redis_full(_fleet(size, folder, server, queue), queue, folder, size.times)


def _redis_full_http(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server, Redis() as queue:
        return working.redis_full_over_http(_fleet(size, folder, server, queue), queue, folder, size.times)


def _host_cut_off(size: Size, folder: Path) -> Outcome:
    return fleet.cut_off(folder, size.tracks, lease_s=size.carried_lease_s)


def _two_workers(size: Size, folder: Path) -> Outcome:
    return fleet.two_workers(folder, max(size.tracks // 2, 6), size.rounds)


def _backup_sqlite(size: Size, folder: Path) -> Outcome:
    return backing.backed_up(_laptop(size, folder), folder, size.rounds)


def _backup_postgresql(size: Size, folder: Path) -> Outcome:
    with PostgreSQL() as server:
        return backing.backed_up(_team(size, folder, server), folder, size.rounds, server)


CASES: dict[str, Case] = {
    "server-sqlite": _server_killed_sqlite,
    "server-postgresql": _server_killed_postgresql,
    "database": _database_restarted,
    "disk": _disk_full,
    "line-sqlite": _one_line_sqlite,
    "line-postgresql": _one_line_postgresql,
    "library-sqlite": _large_library_sqlite,
    "library-postgresql": _large_library_postgresql,
    "workers-sqlite": _workers_killed_sqlite,
    "workers-postgresql": _workers_killed_postgresql,
    "workers-redis": _workers_killed_redis,
    "clock-sqlite": _clocks_sqlite,
    "clock-postgresql": _clocks_postgresql,
    "redis-killed": _redis_killed,
    "redis-emptied": _redis_emptied,
    "redis-full": _redis_full,
    "redis-full-http": _redis_full_http,
    "host": _host_cut_off,
    "two-workers": _two_workers,
    "backup-sqlite": _backup_sqlite,
    "backup-postgresql": _backup_postgresql,
    "nginx": lambda size, folder: front.behind_nginx(folder, size.megabytes),
    "uploads": lambda size, _: inputs.uploads_at_once(size.uploads, 5.0),
    "timelines": lambda size, _: inputs.timelines_read(50, size.seconds),
    "codecs": lambda _, folder: inputs.codecs_break(folder),
    "long": lambda size, folder: inputs.long_file(folder, size.hours),
    "requests": lambda size, folder: inputs.requests_made_up(size.requests, folder),
    "parsers": lambda size, _: inputs.parsers_fuzzed(size.inputs),
}
"""In the order in which they stand in the report."""


def _laptop(size: Size, folder: Path) -> Settings:
    return Settings(data_dir=folder / "data", lease_s=size.lease_s)


def _team(size: Size, folder: Path, server: PostgreSQL) -> Settings:
    return Settings(data_dir=folder / "data", lease_s=size.lease_s, database_url=server.new_database())


def _fleet(size: Size, folder: Path, server: PostgreSQL, queue: Redis) -> Settings:
    return Settings(
        data_dir=folder / "data", lease_s=size.carried_lease_s, database_url=server.new_database(),
        queue_url=queue.url,
    )  # fmt: skip
