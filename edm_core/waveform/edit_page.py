"""The editor on a Streamlit page, as a component in the page itself (components v2, no iframe).

It saves by itself, through the HTTP routes; the page is only told when another recording is wanted. Beside
it stands a small component without a face, which keeps the annotator's name in their browser.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from .assets import script

NAME = "edm-workbench.editor"
NAME_KEEPER = "edm-workbench.name"

_KEEPER = """
const KEY = "edm-annotator";
export default function ({ data, setStateValue }) {
  try {
    if (data.name) localStorage.setItem(KEY, data.name);
    else {
      if (data.forget) localStorage.removeItem(KEY);
      setStateValue("name", localStorage.getItem(KEY) ?? "");
    }
  } catch {
    setStateValue("name", "");  // storage is switched off: the name stands in the address
  }
}
"""


def editor(props: dict[str, Any], *, key: str, on_go: Callable[[str], None]) -> None:
    """Mount the editor where the page's script stands.

    Parameters
    ----------
    props : dict
        From :func:`edm_core.waveform.editor_view`.
    key : str
        Identity of the editor on the page. While it stays, ``props`` of another recording are taken over in
        place, and those of the same recording leave what is being edited alone.
    on_go : callable
        Called before the page runs again, with the id of the recording that the annotator wants to see.
    """
    import streamlit as st

    def go() -> None:
        wanted = st.session_state[key].go
        if isinstance(wanted, str):
            on_go(wanted)

    _component()(key=key, data=props, on_go_change=go)


def kept_name(*, key: str, name: str = "", forget: bool = False) -> str | None:
    """Keep the annotator's name in their browser, or ask for the one that is kept there.

    Parameters
    ----------
    key : str
        Identity of the component on the page.
    name : str
        To be kept; empty asks.
    forget : bool
        Whether to forget it instead.

    Returns
    -------
    str or None
        The name that is kept, empty if there is none; None until the browser has answered.
    """
    result = _keeper()(
        key=key, data={"name": name, "forget": forget}, default={"name": None}, on_name_change=_nothing
    )
    kept = result.name
    return kept if isinstance(kept, str) else None


@cache
def _component() -> Any:
    from streamlit.components.v2 import component

    return component(NAME, js=script("editor"), isolate_styles=False)


@cache
def _keeper() -> Any:
    from streamlit.components.v2 import component

    return component(NAME_KEEPER, js=_KEEPER, isolate_styles=False)


def _nothing() -> None:
    """Be there: the framework wants a callback for each value that a component may send."""
