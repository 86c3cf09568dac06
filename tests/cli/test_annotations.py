import csv
import io
import json
import shutil

import pytest
import yaml

from edm_core.cli.annotations import COLUMNS
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.timeline import Key, Layer, Recording, Section, Timeline

ID = "sha256:" + "ab" * 32
END = 60.0


def document(id=ID, *, camelot="8A", path="night drive.mp3", label="intro"):
    layers = (
        Layer("key", "model:key@1", (Key(0.0, END, name="A minor", camelot=camelot),)),
        Layer("sections", "model:sections@1", (Section(0.0, 30.0, label), Section(30.0, END, "other"))),
    )
    return Timeline(Recording(id, END, 44_100, 2, path=path), layers)


WRONG = document(camelot="9B")


@pytest.fixture
def file(tmp_path):
    def write(*timelines, name="timelines.jsonl"):
        path = tmp_path / name
        path.write_text("".join(timeline.to_json() + "\n" for timeline in timelines), encoding="utf-8")
        return path

    return write


@pytest.fixture
def library(tmp_path, demo):
    """A library with the demo's track, analysed, and a talk without an analysis; no sound is decoded."""
    library = Library(Settings(data_dir=tmp_path / "data"), check=lambda path: None)
    track = library.add_file(shutil.copy(demo / "edm_track.mp3", tmp_path / "track.mp3"))
    library.save_timeline(document(track.id, camelot="9B"))
    talk = tmp_path / "talk.ogg"
    talk.write_bytes(b"not decoded")
    library.add_file(talk)
    return library


def test_findings_are_told_with_place_and_severity(edm, file):
    done = edm("annotations", "check", file(WRONG), COLUMNS="160")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0].strip() == "night drive.mp3"
    (key,) = (line for line in lines if "key_name" in line)
    assert key.startswith("0:00.000 – 1:00.000") and "error" in key and "A minor is 8A" in key
    assert "no_beats" in done.stdout
    assert done.stderr == "edm: night drive.mp3: 1 error\n"


def test_notes_are_no_failure_and_severity_leaves_them_out(edm, file):
    path = file(document())
    assert (edm("annotations", "check", path)).returncode == 0
    strict = edm("annotations", "check", path, "--severity", "warning")
    assert (strict.returncode, strict.stdout) == (
        0,
        "night drive.mp3: no findings of severity warning or above\n",
    )


def test_nothing_to_say_is_said(edm, file):
    done = edm("annotations", "check", file(document(label="other")))
    assert (done.returncode, done.stdout, done.stderr) == (0, "night drive.mp3: no findings\n", "")


@pytest.mark.parametrize("layout", ["json", "yaml", "csv"])
def test_rows_are_the_same_in_every_format(edm, file, layout):
    read = {
        "json": json.loads,
        "yaml": yaml.safe_load,
        "csv": lambda text: list(csv.DictReader(io.StringIO(text))),
    }
    done = edm("annotations", "check", file(WRONG, WRONG), "--format", layout)
    rows = read[layout](done.stdout)
    assert [row["kind"] for row in rows] == ["key_name", "no_beats"] * 2
    assert tuple(rows[0]) == COLUMNS
    assert (float(rows[0]["end"]), rows[0]["severity"], rows[0]["layer"]) == (END, "error", "key")


def test_without_findings_csv_has_its_header_and_json_is_an_empty_list(edm, file):
    path = file(document(label="other"))
    assert edm("annotations", "check", path, "--format", "csv").stdout == ",".join(COLUMNS) + "\n"
    assert json.loads(edm("annotations", "check", path, "--format", "json").stdout) == []


def test_an_indented_document_and_standard_input_are_read(edm, tmp_path):
    path = tmp_path / "one.json"
    path.write_text(WRONG.to_json(indent=1), encoding="utf-8")
    assert "key_name" in edm("annotations", "check", path).stdout
    empty = edm("annotations", "check", "-")
    assert empty.returncode == 1 and "standard input: it is empty" in empty.stderr


def test_a_bad_line_does_not_hide_the_others(edm, file):
    path = file(document(), document())
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{lines[0]}\n{{broken\n[]\n{lines[1]}\n", encoding="utf-8")
    done = edm("annotations", "check", path)
    assert done.returncode == 1
    assert done.stdout.count("night drive.mp3") == 2
    first, second = done.stderr.splitlines()
    assert "timelines.jsonl:2" in first and "timelines.jsonl:3" in second


def test_files_of_other_formats_are_checked_with_what_reading_them_found(edm, tmp_path):
    path = tmp_path / "old.yaml"
    path.write_text(
        "file: a.mp3\nbpm: 120\ndownbeat: 0\nduration: 60\nkey: 8A\nannotations: [[1, intro, 0], [9, drop, 20]]",
        encoding="utf-8",
    )
    done = edm("annotations", "check", path, "--format", "json")
    rows = json.loads(done.stdout)
    assert done.returncode == 0
    (bars,) = (row for row in rows if row["kind"] == "bars_disagree")
    assert (bars["recording"], bars["start"], bars["bar"]) == ("old.yaml", 20.0, 11)
    assert "too_long" in {row["kind"] for row in rows}  # and the checks of a timeline are made


def test_each_recording_of_a_file_is_checked(edm, tmp_path):
    path = tmp_path / "songs.csv"
    path.write_text(
        "filename,start,end,label\na.mp3,0,9,drop\nb.mp3,0,9,chorus\nb.mp3,9,12,drop\n", encoding="utf-8"
    )
    done = edm("annotations", "check", path, "--format", "json")
    rows = json.loads(done.stdout)
    assert {row["recording"] for row in rows} == {"songs.csv", "songs.csv: a.mp3", "songs.csv: b.mp3"}
    (word,) = (row for row in rows if row["kind"] == "unknown_label")
    assert word["message"].startswith("b.mp3: 'chorus'")


def test_a_file_that_cannot_be_read_is_named_with_its_line(edm, tmp_path):
    path = tmp_path / "song.lab"
    path.write_text("0 9 intro\n-1 3 drop\n", encoding="utf-8")
    done = edm("annotations", "check", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "song.lab: line 2: '-1' is not a time" in done.stderr and len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("how", ["id", "prefix", "name", "stem", "file"])
def test_a_recording_is_found_by_id_name_or_file(edm, library, tmp_path, how):
    (track,) = (entry for entry in library.list() if entry.status == "done")
    subject = {
        "id": track.id, "prefix": track.digest[:8], "name": "Track.mp3", "stem": "track", "file": tmp_path / "track.mp3",
    }[how]  # fmt: skip
    done = edm("annotations", "check", subject, "--format", "json", EDM_DATA_DIR=str(tmp_path / "data"))
    assert {row["recording"] for row in json.loads(done.stdout)} == {"track.mp3"}


@pytest.mark.parametrize(
    ("subject", "says"),
    [
        ("talk", "it has no analysis yet"),
        ("nobody", "no such recording"),
        ("gone.json", "cannot be read"),
        ("abcdef0", "no such recording"),
        ("x" * 5000, "no such recording"),
    ],
)
def test_what_cannot_be_had_is_named_with_its_reason(edm, library, tmp_path, subject, says):
    done = edm("annotations", "check", subject, EDM_DATA_DIR=str(tmp_path / "data"))
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr and len(done.stderr.splitlines()) == 1


def test_a_name_that_two_recordings_have_asks_for_an_id(edm, library, tmp_path):
    (tmp_path / "b").mkdir()
    other = tmp_path / "b" / "track.mp3"
    other.write_bytes(b"another")
    entry = library.add_file(other)
    done = edm("annotations", "check", "track", EDM_DATA_DIR=str(tmp_path / "data"))
    assert done.returncode == 1 and entry.digest[:12] in done.stderr


def test_unusable_arguments_are_status_2(edm):
    assert edm("annotations", "check").returncode == 2
    assert edm("annotations", "check", "-", "--severity", "fatal").returncode == 2
