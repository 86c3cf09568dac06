import json
import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.errors import TimelineError
from edm_core.timeline import (
    FRAME_COLUMNS,
    ITEM_TYPES,
    Beat,
    Comment,
    Energy,
    Event,
    Evidence,
    Judgement,
    Key,
    Layer,
    Meter,
    Passage,
    Problem,
    Provenance,
    Reaction,
    Recording,
    Repetition,
    Safety,
    Score,
    Section,
    Severities,
    Span,
    StageRecord,
    Target,
    Tempo,
    TempoCandidate,
    Timeline,
    Utterance,
    Word,
)
from edm_core.vocabulary import ACTIVITY_LABELS, SECTION_LABELS

SONG = Recording("sha256:00", 60.0, 44_100, 2, path="a.mp3", title="A", artist=None, tags={"album": "B"})
SECTIONS = (
    Section(0.0, 30.0, "intro", 0.9, start_bar=1, end_bar=16),
    Section(30.0, 60.0, "drop", 0.8, repeats=None),
)


# --- strategies: any timeline that the rules allow ---------------------------------------------------

times = st.floats(0, 1e5, allow_nan=False)
shares = st.floats(0, 1)
levels = st.floats(-100, 0)
texts = st.text(max_size=20)
statuses = st.sampled_from(["failed", "abstained", "pending"])


@st.composite
def tilings(draw, labels, kind, **fields):
    edges = [0.0, *sorted(draw(st.sets(st.floats(0.001, 59.999), max_size=8))), 60.0]
    return tuple(
        kind(
            start,
            end,
            draw(st.sampled_from(labels)),
            draw(st.none() | shares),
            **{name: draw(value) for name, value in fields.items()},
        )
        for start, end in zip(edges, edges[1:], strict=False)
    )


@st.composite
def spans(draw, kind, **fields):
    starts = sorted(draw(st.lists(times, max_size=5)))
    return tuple(
        kind(
            start, start + draw(st.floats(0.01, 10)), **{name: draw(value) for name, value in fields.items()}
        )
        for start in starts
    )


@st.composite
def beats(draw):
    starts = sorted(draw(st.sets(times, max_size=20)))
    return tuple(
        Beat(time, confidence=0.5, position=i % 4 + 1, bar=i // 4 + 1) for i, time in enumerate(starts)
    )


@st.composite
def reactions(draw):
    out = []
    for start in sorted(draw(st.lists(times, max_size=4))):
        common = {
            "persona": draw(texts),
            "target": Target("passage", draw(st.integers(0, 9))),
            "scorer": "offline@1",
        }
        if draw(st.booleans()):
            common |= {"status": "ok", "score": 3.0, "distribution": (0.2,) * 5, "confidence": 0.5}
            common |= {"evidence": (Evidence(draw(texts), start, start + 1, "hate"),)}
        else:
            common |= {"status": draw(statuses), "note": draw(st.none() | texts)}
        out.append(Reaction(start, start + 1.0, **common))
    return tuple(out)


judgements = st.one_of(
    st.builds(Judgement, st.just("ok"), texts, shares, st.tuples(st.builds(Score, texts, shares))),
    st.builds(Judgement, statuses, reason=st.none() | texts),
)
ITEMS = {
    "activity": tilings(ACTIVITY_LABELS, Span),
    "tempo": spans(Tempo, bpm=st.floats(20, 300), candidates=st.tuples(st.builds(TempoCandidate, shares, shares))),
    "meter": spans(Meter, beats_per_bar=st.integers(1, 12)),
    "key": spans(Key, name=texts, camelot=texts),
    "beats": beats(),
    "sections": tilings(SECTION_LABELS, Section, energy=st.none() | st.builds(Energy, levels, levels, levels)),
    "events": st.lists(st.builds(Event, st.just(1.0), texts, bar=st.none() | st.integers(0, 99)), max_size=3).map(tuple),
    "words": spans(Word, text=texts, probability=shares),
    "utterances": spans(
        Utterance, text=texts, language=st.none() | st.just("en"), no_speech=st.none() | shares,
        log_probability=st.none() | st.floats(-5, 0), compression=st.none() | st.floats(0, 9), rejected=st.none() | texts,
    ),
    "passages": spans(
        Passage, text=texts, language=st.none() | st.just("en"), topic=judgements, tone=judgements,
        words=spans(Word, text=texts, probability=shares), repeats=st.none() | st.integers(0, 5),
        safety=st.builds(Safety, st.sampled_from(["flagged", "clear", "unknown"]), st.builds(Severities, hate=st.integers(0, 7))),
        repetition=st.none() | st.builds(Repetition, st.just("same words"), st.integers(0, 5), times, shares),
    ),
    "reactions": reactions(),
    "comments": spans(
        Comment, label=st.sampled_from(["comment", "flag"]), text=texts, author=texts, time=texts, resolved=st.booleans(),
    ),
}  # fmt: skip


@st.composite
def timelines(draw):
    kinds = draw(st.sets(st.sampled_from(sorted(ITEMS)), max_size=4))
    sources = st.sampled_from(["model:a@1", "person:rater-1"])
    layers = [
        Layer(
            kind,
            draw(sources),
            draw(ITEMS[kind]),
            revision=draw(st.integers(1, 9)),
            verified=draw(st.booleans()),
        )
        for kind in sorted(kinds)
    ]
    problems = draw(st.lists(st.builds(Problem, texts, texts), max_size=2).map(tuple))
    record = st.builds(StageRecord, texts, st.floats(0, 100), st.booleans(), statuses, st.none() | texts)
    provenance = Provenance("0.1.0", draw(st.dictionaries(texts, record, max_size=2)))
    return Timeline(SONG, tuple(layers), problems, provenance)


# --- invariants --------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(timelines())
def test_json_round_trip_loses_nothing(timeline):
    assert Timeline.from_json(timeline.to_json()) == timeline


@settings(max_examples=50)
@given(timelines())
def test_json_is_one_line_of_standard_json(timeline):
    text = timeline.to_json()
    assert "\n" not in text
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


@given(tilings(SECTION_LABELS, Section), st.integers(0, 20), st.floats(0.01, 5))
def test_sections_that_do_not_tile_are_refused(sections, place, gap):
    place %= len(sections)
    broken = list(sections)
    moved = broken[place].end + gap
    broken[place] = replace(broken[place], end=moved)
    with pytest.raises(TimelineError, match="section"):
        Timeline(SONG, (Layer("sections", "model:a@1", tuple(broken)),))


@given(st.lists(st.floats(0, 100), min_size=2, max_size=10))
def test_beats_increase_or_are_refused(values):
    items = tuple(Beat(time, position=1, bar=1) for time in values)
    increase = all(a < b for a, b in zip(values, values[1:], strict=False))
    if increase:
        assert Layer("beats", "model:a@1", items).items == items
    else:
        with pytest.raises(TimelineError):
            Layer("beats", "model:a@1", items)


@pytest.mark.parametrize("kind", sorted(ITEM_TYPES))
@settings(max_examples=20)
@given(data=st.data())
def test_frames_have_the_documented_columns_and_a_row_an_item(kind, data):
    items = data.draw(ITEMS[kind])
    layers = () if kind == "sections" and not items else (Layer(kind, "model:a@1", items),)
    frame = Timeline(SONG, layers).to_frame(kind)
    assert tuple(frame.columns) == FRAME_COLUMNS[kind]
    assert len(frame) == len(items)


# --- single rules ------------------------------------------------------------------------------------


def layer(source, time="2026-01-01T00:00:00Z", verified=False, revision=1, sections=SECTIONS):
    return Layer("sections", source, sections, revision=revision, time=time, verified=verified)


def test_chosen_view_prefers_verified_people_then_people_then_models():
    model = layer("model:sections@1", time="2026-03-01T00:00:00Z")
    person = layer("person:a", time="2026-01-01T00:00:00Z")
    verified = layer("person:b", time="2025-01-01T00:00:00Z", verified=True)
    timeline = Timeline(SONG, (model,))
    assert timeline.to_dict()["chosen"] == {"sections": "model:sections@1"}
    assert timeline.with_layer(person).to_dict()["chosen"] == {"sections": "person:a"}
    assert timeline.with_layer(person).with_layer(verified).to_dict()["chosen"] == {"sections": "person:b"}


def test_newest_layer_of_a_source_is_given_and_none_overwritten():
    first, second = layer("person:a"), layer("person:a", revision=2)
    timeline = Timeline(SONG, (first, second))
    assert timeline.layer("sections", source="person:a") is second
    assert len(timeline.layers) == 2
    with pytest.raises(TimelineError, match="two layers"):
        timeline.with_layer(first)


def test_sections_and_reactions_always_say_their_confidence():
    silent = Reaction(0.0, 1.0, persona="genz", target=Target("section", 0), status="abstained")
    layers = (
        Layer("sections", "model:sections@1", (Section(0.0, SONG.duration, "other"),)),
        Layer("reactions", "model:personas@1", (silent,)),
    )
    document = Timeline(SONG, layers).to_dict()
    assert document["sections"][0]["confidence"] is document["reactions"][0]["confidence"] is None


def test_energy_is_written_where_it_was_measured():
    loud = replace(SECTIONS[1], energy=Energy(-8.5, -12.0, -20.5))
    timeline = Timeline(SONG, (layer("model:sections@2", sections=(SECTIONS[0], loud)),))
    assert "energy" not in timeline.to_dict()["sections"][0]
    assert timeline.to_dict()["sections"][1]["energy"] == {"bass": -8.5, "mid": -12.0, "high": -20.5}
    frame = timeline.to_frame("sections")
    assert frame.energy_bass.isna().tolist() == [True, False]
    assert frame.energy_high[1] == -20.5


def test_absent_kinds_are_empty_or_none():
    timeline = Timeline(SONG)
    assert timeline.beats == timeline.sections == timeline.reactions == ()
    assert timeline.tempo is timeline.key is timeline.meter is None
    assert timeline.layer("sections") is None
    document = timeline.to_dict()
    assert (document["tempo"], document["sections"], document["chosen"]) == (None, [], {})


def test_the_share_of_speech():
    assert Timeline(SONG).speech_share is None
    half = (Span(0.0, 15.0, "speech"), Span(15.0, 30.0, "speech+music"), Span(30.0, 60.0, "music"))
    assert Timeline(SONG, (Layer("activity", "model:a@1", half),)).speech_share == 0.5


def test_document_has_the_keys_of_the_contract():
    document = Timeline(SONG, (layer("model:sections@1"),)).to_dict()
    assert list(document) == [
        "schema", "recording", "activity", "tempo", "meter", "key", "beats", "sections", "events", "words",
        "passages", "reactions", "chosen", "layers", "problems", "provenance",
    ]  # fmt: skip
    assert document["sections"][0] == {
        "start": 0.0, "end": 30.0, "label": "intro", "confidence": 0.9, "start_bar": 1, "end_bar": 16, "repeats": None,
    }  # fmt: skip
    assert document["recording"]["artist"] is None


@pytest.mark.parametrize(
    "broken",
    [
        lambda: Section(1.0, 1.0, "drop"),
        lambda: Section(-1.0, 1.0, "drop"),
        lambda: Section(math.nan, 1.0, "drop"),
        lambda: Section(0.0, 1.0, "drop", 1.5),
        lambda: Energy(0.0, math.nan, 0.0),
        lambda: Beat(math.inf, position=1, bar=1),
        lambda: Recording("sha256:00", 0.0, 44_100, 2),
        lambda: Judgement("ok"),
        lambda: Judgement("abstained", "Politics", 0.5),
        lambda: Reaction(0.0, 1.0, persona="a", target=Target("passage", 0), status="failed", score=3.0, distribution=(0.2,) * 5),
        lambda: Reaction(0.0, 1.0, persona="a", target=Target("passage", 0), status="ok"),
        lambda: Reaction(0.0, 1.0, persona="a", target=Target("passage", 0), status="ok", score=3.0, distribution=(0.5, 0.1)),
        lambda: Layer("sections", "me", SECTIONS),
        lambda: Layer("parts", "model:a@1", ()),
        lambda: Layer("sections", "model:a@1", (Section(0.0, 60.0, "chorus"),)),
        lambda: Layer("sections", "model:a@1", (Span(0.0, 60.0, "drop"),)),
        lambda: Layer("words", "model:a@1", tuple(Word(t, t + 1, text="a", probability=1.0) for t in (2.0, 1.0))),
        lambda: Timeline(SONG, (Layer("sections", "model:a@1", ()),)),
        lambda: Timeline(SONG, (Layer("sections", "model:a@1", SECTIONS[:1]),)),
    ],
)  # fmt: skip
def test_what_breaks_a_rule_is_refused(broken):
    with pytest.raises(TimelineError):
        broken()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda d: d.update(schema=99), "schema"),
        (lambda d: d.pop("recording"), "recording"),
        (lambda d: d["recording"].update(duration="long"), "recording.duration"),
        (lambda d: d["layers"][0].update(kind="parts"), r"layers\[0\]"),
        (lambda d: d["layers"][0]["items"][1].update(colour="red"), r"layers\[0\].items\[1\]"),
        (lambda d: d["layers"][0]["items"][1].pop("end"), r"layers\[0\].items\[1\]"),
        (lambda d: d["layers"][0]["items"][1].update(start=True), r"layers\[0\].items\[1\].start"),
    ],
)
def test_reading_names_the_place_that_is_wrong(change, place):
    document = Timeline(SONG, (layer("model:sections@1"),)).to_dict()
    change(document)
    with pytest.raises(TimelineError, match=place):
        Timeline.from_dict(document)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "3", '{"schema": 1}'])
def test_what_is_no_timeline_is_said(text):
    with pytest.raises(TimelineError):
        Timeline.from_json(text)


def test_unknown_kind_of_frame_lists_the_known():
    with pytest.raises(TimelineError, match="sections"):
        Timeline(SONG).to_frame("parts")


def test_numbers_of_other_libraries_are_refused_when_written():
    import numpy as np

    wrong = Timeline(
        SONG, (Layer("key", "model:a@1", (Key(np.float32(0), 1.0, name="C major", camelot="8B"),)),)
    )
    with pytest.raises(TimelineError, match="float32"):
        wrong.to_json()
