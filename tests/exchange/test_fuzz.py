"""Whatever the bytes and whatever they are called: a reading or an error of ours, and never anything else."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edm_core.annotation import layers_of
from edm_core.errors import EdmError
from edm_core.exchange import FORMATS, Reading, read, timelines_of, write

GOLDEN = sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.name != "expected.json")
ENDINGS = (
    "",
    ".txt",
    ".json",
    ".jsonl",
    ".yaml",
    ".jams",
    ".xml",
    ".lab",
    ".TextGrid",
    ".csv",
    ".mirex",
    ".vtt",
    ".srt",
)

PIECES = [
    b"0", b"-1", b"1e999", b"NaN", b"inf", b".nan", b"99999999999999999999", b"1:99", b"\t", b"\n", b"\r\n", b",", b";", b'"', b"'",
    b"{", b"}", b"[", b"]", b": ", b"- ", b"&a ", b"*a", b"!!x ", b"<", b">", b"-->", b"\\", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe9",
    b"null", b"true", b"[]", b"{}", b'""', b"end", b"drop", b"# ", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;", b"\\ud800",
]  # fmt: skip


def taken(data, name, format=None, duration=None):
    """Read, and what was read, do everything that is done with it."""
    try:
        reading = read(data, name, format, duration=duration)
    except EdmError:
        return None
    assert isinstance(reading, Reading) and reading.format in FORMATS
    for timeline in timelines_of(reading):
        assert timeline.recording.duration > 0
    for finding in reading.findings:
        assert finding.message and finding.start >= 0
    return reading


@given(st.binary(max_size=300), st.sampled_from(ENDINGS), st.none() | st.sampled_from(FORMATS))
def test_any_bytes(data, ending, format):
    taken(data, f"x{ending}", format)


@given(st.text(max_size=200), st.sampled_from(FORMATS))
def test_any_text(text, format):
    taken(text.encode("utf-8", "surrogatepass"), "x", format)


@given(
    st.sampled_from(GOLDEN), st.sampled_from((None, 30.0)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), st.sampled_from(PIECES)), min_size=1, max_size=4),
)  # fmt: skip
@settings(max_examples=400, deadline=None)
def test_files_with_something_else_in_them(path, duration, changes):
    data = path.read_bytes()
    for where, removed, piece in changes:
        at = int(where * len(data))
        data = data[:at] + piece + data[at + removed :]
    reading = taken(data, path.name, duration=duration)
    if reading is None or not reading.annotations:
        return
    for format in ("json", "yaml"):  # what was read is kept whole
        written = write(reading.annotations, format)
        assert written.left_out == (), format
        assert read(written.data, "x", format).annotations == reading.annotations
    for annotation in reading.annotations[:2]:
        for format in FORMATS[2:]:
            taken(write(annotation, format).data, "x", format)


@given(st.sampled_from(GOLDEN), st.floats(0, 1))
@settings(deadline=None)
def test_files_that_break_off(path, where):
    data = path.read_bytes()
    taken(data[: int(where * len(data))], path.name)


@given(st.sampled_from(GOLDEN), st.sampled_from(FORMATS))
@settings(deadline=None)
def test_files_taken_for_another_format(path, format):
    taken(path.read_bytes(), path.name, format)


@pytest.mark.parametrize("duration", [1.0, 20.0, 64.0, 1000.0])
@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.name)
def test_a_duration_makes_sections_tile(path, duration):
    reading = read(path.read_bytes(), path.name, duration=duration)
    if len(reading.annotations) > 1 and reading.format != "jams":
        return  # of which recording would it be?
    for annotation in reading.annotations:
        assert annotation.recording.duration == duration
        if annotation.sections:
            layers_of(annotation, duration, source="person:x")
            assert annotation.sections[0].start == 0 and annotation.sections[-1].end == duration


BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<DJ_PLAYLISTS><COLLECTION><TRACK Name="&b;"/></COLLECTION></DJ_PLAYLISTS>"""
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><DJ_PLAYLISTS/>'


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        (BOMB, "a.xml", "declares what XML of rekordbox has no need of"), (OUTSIDE, "a.xml", "declares"),
        ("<a/>", "a.xml", r"XML of another program \(a\)"), ("<DJ_PLAYLISTS>", "a.xml", "no XML"),
        ("<DJ_PLAYLISTS><COLLECTION><TRACK Name='S'><TEMPO Inizio='-1' Bpm='120'/></TRACK></COLLECTION></DJ_PLAYLISTS>",
         "a.xml", "a.xml: S: TEMPO 1.Inizio: '-1' is not a time"),
        ("0\t1\tintro\n-1\t2\tdrop\n", "a.txt", "a.txt: line 2: '-1' is not a time"),
        ("0\t1e400\tintro\n", "a.txt", "no finite number"), ("0\t99999999\tintro\n", "a.txt", "a time of 1e"),
        ("x y z\n", "a.lab", "a.lab: line 1: 'x y z' does not begin with a time"),
        ("filename,start,end,label\na,1,-2,x\n", "a.csv", "a.csv: line 2: end: '-2' is not a time"),
        ("filename,start,end,label\na,1,2,x,y\n", "a.csv", "5 values under 4 columns"),
        ("filename,start_bar,label\na,1,x\n", "a.csv", "line 2: bar 1, and nothing tells the tempo"),
        ("a,b\n1,2\n", "a.csv", "the columns a, b"), ("start,time\n1,2\n", "a.csv", "two columns mean the same"),
        ('{"id": 1, "labels": [[NaN, "intro"]]}', "a.jsonl", "NaN is no number"),
        ('{"id": 1, "labels": [[0, "intro"], [-3, "drop"]]}', "a.jsonl", r"labels\[1\]: -3 is not a time"),
        ("WEBVTT\n\n00:00:01,5 -> 3\nx\n\n1 --> 2\ny\n", "a.vtt", "line 6: '1 --> 2' are no times"),
        ("hello", "a.vtt", "does not begin with WEBVTT"), ("hello", "a.srt", "no captions in it"),
        ('File type = "ooTextFile"\nObject class = "TextGrid"\n0 -4', "a.TextGrid", "xmax: '-4' is not a time"),
        ('File type = "ooTextFile"\nObject class = "PitchTier"\n', "a.TextGrid", "no TextGrid"),
        ('File type = "ooTextFile"\nObject class = "TextGrid"\n0 1 <exists> 1 "IntervalTier" "x" 0 1 99999999', "a.TextGrid",
         "x, interval 1: 'nothing' is no number"),
        ('{"annotations": []}', "a.jams", "it holds no annotations"), ('{"annotations": 3}', "a.jams", "no list of annotations"),
        ('{"annotations": [{"namespace": "segment_open", "data": [{"time": -1}]}]}', "a.jams", r"data\[0\].time: -1 is not a time"),
        ("hello world", "a.bin", "none of the formats"), ("a\0b", "a.txt", "it is no text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(data, name, message):
    with pytest.raises(EdmError, match=message):
        read(data.encode(), name)


def test_a_name_that_is_no_format_is_refused():
    with pytest.raises(EdmError, match="mp3: no such format; use one of json, yaml"):
        read(b"x", "x", "mp3")
