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
    write_section,
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


@pytest.mark.parametrize(
    ("word", "known"),
    [("Intro", True), ("segment4", True), ("kick in", True), ("chorus", False), ("", False)],
)
def test_whether_a_word_means_something_here_is_told(word, known):
    assert read_section(word).known is known


@given(st.sampled_from(SECTION_LABELS), st.none() | st.text())
def test_what_is_written_for_a_label_is_read_as_it(label, original):
    word = write_section(label, original)
    assert read_section(word).label == label and not read_section(word).is_event
    if original is not None and word != original:
        assert word == label


@given(st.text())
def test_a_word_that_was_read_is_written_again(word):
    reading = read_section(word)
    kept = write_section(reading.label, reading.original)
    assert kept == (reading.label if reading.is_event or not word.strip() else word)


def test_a_closed_list_of_words_has_none_for_the_rest():
    assert write_section("drop", "DROP 2", words=("intro", "drop")) == "drop"
    assert (
        write_section("drop", "big drop", words=("drop", "big drop")) == "drop"
    )  # which would be read as other
    assert write_section("other", "chorus", words=("intro", "drop")) is None
