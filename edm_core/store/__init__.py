"""The store: recordings, what was found in them, and what people say of them. No HTTP, no analysis.

What can be asked for stands in a database, SQLite by default; bytes and analyses are blobs, files by default.
SQLAlchemy is imported when the database is first asked.
"""

import importlib
from typing import TYPE_CHECKING, Any

from .blobs import Blobs, MissingBlob, Stored, blobs_of
from .documents import Document
from .entry import Entry, EntryStatus, chips_of, display_name
from .library import FolderReport, Library, Refusal, Usage

if TYPE_CHECKING:
    from .annotations import REFERENCE, Annotations, Conflict, Draft, Presence, Revision
    from .entering import QuotaError
    from .entry_pages import Page
    from .erasure import Erasure
    from .garbage import Garbage

__all__ = [
    "REFERENCE",
    "Annotations",
    "Blobs",
    "Conflict",
    "Document",
    "Draft",
    "Entry",
    "EntryStatus",
    "Erasure",
    "FolderReport",
    "Garbage",
    "Library",
    "MissingBlob",
    "Page",
    "Presence",
    "QuotaError",
    "Refusal",
    "Revision",
    "Stored",
    "Usage",
    "blobs_of",
    "chips_of",
    "display_name",
]

_LATER = {  # they bring SQLAlchemy, which nothing needs before there is something to ask
    **dict.fromkeys(("REFERENCE", "Annotations", "Conflict", "Draft", "Presence", "Revision"), "annotations"),
    "Page": "entry_pages",
    "QuotaError": "entering",
    "Erasure": "erasure",
    "Garbage": "garbage",
}


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(f".{_LATER[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
