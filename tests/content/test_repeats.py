import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content.repeats import find_repeats

PROMO = "Call now and save twenty percent on every order this week"
NEWS = "Here is the news at ten today"


def repeats(*texts, vectors=None):
    found = find_repeats(texts, [10.0 * place for place in range(len(texts))], vectors)
    return [None if one is None else (one.kind, one.index, one.start) for one in found]


def test_the_same_promo_again():
    again = "So call now and save twenty percent on every order this week!"
    assert repeats(PROMO, NEWS, again) == [None, None, ("same words", 0, 0.0)]


def test_the_same_words_point_to_the_first():
    assert repeats(PROMO, PROMO, NEWS, PROMO)[3] == ("same words", 0, 0.0)


VECTORS = np.array([[1, 0], [0, 1], [0.95, 0.31]], np.float32)


def test_the_same_thing_in_other_words_by_embedding():
    texts = ("the bridge is shut for repairs", NEWS, "repairs have closed that bridge")
    assert repeats(*texts, vectors=VECTORS)[2] == ("same meaning", 0, 0.0)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("the match on Saturday is sold out", "the match on Sunday is sold right out now"),
        ("shares fell by four percent on trading", "in trading the shares lost six percent"),
    ],
)
def test_other_days_and_numbers_are_other_news(first, second):
    assert repeats(first, NEWS, second, vectors=VECTORS)[2] is None


@pytest.mark.parametrize(
    ("ahead", "back"),
    [
        ("Coming up next, Marlena Voss with Glass Harbour.", "That was Marlena Voss, what a voice she has."),
        ("In a moment we'll hear Midnight Bus.", "You were listening to Midnight Bus on the evening show."),
        ("this is delgado with silver rain", "silver rain there, that was delgado for you"),
    ],
)
def test_what_was_announced_is_named_again(ahead, back):
    assert repeats(NEWS, ahead, back)[2] == ("back-announce", 1, 10.0)


@pytest.mark.parametrize(
    ("ahead", "back"),
    [
        ("Coming up next, Marlena Voss with Glass Harbour.", "That was Nina Falk, what a voice she has."),
        ("Marlena Voss lives in Leeds with two cats.", "That was Marlena Voss, what a voice she has."),
        ("Coming up next, Marlena Voss with Glass Harbour.", "Marlena Voss has never sung in Paris so far."),
    ],
)
def test_no_back_announce_without_an_announcement_a_name_and_a_look_back(ahead, back):
    assert repeats(NEWS, ahead, back)[2] is None


def test_short_phrases_are_no_repetition():
    assert repeats("Thank you.", "Thank you.") == [None, None]


def test_similarity_says_how_much_is_shared():
    first, second = find_repeats([PROMO, PROMO + " again"], [0.0, 9.0])
    assert first is None and second is not None and second.similarity == pytest.approx(22 / 23, abs=1e-4)


@given(st.lists(st.sampled_from([PROMO, "a b c d e f", "one two three four five", "", "hi"]), max_size=12))
def test_a_repetition_points_to_the_first(texts):
    for index, earlier in enumerate(repeats(*texts)):
        first = texts.index(texts[index])
        again = first < index and len(texts[index].split()) >= 5
        assert earlier == (("same words", first, 10.0 * first) if again else None)
