"""What we write is read by the libraries that other people use, and says the same there."""

from __future__ import annotations

import io
import json
import warnings
import xml.etree.ElementTree as ElementTree

import pytest

from edm_core.annotation import Annotation, Subject
from edm_core.exchange import write
from edm_core.grid import Grid, GridSegment
from edm_core.items import Event, Key, Passage, Section, Word

SONG = Annotation(
    Subject(path="/m/a b.mp3", title="Song", artist="Nobody", duration=64.0),
    grid=(GridSegment(0.5, 120.0), GridSegment(32.5, 140.0, position=1)),
    key=(Key(0.0, 64.0, name="F# minor", camelot="11A"),),
    sections=(Section(0.0, 32.5, "intro", 0.5, original="mix in"), Section(32.5, 64.0, "drop")),
    events=(Event(32.5, "kick in"),),
    words=(Word(1.0, 1.5, text="Good", probability=0.5), Word(1.5, 2.0, text="morning", probability=None)),
    passages=(Passage(1.0, 2.0, text="Good morning"),),
    author="ada",
    tier="verified",
    flags=("check",),
)
SECTIONS = [(0.0, 32.5, "mix in"), (32.5, 64.0, "drop")]


def test_jams_holds_to_its_schema(tmp_path):
    jams = pytest.importorskip("jams")
    (tmp_path / "song.jams").write_bytes(write(SONG, "jams").data)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = jams.load(str(tmp_path / "song.jams"), validate=True, strict=True)
        assert found.validate(strict=True)
    (segments,) = found.search(namespace="segment_open")
    assert [(o.time, o.time + o.duration, o.value) for o in segments.data] == SECTIONS
    (beats,) = found.search(namespace="beat_position")
    assert [o.time for o in beats.data] == [beat.time for beat in Grid(SONG.grid).beats(64.0)]
    assert found.file_metadata.duration == 64.0 and segments.annotation_metadata.annotator.name == "ada"


def test_lines_are_read_by_mir_eval(tmp_path):
    mir_eval = pytest.importorskip("mir_eval")
    for format in ("lab", "mirex"):
        path = tmp_path / f"song.{format}"
        path.write_bytes(write(SONG, format).data)
        intervals, labels = mir_eval.io.load_labeled_intervals(str(path))
        assert [
            (*interval, label) for interval, label in zip(intervals.tolist(), labels, strict=True)
        ] == SECTIONS


def test_textgrid_is_read_by_praatio(tmp_path):
    from praatio import textgrid

    path = tmp_path / "song.TextGrid"
    path.write_bytes(write(SONG, "textgrid").data)
    grid = textgrid.openTextgrid(str(path), includeEmptyIntervals=False)
    assert [tuple(entry) for entry in grid.getTier("sections").entries] == SECTIONS
    assert [tuple(entry) for entry in grid.getTier("words").entries] == [
        (1.0, 1.5, "Good"),
        (1.5, 2.0, "morning"),
    ]
    assert [tuple(entry) for entry in grid.getTier("events").entries] == [(32.5, "kick in")]
    assert grid.maxTimestamp == 64.0


@pytest.mark.parametrize("format", ["srt", "webvtt"])
def test_captions_are_read_by_pysubs2(format):
    import pysubs2

    data = write(SONG, format).data.decode()
    found = pysubs2.SSAFile.from_string(data, format_={"webvtt": "vtt"}.get(format, format))
    assert [(line.start, line.end) for line in found] == [(1000, 2000)]
    import re

    assert re.sub(r"<[^>]*>", "", found[0].plaintext) == "Good morning"


def test_records_hold_to_edm98(tmp_path):
    loaders = pytest.importorskip("edm98.loaders")
    (tmp_path / "songs.jsonl").write_bytes(write(SONG, "edm98").data)
    (record,) = loaders.load_dataset_records(tmp_path / "songs.jsonl")
    assert record["labels"] == [(0.0, "intro"), (32.5, "drop"), (64.0, "end")]


def test_tables_are_read_by_pandas():
    import pandas

    table = pandas.read_csv(io.BytesIO(write(SONG, "csv").data))
    assert [tuple(row) for row in table.itertuples(index=False)] == [("/m/a b.mp3", *row) for row in SECTIONS]


def test_rekordbox_gets_what_its_format_list_asks_for():
    root = ElementTree.fromstring(write(SONG, "rekordbox").data)
    assert root.tag == "DJ_PLAYLISTS" and root.get("Version") == "1.0.0"
    collection = root.find("COLLECTION")
    (track,) = collection
    assert collection.get("Entries") == "1" and track.get("Location") == "file://localhost/m/a%20b.mp3"
    assert (track.get("Name"), track.get("TotalTime"), track.get("Tonality")) == ("Song", "64", "F#m")
    tempos = [
        tuple(entry.get(name) for name in ("Inizio", "Bpm", "Metro", "Battito"))
        for entry in track.iter("TEMPO")
    ]
    assert [(float(a), float(b), c, d) for a, b, c, d in tempos] == [
        (0.5, 120.0, "4/4", "1"),
        (32.5, 140.0, "4/4", "1"),
    ]
    marks = [
        (mark.get("Name"), float(mark.get("Start")), mark.get("Num")) for mark in track.iter("POSITION_MARK")
    ]
    assert marks == [("mix in", 0.0, "-1"), ("drop", 32.5, "-1"), ("kick in", 32.5, "-1")]


def test_corpus_of_edm98_is_read():
    resources = pytest.importorskip("importlib.resources")
    pytest.importorskip("edm98")
    from edm_core.exchange import read

    data = (resources.files("edm98") / "resources" / "dataset.jsonl").read_bytes()
    reading = read(data, "dataset.jsonl")
    assert reading.format == "edm98" and len(reading.annotations) == 98
    records = [json.loads(line) for line in data.decode().splitlines() if line.strip()]
    for record, annotation in zip(records, reading.annotations, strict=True):
        words = [label for _, label in record["labels"][:-1]]
        found = [section.label for section in annotation.sections]
        assert (
            found == words or found[1:] == words
        )  # a first section may begin late: what is before it is other
        assert annotation.recording.path == record["file_path"]
    assert {finding.kind for finding in reading.findings} <= {"gap"}
