"""Looking on at requests: an id for each, a count and a time, a line of the access log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
import uuid
from typing import TYPE_CHECKING
from urllib.parse import quote

from ..web.problems import problem
from . import logs
from .meters import Meters, harmless, meters

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER = "x-request-id"
PREDICT = re.compile(r"/predict/?$")
_SANE = re.compile(r"[0-9A-Za-z._-]{1,64}")
_PROBES = re.compile(r"/(health|ready|metrics)$")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_GONE = 499  # as nginx says it: the client left before the answer began
_access = logging.getLogger("edm_core.access")
_log = logging.getLogger(__name__)


class Measured:
    """Give every request an id, count and time it, and write a line of the access log.

    The id is the request's ``X-Request-ID`` if that is sane, else a new one; it stands in the response and in
    every line that is logged meanwhile. A fault that nobody foresaw is logged once and answered 500.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        logs.gather()  # by now the pages' framework is loaded, however the server was started

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and look on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope.setdefault("state", {})
        id = _id_of(scope)
        token = logs.REQUEST.set(id)
        try:
            if scope["type"] == "websocket":
                await self._session(scope, receive, send)
            else:
                await _Exchange(scope, send, id).run(self.app, receive)
        finally:
            logs.REQUEST.reset(token)

    async def _session(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a page as open while its connection is accepted."""
        is_open = False

        async def watched(message: Message) -> None:
            nonlocal is_open
            await send(message)
            if message["type"] == "websocket.accept" and not is_open:
                is_open = True
                meters().sessions.inc()

        try:
            await self.app(scope, receive, watched)
        finally:
            if is_open:
                meters().sessions.dec()


class _Exchange:
    """One request and its response."""

    def __init__(self, scope: Scope, send: Send, id: str) -> None:
        self._scope, self._send, self._id = scope, send, id
        self._status, self._bytes = 0, 0
        self._is_stream = self._is_complete = False
        self._began = time.perf_counter()

    async def run(self, app: ASGIApp, receive: Receive) -> None:
        try:
            await app(self._scope, receive, self._watched)
        except asyncio.CancelledError:
            self._status = self._status or _GONE
            raise
        except Exception as error:
            with harmless():
                meters().exceptions.labels(type(error).__name__).inc()
            if not self._is_complete:  # else whoever answered has logged it
                _log.exception("%s %s", self._scope["method"], _path(self._scope))
            if self._status == 0:
                await self._answer_fault(receive)
            elif not self._is_complete:
                raise  # the connection is closed: half an answer must not pass for one
        finally:
            self._note(time.perf_counter() - self._began)

    async def _watched(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._status = message["status"]
            headers = [pair for pair in message.get("headers", ()) if pair[0].lower() != HEADER.encode()]
            self._is_stream = any(
                name.lower() == b"content-type" and value.startswith(b"text/event-stream")
                for name, value in headers
            )
            message = {**message, "headers": [*headers, (HEADER.encode(), self._id.encode())]}
        elif message["type"] == "http.response.body":
            self._bytes += len(message.get("body", b""))
            self._is_complete = not message.get("more_body", False)
        await self._send(message)

    async def _answer_fault(self, receive: Receive) -> None:
        answer = problem(
            500, "a fault of the workbench", remedy=f"try again; request {self._id} stands in its log"
        )
        await answer(self._scope, receive, self._watched)

    def _note(self, seconds: float) -> None:
        method, route = self._scope["method"], route_of(self._scope)
        status = self._status or _GONE
        with harmless():
            _count(meters(), method, route, status, None if self._is_stream else seconds)
        level = logging.DEBUG if _PROBES.search(route) else logging.INFO
        if _access.isEnabledFor(level):
            caller = getattr(self._scope["state"].get("caller"), "name", "") or "-"
            ms, path = seconds * 1000.0, _path(self._scope)
            fields = {"method": method, "path": path, "route": route, "status": status,
                      "ms": round(ms, 1), "bytes": self._bytes, "caller": caller}  # fmt: skip
            _access.log(
                level, "%s %s %d %.1f ms %d B %s", method, path, status, ms, self._bytes, caller,
                extra={"fields": fields},
            )  # fmt: skip


def route_of(scope: Scope) -> str:
    """Return the template of the address that a request was led to, of which there are few.

    Examples
    --------
    >>> route_of({"path": "/api/v1/recordings/ab", "path_params": {"id": "ab"}, "endpoint": print})
    '/api/v1/recordings/{id}'
    >>> route_of({"path": "/wp-login.php"})
    'other'
    """
    if "endpoint" not in scope:
        return "other"
    path: str = scope["path"]
    route = scope.get("route")
    template = getattr(route, "path_format", None) or getattr(route, "path", None)
    if template is not None:
        # What a mounted application was mounted at stands before its own templates.
        before = scope.get("root_path", "").removeprefix(scope.get("app_root_path", ""))
        return f"{before}{template}" if path.startswith(before) else str(template)
    for name, value in scope.get("path_params", {}).items():
        if value and str(value) in path:
            path = path.replace(str(value), f"{{{name}}}", 1)
    return path


def _count(counters: Meters, method: str, route: str, status: int, seconds: float | None) -> None:
    if method not in _METHODS:
        method = "other"
    counters.requests.labels(method, route, str(status)).inc()
    if seconds is not None:
        counters.latency.labels(method, route).observe(seconds)
    if method == "POST" and PREDICT.search(route):
        if status >= 400:
            counters.prediction_errors.inc()
        else:
            counters.predictions.inc()
        if seconds is not None:
            counters.prediction_latency.observe(seconds)


def _id_of(scope: Scope) -> str:
    for name, value in scope.get("headers", ()):
        if name == HEADER.encode() and _SANE.fullmatch(text := value.decode("latin-1")):
            return str(text)
    return uuid.uuid4().hex


def _path(scope: Scope) -> str:
    """Return the address without its query, which may hold secrets, as it can stand in a line."""
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else quote(scope["path"])
    return quote(path.partition("?")[0], safe="/%:@+,;=~!$&'()*")
