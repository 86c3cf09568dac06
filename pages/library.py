"""Library: every recording as a card, and how to add more."""

from pathlib import Path

import streamlit as st

from edm_core.errors import EdmError
from edm_core.service import workbench
from edm_core.service.card import empty_html, facts_html, message_html, stage_html
from edm_core.service.wording import markdown as escape
from edm_core.service.wording import progress_text
from edm_core.store import Entry

CARDS = 60  # shown at first, and more each time they are asked for
LISTEN = Path(__file__).parent / "listen.py"
bench = workbench()
state = st.session_state
state.setdefault("uploads", 0)
state.setdefault("most", CARDS)
state.setdefault("refusals", [])


def analyse(entry: Entry) -> None:
    """Have a recording analysed, or say why not."""
    try:
        bench.analyse(entry)
    except EdmError as error:
        state.refusals.append(str(error))


def take_uploads() -> None:
    """Keep what was dropped, have it analysed, and clear the field for the next."""
    for file in state[f"upload-{state.uploads}"] or ():
        try:
            entry = bench.library.add_upload(file.name, file)
        except EdmError as error:
            state.refusals.append(str(error))
        else:
            analyse(entry)
    state.uploads += 1


def take_folder(path: str) -> None:
    """Enter the files of a folder where they lie, and say which were refused and why."""
    if not path.strip():
        return
    try:
        report = bench.library.add_folder(path.strip(), recursive=state.recursive)
    except EdmError as error:
        state.refusals.append(str(error))
        return
    for entry in report.added:
        analyse(entry)
    state.refusals.extend(f"{refusal.path}: {refusal.reason}" for refusal in report.refused)
    known = f", {len(report.known)} known already" if report.known else ""
    st.toast(f"{len(report.added)} added{known}.")


def take_named_folder() -> None:
    """Enter the folder that was typed."""
    path, state.folder = state.folder, ""
    take_folder(path)


def adding() -> None:
    """Show the two ways to add recordings."""
    st.file_uploader(
        "Drop recordings here",
        accept_multiple_files=True,
        key=f"upload-{state.uploads}",
        on_change=take_uploads,
    )
    st.text_input(
        "Or add a folder of this machine, without copying it",
        placeholder="/path/to/recordings",
        key="folder",
        on_change=take_named_folder,
    )
    st.checkbox("Folders below it too", value=True, key="recursive")
    if bench.settings.audio_dir:
        folder = str(bench.settings.audio_dir)
        st.button(f"Add {escape(folder)}", key="audio-dir", on_click=take_folder, args=(folder,))


def card(entry: Entry) -> None:
    """Show one recording; all of it leads to its Listen page."""
    with st.container(key=f"card-{entry.digest[:16]}"):
        st.html(stage_html(entry))
        st.page_link(LISTEN, label=escape(entry.shown), query_params={"recording": entry.digest[:12]})
        st.html(facts_html(entry))
        if entry.status in ("queued", "running"):
            job = bench.job(entry)
            st.progress(job.share if job else 0.0, progress_text(job))
        elif message := message_html(entry):
            st.html(message)
        if entry.status in ("failed", "cancelled"):
            with st.container(key=f"retry-{entry.digest[:16]}"):
                st.button("Try again", key=f"again-{entry.digest[:16]}", on_click=analyse, args=(entry,))
        more(entry)


def more(entry: Entry) -> None:
    """Show what else can be done with a recording."""
    with st.container(key=f"more-{entry.digest[:16]}"), st.popover("⋯", help="More"):
        key = entry.digest[:16]
        if entry.status in ("queued", "running"):
            st.button("Stop the analysis", key=f"stop-{key}", on_click=bench.cancel, args=(entry,))
        elif entry.status == "done":
            st.button("Analyse again", key=f"again-{key}", on_click=analyse, args=(entry,))
        st.button("Remove from the library", key=f"remove-{key}", on_click=bench.remove, args=(entry,))
        if entry.path:
            st.caption("The file itself stays where it is.")


def cards() -> None:
    """Show the cards; while something is being analysed this runs again every second."""
    found = bench.library.list(state.get("search", ""))
    if state.get("ticking") and not waiting():
        st.rerun()  # the whole page, which then stops asking
    if not found:
        st.html(empty_html("Nothing matches", "Search looks at titles, artists, file names, tempo and key."))
    with st.container(key="cards"):
        for entry in found[: state.most]:
            card(entry)
    if len(found) > state.most:
        st.button(f"Show more ({len(found) - state.most})", key="show-more", on_click=show_more)


def show_more() -> None:
    """Show as many cards again."""
    state.most += CARDS


def waiting() -> bool:
    """Whether any recording is not finished."""
    return any(entry.status in ("queued", "running") for entry in bench.library.list())


def refusals() -> None:
    """Say what could not be added, until it was read."""
    if state.refusals:
        told, understood = st.columns([6, 1], vertical_alignment="center")
        told.warning("  \n".join(["**Not added**", *(escape(text) for text in state.refusals)]))
        understood.button("Understood", on_click=state.refusals.clear, width="stretch")


if not bench.library.list():
    st.html(
        empty_html(
            "Add your first recording",
            "A track, a set, a radio show: drop the file below. It is analysed on this machine, and then "
            "you can listen to it with its sections, its words and its audience.",
        )
    )
    refusals()
    with st.container(width=640):
        adding()
else:
    search, add = st.columns([4, 1], vertical_alignment="bottom")
    search.text_input(
        "Search",
        placeholder="Search titles, artists, tempo, key …",
        key="search",
        label_visibility="collapsed",
    )
    with add.popover("Add recordings", width="stretch"):
        adding()
    refusals()
    state.ticking = waiting()
    st.fragment(cards, run_every=1.0 if state.ticking else None)()
