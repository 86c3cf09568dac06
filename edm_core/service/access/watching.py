"""Cutting off what lasts: a page's connection or a stream of events ends soon after the right to it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ...errors import StorageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

EVERY_S = 2.0
"""How often it is looked whether somebody may still."""


class _Over(Exception):
    """The caller's right has ended."""


class Watched:
    """An application whose long answers to one caller are cut off when the caller's right ends.

    Parameters
    ----------
    app : ASGI application
        What answers.
    is_alive : async callable
        Whether the caller may still.
    """

    def __init__(self, app: ASGIApp, is_alive: Callable[[], Awaitable[bool]]) -> None:
        self.app = app
        self._is_alive = is_alive
        self._looked = time.monotonic()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, as long as the caller may."""
        if scope["type"] == "websocket":
            await self.app(scope, self._received(receive, send), send)
            return
        try:
            await self.app(scope, receive, self._sent(send))
        except* _Over:
            pass

    def _received(self, receive: Receive, send: Send) -> Receive:
        async def receive_checked() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and await self._is_over():
                await send({"type": "websocket.close", "code": 1008})
                return {"type": "websocket.disconnect", "code": 1008}
            return message

        return receive_checked

    def _sent(self, send: Send) -> Send:
        lasts = False

        async def send_checked(message: Message) -> None:
            nonlocal lasts
            if message["type"] == "http.response.start":
                lasts = any(
                    name.lower() == b"content-type" and value.startswith(b"text/event-stream")
                    for name, value in message.get("headers", ())
                )
            elif lasts and message.get("more_body") and await self._is_over():
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _Over
            await send(message)

        return send_checked

    async def _is_over(self) -> bool:
        if time.monotonic() - self._looked < EVERY_S:
            return False
        self._looked = time.monotonic()
        try:
            return not await self._is_alive()
        except StorageError:  # who was let in is not thrown out because the database is away for a moment
            return False
