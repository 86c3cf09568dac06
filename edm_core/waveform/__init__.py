"""The player: one JavaScript core, mounted on a page or in a notebook, and a figure for papers.

:func:`view` turns a timeline into what the player shows, :func:`player` mounts it on a page, :func:`listen`
in a notebook; :func:`plot` draws the same lanes as a Plotly figure.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .figure import plot
    from .notebook import listen
    from .page import player
    from .props import PersonaLike, view

__all__ = ["PersonaLike", "listen", "player", "plot", "view"]

_HOME = {"view": "props", "PersonaLike": "props", "player": "page", "listen": "notebook", "plot": "figure"}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
