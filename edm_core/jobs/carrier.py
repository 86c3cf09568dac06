"""The bridge to RQ on Redis or Valkey: it carries the ids of jobs to whoever waits for one.

The queues are RQ's (``edm-music`` …, entries in JSON), so that ``rq info`` shows them, but nothing depends on
what the server keeps: an id stands for "something is due in this queue", who gets one claims the most urgent
job from the ledger, and what the server loses is sent again. RQ's own workers are not used, for two reasons:
they give no lease that another machine could see run out, and they write to Redis before they take anything,
so that a server whose memory is full would stay full.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from ..errors import EdmError, SettingsError
from ..settings import Settings
from .job import Unavailable

if TYPE_CHECKING:
    from redis import Redis
    from rq import Queue as RqQueue

WAIT_S = 1
"""Whole seconds that a look for work may take."""
ANSWER_S = 3.0
"""Seconds within which the server has to answer."""
PREFIX = "edm-"
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Carrier:
    """A server that hands out ids.

    Parameters
    ----------
    settings : Settings
        With the address in ``queue_url``.

    Raises
    ------
    SettingsError
        If the address is none, or packages are missing.
    """

    def __init__(self, settings: Settings) -> None:
        self._redis = _connected(settings.queue_url)
        self._queues: dict[str, RqQueue] = {}

    def send(self, queue: str, id: str, *, first: bool = False) -> None:
        """Hand in an id, to be given out before others where it is to be ``first``.

        Raises
        ------
        Unavailable
            If the server does not answer or has no room.
        """
        self._asked(
            lambda: self._queue(queue).enqueue_call(
                "edm_core.jobs.carrier.refuse", (id,), job_id=id, timeout=-1, result_ttl=0, at_front=first,
                description=id,
            )
        )  # fmt: skip

    def take(self, queue: str) -> str | None:
        """Wait a moment for an id and take it; None if there was none.

        Raises
        ------
        Unavailable
            If the server does not answer.
        """
        from rq import Queue as RqQueue
        from rq.exceptions import DequeueTimeout
        from rq.job import Job as RqJob

        def taken() -> str | None:
            try:
                _, id = RqQueue.lpop([self._queue(queue).key], WAIT_S, connection=self._redis)
            except DequeueTimeout:
                return None
            self._redis.delete(RqJob.key_for(id.decode()))
            return str(id.decode())

        return self._asked(taken)

    def count(self, queue: str) -> int:
        """Return how many ids wait.

        Raises
        ------
        Unavailable
            If the server does not answer.
        """
        return self._asked(lambda: int(self._queue(queue).count))

    def ids(self, queue: str) -> frozenset[str]:
        """Return the ids that wait.

        Raises
        ------
        Unavailable
            If the server does not answer.
        """
        return self._asked(lambda: frozenset(self._queue(queue).get_job_ids()))

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()

    def _queue(self, name: str) -> RqQueue:
        from rq import Queue as RqQueue
        from rq.serializers import JSONSerializer

        if name not in self._queues:
            self._queues[name] = RqQueue(PREFIX + name, connection=self._redis, serializer=JSONSerializer)
        return self._queues[name]

    def _asked(self, question: Callable[[], T]) -> T:
        from redis.exceptions import OutOfMemoryError, RedisError

        try:
            return question()
        except RedisError as error:
            # Named without its text, which may quote the address, and that a password.
            full = isinstance(error, OutOfMemoryError) or "OOM" in str(error)
            what = "has no room" if full else f"does not answer ({type(error).__name__})"
            raise Unavailable(
                f"the queue's server {what}", subject="EDM_QUEUE_URL",
                remedy="try again later; edm doctor looks at it",
            ) from None  # fmt: skip


def refuse(id: str) -> NoReturn:
    """Tell whoever runs these jobs with RQ's own worker what to run instead."""
    raise EdmError("jobs of the workbench are done by `edm worker`", subject=id, remedy="run that one")


def _connected(url: str) -> Redis:
    try:
        import redis
        import rq  # noqa: F401
    except ImportError:
        raise SettingsError(
            "a queue's server needs the packages rq and redis", subject="EDM_QUEUE_URL",
            remedy="pip install 'edm-workbench[service]'",
        ) from None  # fmt: skip
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    for scheme, same in (("valkey://", "redis://"), ("valkeys://", "rediss://")):
        if url.startswith(scheme):
            url = same + url.removeprefix(scheme)
    options: dict[str, Any] = {"socket_timeout": ANSWER_S, "socket_connect_timeout": ANSWER_S}
    try:
        return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 1), health_check_interval=30, **options)
    except (ValueError, TypeError):  # its text would quote the address, which may hold a password
        raise SettingsError(
            "it is no address of a Redis or Valkey server", subject="EDM_QUEUE_URL",
            remedy="give redis://host:6379/0, or unset it",
        ) from None  # fmt: skip
