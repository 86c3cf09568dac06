from __future__ import annotations

import re

import pytest

from edm_core.personas.laboratory import read_passages
from edm_core.personas.laboratory.variants import (
    DISGUISES,
    FILLER_AFTER,
    FILLER_BEFORE,
    injected,
    other_words,
    padded,
    reworded,
    without,
)


def words(text: str) -> list[str]:
    return re.findall(r"[\w'’-]+", text)


def test_filler_stands_on_its_side_and_leaves_the_text_alone() -> None:
    assert padded("Rain.", "before") == f"{FILLER_BEFORE} Rain."
    assert padded("Rain.", "after") == f"Rain. {FILLER_AFTER}"


@pytest.mark.parametrize("passage", read_passages(), ids=lambda each: each.id)
def test_words_left_out_are_gone_and_the_others_stay(passage: object) -> None:
    for marked in (passage.topic, passage.tone):
        left = without(passage.text, marked)
        gone = {word.casefold() for phrase in marked for word in words(phrase)}
        assert not gone & {word.casefold() for word in words(left)}
        assert len(words(left)) >= len(words(passage.text)) - 3 * len(gone)
    others = other_words(passage.text, passage.topic + passage.tone, 4, seed=1)
    assert len(others) == 4
    assert not {word.casefold() for word in others} & {w.casefold() for w in passage.topic + passage.tone}


def test_rewordings_differ_and_know_no_half_words() -> None:
    first, second = reworded("Maybe the whole crowd is not big. I am almost there. Buy many tickets tonight!")
    assert (
        first
        == "Perhaps the entire crowd isn't large. I'm nearly there. Purchase a lot of tickets this evening!"
    )
    assert second.startswith("Purchase a lot of tickets this evening!")
    assert reworded("bigger wholesale")[0] == "bigger wholesale"


def test_rewordings_are_the_same_every_time() -> None:
    for each in read_passages():
        assert reworded(each.text) == reworded(each.text)


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda each: each.name)
def test_instructions_stand_between_sentences_and_change_nothing_else(disguise: object) -> None:
    for each in read_passages():
        text = injected(each.text, disguise)
        assert disguise.text in text
        assert " ".join(text.replace(disguise.text, "").split()) == each.text


def test_as_many_disguises_ask_for_more_as_for_less() -> None:
    assert [each.asks for each in DISGUISES].count(5) == [each.asks for each in DISGUISES].count(1)
