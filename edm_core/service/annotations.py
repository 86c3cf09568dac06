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
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ..store import Entry, Library
from ..store.answers import Clashed, plain_revision
from ..store.desk import Desk
from ..timeline import Timeline
from .bench import Workbench, workbench
from .problems import problem
from .requests import PRIVATE, Asked, Refused, about_recording, checked_name

_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


def annotation_routes(prefix: str) -> list[Route]:
    """Return the routes, below ``prefix``."""
    base = f"{prefix}/recordings/{{id}}/annotations"
    return [
        about_recording(base, GET=read, PUT=save),
        about_recording(f"{base}/draft", PUT=keep),
        about_recording(f"{base}/history", GET=history),
        about_recording(f"{base}/revisions/{{number}}", GET=revision),
        about_recording(f"{base}/restore", POST=restore),
        about_recording(f"{base}/presence", POST=present),
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
    answer = _desk(asked).opened()
    return JSONResponse(answer, headers=_tagged(answer["revision"]))


def history(asked: Asked) -> Response:
    """Give the revisions of an author's line, newest first; without an author those of all."""
    if not asked.author:
        revisions = workbench().library.annotations.history(asked.entry.id)
        return JSONResponse({"revisions": [plain_revision(each) for each in revisions]}, headers=PRIVATE)
    return JSONResponse(_desk(asked).history(), headers=PRIVATE)


def revision(asked: Asked) -> Response:
    """Give one revision with its annotation."""
    number = _number(asked.request.path_params["number"])
    answer = _desk(asked).revision(number)
    return JSONResponse(answer, headers=_tagged(number))


# --- writing -----------------------------------------------------------------------------------------


def save(asked: Asked) -> Response:
    """Save the line's next revision."""
    parent = _condition(asked.request)
    answer = _desk(asked).save(_annotation(asked), parent=parent, note=asked.body.get("note", ""))
    if isinstance(answer, Clashed):
        return _conflict(answer)
    headers = _tagged(answer.revision.number)
    return JSONResponse(answer.plain(), 201 if answer.created else 200, headers=headers)


def keep(asked: Asked) -> Response:
    """Keep a draft, and say what the checks find in it."""
    return JSONResponse(_desk(asked).keep(_annotation(asked), base=asked.body.get("base")))


def restore(asked: Asked) -> Response:
    """Make an old revision the newest again, as a new one."""
    answer = _desk(asked).restore(_number(asked.body.get("number")))
    return JSONResponse(answer, headers=_tagged(answer["revision"]["number"]))


def present(asked: Asked) -> Response:
    """Note that somebody has this recording open, and say who else has; or that they have left it."""
    desk = _desk(asked)
    if asked.body.get("leave") is True:
        desk.leave()
        return Response(status_code=204)
    return JSONResponse(desk.present())


# --- private -----------------------------------------------------------------------------------------


def _annotation(asked: Asked) -> Any:
    if "annotation" not in asked.body:
        raise Refused(problem(422, "it holds no annotation", remedy='send {"annotation": {…}}'))
    return asked.body["annotation"]


def _desk(asked: Asked) -> Desk:
    """Return the author's desk."""
    author = checked_name(asked.author, "whose annotation it is", "add ?author=NAME")
    return desk_of(workbench(), asked.entry, author)


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
