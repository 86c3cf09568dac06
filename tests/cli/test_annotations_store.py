"""Bringing files in, writing them out, looking at what changed: the store's commands."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from edm_core import exchange
from edm_core.annotation import Annotation, Subject
from edm_core.cli.annotations_store import COMMANDS
from edm_core.errors import EdmError
from edm_core.exchange import FORMATS
from edm_core.grid import GridSegment
from edm_core.items import Section
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.store.annotations import Annotations
from edm_core.timeline import Layer, Recording, Timeline

CLI = click.Group("annotations", commands={str(command.name): command for command in COMMANDS})
PARTS = Annotation(
    sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop")), grid=(GridSegment(0.02, 128.0),)
)


class Edm:
    """The commands with a library of two recordings of a minute, and a store that is empty."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = tmp_path, monkeypatch
        monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("COLUMNS", "160")
        library = Library(check=lambda path: None)
        self.ids = {}
        for name, title in (("night drive.mp3", "Night Drive"), ("a@b#2.flac", None)):
            (tmp_path / name).write_bytes(name.encode())
            entry = library.add_file(tmp_path / name)
            self.ids[name] = entry.id
            recording = Recording(entry.id, 60.0, 44_100, 2, title=title, artist="Ada")
            library.save_timeline(
                Timeline(recording, (Layer("sections", "model:s@1", (Section(0.0, 60.0, "other"),)),))
            )
        self.song = self.ids["night drive.mp3"]
        self.store = Annotations(Settings.from_environment())

    def __call__(self, *arguments: object) -> Result:
        result = CliRunner().invoke(CLI, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def rows(self, *arguments: object) -> list[dict[str, Any]]:
        result = self(*arguments, "--format", "json")
        return json.loads(result.stdout)  # type: ignore[no-any-return]

    def save(self, annotation: Annotation, author: str = "ada", song: str | None = None) -> None:
        song = song or self.song
        head = self.store.head(song, author)
        self.store.save(
            song, author, annotation, parent=head.number if head else None, duration=60.0, tool="test"
        )

    def file(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path


@pytest.fixture
def edm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edm:
    return Edm(tmp_path, monkeypatch)


LABELS = "0\t30\tintro\n30\t60\tdrop\n"


# --- import ------------------------------------------------------------------------------------------


def test_a_file_is_found_its_recording_by_name(edm: Edm) -> None:
    (row,) = edm.rows("import", edm.file("Night Drive.txt", LABELS), "--author", "Ada", "--tier", "reference")
    assert (row["recording"], row["author"], row["revision"], row["tier"]) == (
        "Night Drive",
        "ada",
        1,
        "reference",
    )
    said = edm.store.annotation(edm.song, "ada")
    assert [part.label for part in said.sections or ()] == ["intro", "drop"]
    assert (said.tier, said.recording.title) == ("reference", "Night Drive")
    assert said.recording.path == str(edm.folder / "night drive.mp3")
    (head,) = edm.store.history(edm.song)
    assert (head.tool, head.note) == ("import", "from Night Drive.txt")


@pytest.mark.parametrize(
    "file", ["C:\\\\Music\\\\Night Drive.MP3", "/elsewhere/night drive.mp3", "night drive.wav"]
)
def test_a_file_says_its_recording_in_any_spelling(edm: Edm, file: str) -> None:
    document = f'audio: {{file: "{file}", bpm: 128, downbeat: 0.02}}\nstructure:\n- {{bar: 1, label: intro, time: 0.02}}\n'
    (row,) = edm.rows("import", edm.file("x.yaml", document), "--author", "ada")
    assert row["recording"] == "Night Drive"
    assert (edm.store.annotation(edm.song, "ada").sections or ())[-1].end == 60.0


def test_an_id_counts_most_and_the_option_before_all(edm: Edm) -> None:
    said = replace(PARTS, recording=Subject(edm.song, path="a@b#2.flac", duration=60.0), author="ada")
    file = edm.file("x.json", exchange.write(said, "json").data)
    assert edm.rows("import", file)[0]["recording"] == "Night Drive"
    assert edm.rows("import", file, "--recording", edm.ids["a@b#2.flac"][:20])[0]["recording"] == "a@b#2.flac"
    assert edm.store.head(edm.ids["a@b#2.flac"], "ada") is not None


def test_importing_again_adds_nothing_and_a_change_is_a_revision(edm: Edm) -> None:
    file = edm.file("night drive.txt", LABELS)
    edm("import", file, "--author", "ada")
    assert edm.rows("import", file, "--author", "ada")[0]["revision"] == 1
    file.write_text(LABELS.replace("drop", "breakdown"))
    row = edm.rows("import", file, "--author", "ada")[0]
    assert (row["revision"], row["change"]) == (2, "drop became breakdown")


def test_what_cannot_be_brought_in_is_named_and_the_rest_comes_in(edm: Edm) -> None:
    files = [
        edm.file("unknown song.txt", LABELS), edm.file("broken.yaml", "structure: ["), edm.folder / "none.yaml",
        edm.file("night drive.txt", LABELS),
    ]  # fmt: skip
    result = edm("import", *files, "--author", "ada", "--format", "json")
    assert result.exit_code == 1
    assert [row["file"] for row in json.loads(result.stdout)] == [str(files[-1])]
    lines = result.stderr.splitlines()
    assert len(lines) == 3
    assert f"{files[0]}: unknown song" in lines[0] and "--recording" in lines[0]
    assert "broken.yaml" in lines[1] and "none.yaml" in lines[2]


def test_a_file_that_does_not_say_whose_it_is_needs_an_author(edm: Edm) -> None:
    result = edm("import", edm.file("night drive.txt", LABELS))
    assert result.exit_code == 1 and "--author" in result.stderr
    result = edm("import", edm.file("night drive.txt", LABELS), "--author", "../x")
    assert result.exit_code == 1 and "no name of an author" in result.stderr
    assert edm.store.lines() == ()


def test_two_annotations_of_one_author_in_a_file_are_not_laid_over_each_other(edm: Edm) -> None:
    two = [
        replace(PARTS, recording=Subject(edm.song, duration=60.0), author=author) for author in ("ada", "bob")
    ]
    file = edm.file("both.yaml", exchange.write(two, "yaml").data)
    assert [row["author"] for row in edm.rows("import", file)] == ["ada", "bob"]
    result = edm("import", file, "--author", "eve")
    assert result.exit_code == 1 and "two annotations" in result.stderr
    assert [one.number for one in edm.store.history(edm.song, "eve")] == [1]


@pytest.mark.parametrize("known", [59.0, 59.97, 61.0])
def test_what_lasts_to_the_end_does_so_in_a_file_that_rounds_it(edm: Edm, known: float) -> None:
    parts = (Section(0.0, 30.0, "intro"), Section(30.0, known, "drop"))
    said = [
        Annotation(Subject(edm.song, duration=known), sections=parts, author=author)
        for author in ("ada", "bob")
    ]
    assert len(edm.rows("import", edm.file("both.yaml", exchange.write(said, "yaml").data))) == 2
    kept = edm.store.annotation(edm.song, "bob").sections or ()
    assert [(part.start, part.end, part.label) for part in kept] == [
        (0.0, 30.0, "intro"),
        (30.0, 60.0, "drop"),
    ]


def test_names_that_several_recordings_have_are_asked_about(edm: Edm) -> None:
    other = edm.folder / "elsewhere"
    other.mkdir()
    (other / "night drive.mp3").write_bytes(b"another")
    Library(check=lambda path: None).add_file(other / "night drive.mp3")
    result = edm(
        "import",
        edm.file("x.yaml", "audio: {file: /gone/night drive.mp3}\nstructure: [{time: 0, label: intro}]\n"),
        "--author",
        "ada",
    )
    assert result.exit_code == 1 and "2 recordings" in result.stderr and edm.song[7:19] in result.stderr


def test_findings_are_told(edm: Edm) -> None:
    result = edm("import", edm.file("night drive.txt", "0\t30\tintro\n20\t60\tdrop\n"), "--author", "ada")
    assert result.exit_code == 0 and "begins before" in result.stderr


# --- export ------------------------------------------------------------------------------------------


def test_one_annotation_goes_to_standard_output(edm: Edm) -> None:
    edm.save(PARTS)
    result = edm("export", "night drive", "--to", "audacity")
    assert result.exit_code == 0
    assert [line.split("\t")[2] for line in result.stdout.splitlines()] == ["intro", "drop"]
    assert "left out" in result.stderr
    again = exchange.read(edm("export", edm.song, "--to", "yaml").stdout_bytes, "x.yaml").annotations[0]
    assert (again.sections, again.grid, again.author, again.recording.id) == (
        PARTS.sections,
        PARTS.grid,
        "ada",
        edm.song,
    )


def test_several_go_into_a_folder_and_nothing_is_overwritten(edm: Edm) -> None:
    edm.save(PARTS)
    edm.save(replace(PARTS, grid=None), "Bob B.")
    out = edm.folder / "out"
    rows = edm.rows("export", "Night Drive", "--to", "lab", "--out", out)
    assert sorted(file.name for file in out.iterdir()) == ["Night Drive.ada.lab", "Night Drive.bob b_.lab"]
    assert [(row["author"], row["revision"]) for row in rows] == [("ada", 1), ("bob b.", 1)]
    assert edm("export", "night drive", "--to", "lab", "--out", out).exit_code == 0  # they are the same
    edm.save(Annotation(sections=(Section(0.0, 60.0, "outro"),)))
    result = edm("export", "night drive", "--to", "lab", "--out", out, "--author", "ADA")
    assert result.exit_code == 1 and "there already" in result.stderr
    assert "intro" in (out / "Night Drive.ada.lab").read_text()


def test_what_is_not_there_is_said(edm: Edm) -> None:
    for arguments, told in (
        (("night drive",), "nobody has annotated it"), (("no such",), "no such recording"),
        (("night drive", "--author", "bob"), "bob has not"),
    ):  # fmt: skip
        result = edm("export", *arguments, "--to", "lab")
        assert result.exit_code == 1 and told in result.stderr and result.stdout == ""


def test_every_format_can_be_asked_for() -> None:
    target = next(option for option in CLI.commands["export"].params if option.name == "target")
    assert isinstance(target.type, click.Choice) and tuple(target.type.choices) == FORMATS


# --- history, diff, restore --------------------------------------------------------------------------


@pytest.fixture
def grown(edm: Edm) -> Edm:
    edm.save(PARTS)
    edm.save(Annotation(sections=(Section(0.0, 31.9, "intro"), Section(31.9, 60.0, "breakdown"))))
    edm.save(PARTS, "bob")
    return edm


def test_history_tells_who_changed_what(grown: Edm) -> None:
    rows = grown.rows("history", "night drive")
    assert [(row["author"], row["revision"], row["parent"]) for row in rows] == [
        ("bob", 1, None),
        ("ada", 2, 1),
        ("ada", 1, None),
    ]
    assert rows[1]["change"].startswith("grid removed, boundary moved from 30.00 to 31.90")
    assert [row["revision"] for row in grown.rows("history", grown.song[7:20], "--author", "Ada")] == [2, 1]
    assert "drop became breakdown" in grown("history", "night drive").stdout
    assert grown("history", "a@b#2.flac").stdout == "nobody has annotated it\n"


def test_two_revisions_are_compared_in_each_layout(grown: Edm) -> None:
    pair = ("night drive@ada#1", "night drive@ada")
    rows = grown.rows("diff", *pair)
    assert [(row["field"], row["start"], row["text"]) for row in rows] == [
        ("grid", None, "grid removed"), ("sections", 31.9, "boundary moved from 30.00 to 31.90"),
        ("sections", 31.9, "drop became breakdown"),
    ]  # fmt: skip
    assert "0:31.900 – 1:00.000" in grown("diff", *pair).stdout
    assert yaml.safe_load(grown("diff", *pair, "--format", "yaml").stdout) == rows
    assert len(list(csv.DictReader(io.StringIO(grown("diff", *pair, "--format", "csv").stdout)))) == 3
    assert grown("diff", "night drive@ada#1", "night drive@bob").stdout == "no difference\n"


def test_files_are_compared_with_what_is_kept(grown: Edm) -> None:
    file = grown.file("x.txt", LABELS)
    assert [row["text"] for row in grown.rows("diff", file, "night drive@bob#1")] == ["grid added (128 BPM)"]


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("night drive", "bob, ada annotated it"), ("night drive@eve", "no annotation of it by eve"),
        ("night drive@ada#9", "no revision 9"), ("nothing@ada", "no such recording"), ("a@b#2.flac", "nobody annotated it"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said(grown: Edm, what: str, told: str) -> None:
    with pytest.raises(EdmError, match=told):
        grown("diff", what, "night drive@bob")


def test_names_may_hold_the_signs_that_part_them(grown: Edm) -> None:
    grown.save(PARTS, "eve@x.org", grown.ids["a@b#2.flac"])
    assert grown("diff", "a@b#2.flac@eve@x.org#1", "night drive@bob").stdout == "no difference\n"


def test_a_recording_that_left_the_library_keeps_its_history(grown: Edm) -> None:
    Library(check=lambda path: None).remove(grown.song)
    assert len(grown.rows("history", grown.song)) == 3
    assert len(grown.rows("history", grown.song[7:19])) == 3


def test_restoring_is_a_revision_by_whoever_does_it(grown: Edm) -> None:
    (row,) = grown.rows("restore", "night drive@ada#1", "--by", "bob")
    assert (row["author"], row["revision"], row["change"]) == ("ada", 3, "revision 1 again")
    assert grown.store.annotation(grown.song, "ada").sections == PARTS.sections
    assert grown.store.audit(grown.song)[0].who == "bob"
    with pytest.raises(EdmError, match="names no revision"):
        grown("restore", "night drive@ada")


# --- sync --------------------------------------------------------------------------------------------


def test_sync_brings_edits_in_and_shows_conflicts(edm: Edm) -> None:
    with pytest.raises(EdmError, match="EDM_ANNOTATION_DIR"):
        edm("sync")
    folder = edm.folder / "yaml"
    edm.monkeypatch.setenv("EDM_ANNOTATION_DIR", str(folder))
    edm.save(PARTS)
    assert [(row["what"], row["revision"]) for row in edm.rows("sync")] == [("written", 1)]
    (file,) = folder.glob("*.yaml")
    outside = file.read_text().replace("drop", "breakdown")
    file.write_text(outside)
    assert [(row["what"], row["revision"]) for row in edm.rows("sync")] == [("saved", 2)]
    assert "1 files are as the store has them" in edm("sync").stdout
    edm.save(Annotation(sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "outro"))))
    stale = outside.replace("breakdown", "buildup")
    file.write_text(stale)
    result = edm("sync", "--format", "json")
    assert result.exit_code == 1
    assert [(row["what"], row["revision"]) for row in json.loads(result.stdout)] == [("conflict", 3)]
    told = result.stderr.splitlines()
    assert "clash with revision 3" in told[0] and ".conflict.yaml" in told[1] and "waits" in told[1]
    assert next(folder.glob("*.conflict.yaml")).read_text() == stale
    assert "outro" in file.read_text()


def test_sync_finds_the_recordings_of_files_of_other_origin(edm: Edm) -> None:
    folder = edm.folder / "yaml"
    folder.mkdir()
    edm.monkeypatch.setenv("EDM_ANNOTATION_DIR", str(folder))
    (folder / "mine.yaml").write_text(
        "audio: {file: 'D:\\night drive.mp3'}\nstructure: [{time: 0, label: intro}]\n"
    )
    result = edm("sync")
    assert result.exit_code == 1 and "--author" in result.stderr
    assert edm.rows("sync", "--author", "ada")[0]["what"] == "saved"
    assert edm.store.head(edm.song, "ada") is not None
