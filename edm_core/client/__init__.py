"""The client: a workbench that runs elsewhere, used from a notebook or a script as if it were here.

What it gives are the values of the package itself: timelines, annotations, data frames made from them.

Examples
--------
>>> from edm_core.client import Client
>>> with Client("http://127.0.0.1:8000") as there:  # doctest: +SKIP
...     timeline = there.analyze("track.flac")
...     there.summary(timeline.recording.id)["overall"]
"""

from .client import Client
from .errors import ConflictError, ServiceError
from .values import Line, Recording, Saved, Work

__all__ = ["Client", "ConflictError", "Line", "Recording", "Saved", "ServiceError", "Work"]
