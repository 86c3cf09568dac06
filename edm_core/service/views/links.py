"""What a page's address means."""

from __future__ import annotations

import math

from ...store import Entry, Library

OFFERED = 200
"""How many recordings, the newest ones, a page offers to choose from; the library has them all."""


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


def opened(library: Library, wanted: str | None) -> Entry | None:
    """Return the recording that ``recording=`` names, or the newest: with an analysis, if there is one."""
    if wanted:
        return library.find(wanted)
    found = library.page(analysed=True, limit=1).entries or library.page(limit=1).entries
    return found[0] if found else None


def offered(library: Library, open: Entry | None = None) -> dict[str, Entry]:
    """Return the newest recordings that have an analysis, by their ids; the one that is open comes first."""
    first = {open.id: open} if open is not None and open.revision else {}
    return first | {entry.id: entry for entry in library.page(analysed=True, limit=OFFERED).entries}
