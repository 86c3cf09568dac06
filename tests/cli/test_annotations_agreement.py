"""Agreement, queue and assignments on the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from click.testing import CliRunner, Result

from edm_core.annotation import Annotation
from edm_core.cli.annotations_agreement import COLUMNS, COMMANDS, ORDERS, PASSES
from edm_core.evaluation import MEASURES
from edm_core.items import Recording, Section
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.store.annotations import Annotations
from edm_core.store.assignments import PASSES as KNOWN_PASSES
from edm_core.store.queue import ORDERS as KNOWN_ORDERS
from edm_core.timeline import Timeline

CLI = click.Group("annotations", commands={str(command.name): command for command in COMMANDS})


class Edm:
    """The commands with a library of three recordings of three minutes."""

    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("COLUMNS", "160")
        library = Library(check=lambda path: None)
        self.ids = {}
        for name in ("night", "morning", "noon"):
            file = tmp_path / f"{name}.mp3"
            file.write_bytes(name.encode())
            self.ids[name] = library.add_file(file).id
            library.save_timeline(Timeline(Recording(self.ids[name], 180.0, 44_100, 2, title=name.title())))
        self.store = Annotations(Settings.from_environment())

    def said(self, name: str, author: str, *starts: float) -> None:
        ends = (*starts[1:], 180.0)
        labels = ("intro", "buildup", "drop", "breakdown", "outro")
        sections = tuple(
            Section(start, end, labels[i % 5])
            for i, (start, end) in enumerate(zip(starts, ends, strict=True))
        )
        head = self.store.head(self.ids[name], author)
        self.store.save(
            self.ids[name], author, Annotation(sections=sections), parent=head.number if head else None,
            duration=180.0, tool="test",
        )  # fmt: skip

    def __call__(self, *arguments: object) -> Result:
        result = CliRunner().invoke(CLI, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def rows(self, *arguments: object) -> list[dict[str, Any]]:
        return json.loads(self(*arguments, "--format", "json").stdout)


@pytest.fixture
def edm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Edm:
    return Edm(tmp_path, monkeypatch)


def test_agreement_on_a_recording(edm: Edm) -> None:
    edm.said("night", "ada", 0.0, 30.0, 60.0, 120.0)
    edm.said("night", "ben", 0.0, 31.0, 60.0, 120.0)
    edm.said("night", "cleo", 0.0, 30.0, 90.0, 120.0)
    shown = edm("agreement", "Night")
    assert shown.exit_code == 0 and shown.stderr == ""
    for text in ("Night", "boundaries ± 0.5 s, F", "ada, ben", "ben, cleo", "section labels, alpha", "–"):
        assert text in shown.stdout
    assert "words" not in shown.stdout

    rows = edm.rows("agreement", "Night")
    assert [row["measure"] for row in rows[: len(MEASURES)]] == list(MEASURES)
    assert tuple(rows[0]) == COLUMNS and len(rows) == 4 * len(MEASURES)
    by = {(row["raters"], row["measure"]): row for row in rows}
    both = by["ada, ben", "boundaries_05"]
    assert both["value"] == pytest.approx(2 / 3) and both["low"] < both["value"] < both["high"]
    assert (both["basis"], both["units"]) == ("blocks", 6)
    assert by["ada, ben", "boundaries_3"]["value"] == 1.0
    assert by["ada, ben, cleo", "words"] | {"recording": ""} == {
        "recording": "", "raters": "ada, ben, cleo", "measure": "words", "value": None, "low": None,
        "high": None, "basis": None, "units": None, "reason": "not both wrote down words",
    }  # fmt: skip


def test_formats_say_the_same(edm: Edm) -> None:
    edm.said("night", "ada", 0.0, 30.0)
    edm.said("night", "ben", 0.0, 31.0)
    rows = edm.rows("agreement", "night.mp3", "--draws", 0)
    assert yaml.safe_load(edm("agreement", "night.mp3", "--draws", 0, "--format", "yaml").stdout) == rows
    table = list(
        csv.DictReader(io.StringIO(edm("agreement", "night.mp3", "--draws", 0, "--format", "csv").stdout))
    )
    assert [(row["measure"], row["value"] or None) for row in table] == [
        (row["measure"], None if row["value"] is None else str(row["value"])) for row in rows
    ]
    assert {row["low"] for row in rows} == {None}


def test_several_recordings_and_what_is_over_all_of_them(edm: Edm) -> None:
    for name, start in (("night", 31.0), ("morning", 45.0)):
        edm.said(name, "ada", 0.0, 30.0)
        edm.said(name, "ben", 0.0, start)
    edm.said("noon", "ada", 0.0, 30.0)
    shown = edm("agreement")
    assert shown.exit_code == 0 and "all 2 recordings" in shown.stdout and "Noon" not in shown.stdout
    assert shown.stdout.index("Morning") < shown.stdout.index("Night")  # the worst first
    rows = edm.rows("agreement")
    (over,) = [row for row in rows if row["recording"] == "" and row["measure"] == "boundaries_3"]
    assert over["value"] == 0.5 and over["low"] is None


def test_only_some_people_are_compared(edm: Edm) -> None:
    edm.said("night", "ada", 0.0, 30.0)
    edm.said("night", "ben", 0.0, 31.0)
    edm.said("night", "cleo", 0.0, 90.0)
    rows = edm.rows("agreement", "Night", "--author", "Ada", "--author", "cleo")
    assert {row["raters"] for row in rows} == {"ada, cleo"}


def test_what_cannot_be_compared_is_named_and_the_rest_is_done(edm: Edm) -> None:
    edm.said("night", "ada", 0.0, 30.0)
    edm.said("night", "ben", 0.0, 31.0)
    edm.said("noon", "ada", 0.0, 30.0)
    shown = edm("agreement", "Night", "Noon", "nowhere")
    assert shown.exit_code == 1 and "Night" in shown.stdout
    lines = shown.stderr.strip().splitlines()
    assert len(lines) == 2 and "nowhere" in lines[0] and "Noon: fewer than two people" in lines[1]
    alone = edm("agreement", "Night", "--author", "ada")
    assert alone.exit_code == 1 and "fewer than two of ada" in alone.stderr
    assert edm("agreement", "Noon", "--format", "json").stdout.strip() == "[]"


def test_nothing_at_all_is_no_error(edm: Edm) -> None:
    shown = edm("agreement")
    assert shown.exit_code == 0 and "no recording that two people annotated" in shown.stdout
    header = edm("agreement", "--format", "csv").stdout
    assert header.strip() == ",".join(COLUMNS)


def test_the_queue_and_assignments(edm: Edm) -> None:
    assert [row["name"] for row in edm.rows("queue", "ben")] == ["Night", "Morning", "Noon"]
    assert edm("assign", "Noon", "nowhere", "--to", "Ben", "--pass", "blind", "--by", "ada").exit_code == 1
    first = edm.rows("queue", "ben")[0]
    assert first == {
        "recording": edm.ids["noon"],
        "name": "Noon",
        "why": "assigned by ada, blind",
        "score": None,
    }
    (given,) = edm.rows("assignments")
    assert (given["recording"], given["author"], given["pass"], given["done"]) == (
        "Noon",
        "ben",
        "blind",
        None,
    )
    assert "blind" in edm("queue", "ben").stdout and "Noon" in edm("assignments", "--author", "ben").stdout
    assert edm("assign", "Noon", "--to", "ben", "--close").exit_code == 0
    again = edm("assign", "Noon", "--to", "ben", "--close")
    assert again.exit_code == 1 and "Noon: no open assignment to ben" in again.stderr
    assert edm.rows("queue", "ben", "--limit", 1)[0]["name"] == "Night"
    assert edm("assignments", "--author", "cleo").stdout.strip() == "nothing is assigned"


def test_choices_are_those_of_the_store() -> None:
    assert ORDERS == KNOWN_ORDERS and PASSES == KNOWN_PASSES


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: str(command.name))
def test_every_command_has_an_example(command: click.Command) -> None:
    text = CliRunner().invoke(CLI, [str(command.name), "--help"]).output
    assert f"edm annotations {command.name}" in text
