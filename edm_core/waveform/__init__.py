"""Player and editor: one JavaScript core each, mounted on a page or in a notebook, and a figure for papers.

:func:`view` turns a timeline into what the player shows, :func:`player` mounts it on a page, :func:`listen`
in a notebook; :func:`plot` draws the same lanes as a Plotly figure. :func:`editor_view`, :func:`editor` and
:func:`edit` are the same for the editor, :func:`audience_view` and :func:`audience_stage` for the audience.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .audience_page import audience_stage
    from .audience_props import Beside, audience_view, place_of
    from .edit_notebook import edit
    from .edit_page import editor, kept_name
    from .editor_props import Neighbour, editor_view
    from .figure import plot
    from .notebook import listen
    from .page import player
    from .props import PersonaLike, view

__all__ = [
    "Beside",
    "Neighbour",
    "PersonaLike",
    "audience_stage",
    "audience_view",
    "edit",
    "editor",
    "editor_view",
    "kept_name",
    "listen",
    "place_of",
    "player",
    "plot",
    "view",
]

_HOME = {
    "Beside": "audience_props",
    "audience_stage": "audience_page",
    "audience_view": "audience_props",
    "place_of": "audience_props",
    "view": "props",
    "PersonaLike": "props",
    "player": "page",
    "listen": "notebook",
    "plot": "figure",
    "edit": "edit_notebook",
    "editor": "edit_page",
    "kept_name": "edit_page",
    "editor_view": "editor_props",
    "Neighbour": "editor_props",
}


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
