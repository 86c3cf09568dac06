"""Library: every recording as a card; searching, filtering, tagging, and how to add more."""

from pathlib import Path

import streamlit as st

from edm_core.errors import EdmError
from edm_core.service import workbench
from edm_core.service.access.visitor import may, visitor
from edm_core.service.views.card import empty_html, facts_html, message_html, stage_html
from edm_core.service.views.library_view import (
    CARDS,
    FASTEST,
    KEYS,
    LENGTH_NAMES,
    SLOWEST,
    SORTS,
    SPEECH,
    STATUSES,
    counted,
    erased_text,
    narrowed,
    question_of,
)
from edm_core.service.views.wording import markdown as escape
from edm_core.service.views.wording import progress_text
from edm_core.store import Entry, Page

LISTEN = Path(__file__).parent / "listen.py"
FILTERS = ("search", "tag", "status", "tempo", "key", "length", "speech", "sort")
"""Their names in the address."""
MOST_PICKED = 10_000
STOP, AGAIN, TAGS, REMOVE, ERASE = "stop", "again", "tags", "remove", "erase"
LABELS = {
    STOP: ":material/stop: Stop the analysis",
    AGAIN: ":material/refresh: Analyse again",
    TAGS: ":material/sell: Tags …",
    REMOVE: ":material/remove_circle: Remove from the library",
    ERASE: ":material/delete_forever: Erase for good …",
}
URL = {"bind": "query-params"}
bench = workbench()
state = st.session_state
state.setdefault("uploads", 0)
state.setdefault("refusals", [])
state.setdefault("picked", set())
may_change, may_delete = may("annotate"), may("admin")


# --- adding ------------------------------------------------------------------------------------------


def analyse(entry: Entry) -> None:
    """Have a recording analysed, or say why not."""
    try:
        bench.analyse(entry, who=visitor().name)
    except EdmError as error:
        state.refusals.append(str(error))


def take_uploads() -> None:
    """Keep what was dropped, have it analysed, and clear the field for the next."""
    for file in state[f"upload-{state.uploads}"] or ():
        try:
            entry = bench.library.add_upload(file.name, file, owner=visitor().name)
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
        report = bench.library.add_folder(path.strip(), recursive=state.recursive, owner=visitor().name)
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
    if not may_delete:  # what lies on the server's disk is its owner's business
        return
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


def refusals() -> None:
    """Say what could not be done, until it was read."""
    if state.refusals:
        told, understood = st.columns([6, 1], vertical_alignment="center")
        told.warning("  \n".join(["**Not added**", *(escape(text) for text in state.refusals)]))
        understood.button("Understood", on_click=state.refusals.clear, width="stretch")


# --- finding -----------------------------------------------------------------------------------------


def first_page() -> None:
    """Go back to the first page, because other recordings are asked for."""
    state.page = 1


def clear_filters() -> None:
    """Show everything again."""
    state.update(tag=[], status=[], tempo=(SLOWEST, FASTEST), key=None, speech="Any", page=1)
    state.length = (LENGTH_NAMES[0], LENGTH_NAMES[-1])


def filters() -> None:
    """Show what narrows the list; the address holds all of it."""
    st.multiselect(
        "Tags", list(bench.library.tags()), key="tag", on_change=first_page, placeholder="All of these", **URL
    )
    st.slider("Tempo (BPM)", SLOWEST, FASTEST, (SLOWEST, FASTEST), key="tempo", on_change=first_page, **URL)
    st.select_slider(
        "Length", LENGTH_NAMES, (LENGTH_NAMES[0], LENGTH_NAMES[-1]), key="length", on_change=first_page, **URL
    )
    left, right = st.columns(2)
    left.selectbox("Key", KEYS, None, key="key", on_change=first_page, placeholder="Any", **URL)
    right.selectbox("Speech", list(SPEECH), key="speech", on_change=first_page, **URL)
    st.multiselect(
        "Analysis",
        list(STATUSES),
        key="status",
        on_change=first_page,
        placeholder="Whatever its state",
        **URL,
    )
    st.button("Clear the filters", key="clear", on_click=clear_filters, type="tertiary")


def finding() -> None:
    """Show the line with which recordings are found and added."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="finding"):
        st.text_input(
            "Search",
            placeholder="Search titles, artists, tags, tempo, key …",
            key="search",
            label_visibility="collapsed",
            on_change=first_page,
            **URL,
        )
        given = {name: state.get(name) for name in FILTERS}
        # Before the filters were first drawn, only the address tells.
        active = narrowed(given) if "tempo" in state else len({*FILTERS[1:-1]} & {*st.query_params})
        label = f"Filters · {active}" if active else "Filters"
        with st.popover(label, icon=":material/filter_list:", key="filters"):
            filters()
        st.selectbox(
            "Order",
            list(SORTS),
            key="sort",
            label_visibility="collapsed",
            width=130,
            on_change=first_page,
            **URL,
        )
        if may_change:
            with st.popover("Add recordings", icon=":material/add:", type="primary", key="adding"):
                adding()


# --- cards -------------------------------------------------------------------------------------------


def card(entry: Entry) -> None:
    """Show one recording; all of it leads to its Listen page."""
    key = entry.digest[:16]
    with st.container(key=f"card-{key}"):
        st.html(stage_html(entry))
        st.page_link(LISTEN, label=escape(entry.shown), query_params={"recording": entry.digest[:12]})
        st.html(facts_html(entry))
        if entry.status in ("queued", "running"):
            job = bench.job(entry)
            st.progress(job.share if job else 0.0, progress_text(job))
        elif message := message_html(entry):
            st.html(message)
        if not may_change:
            return
        if entry.status in ("failed", "cancelled"):
            with st.container(key=f"retry-{key}"):
                st.button("Try again", key=f"again-{key}", on_click=analyse, args=(entry,))
        if state.get("selecting"):
            with st.container(key=f"pick-box-{key}"):
                st.checkbox(
                    f"Select {escape(entry.shown)}", entry.id in state.picked, key=f"pick-{key}",
                    label_visibility="collapsed", on_change=pick, args=(entry.id,),
                )  # fmt: skip
        more(entry)


def more(entry: Entry) -> None:
    """Show what else can be done with a recording."""
    options = {"queued": [STOP], "running": [STOP], "done": [AGAIN]}.get(entry.status, [])
    options = [*options, TAGS, *([REMOVE, ERASE] if may_delete else [])]
    key = f"do-{entry.digest[:16]}"
    with st.container(key=f"more-{entry.digest[:16]}"):
        st.menu_button(
            "⋯",
            options,
            key=key,
            help="More",
            on_click=do,
            args=(entry, key),
            format_func=lambda act: LABELS[act],
        )


def do(entry: Entry, key: str) -> None:
    """Do what was chosen from a card's menu."""
    act = state[key]
    if act in (TAGS, ERASE):
        state.asking = (act, entry.id)
    else:
        {STOP: bench.cancel, AGAIN: analyse, REMOVE: bench.remove}[act](entry)


def pick(id: str) -> None:
    """Select a recording, or not any more."""
    state.picked ^= {id}


def waiting() -> bool:
    """Whether any recording is not finished."""
    return bench.library.page(status=("queued", "running"), limit=0).total > 0


def shown() -> Page:
    """Return the cards of this page, as they are now."""
    question = question_of({name: state.get(name) for name in FILTERS})
    return bench.library.page(**question, limit=CARDS, offset=(state.get("page", 1) - 1) * CARDS)


def cards() -> None:
    """Show the cards; while something is being analysed this runs again every second."""
    page = shown()
    if (state.get("ticking") and not waiting()) or state.get("asking") != state.get("asked"):
        st.rerun()  # the whole page, which then stops ticking, or opens a window
    if not page.total:
        st.html(
            empty_html("Nothing matches", "Search looks at titles, artists, file names, tags, tempo and key.")
        )
    if state.get("selecting"):
        selected(page)
    with st.container(key="cards"):
        for entry in page.entries:
            card(entry)


# --- several at once ---------------------------------------------------------------------------------


def pick_all(ids: set[str]) -> None:
    """Select these, too."""
    state.picked |= ids
    for id in ids:
        state[f"pick-{id.removeprefix('sha256:')[:16]}"] = True


def pick_matching() -> None:
    """Select everything that matches, on all pages."""
    question = question_of({name: state.get(name) for name in FILTERS})
    pick_all({entry.id for entry in bench.library.page(**question, limit=MOST_PICKED).entries})


def pick_none() -> None:
    """Select nothing."""
    for id in state.picked:
        state.pop(f"pick-{id.removeprefix('sha256:')[:16]}", None)
    state.picked = set()


def tag_picked(add: bool) -> None:
    """Give what was typed as tags to what is selected, or take it away."""
    names = [name for name in state.bulk_tags.split(",") if name.strip()]
    try:
        count = bench.library.tag(state.picked, **{"add" if add else "remove": names})
    except EdmError as error:
        st.toast(str(error), icon=":material/error:")
        return
    state.bulk_tags = ""
    st.toast(f"{count} recording{'s' * (count != 1)} tagged." if add else "Tags taken away.")


def with_picked(act: str) -> None:
    """Analyse what is selected again, or remove it."""
    entries = [entry for id in state.picked if (entry := bench.library.get(id))]
    for entry in entries:
        bench.remove(entry) if act == "remove" else analyse(entry)
    if act == "remove":
        pick_none()
    st.toast(f"{len(entries)} {'removed' if act == 'remove' else 'to be analysed again'}.")


def selected(page: Page) -> None:
    """Show what can be done with what is selected."""
    count = len(state.picked)
    with st.container(horizontal=True, vertical_alignment="center", key="selected"):
        st.markdown(f"**{count:,} selected**", width="content")
        here = {entry.id for entry in page.entries}
        st.button(
            "This page", key="pick-page", on_click=pick_all, args=(here,), disabled=here <= state.picked
        )
        if page.total > len(here):
            st.button(f"All {page.total:,}", key="pick-matching", on_click=pick_matching)
        st.button("None", key="pick-none", on_click=pick_none, disabled=not count)
        with st.popover("Tag", disabled=not count, icon=":material/sell:", key="bulk-tagging"):
            st.text_input("Tags, with commas between them", key="bulk_tags")
            with st.container(horizontal=True):
                st.button("Add", key="tag-add", on_click=tag_picked, args=(True,), type="primary")
                st.button("Take away", key="tag-remove", on_click=tag_picked, args=(False,))
        st.button(
            "Analyse again", key="bulk-again", disabled=not count, icon=":material/refresh:",
            on_click=with_picked, args=("again",),
        )  # fmt: skip
        if may_delete:
            with st.popover("Remove", disabled=not count, icon=":material/delete:", key="bulk-removing"):
                st.write(
                    f"{count:,} recording{'s leave' if count != 1 else ' leaves'} the library. What people "
                    "said of them stays, and shows again if they are added again."
                )
                st.button(
                    f"Remove {count:,}",
                    key="bulk-remove",
                    on_click=with_picked,
                    args=("remove",),
                    type="primary",
                )


# --- what is asked in a window of its own ------------------------------------------------------------


def closed() -> None:
    """Forget what was asked."""
    state.pop("asking", None)


@st.dialog("Tags", icon=":material/sell:", on_dismiss=closed)
def ask_tags(entry: Entry) -> None:
    """Let the tags of a recording be chosen, or new ones be made."""
    st.caption(escape(entry.shown))
    known = sorted({*bench.library.tags(), *entry.tags})
    chosen = st.multiselect(
        "Tags", known, entry.tags, accept_new_options=True, placeholder="Choose or type",
        label_visibility="collapsed", key=f"chosen-{entry.digest[:16]}",
    )  # fmt: skip
    if st.button("Save", type="primary", key="save-tags"):
        try:
            bench.library.tag([entry.id], add=chosen, remove=set(entry.tags) - set(chosen))
        except EdmError as error:
            st.error(escape(str(error)))
            return
        closed()
        st.rerun()


@st.dialog("Erase for good", icon=":material/delete_forever:", on_dismiss=closed)
def ask_erase(entry: Entry) -> None:
    """Have a word typed before a recording goes with everything derived from it."""
    st.markdown(
        f"**{escape(entry.shown)}** goes with everything derived from it: its analyses, everybody's "
        "annotations of it with their whole history, scores, ratings, tags. It cannot be taken back. "
        "The log keeps its id, who erased it, when and why."
    )
    if entry.path:
        st.caption("The file itself stays where it is.")
    reason = st.text_input("Why", key="erase-reason", placeholder="consent withdrawn")
    word = entry.digest[:6]
    typed = st.text_input(f"Type {word} to go on", key="erase-word")
    ready = bool(reason.strip()) and typed.strip().lower() == word
    if st.button("Erase", type="primary", key="erase-now", disabled=not ready):
        try:
            done = bench.erase(entry, visitor().name or "workbench", reason)
        except EdmError as error:
            st.error(escape(str(error)))
            return
        closed()
        st.toast(escape(erased_text(done.counts, done.named_in)))
        st.rerun()


def ask() -> None:
    """Keep the window open that was asked for, until it is closed."""
    state.asked = state.get("asking")
    what, id = state.asked or (None, "")
    entry = bench.library.get(id) if what else None
    if entry is not None:
        {TAGS: ask_tags, ERASE: ask_erase}[what](entry)


# --- the page ----------------------------------------------------------------------------------------


def shelf() -> None:
    """Show how many there are, the pages, and the cards."""
    total = shown().total
    pages = max(1, -(-total // CARDS))
    if state.get("page", 1) > pages:
        state.page = pages
    with st.container(horizontal=True, vertical_alignment="center", key="shelf-line"):
        told = st.container(width="stretch")
        if may_change:
            st.toggle("Select", key="selecting", on_change=pick_none)
        if pages > 1:
            st.pagination(pages, key="page", max_visible_pages=5, **URL)
    first = (state.get("page", 1) - 1) * CARDS
    told.caption(counted(first, min(CARDS, total - first), total))
    state.ticking = waiting()
    st.fragment(cards, run_every=1.0 if state.ticking else None)()


try:
    is_empty = bench.library.page(limit=0).total == 0
except EdmError as error:
    st.error(f"The library cannot be read: {escape(str(error))}", icon=":material/error:")
    st.stop()
if is_empty:
    st.html(
        empty_html(
            "Add your first recording",
            "A track, a set, a radio show: drop the file below. It is analysed on this machine, and then "
            "you can listen to it with its sections, its words and its audience.",
        )
    )
    refusals()
    if may_change:
        with st.container(width=640):
            adding()
else:
    finding()
    refusals()
    ask()
    shelf()
