"""The service: what stands between the faces and the floors below — the open workbench, HTTP, the server.

The pages and the HTTP routes run in one process and share one :class:`Workbench`: a library, a queue and
the sounds that are being looked at. What a request meets, in order: ``running`` listens, ``access`` asks who
it is, ``web`` reads it, ``api`` answers; ``observing`` looks on, and ``views`` is what pages show.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .access.security import middleware
    from .analysis_job import analyse_entry
    from .api.mounted import routes
    from .bench import Workbench, open_workbench, workbench
    from .running.app import serve

__all__ = [
    "Workbench",
    "analyse_entry",
    "middleware",
    "open_workbench",
    "routes",
    "serve",
    "workbench",
]

_HOME = {
    "analysis_job": ("analyse_entry",),
    "running.app": ("serve",),
    "api.mounted": ("routes",),
    "access.security": ("middleware",),
    "bench": ("Workbench", "open_workbench", "workbench"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
