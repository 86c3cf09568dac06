"""Differences: each kind is found once, in its place, with words that tell what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from edm_core.annotation import Annotation
from edm_core.evaluation import differences
from edm_core.evaluation.differences import SAME_S
from edm_core.grid import GridSegment
from edm_core.items import Judgement, Key, Passage, Section, Span, Word

from .test_agreement import form, forms, spoken


def told(a: Annotation, b: Annotation, **options: Any) -> list[tuple[str, str, float, float, str]]:
    return [
        (each.layer, each.kind, round(each.start, 3), round(each.end, 3), each.message)
        for each in differences(a, b, **options)
    ]


def test_every_kind_of_difference_between_sections_is_told() -> None:
    ada = replace(
        form((0.0, "intro"), (20.0, "buildup"), (30.0, "drop"), (60.0, "outro"), end=90.0), author="ada"
    )
    ben = replace(
        form((0.0, "intro"), (30.05, "drop"), (45.0, "drop"), (63.0, "outro"), (75.0, "silence"), end=90.0),
        author="ben",
    )
    assert told(ada, ben) == [
        ("sections", "label", 20.0, 30.0, "buildup or intro"),
        ("sections", "boundary", 45.0, 45.0, "only ben has a boundary at 0:45.000"),
        ("sections", "boundary", 60.0, 63.0, "drop becomes outro at 1:00.000 or at 1:03.000, 3.000 s apart"),
        ("sections", "label", 75.0, 90.0, "outro or silence"),
    ]
    first, lone, moved, _ = differences(ada, ben)
    assert (first.a, first.b) == ("buildup", "intro")
    assert (lone.a, lone.b) == (None, "a boundary")
    assert (moved.a, moved.b) == ("1:00.000", "1:03.000")


def test_a_run_of_disagreement_is_one_difference_up_to_what_both_have() -> None:
    ada = form((0.0, "intro"), (10.0, "buildup"), (20.0, "drop"), (40.0, "breakdown"), end=60.0)
    ben = form((0.0, "drop"), (15.0, "outro"), (20.0, "other"), (40.0, "breakdown"), end=60.0)
    assert [(found[2], found[3], found[4]) for found in told(ada, ben)] == [
        (0.0, 20.0, "intro · buildup or drop · outro"),
        (20.0, 40.0, "drop or other"),
    ]


def test_what_is_hardly_apart_or_only_one_annotated_is_no_difference() -> None:
    ada = form((0.0, "intro"), (30.0, "drop"), end=60.0)
    ben = form((0.0, "intro"), (30.0 + 0.9 * SAME_S, "drop"), end=60.0)
    assert differences(ada, ben) == ()
    assert len(differences(ada, ben, tolerance=0.01)) == 1
    assert differences(ada, Annotation(grid=(GridSegment(0.0, 128.0),))) == ()


def test_a_part_that_nobody_else_has_is_against_nothing() -> None:
    ada = Annotation(activity=(Span(0.0, 10.0, "speech"), Span(20.0, 30.0, "music")))
    ben = Annotation(activity=(Span(0.0, 10.0, "speech"),))
    assert told(ada, ben) == [("activity", "label", 20.0, 30.0, "music or nothing")]


def test_keys_differ_by_name() -> None:
    ada = Annotation(key=(Key(0.0, 60.0, name="A minor", camelot="8A"),))
    ben = Annotation(key=(Key(0.0, 60.0, name="C major", camelot="8B"),))
    assert told(ada, ben) == [("key", "label", 0.0, 60.0, "A minor or C major")]


@pytest.mark.parametrize(
    ("segment", "kind", "message"),
    [
        (GridSegment(0.02, 174.0), "tempo", "128 BPM or 174 BPM"),
        (GridSegment(0.02 + 60 / 128, 128.0), "downbeat", "downbeats 1 beat apart"),
        (GridSegment(0.05, 128.0), "downbeat", "downbeats 30 ms apart"),
        (GridSegment(0.22, 128.0), "downbeat", "downbeats 200 ms apart"),
        (GridSegment(0.021, 128.01), None, None),
    ],
)
def test_grids_differ_in_tempo_or_downbeat(
    segment: GridSegment, kind: str | None, message: str | None
) -> None:
    ada, ben = Annotation(grid=(GridSegment(0.02, 128.0),)), Annotation(grid=(segment,))
    found = [(each.kind, each.message) for each in differences(ada, ben, duration=60.0)]
    assert found == ([] if kind is None else [(kind, message)])


def test_words_differ_in_runs() -> None:
    ada = Annotation(words=tuple(spoken(["Good", "morning,", "London", "this", "is", "the", "news"])))
    ben = Annotation(words=tuple(spoken(["good", "evening", "London", "is", "the", "big", "news", "now"])))
    assert [found[4] for found in told(ada, ben)] == [
        "“morning,” or “evening”", "“this” or nothing", "nothing or “big”", "nothing or “now”",
    ]  # fmt: skip
    assert differences(ada, ben)[0].start == pytest.approx(0.4)


def test_who_speaks_a_word_differs_where_both_tell() -> None:
    (word,) = spoken(["Hello"])
    ann, bob = (Annotation(words=(replace(word, speaker=name),)) for name in ("Ann", "Bob"))
    assert [found[4] for found in told(ann, bob)] == ["“Hello (Ann)” or “Hello (Bob)”"]
    assert differences(ann, ann) == () == differences(ann, Annotation(words=(word,)))
    ann, bob = (Annotation(passages=(Passage(0.0, 9.0, text="", speaker=name),)) for name in ("Ann", "Bob"))
    assert [found[4] for found in told(ann, bob)] == ["speaker Ann or Bob"]


def test_passages_differ_in_number_place_and_labels() -> None:
    def talk(*parts: tuple[float, float, str]) -> Annotation:
        return Annotation(
            passages=tuple(
                Passage(start, end, text="", topic=Judgement("ok", topic)) for start, end, topic in parts
            )
        )

    ada = talk((0, 10, "News"), (10, 20, "Sport"), (20, 40, "Travel"), (50, 60, "News"))
    ben = talk(
        (0, 10, "News"), (10.2, 20, "Weather"), (20, 30, "Travel"), (30, 40, "Travel"), (55, 62, "News")
    )
    assert [found[2:] for found in told(ada, ben)] == [
        (10.0, 20.0, "topic Sport or Weather"),
        (20.0, 40.0, "1 passage or 2 passages"),
        (50.0, 62.0, "0:50.0–1:00.0 or 0:55.0–1:02.0"),
    ]
    alone = talk((0, 10, "News"))
    assert told(ada, alone)[0][4] == "1 passage or no passage"


def test_texts_of_passages_count_where_there_are_no_words() -> None:
    def talk(text: str, words: tuple[Word, ...] | None = None) -> Annotation:
        return Annotation(passages=(Passage(0.0, 10.0, text=text),), words=words)

    assert len(differences(talk("good morning"), talk("good evening"))) == 1
    assert differences(talk("Good morning!"), talk("good morning")) == ()
    words = tuple(spoken(["same"]))
    assert differences(talk("one", words), talk("other", words)) == ()


@settings(deadline=None, max_examples=80)
@given(forms(), forms())
def test_differences_tell_the_same_whoever_comes_first(one: Annotation, other: Annotation) -> None:
    assert differences(one, one) == ()
    there, back = differences(one, other), differences(other, one)
    assert [(each.kind, each.a, each.b) for each in there] == [(each.kind, each.b, each.a) for each in back]
    for each in there:
        assert 0 <= each.start <= each.end <= 120
    for before, after in zip(there, there[1:], strict=False):
        assert before.end <= after.start + 2 * SAME_S


@settings(deadline=None, max_examples=80)
@given(forms(), forms())
def test_outside_of_differences_labels_are_the_same(one: Annotation, other: Annotation) -> None:
    found = differences(one, other)
    edges = [section.start for each in (one, other) for section in each.sections or ()]
    for tick in range(1200):
        time = tick / 10 + 0.05
        near_edge = any(abs(time - edge) <= SAME_S for edge in edges)
        inside = any(each.start - SAME_S <= time <= each.end + SAME_S for each in found)
        if not near_edge and not inside:
            assert label_at(one, time) == label_at(other, time)


def label_at(annotation: Annotation, time: float) -> str | None:
    here: list[Section] = [each for each in annotation.sections or () if each.start <= time < each.end]
    return here[0].label if here else None
