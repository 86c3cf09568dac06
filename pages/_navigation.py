"""The frame around every page: navigation, the few styles that all pages share, and the page itself."""

from pathlib import Path

import streamlit as st

PAGES = Path(__file__).parent

st.set_page_config(page_title="EDM workbench", page_icon=str(PAGES / "_icon.svg"), layout="wide")
st.html(PAGES / "_styles.css")

st.logo(str(PAGES / "_icon.svg"), size="large")

page = st.navigation(
    {
        "Hear": [
            st.Page(PAGES / "library.py", title="Library", url_path="library", default=True),
            st.Page(PAGES / "listen.py", title="Listen", url_path="listen"),
        ],
        "Mark": [
            st.Page(PAGES / "annotate.py", title="Annotate", url_path="annotate"),
            st.Page(PAGES / "agreement.py", title="Agreement", url_path="agreement"),
        ],
        "Judge": [
            st.Page(PAGES / "audience.py", title="Audience", url_path="audience"),
            st.Page(PAGES / "personas.py", title="Personas", url_path="personas"),
            st.Page(PAGES / "laboratory.py", title="Judge laboratory", url_path="laboratory"),
        ],
    },
    position="top",
)
page.run()
