"""The store: the recordings that one data folder knows, and what was found in them. No HTTP, no analysis.

Files are the database for now. Every file is written aside and renamed into place, and changes are made under
a lock, so that the pages and a worker can both write and a reader never sees half of anything.
"""

from .entry import Entry, EntryStatus, chips_of, display_name
from .library import FolderReport, Library, Refusal

__all__ = [
    "Entry",
    "EntryStatus",
    "FolderReport",
    "Library",
    "Refusal",
    "chips_of",
    "display_name",
]
