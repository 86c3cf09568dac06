"""Audience: how simulated listeners take a recording, why, and how far people agree with them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import pandas as pd
import streamlit as st

from edm_core.errors import EdmError
from edm_core.items import Reaction
from edm_core.personas import Audience, hearing, read_roster
from edm_core.personas.calibration import FEWEST
from edm_core.personas.comparison import Comparison, compare
from edm_core.personas.panel import Panel, Relation
from edm_core.personas.rating_tables import read_ratings, write_ratings
from edm_core.personas.scorers import ScorerName
from edm_core.ratings import Rating
from edm_core.service import workbench
from edm_core.service.audience import audience_of, calibrations_of, fit_calibration, panel_of, report_of
from edm_core.service.card import empty_html
from edm_core.service.links import moment, newest
from edm_core.service.wording import markdown as escape
from edm_core.service.wording import progress_text
from edm_core.store import Entry
from edm_core.timeline import Layer, Timeline
from edm_core.waveform import Beside, audience_stage, audience_view, place_of
from edm_core.waveform.audience_tables import (
    agreement_rows,
    comparison_rows,
    reliability_html,
    summary_rows,
)

HERE = Path(__file__)
LIBRARY = HERE.parent / "library.py"
LISTEN = HERE.parent / "listen.py"
PERSONAS = HERE.parent / "personas.py"
RELATIONS: tuple[Relation, ...] = ("person–persona", "persona–persona", "person–person")
SCORERS: dict[ScorerName, str] = {
    "offline": "offline: rules and sentence likeness, the same every time",
    "language-model": "language model",
    "langflow": "Langflow",
}
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


def room_of(entry: Entry) -> Room | None:
    """Return a recording's audience; None where it has not been analysed."""
    timeline = bench.library.timeline(entry.id)
    if timeline is None:
        return None
    audience = audience_of(bench.library, entry, timeline=timeline)
    return Room(entry, timeline, audience, bench.library.ratings.history(entry.id))


# --- which one, and beside which ---------------------------------------------------------------------


def choose(entry: Entry, entries: Sequence[Entry]) -> None:
    """Let another recording be chosen, and what it is compared with."""
    shown = {each.digest[:12]: each for each in entries if each.revision or each.id == entry.id}
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


def choose_other(room: Room, entries: Sequence[Entry]) -> str:
    """Return what is compared with: a scoring's name, another recording's id, or nothing."""
    layers = earlier(room.timeline)
    others = {each.id: each for each in entries if each.revision and each.id != room.entry.id}

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
        rater=query.get("author", ""),
        selected=place_of(room.audience, named, at) if named or at else None,
        beside=beside,
        at=at,
    )
    audience_stage(props, key=f"audience-{room.entry.digest[:16]}")


# --- scoring again -----------------------------------------------------------------------------------


def score_again(room: Room) -> None:
    """Ask personas again, offline or by a language model where one is set up."""
    active = read_roster(bench.settings).active
    heard = {each.target.kind for each in hearing(room.timeline.passages, room.timeline.sections)}
    listening = [name for name, one in active.items() if any(one.hears(kind) for kind in heard)]
    if not listening:
        return
    with st.popover("Score again", width="content"):
        st.caption("A new scoring stands beside the earlier ones; none is overwritten.")
        asked = st.multiselect(
            "Who", listening, default=listening, key="asked", format_func=lambda name: active[name].name
        )
        scorer = st.radio("By", scorers(), key="scorer", format_func=lambda name: SCORERS[name])
        st.button(
            "Score", on_click=begin, args=(room.entry, asked, scorer), disabled=not asked, type="primary"
        )
        if scorers() == ["offline"]:
            st.caption("A language model can be asked once EDM_LLM_BASE_URL and EDM_LLM_MODEL are set.")


def scorers() -> list[ScorerName]:
    """Return what can score here."""
    settings = bench.settings
    found: list[ScorerName] = ["offline"]
    if settings.llm_base_url and settings.llm_model:
        found.append("language-model")
    if settings.langflow_base_url and settings.langflow_flow:
        found.append("langflow")
    return found


def begin(entry: Entry, personas: Sequence[str], scorer: ScorerName) -> None:
    """Have it scored, or say why not."""
    try:
        bench.score(entry, personas, scorer, who=query.get("author", ""))
    except EdmError as error:
        state["refusal"] = str(error)
    else:
        state["awaited"] = entry.id


def waiting(room: Room) -> None:
    """Show a scoring that is under way, and what was refused."""
    if text := state.pop("refusal", None):
        st.error(escape(text))
    running = (job := bench.scoring(room.entry)) is not None and not job.is_finished
    if running or state.get("awaited") == room.entry.id:
        st.fragment(scoring, run_every=1.0)(room.entry)


def scoring(entry: Entry) -> None:
    """Show how the scoring goes, and what came of it."""
    job = bench.scoring(entry)
    if job is not None and not job.is_finished:
        state["awaited"] = entry.id
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.progress(job.share, progress_text(job))
            st.button("Stop", on_click=bench.stop_scoring, args=(entry,), key="stop-scoring")
    else:
        state.pop("awaited", None)
        if job is not None and job.state == "failed":
            state["refusal"] = f"It could not be scored: {job.message or 'no reason is known'}"
        st.rerun()


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
        st.caption("Audience as", width="content")
        for name, (mime, write) in files.items():
            st.download_button(
                name, write, file_name=f"{stem}.audience.{name.lower()}", mime=mime, on_click="ignore",
                type="tertiary", key=f"download-{name}",
            )  # fmt: skip


# --- people ------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def panel_at(entry: Entry, _reactions: tuple[Reaction, ...], _ratings: tuple[Rating, ...]) -> Panel:
    """Return people beside personas; kept while neither says anything else, as the intervals take a while."""
    return panel_of(bench.library, [entry])


def people(room: Room) -> None:
    """Show how far people and personas agree, and take in ratings."""
    if room.ratings:
        agreement(room)
    else:
        st.html(
            empty_html(
                "Nobody has rated this yet",
                "Rate what is chosen above with the keys 1 to 5, or bring a table of ratings. Until people "
                "have, nothing is known of how well the simulation does.",
            )
        )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.file_uploader(
            "Bring ratings: a CSV with rater, score, and index or start and end", type=["csv", "tsv", "txt"],
            key=f"table-{state.setdefault('tables', 0)}", on_change=take_table, args=(room.entry,), width=460,
        )  # fmt: skip
        if room.ratings:
            st.download_button(
                "Ratings as CSV", lambda: write_ratings(room.ratings), mime="text/csv", on_click="ignore",
                file_name=f"{Path(room.entry.name).stem}.ratings.csv", type="tertiary",
            )  # fmt: skip
    for text in state.pop("table-said", ()):
        st.markdown(escape(text))


def agreement(room: Room) -> None:
    """Show the measures of one relation."""
    found = panel_at(room.entry, room.audience.reactions, room.ratings)
    relation = st.segmented_control(
        "Who with whom", RELATIONS, default=RELATIONS[0], key="relation", label_visibility="collapsed"
    )
    names = {row.persona: row.name or row.persona for row in room.audience.personas}
    rows = agreement_rows(found, relation or RELATIONS[0], names)
    count = len(found.raters)
    st.caption(
        f"{found.ratings} ratings of {count} {'person' if count == 1 else 'people'} on this recording. "
        "95 % intervals, items drawn anew; of fewer than five items there is none."
    )
    if rows:
        st.dataframe(pd.DataFrame(rows), hide_index=True)
    else:
        st.markdown("Nobody of these rated the same.")
    if found.unmatched:
        st.caption(f"{len(found.unmatched)} ratings are of nothing that the personas heard.")


def take_table(entry: Entry) -> None:
    """Take in a table of ratings, and say which rows were refused and why."""
    file = state[f"table-{state.tables}"]
    if file is None:
        return
    try:
        table = read_ratings(file.getvalue(), file.name, find=find_timeline, recording=entry.id)
        added = bench.library.ratings.add(table.ratings)
    except EdmError as error:
        state["table-said"] = (f"Nothing was taken in: {error}",)
    else:
        told = f"{len(added)} of {len(table.ratings)} ratings are new."
        state["table-said"] = (told, *(str(problem) for problem in table.problems[:20]), *table.notes[:20])
    state.tables += 1


def find_timeline(name: str) -> Timeline | None:
    """Return the timeline of a recording that a table names by its id or its file's name."""
    entry = bench.library.find(name) or next(
        (each for each in bench.library.list() if name in (each.name, each.shown, Path(each.name).stem)), None
    )
    return None if entry is None else bench.library.timeline(entry.id)


def calibration(room: Room) -> None:
    """Fit the scores to people's ratings, of all recordings, and show how far that can be trusted."""
    count = len(bench.library.ratings.all())
    known = calibrations_of(bench.library, room.timeline.reactions)
    for scorer, made in known.items():
        st.markdown(f"Scores of **{escape(scorer)}** are {made}, on {made.time[:10] or 'no date'}.")
        st.html(reliability_html(made))
        for persona, reason in made.reasons.items():
            st.caption(f"{escape(persona)}: {escape(reason)}")
        label = "Show scores as they were made"
        st.button(label, on_click=forget, args=(scorer,), type="tertiary", key=f"forget-{scorer}")
    if not known:
        st.markdown(
            "Scores are uncalibrated: what a 4 of a persona means among people is not known. "
            f"From {FEWEST} ratings on it can be fitted; there are {count} in the library."
        )
    label = "Calibrate again" if known else "Calibrate on people's ratings"
    if st.button(label, disabled=count < FEWEST, key="calibrate"):
        with st.spinner("Fitting, and judging it on items left out …"):
            fit()
        st.rerun()
    if (text := state.pop("fit-said", None)) is not None:
        st.warning(escape(text))


def fit() -> None:
    """Fit a calibration on all ratings, and keep it."""
    try:
        fit_calibration(bench.library, who=query.get("author", ""))
    except EdmError as error:
        state["fit-said"] = str(error)


def forget(scorer: str) -> None:
    """Let no calibration hold any more."""
    bench.library.calibrations.add(scorer, None)


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


def show(room: Room, entries: Sequence[Entry]) -> None:
    """Show the stage, and the figures below it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="audience-choice"):
        choose(room.entry, entries)
        key = choose_other(room, entries)
        score_again(room)
    waiting(room)
    comparison = compared(room, key)
    paired = comparison if comparison is not None and comparison.paired else None
    stage(room, None if paired is None else Beside(key, paired))
    figures, said, fitted = st.tabs(["Summary", "People", "Calibration"])
    with figures:
        summary(room, key, comparison)
    with said:
        people(room)
    with fitted:
        calibration(room)


def page() -> None:
    """Show the recording of the address, else the newest."""
    entries = bench.library.list()
    wanted = query.get("recording")
    entry = bench.library.find(wanted) if wanted else newest(entries)
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
        score_again(room)
        waiting(room)
        st.page_link(PERSONAS, label="Open the personas")
    else:
        show(room, entries)


page()
