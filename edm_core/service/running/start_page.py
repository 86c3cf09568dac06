"""The start page of the pages' framework, told where its server is.

Opened at a page's own address (``/listen``), the framework cannot know whether the workbench is served below
that address or beside it, and asks both: two refused requests, two errors in the console, and a slower start.
The address of its first page, which people type and paste too, leads to the root.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGE = re.compile(r"/[a-z_]+")
_FIRST = "/library"  # the framework knows its first page by no name but the root
# Below the prefix of a proxy the two addresses differ, and the framework asks as before.
_SCRIPT = (
    '<head><script>if (location.pathname === "{path}") '
    "window.__streamlit = {{ BACKEND_BASE_URL: location.origin }}</script>"
)


class KnownServer:
    """Add one line to the start page at a page's own address; everything else passes as it is."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the line in its HTML."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _PAGE.fullmatch(scope["path"]):
            await self.app(scope, receive, send)
            return
        if scope["path"] == _FIRST:
            query = scope["query_string"].decode("latin-1")
            await RedirectResponse("./" + (query and f"?{query}"))(scope, receive, send)
            return
        # The line is put into plain text; on this machine compressing gains nothing.
        headers = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
        start: Message = {}
        body = b""

        async def send_told(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body", False):
                return
            answer = MutableHeaders(scope=start)
            if answer.get("content-type", "").startswith("text/html"):
                body = body.replace(b"<head>", _SCRIPT.format(path=scope["path"]).encode(), 1)
                if "content-length" in answer:
                    answer["content-length"] = str(len(body))
            await send(start)
            await send({"type": "http.response.body", "body": body})

        await self.app({**scope, "headers": headers}, receive, send_told)
