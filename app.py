"""The workbench in one process: pages, sound, peaks and the HTTP API.

Run it with ``edm app``; ``streamlit run app.py`` and ``uvicorn app:app`` serve the same.
"""

from pathlib import Path

import streamlit as st

from edm_core.service import middleware, routes
from edm_core.service.running.app import lifespan

app = st.App(
    Path(__file__).parent / "pages" / "_navigation.py",
    routes=routes(),
    middleware=middleware(),
    lifespan=lifespan,
)
