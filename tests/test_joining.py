"""People's layers beside the models': what is chosen, and which reactions still hold."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.items import Judgement, Passage, Reaction, Recording, Section, Target
from edm_core.joining import SCORINGS, digest_of, joined, order_of
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
    assert [r.persona for r in after.reactions if r.status == "pending"] == ["ads", "genz"]


def test_sections_count_too_and_leave_passages_alone(timeline):
    after = joined(timeline, [person("sections", (Section(0.0, 30.0, "drop"),))])
    by_kind = {
        kind: [r.status for r in after.reactions if r.target.kind == kind] for kind in ("section", "passage")
    }
    assert by_kind == {"section": ["pending"], "passage": ["ok"] * 6}


def test_without_reactions_there_is_nothing_to_do(timeline):
    bare = Timeline(timeline.recording, timeline.layers[:2])
    assert joined(bare, [person("passages", ())]).reactions == ()


# --- scorings --------------------------------------------------------------------------------------

THEN, LATER = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00.5Z"


def heard(persona: str, index: int, said: tuple = SAID, **more) -> Reaction:
    passage = said[index]
    blank = scored(persona, "passage", index, passage.start, passage.end)
    return replace(blank, **({"heard": digest_of(passage), "persona_version": "v1"} | more))


def scoring(number: int, *reactions: Reaction, time: str = LATER) -> Layer:
    parent = f"{SCORINGS}#{number - 1}" if number > 1 else None
    return Layer("reactions", SCORINGS, reactions, revision=number, parent=parent, time=time)


def analysis(*reactions: Reaction, said: tuple = SAID, time: str = THEN) -> Timeline:
    layers = (
        Layer("passages", "model:p@1", said),
        Layer("reactions", "model:r@3", tuple(sorted(reactions, key=order_of)), time=time),
    )
    return Timeline(Recording("sha256:aa", 30.0, 44_100, 2), layers)


def told(timeline: Timeline) -> list[tuple[str, int, str]]:
    return [(one.persona, one.target.index, one.scorer or one.status) for one in timeline.reactions]


def test_a_scoring_stands_in_the_place_of_what_the_same_persona_said():
    before = analysis(*(heard(who, i, scorer="offline@2") for who in ("ads", "genz") for i in range(3)))
    after = joined(before, (), [scoring(1, *(heard("genz", i, scorer="lm@1") for i in range(3)))])
    assert told(after) == [
        (who, i, by) for i in range(3) for who, by in (("ads", "offline@2"), ("genz", "lm@1"))
    ]
    layer = after.layer("reactions")
    assert (layer.source, layer.revision, layer.parent) == (SCORINGS, 1, "model:r@3#1")
    assert before.layer("reactions") in after.layers


def test_a_scoring_of_a_part_leaves_the_rest_pending():
    after = joined(analysis(heard("genz", 0), heard("genz", 1)), (), [scoring(1, heard("genz", 0))])
    assert [one.status for one in after.reactions] == ["ok", "pending", "pending"]
    assert "not been scored since" in after.reactions[1].note


def test_scorings_stand_alone_where_no_analysis_scored():
    bare = Timeline(Recording("sha256:aa", 30.0, 44_100, 2), (Layer("passages", "model:p@1", SAID),))
    after = joined(bare, (), [scoring(1, *(heard("genz", i) for i in range(3)))])
    assert [one.status for one in after.reactions] == ["ok"] * 3
    assert after.layer("reactions").parent is None


def test_in_the_second_of_the_analysis_the_scoring_is_the_later_one():
    after = joined(
        analysis(*(heard("genz", i, scorer="offline@2") for i in range(3))),
        (),
        [scoring(1, *(heard("genz", i, scorer="lm@1") for i in range(3)), time="2026-01-01T00:00:00.7Z")],
    )
    assert told(after) == [("genz", i, "lm@1") for i in range(3)]


@pytest.mark.parametrize(
    ("scorer", "version", "said", "wins"),
    [
        ("lm@1", "v1", SAID, "lm@1"),  # what was asked for stands
        ("offline@1", "v1", SAID, "offline@2"),  # the same scorer, improved
        ("lm@1", "v0", SAID, "offline@2"),  # the persona is another one by now
        ("lm@1", "v1", (*SAID[:2], replace(SAID[2], text="new words")), "offline@2"),  # not heard
    ],
)
def test_an_analysis_after_a_scoring(scorer, version, said, wins):
    asked = scoring(
        1, *(heard("genz", i, scorer=scorer, persona_version=version) for i in range(3)), time=THEN
    )
    again = analysis(*(heard("genz", i, said, scorer="offline@2") for i in range(3)), said=said, time=LATER)
    assert told(joined(again, (), [asked])) == [("genz", i, wins) for i in range(3)]


def test_who_was_only_asked_stays_after_a_later_analysis():
    asked = scoring(1, *(heard("mine", i, scorer="offline@2") for i in range(3)), time=THEN)
    after = joined(analysis(heard("genz", 0), time=LATER), (), [asked])
    assert {one.persona for one in after.reactions} == {"genz", "mine"}
    layer = after.layer("reactions")
    assert (layer.source, layer.revision, layer.parent) == ("model:r@3", 2, f"{SCORINGS}#1")


def test_reactions_follow_by_what_was_heard_not_by_place():
    """Another analysis found one passage more; the scoring counted places without it."""
    more = (Passage(0.0, 5.0, text="good morning"), *(replace(each) for each in SAID[1:]))
    asked = scoring(1, heard("genz", 0, SAID[1:]), heard("genz", 1, SAID[1:]))
    after = joined(analysis(said=more), (), [asked])
    assert [(one.target.index, one.status) for one in after.reactions] == [
        (0, "pending"), (1, "ok"), (2, "ok"),
    ]  # fmt: skip


def test_nobody_waits_for_a_reaction_to_silence():
    parts = (Section(0.0, 15.0, "silence"), Section(15.0, 30.0, "drop"))
    before = Timeline(Recording("sha256:aa", 30.0, 44_100, 2), (Layer("sections", "model:s@1", PARTS),))
    played = replace(scored("dj", "section", 1, 15.0, 30.0), heard=digest_of(PARTS[1]))
    after = joined(before, [person("sections", parts)], [scoring(1, played)])
    assert [(one.target.index, one.status) for one in after.reactions] == [(1, "ok")]


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.sampled_from(["ads", "genz", "mine"]), st.sets(st.integers(0, 2), min_size=1)),
        max_size=6,
    ),
    st.integers(0, 6),
    st.sets(st.integers(0, 2)),
)
def test_whatever_was_asked_each_item_has_one_reaction_of_each_persona(asked, place, changed):
    """And the last word of a persona is its own, whenever the analysis was made."""
    scorings = [
        scoring(
            number,
            *(heard(who, index, scorer=f"s{number}@1") for index in sorted(about)),
            time=f"2026-01-{number:02d}T00:00:00.5Z",
        )
        for number, (who, about) in enumerate(asked, 1)
    ]
    said = tuple(replace(each, text="x") if i in changed else each for i, each in enumerate(SAID))
    before = analysis(*(heard("ads", i) for i in range(3)), time=f"2026-01-{place + 1:02d}T00:00:00Z")
    after = joined(before, [person("passages", said)], scorings)
    personas = {"ads", *(who for who, _ in asked)}
    assert [(one.persona, one.target.index) for one in after.reactions] == [
        (who, index) for index in range(3) for who in sorted(personas)
    ]
    for one in after.reactions:
        assert (one.status == "pending") >= (one.target.index in changed)
        assert one.status == "pending" or one.heard == digest_of(said[one.target.index])
    kept = [layer for layer in after.layers if layer.source == SCORINGS]
    assert [layer.revision for layer in kept] == list(range(1, len(asked) + 1))
