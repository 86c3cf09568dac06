"""Who asks, and whether they may: one gate before everything, closed by default.

Whoever asks this machine from this machine may everything, as long as the settings ask for no keys.
Everybody else shows an API key (``Authorization: Bearer …`` or ``X-API-Key``), or comes from a browser that
has signed in: with a key (:mod:`.sessions`) or through OpenID Connect (:mod:`.oidc`). What a request needs is
in one table (:mod:`.scopes`). Routes find who asks in ``scope["state"]["caller"]``.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse

from ...errors import EdmError, SettingsError, StorageError
from ...store.audit import behind
from ..web.problems import problem
from . import limits, oidc, sessions, sign_in
from .scopes import allows, needed
from .sites import SAFE, is_foreign, is_here, path_of, site_of
from .watching import Watched

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ...settings import Settings
    from ...store.keys import Key

log = logging.getLogger(__name__)

TOLD = "x-edm-caller"
"""Header by which the pages are told who they are for; what comes from outside under that name is dropped."""
_OF_OIDC = ("/auth/login", "/auth/logout", "/oauth2callback")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks.

    Attributes
    ----------
    name : str
        Of the key, or of the person who signed in; empty on this machine, where nobody is asked.
    scope : {"read", "annotate", "admin", "none"}
        What they may.
    key_id : str or None
        Of the API key, if it is one.
    """

    name: str
    scope: str
    key_id: str | None = None

    @property
    def identity(self) -> str:
        """Who it is, in one word that is told from all others; empty on this machine."""
        if self.key_id is not None:
            return f"key {self.key_id}"
        return f"person {self.name}" if self.name else ""

    def may(self, wanted: str) -> bool:
        """Whether they may ``read``, ``annotate`` or ``admin``."""
        return allows(self.scope, wanted)


HERE = Caller("", "admin")
"""Whoever sits at this machine."""
NOBODY = Caller("", "none")


@dataclass(frozen=True, slots=True)
class _Found:
    """Who asks, if anybody; whether they showed a key themselves; whether their cookie is to be renewed."""

    caller: Caller | None
    by_key: bool = False
    renew: bool = False


class Refused(Exception):
    """A key that is none: as wrong as any other."""


def caller_of(request: HTTPConnection) -> Caller:
    """Return who asks; nobody who may nothing, if no guard stands before the route."""
    caller = request.scope.get("state", {}).get("caller")
    return caller if isinstance(caller, Caller) else NOBODY


def is_open(scope: Scope, settings: Settings) -> bool:
    """Whether nobody is asked who they are: on this machine, unless keys are wanted there too.

    Behind a proxy that serves a public address everybody is asked, even who seems to sit here: proxies that
    are set up in a hurry do not say for whom they ask.
    """
    return not settings.api_keys_required and not settings.public_url and is_here(scope)


class Guard:
    """Let a request in, or answer 401 or 403."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who asks and pass the request on with that, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        from ..bench import workbench

        settings = workbench().settings
        _drop(scope)
        try:
            found = await _who(scope, settings)
            refusal = _judged(scope, settings, found)
        except Refused:
            verdict = await limits.failure(settings, limits.address_of(scope))
            refusal = _unknown(verdict, shown=True)
        except StorageError:
            refusal = problem(
                503, "it cannot be found out now who asks", remedy="try again", headers={"Retry-After": "5"}
            )
        except SettingsError as error:
            log.error("%s", error)
            refusal = problem(500, "the workbench is not set up", remedy="its log says what is wrong")
        if refusal is not None:
            await _refuse(scope, receive, send, refusal)
        elif scope["type"] == "http" and path_of(scope) in sign_in.PATHS:
            scope.setdefault("state", {})["caller"] = found.caller
            await sign_in.answer(scope, receive, send, settings)
        else:
            await self._pass(scope, receive, send, settings, found)

    async def _pass(
        self, scope: Scope, receive: Receive, send: Send, settings: Settings, found: _Found
    ) -> None:
        """Pass it on, until the caller's right ends, with a new cookie where the old one ages."""
        caller = found.caller or NOBODY
        scope.setdefault("state", {})["caller"] = caller
        told = (TOLD.encode(), quote(caller.identity).encode())
        scope["headers"] = [*scope["headers"], told]
        if found.renew and caller.key_id is not None:
            send = _with_cookie(send, settings, caller.key_id, secure=_is_secure(scope, settings))

        async def is_alive() -> bool:
            return (await _looked_up(caller.identity, settings)).may("read")

        token = behind.set(caller.identity)
        try:
            if caller.identity:
                await Watched(self.app, is_alive)(scope, receive, send)
            else:
                await self.app(scope, receive, send)
        finally:
            behind.reset(token)


def recalled(identity: str, settings: Settings) -> Caller | None:
    """Return what :func:`current` returns, if that is known without waiting for the database."""
    from ...store.keys import keys_of
    from ...store.people import people_of

    kind, _, name = identity.partition(" ")
    if kind == "key":
        is_known, key = keys_of(settings).recalled_id(name)
        return _of_key(key) if is_known else None
    if kind != "person":
        return NOBODY
    is_known, role = people_of(settings).recalled(name)
    return _of_person(name, role, settings) if is_known else None


def current(identity: str, settings: Settings) -> Caller:
    """Return what somebody may now, by :attr:`Caller.identity`.

    Raises
    ------
    StorageError
        If the database does not answer.
    """
    from ...store.keys import keys_of
    from ...store.people import people_of

    kind, _, name = identity.partition(" ")
    if kind == "key":
        return _of_key(keys_of(settings).get(name))
    if kind != "person":
        return NOBODY
    return _of_person(name, people_of(settings).role(name), settings)


# --- private -----------------------------------------------------------------------------------------


async def _who(scope: Scope, settings: Settings) -> _Found:
    if text := _shown(Headers(scope=scope)):
        return _Found(_of_key(await _found(text, settings)), by_key=True)
    cookies = _cookies(scope)
    if (held := cookies.get(sessions.COOKIE)) and (named := sessions.shown(settings, held)):
        caller = await _looked_up(f"key {named[0]}", settings)
        if caller.key_id is not None:
            return _Found(caller, renew=named[1])
    if any(name.startswith(oidc.COOKIE) for name in cookies) and (provision := oidc.provision_of(settings)):
        name = oidc.name_in(cookies, provision, _origins(scope, settings))
        if name is not None:
            return _Found(await _looked_up(f"person {name}", settings))
    return _Found(HERE if is_open(scope, settings) else None)


def _judged(scope: Scope, settings: Settings, found: _Found) -> ASGIApp | None:
    """Return why a request is refused; nothing if it may pass."""
    is_read = scope["type"] == "http" and scope["method"] in SAFE
    # A browser adds a cookie to whatever page it shows; a key in a header is put there by who means it.
    if not is_read and not found.by_key and is_foreign(scope, site_of(settings)):
        return problem(403, "it comes from a page of another site", remedy="open the workbench's own")
    path, wanted, caller = path_of(scope), needed(scope), found.caller
    if scope["type"] == "http":
        if path in sign_in.PATHS or wanted == "open" or (wanted == "here" and is_here(scope)):
            return None
        if path in _OF_OIDC and is_read and oidc.provision_of(settings) is not None:
            return None
    if caller is not None and caller.may("read" if wanted == "here" else wanted):
        return sign_in.taken_up(scope, _cookies(scope)) if scope["type"] == "http" else None
    return _refusal(scope, caller, wanted)


async def _looked_up(identity: str, settings: Settings) -> Caller:
    from starlette.concurrency import run_in_threadpool

    known = recalled(identity, settings)
    return known if known is not None else await run_in_threadpool(current, identity, settings)


async def _found(text: str, settings: Settings) -> Key:
    from starlette.concurrency import run_in_threadpool

    from ...store.keys import keys_of

    is_known, key = keys_of(settings).recalled(text)
    if not is_known:
        key = await run_in_threadpool(keys_of(settings).find, text)
    if key is None:
        raise Refused
    return key


def _shown(headers: Headers) -> str:
    """Return the key that a request shows; other ways to authorise are a proxy's business."""
    scheme, _, rest = headers.get("authorization", "").partition(" ")
    return rest.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "").strip()


def _of_key(key: Key | None) -> Caller:
    return NOBODY if key is None else Caller(key.name, key.scope, key.id)


def _of_person(name: str, role: str | None, settings: Settings) -> Caller:
    return Caller(name, role or settings.sign_in_role)


def _cookies(scope: Scope) -> dict[str, str]:
    from starlette.requests import cookie_parser

    return cookie_parser("; ".join(Headers(scope=scope).getlist("cookie")))


def _origins(scope: Scope, settings: Settings) -> tuple[str, ...]:
    scheme = {"ws": "http", "wss": "https"}.get(scope["scheme"], scope["scheme"])
    return site_of(settings).public, f"{scheme}://{Headers(scope=scope).get('host', '')}"


def _is_secure(scope: Scope, settings: Settings) -> bool:
    return scope["scheme"] in ("https", "wss") or site_of(settings).is_secure


def _drop(scope: Scope) -> None:
    """Drop what only the guard may say."""
    scope["headers"] = [pair for pair in scope["headers"] if not pair[0].lower().startswith(b"x-edm-")]


def _refusal(scope: Scope, caller: Caller | None, wanted: str) -> ASGIApp:
    if scope["type"] == "http" and sign_in.is_visit(scope):
        if caller is None:
            asked = scope["path"] + (
                f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else ""
            )
            if Headers(scope=scope).get("sec-fetch-site") == "cross-site":
                return sign_in.come_again()
            return RedirectResponse(f"{sign_in.PATH}?next={quote(asked, safe='')}", 303)
        return sign_in.kept_out(caller.name)
    if caller is None:
        return _unknown(None, shown=False)
    return problem(
        403,
        f"{wanted} is needed, and this is {caller.scope}",
        remedy="ask whoever runs the workbench",
    )


def _unknown(verdict: limits.Verdict | None, *, shown: bool) -> ASGIApp:
    if verdict is not None and not verdict.allowed:
        refusal: ASGIApp = limits.too_many(verdict)
        return refusal
    error = ', error="invalid_token"' if shown else ""
    return problem(
        401,
        "the API key is none that works here" if shown else "it needs an API key",
        remedy="send Authorization: Bearer KEY; edm keys create makes one",
        headers={"WWW-Authenticate": f'Bearer realm="edm"{error}'},
    )


async def _refuse(scope: Scope, receive: Receive, send: Send, answer: ASGIApp) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    await answer(scope, receive, send)


def _with_cookie(send: Send, settings: Settings, key_id: str, *, secure: bool) -> Send:
    async def send_renewed(message: Message) -> None:
        if message["type"] == "http.response.start":
            try:
                value = sessions.set_cookie(sessions.issued(settings, key_id), secure=secure)
                MutableHeaders(scope=message).append("set-cookie", value)
            except EdmError:
                pass
        await send(message)

    return send_renewed
