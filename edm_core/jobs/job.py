"""Jobs as values, and what binds a kind of job to the function that does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import EdmError

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
UNFINISHED = ("queued", "running")
LONGEST_BACKOFF_S = 300.0
"""Seconds that a job which broke waits at most."""
MOST_STARTS = 20
"""How often a job is started that takes its whole worker with it, before it is given up; more often where its
kind allows more attempts."""


class Unavailable(EdmError):
    """The queue's server does not answer or has no room; what was to be queued is not: ask again later."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    ``handler`` is the function that does it, as ``module:function``; ``queue`` is what it waits in, so that
    long work of one kind keeps no other waiting. A job whose start broke (its process died, or an error
    nobody foresaw) is begun again until ``attempts`` of its starts have broken. ``concurrency`` is how many
    jobs of the queue one process is at, with one copy of its models; the handler must be safe to run in
    several threads then.

    Examples
    --------
    >>> Kind("edm_core.service.scoring_job:run", queue="personas").attempts
    3
    """

    handler: str
    queue: str = "music"
    attempts: int = 3
    concurrency: int = 1


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work, as the ledger has it.

    ``kind`` says which function does it, ``key`` what it is about: there is at most one unfinished job of a
    kind and key. ``payload`` is what the function is given, JSON-like, without settings or secrets; ``who``
    asked for it, empty where nobody said. What has the larger ``priority`` goes first, then what waits
    longer.

    ``attempt`` counts the starts; only the newest may write. ``failures`` of them broke. ``created``,
    ``due`` (not before), ``started``, ``finished`` and ``lease`` (until when whoever does it is taken to be
    alive) are ISO 8601 in UTC, by the database's clock. ``worker`` does it, or did. ``stop`` is set where
    somebody wants it stopped. ``share`` is how much is done, from 0 to 1, and ``remaining`` the seconds
    left, None if unknown. ``message`` says why it failed; ``result`` is what the function returned.
    """

    id: str
    kind: str
    key: str
    queue: str = "music"
    payload: dict[str, Any] = field(default_factory=dict)
    who: str = ""
    state: JobState = "queued"
    priority: int = 0
    attempt: int = 0
    failures: int = 0
    created: str = ""
    due: str = ""
    started: str | None = None
    finished: str | None = None
    lease: str | None = None
    worker: str | None = None
    stop: bool = False
    stage: str | None = None
    share: float = 0.0
    remaining: float | None = None
    message: str | None = None
    result: Any = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it by itself."""
        return self.state not in UNFINISHED


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs of a queue are in a state, and for how many seconds the oldest waits or runs."""

    queue: str
    state: JobState
    count: int
    age: float | None


@dataclass(frozen=True, slots=True)
class Worker:
    """Who does jobs: one at a time, of one queue.

    ``seen`` is its last sign of life, ``alive`` whether that is recent; ``done`` counts the jobs that it
    brought to an end, ``job`` is the id of the one it is at.
    """

    id: str
    host: str
    pid: int
    queues: tuple[str, ...]
    started: str
    seen: str
    done: int
    job: str | None
    alive: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What waits, runs and has ended, by queue and state, and who works."""

    depths: tuple[Depth, ...]
    workers: tuple[Worker, ...]
