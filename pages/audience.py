"""Audience: how simulated listeners take a recording, why, and how far people agree with them."""

from pathlib import Path

import streamlit as st

from edm_core.errors import EdmError
from edm_core.personas import Audience, load_personas
from edm_core.service import workbench
from edm_core.service.card import empty_html
from edm_core.service.links import moment, newest
from edm_core.service.wording import markdown as escape
from edm_core.store import Entry
from edm_core.timeline import Timeline
from edm_core.waveform import audience_stage, audience_view, place_of

LIBRARY = Path(__file__).parent / "library.py"
bench = workbench()
state, query = st.session_state, st.query_params


def stage(entry: Entry, timeline: Timeline, audience: Audience) -> None:
    """Mount the heat map over the sound."""
    try:
        peaks = bench.sound(entry).peaks
    except EdmError as error:
        st.error(f"It cannot be played: {escape(str(error))}")
        peaks = None
    address = f"/api/v1/recordings/{entry.digest}"
    at = moment(query.get("t"))
    named = query.get("persona", "")
    props = audience_view(
        timeline,
        audience,
        audio_url=f"{address}/audio",
        peaks=peaks,
        peaks_url=f"{address}/peaks",
        title=entry.shown,
        ratings_url=f"{address}/ratings",
        rater=query.get("author", ""),
        selected=place_of(audience, named, at) if named or at else None,
        at=at,
    )
    audience_stage(props, key=f"audience-{entry.digest[:16]}")


found = bench.library.find(query["recording"]) if "recording" in query else newest(bench.library.list())
if found is None:
    st.html(empty_html("Nothing to judge yet", "Add a recording in the library."))
else:
    timeline = bench.library.timeline(found.id)
    assert timeline is not None
    stage(found, timeline, Audience.of(timeline, load_personas(settings=bench.settings)))
