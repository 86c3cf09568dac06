"""The stage of the Audience page, as a Streamlit component in the page itself (components v2, no iframe).

Ratings are saved by itself, through the HTTP routes; the page is only told that somebody has rated.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from .assets import script

NAME = "edm-workbench.audience"


def audience_stage(props: dict[str, Any], *, key: str) -> None:
    """Mount the heat map where the page's script stands; the page runs again after somebody has rated.

    Parameters
    ----------
    props : dict
        From :func:`edm_core.waveform.audience_view`.
    key : str
        Identity of the stage on the page. While it stays and ``props`` are of the same recording, the sound
        plays on across reruns, and what was chosen stays chosen.
    """
    _component()(key=key, data=props, on_rated_change=_nothing)


@cache
def _component() -> Any:
    from streamlit.components.v2 import component

    return component(NAME, js=script("audience"), isolate_styles=False)


def _nothing() -> None:
    """Be there: the framework wants a callback for each value that a component may send."""
