"""Who signed in through OpenID Connect: the cookie that ``st.login`` leaves, read for every request.

The provider is configured as Streamlit wants it, in the section ``[auth]`` of ``secrets.toml``. Its cookie is
signed with ``cookie_secret`` of that section by itsdangerous, its name being the salt; a long one is cut into
several. It is read here without Streamlit, which a process that serves no pages never loads.
"""

from __future__ import annotations

import json
import re
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ...errors import SettingsError

if TYPE_CHECKING:
    from ...settings import Settings

COOKIE = "_streamlit_user"
MAX_AGE_S = 7 * 86_400
"""Whoever signed in longer ago signs in again."""
_LOOKED_EVERY_S = 2.0
_CHUNKS = re.compile(rb"chunks-([1-9][0-9]?)")
_PLACES = ("client_id", "server_metadata_url")


@dataclass(frozen=True, slots=True)
class Provision:
    """How to sign in.

    Attributes
    ----------
    secret : str
        What the cookie is signed with.
    origin : str
        Of the pages, as the provider sends people back to them.
    providers : tuple of str
        Their names; ``default`` if there is one without a name.
    """

    secret: str = field(repr=False)
    origin: str
    providers: tuple[str, ...]


def files_of(settings: Settings) -> tuple[Path, ...]:
    """Return where ``secrets.toml`` is looked for; what a later one says counts."""
    return (
        Path("~/.streamlit/secrets.toml").expanduser() if _has_home() else Path("/nowhere"),
        Path.cwd() / ".streamlit" / "secrets.toml",
        settings.data_dir / "secrets.toml",
    )


def provision_of(settings: Settings) -> Provision | None:
    """Return how to sign in, or nothing if no provider is configured.

    Raises
    ------
    SettingsError
        If it is configured and cannot be used.
    """
    files = files_of(settings)
    now = time.monotonic()
    known = _read.get(files)
    if known is None or now - known[0] > _LOOKED_EVERY_S:
        known = (now, _provision(files))
        _read.clear()
        _read[files] = known
    return known[1]


_read: dict[tuple[Path, ...], tuple[float, Provision | None]] = {}


def name_in(cookies: Mapping[str, str], provision: Provision, origins: tuple[str, ...]) -> str | None:
    """Return who signed in, if the cookie is genuine, fresh, and of this site.

    That is the e-mail address if the provider says that it verified it, otherwise the subject of the token:
    an address that nobody verified could be anybody's.

    Parameters
    ----------
    cookies : mapping
        Of the request.
    provision : Provision
        From :func:`provision_of`.
    origins : tuple of str
        What the request may call this site.
    """
    raw = _joined(cookies, provision.secret)
    try:
        claims = json.loads(raw) if raw is not None else None
    except ValueError:
        return None
    if not isinstance(claims, dict) or claims.get("is_logged_in") is not True:
        return None
    if claims.get("origin") != provision.origin or provision.origin not in origins:
        return None
    email, subject = claims.get("email"), claims.get("sub")
    if claims.get("email_verified") is True and isinstance(email, str) and "@" in email:
        return email
    if not isinstance(subject, str) or not subject:
        return None
    provider = claims.get("provider", "default")
    return subject if provider == "default" else f"{provider}:{subject}"


def _provision(files: tuple[Path, ...]) -> Provision | None:
    section: dict[str, Any] | None = None
    for file in files:
        try:
            found = tomllib.loads(file.read_text(encoding="utf-8")).get("auth")
        except OSError:
            continue
        except ValueError:  # never what it says: it is full of secrets
            raise SettingsError("it is no TOML", subject=str(file), remedy="correct it") from None
        section = found if isinstance(found, dict) else section
    if not section:
        return None
    secret, back = section.get("cookie_secret"), urlsplit(str(section.get("redirect_uri", "")))
    named = [name for name, value in section.items() if isinstance(value, dict) and "client_id" in value]
    providers = (*(["default"] if all(name in section for name in _PLACES) else []), *named)
    if not isinstance(secret, str) or len(secret) < 16:
        raise SettingsError(
            "cookie_secret is missing or shorter than 16 characters", subject="[auth] of secrets.toml",
            remedy="python3 -c 'import secrets; print(secrets.token_hex())' makes one",
        )  # fmt: skip
    if not back.netloc or "{" in back.netloc or not back.path.endswith("/oauth2callback"):
        raise SettingsError(
            "redirect_uri is none that can be used", subject="[auth] of secrets.toml",
            remedy="give the workbench's address with /oauth2callback at its end",
        )  # fmt: skip
    if not providers:
        raise SettingsError(
            "it names no provider", subject="[auth] of secrets.toml",
            remedy="give client_id, client_secret and server_metadata_url",
        )  # fmt: skip
    return Provision(secret, f"{back.scheme}://{back.netloc}", providers)


def _joined(cookies: Mapping[str, str], secret: str) -> bytes | None:
    first = _unsigned(cookies, COOKIE, secret)
    if first is None or (match := _CHUNKS.fullmatch(first)) is None:
        return first
    parts = [_unsigned(cookies, f"{COOKIE}_{number + 1}", secret) for number in range(int(match[1]))]
    return None if None in parts else b"".join(part for part in parts if part is not None)


def _unsigned(cookies: Mapping[str, str], name: str, secret: str) -> bytes | None:
    from itsdangerous import BadData, URLSafeTimedSerializer

    if not (value := cookies.get(name)):
        return None
    try:
        plain = URLSafeTimedSerializer(secret, salt=name).loads(value, max_age=MAX_AGE_S)
    except (BadData, UnicodeError):
        return None
    return plain.encode() if isinstance(plain, str) else None


def _has_home() -> bool:
    try:
        Path("~").expanduser()
    except RuntimeError:
        return False
    return True
