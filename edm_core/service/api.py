"""The HTTP routes under ``/api/v1``. Only recordings of the library are served, by their whole id."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..errors import EdmError
from ..store import Entry
from .annotations import annotation_routes
from .audience_routes import audience_routes
from .bench import workbench
from .persona_routes import persona_routes
from .problems import problem, problem_of
from .ranges import of_bytes, of_file, ranged
from .rating_routes import rating_routes

PREFIX = "/api/v1"
FOREVER = "private, max-age=31536000, immutable"
"""An id names its bytes, so what is derived from them never changes."""

_Handler = Callable[[Request, Entry], Response]


def routes() -> list[Route]:
    """Return the routes, to be mounted beside the pages or alone."""
    return [
        Route(f"{PREFIX}/health", health),
        Route(f"{PREFIX}/recordings", recordings),
        Route(f"{PREFIX}/recordings/{{id}}/audio", _of_entry(audio)),
        Route(f"{PREFIX}/recordings/{{id}}/peaks/{{level}}", _of_entry(peaks)),
        Route(f"{PREFIX}/recordings/{{id}}/timeline", _of_entry(timeline)),
        *annotation_routes(PREFIX),
        *audience_routes(PREFIX),
        *rating_routes(PREFIX),
        *persona_routes(PREFIX),
        Route(f"{PREFIX}/{{rest:path}}", unknown),
    ]


async def health(_: Request) -> Response:
    """Say that the process answers."""
    return JSONResponse({"status": "ok"})


async def recordings(request: Request) -> Response:
    """List the library, newest first; ``?search=`` narrows it."""
    entries = await run_in_threadpool(workbench().library.list, request.query_params.get("search", ""))
    return JSONResponse({"recordings": [_summary(entry) for entry in entries]})


def audio(request: Request, entry: Entry) -> Response:
    """Serve what a browser plays, with byte ranges."""
    from ..audio import media_type

    path = workbench().rendition(entry)
    return ranged(request, of_file(path), media_type(path), _headers(entry, "audio"))


def peaks(request: Request, entry: Entry) -> Response:
    """Serve one level of the peak pyramid: bins of eight signed bytes."""
    levels = workbench().sound(entry).peaks.levels
    text = request.path_params["level"]
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) < len(levels)):
        return problem(404, f"there are levels 0 to {len(levels) - 1}")
    content = of_bytes(levels[int(text)].reshape(-1).data.cast("B"))
    return ranged(request, content, "application/octet-stream", _headers(entry, f"peaks-{text}"))


def timeline(request: Request, entry: Entry) -> Response:
    """Serve the newest analysis and what people say of it, in the schema of ``edm analyze --format json``."""
    found = workbench().library.timeline(entry.id)
    if found is None:
        return problem(404, "it has not been analysed yet", remedy="wait until its status is done")
    text = found.to_json()
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == etag:
        return Response(status_code=304, headers=headers)
    return Response(text, media_type="application/json", headers=headers)


async def unknown(_: Request) -> Response:
    """Answer every other address under the prefix."""
    return problem(404, "there is nothing at this address")


def _of_entry(handler: _Handler) -> Callable[[Request], Awaitable[Response]]:
    """Look the recording up and answer in a thread: files are read and, at worst, decoded."""

    def answer(request: Request) -> Response:
        entry = workbench().library.get(request.path_params["id"])
        if entry is None:
            return problem(404, "there is no such recording in the library")
        try:
            return handler(request, entry)
        except EdmError as error:
            return problem_of(error)

    async def respond(request: Request) -> Response:
        return await run_in_threadpool(answer, request)

    return respond


def _headers(entry: Entry, what: str) -> dict[str, str]:
    return {"ETag": f'"{entry.digest[:32]}-{what}"', "Cache-Control": FOREVER}


def _summary(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "name": entry.name,
        "title": entry.title,
        "artist": entry.artist,
        "duration": entry.duration,
        "status": entry.status,
        "message": entry.message,
        "chips": list(entry.chips),
        "added": entry.added,
    }
