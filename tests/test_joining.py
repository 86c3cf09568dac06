"""People's layers beside the models': what is chosen, and which reactions still hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edm_core.items import Judgement, Passage, Reaction, Recording, Section, Target
from edm_core.joining import joined
from edm_core.timeline import Layer, Timeline

SAID = tuple(Passage(index * 10.0, index * 10.0 + 8, text=f"part {index}") for index in range(3))
PARTS = (Section(0.0, 15.0, "intro"), Section(15.0, 30.0, "drop"))
EVEN = (0.2,) * 5


def scored(persona: str, kind: str, index: int, start: float, end: float) -> Reaction:
    return Reaction(
        start, end, persona=persona, target=Target(kind, index), status="ok", score=3.0, distribution=EVEN
    )


@pytest.fixture
def timeline() -> Timeline:
    reactions = [
        scored(who, "passage", i, p.start, p.end) for i, p in enumerate(SAID) for who in ("genz", "ads")
    ]
    reactions += [scored("genz", "section", i, s.start, s.end) for i, s in enumerate(PARTS)]
    return Timeline(
        Recording("sha256:aa", 30.0, 44_100, 2),
        (
            Layer("sections", "model:s@1", PARTS),
            Layer("passages", "model:p@1", SAID),
            Layer("reactions", "model:r@1", tuple(sorted(reactions, key=lambda r: r.start))),
        ),
    )


def person(kind: str, items: tuple) -> Layer:
    return Layer(kind, "person:ada", items, time="2026-01-01T00:00:00Z")


def test_nothing_changed_keeps_every_reaction(timeline):
    same = joined(timeline, [person("passages", SAID)])
    assert same.reactions == timeline.reactions and same.layer("passages").source == "person:ada"
    assert len([layer for layer in same.layers if layer.kind == "reactions"]) == 1
    assert joined(timeline, []) == timeline


@pytest.mark.parametrize(
    "change", [{"text": "other words"}, {"end": 7.0}, {"topic": Judgement("ok", "Sports", 1.0)}]
)
def test_reactions_to_what_was_changed_are_pending(timeline, change):
    said = (replace(SAID[0], **change), *SAID[1:])
    after = joined(timeline, [person("passages", said)])
    pending = [reaction for reaction in after.reactions if reaction.status == "pending"]
    assert {(r.persona, r.target.index) for r in pending} == {("genz", 0), ("ads", 0)}
    assert all(r.score is None and "person:ada" in r.note for r in pending)
    assert len(after.reactions) == len(timeline.reactions)
    layer = after.layer("reactions")
    assert (layer.revision, layer.parent) == (2, "model:r@1#1")
    assert timeline.layer("reactions") in after.layers  # nothing is overwritten


def test_reactions_follow_what_moved_to_another_index(timeline):
    after = joined(timeline, [person("passages", SAID[1:])])
    about = [reaction for reaction in after.reactions if reaction.target.kind == "passage"]
    assert [r.target.index for r in about] == [0, 0, 1, 1] and all(r.status == "ok" for r in about)
    assert {r.start for r in about} == {10.0, 20.0}


def test_new_passages_wait_for_every_persona(timeline):
    more = (*SAID, Passage(29.0, 30.0, text="bye"))
    after = joined(timeline, [person("passages", more)])
    assert [r.persona for r in after.reactions if r.status == "pending"] == ["genz", "ads"]


def test_sections_count_too_and_leave_passages_alone(timeline):
    after = joined(timeline, [person("sections", (Section(0.0, 30.0, "drop"),))])
    by_kind = {
        kind: [r.status for r in after.reactions if r.target.kind == kind] for kind in ("section", "passage")
    }
    assert by_kind == {"section": ["pending"], "passage": ["ok"] * 6}


def test_without_reactions_there_is_nothing_to_do(timeline):
    bare = Timeline(timeline.recording, timeline.layers[:2])
    assert joined(bare, [person("passages", ())]).reactions == ()
