"""What is heard and seen of a recording, over HTTP: its sound, its peaks and its timeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ..bench import workbench
from ..web.problems import refused
from ..web.ranges import named, of_bytes, of_file, ranged
from ..web.requests import RecordingId, known
from ..web.routing import file_response, nothing, problems, router
from .annotation_models import TimelineDocument

if TYPE_CHECKING:
    from ...store import Entry
    from ...store.documents import Document

routes = router("recordings")
FOREVER = "private, max-age=31536000, immutable"
"""An id names its bytes, so what is derived from them never changes."""
AUDIO: dict[int | str, dict[str, Any]] = {
    200: file_response("audio/*", description="What a browser plays"),
    206: file_response("audio/*", description="The part that `Range` asks for"),
    304: nothing("It is what `If-None-Match` names"),
}
"""What sound may be answered with, besides problems."""
_PEAKS: dict[int | str, dict[str, Any]] = {
    200: file_response("application/octet-stream", description="Bins of eight signed bytes"),
    206: file_response("application/octet-stream", description="The part that `Range` asks for"),
    304: nothing("It is what `If-None-Match` names"),
}


@routes.get(
    "/recordings/{id}/audio",
    operation_id="read_audio",
    summary="The sound, with byte ranges",
    response_class=Response,
    responses={307: nothing("To the bucket that it lies in, for `direct`"), **AUDIO, **problems(404, 416)},
)
def audio(
    request: Request,
    id: RecordingId,
    direct: Annotated[
        bool, Query(description="Be led to the bucket that it lies in, if it does, to its bytes as they came")
    ] = False,
) -> Response:
    """Serve what a browser plays: the recording itself, or what was decoded from it."""
    from ...audio import media_type

    entry = known(id)
    if direct and (address := workbench().library.address(entry)) is not None:
        return RedirectResponse(address, headers={"Cache-Control": "private, no-store"})
    path = workbench().rendition(entry)
    return ranged(request, of_file(path), media_type(path), _headers(entry, "audio"))


@routes.get(
    "/recordings/{id}/peaks/{level}",
    operation_id="read_peaks",
    summary="A level of the peak pyramid",
    response_class=Response,
    responses={**_PEAKS, **problems(404, 416)},
)
def peaks(
    request: Request,
    id: RecordingId,
    level: Annotated[
        str,
        Path(description="0 is the finest", json_schema_extra={"pattern": "^[0-9]{1,3}$"}, examples=["0"]),
    ],
) -> Response:
    """Serve one level of the peak pyramid: lowest and highest sample, and six more, of each bin."""
    entry = known(id)
    levels = workbench().sound(entry).peaks.levels
    if not (level.isascii() and level.isdigit() and len(level) < 4 and int(level) < len(levels)):
        raise refused(404, f"there are levels 0 to {len(levels) - 1}")
    content = of_bytes(levels[int(level)].reshape(-1).data.cast("B"))
    return ranged(request, content, "application/octet-stream", _headers(entry, f"peaks-{level}"))


@routes.get(
    "/recordings/{id}/timeline",
    operation_id="read_timeline",
    summary="The timeline",
    response_model=TimelineDocument,
    responses={304: nothing("It is what `If-None-Match` names"), **problems(404)},
)
def timeline(request: Request, id: RecordingId) -> Response:
    """Serve the newest analysis and what people say of it, in the schema of `edm analyze --format json`."""
    return served(request, document(id))


def served(request: Request, found: Document) -> Response:
    """Return a JSON document, compressed where that is understood, or 304 where it is known."""
    packed = found.packed if _takes_gzip(request.headers.get("accept-encoding", "")) else None
    tag = found.etag if packed is None else f'{found.etag[:-1]}-gzip"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding"}
    if named(request.headers.get("if-none-match"), tag):
        return Response(status_code=304, headers=headers)
    if packed is None:
        return Response(found.data, media_type="application/json", headers=headers)
    headers["Content-Encoding"] = "gzip"
    return Response(packed, media_type="application/json", headers=headers)


def document(id: str) -> Document:
    """Return a recording's timeline as it is sent, with what tells it from an earlier one.

    Raises
    ------
    Refused
        404, if the library does not have it or it has not been analysed yet.
    """
    found = workbench().library.document(id)
    if found is None:
        known(id)
        raise refused(404, "it has not been analysed yet", remedy="wait until its status is done")
    return found


# --- private -----------------------------------------------------------------------------------------


def _takes_gzip(accepted: str) -> bool:
    """Whether gzip is among what is accepted, and not with a weight of nothing."""
    for each in accepted.lower().split(","):
        coding, _, weight = each.partition(";")
        if coding.strip() in ("gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def _headers(entry: Entry, what: str) -> dict[str, str]:
    return {"ETag": f'"{entry.digest[:32]}-{what}"', "Cache-Control": FOREVER}
