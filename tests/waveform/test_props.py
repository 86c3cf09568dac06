"""What the player is given."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.timeline import (
    Evidence,
    Judgement,
    Key,
    Layer,
    Passage,
    Problem,
    Recording,
    Repetition,
    Safety,
    Score,
    Section,
    Timeline,
    Utterance,
    Word,
)
from edm_core.vocabulary import SECTION_COLOURS
from edm_core.waveform import view
from edm_core.waveform.props import moments, persona_order, speech_share, title_of


@pytest.fixture
def props(timeline, peaks, personas):
    return view(timeline, audio_url="/sound", peaks=peaks, peaks_url="/peaks", personas=personas, at=3.0)


def test_it_is_json_and_nothing_is_lost_on_the_way(props):
    assert json.loads(json.dumps(props, allow_nan=False)) == props


def test_it_is_pure(timeline, peaks, personas, props):
    before = timeline.to_json()
    again = view(timeline, audio_url="/sound", peaks=peaks, peaks_url="/peaks", personas=personas, at=3.0)
    assert again == props
    assert timeline.to_json() == before


def test_sections_bring_the_colours_of_the_vocabulary(props):
    assert [each["colour"] for each in props["sections"]] == [
        SECTION_COLOURS["buildup"],
        SECTION_COLOURS["drop"],
    ]
    assert props["sectionsBy"] == {"source": "model:sections@1", "person": False}


def test_a_persons_sections_are_told_from_a_models(timeline, peaks):
    own = Layer("sections", "person:rater-1", (Section(0, timeline.recording.duration, "other"),))
    props = view(timeline.with_layer(own), audio_url="", peaks=peaks, peaks_url="", personas={})
    assert props["sectionsBy"] == {"source": "person:rater-1", "person": True}


def test_beats_are_three_arrays_of_one_length(props, timeline):
    assert {len(props["beats"][name]) for name in ("time", "position", "bar")} == {len(timeline.beats)}
    assert props["beats"]["bar"][4] == 2


def test_findings_of_the_checks_come_along(timeline, personas, props):
    assert props["findings"] == []
    key = Layer("key", "person:a", (Key(0.0, 16.0, name="A minor", camelot="9B"),))
    wrong = view(timeline.with_layer(key), audio_url="", peaks=None, peaks_url="", personas=personas)
    (finding,) = wrong["findings"]
    assert finding == {
        "kind": "key_name", "severity": "error", "start": 0.0, "end": 16.0, "bar": 1, "beat": 1,
        "message": "A minor is 8A on the Camelot wheel, not 9B",
    }  # fmt: skip


def test_only_the_sizes_of_the_peaks_travel(props):
    assert props["peaks"] == {"url": "/peaks", "sampleRate": 8000, "hop": 256, "levels": [500, 125]}


def test_words_and_content_of_passages(props):
    first, second = props["passages"]
    assert first["words"][0] == [0.5, 0.9, "Good", 0.9]
    assert first["topic"]["label"] == "Weather"
    assert first["tone"] == {
        "status": "abstained",
        "label": None,
        "confidence": None,
        "reason": "too short",
        "nearest": [],
    }
    assert second["safety"]["categories"] == [
        {"name": "profanity", "severity": 2},
        {"name": "self-harm", "severity": 1},
    ]


def passages_of(timeline, *passages):
    layer = Layer("passages", "person:a", passages)
    return view(timeline.with_layer(layer), audio_url="", peaks=None, peaks_url="", personas={})["passages"]


def test_evidence_travels_with_its_category_and_times(timeline):
    damn = Evidence("damn", 0.5, 0.75, "self_harm")
    (passage,) = passages_of(timeline, Passage(0, 1, text="damn", safety=Safety("clear", evidence=(damn,))))
    assert passage["safety"]["evidence"] == [
        {"quote": "damn", "start": 0.5, "end": 0.75, "category": "self-harm"}
    ]


def test_a_word_without_a_probability_stays_without(timeline):
    word = Word(0.0, 0.5, text="typed", probability=None)
    assert passages_of(timeline, Passage(0, 1, text="typed", words=(word,)))[0]["words"] == [
        [0.0, 0.5, "typed", None]
    ]


def test_what_came_nearest_travels_only_of_who_abstained(timeline):
    top = tuple(Score(name, 0.25) for name in "abcd")
    abstained, sure = Judgement("abstained", top=top), Judgement("ok", "a", 0.9, top=top)
    (passage,) = passages_of(timeline, Passage(0, 1, text="", topic=abstained, tone=sure))
    assert passage["topic"]["nearest"] == [["a", 0.25], ["b", 0.25], ["c", 0.25]]
    assert passage["tone"]["nearest"] == []


def test_a_repetition_says_how_or_only_when(timeline):
    first = Passage(2, 3, text="again")
    told = replace(first, start=4, end=5, repeats=0, repetition=Repetition("back-announce", 0, 2.0, 0.81))
    marked = replace(first, start=6, end=7, repeats=0)
    astray = replace(first, start=8, end=9, repeats=7)
    assert [each["repetition"] for each in passages_of(timeline, first, told, marked, astray)] == [
        None,
        {"kind": "back-announce", "start": 2.0, "similarity": 0.81},
        {"kind": None, "start": 2.0, "similarity": None},
        None,
    ]


def test_what_was_not_believed_and_what_failed_travel(timeline):
    utterances = (
        Utterance(1.0, 2.0, text="So it was."),
        Utterance(5.0, 6.0, text="Thanks for watching!", rejected="no speech"),
        Utterance(7.0, 8.0, text="  ", rejected="nothing in it"),
    )
    told = replace(
        timeline.with_layer(Layer("utterances", "model:words@1", utterances)),
        problems=(Problem("content", "no labels"),),
    )
    props = view(told, audio_url="", peaks=None, peaks_url="", personas={})
    assert props["rejected"] == [
        {"start": 5.0, "end": 6.0, "text": "Thanks for watching!", "reason": "no speech"}
    ]
    assert props["missing"] == {"content": "no labels"}


def test_what_was_not_scored_has_no_score(props):
    stranger = next(each for each in props["reactions"] if each["persona"] == "stranger")
    assert stranger["score"] is None
    assert stranger["note"] == "too few words"


def test_personas_come_in_the_given_order_and_unknown_ones_last(props, timeline, personas):
    assert [each["id"] for each in props["personas"]] == ["mum", "genz", "stranger"]
    assert props["personas"][1] == {"id": "genz", "name": "Gen Z", "emoji": "🎧"}
    assert props["personas"][2]["name"] == "stranger"
    assert persona_order((), personas) == []


def test_best_and_worst_moments(props, timeline, personas):
    assert props["moments"] == [
        {"persona": "genz", "kind": "best", "time": 8.0, "score": 4.5},
        {"persona": "genz", "kind": "worst", "time": 0.5, "score": 2.25},
    ]  # whose scores are all alike has neither
    assert moments((), personas) == []


def test_speech_counts_also_over_music(timeline):
    assert speech_share(timeline) == pytest.approx(12 / 16)


def test_nobody_looked_for_speech_is_not_no_speech():
    assert speech_share(Timeline(Recording("sha256:00", 1.0, 8000, 1))) is None


def test_an_empty_timeline_is_shown_as_empty():
    recording = Recording("sha256:00", 1.0, 8000, 1)
    props = view(Timeline(recording), audio_url="", peaks=None, peaks_url="", personas={})
    assert props["peaks"] is props["tempo"] is props["key"] is props["sectionsBy"] is None
    assert [props[name] for name in ("sections", "passages", "reactions", "personas", "moments")] == [[]] * 5


def test_titles(timeline):
    recording = timeline.recording
    assert title_of(recording) == "<b>Loop</b>"
    assert title_of(replace(recording, title=None, path="/music/Night Drive.flac")) == "Night Drive"
    assert title_of(replace(recording, title=None)) == "Untitled"
    given = view(timeline, title="Mine", audio_url="", peaks=None, peaks_url="", personas={})
    assert given["recording"]["title"] == "Mine"


@given(at=st.floats(allow_nan=False))
def test_the_start_lies_inside_the_recording(at):
    timeline = Timeline(Recording("sha256:00", 10.0, 8000, 1))
    props = view(timeline, audio_url="", peaks=None, peaks_url="", personas={}, at=at)
    assert 0 <= props["at"] <= 10
