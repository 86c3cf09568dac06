"""The widgets of the page Personas: a persona as a form, and something for them to hear."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from ..._clock import clock
from ...errors import EdmError
from ...personas import Heard, Persona
from ...personas.trying import heard_as_text, heard_in
from ..bench import Workbench
from .links import offered
from .persona_form import KINDS, RUBRIC, current, labels, tempi
from .persona_view import EARS
from .wording import markdown as escape

TRIED = "Free tickets for the festival, and after the news we have a new track from a band out of Leeds."
"""What they hear until something else is written."""


class Form:
    """The fields of a persona as widgets; ``opened`` tells one opening of the form from another."""

    def __init__(self, persona: Persona, opened: int) -> None:
        self.persona, self.said = persona, dict[str, Any]()
        self.prefix = f"form-{persona.id}-{opened}"

    def ask(self) -> dict[str, Any]:
        """Show all fields and return what stands in them."""
        self.who()
        self.tastes()
        self.music()
        self.sentences()
        self.scoring()
        return self.said

    def key(self, place: str) -> str:
        """Return a widget's key: another each time the form is opened."""
        return f"{self.prefix}-{place}"

    def text(self, place: str, label: str, *, help: str | None = None) -> None:
        """Ask for a line."""
        self.said[place] = st.text_input(label, current(self.persona, place), key=self.key(place), help=help)

    def long(self, place: str, label: str, height: int = 120, *, help: str | None = None) -> None:
        """Ask for several lines."""
        value = current(self.persona, place)
        self.said[place] = st.text_area(label, value, height=height, key=self.key(place), help=help)

    def slide(self, place: str, label: str, low: float, high: float, step: float) -> None:
        """Ask for a number."""
        value = type(low)(current(self.persona, place))
        self.said[place] = st.slider(label, low, high, value, step, key=self.key(place))

    def who(self) -> None:
        """Ask who they are."""
        with st.container(horizontal=True, gap="small"):
            self.text("emoji", "Face")
            self.text("name", "Name")
            self.text("age", "Age")
        self.text("description", "In a sentence")
        self.long("who", "Who they are", help="A language model is told this.")
        listens, weight = st.columns(2)
        with listens:
            kinds = tuple(EARS)
            self.said["listens_to"] = st.radio(
                "They hear", kinds, kinds.index(self.persona.listens_to), horizontal=True,
                key=self.key("listens_to"),
            )  # fmt: skip
        with weight:
            self.slide("weight", "Weight in the consensus", 0.0, 10.0, 0.5)

    def leanings(self, kind: str, columns: int) -> None:
        """Ask how much each label of a kind is liked."""
        places = st.columns(columns, gap="medium")
        for number, label in enumerate(labels(kind)):
            with places[number % columns]:
                self.slide(f"{kind}.{label}", escape(label), -1.0, 1.0, 0.05)

    def tastes(self) -> None:
        """Ask what they like of speech."""
        with st.expander("Topics they like and dislike", icon=":material/topic:"):
            st.caption("From −1, what drives them away, to 1, what they love; 0 leaves them cold.")
            self.leanings(KINDS[0], 3)
        with st.expander("Tones they like and dislike", icon=":material/mood:"):
            self.leanings(KINDS[1], 3)
            self.slide("tolerates", "Unsafe words that do not bother them, up to severity", 0, 7, 1)

    def music(self) -> None:
        """Ask what they like of music."""
        with st.expander("Sections, energy and tempo", icon=":material/graphic_eq:"):
            self.leanings(KINDS[2], 3)
            st.caption("Energy, against the loudest section of the same recording")
            self.leanings(KINDS[3], 3)
            st.caption("Tempo in beats per minute, and how they lean from −1 to 1")
            self.said["tempo"] = self.tempo_table()

    def tempo_table(self) -> list[dict[str, Any]]:
        """Ask for ranges of tempo."""
        import pandas as pd

        number = st.column_config.NumberColumn
        rows = tempi(self.persona)
        shown = st.data_editor(
            pd.DataFrame(rows, columns=["from", "to", "leaning"], dtype=float),
            num_rows="dynamic", hide_index=True, key=self.key("tempo"),
            column_config={
                "from": number(min_value=20, max_value=400),
                "to": number(min_value=20, max_value=400),
                "leaning": number(min_value=-1.0, max_value=1.0, step=0.05),
            },
        )  # fmt: skip
        told = shown.astype(object).where(shown.notna(), None)
        return [{str(name): value for name, value in row.items()} for row in told.to_dict("records")]

    def sentences(self) -> None:
        """Ask for sentences they would and would not like to hear."""
        with st.expander("Sentences they like and dislike", icon=":material/format_quote:"):
            st.caption("One a line. What is heard is held against them, so write as people speak.")
            self.long("likes.statements", "They enjoy", 200)
            self.long("dislikes.statements", "They avoid", 200)

    def scoring(self) -> None:
        """Ask how reasons become a score."""
        with st.expander("What they say at each score", icon=":material/chat_bubble:"):
            for score in range(5, 0, -1):
                self.text(f"anchors.{score}", str(score))
        with st.expander("Points that each reason can move", icon=":material/balance:"):
            places = st.columns(2, gap="medium")
            for number, (name, label) in enumerate(RUBRIC.items()):
                with places[number % 2]:
                    self.slide(f"rubric.{name}", label, 0.0, 4.0, 0.1)
        with st.expander("What a language model is told", icon=":material/smart_toy:"):
            self.long("prompt", "Prompt", 240, help="Braces and quotes are taken as they stand.")


def something_to_hear(bench: Workbench, query: Mapping[str, Any]) -> Heard | None:
    """Ask for a text, or a passage or section of a recording; None where there is nothing.

    An address may name it: ``recording=3f9a1c&passage=4``, counted from 1.
    """
    st.markdown("**Try them on something**")
    chosen = st.radio(
        "Something", ("A text", "A recording"), int("recording" in query), key="try-from", horizontal=True,
        label_visibility="collapsed",
    )  # fmt: skip
    try:
        return _text(bench) if chosen == "A text" else _passage(bench, query)
    except EdmError as error:
        st.error(escape(str(error)))
        return None


# --- private ---------------------------------------------------------------------------------------


def _text(bench: Workbench) -> Heard | None:
    text = st.text_area("What they hear", TRIED, key="try-text", height=110)
    if not text.strip():
        st.caption("Write what they hear, in English.")
        return None
    known = st.session_state.get("heard-text")
    if known is None or known[0] != text:
        with st.spinner("Reading what is said …"):
            known = st.session_state["heard-text"] = text, heard_as_text(text, bench.settings)
    heard: Heard = known[1]
    return heard


def _passage(bench: Workbench, query: Mapping[str, Any]) -> Heard | None:
    linked = query.get("recording", "")
    entries = offered(bench.library, bench.library.find(linked) if linked else None)
    if not entries:
        st.caption("No recording has been analysed yet: add one in the library.")
        return None
    id = st.selectbox(
        "Recording",
        list(entries),
        key="try-recording",
        format_func=lambda id: entries[id].shown,
    )
    timeline = bench.library.timeline(id)
    heard = heard_in(timeline) if timeline is not None else ()
    found = {f"{each.target.kind} {each.target.index + 1}": each for each in heard}
    if not found:
        st.caption("Nothing in it can be heard by a persona: neither speech nor sections.")
        return None
    name = st.selectbox(
        "Passage or section",
        list(found),
        _first(list(found), (f"{kind} {query.get(kind)}" for kind in ("passage", "section"))),
        key=f"try-{id}",
        format_func=lambda name: _called(found[name]),
    )
    if found[name].text:
        st.caption(escape(found[name].text))
    return found[name]


def _first(names: Sequence[str], wanted: Iterable[str]) -> int:
    return next((names.index(name) for name in wanted if name in names), 0)


def _called(heard: Heard) -> str:
    """Return what a passage or section is called in lists."""
    said = f"“{heard.text[:60]}”" if heard.text else ", ".join(heard.facts()[:2])
    return f"{clock(heard.item.start)} {said}"
