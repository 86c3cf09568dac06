"""Merging: whoever changed something keeps it, and what cannot be both is shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.annotation import Annotation, Subject
from edm_core.grid import GridSegment
from edm_core.items import Comment, Event, Judgement, Key, Passage, Repetition, Section, Span, Word
from edm_core.merging import SPANS, Merged, difference, merge, with_theirs

DURATION = 100.0
LABELS = ("intro", "buildup", "drop", "breakdown")


@st.composite
def tilings(draw: Any) -> tuple[Section, ...]:
    inner = draw(st.sets(st.integers(1, 9), max_size=6))
    edges = [0.0, *(10.0 * edge for edge in sorted(inner)), DURATION]
    return tuple(Section(a, b, draw(st.sampled_from(LABELS))) for a, b in pairwise(edges))


@st.composite
def words(draw: Any) -> tuple[Word, ...]:
    starts = sorted(draw(st.lists(st.integers(0, 30), max_size=6, unique=True)))
    return tuple(
        Word(float(start), start + draw(st.sampled_from([0.5, 1.0, 2.5])), text=draw(st.sampled_from("abc")), probability=None)
        for start in starts
    )  # fmt: skip


@st.composite
def events(draw: Any) -> tuple[Event, ...]:
    times = sorted(draw(st.lists(st.integers(0, 4), max_size=4)))
    return tuple(Event(float(time), draw(st.sampled_from(("drop", "kick in")))) for time in times)


@st.composite
def annotations(draw: Any) -> Annotation:
    maybe = lambda strategy: st.none() | strategy  # noqa: E731
    return Annotation(
        grid=draw(maybe(st.tuples(st.builds(GridSegment, time=st.just(0.5), bpm=st.sampled_from([128.0, 174.0]))))),
        sections=draw(maybe(tilings())),
        words=draw(maybe(words())),
        events=draw(maybe(events())),
        tier=draw(st.sampled_from([None, "verified", "generated"])),
        notes=draw(st.sampled_from([None, "a", "b"])),
        flags=tuple(draw(st.lists(st.sampled_from("xyz"), unique=True))),
        rest=draw(st.dictionaries(st.sampled_from(["yaml", "jams"]), st.integers(0, 1))),
    )  # fmt: skip


def of(*edges: float, **labels: str) -> Annotation:
    """Return sections between edges; ``at30="drop"`` names the one that begins there."""
    return Annotation(
        sections=tuple(
            Section(float(a), float(b), labels.get(f"at{a:g}", "other")) for a, b in pairwise(edges)
        )
    )


# --- laws --------------------------------------------------------------------------------------------


@given(annotations(), annotations())
def test_what_one_side_did_alone_is_the_result(base: Annotation, changed: Annotation) -> None:
    assert merge(base, changed, base) == Merged(changed, ())
    assert merge(base, base, changed) == Merged(changed, ())
    assert merge(base, changed, changed) == Merged(changed, ())


@given(tilings(), tilings(), tilings())
def test_sections_still_tile(base: Any, ours: Any, theirs: Any) -> None:
    merged = merge(*(Annotation(sections=each) for each in (base, ours, theirs)))
    sections = merged.annotation.sections
    assert sections is not None
    assert [0.0, *(part.end for part in sections)] == [*(part.start for part in sections), DURATION]


@given(annotations(), annotations(), annotations())
def test_settling_every_clash_for_theirs_is_merging_from_their_side(
    base: Any, ours: Any, theirs: Any
) -> None:
    merged = merge(base, ours, theirs)
    settled = merged.annotation
    for clash in merged.clashes:
        settled = with_theirs(settled, clash)
    mirrored = merge(base, theirs, ours)
    for field in (*SPANS, "grid", "tier", "notes", "rest"):
        assert getattr(settled, field) == getattr(mirrored.annotation, field)
    assert [(clash.field, clash.ours) for clash in merged.clashes] == [
        (c.field, c.theirs) for c in mirrored.clashes
    ]


@given(tilings(), st.data())
def test_edits_in_different_cells_never_clash(base: tuple[Section, ...], data: Any) -> None:
    """Each section is given to one side, which may name it anew or split it; boundaries stay in common."""
    sides: dict[str, list[Section]] = {"ours": [], "theirs": [], "both": []}
    for part in base:
        owner = data.draw(st.sampled_from(["ours", "theirs"]))
        middle = (part.start + part.end) / 2
        edits = [
            [part],
            [replace(part, label="outro")],
            [replace(part, end=middle), replace(part, start=middle)],
        ]
        edited = data.draw(st.sampled_from(edits))
        sides["both"] += edited
        for side in ("ours", "theirs"):
            sides[side] += edited if side == owner else [part]
    merged = merge(*(Annotation(sections=tuple(each)) for each in (base, sides["ours"], sides["theirs"])))
    assert merged == Merged(Annotation(sections=tuple(sides["both"])), ())


@given(tilings(), tilings(), tilings())
def test_clashes_lie_between_boundaries_that_all_three_have(base: Any, ours: Any, theirs: Any) -> None:
    common = set.intersection(*({0.0, *(part.end for part in each)} for each in (base, ours, theirs)))
    for clash in merge(*(Annotation(sections=each) for each in (base, ours, theirs))).clashes:
        assert {clash.start, clash.end} <= common
        for items in (clash.ours, clash.theirs):
            assert (items[0].start, items[-1].end) == (clash.start, clash.end)


@given(annotations(), annotations())
def test_nothing_differs_from_itself_and_a_change_is_always_told(a: Annotation, b: Annotation) -> None:
    assert difference(a, a) == ()
    assert bool(difference(a, b)) == (a != b)
    assert all(change.text for change in difference(a, b))


# --- cases -------------------------------------------------------------------------------------------


def test_two_boundaries_moved_by_two_people() -> None:
    merged = merge(of(0, 30, 60, 90, 120), of(0, 31, 60, 90, 120), of(0, 30, 60, 88, 120))
    assert merged == Merged(of(0, 31, 60, 88, 120), ())


def test_the_same_boundary_moved_to_two_places_is_a_clash_and_ours_stands() -> None:
    merged = merge(of(0, 30, 60, 90), of(0, 31, 60, 90), of(0, 32, 60, 90))
    assert merged.annotation == of(0, 31, 60, 90)
    (clash,) = merged.clashes
    assert (clash.field, clash.start, clash.end) == ("sections", 0.0, 60.0)
    assert with_theirs(merged.annotation, clash) == of(0, 32, 60, 90)


def test_bars_follow_from_the_grid_and_are_no_change() -> None:
    base = of(0, 30, 60)
    assert base.sections is not None
    counted = Annotation(
        sections=tuple(replace(part, start_bar=index) for index, part in enumerate(base.sections))
    )
    merged = merge(base, counted, of(0, 30, 60, at30="drop"))
    assert merged.clashes == () and merged.annotation.sections is not None
    assert [part.label for part in merged.annotation.sections] == ["other", "drop"]


def test_what_is_repeated_is_found_where_it_is_now() -> None:
    parts = of(0, 10, 20, 30).sections
    assert parts is not None
    base = Annotation(sections=(*parts[:2], replace(parts[2], repeats=1)))
    ours = replace(
        base,
        sections=(
            Section(0, 5, "intro"),
            Section(5, 10, "other"),
            *base.sections[1:2],
            replace(parts[2], repeats=2),
        ),
    )
    theirs = replace(base, sections=(*base.sections[:2], replace(parts[2], label="drop", repeats=1)))
    merged = merge(base, ours, theirs).annotation
    assert merged.sections is not None
    assert [(part.label, part.repeats) for part in merged.sections] == [
        ("intro", None),
        ("other", None),
        ("other", None),
        ("drop", 2),
    ]


def test_a_repetition_of_what_is_gone_is_gone() -> None:
    said = tuple(Passage(index * 10.0, index * 10.0 + 8, text=f"part {index}") for index in range(3))
    again = replace(said[2], repeats=0, repetition=Repetition("same words", 0, 0.0, 1.0))
    base = Annotation(passages=(*said[:2], again))
    ours = replace(base, passages=(said[1], said[2]))
    theirs = replace(base, passages=(*said[:2], replace(again, text="y")))
    merged = merge(base, ours, theirs)
    assert merged == Merged(Annotation(passages=(said[1], replace(said[2], text="y"))), ())


def test_one_gives_a_layer_up_that_the_other_goes_on_with() -> None:
    merged = merge(of(0, 30, 60), Annotation(), of(0, 31, 60))
    assert merged.annotation.sections is None
    assert with_theirs(merged.annotation, merged.clashes[0]) == of(0, 31, 60)


def test_comments_are_known_by_author_and_time() -> None:
    base = Comment(5.0, 9.0, "comment", text="late?", author="ada", time="1")
    other = Comment(1.0, 2.0, "flag", text="look", author="bob", time="2")
    moved, solved = replace(base, start=4.0), replace(base, resolved=True)
    one, two, three = (Annotation(comments=each) for each in ((base,), (other, base), (solved,)))
    assert merge(one, two, three) == Merged(Annotation(comments=(other, solved)), ())
    clash = merge(one, Annotation(comments=(moved,)), three).clashes[0]
    assert (clash.ours, clash.theirs, clash.start, clash.end) == ((moved,), (solved,), 4.0, 9.0)


def test_flags_come_together_and_values_clash() -> None:
    base = Annotation(flags=("a", "b"), tier="generated", notes="n")
    ours = replace(base, flags=("b", "c"), tier="verified", notes="m")
    theirs = replace(base, flags=("a", "b", "d"), notes="o", recording=Subject(title="Night"))
    merged = merge(base, ours, theirs)
    assert merged.annotation == replace(ours, flags=("b", "c", "d"), recording=Subject(title="Night"))
    assert [(clash.field, clash.start) for clash in merged.clashes] == [("notes", None)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (of(0, 30.02, 60), of(0, 31.9, 60), ["boundary moved from 30.02 to 31.90"]),
        (of(0, 30.021, 60), of(0, 30.024, 60), ["boundary moved from 30.021 to 30.024"]),
        (of(0, 30, 60), of(0, 60), ["boundary at 30.00 removed"]),
        (of(0, 60), of(0, 30, 60), ["boundary at 30.00 added"]),
        (of(0, 30, 60), of(0, 29, 50, 60), ["boundary moved from 30.00 to 29.00", "boundary at 50.00 added"]),
        (of(0, 30, 60, at30="drop"), of(0, 30, 60, at30="breakdown"), ["drop became breakdown"]),
        (of(0, 30, 60), Annotation(), ["2 sections removed"]),
        (Annotation(), of(0, 60), ["1 section added"]),
        (Annotation(events=()), Annotation(), ["events: not annotated"]),
        (
            Annotation(grid=(GridSegment(0.02, 128.0),)),
            Annotation(grid=(GridSegment(0.05, 64.0),)),
            ["grid: 128 BPM became 64 BPM", "grid: first beat moved from 0.02 to 0.05"],
        ),
        (
            Annotation(grid=(GridSegment(0.02, 128.0),)),
            Annotation(grid=(GridSegment(0.02, 128.0), GridSegment(30.0, 174.0))),
            ["grid of 128 BPM became 128, 174 BPM"],
        ),
        (
            Annotation(words=(Word(1.0, 1.5, text="God", probability=0.5),)),
            Annotation(words=(Word(1.0, 1.6, text="Good", probability=0.5), Word(3.0, 4.0, text="um", probability=None))),
            ["“God” moved from 1.00–1.50 to 1.00–1.60", "“God” became “Good”", "um at 3.00 added"],
        ),
        (
            Annotation(passages=(Passage(0.0, 9.0, text="so", topic=Judgement("ok", "Food", 0.5)),)),
            Annotation(passages=(Passage(0.0, 9.0, text="so", topic=Judgement("abstained")),)),
            ["topic of so: Food became abstained"],
        ),
        (
            Annotation(events=(Event(30.0, "drop"),)), Annotation(events=(Event(31.0, "drop"), Event(40.0, "hit"))),
            ["drop moved from 30.00 to 31.00", "hit at 40.00 added"],
        ),
        (
            Annotation(key=(Key(0.0, 9.0, name="A minor", camelot="8A"),)),
            Annotation(key=(Key(0.0, 9.0, name="C major", camelot="8B"),)),
            ["key: A minor became C major"],
        ),
        (
            Annotation(activity=(Span(0.0, 5.0, "speech"), Span(5.0, 9.0, "music"))),
            Annotation(activity=(Span(0.0, 6.0, "speech"), Span(6.0, 9.0, "music"))),
            ["boundary moved from 5.00 to 6.00"],
        ),
        (
            Annotation(comments=(Comment(1.0, 2.0, "flag", text="x", author="ada", time="1"),)),
            Annotation(comments=(Comment(1.0, 2.0, "flag", text="x", author="ada", time="1", resolved=True),)),
            ["flag by ada at 1.00 resolved"],
        ),
        (
            Annotation(tier="generated", flags=("a",)), Annotation(tier="verified", verified_by="ada", flags=("b",)),
            ["tier: generated became verified", "verified by: none became ada", "flag a removed", "flag b added"],
        ),
    ],
)  # fmt: skip
def test_differences_are_told_in_words_and_places(
    before: Annotation, after: Annotation, told: list[str]
) -> None:
    assert [change.text for change in difference(before, after)] == told


def test_fifty_thousand_sections_are_merged_and_compared() -> None:
    base = of(*range(50_001))
    assert base.sections is not None
    parts = base.sections
    ours = replace(base, sections=(replace(parts[0], label="intro"), *parts[1:]))
    theirs = replace(base, sections=(*parts[:-1], replace(parts[-1], label="outro")))
    merged = merge(base, ours, theirs)
    assert merged.clashes == () and len(difference(base, merged.annotation)) == 2
    coarse = of(*range(0, 50_001, 50_000))
    assert len(difference(base, coarse)) >= 49_999
