import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content.sentences import FEWEST_WORDS, sentences_of, vector_of

AXES = {"We go to the sea.": (1.0, 0.0), "It will rain all day.": (0.0, 1.0)}


def embed(texts):
    return np.array([AXES.get(text, (0.0, 0.0)) for text in texts], np.float32)


def test_short_sentences_are_read_with_their_neighbour():
    assert sentences_of("Yes. We go to the sea. It will rain all day. No.") == (
        "Yes. We go to the sea.",
        "It will rain all day. No.",
    )


def test_abbreviated_numbers_do_not_split():
    assert sentences_of("It costs 3.50 in the shop.") == ("It costs 3.50 in the shop.",)


def test_a_texts_vector_is_the_mean_of_its_sentences():
    vector = vector_of("We go to the sea. It will rain all day.", embed)
    np.testing.assert_allclose(vector, [0.7071, 0.7071], atol=1e-4)


def test_an_empty_text_is_near_nothing():
    assert sentences_of("  ") == () and not vector_of("", embed).any()


@given(st.text(alphabet="ab .!?", max_size=120))
def test_no_word_is_lost(text):
    sentences = sentences_of(text)
    assert " ".join(sentences).split() == text.split()
    if len(sentences) > 1:
        assert all(len(sentence.split()) >= FEWEST_WORDS for sentence in sentences)
