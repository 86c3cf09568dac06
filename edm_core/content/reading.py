"""Reading the label files: YAML with checks whose errors name the file and the place."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from .._yaml import plain
from ..errors import SettingsError


def parsed(path: Path) -> tuple[dict[str, Any], str]:
    """Return what a file of keys and values holds, and a hash of its bytes.

    Raises
    ------
    SettingsError
        If it cannot be read, is no YAML, or holds something else.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", subject=str(path)) from None
    return _parsed(path, raw), hashlib.sha256(raw).hexdigest()[:12]


def text_of(data: dict[str, Any], key: str, path: Path, place: str = "") -> str:
    """Return the text at a key."""
    value = data.get(key)
    if not isinstance(value, str) or not value.strip():
        raise wrong(path, f"{place}.{key}".lstrip("."), "is not a text")
    return value.strip()


def texts_of(value: Any, path: Path, place: str) -> tuple[str, ...]:
    """Return the texts of a list."""
    if not isinstance(value, list):
        raise wrong(path, place, "is not a list of texts")
    for item in value:
        if not isinstance(item, str) or not item.strip():
            raise wrong(path, place, f"holds {item!r}, which is not a text")
    return tuple(item.strip() for item in value)


def number(data: dict[str, Any], key: str, path: Path, low: float, high: float) -> float:
    """Return the number at a key, which lies between two others."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise wrong(path, key, f"is not a number from {low:g} to {high:g}")
    return float(value)


def severity_of(value: Any, path: Path, place: str) -> int:
    """Return a severity, a whole number from 1 to 7."""
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 7:
        raise wrong(path, place, f"{value!r} is not a severity from 1 to 7")
    return value


def wrong(path: Path, place: str, problem: str) -> SettingsError:
    """Return the error that says what is wrong where in a file."""
    return SettingsError(f"{place} {problem}", subject=str(path), remedy="correct it there")


@lru_cache(maxsize=16)
def _parsed(path: Path, raw: bytes) -> dict[str, Any]:
    try:
        data = plain(raw)
    except ValueError as error:
        raise SettingsError(f"not YAML: {error}", subject=str(path), remedy="correct it there") from None
    if not isinstance(data, dict):
        raise wrong(path, "the file", "does not hold keys and values")
    return data
