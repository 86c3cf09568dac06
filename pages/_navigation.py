"""The frame around every page: navigation, the few styles that all pages share, and the page itself."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parent

st.set_page_config(page_title="EDM workbench", page_icon=str(PAGES / "_icon.svg"), layout="wide")
st.html(PAGES / "_styles.css")

st.logo(str(PAGES / "_icon.svg"), size="large")

# One group of pages so far, so that their names stand in the open; a second one makes this a mapping.
page = st.navigation(
    [
        st.Page(PAGES / "library.py", title="Library", url_path="library", default=True),
        st.Page(PAGES / "listen.py", title="Listen", url_path="listen"),
    ],
    position="top",
)
page.run()
