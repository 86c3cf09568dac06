"""``edm annotations convert``: the result on standard output, and all that is to be said on standard error."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edm_core.exchange import FORMATS, read, read_file

GOLDEN = Path(__file__).parents[1] / "exchange" / "golden"


def sections(data, name="", format=None):
    return [(s.start, s.end, s.label) for s in read(data, name, format).annotations[0].sections]


def test_every_format_can_be_asked_for():
    from edm_core.cli.annotations_convert import TARGETS

    assert TARGETS == FORMATS


@pytest.mark.parametrize("target", ["json", "yaml", "lab", "rekordbox"])
def test_a_file_becomes_another(edm, target):
    done = edm("annotations", "convert", GOLDEN / "current.yaml", "--to", target, as_bytes=True)
    assert done.returncode == 0
    wanted = [(s.start, s.end, s.label) for s in read_file(GOLDEN / "current.yaml").annotations[0].sections]
    assert sections(done.stdout, "x", target) == wanted


def test_json_has_the_keys_of_the_contract_and_the_findings(edm):
    done = edm("annotations", "convert", GOLDEN / "current.yaml", "--to", "json")
    document = json.loads(done.stdout)
    keys = {"recording", "tempo", "meter", "key", "beats", "sections", "events", "author", "tier", "findings"}
    assert keys <= document.keys()
    assert (
        document["tempo"]["bpm"] == 120.0
        and document["key"]["camelot"] == "8A"
        and document["tier"] == "verified"
    )
    assert [finding["kind"] for finding in document["findings"]] == ["bars_disagree", "gap"]


def test_what_does_not_agree_and_what_is_left_out_is_said_a_line_each(edm):
    done = edm("annotations", "convert", GOLDEN / "current.yaml", "--to", "mirex")
    lines = done.stderr.splitlines()
    assert all(line.startswith("edm: ") for line in lines)
    assert any("warning at 0:32.500: drop is at 32.500 s and in bar 19" in line for line in lines)
    assert any(line.endswith("left out: 1 key: MIREX holds sections only") for line in lines)
    whole = edm("annotations", "convert", GOLDEN / "analyze.json", "--to", "yaml")
    assert whole.stderr == ""


def test_standard_input_and_a_format_that_is_said(tmp_path):
    arguments = ["annotations", "convert", "-", "--to", "csv", "--from", "mirex", "--duration", "40"]
    done = subprocess.run(
        [sys.executable, "-c", "from edm_core.cli import run; run()", *arguments],
        input=b"0\t15\tintro\n15\t30\tdrop\n", capture_output=True, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0
    assert sections(done.stdout, "x.csv") == [
        (0.0, 15.0, "intro"),
        (15.0, 30.0, "drop"),
        (30.0, 40.0, "other"),
    ]
    assert b"nothing is said from 30.000 s to the end" in done.stderr


def test_of_several_those_that_are_asked_for(edm):
    several = edm("annotations", "convert", GOLDEN / "collection.xml", "--to", "lab")
    assert (several.returncode, several.stdout) == (1, "")
    assert "2 annotations; it holds one a file" in several.stderr
    one = edm("annotations", "convert", GOLDEN / "collection.xml", "--to", "lab", "--only", "dance")
    assert one.returncode == 0 and one.stdout.splitlines()[1].endswith(" Drop")
    none = edm("annotations", "convert", GOLDEN / "collection.xml", "--to", "lab", "--only", "x y z")
    assert none.returncode == 1 and "no annotation of 'x y z' among 2" in none.stderr
    table = edm("annotations", "convert", GOLDEN / "two-annotators.jams", "--to", "json")
    assert [json.loads(line)["author"] for line in table.stdout.splitlines()] == ["ada", "bob"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a: &a [1]\nb: *a\n", "line 2: an alias"), (b"", "it is empty"), (b"\0\1\2", "it is no text"),
        (b"structure: [{bar: 1, time: -1, label: x}]", "structure[0]: -1 is not a time"),
        (None, "it cannot be read (No such file or directory)"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_one_line_and_status_1(edm, tmp_path, content, says):
    path = tmp_path / "bad.yaml"
    if content is not None:
        path.write_bytes(content)
    done = edm("annotations", "convert", path, "--to", "json")
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr and len(done.stderr.splitlines()) == 1


def test_the_file_stays_as_it_is(edm, tmp_path):
    path = Path(shutil.copy(GOLDEN / "older.yaml", tmp_path / "older.yaml"))
    before = path.read_bytes()
    assert edm("annotations", "convert", path, "--to", "jams").returncode == 0
    assert path.read_bytes() == before


def test_unusable_arguments_are_status_2(edm):
    assert edm("annotations", "convert", "x.yaml").returncode == 2
    assert edm("annotations", "convert", "x.yaml", "--to", "mp3").returncode == 2
    assert edm("annotations", "convert", "x.yaml", "--to", "json", "--duration", "-1").returncode == 2


def test_the_help_has_examples(edm):
    done = edm("annotations", "convert", "--help")
    assert done.returncode == 0 and "edm annotations convert" in done.stdout and "--duration" in done.stdout
