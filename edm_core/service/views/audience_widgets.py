"""The widgets of the page Audience below its stage: scoring again, people beside personas, calibration."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import pandas as pd
import streamlit as st

from ...errors import EdmError
from ...items import Reaction
from ...personas import Audience, hearing, read_roster
from ...personas.calibration import FEWEST
from ...personas.panel import Panel, Relation
from ...personas.rating_tables import read_ratings, write_ratings
from ...personas.scorers import ScorerName
from ...ratings import Rating
from ...store import Entry
from ...timeline import Timeline
from ..access.visitor import may
from ..audience import calibrations_of, fit_calibration, panel_of
from ..bench import Workbench
from .audience_tables import agreement_rows, reliability_html
from .card import empty_html
from .wording import markdown as escape
from .wording import progress_text

RELATIONS: tuple[Relation, ...] = ("person–persona", "persona–persona", "person–person")
SCORERS: dict[ScorerName, str] = {
    "offline": "offline: rules and sentence likeness, the same every time",
    "language-model": "language model",
    "langflow": "Langflow",
}
MOST_SAID = 20
"""Rows of a table that are told of."""

# --- scoring again -----------------------------------------------------------------------------------


def score_again(bench: Workbench, entry: Entry, timeline: Timeline, *, who: str) -> None:
    """Ask personas again, offline or by a language model where one is set up."""
    active = read_roster(bench.settings).active
    heard = {each.target.kind for each in hearing(timeline.passages, timeline.sections)}
    listening = [name for name, one in active.items() if any(one.hears(kind) for kind in heard)]
    if not listening or not may("annotate"):
        return
    with st.popover("Score again", width="content"):
        st.caption("A new scoring stands beside the earlier ones; none is overwritten.")
        asked = st.multiselect(
            "Who", listening, default=listening, key="asked", format_func=lambda name: active[name].name
        )
        scorer = st.radio("By", scorers(bench), key="scorer", format_func=lambda name: SCORERS[name])
        wanted = (bench, entry, asked, scorer, who)
        st.button("Score", on_click=begin, args=wanted, disabled=not asked, type="primary")
        if scorers(bench) == ["offline"]:
            st.caption("A language model can be asked once EDM_LLM_BASE_URL and EDM_LLM_MODEL are set.")


def scorers(bench: Workbench) -> list[ScorerName]:
    """Return what can score here."""
    settings = bench.settings
    found: list[ScorerName] = ["offline"]
    if settings.llm_base_url and settings.llm_model:
        found.append("language-model")
    if settings.langflow_base_url and settings.langflow_flow:
        found.append("langflow")
    return found


def begin(bench: Workbench, entry: Entry, personas: Sequence[str], scorer: ScorerName, who: str) -> None:
    """Have it scored, or say why not."""
    try:
        bench.score(entry, personas, scorer, who=who)
    except EdmError as error:
        st.session_state["refusal"] = str(error)
    else:
        st.session_state["awaited"] = entry.id


def waiting(bench: Workbench, entry: Entry) -> None:
    """Show a scoring that is under way, and what was refused."""
    if text := st.session_state.pop("refusal", None):
        st.error(escape(text))
    running = (job := bench.scoring(entry)) is not None and not job.is_finished
    if running or st.session_state.get("awaited") == entry.id:
        st.fragment(scoring, run_every=1.0)(bench, entry)


def scoring(bench: Workbench, entry: Entry) -> None:
    """Show how the scoring goes, and what came of it."""
    job = bench.scoring(entry)
    if job is not None and not job.is_finished:
        st.session_state["awaited"] = entry.id
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.progress(job.share, progress_text(job))
            if may("annotate"):
                st.button("Stop", on_click=bench.stop_scoring, args=(entry,), key="stop-scoring")
    else:
        st.session_state.pop("awaited", None)
        if job is not None and job.state == "failed":
            st.session_state["refusal"] = f"It could not be scored: {job.message or 'no reason is known'}"
        st.rerun()


# --- people ------------------------------------------------------------------------------------------


@lru_cache(maxsize=32)
def panel_at(
    bench: Workbench, entry: Entry, _reactions: tuple[Reaction, ...], _ratings: tuple[Rating, ...]
) -> Panel:
    """Return people beside personas; kept while neither says anything else, as the intervals take a while."""
    return panel_of(bench.library, [entry])


def people(bench: Workbench, entry: Entry, audience: Audience, ratings: tuple[Rating, ...]) -> None:
    """Show how far people and personas agree, and take in ratings."""
    if ratings:
        agreement(bench, entry, audience, ratings)
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
            key=f"table-{st.session_state.setdefault('tables', 0)}", width=460,
            on_change=take_table, args=(bench, entry), disabled=not may("annotate"),
        )  # fmt: skip
        if ratings:
            st.download_button(
                "Ratings as CSV", lambda: write_ratings(ratings), mime="text/csv", on_click="ignore",
                file_name=f"{Path(entry.name).stem}.ratings.csv", type="tertiary",
            )  # fmt: skip
    for text in st.session_state.pop("table-said", ()):
        st.markdown(escape(text))


def agreement(bench: Workbench, entry: Entry, audience: Audience, ratings: tuple[Rating, ...]) -> None:
    """Show the measures of one relation."""
    found = panel_at(bench, entry, audience.reactions, ratings)
    relation = st.segmented_control(
        "Who with whom", RELATIONS, default=RELATIONS[0], key="relation", label_visibility="collapsed"
    )
    names = {row.persona: row.name or row.persona for row in audience.personas}
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


def take_table(bench: Workbench, entry: Entry) -> None:
    """Take in a table of ratings, and say which rows were refused and why."""
    file = st.session_state[f"table-{st.session_state.tables}"]
    if file is None:
        return

    def find(name: str) -> Timeline | None:
        return find_timeline(bench, name)

    try:
        table = read_ratings(file.getvalue(), file.name, find=find, recording=entry.id)
        added = bench.library.ratings.add(table.ratings)
    except EdmError as error:
        st.session_state["table-said"] = (f"Nothing was taken in: {error}",)
    else:
        told = f"{len(added)} of {len(table.ratings)} ratings are new."
        st.session_state["table-said"] = (
            told,
            *(str(problem) for problem in table.problems[:MOST_SAID]),
            *table.notes[:MOST_SAID],
        )
    st.session_state.tables += 1


def find_timeline(bench: Workbench, name: str) -> Timeline | None:
    """Return the timeline of a recording that a table names by its id or its file's name."""
    called = bench.library.page(name, limit=1_000).entries
    names = (each for each in called if name in (each.name, each.shown, Path(each.name).stem))
    entry = bench.library.find(name) or next(names, None)
    return None if entry is None else bench.library.timeline(entry.id)


def calibration(bench: Workbench, reactions: Sequence[Reaction], *, who: str) -> None:
    """Fit the scores to people's ratings, of all recordings, and show how far that can be trusted."""
    count = len(bench.library.ratings.all())
    known = calibrations_of(bench.library, reactions)
    for scorer, made in known.items():
        st.markdown(f"Scores of **{escape(scorer)}** are {made}, on {made.time[:10] or 'no date'}.")
        st.html(reliability_html(made))
        for persona, reason in made.reasons.items():
            st.caption(f"{escape(persona)}: {escape(reason)}")
        label = "Show scores as they were made"
        if may("annotate"):
            st.button(label, on_click=forget, args=(bench, scorer), type="tertiary", key=f"forget-{scorer}")
    if not known:
        st.markdown(
            "Scores are uncalibrated: what a 4 of a persona means among people is not known. "
            f"From {FEWEST} ratings on it can be fitted; there are {count} in the library."
        )
    label = "Calibrate again" if known else "Calibrate on people's ratings"
    if st.button(label, disabled=count < FEWEST or not may("annotate"), key="calibrate"):
        with st.spinner("Fitting, and judging it on items left out …"):
            fit(bench, who)
        st.rerun()
    if (text := st.session_state.pop("fit-said", None)) is not None:
        st.warning(escape(text))


def fit(bench: Workbench, who: str) -> None:
    """Fit a calibration on all ratings, and keep it."""
    try:
        fit_calibration(bench.library, who=who)
    except EdmError as error:
        st.session_state["fit-said"] = str(error)


def forget(bench: Workbench, scorer: str) -> None:
    """Let no calibration hold any more."""
    bench.library.calibrations.add(scorer, None)
