"""Where the workbench is reached from: this machine, a proxy's public address, sites that may use the API.

Requests that reach a loopback address may come from this machine, or through a proxy that runs on it; what a
proxy adds to a request tells them apart, and only a proxy on this machine is believed what it adds.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from ...errors import SettingsError

if TYPE_CHECKING:
    from starlette.types import Scope

    from ...settings import Settings

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
SAFE = ("GET", "HEAD", "OPTIONS")
"""Methods that change nothing."""


@dataclass(frozen=True, slots=True)
class Site:
    """What the settings say of it.

    Attributes
    ----------
    public : str
        Origin that a proxy serves, such as ``https://edm.example.org``; empty if there is none.
    origins : frozenset of str
        Origins whose pages may use the API.
    """

    public: str = ""
    origins: frozenset[str] = frozenset()

    @property
    def host(self) -> str:
        """Name of the machine in the public address, without its port."""
        return host_of(urlsplit(self.public).netloc)

    @property
    def is_secure(self) -> bool:
        """Whether the public address is spoken to in TLS."""
        return self.public.startswith("https://")


def site_of(settings: Settings) -> Site:
    """Return what the settings say.

    Raises
    ------
    SettingsError
        If an address is none that can be used.
    """
    return _site(settings.public_url, settings.cors_origins)


@lru_cache(maxsize=64)
def _site(public: str, origins: str) -> Site:
    remedy = "give scheme and host, such as https://edm.example.org"
    return Site(
        _origin("EDM_PUBLIC_URL", public.removesuffix("/"), remedy) if public else "",
        frozenset(
            _origin("EDM_CORS_ORIGINS", each, f"{remedy}, and every site by itself")
            for each in origins.split()
        ),
    )


def _origin(name: str, text: str, remedy: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise SettingsError(f"{text!r} is no address", subject=name, remedy=remedy) from None
    plain = f"{parts.scheme}://{parts.netloc}".lower()
    if (
        parts.scheme not in ("http", "https")
        or not parts.hostname
        or "*" in parts.netloc
        or "@" in parts.netloc
        or plain != text.lower()
    ):
        shown = text.rpartition("@")[2]  # never a password
        raise SettingsError(f"{shown!r} is no address of a site", subject=name, remedy=remedy)
    default = {"http": 80, "https": 443}[parts.scheme]
    return plain.removesuffix(f":{port}") if port == default else plain


def is_here(scope: Scope) -> bool:
    """Whether a request comes from this machine itself, and through no proxy that says so."""
    server = (scope.get("server") or ("",))[0] or ""
    headers = Headers(scope=scope)
    return (
        is_loopback(server)
        and is_loopback(host_of(headers.get("host", "")))
        and not any(name in headers for name in _FORWARDED)
    )


def is_foreign(scope: Scope, site: Site) -> bool:
    """Whether a page of another site makes a browser send this.

    A browser names the site of the page in everything that could change something; what names none comes
    from no browser, or from one that went there by itself.
    """
    headers = Headers(scope=scope)
    origin = headers.get("origin")
    if origin is not None:
        own = origin == site.public or _place(origin) == headers.get("host", "")
        return not (own or (scope["type"] == "http" and origin in site.origins))
    return headers.get("sec-fetch-site", "none") not in ("same-origin", "none")


def _place(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # an address of IPv6 that is none
        return None


def path_of(scope: Scope) -> str:
    """Return the path that routes are looked up by: without what the server was told lies before it."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    rest = path.removeprefix(root)
    return rest if not root or rest.startswith("/") or not rest else path


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
