"""Annotate: mark up one recording after the other, each annotator under their own name."""

from pathlib import Path

import streamlit as st

from edm_core.errors import EdmError
from edm_core.service import workbench
from edm_core.service.api.annotations import desk_of
from edm_core.service.views.card import empty_html
from edm_core.service.views.links import moment, number
from edm_core.service.views.wording import markdown as escape
from edm_core.service.views.wording import progress_text
from edm_core.store import Entry
from edm_core.store.annotations import author_of
from edm_core.store.assignments import assigned
from edm_core.store.queue import next_for
from edm_core.waveform import Neighbour, editor, editor_view, kept_name

LIBRARY = Path(__file__).parent / "library.py"
LISTEN = Path(__file__).parent / "listen.py"
PASSES = {
    "first": "First pass",
    "blind": "Blind pass: what others say is shown once you have saved",
    "unaided": "Unaided pass: what others and the models say is shown once you have saved",
}
bench = workbench()
state, query = st.session_state, st.query_params
state.setdefault("visited", [])  # ids of the recordings seen before this one, the last one last


# --- who annotates ---------------------------------------------------------------------------------


def annotator() -> str | None:
    """Return who annotates: the address says it, this session or the browser; None while it is not known."""
    said = query.get("author") or state.get("annotator")
    if said:
        try:
            name = author_of(said)
        except EdmError as error:
            ask_name(str(error))
            return None
        state.annotator = query["author"] = name
        remembered(name=name)
        return name
    forget = state.pop("forget", False)
    kept = remembered(forget=forget)
    if forget:
        kept = ""
    if kept:
        state.annotator = kept
        st.rerun()
    if kept is not None:
        ask_name()
    return None


def remembered(name: str = "", *, forget: bool = False) -> str | None:
    """Keep the name in the browser, or ask for it; this takes no room on the page."""
    with st.container(key="unseen"):
        return kept_name(key="kept-name", name=name, forget=forget)


def ask_name(problem: str = "") -> None:
    """Ask for the name under which revisions are kept."""
    st.html(
        empty_html(
            "Who annotates?",
            "Everybody has a line of their own: what you save stands under your name, beside what others "
            "and the models say. The name is kept in this browser.",
        )
    )
    with st.form("name", border=False, width=420):
        st.text_input("Your name", key="typed-name", max_chars=64, placeholder="rater-1")
        st.form_submit_button("Begin", on_click=take_name, type="primary")
    if problem:
        st.warning(escape(problem))


def take_name() -> None:
    """Take the name that was typed."""
    query.pop("author", None)
    state.annotator = state["typed-name"].strip()


def somebody_else() -> None:
    """Forget who annotates, and ask again."""
    query.pop("author", None)
    state.pop("annotator", None)
    state.forget = True


# --- which recording -------------------------------------------------------------------------------


def go(id: str) -> None:
    """Open another recording in the place of this one."""
    if state.visited and state.visited[-1] == id:
        state.visited.pop()
    elif (here := bench.library.find(query.get("recording", ""))) is not None:
        state.visited.append(here.id)
    for name in ("at", "revision"):
        query.pop(name, None)
    query["recording"] = id.removeprefix("sha256:")[:12]


def following(author: str, entry: Entry | None) -> Entry | None:
    """Return the next recording that waits for this annotator, not one that they skipped in this session."""
    seen = [*state.visited, *([entry.id] if entry else [])]
    return next_for(bench.library, author, without=seen)


def before(author: str, entry: Entry) -> Entry | None:
    """Return the recording that was open before this one, in this session or an earlier one."""
    saved = [line.recording for line in bench.library.annotations.lines() if line.author == author]
    for id in [*reversed(state.visited), *saved]:
        if id != entry.id and (found := bench.library.get(id)) is not None:
            return found
    return None


def neighbour(entry: Entry | None) -> Neighbour | None:
    """Return what the editor shows of a neighbour in the queue."""
    return None if entry is None else Neighbour(entry.id, entry.shown)


# --- what is shown ---------------------------------------------------------------------------------


def stage(entry: Entry, author: str) -> None:
    """Mount the editor."""
    try:
        desk = desk_of(bench, entry, author)
    except EdmError as error:
        st.error(f"It cannot be annotated: {escape(str(error))}")
        st.page_link(LIBRARY, label="Open the library")
        return
    try:
        peaks = bench.sound(entry).peaks
    except EdmError as error:
        st.error(f"It cannot be played: {escape(str(error))}")
        peaks = None
    address = f"/api/v1/recordings/{entry.digest}"
    props = editor_view(
        desk.recording,
        author=author,
        line=desk.opened(),
        found=desk.found,
        others=desk.others(),
        title=entry.shown,
        at=moment(query.get("at") or query.get("t")),
        audio_url=f"{address}/audio",
        peaks=peaks,
        peaks_url=f"{address}/peaks",
        url=f"{address}/annotations",
        next=neighbour(following(author, entry)),
        previous=neighbour(before(author, entry)),
        task=task(entry, author),
        show=number(query.get("revision")),
    )
    editor(props, key="editor", on_go=go)


def task(entry: Entry, author: str) -> str | None:
    """Return what was asked for, if this recording was assigned."""
    store = bench.library.annotations
    open_ones = [each for each in assigned(store, author=author, recording=entry.id) if each.done is None]
    return f"{PASSES[open_ones[0].kind]}, assigned by {open_ones[0].by}" if open_ones else None


def foot(author: str, entry: Entry | None) -> None:
    """Say who annotates, and lead elsewhere."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="annotator"):
        st.caption(f"You annotate as **{escape(author)}**.", width="content")
        st.button("Somebody else", on_click=somebody_else, type="tertiary")
        if entry is not None:
            link = {"recording": entry.digest[:12]}
            st.page_link(LISTEN, label="Listen to it", query_params=link)


def progress(entry: Entry) -> None:
    """Show how the analysis goes, and the editor as soon as it is done."""
    fresh = bench.library.get(entry.id)
    if fresh is None or fresh.status not in ("queued", "running"):
        st.rerun()
    job = bench.job(entry)
    st.progress(job.share if job else 0.0, progress_text(job))


def nothing_left() -> None:
    """Say that the queue is empty, and offer what is there to be looked at again."""
    st.html(
        empty_html(
            "Nothing waits for you",
            "You have annotated every recording of the library. Add another, or open one again:",
        )
    )
    for entry in bench.library.page(limit=12).entries:
        link = {"recording": entry.digest[:12], "author": state.annotator}
        st.page_link(Path(__file__), label=escape(entry.shown), query_params=link)


def no_recording(heading: str, text: str) -> None:
    """Say why there is no recording to annotate, and where there are some."""
    st.html(empty_html(heading, text))
    st.page_link(LIBRARY, label="Open the library")


def page(author: str) -> None:
    """Show the recording of the address, else the next of the queue."""
    wanted = query.get("recording")
    entry = bench.library.find(wanted) if wanted else following(author, None)
    if entry is None:
        if wanted:
            no_recording(
                "This recording is not in the library", "It may have been removed, or the link is cut short."
            )
        elif not bench.library.page(limit=0).total:
            no_recording(
                "Nothing to annotate yet", "Add a recording in the library; what is found in it is suggested."
            )
        else:
            nothing_left()
        foot(author, None)
        return
    query["recording"] = entry.digest[:12]
    st.set_page_config(page_title=f"{entry.shown} · Annotate")
    if entry.status in ("queued", "running") and not entry.revision:
        st.html(empty_html(entry.shown, "It is being analysed. The editor opens by itself when it is done."))
        st.fragment(progress, run_every=1.0)(entry)
    else:
        stage(entry, author)
    foot(author, entry)


if (name := annotator()) is not None:
    page(name)
