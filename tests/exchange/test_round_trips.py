"""What a format can carry comes back the same; what it cannot is left out, and exactly that is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edm_core.annotation import Annotation, Subject
from edm_core.errors import EdmError
from edm_core.exchange import FORMATS, read, write
from edm_core.grid import GridSegment
from edm_core.items import Event, Section, Span
from edm_core.vocabulary import SECTION_LABELS

from .strategies import annotations, grids, keys, names, sections, spoken, times

SIX = ("intro", "buildup", "drop", "breakdown", "outro", "silence")
PLAIN = "abcdefgh XYZ'&<>\"éß,;:|"
words = st.text(PLAIN, min_size=1, max_size=12).map(lambda text: " ".join(text.split())).filter(bool)
free_words = words.filter(lambda word: word.casefold() not in SECTION_LABELS).map(lambda word: f"{word} ·")


def events(labels):
    found = st.lists(st.tuples(times, labels), min_size=1, max_size=3, unique_by=lambda pair: pair[0])
    return found.map(lambda pairs: tuple(Event(time, label) for time, label in sorted(pairs)))


@st.composite
def held(draw, format):
    """An annotation of just what a format holds."""
    parts, end = draw(
        sections(SIX if format == "edm98" else SECTION_LABELS, details=False, free=format != "edm98")
    )
    if format in ("rekordbox", "webvtt", "srt"):  # names of sections tell them: others would be none
        parts = tuple(replace(s, original=None if s.label == "other" else s.original) for s in parts)
    name = draw(names.map(str.strip).filter(bool))
    if format in ("audacity", "lab", "mirex", "webvtt", "srt"):
        made = Annotation(sections=parts)
        if format == "audacity":
            return replace(made, events=draw(st.none() | events(words)))
        if format in ("webvtt", "srt") and draw(st.booleans()):
            from edm_core.items import Passage

            cues = tuple(Passage(s.start, s.end, text=f"{draw(words)} ·") for s in parts)
            return Annotation(passages=cues)
        return made
    if format == "csv":
        return Annotation(Subject(path=name), sections=parts)
    if format == "edm98":
        return Annotation(Subject(path=name, duration=end), sections=parts)
    if format == "rekordbox":
        end = float(round(end + 1))
        parts = (*parts[:-1], replace(parts[-1], end=end))
        path = "/Music/" + name.replace("/", "_").replace("\\", "_")
        return Annotation(
            Subject(path=path, title=name, artist=draw(st.none() | names.filter(str.strip)), duration=end),
            grid=draw(st.none() | grids()), key=draw(st.none() | keys(end)), sections=parts,
            events=draw(st.none() | events(free_words)),
        )  # fmt: skip
    if format == "textgrid":
        return Annotation(
            Subject(duration=end), sections=parts, events=draw(st.none() | events(words)), key=draw(st.none() | keys(end)),
            activity=draw(st.none() | st.just((Span(0.0, end, "music"),))),
        )  # fmt: skip
    assert format == "jams"
    return Annotation(
        Subject("sha256:aa", name, draw(st.none() | names), draw(st.none() | names), end),
        sections=parts, key=draw(st.none() | keys(end)), events=draw(st.none() | events(words)),
        author=draw(st.none() | names.filter(str.strip)), tier=draw(st.sampled_from([None, "reference", "generated"])),
        flags=("a", "b"), confidence=0.5, notes="x",
    )  # fmt: skip


@pytest.mark.parametrize("format", [name for name in FORMATS if name not in ("json", "yaml")])
@given(data=st.data())
def test_what_a_format_holds_comes_back(format, data):
    annotation = data.draw(held(format))
    written = write(annotation, format)
    assert written.left_out == ()
    (again,) = read(written.data, "", format).annotations
    if format == "rekordbox":  # which cues there were is kept beside
        assert set(again.rest) == {"rekordbox"}
        again = replace(again, rest={})
    assert again == annotation


@pytest.mark.parametrize("format", FORMATS)
@given(annotation=annotations())
def test_anything_is_written_and_what_is_left_out_is_said(format, annotation):
    written = write(annotation, format)
    assert all(": " in said for said in written.left_out)
    if not written.data.strip():
        assert written.left_out or annotation == Annotation()
        return
    try:
        reading = read(written.data, "", format)
    except EdmError:  # there is nothing in it
        assert format in ("webvtt", "srt", "edm98", "rekordbox", "jams") and not annotation.sections
        return
    again = reading.annotations[0] if reading.annotations else Annotation()
    said = " ".join(text.split(": ")[0] for text in written.left_out)
    for section in annotation.sections or ():
        there = [
            s
            for s in again.sections or ()
            if abs(s.start - section.start) < 1e-3 and s.label == section.label
        ]
        assert there or "section" in said
    if (annotation.words or ()) != (again.words or ()):
        assert "word" in said
    if annotation.author != again.author:
        assert "author" in said
    if rounded(annotation.grid) != rounded(again.grid):
        assert "grid" in said
    if (annotation.events or ()) != (again.events or ()) and annotation.events:
        assert "event" in said
    if annotation.tier and annotation.tier != again.tier:
        assert "tier" in said


def rounded(grid):
    return [(round(s.time, 6), round(s.bpm, 6), s.beats_per_bar, s.position) for s in grid or ()]


BASE = Annotation(
    Subject(path="song", duration=60.0), sections=(Section(0.0, 15.0, "intro"), Section(15.0, 60.0, "drop"))
)
BARS = (Section(0.0, 15.0, "intro", 0.5, start_bar=1), Section(15.0, 60.0, "drop"))
GRID = (GridSegment(0.5, 120.0), GridSegment(20.0, 140.0))


@pytest.mark.parametrize(
    ("format", "changes", "said"),
    [
        ("csv", {}, ("duration of the recording",)),
        ("csv", {"sections": BARS, "author": "ada"},
         ("duration of the recording", "confidence of 1 section", "first bar of 1 section", "author")),
        ("mirex", {"events": (Event(1.0, "x"), Event(2.0, "y"))},
         ("path of the recording", "duration of the recording", "2 events")),
        ("lab", {"grid": GRID}, ("path of the recording", "duration of the recording", "2 segments of the grid")),
        ("edm98", {"sections": (Section(0.0, 15.0, "other"), Section(15.0, 60.0, "drop", original="drop 2"))},
         ("original word of 1 section",)),
        ("edm98", {"sections": (Section(0.0, 15.0, "intro"), Section(15.0, 30.0, "other"), Section(30.0, 60.0, "drop"))},
         ("end of 1 section", "1 section")),
        ("rekordbox", {"recording": Subject(path="/song", duration=60.4), "sections": (Section(0.0, 60.4, "drop"),)},
         ("duration of the recording", "end of 1 section")),
        ("rekordbox", {"recording": Subject(path="/song", duration=60.0), "events": (Event(30.0, "drop"),)}, ("1 event",)),
        ("rekordbox", {"recording": Subject(path="/song", duration=60.0),
                       "sections": (Section(0.0, 60.0, "other", original="chorus"),)}, ("original word of 1 section",)),
        ("srt", {"sections": (Section(0.0, 15.0004, "intro"), Section(15.0004, 60.0, "drop"))},
         ("path of the recording", "duration of the recording", "time beyond a millisecond of 2 sections")),
        ("audacity", {"sections": ()},
         ("path of the recording", "duration of the recording", "that there is no section")),
        ("textgrid", {"rest": {"yaml": {"energy": 1}}}, ("path of the recording", "what a yaml file held besides")),
        ("jams", {"grid": (GridSegment(0.5, 120.0, 4, 1, end=20.2), GridSegment(30.0, 140.0))},
         ("end of 1 segment of the grid",)),
        ("json", {"grid": GRID}, ()),
    ],
)  # fmt: skip
def test_what_is_left_out_is_named(format, changes, said):
    found = write(replace(BASE, **changes), format).left_out
    assert tuple(text.split(": ")[0] for text in found) == said


def test_words_are_carried_by_webvtt_and_speakers_too():
    from edm_core.items import Passage, Word

    said = (
        Word(1.0, 1.25, text="Good", probability=None, speaker="ada"),
        Word(1.25, 1.5, text="R&B", probability=None, speaker="ada"),
        Word(2.0, 2.25, text="<hey>", probability=None, speaker="bob b"),
    )
    annotation = Annotation(words=said, passages=(Passage(1.0, 2.5, text="Good R&B <hey>"),))
    written = write(annotation, "webvtt")
    assert written.left_out == ()
    assert read(written.data, "", "webvtt").annotations == (annotation,)
    alone = write(Annotation(words=said), "srt")
    assert alone.left_out[0].startswith("3 words: SubRip holds") and b"Good R&B <hey>" in alone.data


@given(spoken())
def test_words_come_back_from_webvtt_or_are_said_to_be_lost(words):
    (again, *_) = (read(data, "", "webvtt").annotations if (data := write(Annotation(words=words), "webvtt").data) and words else (Annotation(words=()),))  # fmt: skip
    lost = [said for said in write(Annotation(words=words), "webvtt").left_out if "word" in said]
    plain = lambda found: [(round(w.start, 3), round(w.end, 3), w.text) for w in found or ()]  # noqa: E731
    assert plain(again.words) == plain(words) or any(said[0].isdigit() or "end" in said for said in lost)
