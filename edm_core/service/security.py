"""What every response and request must satisfy: headers that close the page, and the host it was asked by.

The workbench listens on this machine only. A page of another site can still make a browser send requests
here under that site's name (DNS rebinding), so requests that reach a loopback address must also *name* one.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware

from .problems import problem
from .start_page import KnownServer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_DIRECTIVES = (
    "default-src 'self'",
    # The pages' framework starts with a script in its page and styles its widgets in place.
    "script-src 'self' 'unsafe-inline' blob:",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self' data:",
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "frame-ancestors 'self'",
)
POLICY = "; ".join(_DIRECTIVES)
"""Nothing is fetched from anywhere but here."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def middleware() -> list[Middleware]:
    """Return the middleware that every address goes through, pages included."""
    return [Middleware(LoopbackHost), Middleware(ClosedHeaders), Middleware(KnownServer)]


class ClosedHeaders:
    """Add :data:`HEADERS` to every response."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers added."""

        async def send_closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_closed)


class LoopbackHost:
    """Refuse what reaches a loopback address under another name."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421."""
        if scope["type"] in ("http", "websocket"):
            server = (scope.get("server") or ("",))[0]
            if is_loopback(server) and not is_loopback(host_of(Headers(scope=scope).get("host", ""))):
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1008})
                    return
                refusal = problem(
                    421,
                    "it is not asked for under this name",
                    remedy="open http://localhost",
                )
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


def host_of(header: str) -> str:
    """Return the name in a ``Host`` header, without port and brackets.

    Examples
    --------
    >>> host_of("localhost:8501"), host_of("[::1]:8501"), host_of("::1")
    ('localhost', '::1', '::1')
    """
    if header.startswith("["):
        return header[1:].partition("]")[0]
    name, _, port = header.rpartition(":")
    return name if name and port.isdigit() and ":" not in name else header


def is_loopback(host: str) -> bool:
    """Whether a name or address means this machine and no other.

    Examples
    --------
    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("localhost.example.org")
    (True, True, False)
    """
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
