"""The player on a Streamlit page, as a component in the page itself (components v2, no iframe).

The script travels as text rather than as a file of a manifest: Streamlit finds manifests of installed wheels
only, not of editable installs, and a browser keeps the script by its content either way.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from .assets import script

NAME = "edm-workbench.player"


def player(props: dict[str, Any], *, key: str) -> None:
    """Mount the player where the page's script stands.

    Parameters
    ----------
    props : dict
        From :func:`edm_core.waveform.view`.
    key : str
        Identity of the player on the page. While it stays and ``props`` are of the same recording, the sound
        plays on across reruns; new layers are taken over in place.
    """
    _component()(key=key, data=props)


@cache
def _component() -> Any:
    from streamlit.components.v2 import component

    # The script builds its own shadow root, the same as in a notebook.
    return component(NAME, js=script("player"), isolate_styles=False)
