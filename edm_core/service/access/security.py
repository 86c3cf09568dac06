"""What every request and answer must satisfy: the middleware that all addresses go through, in order.

The workbench listens on this machine only, unless it is told otherwise and there are keys. A page of
another site can still make a browser send requests here under that site's name (DNS rebinding), so requests
that reach a loopback address must also *name* one, or the public address that a proxy serves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from ...errors import SettingsError
from ..running.start_page import KnownServer
from ..web.problems import problem
from . import limits, oidc
from .guard import Guard
from .limits import Limited
from .sites import Site, host_of, is_loopback, path_of, site_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ...settings import Settings

__all__ = ["HEADERS", "POLICY", "host_of", "is_loopback", "listening", "middleware", "page_options"]

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
API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
"""What the API answers is data: nothing of it is run."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_PROXIES = ["127.0.0.1", "::1"]
_YEAR_S = 31_536_000
_TAKEN = (
    "Authorization", "X-API-Key", "Content-Type", "If-Match", "If-None-Match", "Idempotency-Key", "Range",
    "X-Request-ID",
)  # fmt: skip
_TOLD = (
    "ETag", "Location", "Link", "Retry-After", "Content-Range", "X-Request-ID", "RateLimit-Limit",
    "RateLimit-Remaining", "RateLimit-Reset",
)  # fmt: skip


def middleware() -> list[Middleware]:
    """Return the middleware that every address goes through, pages included, the outermost first."""
    from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

    from ..observing.metrics import Measured

    return [
        Middleware(Measured),
        Middleware(ProxyHeadersMiddleware, trusted_hosts=_PROXIES),
        Middleware(ClosedHeaders),
        Middleware(LoopbackHost),
        Middleware(KnownSites),
        Middleware(Guard),
        Middleware(Limited),
        Middleware(KnownServer),
    ]


def listening(host: str, settings: Settings) -> None:
    """Check what has to be right before a server listens.

    Parameters
    ----------
    host : str
        Where it will listen.
    settings : Settings
        What it is told.

    Raises
    ------
    SettingsError
        If it would be open to others without anybody being asked who they are, or if a setting of its
        protection cannot be understood.
    """
    site_of(settings)
    limits.parsed(settings)
    provision = oidc.provision_of(settings)
    if (is_loopback(host) and not settings.public_url) or provision is not None:
        return
    from ...store.keys import keys_of

    if not keys_of(settings).any_alive():
        raise SettingsError(
            "others could reach it, and there is no API key that they would have to show",
            subject=settings.public_url or f"--host {host}",
            remedy="make one: edm keys create NAME --scope admin",
        )


def page_options(settings: Settings) -> dict[str, Any]:
    """Return what the pages' framework has to be told: where to look for a provider, and who may connect."""
    site = site_of(settings)
    options: dict[str, Any] = {
        "secrets.files": [str(file) for file in oidc.files_of(settings)],
        "server.enableXsrfProtection": True,
        "server.enableCORS": True,
    }
    if site.public:  # otherwise it asks the internet for this machine's address
        options |= {"browser.serverAddress": site.host, "server.corsAllowedOrigins": [site.public]}
    return options


class ClosedHeaders:
    """Add :data:`HEADERS` to every response, where it does not say something of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does, with the headers added."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        policy = API_POLICY if path_of(scope).startswith("/api/") else POLICY

        async def send_closed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**HEADERS, "Content-Security-Policy": policy}.items():
                    headers.setdefault(name, value)
                if _is_secure():
                    headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR_S}")
            await send(message)

        await self.app(scope, receive, send_closed)


class LoopbackHost:
    """Refuse what reaches a loopback address under another name than its own or the public one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421."""
        if scope["type"] in ("http", "websocket"):
            server = (scope.get("server") or ("",))[0] or ""
            host = host_of(Headers(scope=scope).get("host", ""))
            if is_loopback(server) and not is_loopback(host) and not _is_public(host):
                if scope["type"] == "websocket":
                    await send({"type": "websocket.close", "code": 1008})
                    return
                refusal = problem(
                    421,
                    "it is not asked for under this name",
                    remedy="open http://localhost, or set EDM_PUBLIC_URL to the address that a proxy serves",
                )
                await refusal(scope, receive, send)
                return
        await self.app(scope, receive, send)


class KnownSites:
    """Let pages of the sites in ``EDM_CORS_ORIGINS`` use the API, with keys and without cookies."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._opened: dict[frozenset[str], CORSMiddleware] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the application does; for those sites, so that their pages may read it."""
        from ..bench import workbench

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        origins = _site(workbench().settings).origins
        if Headers(scope=scope).get("origin") not in origins:
            await self.app(scope, receive, send)
            return
        if origins not in self._opened:
            self._opened.clear()
            self._opened[origins] = CORSMiddleware(
                self.app,
                allow_origins=sorted(origins),
                allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
                allow_headers=_TAKEN,
                expose_headers=_TOLD,
                max_age=600,
            )
        await self._opened[origins](scope, receive, send)


def _site(settings: Settings) -> Site:
    try:
        return site_of(settings)
    except SettingsError:  # said at start, and by the guard
        return Site()


def _is_public(host: str) -> bool:
    from ..bench import workbench

    public = _site(workbench().settings).host
    return bool(public) and host.casefold().rstrip(".") == public


def _is_secure() -> bool:
    from ..bench import workbench

    return _site(workbench().settings).is_secure
