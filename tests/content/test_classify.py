from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content.classify import classify, softmax
from edm_core.content.labels import Label, LabelSet

LABELS = LabelSet(
    (Label("Red", "red", ("crimson",)), Label("Blue", "blue", ("azure",), cues=("sky",))),
    "en",
    0.6,
    0.1,
    0.2,
    "v",
)


def embed(texts):
    axis = {"red": (1, 0), "crimson": (1, 0), "blue": (0, 1), "azure": (0, 1)}
    return np.array([axis[text] for text in texts], np.float32)


def judge(text, vector):
    (judgement,) = classify([text], np.array([vector], np.float32), LABELS, embed)
    return judgement


def test_nearest_label_wins():
    assert judge("a text of many words", (0.9, 0.1)).label == "Red"


def test_between_two_labels_it_abstains_and_shows_them():
    judgement = judge("a text of many words", (0.5, 0.5))
    assert judgement.status == "abstained" and {score.label for score in judgement.top} == {"Red", "Blue"}


def test_a_cue_tips_the_scales_as_a_whole_word():
    assert judge("the sky above the houses", (0.5, 0.5)).label == "Blue"
    assert judge("a skyscraper above the houses", (0.5, 0.5)).status == "abstained"


def test_small_talk_is_about_nothing():
    labels = replace(LABELS, none_of_these=("hello", "goodbye"))
    vectors = np.array([(0.1, 0.2)], np.float32)
    (judgement,) = classify(["hello and good morning all"], vectors, labels, lambda t: embed_or(t, (1, 1)))
    assert judgement.reason == "about nothing in particular"
    (judgement,) = classify(
        ["hello and good morning all"], vectors * -1, labels, lambda t: embed_or(t, (1, 1))
    )
    assert judgement.reason != "about nothing in particular"


def embed_or(texts, other):
    axis = {"red": (1, 0), "crimson": (1, 0), "blue": (0, 1), "azure": (0, 1)}
    return np.array([axis.get(text, other) for text in texts], np.float32)


@given(st.lists(st.floats(-1, 1), min_size=2, max_size=20), st.floats(0.01, 1))
def test_confidences_add_up(scores, temperature):
    confidences = softmax(np.array(scores), temperature)
    assert np.isclose(confidences.sum(), 1) and (confidences >= 0).all()
