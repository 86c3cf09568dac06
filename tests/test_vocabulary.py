import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.vocabulary import (
    ACTIVITY_COLOURS,
    ACTIVITY_LABELS,
    SECTION_COLOURS,
    SECTION_LABELS,
    read_section,
)


@given(st.text())
def test_every_word_is_a_label_and_keeps_its_original(word):
    reading = read_section(word)
    assert reading.label in SECTION_LABELS
    assert reading.original == word


@given(st.text())
def test_reading_twice_changes_nothing(word):
    label = read_section(word).label
    assert read_section(label).label == label


@pytest.mark.parametrize("label", SECTION_LABELS)
def test_our_labels_are_themselves_whatever_their_case(label):
    assert read_section(f" {label.upper()} ").label == label


@pytest.mark.parametrize(
    ("word", "label"),
    [("breakbuild", "buildup"), ("breakdown-buildup", "buildup"), ("build", "buildup"), ("unlabeled", "other"),
     ("default", "other"), ("segment", "other"), ("segment12", "other"), ("drop 2", "drop"), ("Build_Up", "buildup")],
)  # fmt: skip
def test_aliases_of_the_earlier_formats(word, label):
    assert read_section(word).label == label


@pytest.mark.parametrize("word", ["kick in", "Kick-Out"])
def test_kicks_are_events(word):
    assert read_section(word).is_event


def test_every_label_has_a_colour_of_its_own():
    assert set(SECTION_COLOURS) == set(SECTION_LABELS)
    assert set(ACTIVITY_COLOURS) == set(ACTIVITY_LABELS)
    assert len(set(SECTION_COLOURS.values())) == len(SECTION_LABELS)
    assert all(re.fullmatch("#[0-9A-F]{6}", colour) for colour in SECTION_COLOURS.values())
