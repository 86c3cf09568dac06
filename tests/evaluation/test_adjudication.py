"""Adjudication: every pick does what it says, and only there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.annotation import Annotation, tiled
from edm_core.errors import EdmError
from edm_core.evaluation import adjudicated, differences
from edm_core.evaluation.differences import SAME_S
from edm_core.grid import GridSegment
from edm_core.items import Comment, Event, Judgement, Key, Passage, Section, Span

from .test_agreement import form, forms, spoken

TIME = "2026-01-01T00:00:00Z"


def settled(a: Annotation, b: Annotation, *picks: Any, **options: Any) -> Annotation:
    every = [picks[0]] * len(differences(a, b, **options)) if len(picks) == 1 else list(picks)
    return adjudicated(a, b, every, by="cleo", time=TIME, **options)


def parts(annotation: Annotation) -> list[tuple[float, float, str]]:
    return [(each.start, each.end, each.label) for each in annotation.sections or ()]


ADA = form((0.0, "intro"), (20.0, "buildup"), (30.0, "drop"), (60.0, "outro"), end=90.0)
BEN = form((0.0, "intro"), (30.05, "drop"), (45.0, "drop"), (63.0, "outro"), (75.0, "silence"), end=90.0)


def test_each_difference_is_decided_without_the_others() -> None:
    assert [each.start for each in differences(ADA, BEN)] == [20.0, 45.0, 60.0, 75.0]
    mixed = settled(ADA, BEN, "b", "b", "a", "neither")
    assert parts(mixed) == [
        (0.0, 30.0, "intro"), (30.0, 45.0, "drop"), (45.0, 60.0, "drop"), (60.0, 75.0, "outro"),
        (75.0, 90.0, "other"),
    ]  # fmt: skip
    (flag,) = mixed.comments or ()
    assert (flag.label, flag.start, flag.end) == ("flag", 75.0, 90.0)
    assert (flag.author, flag.text, flag.time) == ("cleo", "neither: outro or silence", TIME)


def test_it_is_a_reference_and_says_who_settled_it() -> None:
    found = settled(replace(ADA, confidence=0.4, notes="mine"), BEN, "a")
    assert (found.tier, found.author, found.verified_by) == ("reference", "reference", "cleo")
    assert (found.confidence, found.notes, found.comments) == (None, None, None)


def test_as_many_picks_are_asked_for_as_there_are_differences() -> None:
    with pytest.raises(EdmError, match="1 of 4 differences are decided"):
        adjudicated(ADA, BEN, ["a"], by="cleo", time=TIME)


def test_what_was_measured_for_old_borders_is_left_out_and_the_original_word_kept() -> None:
    told = tuple(replace(each, confidence=0.5, start_bar=1, original="build") for each in ADA.sections or ())
    (first, *_) = settled(replace(ADA, sections=told), BEN, "a").sections or ()
    assert (first.confidence, first.start_bar, first.original) == (None, None, "build")


def test_the_onset_of_a_drop_moves_with_it() -> None:
    ada = replace(ADA, events=(Event(10.0, "kick in"), Event(30.0, "drop"), Event(60.0, "drop")))
    found = settled(ada, BEN, "b", "b", "a", "a")
    assert [(event.time, event.label) for event in found.events or ()] == [
        (10.0, "kick in"), (30.0, "drop"), (45.0, "drop"),
    ]  # fmt: skip


def test_grid_and_key_are_picked_as_a_whole() -> None:
    ada = Annotation(grid=(GridSegment(0.0, 128.0),), key=(Key(0.0, 60.0, name="A minor", camelot="8A"),))
    ben = Annotation(grid=(GridSegment(0.0, 174.0),), key=(Key(0.0, 60.0, name="C major", camelot="8B"),))
    found = settled(ada, ben, "b", duration=60.0)
    assert (found.grid, found.key) == (ben.grid, ben.key)
    found = settled(ada, ben, "neither", duration=60.0)
    assert found.grid == ada.grid and found.key == ()
    assert len(found.comments or ()) == 2


def test_what_only_one_annotated_is_taken_over() -> None:
    activity = Annotation(activity=(Span(0.0, 90.0, "music"),))
    found = settled(ADA, activity)  # type: ignore[misc]
    assert parts(found) == parts(ADA) and found.activity == activity.activity


def test_words_and_passages_are_picked_and_texts_follow() -> None:
    def talk(words: list[str], topic: str) -> Annotation:
        passage = Passage(
            0.0, 10.0, text=" ".join(words), words=tuple(spoken(words)), topic=Judgement("ok", topic)
        )
        return Annotation(words=tuple(spoken(words)), passages=(passage,))

    ada = talk(["good", "morning", "to", "London"], "News")
    ben = talk(["good", "evening", "to", "Londoners"], "Weather")
    found = differences(ada, ben)
    assert [each.layer for each in found] == ["passages", "words", "words"]
    picked = settled(ada, ben, "b", "b", "a")
    assert [word.text for word in picked.words or ()] == ["good", "evening", "to", "London"]
    (passage,) = picked.passages or ()
    assert (passage.text, passage.topic.label) == ("good evening to London", "Weather")
    assert settled(ada, ben, "a").passages == ada.passages


def test_comments_of_both_are_kept_once() -> None:
    said = Comment(1.0, 2.0, "comment", text="odd", author="ada", time=TIME)
    other = replace(said, text="odder", author="ben")
    found = settled(replace(ADA, comments=(said,)), replace(BEN, comments=(said, other)), "a")
    assert found.comments == (said, other)


@settings(deadline=None, max_examples=120)
@given(forms(), forms())
def test_picking_one_rater_throughout_gives_what_that_rater_said(one: Annotation, other: Annotation) -> None:
    assert parts(settled(one, other, "a")) == parts(one)
    theirs = parts(settled(one, other, "b"))
    # Slivers shorter than what counts as the same may go.
    wanted = [each for each in parts(other) if each[1] - each[0] > 2 * SAME_S]
    found = [each for each in theirs if each[1] - each[0] > 2 * SAME_S]
    for start, end, label in wanted:
        assert any(
            label == each[2] and abs(each[0] - start) <= 2 * SAME_S and abs(each[1] - end) <= 2 * SAME_S
            for each in theirs
        ), (start, end, label, theirs)
    assert len(found) <= len(parts(other))


@settings(deadline=None, max_examples=120)
@given(forms(), forms(), st.data())
def test_any_picks_give_sections_that_tile(one: Annotation, other: Annotation, data: st.DataObject) -> None:
    found = differences(one, other)
    picks = [data.draw(st.sampled_from(["a", "b", "neither"])) for _ in found]
    sections: tuple[Section, ...] = adjudicated(one, other, picks, by="cleo", time=TIME).sections or ()
    again, findings = tiled(sections, 120.0)
    assert findings == () and again == sections
