import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content.repeats import find_repeats

PROMO = "Call now and save twenty percent on every order this week"


def test_the_same_promo_again():
    again = "So call now and save twenty percent on every order this week!"
    assert find_repeats([PROMO, "Here is the news at ten today", again]) == [None, None, 0]


def test_the_same_thing_in_other_words_by_embedding():
    vectors = np.array([[1, 0], [0, 1], [0.95, 0.31]], np.float32)
    texts = ["that was the song by the band", "here is the news at ten", "you just heard the group play"]
    assert find_repeats(texts, vectors) == [None, None, 0]


def test_short_phrases_are_no_repetition():
    assert find_repeats(["Thank you.", "Thank you."]) == [None, None]


@given(st.lists(st.sampled_from([PROMO, "a b c d e f", "one two three four five", "", "hi"]), max_size=12))
def test_a_repetition_points_to_the_first(texts):
    for index, earlier in enumerate(find_repeats(texts)):
        first = texts.index(texts[index])
        expected = first if first < index and len(texts[index].split()) >= 5 else None
        assert earlier == expected
