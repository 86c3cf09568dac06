"""Annotations: layers and back, and sections that tile whatever somebody gave."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core._codec import decode, encode
from edm_core.annotation import Annotation, Subject, annotation_of, layers_of, tiled
from edm_core.errors import TimelineError
from edm_core.grid import GridSegment
from edm_core.items import Comment, Event, Key, Passage, Recording, Section, Span, Word
from edm_core.timeline import Layer, Timeline
from edm_core.vocabulary import SECTION_LABELS

DURATION = 60.0
RECORDING = Recording("sha256:aa", DURATION, 44_100, 2, path="song.flac", title="Song")
WHOLE = Annotation(
    Subject("sha256:aa", "song.flac", "Song", duration=DURATION),
    grid=(GridSegment(0.02, 128.0), GridSegment(30.02, 174.0, position=3)),
    key=(Key(0.0, DURATION, name="A minor", camelot="8A"),),
    sections=(Section(0.0, 15.02, "intro", original="mix in"), Section(15.02, DURATION, "drop")),
    events=(Event(15.02, "drop"),),
    activity=(Span(0.0, DURATION, "music"),),
    words=(Word(1.0, 1.5, text="hey", probability=None),),
    passages=(Passage(1.0, 1.5, text="hey"),),
    comments=(Comment(3.0, 4.0, "flag", text="a crackle?", author="ada", time="2026-01-01T00:00:00Z"),),
    author="ada",
    tier="verified",
    flags=("needs_review",),
    rest={"yaml": {"energy": {"overall": 0.7}}},
)


def test_an_annotation_is_written_and_read_back():
    assert decode(Annotation, json.loads(json.dumps(encode(WHOLE)))) == WHOLE
    assert decode(Annotation, {}) == Annotation() and Annotation().said == ()


def test_layers_lead_back_to_the_annotation():
    layers = layers_of(WHOLE, DURATION, source="person:ada", revision=3, time="2026-01-02T00:00:00Z")
    assert [layer.kind for layer in layers] == list(WHOLE.said)
    assert all(layer.verified and layer.revision == 3 for layer in layers)
    again = annotation_of(Timeline(RECORDING, layers), "person:ada")
    assert again.grid == WHOLE.grid and again.author == "ada" and again.recording == WHOLE.recording
    assert [(s.start, s.end, s.label, s.original) for s in again.sections] == [
        (s.start, s.end, s.label, s.original) for s in WHOLE.sections
    ]
    assert again.comments == WHOLE.comments and again.words == WHOLE.words and again.key == WHOLE.key


def test_bars_are_the_grids():
    layers = {layer.kind: layer.items for layer in layers_of(WHOLE, DURATION, source="person:ada")}
    assert (layers["sections"][0].start_bar, layers["sections"][0].end_bar) == (1, 8)
    assert layers["events"][0].bar == 9


def test_what_was_not_said_makes_no_layer():
    nothing = Annotation(events=())
    (layer,) = layers_of(nothing, DURATION, source="person:ada")
    assert (layer.kind, layer.items) == ("events", ())
    again = annotation_of(Timeline(RECORDING, (layer,)), "person:ada")
    assert again.events == () and again.sections is None and again.grid is None


def test_the_chosen_view_is_an_annotation_too():
    model = Layer("sections", "model:sections@1", (Section(0.0, DURATION, "other"),))
    timeline = Timeline(RECORDING, (model, *layers_of(WHOLE, DURATION, source="person:ada")))
    assert annotation_of(timeline).sections[0].label == "intro"
    assert annotation_of(timeline, "model:sections@1").sections == model.items


def test_what_cannot_be_is_refused():
    with pytest.raises(TimelineError, match="after one at"):
        Annotation(grid=(GridSegment(3.0, 120.0), GridSegment(1.0, 120.0)))
    with pytest.raises(TimelineError, match="a confidence of 2"):
        Annotation(confidence=2)
    with pytest.raises(TimelineError, match="neither comment nor flag"):
        Comment(0.0, 1.0, "note", text="", author="ada", time="2026-01-01T00:00:00Z")


times = st.floats(0, 80)
wild = st.lists(
    st.tuples(times, times, st.sampled_from(SECTION_LABELS)).filter(lambda row: row[1] > row[0]), max_size=8
)


@given(wild)
def test_whatever_is_given_tiles(rows):
    sections = [Section(*row) for row in rows]
    kept, findings = tiled(sections, DURATION)
    Timeline(RECORDING, (Layer("sections", "person:ada", kept),))  # raises where it does not
    covered = {row[2] for row in rows if row[0] < DURATION - 1e-3}
    assert {section.label for section in kept} <= covered | {"other"} | {row[2] for row in rows}
    assert tiled(kept, DURATION) == (kept, ())
    assert bool(findings) == (kept != tuple(sections)) or not rows or kept[-1].end != sections[-1].end


def test_what_was_done_is_said():
    sections = [Section(30.0, 70.0, "drop"), Section(2.0, 20.0, "intro"), Section(61.0, 62.0, "outro")]
    kept, findings = tiled(sections, DURATION)
    assert [(s.start, s.end, s.label) for s in kept] == [
        (0.0, 2.0, "other"), (2.0, 20.0, "intro"), (20.0, 30.0, "other"), (30.0, 60.0, "drop"),
    ]  # fmt: skip
    assert [finding.kind for finding in findings] == ["unsorted", "gap", "outside", "gap", "outside"]
    assert all("at" in finding.message or "from" in finding.message for finding in findings)
