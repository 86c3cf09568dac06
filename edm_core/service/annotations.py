"""Annotations over HTTP: read a line, save it, keep a draft, look at what was, see who else is here.

Below ``/api/v1/recordings/{id}/annotations``. An author's line has an ``ETag``, the number of its newest
revision. A save names the one it began from: ``If-Match: "3"``, or ``If-None-Match: *`` for the first. Where
somebody was faster, the answer is 409 with both versions and what merging them gives; nothing is lost, and
the draft stays.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import EdmError, StorageError, TimelineError
from ..store import Entry, Library
from ..store.annotations import author_of
from ..store.answers import Clashed, NoRevision, plain_revision, status_of
from ..store.desk import Desk
from ..timeline import Timeline
from .bench import Workbench, workbench
from .problems import problem, problem_of

LIMIT = 32_000_000
"""Most bytes of a request: the words of half a day of speech are less."""
PRIVATE = {"Cache-Control": "private, no-cache"}

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, with its body read and its recording found."""

    request: Request
    entry: Entry
    body: Mapping[str, Any]

    @property
    def author(self) -> str:
        """Whose line is meant: the query says it, or the body."""
        author = self.request.query_params.get("author") or self.body.get("author") or ""
        return author if isinstance(author, str) else ""

    def desk(self) -> Desk:
        """Return the author's desk."""
        return desk_of(workbench(), self.entry, self.author)


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


def annotation_routes(prefix: str) -> list[Route]:
    """Return the routes, below ``prefix``."""
    base = f"{prefix}/recordings/{{id}}/annotations"
    return [
        _route(base, GET=read, PUT=save),
        _route(f"{base}/draft", PUT=keep),
        _route(f"{base}/history", GET=history),
        _route(f"{base}/revisions/{{number}}", GET=revision),
        _route(f"{base}/restore", POST=restore),
        _route(f"{base}/presence", POST=present),
    ]


def desk_of(bench: Workbench, entry: Entry, author: str) -> Desk:
    """Return an author's desk for a recording of the library.

    Raises
    ------
    AudioError
        If its length is not known and its file cannot be read.
    StorageError
        If the author's name is none.
    """
    found = analysis_of(bench.library, entry.id, entry.revision)
    about = found.recording if found else bench.sound(entry).recording
    return Desk(bench.library.annotations, about, author, timeline=found)


@lru_cache(maxsize=8)
def analysis_of(library: Library, id: str, _revision: int) -> Timeline | None:
    """Return a recording's analysis; kept by its revision, because every draft is checked against it."""
    return library.analysis(id)


# --- reading -----------------------------------------------------------------------------------------


def read(asked: Asked) -> Response:
    """Give an author's line, or without an author the newest revision of every line."""
    if not asked.author:
        lines = workbench().library.annotations.lines(asked.entry.id)
        return JSONResponse({"lines": [plain_revision(line) for line in lines]}, headers=PRIVATE)
    answer = _named(asked).desk().opened()
    return JSONResponse(answer, headers=_tagged(answer["revision"]))


def history(asked: Asked) -> Response:
    """Give the revisions of an author's line, newest first; without an author those of all."""
    if not asked.author:
        revisions = workbench().library.annotations.history(asked.entry.id)
        return JSONResponse({"revisions": [plain_revision(each) for each in revisions]}, headers=PRIVATE)
    return JSONResponse(_named(asked).desk().history(), headers=PRIVATE)


def revision(asked: Asked) -> Response:
    """Give one revision with its annotation."""
    number = _number(asked.request.path_params["number"])
    answer = _named(asked).desk().revision(number)
    return JSONResponse(answer, headers=_tagged(number))


# --- writing -----------------------------------------------------------------------------------------


def save(asked: Asked) -> Response:
    """Save the line's next revision."""
    parent = _condition(asked.request)
    answer = _named(asked).desk().save(_annotation(asked), parent=parent, note=asked.body.get("note", ""))
    if isinstance(answer, Clashed):
        return _conflict(answer)
    headers = _tagged(answer.revision.number)
    return JSONResponse(answer.plain(), 201 if answer.created else 200, headers=headers)


def keep(asked: Asked) -> Response:
    """Keep a draft, and say what the checks find in it."""
    return JSONResponse(_named(asked).desk().keep(_annotation(asked), base=asked.body.get("base")))


def restore(asked: Asked) -> Response:
    """Make an old revision the newest again, as a new one."""
    answer = _named(asked).desk().restore(_number(asked.body.get("number")))
    return JSONResponse(answer, headers=_tagged(answer["revision"]["number"]))


def present(asked: Asked) -> Response:
    """Note that somebody has this recording open, and say who else has; or that they have left it."""
    desk = _named(asked).desk()
    if asked.body.get("leave") is True:
        desk.leave()
        return Response(status_code=204)
    return JSONResponse(desk.present())


# --- private -----------------------------------------------------------------------------------------

_Handler = Callable[[Asked], Response]


def _route(path: str, **handlers: _Handler) -> Route:
    """Answer each method by its handler, in a thread: the store waits for the disk."""

    def answer(request: Request, body: bytes) -> Response:
        entry = workbench().library.get(request.path_params["id"])
        if entry is None:
            return problem(404, "there is no such recording in the library")
        try:
            return handlers[request.method](Asked(request, entry, _object(body)))
        except Refused as refused:
            return refused.response
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
        return await run_in_threadpool(answer, request, body)

    if "GET" in handlers:
        handlers["HEAD"] = handlers["GET"]
    handler: Callable[[Request], Awaitable[Response]] = respond
    return Route(path, handler, methods=list(handlers))


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
        raise Refused(problem(400, "it is no JSON object", remedy='send {"annotation": {…}}'))
    return value


def _annotation(asked: Asked) -> Any:
    if "annotation" not in asked.body:
        raise Refused(problem(422, "it holds no annotation", remedy='send {"annotation": {…}}'))
    return asked.body["annotation"]


def _named(asked: Asked) -> Asked:
    if not asked.author:
        raise Refused(problem(422, "it does not say whose annotation it is", remedy="add ?author=NAME"))
    try:
        author_of(asked.author)
    except StorageError as error:
        raise Refused(problem(422, str(error))) from None
    return asked


def _condition(request: Request) -> int | None:
    """Return the revision that a save began from; None for a first one."""
    match, none = request.headers.get("if-match"), request.headers.get("if-none-match")
    if match is None and none is None:
        remedy = 'send If-Match: "N" with the revision it began from, or If-None-Match: * for a first one'
        raise Refused(problem(428, "it does not say which revision was edited", remedy=remedy))
    if match is None:
        if none != "*":
            raise Refused(problem(400, f"If-None-Match: {none} is not *"))
        return None
    found = _ETAG.fullmatch(match.strip())
    if found is None or none is not None:
        raise Refused(problem(400, f"If-Match: {match} is no revision", remedy='write it as "3"'))
    return int(found[1])


def _number(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise Refused(problem(422, f"{text[:40]!r} is no revision", remedy="give its number"))
    return int(text)


def _tagged(number: int | None) -> dict[str, str]:
    return PRIVATE if number is None else {**PRIVATE, "ETag": f'"{number}"'}


def _conflict(clashed: Clashed) -> Response:
    number = clashed.theirs[0]
    remedy = "settle what clashes, and save with the newer revision in If-Match"
    refusal = problem(409, f"revision {number} was saved since", remedy=remedy)
    body = {**json.loads(bytes(refusal.body)), **clashed.plain()}
    return JSONResponse(body, 409, headers=_tagged(number), media_type="application/problem+json")
