import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edm_core.content.classify import is_too_short, judgement, softmax
from edm_core.content.labels import Label, LabelSet

LABELS = LabelSet(
    (Label("Red", "red", ("a",)), Label("Blue", "blue", ("b",)), Label("Green", "green", ("c",))),
    "en",
    "v",
    abstain_below=0.6,
)


def test_the_largest_share_wins():
    found = judgement([0.2, 0.7, 0.1], LABELS)
    assert (found.status, found.label, found.confidence) == ("ok", "Blue", 0.7)
    assert [score.label for score in found.top] == ["Blue", "Red", "Green"]


def test_between_two_labels_it_abstains_and_shows_them():
    found = judgement([0.5, 0.4, 0.1], LABELS)
    assert found.status == "abstained" and found.label is None and found.top[0].label == "Red"
    assert found.reason == "no label reaches 0.6"


def test_about_nothing_there_is_no_label_however_sure():
    found = judgement([0.9, 0.1, 0.0], LABELS, none=True)
    assert (found.status, found.reason) == ("abstained", "about nothing in particular")


def test_too_short():
    assert is_too_short("Thank you all") and not is_too_short("Rain will come tonight")


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=20), st.floats(0.01, 10))
def test_shares_add_up(scores, temperature):
    shares = softmax(np.array(scores), temperature)
    assert np.isclose(shares.sum(), 1) and (shares >= 0).all()
