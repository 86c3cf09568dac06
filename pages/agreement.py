"""Agreement: where annotators differ, how far they agree, and what is settled of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import streamlit as st

from edm_core._clock import clock
from edm_core.annotation import Annotation
from edm_core.errors import EdmError
from edm_core.evaluation import Difference, Pick, differences
from edm_core.evaluation.agreement import TITLES, Figures, over
from edm_core.service import workbench
from edm_core.service.api.annotations import analysis_of
from edm_core.service.views.card import empty_html
from edm_core.service.views.wording import markdown as escape
from edm_core.store import Entry
from edm_core.store.agreements import Compared, agreement_of, compared, settle
from edm_core.store.annotations import Conflict, Revision, author_of
from edm_core.store.assignments import veil
from edm_core.timeline import Recording
from edm_core.waveform import player
from edm_core.waveform.comparison import comparison_view, figure_rows, told

ANNOTATE = Path(__file__).parent / "annotate.py"
LEAD_S = 2.0
"""How much is heard before a difference."""
MOST_ROWS = 500
FEWEST = 5
"""Recordings below which there is no interval."""
bench = workbench()
state, query = st.session_state, st.query_params
state.setdefault("picks", {})  # by recording, pair of revisions and number of the difference


@dataclass(frozen=True)
class Case:
    """Two people's lines of one recording."""

    entry: Entry
    a: Revision
    b: Revision
    figures: Figures
    reference: Revision | None

    @property
    def key(self) -> tuple[str, str, int, str, int]:
        """What the picks belong to: a new revision of either begins anew."""
        return self.entry.id, self.a.author, self.a.number, self.b.author, self.b.number

    @property
    def link(self) -> str:
        """What stands for it in lists."""
        return f"{self.entry.digest}/{self.a.author}/{self.b.author}"

    @property
    def name(self) -> str:
        """As people call it."""
        return f"{self.entry.shown} · {self.a.author} and {self.b.author}"


# --- which one -------------------------------------------------------------------------------------


def cases_of(found: Sequence[Compared]) -> list[Case]:
    """Return every pair of lines of every recording, the worst agreement first."""
    cases = []
    for each in found:
        entry = bench.library.get(each.recording)
        lines = {line.author: line for line in each.lines}
        if entry is not None:
            settled = each.reference if each.is_settled else None
            pairs = each.agreement.pairs
            cases += [Case(entry, lines[pair.a], lines[pair.b], pair.figures, settled) for pair in pairs]
    return cases


def chosen_of(cases: Sequence[Case]) -> Case:
    """Return the pair of the address, else the worst that is not settled, else the worst."""
    wanted = query.get("recording", "")
    fitting = [case for case in cases if wanted and case.entry.digest.startswith(wanted)]
    named = [case for case in fitting if {query.get("a"), query.get("b")} == {case.a.author, case.b.author}]
    still_open = [case for case in cases if case.reference is None]
    return [*named, *fitting, *still_open, *cases][0]


def go(case: Case) -> None:
    """Open a pair."""
    query.update({"recording": case.entry.digest[:12], "a": case.a.author, "b": case.b.author})
    query.pop("difference", None)


def choose(cases: Sequence[Case]) -> Case:
    """Let a pair be chosen by name."""
    by_link = {case.link: case for case in cases}
    state["case"] = chosen_of(cases).link
    st.selectbox(
        "Recording and pair", list(by_link), key="case", format_func=lambda link: by_link[link].name,
        on_change=lambda: go(by_link[state["case"]]),
    )  # fmt: skip
    return chosen_of(cases)


# --- one pair --------------------------------------------------------------------------------------


def pair(case: Case) -> None:
    """Show one pair: sound and lanes, the differences one by one, what is settled, and figures."""
    store = bench.library.annotations
    ours, theirs = (store.annotation(case.entry.id, line.author, line.number) for line in (case.a, case.b))
    found = differences(ours, theirs, duration=ours.recording.duration)
    wanted = query.get("difference", "1")
    number = int(wanted) - 1 if wanted.isdecimal() and len(wanted) < 7 else 0
    here = max(0, min(number, len(found) - 1))
    if found:
        decision(case, found, here)
    else:
        st.html(empty_html("They agree", "The same labels, and boundaries within 0.1 s of each other."))
    stage(case, ours, theirs, found, here)
    settling(case, found)
    if found:
        listed(case, found)
    figures_here(case)


def stage(case: Case, ours: Annotation, theirs: Annotation, found: Sequence[Difference], here: int) -> None:
    """Mount the player with both annotators' sections and what they differ in."""
    analysis = analysis_of(bench.library, case.entry.id, case.entry.revision)
    try:
        sound = bench.sound(case.entry)
        peaks, about = sound.peaks, sound.recording
    except EdmError as error:
        st.error(f"It cannot be played: {escape(str(error))}")
        length = ours.recording.duration or 1.0
        peaks, about = None, Recording(case.entry.id, length, 44_100, 2)
    address = f"/api/v1/recordings/{case.entry.digest}"
    props = comparison_view(
        about, analysis, ((case.a.author, ours), (case.b.author, theirs)), found,
        title=case.entry.shown,
        at=max(0.0, found[here].start - LEAD_S) if found else 0.0,
        only_differences=st.toggle("Differences only", key="only", help="Leave out what both say."),
        audio_url=f"{address}/audio",
        peaks=peaks,
        peaks_url=f"{address}/peaks",
    )  # fmt: skip
    player(props, key=f"agreement-{case.entry.digest[:16]}")


def step(to: int) -> None:
    """Go to another difference."""
    query["difference"] = str(to + 1)


def decide(case: Case, number: int, pick: Pick, after: int | None) -> None:
    """Note what is right at a difference, and go to the next that is not decided."""
    state.picks.setdefault(case.key, {})[number] = pick
    if after is not None:
        step(after)


def decision(case: Case, found: Sequence[Difference], here: int) -> None:
    """Show one difference and let it be decided."""
    difference, picks = found[here], state.picks.get(case.key, {})
    place = clock(difference.start, 3)
    if difference.end > difference.start:
        place += f" – {clock(difference.end, 3)}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        first, last = here == 0, here + 1 >= len(found)
        st.button("Previous", on_click=step, args=(here - 1,), disabled=first, shortcut="P", key="previous")
        st.button("Next", on_click=step, args=(here + 1,), disabled=last, shortcut="N", key="next")
        st.markdown(f"**{here + 1} of {len(found)}** · {difference.layer} · {place}")
    st.markdown(escape(difference.message))
    left = [number for number in range(len(found)) if number != here and number not in picks]
    after = next((number for number in left if number > here), left[0] if left else None)
    sides: list[tuple[Pick, str, str]] = [
        ("a", f"{case.a.author}: {difference.a or 'nothing'}", "1"),
        ("b", f"{case.b.author}: {difference.b or 'nothing'}", "2"),
        ("neither", "Neither", "3"),
    ]
    with st.container(horizontal=True, gap="small"):
        for pick, label, key in sides:
            chosen = picks.get(here) == pick
            st.button(
                escape(label), on_click=decide, args=(case, here, pick, after), shortcut=key,
                type="primary" if chosen else "secondary", key=f"pick-{pick}",
            )  # fmt: skip


def listed(case: Case, found: Sequence[Difference]) -> None:
    """List all differences and what was decided."""
    picks = state.picks.get(case.key, {})
    names = {"a": case.a.author, "b": case.b.author, "neither": "neither"}
    rows = [
        {
            "from": clock(each.start, 3), "to": clock(each.end, 3), "layer": each.layer,
            case.a.author: each.a or "", case.b.author: each.b or "",
            "decided": names.get(picks.get(number, ""), ""),
        }
        for number, each in enumerate(found)
    ]  # fmt: skip
    with st.expander(f"All {len(found)} differences"):
        st.dataframe(pd.DataFrame(rows), hide_index=True)


def settling(case: Case, found: Sequence[Difference]) -> None:
    """Save the reference once every difference is decided."""
    picks = state.picks.get(case.key, {})
    left = len(found) - len(picks)
    if case.reference is not None:
        by = escape(case.reference.verified_by or "somebody")
        st.caption(f"Settled by {by}, as revision {case.reference.number} of the reference.")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.text_input(
            "Who settles it", value=state.get("annotator", ""), max_chars=64, width=240, key="by"
        )
        ready = not left and bool(name.strip())
        done = st.button("Save as reference", type="primary", disabled=not ready, key="save")
        for pick, line in (("a", case.a), ("b", case.b)) if left else ():
            label = f"{escape(line.author)} for the other {left}"
            st.button(
                label, on_click=fill, args=(case, len(found), pick), key=f"rest-{pick}", type="tertiary"
            )
    st.caption(f"{len(picks)} of {len(found)} differences decided." if found else "Nothing to decide.")
    if done:
        save(case, [picks[number] for number in range(len(found))], name)
    if case.reference is not None:
        settled = {"recording": case.entry.digest[:12], "author": "reference"}
        st.page_link(ANNOTATE, label="Open the reference in the editor", query_params=settled)


def fill(case: Case, count: int, pick: Pick) -> None:
    """Take one annotator for all that is not decided yet."""
    picks = state.picks.setdefault(case.key, {})
    for number in range(count):
        picks.setdefault(number, pick)


def save(case: Case, picks: Sequence[Pick], name: str) -> None:
    """Save the reference, and say so."""
    try:
        saved = settle(bench.library.annotations, case.a, case.b, picks, by=name)
        state.annotator = author_of(name)
    except Conflict as conflict:
        st.error(f"Somebody settled it at the same moment: {escape(str(conflict))}. Nothing is lost.")
    except EdmError as error:
        st.error(escape(str(error)))
    else:
        state.said = f"Saved as revision {saved.number} of the reference."
        st.rerun()


def figures_here(case: Case) -> None:
    """Show how far the two agree on this recording."""
    st.subheader(f"How far {escape(case.a.author)} and {escape(case.b.author)} agree here", anchor=False)
    stamps = ((case.a.author, case.a.number), (case.b.author, case.b.number))
    agreed = agreement_of(bench.library.annotations, case.entry.id, stamps, 1000)
    st.table(pd.DataFrame(figure_rows(agreed.figures)), hide_index=True)
    st.caption(
        "Intervals: 95 %, blocks of 30 s of this recording drawn anew. They say how much a figure hangs on "
        "single places here and nothing about other recordings, and are rather too narrow. Recordings under "
        "two and a half minutes have none, nor have tempo and V-measure."
    )


# --- all of them -----------------------------------------------------------------------------------


def overview(cases: Sequence[Case], chosen: Case) -> None:
    """List all pairs, the worst agreement first; a click opens one."""
    st.subheader("Recordings and pairs, the worst first", anchor=False)
    measures = told([case.figures for case in cases])
    rows = [
        {
            "recording": case.entry.shown,
            "pair": f"{case.a.author}, {case.b.author}",
            **{TITLES[name]: case.figures[name].value for name in measures if name in case.figures},
            "settled": "" if case.reference is None else f"by {case.reference.verified_by}",
        }
        for case in cases[:MOST_ROWS]
    ]
    table = st.dataframe(
        pd.DataFrame(rows), hide_index=True, on_select="rerun", selection_mode="single-row", key="pairs",
        column_config={TITLES[name]: st.column_config.NumberColumn(format="%.2f") for name in measures},
        height=min(36 * (len(rows) + 1) + 4, 420),
    )  # fmt: skip
    if len(cases) > MOST_ROWS:
        st.caption(f"The worst {MOST_ROWS} of {len(cases)}.")
    row = next(iter(table.selection.rows), None)  # it stays selected when another pair is chosen by name
    if row is not None and row != state.get("row") and cases[row].link != chosen.link:
        state.row = row
        go(cases[row])
        st.rerun()


def corpus(found: Sequence[Compared]) -> None:
    """Show how far people agree over all recordings."""
    count = len(found)
    figures = over([each.agreement for each in found])
    st.subheader("Over all recordings", anchor=False)
    st.table(pd.DataFrame(figure_rows(figures)), hide_index=True)
    intervals = (
        "Intervals: 95 %, recordings drawn anew."
        if count >= FEWEST
        else f"With fewer than {FEWEST} recordings an interval would say next to nothing: there is none."
    )
    st.caption(
        f"{count} recording{'s' * (count != 1)} with two annotators or more; means over recordings, alpha "
        f"over all their points together. {intervals}"
    )


def nothing_yet() -> None:
    """Say what the page needs."""
    st.html(
        empty_html(
            "Nothing to compare yet",
            "Two people have to save the same recording under their own names. Open Annotate and begin as "
            "somebody else, or ask for a blind second pass: "
            "edm annotations assign RECORDING --to NAME --pass blind",
        )
    )
    st.page_link(ANNOTATE, label="Open Annotate")


def still_blind(case: Case) -> bool:
    """Whether who looks still has to annotate this recording without knowing what others said."""
    name = query.get("author") or state.get("annotator")
    try:
        return name is not None and veil(bench.library.annotations, case.entry.id, name).others
    except EdmError:
        return False


def page() -> None:
    """Show one pair, and how it stands among all."""
    found = compared(bench.library.annotations)
    cases = cases_of(found)
    if not cases:
        nothing_yet()
        return
    if (said := state.pop("said", None)) is not None:
        st.success(said)
    chosen = choose(cases)
    if still_blind(chosen):
        st.html(
            empty_html(
                "You still have a blind pass to do here",
                "What the others said is shown when you have saved your own annotation of this recording.",
            )
        )
        link = {"recording": chosen.entry.digest[:12]}
        st.page_link(ANNOTATE, label="Annotate it", query_params=link)
    else:
        pair(chosen)
    overview(cases, chosen)
    corpus(found)


page()
