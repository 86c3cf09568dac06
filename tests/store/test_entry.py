"""What a card shows: names, chips, search."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.store.entry import NAME_LENGTH, Entry, chips_of, display_name, parts_of
from edm_core.timeline import Key, Layer, Recording, Section, Span, Tempo, Timeline

RECORDING = Recording("sha256:" + "0" * 64, duration=100.0, sample_rate=44_100, channels=2)


def timeline(*layers: Layer) -> Timeline:
    return Timeline(RECORDING, layers)


@given(st.text())
def test_a_shown_name_is_one_printable_component(name: str) -> None:
    shown = display_name(name)
    assert shown and len(shown) <= NAME_LENGTH
    assert shown.isprintable() and "/" not in shown and "\\" not in shown


@given(st.text())
def test_showing_a_name_twice_changes_nothing(name: str) -> None:
    assert display_name(display_name(name)) == display_name(name)


@pytest.mark.parametrize(("bpm", "chip"), [(127.96, "128 BPM"), (174.5, "174.5 BPM"), (90.04, "90 BPM")])
def test_tempo_has_a_decimal_only_where_it_says_something(bpm: float, chip: str) -> None:
    assert chips_of(timeline(Layer("tempo", "model:t@1", (Tempo(0.0, 100.0, bpm=bpm),)))) == (chip,)


def test_chips_leave_out_what_was_not_found() -> None:
    assert chips_of(timeline()) == ()
    music = (Span(0.0, 99.5, "music"), Span(99.5, 100.0, "speech"))
    key = Layer("key", "model:k@1", (Key(0.0, 100.0, name="A minor", camelot="8A"),))
    assert chips_of(timeline(Layer("activity", "model:a@1", music), key)) == ("8A",)


def test_speech_over_music_counts_as_speech() -> None:
    spans = (Span(0.0, 30.0, "speech"), Span(30.0, 50.0, "speech+music"), Span(50.0, 100.0, "music"))
    assert chips_of(timeline(Layer("activity", "model:a@1", spans))) == ("speech 50%",)


def test_a_card_is_coloured_by_sections_and_by_activity_where_sections_say_nothing() -> None:
    activity = Layer("activity", "model:a@1", (Span(0.0, 100.0, "speech"),))
    sections = Layer("sections", "model:s@1", (Section(0.0, 100.0, "drop"),))
    assert [part.label for part in parts_of(timeline(activity, sections))] == ["drop"]
    assert [part.label for part in parts_of(timeline(activity))] == ["speech"]
    untold = Layer("sections", "model:s@1", (Section(0.0, 100.0, "other"),))
    assert [part.label for part in parts_of(timeline(activity, untold))] == ["speech"]
    assert [part.label for part in parts_of(timeline(untold))] == ["other"]


def test_search_needs_every_word_anywhere() -> None:
    entry = Entry(
        RECORDING.id, "set.flac", "2026-01-01T00:00:00Z", title="Night Drive", chips=("128 BPM", "8A")
    )
    assert entry.matches("") and entry.matches("drive 8a") and entry.matches("SET")
    assert not entry.matches("drive 9a")
