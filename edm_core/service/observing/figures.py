"""Figures that lie in the database, where all processes see the same: queues, jobs, workers, annotations.

=================================== ===============================================================
``edm_database_up``                 1 if it answered in time
``edm_queue_depth``                 jobs that wait, by ``queue``
``edm_queue_oldest_seconds``        how long the oldest of them has waited, by ``queue``
``edm_jobs``                        jobs by ``queue`` and ``state``
``edm_workers``                     workers that are alive
``edm_recordings``                  recordings by ``status``
``edm_annotation_revisions``        revisions that people have saved
``edm_annotations_day``             of these, in the last 24 hours
``edm_tracks_annotated``            recordings that somebody has annotated
``edm_authors_present``             people at a recording now
``edm_processes``                   processes of this machine that count, by ``role``
``edm_resident_memory_bytes``       what they hold in memory, by ``role``
=================================== ===============================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...settings import Settings
from .bounded import Asked

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric
    from sqlalchemy import Connection

KEPT_S = 3.0
WITHIN_S = 2.0
PRESENT = timedelta(minutes=1)
"""Who was not seen for so long has gone."""
_asked: Asked[Figures] = Asked(KEPT_S)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database holds: ``waiting`` and ``oldest`` (seconds) by queue, ``jobs`` by queue and state."""

    waiting: dict[str, int]
    oldest: dict[str, float]
    jobs: dict[tuple[str, str], int]
    workers: int
    recordings: dict[str, int]
    revisions: int
    revisions_day: int
    annotated: int
    present: int


def figures(settings: Settings) -> Figures | None:
    """Return the figures, at most some seconds old; None if the database does not answer in time."""
    key = (settings.database_url, settings.data_dir)
    found = _asked.all({key: lambda: read(settings)}, WITHIN_S)[key]
    return None if isinstance(found, BaseException) else found


def read(settings: Settings) -> Figures:
    """Ask the database.

    Raises
    ------
    StorageError
        If it does not answer.
    """
    from ...store.database import database_of

    with database_of(settings).reading() as connection:
        return read_from(connection, settings.lease_s)


def read_from(connection: Connection, lease_s: float) -> Figures:
    """Read the figures over a connection; a worker that was silent for a lease is not alive."""
    import sqlalchemy as sa

    from ...store.database import now_of
    from ...store.tables import entries, jobs, presence, revisions, workers

    now = now_of(connection)

    def count(query: sa.Select[Any]) -> int:
        return int(connection.execute(query).scalar_one())

    number = sa.func.count()
    waiting, oldest = {}, {}
    for queue, depth, since in connection.execute(
        sa.select(jobs.c.queue, number, sa.func.min(jobs.c.created))
        .where(jobs.c.state == "queued")
        .group_by(jobs.c.queue)
    ):
        waiting[queue] = depth
        oldest[queue] = _seconds(since, now)
    by_state = connection.execute(
        sa.select(jobs.c.queue, jobs.c.state, number).group_by(jobs.c.state, jobs.c.queue)
    )
    by_status = connection.execute(sa.select(entries.c.status, number).group_by(entries.c.status))
    day = before(now, timedelta(days=1))
    return Figures(
        waiting=waiting,
        oldest=oldest,
        jobs={(queue, state): found for queue, state, found in by_state},
        workers=count(
            sa.select(number).where(workers.c.seen >= before(now, timedelta(seconds=alive_s(lease_s))))
        ),
        recordings={row[0]: row[1] for row in by_status},
        revisions=count(sa.select(number).select_from(revisions)),
        revisions_day=count(sa.select(number).select_from(revisions).where(revisions.c.time >= day)),
        annotated=count(sa.select(sa.func.count(revisions.c.recording.distinct()))),
        present=count(
            sa.select(sa.func.count(presence.c.author.distinct())).where(
                presence.c.time >= before(now, PRESENT)
            )
        ),
    )


def alive_s(lease_s: float) -> float:
    """Return for how many seconds a worker that was seen counts as alive."""
    return max(lease_s, 5.0)


def before(now: str, span: timedelta) -> str:
    """Return the time so long before, written as the database has times.

    Examples
    --------
    >>> before("2026-01-01T00:00:00.000000Z", timedelta(seconds=1))
    '2025-12-31T23:59:59.000000Z'
    """
    then = datetime.fromisoformat(now) - span
    return then.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _seconds(since: str, now: str) -> float:
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds())


class Figured:
    """Gives the figures to a scrape; see ``prometheus_client``'s custom collectors.

    Parameters
    ----------
    settings : Settings
        Which database.
    processes : tuple of int
        The numbers of the processes of this machine that count.
    """

    def __init__(self, settings: Settings, processes: tuple[int, ...]) -> None:
        self._settings, self._processes = settings, processes

    def collect(self) -> Iterator[Metric]:
        """Give each figure with its labels."""
        from prometheus_client.core import GaugeMetricFamily as Gauge

        found = figures(self._settings)
        yield Gauge("edm_database_up", "1: the database answers.", value=float(found is not None))
        if found is not None:
            yield from _metrics(found)
        count, memory = _of_processes(self._processes)
        yield _labelled(
            "edm_processes", "Processes that count.", ("role",), {(k,): v for k, v in count.items()}
        )
        yield _labelled(
            "edm_resident_memory_bytes", "Their memory.", ("role",), {(k,): v for k, v in memory.items()}
        )


def _metrics(found: Figures) -> Iterator[Metric]:
    from prometheus_client.core import GaugeMetricFamily as Gauge

    queues = {(queue,): float(depth) for queue, depth in found.waiting.items()}
    yield _labelled("edm_queue_depth", "Jobs that wait.", ("queue",), queues)
    oldest = {(queue,): seconds for queue, seconds in found.oldest.items()}
    yield _labelled("edm_queue_oldest_seconds", "How long the oldest waits.", ("queue",), oldest)
    yield _labelled("edm_jobs", "Jobs.", ("queue", "state"), {k: float(v) for k, v in found.jobs.items()})
    yield Gauge("edm_workers", "Workers alive.", value=found.workers)
    statuses = {(status,): float(count) for status, count in found.recordings.items()}
    yield _labelled("edm_recordings", "Recordings.", ("status",), statuses)
    yield Gauge("edm_annotation_revisions", "Revisions that people saved.", value=found.revisions)
    yield Gauge("edm_annotations_day", "Of these, in the last 24 hours.", value=found.revisions_day)
    yield Gauge("edm_tracks_annotated", "Recordings that somebody annotated.", value=found.annotated)
    yield Gauge("edm_authors_present", "People at a recording.", value=found.present)


def _labelled(name: str, text: str, labels: tuple[str, ...], values: Mapping[Any, float]) -> Metric:
    from prometheus_client.core import GaugeMetricFamily

    family = GaugeMetricFamily(name, text, labels=labels)
    for of, value in sorted(values.items()):
        family.add_metric(of, value)
    return family


def _of_processes(numbers: tuple[int, ...]) -> tuple[Counter[str], Counter[str]]:
    """Return how many processes there are of each role, and their resident bytes, where Linux tells."""
    count: Counter[str] = Counter()
    memory: Counter[str] = Counter()
    for number in numbers:
        place = Path("/proc", str(number))
        try:
            pages = int((place / "statm").read_text().split()[1])
            command = (place / "cmdline").read_bytes()
        except OSError:  # it has ended, or this is no Linux
            continue
        role = "worker" if b"edm_core.jobs" in command else "service"
        count[role] += 1
        memory[role] += pages * _page()
    return count, memory


def _page() -> int:
    import resource

    return resource.getpagesize()
