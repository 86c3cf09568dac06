"""Signed in with an API key: the cookie that lets a browser in which cannot send the key itself.

A page's sound and the editor's requests are the browser's own; they carry a cookie. It names the key and
not what the key allows: that is looked up at every request, so that a cookie dies with its key. It is signed
by itsdangerous with a secret of the server, dies by itself after :data:`LASTS_S` without a visit, is out of
reach of scripts, and is sent by no page of another site.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..._files import locked, made, write_atomic

if TYPE_CHECKING:
    from itsdangerous import URLSafeTimedSerializer

    from ...settings import Settings

COOKIE = "edm_session"
LASTS_S = 12 * 3600
RENEWED_S = 3600
"""A cookie older than that is replaced by a new one when it is used."""
_ID = re.compile(r"[0-9a-f]{12}")

_secrets: dict[Path, str] = {}
_making = threading.Lock()


def issued(settings: Settings, id: str) -> str:
    """Return what the cookie holds for whoever has shown the key of that id."""
    text: str = _signer(settings).dumps(id)
    return text


def shown(settings: Settings, text: str) -> tuple[str, bool] | None:
    """Return the id of the key that a cookie of ours names, and whether the cookie is to be replaced.

    Parameters
    ----------
    settings : Settings
        Whose secret signed it.
    text : str
        What the cookie holds.
    """
    from itsdangerous import BadData

    try:
        id, since = _signer(settings).loads(text, max_age=LASTS_S, return_timestamp=True)
    except (BadData, UnicodeError):
        return None
    if not isinstance(id, str) or not _ID.fullmatch(id):
        return None
    return id, time.time() - since.timestamp() > RENEWED_S


def set_cookie(value: str, *, secure: bool) -> str:
    """Return the header that sets the cookie; an empty value takes it away."""
    lasts = LASTS_S if value else 0
    return f"{COOKIE}={value}; Path=/; Max-Age={lasts}; HttpOnly; SameSite=Strict" + (
        "; Secure" if secure else ""
    )


def _signer(settings: Settings) -> URLSafeTimedSerializer:
    from itsdangerous import URLSafeTimedSerializer

    return URLSafeTimedSerializer(secret_of(settings), salt=COOKIE)


def secret_of(settings: Settings) -> str:
    """Return the secret that cookies are signed with: of the settings, or made once for the data folder.

    Raises
    ------
    StorageError
        If it cannot be written.
    """
    if given := str(getattr(settings, "cookie_secret", "")):
        return given
    file = settings.data_dir / "cookie-secret"
    if file not in _secrets:
        with _making, locked(made(settings.data_dir) / ".cookie-secret.lock"):
            try:
                text = file.read_text(encoding="ascii").strip()
            except FileNotFoundError:
                text = secrets.token_hex()
                write_atomic(file, text.encode(), mode=0o600)
        _secrets[file] = text
    return _secrets[file]
