"""What a request needs, by method and path, from one table: what no row names is closed.

Reading needs ``read``, everything else ``annotate``; the rows say where it is otherwise. Routes that are
added later, and those of the pages' framework, fall under the same two rules without being named.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import parse_qs

from .sites import SAFE, path_of

if TYPE_CHECKING:
    from starlette.types import Scope

Needed = Literal["open", "here", "read", "annotate", "admin"]
"""``open``: anybody; ``here``: this machine, and beyond it whoever may read."""

_API: Final = r"(?:/api/v1|/api)?"
_READING: Final = SAFE
_DELETING: Final = ("DELETE",)
_ANY: Final = ()

TABLE: Final[tuple[tuple[tuple[str, ...], str, Needed], ...]] = (
    (_READING, rf"{_API}(?:/segments)?/health/?", "open"),
    (_READING, rf"{_API}/(?:ready|metrics)/?", "here"),
    (_ANY, rf"{_API}/(?:keys|people|audit)(?:/.*)?", "admin"),
    (_DELETING, rf"{_API}/recordings/[^/]+/?", "admin"),
)
"""Methods (none: all), a pattern of the whole path, and what is needed; the first row that fits."""
_ROWS: Final = tuple((methods, re.compile(pattern), needed) for methods, pattern, needed in TABLE)
_RANK: Final = {"read": 0, "annotate": 1, "admin": 2}


def needed(scope: Scope) -> Needed:
    """Return what a request needs."""
    if scope["type"] == "websocket":
        return "read"
    method, path = scope["method"], path_of(scope)
    if method not in SAFE and "erase" in parse_qs(scope["query_string"].decode("latin-1"), True):
        return "admin"
    for methods, pattern, wanted in _ROWS:
        if (not methods or method in methods) and pattern.fullmatch(path):
            return wanted
    return "read" if method in SAFE else "annotate"


def allows(held: str, wanted: str) -> bool:
    """Whether who may ``held`` may ``wanted``.

    Examples
    --------
    >>> allows("annotate", "read"), allows("annotate", "admin"), allows("none", "read")
    (True, False, False)
    """
    return _RANK.get(held, -1) >= _RANK[wanted]
