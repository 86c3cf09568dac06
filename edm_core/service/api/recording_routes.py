"""The library over HTTP: its recordings listed, added, tagged and removed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Body, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..._codec import encode
from ...errors import EdmError
from ...store.entry import tag_of
from ..bench import workbench
from ..web.idempotency import answered_once
from ..web.incoming import received
from ..web.problems import refused
from ..web.requests import PRIVATE, RecordingId, known, may, name_of
from ..web.routing import PREFIX, nothing, problems, router, streams
from .job_view import job_facts
from .models import Accepted, Erased, RecordingEntry, Recordings, Tags, TagsRequest

if TYPE_CHECKING:
    from ...store import Entry

routes = router("recordings")
MOST = 500
"""Recordings on a page."""
HERE = "admin"
"""Who erases where nobody is asked for a name."""
UPLOAD: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "The file, as the field `file` of a form or as it is (named by `?name=`)",
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {"file": {"type": "string", "format": "binary"}},
                    "required": ["file"],
                }
            },
            "audio/*": {"schema": {"type": "string", "format": "binary"}},
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
"""How an upload is described; it is streamed, so FastAPI does not read it."""

Name = Annotated[
    str | None, Query(description="What a file that is sent as it is is called", examples=["set.flac"])
]
_Status = Literal["queued", "running", "done", "failed", "cancelled"]
_Tempo = Annotated[float | None, Query(ge=0, le=2000, allow_inf_nan=False, description="Beats per minute")]
_Seconds = Annotated[float | None, Query(ge=0, le=1e9, allow_inf_nan=False, description="Seconds")]
_Sort = Literal["added", "title", "bpm", "duration"]


@routes.get(
    "/recordings",
    operation_id="list_recordings",
    summary="The library",
    response_model=Recordings,
    responses=problems(),
)
def recordings(
    request: Request,
    search: Annotated[str, Query(description="Words, all of which must be found", max_length=500)] = "",
    tag: Annotated[list[str], Query(description="Tags that it must have", max_length=20)] = [],  # noqa: B006
    status: Annotated[_Status | None, Query(description="How its analysis stands")] = None,
    sort: Annotated[_Sort, Query(description="By what")] = "added",
    order: Annotated[Literal["descending", "ascending"], Query()] = "descending",
    bpm_from: _Tempo = None,
    bpm_to: _Tempo = None,
    duration_from: _Seconds = None,
    duration_to: _Seconds = None,
    key: Annotated[
        str | None,
        Query(description="On the Camelot wheel", pattern="^([1-9]|1[0-2])[ABab]$", examples=["8A"]),
    ] = None,
    speech: Annotated[bool | None, Query(description="Whether somebody speaks")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="How many on a page")] = 60,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many to leave out")] = 0,
) -> Response:
    """List a page of the library, the newest first; `Link` leads to the next and the one before."""
    found = workbench().library.page(
        search=search, tags=_tags(tag), status=status, sort=sort, descending=order == "descending",
        limit=limit, offset=offset, bpm=_range(bpm_from, bpm_to), key=key,
        duration=_range(duration_from, duration_to), speech=speech,
    )  # fmt: skip
    body = {
        "recordings": [recording_facts(entry) for entry in found.entries],
        "total": found.total, "limit": limit, "offset": offset,
    }  # fmt: skip
    headers = PRIVATE | links(request, offset=offset, limit=limit, total=found.total)
    return JSONResponse(body, headers=headers)


@routes.get(
    "/tags",
    operation_id="list_tags",
    summary="Tags and how many have them",
    response_model=Tags,
    responses=problems(),
)
def tags() -> Response:
    """List the tags there are, in alphabetical order."""
    return JSONResponse({"tags": dict(workbench().library.tags())}, headers=PRIVATE)


@routes.post(
    "/recordings",
    operation_id="add_recording",
    summary="Add a recording and have it analysed",
    status_code=202,
    response_model=Accepted,
    responses=problems(408, 409, 413, 415, 507),
    openapi_extra=UPLOAD,
)
@streams
async def add(request: Request, name: Name = None) -> Response:  # noqa: ARG001 - `received` reads it
    """Take a file; `Location` is the recording, whose bytes name it: the same file twice is one."""
    async with received(request) as upload:

        async def answer() -> Response:
            entry, job = await upload.enter(name_of(request))
            headers = {"Location": f"{PREFIX}/recordings/{entry.digest}"}
            body = {"recording": recording_facts(entry), "job": None if job is None else job_facts(job)}
            return JSONResponse(body, 202, headers=headers)

        return await answered_once(request, upload.fingerprint, answer)


@routes.get(
    "/recordings/{id}",
    operation_id="read_recording",
    summary="A recording, without its timeline",
    response_model=RecordingEntry,
    responses=problems(404),
)
def recording(id: RecordingId) -> Response:
    """Tell what is known of a recording."""
    return JSONResponse(recording_facts(known(id)), headers=PRIVATE)


@routes.patch(
    "/recordings/{id}",
    operation_id="tag_recording",
    summary="Tag a recording",
    response_model=RecordingEntry,
    responses=problems(404, 413, 415),
)
def change(id: RecordingId, body: Annotated[TagsRequest, Body()]) -> Response:
    """Set its tags, or add and remove some."""
    entry, library = known(id), workbench().library
    add, remove = _tags(body.add), _tags(body.remove)
    if body.tags is not None:
        wanted = _tags(body.tags)
        add += [tag for tag in wanted if tag not in entry.tags]
        remove += [tag for tag in entry.tags if tag not in wanted and tag not in add]
    library.tag([entry.id], add=tuple(add), remove=tuple(remove))
    return JSONResponse(recording_facts(known(id)), headers=PRIVATE)


@routes.delete(
    "/recordings/{id}",
    operation_id="remove_recording",
    summary="Remove a recording, or erase it",
    status_code=204,
    responses={
        200: {"model": Erased, "description": "It was erased"},
        204: nothing("Removed"),
        **problems(404),
    },
)
def remove(
    request: Request,
    id: RecordingId,
    erase: Annotated[bool, Query(description="With everything that was ever said of it; for admins")] = False,
    reason: Annotated[str, Query(description="Why; kept in the audit log", max_length=500)] = "",
) -> Response:
    """Forget a recording and what was found in it; what people said of it stays, unless it is erased."""
    entry, bench = known(id), workbench()
    if not erase:
        bench.remove(entry)
        return Response(status_code=204)
    if not may(request, "admin"):
        raise refused(403, "only an admin may erase", remedy="use a key of scope admin")
    if not reason.strip():
        raise refused(422, "it does not say why", remedy="add ?reason=, which the audit log keeps")
    bench.cancel(entry)
    bench.stop_scoring(entry)
    done = bench.library.erase(entry.id, name_of(request) or HERE, reason.strip())
    return JSONResponse({"id": entry.id, "counts": dict(done.counts), "named_in": list(done.named_in)})


def recording_facts(entry: Entry) -> dict[str, Any]:
    """Return what the API tells of a recording; where its file lies is nobody's business."""
    names = ("id", "name", "title", "artist", "duration", "status", "message", "added", "revision")
    facts = {name: getattr(entry, name) for name in names}
    facts |= {"chips": list(entry.chips), "tags": list(entry.tags), "size": entry.size}
    return facts | {"problems": encode(entry.problems), "parts": encode(entry.parts)}


def links(request: Request, *, offset: int, limit: int, total: int) -> dict[str, str]:
    """Return the ``Link`` header to the pages beside one (RFC 8288)."""

    def to(relation: str, place: int) -> str:
        query = [(k, v) for k, v in request.query_params.multi_items() if k not in ("offset", "limit")]
        query += [("limit", str(limit)), ("offset", str(place))]
        return f'<{request.url.path}?{urlencode(query)}>; rel="{relation}"'

    found = []
    if offset + limit < total:
        found.append(to("next", offset + limit))
    if offset:
        found.append(to("prev", max(offset - limit, 0)))
    return {"Link": ", ".join(found)} if found else {}


# --- private -----------------------------------------------------------------------------------------


def _tags(given: Iterable[str]) -> list[str]:
    """Return tags as everybody spells them; refuse what is none."""
    try:
        return list(dict.fromkeys(tag_of(tag) for tag in given))
    except EdmError as error:
        raise refused(422, error.problem, remedy=error.remedy) from None


def _range(low: float | None, high: float | None) -> tuple[float | None, float | None] | None:
    return None if low is None and high is None else (low, high)
