"""Requests about a recording: its entry found, the body read and bounded, and refusals told as problems.

Who writes must be a page of this workbench or no page at all: a page of another site could otherwise make a
browser write here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import EdmError, StorageError, TimelineError
from ..store import Entry
from ..store.annotations import author_of
from ..store.answers import NoRevision, status_of
from .audience import NotAnalysed
from .bench import workbench
from .problems import problem, problem_of

LIMIT = 32_000_000
"""Most bytes of a request: the words of half a day of speech are less."""
PRIVATE = {"Cache-Control": "private, no-cache"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, with its body read and its recording found."""

    request: Request
    entry: Entry
    body: Mapping[str, Any]

    @property
    def author(self) -> str:
        """Who is meant: the query says it, or the body."""
        author = self.request.query_params.get("author") or self.body.get("author") or ""
        return author if isinstance(author, str) else ""


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


Handler = Callable[[Asked], Response]


def about_recording(path: str, **handlers: Handler) -> Route:
    """Return a route that answers each method by its handler, in a thread: the store waits for the disk.

    Parameters
    ----------
    path : str
        With ``{id}`` in it.
    **handlers : callable
        By method. What they raise is told as a problem.
    """

    def answer(request: Request, body: bytes) -> Response:
        entry = workbench().library.get(request.path_params["id"])
        if entry is None:
            return problem(404, "there is no such recording in the library")
        method = "GET" if request.method == "HEAD" else request.method
        return handlers[method](Asked(request, entry, _object(body)))

    return _route(path, answer, list(handlers))


def about_nothing(path: str, handler: Callable[[Request], Response]) -> Route:
    """Return a route for reading something that is of no recording."""
    return _route(path, lambda request, _body: handler(request), ["GET"])


def checked_name(name: Any, whose: str, remedy: str) -> str:
    """Return a person's name as the store knows it, or refuse the request.

    Parameters
    ----------
    name : object
        What was sent.
    whose : str
        What it is the name of, for the refusal.
    remedy : str
        How to send it.
    """
    if not isinstance(name, str) or not name.strip():
        raise Refused(problem(422, f"it does not say {whose}", remedy=remedy))
    try:
        return author_of(name)
    except StorageError as error:
        raise Refused(problem(422, str(error))) from None


def only(values: Mapping[str, Any], names: Sequence[str]) -> None:
    """Refuse a request that says more than is understood."""
    for name in values:
        if name not in names:
            raise Refused(problem(422, f"{name[:40]!r} is not understood", remedy=f"send {', '.join(names)}"))


def as_file(asked: Asked, text: str, kind: str, name: str, *, attached: bool = True) -> Response:
    """Return a text as a file of a recording: to be kept, or to be looked at."""
    headers = dict(PRIVATE)
    if attached:
        headers["Content-Disposition"] = f'attachment; filename="{asked.entry.digest[:12]}-{name}"'
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


# --- private -----------------------------------------------------------------------------------------


def _route(path: str, answer: Callable[[Request, bytes], Response], methods: list[str]) -> Route:
    def told(request: Request, body: bytes) -> Response:
        try:
            return answer(request, body)
        except Refused as refused:
            return refused.response
        except NotAnalysed as error:
            return problem(404, error.problem, remedy=error.remedy)
        except (NoRevision, TimelineError, StorageError) as error:
            return problem(status_of(error), str(error))
        except EdmError as error:
            return problem_of(error)

    async def respond(request: Request) -> Response:
        try:
            body = b"" if request.method in ("GET", "HEAD") else await _body(request)
        except Refused as refused:
            return refused.response
        except ClientDisconnect:
            return Response(status_code=499)
        return await run_in_threadpool(told, request, body)

    handler: Callable[[Request], Awaitable[Response]] = respond
    return Route(path, handler, methods=methods)


async def _body(request: Request) -> bytes:
    """Read what is written, if it comes from a page of ours and is not too much."""
    _same_site(request)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LIMIT:
            raise Refused(problem(413, f"it is larger than {LIMIT / 1e6:g} MB", remedy="send less at once"))
        parts.append(part)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if size and kind != "application/json":
        raise Refused(problem(415, f"it is sent as {kind or 'nothing'}", remedy="send application/json"))
    return b"".join(parts)


def _same_site(request: Request) -> None:
    """Refuse what a page of another site makes a browser write here."""
    origin = request.headers.get("origin")
    elsewhere = request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
    if elsewhere or (origin is not None and urlsplit(origin).netloc != request.headers.get("host", "")):
        raise Refused(problem(403, "it comes from a page of another site", remedy="open the workbench's own"))


def _object(body: bytes) -> Mapping[str, Any]:
    if not body:
        return {}
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(problem(400, f"it is not JSON: {error}")) from None
    if not isinstance(value, dict):
        raise Refused(problem(400, "it is no JSON object", remedy="send {…}"))
    return value
