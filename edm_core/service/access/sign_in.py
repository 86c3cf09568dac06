"""Signing in: a page that takes an API key, or leads to the provider of OpenID Connect; and signing out.

Whoever opens a page without being known is led here, before anything of the workbench is loaded.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, unquote, urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from ... import resources
from ...errors import SettingsError
from ..web.problems import problem
from . import limits, oidc, sessions
from .sites import SAFE, path_of, site_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Receive, Scope, Send

    from ...settings import Settings

PATH = "/sign-in"
OUT = "/sign-out"
PROVIDER = "/sign-in/provider"
PATHS = (PATH, OUT, PROVIDER)
AFTER = "edm_next"
"""Cookie that holds where somebody wanted to go while they are with the provider."""
_MOST_BYTES = 4096
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",  # under no-referrer a browser sends forms without their origin
}
_STYLE = """
:root { color-scheme: light dark; --paper: #fbfbfd; --card: #fff; --ink: #1a1c2b; --quiet: #5d6072;
  --line: #e3e5ee; --main: #5b54d6; --on: #fff; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --paper: #101218; --card: #191c25; --ink: #e9eaf2;
  --quiet: #a3a7b8; --line: #2a2e3b; --main: #9a94ff; --on: #101218; --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
main { width: 100%; max-width: 25rem; padding: 2rem; border: 1px solid var(--line); border-radius: .75rem;
  background: var(--card) }
svg { width: 2.5rem; height: 2.5rem; display: block }
h1 { margin: .75rem 0 .25rem; font-size: 1.375rem; line-height: 1.25 }
p { margin: 0 0 1.25rem; color: var(--quiet); overflow-wrap: anywhere }
label { display: block; margin-bottom: .25rem; font-weight: 600 }
input { width: 100%; padding: .625rem .75rem; border: 1px solid var(--line); border-radius: .5rem;
  background: var(--paper); color: inherit; font: inherit }
button, a.button { display: block; width: 100%; margin-top: .75rem; padding: .625rem 1rem; border: 0;
  border-radius: .5rem; background: var(--main); color: var(--on); font: inherit; font-weight: 600;
  text-align: center; text-decoration: none; cursor: pointer }
.other { border: 1px solid var(--line); background: none !important;
  color: inherit !important }
:focus-visible { outline: 2px solid var(--main); outline-offset: 2px }
[role=alert] { margin: .5rem 0 0; color: var(--bad) }
hr { margin: 1.5rem 0; border: 0; border-top: 1px solid var(--line) }
"""


async def answer(scope: Scope, receive: Receive, send: Send, settings: Settings) -> None:
    """Answer a request to one of :data:`PATHS`; the guard has seen that no other site makes it."""
    request = Request(scope, receive)
    path = path_of(scope)
    if path == OUT and request.method in SAFE:
        response = _signed_out(request, settings)
    elif path == PROVIDER and request.method in SAFE:
        response = await run_in_threadpool(_to_provider, request, settings)
    elif path == PATH and request.method in SAFE:
        response = _page(request, settings)
    elif path == PATH and request.method == "POST":
        response = await _taken(request, settings)
    else:
        response = problem(405, "it cannot be done here", headers={"Allow": "GET, HEAD"})
    await response(scope, receive, send)


def is_visit(scope: Scope) -> bool:
    """Whether somebody opens an address in a browser, who can be led to another one."""
    headers = Headers(scope=scope)
    return (
        scope["method"] == "GET"
        and "text/html" in headers.get("accept", "")
        and headers.get("sec-fetch-mode", "navigate") == "navigate"
    )


def come_again() -> Response:
    """Return a page that opens the same address once more, as a page of this site.

    Whoever follows a link of another site comes without the cookie, which that site must not send.
    """
    return HTMLResponse('<!doctype html><meta http-equiv="refresh" content="0">', headers=_HEADERS)


def kept_out(name: str) -> Response:
    """Return the page for somebody who is known and may not."""
    text = f"You are signed in as {escape(name)}, who may not open this. Ask whoever runs the workbench."
    return _html("Not for you", f"<p>{text}</p><a class='button' href='{OUT}'>Sign out</a>", 403)


def next_of(text: str) -> str:
    """Return where to go afterwards: an address of this site, or its start.

    Examples
    --------
    >>> next_of("/listen?recording=1"), next_of("//evil.example"), next_of("https://evil.example")
    ('/listen?recording=1', '/', '/')
    """
    is_ours = (
        text.startswith("/") and text[1:2] not in ("/", "\\") and text.isprintable() and "\\" not in text
    )
    return text if is_ours and len(text) < 1000 and not text.startswith((PATH, OUT)) else "/"


def taken_up(scope: Scope, cookies: Mapping[str, str]) -> Response | None:
    """Return the way to where somebody wanted to go before they were led to the provider."""
    if AFTER not in cookies or scope["path"] != "/" or not is_visit(scope):
        return None
    response = RedirectResponse(next_of(unquote(cookies[AFTER])), 303)
    response.delete_cookie(AFTER)
    return response


# --- private -----------------------------------------------------------------------------------------


def _page(request: Request, settings: Settings, wrong: str = "", status: int = 200) -> Response:
    caller = request.scope["state"]["caller"]
    if caller is not None and not wrong:
        if not caller.identity:
            text = "<p>Nobody needs to sign in here.</p><a class='button' href='/'>Open the workbench</a>"
            return _html("This machine", text)
        text = (
            f"<p>You are signed in as {escape(caller.name)} and may {escape(caller.scope)}.</p>"
            f"<a class='button' href='/'>Open the workbench</a>"
            f"<a class='button other' href='{OUT}'>Sign out</a>"
        )
        return _html("Signed in", text)
    wanted = next_of(request.query_params.get("next", "/"))
    alert = f'<p role="alert" id="wrong">{escape(wrong)}</p>' if wrong else ""
    described = ' aria-invalid="true" aria-describedby="wrong"' if wrong else ""
    others = _providers(settings, wanted)
    focus, button = ("", ' class="other"') if others else (" autofocus", "")
    return _html(
        "Sign in",
        f"""{others}<form method="post" action="{PATH}?{urlencode({"next": wanted})}">
<label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" spellcheck="false"
 required{focus}{described}>
{alert}<button{button}>Sign in with the key</button></form>""",
        status,
        "The key is made by whoever runs the workbench: <code>edm keys create NAME</code>.",
    )


def _providers(settings: Settings, wanted: str) -> str:
    try:
        provision = oidc.provision_of(settings)
    except SettingsError:
        provision = None
    if provision is None:
        return ""
    links = []
    for name in provision.providers:
        shown = "your account" if name == "default" else name
        query = urlencode({"name": name, "next": wanted})
        links.append(f'<a class="button" href="{PROVIDER}?{escape(query)}">Sign in with {escape(shown)}</a>')
    return "".join(links) + "<hr>"


async def _taken(request: Request, settings: Settings) -> Response:
    from ...store.keys import keys_of

    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _MOST_BYTES:
            return problem(413, "it is larger than a key")
    text = (parse_qs(body.decode("utf-8", "replace")).get("key") or [""])[0].strip()
    key = await run_in_threadpool(keys_of(settings).find, text)
    if key is None:
        verdict = await limits.failure(settings, limits.address_of(request.scope))
        if verdict is not None and not verdict.allowed:
            response = _page(request, settings, "There were too many. Wait a minute and try again.", 429)
            response.headers.update(verdict.headers())
            return response
        return _page(request, settings, "This key does not work here.", 401)
    secure = request.scope["scheme"] == "https" or site_of(settings).is_secure
    response = RedirectResponse(next_of(request.query_params.get("next", "/")), 303)
    cookie = await run_in_threadpool(sessions.issued, settings, key.id)
    response.headers["Set-Cookie"] = sessions.set_cookie(cookie, secure=secure)
    response.headers["Cache-Control"] = "no-store"
    return response


def _signed_out(request: Request, settings: Settings) -> Response:
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        return problem(403, "it comes from a page of another site", remedy="open the workbench's own")
    has_account = any(name.startswith(oidc.COOKIE) for name in request.cookies)
    response = RedirectResponse("/auth/logout" if has_account else PATH, 303)
    secure = request.scope["scheme"] == "https" or site_of(settings).is_secure
    response.headers["Set-Cookie"] = sessions.set_cookie("", secure=secure)
    return response


def _to_provider(request: Request, settings: Settings) -> Response:
    """Go the way that ``st.login`` sends a browser."""
    name = request.query_params.get("name", "")
    try:
        provision = oidc.provision_of(settings)
    except SettingsError:
        provision = None
    if provision is None or name not in provision.providers:
        return problem(404, "there is no such provider")
    from streamlit.auth_util import encode_provider_token

    response = RedirectResponse(f"/auth/login?{urlencode({'provider': encode_provider_token(name)})}", 303)
    wanted = quote(next_of(request.query_params.get("next", "/")), safe="")
    secure = request.scope["scheme"] == "https" or site_of(settings).is_secure
    response.set_cookie(AFTER, wanted, max_age=600, httponly=True, samesite="lax", secure=secure)
    return response


def _html(title: str, body: str, status: int = 200, lead: str = "") -> Response:
    icon = (resources.APP.parent / "pages" / "_icon.svg").read_text(encoding="utf-8")
    page = f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title} – EDM workbench</title>
<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>
<body><main>{icon}<h1>{title}</h1>{f"<p>{lead}</p>" if lead else ""}{body}</main></body></html>"""
    return HTMLResponse(page, status, headers=_HEADERS)
