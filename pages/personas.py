"""Personas: who listens, what they like, how they would take a passage, and how they have changed."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from edm_core.errors import EdmError
from edm_core.personas import Persona
from edm_core.personas.changes import changes
from edm_core.personas.folder import Broken, Edition, Folder, Overtaken
from edm_core.personas.trying import heard_as_text, try_item
from edm_core.personas.writing import to_yaml
from edm_core.service import workbench
from edm_core.service.views.card import empty_html
from edm_core.service.views.persona_form import Desk, read
from edm_core.service.views.persona_view import changes_html, face_html, gist_html, head_html, reaction_html
from edm_core.service.views.persona_widgets import TRIED, Form, something_to_hear
from edm_core.service.views.wording import markdown as escape
from edm_core.store import Entry

HERE = Path(__file__)
SAID = "Simulated listeners: their scores are uncalibrated, and not what people would say."
MOST_MEANS = 60
"""Recordings, the newest, whose scores the cards sum up."""
VIEWS = ("Form", "YAML", "Prompt", "Versions")
NEW = "a blank one"
bench = workbench()
folder = Folder.of(bench.settings)
state, query = st.session_state, st.query_params
state.setdefault("desks", {})  # what is being edited, by persona


def done(act: Callable[..., Any], *arguments: Any) -> bool:
    """Do something and say what was wrong; return whether it was done."""
    try:
        act(*arguments)
    except EdmError as error:
        state.refusal = str(error)
        return False
    return True


def do(act: Callable[..., Any], *arguments: Any) -> None:
    """Do something and say what was wrong."""
    done(act, *arguments)


def refusal() -> None:
    """Say what was refused, once."""
    if text := state.pop("refusal", None):
        st.error(escape(text))


# --- everybody -------------------------------------------------------------------------------------


@st.cache_data(show_spinner=False, max_entries=2_000)
def scores(id: str, *_: object) -> dict[str, list[float]]:
    """Return each persona's scores of a recording; what else is given tells one state of it from another."""
    timeline = bench.library.timeline(id)
    found: dict[str, list[float]] = {}
    for reaction in timeline.reactions if timeline else ():
        if reaction.score is not None:
            found.setdefault(reaction.persona, []).append(reaction.score)
    return found


def means(entries: Sequence[Entry]) -> dict[str, tuple[float, int]]:
    """Return each persona's mean score, and how many recordings it is of."""
    found: dict[str, list[list[float]]] = {}
    for entry in entries:
        if entry.revision:
            scorings = len(bench.library.scorings.history(entry.id))
            for id, values in scores(entry.id, entry.revision, entry.said, scorings).items():
                found.setdefault(id, []).append(values)
    return {id: (sum(map(sum, lists)) / sum(map(len, lists)), len(lists)) for id, lists in found.items()}


def everybody(editions: dict[str, Edition]) -> None:
    """Show every persona as a card, and how to make another."""
    told, retired, add = st.columns([5, 2, 1.4], vertical_alignment="center")
    told.caption(SAID)
    count = sum(edition.persona.retired for edition in editions.values())
    shown = retired.toggle(f"Retired too ({count})", key="retired") if count else False
    with add.popover("New persona", width="stretch"):
        new_form(editions)
    for broken in folder.broken():
        wrong_file(broken)
    scored = means(bench.library.page(limit=MOST_MEANS).entries)
    with st.container(key="cards"):
        for id, edition in editions.items():
            if shown or not edition.persona.retired:
                card(edition, *scored.get(id, (None, 0)))


def card(edition: Edition, mean: float | None, count: int) -> None:
    """Show one persona; all of it leads to their page."""
    persona = edition.persona
    with st.container(key=f"card-persona-{persona.id}{'-retired' if persona.retired else ''}"):
        st.html(face_html(edition))
        st.page_link(HERE, label=escape(persona.name), query_params={"persona": persona.id})
        st.html(gist_html(edition, mean, count))


def new_form(editions: dict[str, Edition]) -> None:
    """Ask for what a new persona needs."""
    with st.form("new", border=False):
        st.text_input("Name", placeholder="Night Nurse", key="new-name")
        st.text_input(
            "Id", placeholder="night_nurse", key="new-id", help="Small letters, digits, underscores."
        )
        st.selectbox(
            "Begin with", [NEW, *editions], key="new-from", format_func=lambda id: called(editions, id)
        )
        st.form_submit_button("Make it", on_click=make_new, type="primary")


def called(editions: dict[str, Edition], id: str) -> str:
    """Return what a persona is called in lists."""
    edition = editions.get(id)
    return f"{edition.persona.emoji} {edition.persona.name}" if edition else id


def make_new() -> None:
    """Make the persona that was asked for and open it."""
    name = state["new-name"].strip()
    id = state["new-id"].strip() or re.sub("[^a-z0-9]+", "_", name.lower()).strip("_")
    like = state["new-from"]
    if done(folder.create, id, name) if like == NEW else done(folder.clone, like, id, name):
        query["persona"] = id


def wrong_file(broken: Broken) -> None:
    """Show a file that is no persona, with what is wrong, and let it be repaired."""
    name = broken.path.name
    with st.container(key=f"broken-{name}"):
        st.error(f"**{escape(name)}** is left out: {escape(broken.error.problem)}")
        if broken.text is None:
            return
        with st.expander("Repair it"):
            key = f"repair-{name}-{hash(broken.text)}"
            st.text_area("The file", broken.text, height=420, key=key, label_visibility="collapsed")
            if isinstance(found := read(state[key]), EdmError):
                st.warning(escape(str(found)))
            act = (lambda: folder.save(state[key], file=name),)
            st.button("Save", on_click=do, args=act, type="primary", key=f"repair-{name}")


# --- one of them -----------------------------------------------------------------------------------


def one(edition: Edition) -> None:
    """Show one persona: what can be done with them, what they are, and how they take a passage."""
    desk = state.desks.setdefault(edition.persona.id, Desk.of(edition))
    if not desk.changed and desk.mark != edition.mark:  # somebody else has saved
        desk = state.desks[edition.persona.id] = Desk.of(edition, desk.opened + 1)
    st.button("All personas", icon=":material/arrow_back:", type="tertiary", on_click=query.clear)
    st.html(head_html(edition))
    actions(edition)
    left, right = st.columns([3, 2], gap="large")
    with left:
        views(desk, edition)
    with right:
        trying(desk)
        st.caption(SAID)


def actions(edition: Edition) -> None:
    """Show what can be done with a persona as a whole."""
    id, retired = edition.persona.id, edition.persona.retired
    with st.container(horizontal=True, gap="small", key="actions"):
        with st.popover("Clone"), st.form("clone", border=False):
            st.text_input("Name", f"{edition.persona.name} (copy)", key=f"clone-name-{id}")
            st.text_input("Id", f"{id[:35]}_copy", key=f"clone-id-{id}")
            st.form_submit_button("Clone", on_click=clone, args=(id,), type="primary")
        label, told = (
            ("Restore", "Let them score again.") if retired else ("Retire", "No new scores; old ones stay.")
        )
        st.button(label, on_click=retire, args=(edition,), key="retire", help=told)
        if edition.origin == "edited":
            told = "Back to the edition that came with the workbench; yours stays among the versions."
            st.button("Reset", on_click=reset, args=(edition,), key="reset", help=told)
        if edition.origin == "own":
            with st.popover("Delete"):
                st.caption("The versions are kept, but they are in no list any more.")
                st.button("Delete them", on_click=delete, args=(id,), key="delete")


def clone(id: str) -> None:
    """Copy a persona and open the copy."""
    if done(folder.clone, id, state[f"clone-id-{id}"].strip(), state[f"clone-name-{id}"]):
        query["persona"] = state[f"clone-id-{id}"].strip()


def retire(edition: Edition) -> None:
    """Retire a persona, or bring one back; what is not saved yet comes first."""
    id = edition.persona.id
    if state.desks[id].changed:
        state.refusal = "save or discard first what you have changed"
    elif done(folder.restore if edition.persona.retired else folder.retire, id):
        discard(folder.edition(id))


def reset(edition: Edition) -> None:
    """Go back to the packaged edition."""
    if done(folder.reset, edition.persona.id):
        discard(folder.edition(edition.persona.id))


def delete(id: str) -> None:
    """Delete a persona who never scored."""
    for entry in bench.library.list():
        timeline = bench.library.timeline(entry.id) if entry.revision else None
        layers = [layer for layer in timeline.layers if layer.kind == "reactions"] if timeline else []
        if any(getattr(item, "persona", "") == id for layer in layers for item in layer.items):
            state.refusal = (
                f"{id}: it has scored {entry.shown}, which would be left unexplained; retire it instead"
            )
            return
    if done(folder.delete, id):
        state.desks.pop(id, None)
        query.pop("persona", None)


def views(desk: Desk, edition: Edition) -> None:
    """Show the persona in one of several ways, and what is not saved yet."""
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], key="view", on_change=desk.reopen, label_visibility="collapsed"
    )
    if view == "YAML":
        as_yaml(desk)
    elif view == "Prompt":
        as_prompt(desk)
    elif view == "Versions":
        as_versions(desk, edition)
    else:
        as_form(desk)
    saving(desk, edition)


def saving(desk: Desk, edition: Edition) -> None:
    """Offer to save what was changed; who was overtaken sees both."""
    if not desk.changed:
        return
    persona = desk.persona()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="saving"):
        st.button(
            "Save", on_click=save, args=(desk, edition, desk.mark), type="primary", key="save",
            disabled=isinstance(persona, EdmError),
        )  # fmt: skip
        st.button("Discard", on_click=discard, args=(edition,), key="discard")
        st.caption("Not saved yet.", width="content")
    if desk.mark != edition.mark and isinstance(persona, Persona):
        st.warning("Somebody else has saved this persona since you began. What you would change of theirs:")
        st.html(changes_html(changes(edition.persona, persona)))
        st.button("Save mine over theirs", on_click=save, args=(desk, edition, edition.mark), key="save-mine")


def save(desk: Desk, edition: Edition, base: str) -> None:
    """Save what is on the desk, if nobody else has saved since."""
    id = edition.persona.id
    try:
        persona = desk.persona()
        if isinstance(persona, Persona) and persona.id != id:
            state.refusal = f"the id has become {persona.id!r}; clone {id} to give it another"
            return
        folder.save(desk.text, base=base)
    except Overtaken:
        state.refusal = "somebody else has saved this persona meanwhile; both versions are kept"
    except EdmError as error:
        state.refusal = str(error)
    else:
        state.desks[id] = Desk.of(folder.edition(id), desk.opened + 1)
        st.toast("Saved.")


def discard(edition: Edition) -> None:
    """Begin anew with an edition, and forget what was changed."""
    id = edition.persona.id
    state.desks[id] = Desk.of(edition, state.desks[id].opened + 1)


# --- the form --------------------------------------------------------------------------------------


def as_form(desk: Desk) -> None:
    """Let a persona be edited in a form."""
    persona = read(desk.began)
    if isinstance(persona, EdmError):
        st.warning(f"The form opens as soon as the YAML is right: {escape(str(persona))}")
        return
    with st.container(key="persona-form"):
        desk.take(Form(persona, desk.opened).ask())


# --- the other views -------------------------------------------------------------------------------


def as_yaml(desk: Desk) -> None:
    """Let the file's text be edited; what is wrong is said with line and field."""
    key = f"yaml-{desk.opened}"
    with st.container(key="persona-yaml"):
        desk.text = st.text_area("The file", desk.began, height=620, key=key, label_visibility="collapsed")
    if isinstance(found := desk.persona(), EdmError):
        st.error(escape(str(found)))


def as_prompt(desk: Desk) -> None:
    """Show what a language model would be told, word for word."""
    from edm_core.personas.prompts import Manner, messages, prompt_of

    persona = desk.persona()
    if isinstance(persona, EdmError):
        st.warning(f"The YAML must be right first: {escape(str(persona))}")
        return
    heard = state.get("trying") or heard_as_text(TRIED, bench.settings)
    prompt = prompt_of(persona, heard.target.kind, Manner())
    st.caption(f"What a language model would be told of what is tried on the right; prompt {prompt.hash}.")
    for message in messages(prompt, heard):
        st.caption(message["role"])
        st.code(message["content"], language=None, wrap_lines=True)


def as_versions(desk: Desk, edition: Edition) -> None:
    """Compare two versions, and let an earlier one be taken up again."""
    id = edition.persona.id
    kept = folder.versions(id)
    names = {
        version.version: f"{version.version} · {version.time[:16].replace('T', ' ')}" for version in kept
    }
    names[edition.persona.version] = f"{edition.persona.version} · current"
    options = [edition.persona.version, *(name for name in names if name != edition.persona.version)]
    if len(options) == 1:
        st.html(empty_html("One version so far", "What is saved, here or by an editor, is kept as another."))
        return
    a, b = st.columns(2)
    before = a.selectbox("Before", options, 1, key=f"before-{id}", format_func=lambda name: names[name])
    after = b.selectbox("After", options, 0, key=f"after-{id}", format_func=lambda name: names[name])
    try:
        old, new = folder.version(id, before), folder.version(id, after)
    except EdmError as error:
        st.error(escape(str(error)))
        return
    st.html(changes_html(changes(old, new)))
    with st.expander("The files side by side"):
        for column, persona in zip(st.columns(2), (old, new), strict=True):
            column.code(to_yaml(persona), language="yaml", wrap_lines=True)
    if before != edition.persona.version:
        st.button(f"Take up {before} again", on_click=take_up, args=(desk, old), key="take-up")


def take_up(desk: Desk, persona: Persona) -> None:
    """Lay an earlier version on the desk; it counts when it is saved."""
    desk.text = to_yaml(persona)
    state.view = "Form"
    desk.reopen()


# --- trying ----------------------------------------------------------------------------------------


def trying(desk: Desk) -> None:
    """Show how the persona would take something, with and without the changes."""
    with st.container(key="tried"):
        heard = state["trying"] = something_to_hear(bench, query)
        before, after = read(desk.saved), desk.persona()
        if isinstance(after, EdmError):
            st.warning("What is not saved yet is no persona; this is the saved one.")
            after = before
        if heard is None or isinstance(after, EdmError) or isinstance(before, EdmError):
            return
        try:
            now = try_item(after, heard)
            then = try_item(before, heard) if after.version != before.version else None
        except EdmError as error:
            st.error(escape(str(error)))
        else:
            st.html(reaction_html(now, after, then))


# --- the page --------------------------------------------------------------------------------------


def nobody(id: str) -> None:
    """Say that there is no such persona."""
    st.html(
        empty_html("There is no such persona", f"“{id}” may have been deleted, or the link is cut short.")
    )
    st.button("All personas", on_click=query.clear)


st.html(HERE.parent / "_personas.css")
if "remembered" not in state:  # what was written by an editor since; what is saved here is kept anyway
    state.remembered = done(folder.remember)
known = folder.editions()
refusal()
wanted = query.get("persona")
if wanted is None:
    everybody(known)
elif wanted in known:
    query["persona"] = wanted  # a link from a page to itself leaves the address as it was
    st.set_page_config(page_title=f"{known[wanted].persona.name} · Personas")
    one(known[wanted])
else:
    nobody(wanted)
