"""Listen: one recording with its sections, its words and its audience, following the sound."""

from pathlib import Path

import streamlit as st

from edm_core.errors import EdmError
from edm_core.personas import load_personas
from edm_core.service import workbench
from edm_core.service.card import empty_html
from edm_core.service.links import moment, newest
from edm_core.service.wording import markdown as escape
from edm_core.service.wording import progress_text
from edm_core.store import Entry
from edm_core.waveform import player, view

LIBRARY = Path(__file__).parent / "library.py"
bench = workbench()


def progress(entry: Entry) -> None:
    """Show how the analysis goes, and the recording as soon as it is there."""
    fresh = bench.library.get(entry.id)
    if fresh is None or fresh.status not in ("queued", "running"):
        st.rerun()
    job = bench.job(entry)
    st.progress(job.share if job else 0.0, progress_text(job))


def stage(entry: Entry) -> None:
    """Mount the player, and say what is missing."""
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    try:
        peaks = bench.sound(entry).peaks
    except EdmError as error:
        st.error(f"It cannot be played: {escape(str(error))}")
        peaks = None
    address = f"/api/v1/recordings/{entry.digest}"
    props = view(
        timeline,
        title=entry.shown,
        audio_url=f"{address}/audio",
        peaks=peaks,
        peaks_url=f"{address}/peaks",
        personas=load_personas(),
        at=moment(st.query_params.get("t")),
    )
    player(props, key=f"player-{entry.digest[:16]}")
    for problem in timeline.problems:
        st.warning(f"**{escape(problem.stage)}** is missing: {escape(problem.error)}")


wanted = st.query_params.get("recording")
found = bench.library.find(wanted) if wanted else newest(bench.library.list())

if found is not None:
    st.set_page_config(page_title=f"{found.shown} · EDM workbench")

if found is None and wanted:
    st.html(
        empty_html(
            "This recording is not in the library", "It may have been removed, or the link is cut short."
        )
    )
    st.page_link(LIBRARY, label="Open the library")
elif found is None:
    st.html(
        empty_html(
            "Nothing to listen to yet", "Add a recording in the library; it is analysed on this machine."
        )
    )
    st.page_link(LIBRARY, label="Open the library")
elif found.revision and found.status not in ("queued", "running"):
    stage(found)
elif found.status in ("queued", "running"):
    st.html(empty_html(found.shown, "It is being analysed. This page opens by itself when it is done."))
    st.fragment(progress, run_every=1.0)(found)
else:
    st.html(empty_html(f"{found.shown} has no analysis", found.message or "It was not finished."))
    st.button("Analyse it", on_click=bench.analyse, args=(found,))
    st.page_link(LIBRARY, label="Open the library")
