"""Whatever goes wrong while a request is answered, told as a problem."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from ...errors import EdmError
from .problems import Refused, problem, problem_of

if TYPE_CHECKING:
    from fastapi import FastAPI

MOST = 20
"""Errors of a request that are named."""
_log = logging.getLogger(__name__)
_NO_OBJECT = ("dict_type", "model_attributes_type", "model_type", "dataclass_type")


def tell_faults(app: FastAPI) -> None:
    """Have an application tell every fault as a problem."""
    for kind, tell in _FORESEEN.items():
        app.add_exception_handler(kind, tell)
    app.add_exception_handler(Exception, _unexpected)


async def told(request: Request, error: Exception) -> Response:
    """Return a fault that was foreseen as a problem."""
    for kind, tell in _FORESEEN.items():
        if isinstance(error, kind):
            response: Response = await tell(request, error)
            return response
    return await _unexpected(request, error)


# --- private -----------------------------------------------------------------------------------------


async def _refused(_: Request, error: Any) -> Response:
    response: Response = error.response
    return response


async def _edm_error(request: Request, error: Any) -> Response:
    response = problem_of(error)
    if response.status_code >= 500:
        _log.error("%s %s: %s", request.method, request.url.path, error)
    return response


async def _invalid(_: Request, error: Any) -> Response:
    found = error.errors()
    first = found[0]
    if first["type"] == "json_invalid":
        return problem(400, f"it is not JSON: {first['ctx']['error']} at character {first['loc'][-1]}")
    if first["loc"] == ("body",) and first["type"] in _NO_OBJECT:
        return problem(400, "it is no JSON object", remedy="send {…}")
    told = [{"place": _place(each["loc"]), "message": str(each["msg"])} for each in found[:MOST]]
    detail = "; ".join(f"{each['place']}: {each['message']}" for each in told[:3])
    return problem(422, detail[:1000], errors=told)


async def _http(request: Request, error: Any) -> Response:
    if error.status_code == 404:
        return problem(404, "there is nothing at this address", remedy="GET /api/docs shows what there is")
    if error.status_code == 405:
        allowed = {"Allow": ", ".join(_methods(request))}
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=allowed)
        return problem(405, f"{request.method[:20]} is nothing to do here", headers=allowed)
    return problem(error.status_code, str(error.detail), headers=error.headers)


async def _nested(_: Request, __: Any) -> Response:
    return problem(400, "it is nested too deeply", remedy="send it flatter")


async def _unexpected(request: Request, error: Any) -> Response:
    _log.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem(500, "something is wrong on this side", remedy="look into the log; tell those who run it")


def _place(location: tuple[Any, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text[:200]


def _methods(request: Request) -> list[str]:
    """Return what may be done at an address, whichever of its routes does it."""
    found = {"OPTIONS"}
    for route in request.app.routes:
        if route.matches(dict(request.scope))[0] is not Match.NONE:
            found |= set(getattr(route, "methods", None) or ())
    return sorted(found | ({"HEAD"} if "GET" in found else set()))


_FORESEEN: dict[type[Exception], Any] = {
    Refused: _refused,
    EdmError: _edm_error,
    RequestValidationError: _invalid,
    HTTPException: _http,
    RecursionError: _nested,
}
