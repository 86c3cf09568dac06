"""YAML: every generation of the earlier annotator, our block beside it, edits by hand, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml
from hypothesis import given

from edm_core.annotation import Annotation, Subject
from edm_core.exchange import ExchangeError, read, write
from edm_core.grid import GridSegment
from edm_core.items import Event, Key, Section, Word

from .strategies import annotations

CURRENT = b"""\
metadata: {tier: 1, confidence: 1.0, source: manual, created: '2025-12-04T10:30:00Z', modified: 2025-12-05T10:30:00Z,
           verified_by: user, notes: x, flags: [needs_review], validation: {beat_grid_valid: false}}
audio: {file: /m/t.flac, duration: 240.0, bpm: 120.0, downbeat: 0.02, time_signature: [4, 4], key: 8A}
structure:
- {bar: 1, label: intro, time: 0.02, confidence: 1.0}
- {bar: 17, label: drop, time: 32.02, confidence: 0.5}
energy: {overall: 0.7, by_section: [{section: 0, bass: .4}], at_boundaries: [{boundary: 0, delta: .25}]}
"""
FULL = Annotation(
    Subject("sha256:aa", "song.flac", "Song", duration=60.0),
    grid=(GridSegment(0.02, 128.0), GridSegment(30.02, 174.0, position=3)),
    key=(Key(0.0, 60.0, name="A minor", camelot="8A"),),
    sections=(Section(0.0, 15.02, "intro", original="mix in"), Section(15.02, 60.0, "drop", 0.5, repeats=0)),
    events=(Event(15.02, "drop"),),
    words=(Word(1.0, 1.5, text="hey: \x85 \U0001f600", probability=None),),
    author="ada", tier="reference", flags=("needs_review",),
    rest={"yaml": {"energy": {"overall": 0.7}}, "jams": {"x": [1, None]}},
)  # fmt: skip


def parts(reading):
    return [(s.start, s.end, s.label) for s in reading.annotations[0].sections]


def kinds(reading):
    return [finding.kind for finding in reading.findings]


def test_the_current_generation():
    reading = read(CURRENT, "t.yaml")
    (made,) = reading.annotations
    assert made.recording == Subject(path="/m/t.flac", duration=240.0)
    assert (
        made.grid == (GridSegment(0.02, 120.0),)
        and made.key[0].name == "A minor"
        and made.key[0].end == 240.0
    )
    assert [(s.start, s.end, s.label, s.confidence, s.start_bar) for s in made.sections] == [
        (0.0, 32.02, "intro", 1.0, 1), (32.02, 240.0, "drop", 0.5, 17),
    ]  # fmt: skip
    assert (made.tier, made.confidence, made.verified_by, made.notes) == ("verified", 1.0, "user", "x")
    assert made.flags == ("needs_review",) and made.modified == "2025-12-05T10:30:00Z"
    assert made.rest["yaml"]["metadata"] == {"source": "manual", "validation": {"beat_grid_valid": False}}
    assert made.rest["yaml"]["energy"]["by_section"] == [{"section": 0, "bass": 0.4}]
    assert (
        kinds(reading) == ["gap"] and reading.findings[0].severity == "note"
    )  # 20 ms before the first downbeat
    assert made.events is None and made.author is None


def test_the_older_generation():
    text = (
        b"file: C:\\Music\\a b.flac\nbpm: 128\ndownbeat: 0.004\ntime_signature: 4/4\nannotations:\n- [1, intro, '0:00.004']\n"
        b"- [9, kick in, 0:15.004]\n- [17, breakbuild, '0:30.004']\n---\n# raw\n# - [1]\n"
    )
    reading = read(text, "t.yml")
    (made,) = reading.annotations
    assert made.recording.path == "C:\\Music\\a b.flac" and made.recording.duration is None
    assert parts(reading) == [(0.004, 30.004, "intro"), (30.004, pytest.approx(31.879), "buildup")]
    assert made.sections[1].original == "breakbuild" and made.events == (Event(15.004, "kick in", bar=9),)
    assert kinds(reading) == ["no_end"] and "one bar was taken" in reading.findings[0].message
    assert parts(read(text, "t.yml", duration=60.0)) == [(0.0, 30.004, "intro"), (30.004, 60.0, "buildup")]


def test_the_oldest_generation_counts_bars_inclusively():
    text = b"file: a.mp3\nbpm: 120\ndownbeat: 0.5\nduration: 100\nstructure: [[1, 8, intro], [9, 24, segment1], [25, drop]]\n"
    reading = read(text, "t.yaml")
    assert parts(reading) == [(0.0, 16.5, "intro"), (16.5, 48.5, "other"), (48.5, 100.0, "drop")]
    assert [s.end_bar for s in reading.annotations[0].sections] == [8, 24, None]


def test_ends_that_are_a_bar_late_are_cut_and_told():
    text = b"file: a.mp3\nbpm: 120\ndownbeat: 0\nduration: 48\nstructure: [[1, 9, intro], [9, 24, drop]]\n"
    reading = read(text, "t.yaml")
    assert parts(reading) == [(0.0, 16.0, "intro"), (16.0, 48.0, "drop")] and kinds(reading) == ["overlap"]


def test_a_bar_that_disagrees_with_its_time_is_told_with_both_and_a_repair():
    text = CURRENT.replace(b"time: 32.02", b"time: 34.02")
    reading = read(text, "t.yaml")
    (found,) = [finding for finding in reading.findings if finding.kind == "bars_disagree"]
    assert found.start == 34.02 and found.bar == 18
    assert "at 34.020 s and in bar 17, which begins at 32.020 s" in found.message
    assert "make it bar 18 or 32.020 s" in found.message
    section = reading.annotations[0].sections[1]
    assert (section.start, section.start_bar) == (34.02, 17)  # both are kept
    assert "bars_disagree" not in kinds(read(CURRENT.replace(b"time: 32.02", b"time: 32.26"), "t.yaml"))


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ((b"bpm: 120.0", b"bpm: 0"), "unread"), ((b"bpm: 120.0", b"bpm: fast"), "unread"),
        ((b"duration: 240.0", b"duration: 0"), "no_duration"), ((b"key: 8A", b"key: H moll"), "unread"),
        ((b"[4, 4]", b"none"), "unread"), ((b"confidence: 0.5", b"confidence: 95"), "unread"),
        ((b"label: drop", b"label: chorus"), "unknown_label"), ((b"downbeat: 0.02, ", b""), "unread"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_told_and_kept(change, kind):
    reading = read(CURRENT.replace(*change), "t.yaml")
    assert kind in kinds(reading)
    assert len(reading.annotations[0].sections) == 2
    again = read(write(reading.annotations, "yaml").data, "t.yaml")
    assert again.annotations == reading.annotations


@given(annotations())
def test_everything_comes_back(annotation):
    written = write(annotation, "yaml")
    assert written.left_out == ()
    reading = read(written.data, "t.yaml")
    assert reading.annotations == (annotation,)


@given(annotations())
def test_other_programs_read_it_too(annotation):
    document = yaml.safe_load(write(annotation, "yaml").data)
    assert document["edm"]["version"] == 1
    times = [entry["time"] for entry in document.get("structure") or ()]
    assert times == [section.start for section in annotation.sections or ()]
    if annotation.grid:
        assert document["audio"]["bpm"] == annotation.grid[0].bpm


def test_several_are_documents_of_one_stream():
    data = write((FULL, replace(FULL, author="bob")), "yaml").data
    assert [made.author for made in read(data, "t.yaml").annotations] == ["ada", "bob"]


def edited(*changes):
    text = write(FULL, "yaml").data.decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return read(text.encode(), "t.yaml")


def test_edits_by_hand_count():
    moved = edited(("time: 15.02, confidence: 0.5", "time: 16.5, confidence: 0.5")).annotations[0]
    assert [(s.start, s.end, s.label) for s in moved.sections] == [(0.0, 16.5, "intro"), (16.5, 60.0, "drop")]
    assert moved.sections[0].original == "mix in" and moved.author == "ada" and moved.words == FULL.words
    named = edited(("label: mix in", "label: outro")).annotations[0]
    assert (named.sections[0].label, named.sections[0].original) == ("outro", None)
    assert named.grid == FULL.grid and named.tier == "reference"
    slower = edited(("bpm: 128.0", "bpm: 126.0"))
    assert slower.annotations[0].grid == (GridSegment(0.02, 126.0),) and "unread" in kinds(slower)
    lower = edited(("tier: 1", "tier: 3")).annotations[0]
    assert lower.tier == "generated" and lower.grid == FULL.grid
    more = edited(
        ("- {bar: 9, label: drop", "- {bar: 5, label: buildup, time: 7.52}\n- {bar: 9, label: drop")
    ).annotations[0]
    assert [s.label for s in more.sections] == ["intro", "buildup", "drop"] and more.sections[0].end == 7.52
    fewer = edited(("- {bar: 9, label: drop, time: 15.02, confidence: 0.5}\n", "")).annotations[0]
    assert [(s.start, s.end) for s in fewer.sections] == [(0.0, 60.0)]


def test_a_block_of_a_newer_version_is_left():
    reading = edited(("version: 1", "version: 2"))
    assert "another version" in reading.findings[0].message and reading.annotations[0].author is None


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nstructure: [*c, *c]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, r"t.yaml: line 2: an alias \(\*a\); aliases are refused"),
        ("structure: !!python/object/apply:os.system [x]", "a tag"),
        ("structure: " + "[" * 1000, "over 40 lists"),
        ("- " * 100_000, "over 40 lists"),
        ("bpm: 120\ndownbeat: 0\nstructure: [{bar: 1, label: a, time: -3}]", r"structure\[0\]: -3 is not a time"),
        ("bpm: 120\ndownbeat: 0\nstructure: [{bar: 1, label: a, time: .nan}]", r"structure\[0\]: '.nan' is no number"),
        ("bpm: 120\ndownbeat: 0\nstructure: [{bar: .inf, label: a}]", r"structure\[0\].bar: '.inf' is no number"),
        ("bpm: 120\ndownbeat: 0\nstructure: [{bar: -5, label: a}]", r"structure\[0\]: bar -5; bars count from 1"),
        ("bpm: 120\ndownbeat: 0\nannotations: [[1, a, '0:61']]", r"annotations\[0\]: '0:61' is not a time"),
        ("structure: 5", "structure is no list"), ("structure: [5]", r"structure\[0\]: no section"),
        ("audio: 5", "audio is no mapping"), ("a: 1\na: 2", "line 2: 'a' stands twice"),
        ("x: y", "no annotation"), ("# nothing", "no document in it"), ("structure: [", "line 2: not YAML"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text, message):
    with pytest.raises(ExchangeError, match=message):
        read(text.encode(), "t.yaml")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_encodings(encoding):
    text = "bpm: 120\r\ndownbeat: 0\r\nfile: Zürich.mp3\r\nstructure: [{bar: 1, label: intro, time: 0, end: 8}]\r\n"
    data = ("\ufeff" if encoding == "utf-16-le" else "").encode("utf-16-le") + text.encode(encoding)
    reading = read(data, "t.yaml")
    assert reading.annotations[0].recording.path == "Zürich.mp3"
    assert kinds(reading) == (["encoding"] if encoding == "cp1252" else [])


def test_a_key_that_is_none_stays_in_the_block():
    odd = replace(FULL, key=(Key(0.0, 60.0, name="?", camelot=";"),))
    written = write(odd, "yaml")
    assert written.left_out == () and read(written.data, "t.yaml").annotations == (odd,)


def test_what_is_too_short_to_be_heard_has_no_length():
    text = "structure: [{label: intro, time: 0, end: 0.000001}, {label: drop, time: 8, end: 16}]"
    assert parts(read(text.encode(), "t.yaml")) == [(0.0, 8.0, "intro"), (8.0, 16.0, "drop")]
