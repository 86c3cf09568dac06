"""Keeping secrets out of the log: keys, passwords in addresses, and what the settings hold of both.

Nothing in the workbench writes a secret on purpose; libraries below it log addresses and headers at DEBUG.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from ...errors import EdmError

if TYPE_CHECKING:
    from ...settings import Settings

MASK = "…"
_HELD = ("whisper_api_key", "llm_api_key", "langflow_api_key", "cookie_secret")
_ADDRESSES = ("database_url", "queue_url", "mlflow_tracking_uri", "blob_url")
_SHORTEST = 4  # a shorter secret would mask words that are none

_PATTERNS = (
    (re.compile(r"edm_([0-9a-f]{12})_[A-Za-z0-9_-]+"), rf"edm_\1_{MASK}"),
    # user:password@ in an address, also where the password holds an @ that should have been written %40
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@'\"]*):[^\s/'\"]*@", re.IGNORECASE), rf"\1:{MASK}@"),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)[A-Za-z0-9+/=._~-]{8,}", re.IGNORECASE), rf"\1{MASK}"),
    (
        re.compile(
            r"((?:x-api-key|api[_-]?key|authorization|password|passwd|client_secret"
            r"|cookie_secret|access_token|id_token|refresh_token)\b[\"']?\)?\s*(?:[:=,]|=>)\s*b?[\"']?)"
            r"(?!(?:Bearer|Basic)\s)[^\s\"',;&…]+",
            re.IGNORECASE,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(\bcookie[\"']?\s*[:=,]\s*b?[\"']?)[^\"'\n]+", re.IGNORECASE), rf"\1{MASK}"),
    (re.compile(r"(\b(?:edm_session|_streamlit_\w+)=)[^\s;\"']+"), rf"\1{MASK}"),
)


def masked(text: str, settings: Settings | None = None) -> str:
    """Return a text without what looks like a secret, and without the secrets of the settings.

    Parameters
    ----------
    text : str
        A finished line of a log, or anything else that is shown.
    settings : Settings, optional
        Whose secrets are looked for; by default those of the environment.

    Examples
    --------
    >>> masked("redis://edm:sesame@db:6379/0 refused")
    'redis://edm:…@db:6379/0 refused'
    """
    for secret in _of_environment() if settings is None else _secrets(settings):
        text = text.replace(secret, MASK)
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return every secret that the settings hold, longest first: keys, and passwords in addresses."""
    found = {str(getattr(settings, name, "") or "") for name in _HELD}
    for name in _ADDRESSES:
        try:
            password = urlsplit(str(getattr(settings, name, "") or "")).password or ""
        except ValueError:
            continue
        found |= {password, unquote(password)}
    return tuple(sorted((each for each in found if len(each) >= _SHORTEST), key=len, reverse=True))


@lru_cache(maxsize=16)
def _secrets(settings: Settings) -> tuple[str, ...]:
    return secrets_of(settings)


@cache
def _of_environment() -> tuple[str, ...]:
    from ...settings import Settings

    try:
        return secrets_of(Settings.from_environment())
    except EdmError:  # whoever reads the settings says what is wrong with them
        return ()
