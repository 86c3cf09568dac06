"""What a page's address means. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..store import Entry


def moment(text: str | None) -> float:
    """Return the second that ``t=`` in an address names: ``83.5`` or ``1:23.5``; 0 for anything else.

    Examples
    --------
    >>> moment("83.5"), moment("1:23.5"), moment("1:00:00"), moment("soon"), moment(None)
    (83.5, 83.5, 3600.0, 0.0, 0.0)
    """
    try:
        seconds = 0.0
        for part in (text or "").split(":"):
            seconds = seconds * 60 + float(part)
    except ValueError:
        return 0.0
    return seconds if math.isfinite(seconds) and seconds > 0 else 0.0


def number(text: str | None) -> int | None:
    """Return the revision that ``revision=`` in an address names; None for anything else.

    Examples
    --------
    >>> number("3"), number("0"), number("third"), number(None)
    (3, None, None, None)
    """
    digits = text or ""
    return (int(digits) or None) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def newest(entries: Sequence[Entry]) -> Entry | None:
    """Return what Listen opens by itself: the newest recording with an analysis, else the newest."""
    analysed = [entry for entry in entries if entry.revision]
    return next(iter([*analysed, *entries]), None)
