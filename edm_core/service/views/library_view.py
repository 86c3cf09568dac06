"""What the Library page asks for and says, from the values of its filters. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

CARDS = 60
"""How many cards a page has."""
SLOWEST, FASTEST = 60, 200
"""Ends of the slider of tempo, in BPM; at an end it has no bound."""
LENGTHS = (0, 60, 180, 300, 600, 1800, 3600, 7200, 0)
"""Steps of the slider of length, in seconds; the first and the last stand for no bound."""
LENGTH_NAMES = ("any", "1 min", "3 min", "5 min", "10 min", "30 min", "1 h", "2 h", "no end")
SORTS: dict[str, tuple[str, bool]] = {
    "Newest": ("added", True),
    "Oldest": ("added", False),
    "A to Z": ("title", False),
    "Z to A": ("title", True),
    "Slowest": ("bpm", False),
    "Fastest": ("bpm", True),
    "Shortest": ("duration", False),
    "Longest": ("duration", True),
}
"""Orders by name: what is sorted by, and whether the largest comes first."""
SPEECH = {"Any": None, "With speech": True, "Without speech": False}
STATUSES = {
    "Analysed": "done", "Waiting": "queued", "At work": "running", "Failed": "failed", "Stopped": "cancelled",
}  # fmt: skip
KEYS = tuple(f"{number}{letter}" for number in range(1, 13) for letter in "AB")
"""The Camelot wheel."""


def question_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what :meth:`edm_core.store.Library.page` is asked, from the filters' values by their names.

    A filter that is not there, or set to nothing, does not narrow.

    Examples
    --------
    >>> question_of({"search": "drive", "tempo": (120, 200), "sort": "Fastest", "status": ["Failed"]})
    {'search': 'drive', 'sort': 'bpm', 'descending': True, 'status': ('failed',), 'bpm': (120.0, None)}
    """
    sort, descending = SORTS[values.get("sort") or "Newest"]
    asked: dict[str, Any] = {
        "search": values.get("search") or "", "tags": tuple(values.get("tag") or ()), "sort": sort,
        "descending": descending, "key": values.get("key"), "speech": SPEECH[values.get("speech") or "Any"],
        "status": tuple(STATUSES[name] for name in values.get("status") or ()),
        "bpm": _tempo(values.get("tempo")), "duration": _length(values.get("length")),
    }  # fmt: skip
    kept = ("search", "sort", "descending")
    return {name: value for name, value in asked.items() if name in kept or value not in (None, ())}


def narrowed(values: Mapping[str, Any]) -> int:
    """Return how many filters narrow the list, the search not counted.

    Examples
    --------
    >>> narrowed({"search": "drive", "tempo": (120, 200), "key": None})
    1
    """
    return len(question_of(values)) - 3


def counted(first: int, shown: int, total: int) -> str:
    """Return which of how many recordings are shown, the first counted from 0.

    Examples
    --------
    >>> counted(60, 60, 10_000), counted(0, 3, 3), counted(0, 1, 1)
    ('61 to 120 of 10,000 recordings', '3 recordings', '1 recording')
    """
    of = f"{total:,} recording{'s' * (total != 1)}"
    return of if shown == total else f"{first + 1:,} to {first + shown:,} of {of}"


def erased_text(counts: Mapping[str, int], named_in: Sequence[str]) -> str:
    """Return what went with a recording, and what was left.

    Examples
    --------
    >>> erased_text({"entries": 1, "revisions": 2, "ratings": 0}, ["laboratory/a.json"])
    'Erased: 1 entries, 2 revisions. Left, though it names it: laboratory/a.json'
    """
    told = ", ".join(f"{count} {name}" for name, count in counts.items() if count)
    left = f" Left, though it names it: {', '.join(named_in)}" if named_in else ""
    return f"Erased: {told}.{left}"


def _tempo(bounds: tuple[int, int] | None) -> tuple[float | None, float | None] | None:
    low, high = bounds or (SLOWEST, FASTEST)
    found = (float(low) if low > SLOWEST else None, float(high) if high < FASTEST else None)
    return None if found == (None, None) else found


def _length(bounds: tuple[str, str] | None) -> tuple[float | None, float | None] | None:
    first, last = bounds or (LENGTH_NAMES[0], LENGTH_NAMES[-1])
    low, high = LENGTHS[LENGTH_NAMES.index(first)], LENGTHS[LENGTH_NAMES.index(last)]
    found = (float(low) or None, float(high) or None)
    return None if found == (None, None) else found
