"""Who a page is for: what pages ask before they show something that changes anything.

The guard tells the pages who opened the connection; what they may is looked up anew each time, so that a role
that was taken away is gone within seconds. Saving goes through HTTP, where the guard stands again.
"""

from __future__ import annotations

from urllib.parse import unquote

from ...errors import EdmError
from ..bench import workbench
from .guard import HERE, NOBODY, TOLD, Caller, current


def visitor() -> Caller:
    """Return who looks at the page that is being run.

    Without a guard before it, as in tests of a page, it is whoever sits at this machine, unless the settings
    want keys there too.
    """
    import streamlit as st

    identity = unquote(st.context.headers.get(TOLD, ""))
    settings = workbench().settings
    if not identity:
        return NOBODY if settings.api_keys_required or settings.public_url else HERE
    try:
        return current(identity, settings)
    except EdmError:
        return NOBODY


def may(wanted: str) -> bool:
    """Whether whoever looks at the page may ``read``, ``annotate`` or ``admin``."""
    return visitor().may(wanted)


def require(wanted: str) -> None:
    """Let the page go on for those who may, and say to the others why it does not."""
    import streamlit as st

    if may(wanted):
        return
    caller = visitor()
    who = f"You are signed in as {caller.name}" if caller.name else "You are not signed in"
    st.error(
        f"{who}: this page needs the role {wanted}. Ask whoever runs the workbench.", icon=":material/lock:"
    )
    st.stop()
