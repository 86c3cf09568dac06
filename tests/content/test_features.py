import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content.features import STYLE, features, stem, words_of
from edm_core.content.labels import Label, LabelSet

LABELS = LabelSet(
    (
        Label("Sea", "sea", ("a",), words=("ship", "wave", "bank"), cues=("out at sea",)),
        Label("Money", "money", ("b",), words=("bank", "loan")),
    ),
    "en",
    "v",
    word_weight=1.0,
    cue_weight=0.5,
    style_weight=0.1,
    styles=(("hedges", ("perhaps", "too early")),),
)
HEDGES = 4


def row(text):
    return features([text], LABELS)[0]


@pytest.mark.parametrize(
    ("first", "second"), [("nurse", "nurses"), ("cook", "cooking"), ("vote", "voted"), ("make", "making")]
)
def test_forms_share_a_stem(first, second):
    assert stem(first) == stem(second)


def test_words_count_whole_and_in_any_form():
    assert row("Two ships on the waves")[0] == pytest.approx(np.sqrt(2))
    assert row("the worship of wavelets")[0] == 0


def test_a_word_of_two_labels_counts_half_for_each():
    assert row("the bank")[:2] == pytest.approx([np.sqrt(0.5)] * 2)


def test_cues_are_phrases():
    assert row("They are out at sea")[2] == pytest.approx(0.5) and row("sea at out")[2] == 0


def test_styles_have_columns_of_their_own():
    assert row("Perhaps it is too early")[HEDGES] == pytest.approx(0.1 * np.sqrt(2))


def test_punctuation_and_form_are_seen():
    width = features([], LABELS).shape[1]
    plain, loud = row("We went home."), row("We went home! Didn't we?")
    style = dict(zip(STYLE, (loud - plain)[width - len(STYLE) :], strict=True))
    assert style["exclamation marks"] > 0 and style["a question"] > 0 and style["contractions"] > 0


def test_kinds_of_weight_nought_are_left_out():
    bare = LabelSet(LABELS.labels, "en", "v")
    assert features(["Two ships"], bare).shape == (1, 0)


@given(st.text(max_size=80))
def test_any_text_gives_finite_features_of_the_same_width(text):
    found = row(text)
    assert np.isfinite(found).all() and found.shape == row("x").shape
    assert all(word == word.casefold() for word in words_of(text))
