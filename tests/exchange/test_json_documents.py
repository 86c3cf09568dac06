"""JSON: the contract's keys, everything back, timelines, and what is wrong told with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given

from edm_core._codec import encode
from edm_core.annotation import Annotation, Subject, layers_of
from edm_core.errors import EdmError
from edm_core.exchange import ExchangeError, read, write
from edm_core.grid import Grid, GridSegment
from edm_core.items import Event, Key, Recording, Section
from edm_core.timeline import Layer, Timeline

from .strategies import annotations

SONG = Annotation(
    Subject("sha256:aa", "song.flac", duration=60.0),
    grid=(GridSegment(0.02, 128.0), GridSegment(30.02, 174.0)),
    key=(Key(0.0, 60.0, name="A minor", camelot="8A"),),
    sections=(Section(0.0, 15.02, "intro", 0.9), Section(15.02, 60.0, "drop", original="DROP")),
    events=(Event(15.02, "drop"),),
    author="ada",
    tier="verified",
)


def document(annotation=SONG, **changes):
    return json.loads(write(annotation, "json").data) | changes


def again(value, **options):
    return read(json.dumps(value).encode(), "song.json", **options)


def test_the_keys_are_those_of_the_contract():
    made = document()
    assert made["recording"]["path"] == "song.flac" and made["recording"]["duration"] == 60.0
    assert (made["author"], made["tier"], made["findings"]) == ("ada", "verified", [])
    assert made["tempo"]["bpm"] == 128.0 or made["tempo"]["bpm"] == 174.0
    assert made["meter"]["beats_per_bar"] == 4 and made["key"]["camelot"] == "8A"
    assert len(made["beats"]) == len(Grid(SONG.grid).beats(60.0)) and made["beats"][0]["time"] == 0.02
    assert (made["sections"][0]["start_bar"], made["sections"][0]["end_bar"]) == (1, 8)
    assert made["events"] == [{"time": 15.02, "label": "drop", "bar": 9}]


@given(annotations())
def test_everything_comes_back(annotation):
    written = write(annotation, "json")
    assert written.left_out == ()
    reading = read(written.data, "song.json")
    assert reading.annotations == (annotation,) and reading.findings == () and reading.format == "json"


@given(annotations())
def test_what_the_store_keeps_is_read_too(annotation):
    if not annotation.said and annotation.recording == Subject():
        return
    stored = encode(annotation) | {"author": "ada"}
    (made,) = again(stored).annotations
    from dataclasses import replace

    assert made == replace(annotation, author="ada")


def test_several_are_a_line_each():
    written = write((SONG, Annotation(author="bob", sections=())), "json")
    assert written.data.count(b"\n") == 2
    assert read(written.data, "songs.jsonl").annotations[1].author == "bob"


def test_findings_travel_along():
    first = read(b"bpm: 120\ndownbeat: 0\nannotations: [[1, intro, '0:05'], [9, chorus, '0:16']]", "old.yaml")
    written = write(first.annotations, "json", findings=first.findings)
    assert {finding["kind"] for finding in json.loads(written.data)["findings"]} == {
        "bars_disagree", "no_end", "unknown_label",
    }  # fmt: skip
    assert read(written.data, "a.json").findings == first.findings


def test_a_timeline_is_read_as_its_chosen_layers():
    model = Layer("sections", "model:sections@1", (Section(0.0, 60.0, "other"),))
    layers = layers_of(SONG, 60.0, source="person:ada")
    timeline = Timeline(Recording("sha256:aa", 60.0, 44_100, 2), (model, *layers))
    reading = read(timeline.to_json().encode(), "timeline.json")
    (made,) = reading.annotations
    assert (made.author, made.tier, made.grid) == ("ada", "verified", SONG.grid)
    assert [section.original for section in made.sections] == [None, "DROP"]
    assert [finding.kind for finding in reading.findings] == ["unread"]
    alone = read(Timeline(timeline.recording, (model,)).to_json().encode(), "timeline.json")
    assert (alone.annotations[0].author, alone.annotations[0].tier) == (None, "generated")


def test_the_keys_of_edm_analyze_alone_are_enough():
    beats = [
        {"time": beat.time, "position": beat.position, "bar": beat.bar}
        for beat in Grid(SONG.grid[:1]).beats(60.0)
    ]
    reading = again(
        {"recording": {"path": "a.mp3", "duration": 60.0}, "tempo": {"bpm": 128.0}, "meter": {"beats_per_bar": 4},
         "key": {"name": "A minor", "camelot": "8A", "confidence": 0.7}, "beats": beats,
         "sections": [{"start": 0.0, "end": 30.0, "label": "chorus"}, {"start": 30.0, "end": 60.0, "label": "drop"}],
         "events": []}
    )  # fmt: skip
    (made,) = reading.annotations
    assert made.grid == SONG.grid[:1] and made.events == () and made.words is None
    assert (made.key[0].start, made.key[0].end, made.key[0].confidence) == (0.0, 60.0, 0.7)
    assert [(s.label, s.original) for s in made.sections] == [("other", "chorus"), ("drop", None)]
    assert [finding.kind for finding in reading.findings] == ["unknown_label"]


def test_what_the_earlier_analyser_printed():
    value = {
        "file": "C:\\Music\\a b.mp3", "duration": 100, "bpm": 120, "downbeat": 0, "time_signature": "4/4",
        "structure": [[1, 24, "segment1"], [25, 50, "drop"]], "events": [[25, "drop"]], "raw": [{"start": 0}],
    }  # fmt: skip
    reading = again(value)
    (made,) = reading.annotations
    assert made.recording == Subject(path="C:\\Music\\a b.mp3", duration=100.0)
    assert [(s.start, s.end, s.label, s.start_bar, s.end_bar) for s in made.sections] == [
        (0.0, 48.0, "other", 1, 24), (48.0, 100.0, "drop", 25, 50),
    ]  # fmt: skip
    assert made.events == (Event(48.0, "drop", bar=25),) and made.rest == {"yaml": {"raw": [{"start": 0}]}}
    assert reading.findings == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"sections": [{"start": 0, "end": 1, "label": "intro"}, {"start": -1, "end": 2, "label": "drop"}]}',
         r"song.json: sections\[1\]: -1.0 is not a time"),
        ('{"sections": [{"start": 0, "end": NaN, "label": "intro"}]}', "song.json: not JSON: NaN is no number"),
        ('{"sections": [{"start": 0, "end": 1e999, "label": "intro"}]}', "1e999 is too large"),
        ('{"sections": [{"start": 0, "end": 1e9, "label": "intro"}]}', "a time of 1e"),
        ('{"sections": [{"start": 0, "end": 1, "label": "intro"}', "song.json: line 1: not JSON"),
        ('{"sections": 3}', "song.json: sections: no list"),
        ('{"x": 3}', "no annotation"),
        ("[" * 100_000, "not JSON"),
        ('{"a": ' * 100_000, "not JSON"),
        ('{"structure": [[1, 8, "intro"]]}', r"structure\[0\]: bar 1, and nothing tells the tempo"),
        ('{"structure": [[1, "x", 3, 4, 5]]}', r"structure\[0\]: no section"),
        ('{"structure": [], "bpm": 128, "downbeat": -1}', "-1 is not a time"),
        ('{"schema": 1, "layers": [], "recording": 3}', "not an object"),
        ("", "it is empty"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text, message):
    with pytest.raises(ExchangeError, match=message):
        read(text.encode(), "song.json", "json")


def test_overlaps_are_cut_and_told():
    value = {
        "sections": [{"start": 0, "end": 20, "label": "intro"}, {"start": 15, "end": 30, "label": "drop"}]
    }
    reading = again(value)
    assert [(s.start, s.end) for s in reading.annotations[0].sections] == [(0.0, 15.0), (15.0, 30.0)]
    assert [finding.kind for finding in reading.findings] == ["overlap"]
    longer = again(value, duration=40.0)
    assert longer.annotations[0].sections[-1] == Section(30.0, 40.0, "other")
    assert longer.annotations[0].recording.duration == 40.0


def test_letters_that_are_none_do_not_stop_it():
    (made,) = read(b'{"sections": [], "notes": "a \\ud800 b"}', "a.json").annotations
    assert made.notes == "a \ufffd b"
    for format in ("json", "yaml"):
        assert write(made, format).left_out == ()


def test_a_wrong_duration_is_refused():
    with pytest.raises(EdmError, match="a duration of -1"):
        again(document(), duration=-1.0)
