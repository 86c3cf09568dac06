"""Audience: how simulated listeners take a recording, why, and how far people agree with them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from edm_core.errors import EdmError
from edm_core.personas import Audience
from edm_core.personas.comparison import Comparison, compare
from edm_core.ratings import Rating
from edm_core.service import workbench
from edm_core.service.audience import audience_of, report_of
from edm_core.service.views.audience_tables import comparison_rows, summary_rows
from edm_core.service.views.audience_widgets import calibration, people, score_again, waiting
from edm_core.service.views.card import empty_html
from edm_core.service.views.links import moment, offered, opened
from edm_core.service.views.wording import markdown as escape
from edm_core.service.views.wording import progress_text
from edm_core.store import Entry
from edm_core.timeline import Layer, Timeline
from edm_core.waveform import Beside, audience_stage, audience_view, place_of

HERE = Path(__file__)
LIBRARY = HERE.parent / "library.py"
LISTEN = HERE.parent / "listen.py"
PERSONAS = HERE.parent / "personas.py"
NOTHING = ""
bench = workbench()
state, query = st.session_state, st.query_params


@dataclass(frozen=True)
class Room:
    """What is looked at: a recording, its audience, and what people said of it."""

    entry: Entry
    timeline: Timeline
    audience: Audience
    ratings: tuple[Rating, ...]

    @property
    def address(self) -> str:
        """Where its routes begin."""
        return f"/api/v1/recordings/{self.entry.digest}"


# --- what there is -----------------------------------------------------------------------------------


def who() -> str:
    """Return who looks, as far as the address says it."""
    return query.get("author", "")


def room_of(entry: Entry) -> Room | None:
    """Return a recording's audience; None where it has not been analysed."""
    timeline = bench.library.timeline(entry.id)
    if timeline is None:
        return None
    audience = audience_of(bench.library, entry, timeline=timeline)
    return Room(entry, timeline, audience, bench.library.ratings.history(entry.id))


# --- which one, and beside which ---------------------------------------------------------------------


def choose(entry: Entry, entries: Iterable[Entry]) -> None:
    """Let another recording be chosen."""
    shown = {each.digest[:12]: each for each in entries}
    state["chosen"] = entry.digest[:12]
    st.selectbox(
        "Recording", list(shown), key="chosen", label_visibility="collapsed", on_change=go, width=380,
        format_func=lambda key: shown[key].shown,
    )  # fmt: skip


def go() -> None:
    """Open the recording that was chosen."""
    for name in ("persona", "t"):
        query.pop(name, None)
    query["recording"] = state.chosen


def earlier(timeline: Timeline) -> dict[str, Layer]:
    """Return earlier scorings of the recording by what they are called, the last first."""
    current = timeline.layer("reactions")
    others = [each for each in timeline.layers if each.kind == "reactions" and each != current]
    others.sort(key=lambda each: (each.time, each.revision), reverse=True)
    return {f"{each.source.partition(':')[2]}#{each.revision}": each for each in others}


def choose_other(room: Room, entries: Iterable[Entry]) -> str:
    """Return what is compared with: a scoring's name, another recording's id, or nothing."""
    layers = earlier(room.timeline)
    others = {each.id: each for each in entries if each.id != room.entry.id}

    def called(key: str) -> str:
        if key in layers:
            return f"Scored before: {layers[key].time[:16].replace('T', ' ')} ({key})"
        return others[key].shown if key in others else "Compare with …"

    return str(
        st.selectbox(
            "Compare with", [NOTHING, *layers, *others], key=f"beside-{room.entry.digest[:12]}",
            format_func=called, label_visibility="collapsed", width=340,
        )
    )  # fmt: skip


def compared(room: Room, key: str) -> Comparison | None:
    """Return how this audience differs from the one that was chosen."""
    if key == NOTHING:
        return None
    layers = earlier(room.timeline)
    if key in layers:
        then = audience_of(bench.library, room.entry, timeline=room.timeline, reactions=layers[key].items)
        return compare(then, room.audience)
    other = bench.library.get(key)
    found = None if other is None else room_of(other)
    return None if found is None else compare(found.audience, room.audience)


# --- the stage ---------------------------------------------------------------------------------------


def stage(room: Room, beside: Beside | None) -> None:
    """Mount the heat map over the sound."""
    try:
        peaks = bench.sound(room.entry).peaks
    except EdmError as error:
        st.error(f"It cannot be played: {escape(str(error))}")
        peaks = None
    at, named = moment(query.get("t")), query.get("persona", "")
    props = audience_view(
        room.timeline,
        room.audience,
        audio_url=f"{room.address}/audio",
        peaks=peaks,
        peaks_url=f"{room.address}/peaks",
        title=room.entry.shown,
        ratings=room.ratings,
        ratings_url=f"{room.address}/ratings",
        rater=who(),
        selected=place_of(room.audience, named, at) if named or at else None,
        beside=beside,
        at=at,
    )
    audience_stage(props, key=f"audience-{room.entry.digest[:16]}")


# --- figures -----------------------------------------------------------------------------------------


def summary(room: Room, key: str, comparison: Comparison | None) -> None:
    """Show what each persona's scores add up to, and hand them out."""
    st.dataframe(
        pd.DataFrame(summary_rows(room.audience)), hide_index=True,
        column_config={
            "mean": st.column_config.NumberColumn(format="%.2f"),
            "weight": st.column_config.NumberColumn(format="%.1f", help="In the mean of all together."),
            "interval": st.column_config.TextColumn(help="95 %: how much it hangs on single items here."),
        },
        height=min(36 * (len(room.audience.personas) + 1) + 4, 480),
    )  # fmt: skip
    if comparison is not None:
        told = "Item by item" if comparison.paired else "Two recordings, so nothing is paired"
        other = bench.library.get(key)
        st.markdown(f"**Beside {escape(other.shown if other else key)}.** {told}; positive: higher here.")
        st.table(pd.DataFrame(comparison_rows(comparison)), hide_index=True)
    downloads(room)


def downloads(room: Room) -> None:
    """Offer the audience as files; each is written once somebody asks for it."""
    stem = Path(room.entry.name).stem
    files = {
        "JSON": ("application/json", lambda: json.dumps(room.audience.to_dict(), ensure_ascii=False)),
        "CSV": ("text/csv", room.audience.to_csv),
        "HTML": ("text/html", lambda: report_of(bench.library, room.entry)),
    }
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audience-files"):
        link = {"recording": room.entry.digest[:12]}
        st.page_link(LISTEN, label="Listen to it", query_params=link, width="content")
        st.page_link(PERSONAS, label="Who they are", width="content")
        st.caption("Audience as", width="content")
        for name, (mime, write) in files.items():
            st.download_button(
                name, write, file_name=f"{stem}.audience.{name.lower()}", mime=mime, on_click="ignore",
                type="tertiary", key=f"download-{name}",
            )  # fmt: skip


# --- the page ----------------------------------------------------------------------------------------


def progress(entry: Entry) -> None:
    """Show how the analysis goes, and the audience as soon as it is there."""
    fresh = bench.library.get(entry.id)
    if fresh is None or fresh.status not in ("queued", "running"):
        st.rerun()
    job = bench.job(entry)
    st.progress(job.share if job else 0.0, progress_text(job))


def nothing(heading: str, text: str) -> None:
    """Say what the page needs, and where that is."""
    st.html(empty_html(heading, text))
    st.page_link(LIBRARY, label="Open the library")


def show(room: Room, entries: Iterable[Entry]) -> None:
    """Show the stage, and the figures below it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audience-choice"):
        choose(room.entry, entries)
        key = choose_other(room, entries)
        score_again(bench, room.entry, room.timeline, who=who())
    waiting(bench, room.entry)
    comparison = compared(room, key)
    paired = comparison if comparison is not None and comparison.paired else None
    stage(room, None if paired is None else Beside(key, paired))
    figures, said, fitted = st.tabs(["Summary", "People", "Calibration"])
    with figures:
        summary(room, key, comparison)
    with said:
        people(bench, room.entry, room.audience, room.ratings)
    with fitted:
        calibration(bench, room.timeline.reactions, who=who())


def page() -> None:
    """Show the recording of the address, else the newest."""
    wanted = query.get("recording")
    entry = opened(bench.library, wanted)
    if entry is None:
        if wanted:
            nothing(
                "This recording is not in the library", "It may have been removed, or the link is cut short."
            )
        else:
            nothing("Nobody listens yet", "Add a recording in the library; the audience hears it by itself.")
        return
    st.set_page_config(page_title=f"{entry.shown} · Audience")
    query["recording"] = entry.digest[:12]
    if entry.status in ("queued", "running") and not entry.revision:
        st.html(
            empty_html(entry.shown, "It is being analysed. The audience comes by itself when it is done.")
        )
        st.fragment(progress, run_every=1.0)(entry)
        return
    room = room_of(entry)
    if room is None:
        nothing(f"{entry.shown} has no analysis", entry.message or "It was not finished.")
    elif not room.audience.reactions:
        st.html(
            empty_html(
                f"Nobody has heard {entry.shown}",
                "No persona listens to what is in it, or none was asked. Personas says who listens to what.",
            )
        )
        score_again(bench, room.entry, room.timeline, who=who())
        waiting(bench, room.entry)
        st.page_link(PERSONAS, label="Open the personas")
    else:
        show(room, offered(bench.library, entry).values())


page()
