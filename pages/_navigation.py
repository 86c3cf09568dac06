"""The frame around every page: navigation, who is signed in, the few styles that all share, the page."""

from html import escape
from pathlib import Path

import streamlit as st

from edm_core.service.access.visitor import require, visitor

PAGES = Path(__file__).parent
NEEDS = {"annotate": "annotate", "agreement": "annotate", "personas": "annotate", "laboratory": "annotate"}
caller = visitor()


def page(name: str, title: str, *, default: bool = False) -> st.Page:
    """Return a page; for those who may not open it, it stands in no menu."""
    visibility = "visible" if caller.may(NEEDS.get(name, "read")) else "hidden"
    path = PAGES / f"{name}.py"
    return st.Page(path, title=title, url_path=name, default=default, visibility=visibility)


st.set_page_config(page_title="EDM workbench", page_icon=str(PAGES / "_icon.svg"), layout="wide")
st.html(PAGES / "_styles.css")

st.logo(str(PAGES / "_icon.svg"), size="large")

chosen = st.navigation(
    {
        "Hear": [page("library", "Library", default=True), page("listen", "Listen")],
        "Mark": [page("annotate", "Annotate"), page("agreement", "Agreement")],
        "Judge": [
            page("audience", "Audience"),
            page("personas", "Personas"),
            page("laboratory", "Judge laboratory"),
        ],
        "Run": [page("system", "System")],
    },
    position="top",
)
if caller.name:
    st.html(PAGES / "_signed_in.css")
    who = f"{escape(caller.name)} may {caller.scope}"
    st.html(
        f'<div class="edm-signed-in"><span>{who}</span> <a href="/sign-out" target="_self">Sign out</a></div>'
    )
require(NEEDS.get(chosen.url_path, "read"))
chosen.run()
