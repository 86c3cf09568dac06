"""How the workbench is doing: queues, workers, throughput, failures, storage. What the page System shows.

Everything is asked anew at each look but the sizes of folders, which are counted in the background.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ..._version import __version__
from .figures import before
from .health import Check, ready
from .storage import Kept, owners, sizes

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from ...jobs import Job
    from ...jobs.job import Depth
    from ..bench import Workbench

MINUTES = 60
"""How far throughput looks back."""
MOST_RUNNING, MOST_WAITING, MOST_FAILED = 50, 10, 20


@dataclass(frozen=True, slots=True)
class Line:
    """A queue: how many jobs wait and run, and for how many seconds the oldest has waited."""

    queue: str
    waiting: int
    running: int
    oldest: float | None


@dataclass(frozen=True, slots=True)
class Task:
    """A job and what it is about, in words; ``since`` are the seconds since it began, or was asked for."""

    job: Job
    about: str
    since: float


@dataclass(frozen=True, slots=True)
class Hand:
    """A worker: ``silent`` are the seconds since its last sign of life, ``at`` what it does in words."""

    id: str
    host: str
    pid: int
    queues: tuple[str, ...]
    done: int
    silent: float
    alive: bool
    at: str | None


@dataclass(frozen=True, slots=True)
class Minute:
    """What came to an end within a minute: jobs, and seconds of sound that were analysed."""

    jobs: int
    sound: float


@dataclass(frozen=True, slots=True)
class System:
    """Everything that the page shows. ``minutes`` are oldest first, ``kept`` is None while it is counted."""

    lines: tuple[Line, ...]
    running: tuple[Task, ...]
    waiting: tuple[Task, ...]
    failed: tuple[Task, ...]
    hands: tuple[Hand, ...]
    minutes: tuple[Minute, ...]
    kept: tuple[Kept, ...] | None
    owners: tuple[Kept, ...]
    checks: tuple[Check, ...]


def system(bench: Workbench) -> System:
    """Return how the workbench is doing.

    Raises
    ------
    StorageError
        If the database does not answer.
    """
    from ...store.database import now_of

    ledger = bench.queue.ledger
    figures = ledger.figures()
    running = ledger.page(states=("running",), limit=MOST_RUNNING)
    failed = ledger.page(states=("failed",), limit=MOST_FAILED)
    with ledger.database.reading() as connection:
        now = now_of(connection)
        minutes = _minutes(connection, now)
        following = _following(connection)
        failed = _unresolved(connection, failed)
    waiting = tuple(job for id in following if (job := ledger.get(id)) is not None)
    with ledger.database.reading() as connection:
        names = _names(connection, (*running, *waiting, *failed))
        of_owners = owners(connection, bench.settings)
    lines = [
        Line(
            queue,
            sum(depth.count for depth in of_queue if depth.state == "queued"),
            sum(depth.count for depth in of_queue if depth.state == "running"),
            max(
                (depth.age for depth in of_queue if depth.state == "queued" and depth.age is not None),
                default=None,
            ),
        )
        for queue, of_queue in _by_queue(figures.depths)
    ]
    at = {job.id: _about(job, names) for job in running}
    hands = [
        Hand(each.id, each.host, each.pid, each.queues, each.done, _seconds(each.seen, now), each.alive,
             at.get(each.job or "", each.job))
        for each in figures.workers
    ]  # fmt: skip
    return System(
        tuple(lines),
        tuple(Task(job, at[job.id], _seconds(job.started or job.created, now)) for job in running),
        tuple(Task(job, _about(job, names), _seconds(job.created, now)) for job in waiting),
        tuple(Task(job, _about(job, names), _seconds(job.finished or job.created, now)) for job in failed),
        tuple(hands), minutes, sizes(bench.settings), of_owners, ready(bench),
    )  # fmt: skip


def versions() -> tuple[tuple[str, str], ...]:
    """Return the versions of what the workbench stands on, by name."""
    found = [("EDM workbench", __version__), ("Python", sys.version.split()[0])]
    for name, package in (
        ("Streamlit", "streamlit"), ("SQLAlchemy", "sqlalchemy"), ("ONNX Runtime", "onnxruntime"),
        ("CTranslate2", "ctranslate2"), ("RQ", "rq"),
    ):  # fmt: skip
        try:
            found.append((name, version(package)))
        except PackageNotFoundError:
            continue
    return tuple(found)


# --- private -----------------------------------------------------------------------------------------


def _by_queue(depths: Sequence[Depth]) -> Iterator[tuple[str, list[Depth]]]:
    from ..bench import KINDS

    names = dict.fromkeys([*(kind.queue for kind in KINDS.values()), *(depth.queue for depth in depths)])
    for name in names:
        yield name, [depth for depth in depths if depth.queue == name]


def _minutes(connection: Connection, now: str) -> tuple[Minute, ...]:
    """Return the last hour, minute by minute."""
    import sqlalchemy as sa

    from ...store.tables import entries, jobs

    ended = sa.select(jobs.c.finished, jobs.c.kind, jobs.c.key).where(
        jobs.c.state == "done", jobs.c.finished >= before(now, timedelta(minutes=MINUTES))
    )
    rows = connection.execute(ended).all()
    analysed = {row.key for row in rows if row.kind == "analyze"}
    lengths: dict[str, float] = {}
    keys = sorted(analysed)
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        query = sa.select(entries.c.id, entries.c.duration).where(entries.c.id.in_(chunk))
        lengths |= {row.id: row.duration or 0.0 for row in connection.execute(query)}
    count, sound = [0] * MINUTES, [0.0] * MINUTES
    for row in rows:
        place = MINUTES - 1 - min(MINUTES - 1, int(_seconds(row.finished, now) // 60))
        count[place] += 1
        if row.kind == "analyze":
            sound[place] += lengths.get(row.key, 0.0)
    return tuple(Minute(*pair) for pair in zip(count, sound, strict=True))


def _following(connection: Connection) -> tuple[str, ...]:
    """Return the ids of the jobs whose turn is next, as they are claimed."""
    import sqlalchemy as sa

    from ...store.tables import jobs

    query = sa.select(jobs.c.id).where(jobs.c.state == "queued").limit(MOST_WAITING)
    return tuple(connection.scalars(query.order_by(jobs.c.priority.desc(), jobs.c.due, jobs.c.id)))


def _unresolved(connection: Connection, failed: Sequence[Job]) -> tuple[Job, ...]:
    """Leave out failures after which the same was asked for again."""
    import sqlalchemy as sa

    from ...store.tables import jobs

    newest = (
        sa.select(sa.func.max(jobs.c.id))
        .where(jobs.c.key.in_({job.key for job in failed}))
        .group_by(jobs.c.kind, jobs.c.key)
    )
    ids = set(connection.scalars(newest)) if failed else set()
    return tuple(job for job in failed if job.id in ids)


def _names(connection: Connection, jobs: Sequence[Job]) -> dict[str, str]:
    """Return the titles of the recordings that jobs are about, by id."""
    import sqlalchemy as sa

    from ...store.tables import entries

    ids = {job.key.partition(" ")[0] for job in jobs}
    query = sa.select(entries.c.id, entries.c.title, entries.c.name).where(entries.c.id.in_(ids))
    return {row.id: row.title or row.name for row in connection.execute(query)}


def _about(job: Job, names: dict[str, str]) -> str:
    recording, _, scorer = job.key.partition(" ")
    name = names.get(recording, "a recording that is gone" if recording.startswith("sha256:") else recording)
    return f"{name} · {scorer}" if scorer else name


def _seconds(since: str, now: str) -> float:
    return max(0.0, (datetime.fromisoformat(now) - datetime.fromisoformat(since)).total_seconds())
