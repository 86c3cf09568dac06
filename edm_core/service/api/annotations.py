"""Annotations over HTTP: read a line, save it, keep a draft, look at what was, see who else is here.

Below ``/api/v1/recordings/{id}/annotations``. An author's line has an ``ETag``, the number of its newest
revision. A save names the one it began from: ``If-Match: "3"``, or ``If-None-Match: *`` for the first. Where
somebody was faster, the answer is 409 with both versions and what merging them gives; nothing is lost, and
the draft stays.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Body, Header, Path
from starlette.responses import JSONResponse, Response

from ...store import Entry, Library
from ...store.answers import Clashed, plain_revision
from ...store.desk import Desk
from ...timeline import Timeline
from ..bench import Workbench, workbench
from ..web.problems import problem, refused
from ..web.requests import PRIVATE, Asked, Author, RecordingId, about, checked_name
from ..web.routing import nothing, problem_response, problems, router
from .annotation_models import (
    DraftAnswer,
    DraftRequest,
    History,
    Line,
    Lines,
    Presence,
    PresenceRequest,
    RestoreRequest,
    RevisionContent,
    SaveAnswer,
    SaveRequest,
)
from .models import Like

routes = router("annotations")
_BASE = "/recordings/{id}/annotations"
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


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


@routes.get(
    _BASE,
    operation_id="read_annotation",
    summary="An author's line, or without an author the newest revision of every line",
    response_model=Line | Lines,
    responses=problems(404),
)
def read(id: RecordingId, author: Author = None) -> Response:
    """Give an author's line with its draft; its revision stands in `ETag`."""
    asked = about(id, author=author)
    if not asked.author:
        lines = workbench().library.annotations.lines(asked.entry.id)
        return JSONResponse({"lines": [plain_revision(line) for line in lines]}, headers=PRIVATE)
    answer = _desk(asked).opened()
    return JSONResponse(answer, headers=_tagged(answer["revision"]))


@routes.get(
    f"{_BASE}/history",
    operation_id="list_revisions",
    summary="The revisions of a line, or of all",
    response_model=History,
    responses=problems(404),
)
def history(id: RecordingId, author: Author = None) -> Response:
    """Give the revisions of an author's line, newest first; without an author those of all."""
    asked = about(id, author=author)
    if not asked.author:
        revisions = workbench().library.annotations.history(asked.entry.id)
        return JSONResponse({"revisions": [plain_revision(each) for each in revisions]}, headers=PRIVATE)
    return JSONResponse(_desk(asked).history(), headers=PRIVATE)


@routes.get(
    f"{_BASE}/revisions/{{number}}",
    operation_id="read_revision",
    summary="A revision and what it says",
    response_model=RevisionContent,
    responses=problems(404),
)
def revision(
    id: RecordingId,
    number: Annotated[str, Path(json_schema_extra={"pattern": "^[0-9]{1,9}$"}, examples=["1"])],
    author: Author = None,
) -> Response:
    """Give one revision with its annotation."""
    wanted = _number(number)
    answer = _desk(about(id, author=author)).revision(wanted)
    return JSONResponse(answer, headers=_tagged(wanted))


# --- writing -----------------------------------------------------------------------------------------


@routes.put(
    _BASE,
    operation_id="save_annotation",
    summary="Save the line's next revision",
    response_model=SaveAnswer,
    responses={
        201: {"model": SaveAnswer, "description": "The first revision of the line"},
        **problems(404, 413, 415, 428),
        409: problem_response(409, "Conflict"),
    },
)
def save(
    id: RecordingId,
    body: Annotated[dict[str, Any], Like(SaveRequest), Body()],
    author: Author = None,
    if_match: Annotated[
        str | None, Header(description='The revision that was edited, as `"3"`', examples=['"3"'])
    ] = None,
    if_none_match: Annotated[str | None, Header(description="`*` begins a line", examples=["*"])] = None,
) -> Response:
    """Save an annotation; `If-Match` names the revision it began from, `If-None-Match: *` begins the line."""
    asked = about(id, body, author)
    parent = _condition(if_match, if_none_match)
    answer = _desk(asked).save(_annotation(asked), parent=parent, note=asked.body.get("note", ""))
    if isinstance(answer, Clashed):
        return _conflict(answer)
    headers = _tagged(answer.revision.number)
    return JSONResponse(answer.plain(), 201 if answer.created else 200, headers=headers)


@routes.put(
    f"{_BASE}/draft",
    operation_id="keep_draft",
    summary="Keep a draft and look at it",
    response_model=DraftAnswer,
    responses=problems(404, 413, 415),
)
def keep(
    id: RecordingId,
    body: Annotated[dict[str, Any], Like(DraftRequest), Body()],
    author: Author = None,
) -> Response:
    """Keep a draft, which may be unfinished, and say what the checks find in it."""
    asked = about(id, body, author)
    return JSONResponse(_desk(asked).keep(_annotation(asked), base=asked.body.get("base")))


@routes.post(
    f"{_BASE}/restore",
    operation_id="restore_revision",
    summary="Make an old revision the newest again",
    response_model=RevisionContent,
    responses=problems(404, 409, 413, 415),
)
def restore(
    id: RecordingId,
    body: Annotated[dict[str, Any], Like(RestoreRequest), Body()],
    author: Author = None,
) -> Response:
    """Make an old revision the newest again, as a new one."""
    asked = about(id, body, author)
    answer = _desk(asked).restore(_number(asked.body.get("number")))
    return JSONResponse(answer, headers=_tagged(answer["revision"]["number"]))


@routes.post(
    f"{_BASE}/presence",
    operation_id="note_presence",
    summary="Say that you are here, and hear who else is",
    response_model=Presence,
    responses={204: nothing("You have left"), **problems(404, 409, 413, 415)},
)
def present(
    id: RecordingId,
    body: Annotated[dict[str, Any], Like(PresenceRequest), Body()] = {},  # noqa: B006 - never changed
    author: Author = None,
) -> Response:
    """Note that somebody has this recording open, and say who else has; or that they have left it."""
    asked = about(id, body, author)
    desk = _desk(asked)
    if asked.body.get("leave") is True:
        desk.leave()
        return Response(status_code=204)
    return JSONResponse(desk.present())


# --- private -----------------------------------------------------------------------------------------


def _annotation(asked: Asked) -> Any:
    if "annotation" not in asked.body:
        raise refused(422, "it holds no annotation", remedy='send {"annotation": {…}}')
    return asked.body["annotation"]


def _desk(asked: Asked) -> Desk:
    """Return the author's desk."""
    author = checked_name(asked.author, "whose annotation it is", "add ?author=NAME")
    return desk_of(workbench(), asked.entry, author)


def _condition(match: str | None, none: str | None) -> int | None:
    """Return the revision that a save began from; None for a first one."""
    if match is None and none is None:
        remedy = 'send If-Match: "N" with the revision it began from, or If-None-Match: * for a first one'
        raise refused(428, "it does not say which revision was edited", remedy=remedy)
    if match is None:
        if none != "*":
            raise refused(
                400, f"If-None-Match: {none} is not *", remedy="send If-None-Match: * to begin a line"
            )
        return None
    found = _ETAG.fullmatch(match.strip())
    if found is None or none is not None:
        raise refused(400, f"If-Match: {match} is no revision", remedy='write it as "3"')
    return int(found[1])


def _number(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise refused(422, f"{text[:40]!r} is no revision", remedy="give its number")
    return int(text)


def _tagged(number: int | None) -> dict[str, str]:
    return PRIVATE if number is None else {**PRIVATE, "ETag": f'"{number}"'}


def _conflict(clashed: Clashed) -> Response:
    number = clashed.theirs[0]
    remedy = "settle what clashes, and save with the newer revision in If-Match"
    refusal = problem(409, f"revision {number} was saved since", remedy=remedy)
    body = {**json.loads(bytes(refusal.body)), **clashed.plain()}
    return JSONResponse(body, 409, headers=_tagged(number), media_type="application/problem+json")
