"""Routes that the earlier systems had: answered as they did, errors as ``{"detail": …}``."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ...errors import EdmError
from ..web.faults import told
from ..web.problems import MEDIA_TYPE, Refused
from ..web.routing import MEANING, Answering


class Earlier(Answering):
    """A route that tells its errors as the earlier systems did."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what answers a request."""
        answer = super().get_route_handler()

        async def respond(request: Request) -> Response:
            try:
                response = await answer(request)
            except (Refused, EdmError, RequestValidationError, HTTPException, RecursionError) as error:
                response = await told(request, error)
            return _plain(response) if response.headers.get("content-type") == MEDIA_TYPE else response

        return respond


def aliases(prefix: str) -> APIRouter:
    """Return a router for paths of an earlier system; they are marked as deprecated."""
    return APIRouter(
        prefix=prefix, tags=["earlier systems"], route_class=Earlier, deprecated=True, redirect_slashes=False
    )


def _fault(status: int) -> dict[str, Any]:
    content = {
        "application/json": {"schema": {"$ref": "#/components/schemas/Fault"}},
        MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}},
    }
    return {"description": MEANING[status], "content": content}


FAULTS: dict[int | str, dict[str, Any]] = {
    status: _fault(status) for status in (400, 403, 404, 408, 409, 413, 415, 416, 422, 500, 503, 507)
}
"""What such a route may answer with: its own faults, and problems told before it is reached."""


def _plain(response: Response) -> Response:
    """Return a problem as the earlier systems told one."""
    said = json.loads(bytes(response.body))
    detail = said["detail"] + (f"; {said['remedy']}" if said.get("remedy") else "")
    kept = {name: value for name, value in response.headers.items() if name in _KEPT}
    return JSONResponse({"detail": detail}, response.status_code, headers=kept)


_KEPT = ("retry-after", "content-range", "allow", "accept-ranges", "etag", "cache-control")
