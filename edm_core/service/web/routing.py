"""The routes of the API: what all of them do alike, and what they say of themselves in the OpenAPI document.

A route reads its body once, bounded; answers a POST with an ``Idempotency-Key`` once; and answers HEAD
wherever it answers GET.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from .idempotency import answered_once, fingerprint
from .problems import MEDIA_TYPE, refused
from .requests import read_body

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

PREFIX = "/api/v1"
_SAFE = ("GET", "HEAD", "OPTIONS")
_Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Answering(APIRoute):
    """A route that reads its own body, bounded, and knows HEAD."""

    def get_route_handler(self) -> _Handler:
        """Return what answers a request."""
        answer = super().get_route_handler()
        streams = getattr(self.endpoint, "streams", False)

        async def respond(request: Request) -> Response:
            if "\0" in request.url.path or b"%00" in request.scope.get("query_string", b""):
                raise refused(422, "the address holds a NUL character, which no text has")
            if request.method in _SAFE:
                return await answer(request)
            if streams:  # its body is a file: whoever receives it bounds it
                return await answer(request)
            try:
                body = await read_body(request)
            except ClientDisconnect:
                return Response(status_code=499)
            if request.method != "POST":
                return await answer(request)
            return await answered_once(request, fingerprint(request, body), lambda: answer(request))

        return respond

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Say whether this route answers; HEAD is a GET without its body."""
        match, child = super().matches(scope)
        if match is Match.PARTIAL and scope["method"] == "HEAD" and "GET" in (self.methods or ()):
            return Match.FULL, child
        return match, child

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["method"] != "HEAD" or "GET" not in (self.methods or ()):
            await Route.handle(self, scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, send_head)


def router(tag: str, prefix: str = PREFIX, **more: Any) -> APIRouter:
    """Return a router whose routes answer as :class:`Answering` does."""
    return APIRouter(prefix=prefix, tags=[tag], route_class=Answering, redirect_slashes=False, **more)


def streams(handler: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a handler that reads its body itself."""
    handler.streams = True  # type: ignore[attr-defined]
    return handler


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return what to declare of a route: with which problems it may answer.

    Parameters
    ----------
    *statuses : int
        HTTP statuses; what every route may answer with need not be named.
    """
    return {status: problem_response(status) for status in (*statuses, 422)}


def problem_response(status: int, schema: str = "ProblemDetails") -> dict[str, Any]:
    """Return how a problem is described."""
    content = {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": MEANING[status], "content": content}


def file_response(*kinds: str, description: str) -> dict[str, Any]:
    """Return how a file is described that is sent as one of some kinds."""
    return {
        "description": description,
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds},
    }


def nothing(description: str) -> dict[str, Any]:
    """Return how an answer without a body is described."""
    return {"description": description}


MEANING = {
    400: "It cannot be understood",
    401: "It needs an API key",
    403: "The key does not allow it, or a page of another site asks",
    404: "There is no such thing",
    408: "It took too long to arrive",
    409: "It is at odds with how things stand",
    413: "It is too large",
    415: "It is sent as something that is not taken",
    416: "That range lies beyond the end",
    421: "It is not asked for under this name",
    422: "It is understood, and wrong; `errors` or `detail` says where",
    428: "It does not say which revision was edited",
    429: "There were too many; come again after `Retry-After` seconds",
    500: "Something is wrong on this side; the log says what",
    503: "It cannot be done now; come again after `Retry-After` seconds",
    507: "There is no room left",
}
"""What a status tells, for the description."""
