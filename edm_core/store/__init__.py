"""The store: recordings, what was found in them, and what people say of them. No HTTP, no analysis.

The library is files: every file is written aside and renamed into place, and changes are made under a lock,
so that the pages and a worker can both write and a reader never sees half of anything. What people say lies
in a database, SQLite by default.
"""

import importlib
from typing import TYPE_CHECKING, Any

from .entry import Entry, EntryStatus, chips_of, display_name
from .library import FolderReport, Library, Refusal

if TYPE_CHECKING:
    from .annotations import REFERENCE, Annotations, Conflict, Draft, Presence, Revision

__all__ = [
    "REFERENCE",
    "Annotations",
    "Conflict",
    "Draft",
    "Entry",
    "EntryStatus",
    "FolderReport",
    "Library",
    "Presence",
    "Refusal",
    "Revision",
    "chips_of",
    "display_name",
]

_OF_ANNOTATIONS = ("REFERENCE", "Annotations", "Conflict", "Draft", "Presence", "Revision")


def __getattr__(name: str) -> Any:
    if name in _OF_ANNOTATIONS:  # they bring SQLAlchemy, which a library without annotations never needs
        return getattr(importlib.import_module(".annotations", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
