"""A persona as a form: what is not touched stays, and what is said comes back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edm_core.errors import SettingsError
from edm_core.items import Evidence, Reaction, Target
from edm_core.personas import Persona, load_personas, parse_persona
from edm_core.personas.changes import changes
from edm_core.personas.folder import Edition, Folder
from edm_core.personas.writing import blank
from edm_core.resources import PERSONAS
from edm_core.service.views.persona_form import KINDS, RUBRIC, TEXTS, Desk, current, edited, labels, read
from edm_core.service.views.persona_view import changes_html, gist_html, head_html, reaction_html
from edm_core.settings import Settings

DAD = parse_persona(blank("dad", "Dad").encode(), Path("dad.yaml"))
PLACES = [
    *TEXTS, "listens_to", "tolerates", "weight", "tempo", "likes.statements", "dislikes.statements",
    *(f"rubric.{name}" for name in RUBRIC), *(f"anchors.{score}" for score in range(1, 6)),
    *(f"{kind}.{label}" for kind in KINDS for label in labels(kind)),
]  # fmt: skip


def desk_of_dad() -> Desk:
    text = blank("dad", "Dad")
    return Desk("mark", text, text, text)


@pytest.mark.parametrize("path", sorted(PERSONAS.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_form_that_is_left_alone_changes_nothing(path: Path) -> None:
    persona = load_personas(path.parent)[path.stem]
    assert edited(persona, {place: current(persona, place) for place in PLACES}) == persona


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("name", " {Dad} ", ["name: Dad → {Dad}"]),
        ("listens_to", "both", ["what they listen to: speech → both"]),
        ("topics.Food", 0.55, ["now likes the topic Food (0.55)"]),
        ("tones.Humorous", -1.0, ["now dislikes the tone Humorous (1)"]),
        ("sections.drop", 1.0, ["now likes the section drop (1)"]),
        ("energy.high", 0.5, ["now likes energy high (0.5)"]),
        ("rubric.tempo", 1.5, ["points for tempo: 0 → 1.5"]),
        ("anchors.2", "No: no.", ["says at 2: This is not for me. → No: no."]),
        ("weight", 2.0, ["weight in the consensus: 1 → 2"]),
        ("tolerates", 0, ["tolerates: 4 → 0"]),
        ("prompt", "{{x}}\n'y'", ["prompt: nothing → {{x}}\n'y'"]),
        ("tempo", [{"from": 120.0, "to": 130.0, "leaning": -0.5}], ["now dislikes tempo 120–130 BPM (0.5)"]),
        ("tempo", [{"from": 120.0, "to": None, "leaning": 1.0}], []),
    ],
)
def test_what_is_said_on_a_form(place: str, value: Any, said: list[str]) -> None:
    desk = desk_of_dad()
    desk.take({place: value})
    found = desk.persona()
    assert isinstance(found, Persona)
    assert [change.text for change in changes(DAD, found)] == said
    assert desk.changed == bool(said)


def test_a_leaning_is_a_like_or_a_dislike() -> None:
    liking = edited(DAD, {"topics.Food": 0.5})
    hating = edited(liking, {"topics.Food": -0.25})
    assert (hating.likes.topics, hating.dislikes.topics) == ({}, {"Food": 0.25})
    assert edited(hating, {"topics.Food": 0.0}) == DAD


def test_statements_are_lines() -> None:
    more = edited(DAD, {"likes.statements": " One: a.\n\n- Two “b”. \n"})
    assert more.likes.statements == ("One: a.", "- Two “b”.")


def test_a_form_may_be_wrong_and_put_right() -> None:
    desk = desk_of_dad()
    desk.take({"name": "  "})
    assert isinstance(desk.persona(), SettingsError)
    assert "name" in str(desk.persona())
    desk.take({"name": "Dad"})
    assert not desk.changed


def test_what_is_wrong_names_the_line() -> None:
    found = read(blank("dad", "Dad").replace("tolerates: 4", "tolerates: 40"))
    assert str(found).startswith("line ")


EVIL = "<img src=x onerror=alert(1)> {a} \"b\" 'c' 👩‍👩‍👧 שלום " + "x" * 300


@pytest.fixture
def edition(tmp_path: Path) -> Edition:
    folder = Folder.of(Settings(data_dir=tmp_path))
    folder.save(edited(DAD, {"name": EVIL, "description": EVIL, "emoji": "<b>"}))
    return folder.edition("dad")


def test_nothing_from_a_file_becomes_markup(edition: Edition) -> None:
    reaction = Reaction(
        0.0, 1.0, persona="dad", target=Target("passage", 0), status="ok", score=3.0,
        distribution=(0.2,) * 5, confidence=0.0, opinion=EVIL, rationale=EVIL, note=EVIL, scorer=EVIL,
        evidence=(Evidence(EVIL, 0.0, 1.0),), flags=(EVIL,),
    )  # fmt: skip
    shown = [
        head_html(edition), gist_html(edition, 3.0, 2), changes_html(changes(DAD, edition.persona)),
        reaction_html(reaction, edition.persona),
    ]  # fmt: skip
    for html in shown:
        assert "<img" not in html
        assert "<b>{" not in html
        assert "שלום" in html


def test_a_reaction_says_whose_it_is_and_what_it_was_before(edition: Edition) -> None:
    now = Reaction(
        0.0, 1.0, persona="dad", target=Target("section", 0), status="ok", score=3.9,
        distribution=(0.0, 0.0, 0.1, 0.9, 0.0), confidence=0.5, scorer="offline@2",
    )  # fmt: skip
    before = Reaction(0.0, 1.0, persona="dad", target=Target("section", 0), status="abstained", note="deaf")
    html = reaction_html(now, edition.persona, before)
    for text in (
        "3.9",
        "with your changes, before no score",
        "simulated",
        "uncalibrated",
        "hears speech only",
    ):
        assert text in html
    assert "Cannot say" in reaction_html(before, edition.persona)
    assert "deaf" in reaction_html(before, edition.persona)
