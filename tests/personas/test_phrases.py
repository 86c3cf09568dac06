import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edm_core.personas.phrases import LONGEST, SHORTEST, phrases_of
from edm_core.timeline import Passage, Word

ONE = np.array([1.0, 0.0], np.float32)


def embed(texts):
    return np.ones((len(texts), 2), np.float32)


def spoken(text):
    tokens = text.split()
    words = tuple(Word(i * 0.5, i * 0.5 + 0.4, text=token, probability=1.0) for i, token in enumerate(tokens))
    return Passage(0.0, max(1.0, len(tokens) * 0.5), text=" ".join(tokens), words=words)


def test_sentences_are_phrases_with_their_times():
    first, second = phrases_of(spoken("Good morning to you. Rain is coming today!"), ONE, embed)
    assert (first.text, first.start, first.end) == ("Good morning to you.", 0.0, 1.9)
    assert (second.text, second.start) == ("Rain is coming today!", 2.0)


def test_a_single_phrase_has_the_passages_vector():
    (phrase,) = phrases_of(spoken("Good morning all"), ONE, embed)
    assert phrase.vector is not None and (phrase.vector == ONE).all()


def test_what_cannot_be_read_is_not_quoted():
    assert phrases_of(spoken("Good morning."), np.zeros(2, np.float32), embed) == ()


@given(st.lists(st.sampled_from(["so", "well,", "yes.", "no"]), min_size=1, max_size=60))
def test_phrases_hold_every_word_and_are_short(tokens):
    phrases = phrases_of(spoken(" ".join(tokens)), ONE, embed)
    assert " ".join(phrase.text for phrase in phrases) == " ".join(tokens)
    assert all(len(phrase.text.split()) <= LONGEST + SHORTEST for phrase in phrases)
