"""Listen: one recording with its sections, its words and its audience, following the sound."""

from functools import partial
from pathlib import Path

import streamlit as st

from edm_core.errors import EdmError
from edm_core.personas import load_personas
from edm_core.service import workbench
from edm_core.service.access.visitor import may
from edm_core.service.views.card import empty_html
from edm_core.service.views.links import moment, opened
from edm_core.service.views.wording import markdown as escape
from edm_core.service.views.wording import progress_text
from edm_core.store import Entry
from edm_core.timeline import Timeline
from edm_core.waveform import player, view

LIBRARY = Path(__file__).parent / "library.py"
ANNOTATE = Path(__file__).parent / "annotate.py"
AUDIENCE = Path(__file__).parent / "audience.py"
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
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if may("annotate"):
            st.page_link(
                ANNOTATE, label="Annotate it", query_params={"recording": entry.digest[:12]}, width="content"
            )
        st.page_link(
            AUDIENCE, label="Its audience", query_params={"recording": entry.digest[:12]}, width="content"
        )
        transcript_files(entry, timeline)
    for problem in timeline.problems:
        st.warning(f"**{escape(problem.stage)}** is missing: {escape(problem.error)}")


def transcript_files(entry: Entry, timeline: Timeline) -> None:
    """Offer the transcript for download; a file is written once somebody asks for it."""
    if not timeline.passages:
        return
    from edm_core.transcription import to_json, to_srt, to_txt, to_vtt

    language = timeline.passages[0].language
    files = {
        "SRT": ("application/x-subrip", partial(to_srt, timeline.words, language)),
        "WebVTT": ("text/vtt", partial(to_vtt, timeline.words, language)),
        "TXT": ("text/plain", partial(to_txt, timeline.passages)),
        "JSON": ("application/json", partial(to_json, timeline)),
    }
    if not timeline.words:  # subtitles are cut from words
        del files["SRT"], files["WebVTT"]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="transcript-files"):
        st.caption("Transcript as", width="content")
        for name, (mime, write) in files.items():
            ending = {"WebVTT": "vtt"}.get(name, name.lower())
            st.download_button(
                name,
                write,
                file_name=f"{Path(entry.name).stem}.{ending}",
                mime=mime,
                key=f"download-{ending}",
                on_click="ignore",
                type="tertiary",
            )


wanted = st.query_params.get("recording")
found = opened(bench.library, wanted)

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
    if may("annotate"):
        st.button("Analyse it", on_click=bench.analyse, args=(found,))
    st.page_link(LIBRARY, label="Open the library")
