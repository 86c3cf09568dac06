"""Answering a request once: ``Idempotency-Key``, for who does not know whether a POST arrived.

The same key with the same request gives the same answer again for two days, from whichever process; with
another request it is refused, and while the first is being answered too. Only answers that tell of an effect
(2xx) are kept: what was refused changed nothing, and is looked at anew. Times are the database's.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from ...errors import StorageError
from ..access.guard import caller_of
from ..bench import workbench
from .problems import refused

if TYPE_CHECKING:
    from starlette.requests import Request

HEADER = "Idempotency-Key"
KEPT_H = 48
"""Hours that an answer is kept."""
PATIENCE_S = 300
"""Seconds after which whoever was answering is taken to be dead."""
MOST_BODY = 1_000_000
"""Largest answer that is kept, in bytes; a larger one is made again, from what stands by then."""
_KEY_LENGTH = 200
_HEADERS = ("content-type", "location", "etag", "link", "content-location")
_log = logging.getLogger(__name__)


def fingerprint(request: Request, body: bytes) -> str:
    """Return what tells a request from another: method, address and body."""
    target = f"{request.method} {request.url.path}?{request.url.query}\n"
    return hashlib.sha256(target.encode() + body).hexdigest()


async def answered_once(request: Request, digest: str, answer: Callable[[], Awaitable[Response]]) -> Response:
    """Answer a request, or give the answer that it had.

    Parameters
    ----------
    request : Request
        Its ``Idempotency-Key`` counts; without one it is answered.
    digest : str
        What tells it from another; see :func:`fingerprint`.
    answer : callable
        What answers it.

    Raises
    ------
    Refused
        422 if the key was used for another request, 409 while the first is being answered.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return await answer()
    if not (0 < len(key) <= _KEY_LENGTH and key.isascii() and key.isprintable()):
        raise refused(400, f"{HEADER} is no key", remedy=f"send 1 to {_KEY_LENGTH} printable characters")
    who = caller_of(request).identity
    earlier = await run_in_threadpool(_claim, who, key, digest)
    if earlier is not None:
        return earlier
    try:
        response = await answer()
    except BaseException:
        await run_in_threadpool(_forget, who, key, digest)
        raise
    if 200 <= response.status_code < 300 and not isinstance(response, StreamingResponse):
        await run_in_threadpool(_keep, who, key, digest, response)
    else:
        await run_in_threadpool(_forget, who, key, digest)
    return response


# --- private -----------------------------------------------------------------------------------------


def _claim(who: str, key: str, digest: str) -> Response | None:
    """Note that a request is being answered; return the answer that it had."""
    from sqlalchemy import delete, update

    from ...store.database import database_of, dialect_of, now_of
    from ...store.tables import answers

    mine = (answers.c.who == who) & (answers.c.key == key)
    with database_of(workbench().settings).writing() as connection:
        now = now_of(connection)
        connection.execute(delete(answers).where(answers.c.time < _before(now, hours=KEPT_H)))
        row = {"who": who, "key": key, "request": digest, "time": now}
        statement = dialect_of(connection).insert(answers).values(row).on_conflict_do_nothing()
        if connection.execute(statement.returning(answers.c.key)).first() is not None:
            return None
        found = connection.execute(answers.select().where(mine)).one()
        if found.request != digest:
            raise refused(422, f"this {HEADER} was used for another request", remedy="use a new one")
        if found.status is None:
            stale = mine & (answers.c.status.is_(None)) & (answers.c.time < _before(now, seconds=PATIENCE_S))
            if connection.execute(update(answers).where(stale).values(time=now)).rowcount:
                return None
            raise refused(
                409, "the first request of this key is being answered", remedy="come again in a moment",
                headers={"Retry-After": "1"},
            )  # fmt: skip
        if found.body is None:
            return None  # it was too large to be kept
        headers = {**json.loads(found.headers), "Idempotency-Replayed": "true"}
        return Response(found.body, found.status, headers=headers)


def _keep(who: str, key: str, digest: str, response: Response) -> None:
    body = bytes(response.body)
    headers = {name: value for name, value in response.headers.items() if name in _HEADERS}
    try:
        text = body.decode() if len(body) <= MOST_BODY else None
    except UnicodeDecodeError:
        text = None
    values = {"status": response.status_code, "headers": json.dumps(headers), "body": text}
    _settle(who, key, digest, values)


def _forget(who: str, key: str, digest: str) -> None:
    _settle(who, key, digest, None)


def _settle(who: str, key: str, digest: str, values: dict[str, Any] | None) -> None:
    from sqlalchemy import delete, update

    from ...store.database import database_of
    from ...store.tables import answers

    mine = (answers.c.who == who) & (answers.c.key == key) & (answers.c.request == digest)
    change = delete(answers).where(mine, answers.c.status.is_(None))
    if values is not None:
        change = update(answers).where(mine).values(**values)  # type: ignore[assignment]
    try:
        with database_of(workbench().settings).writing() as connection:
            connection.execute(change)
    except StorageError as error:  # the answer stands; asked again, it is made again
        _log.warning("the answer to %s cannot be kept: %s", key, error)


def _before(now: str, **ago: float) -> str:
    earlier = datetime.fromisoformat(now) - timedelta(**ago)
    return earlier.isoformat(timespec="microseconds").replace("+00:00", "Z")
