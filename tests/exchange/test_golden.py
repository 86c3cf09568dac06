"""Files as other programs write them, and what each says; and what we write, as other programs read it."""

from __future__ import annotations

import json
import runpy
from pathlib import Path

import pytest

from edm_core.exchange import FORMATS, read_file, write
from edm_core.exchange.formats import sniffed

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
EXPECTED = json.loads((GOLDEN / "expected.json").read_text(encoding="utf-8"))


def said(annotation):
    subject = annotation.recording
    found = {name: getattr(subject, name) for name in ("path", "title", "artist", "duration")}
    found |= {"author": annotation.author, "tier": annotation.tier}
    found["key"] = annotation.key[0].name if annotation.key else None
    rows = {
        "grid": lambda s: [s.time, s.bpm, s.beats_per_bar, s.position],
        "sections": lambda s: [s.start, s.end, s.label, s.original],
        "events": lambda e: [e.time, e.label],
        "words": lambda w: [w.start, w.end, w.text],
        "passages": lambda p: [p.start, p.end, p.text],
    }
    for name, row in rows.items():
        items = getattr(annotation, name)
        found[name] = None if items is None else [row(item) for item in items]
    return {name: value for name, value in found.items() if value is not None}


@pytest.mark.parametrize("name", EXPECTED)
def test_what_the_file_says(name):
    expected = EXPECTED[name]
    reading = read_file(GOLDEN / name)
    assert reading.format == expected["format"]
    assert [finding.kind for finding in reading.findings] == expected["findings"]
    found = [said(annotation) for annotation in reading.annotations]
    if name.endswith(".jams"):  # it has no name of its recording: that of the file is taken
        assert {one.pop("path") for one in found} == {Path(name).stem}
    assert found == expected["annotations"]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_format_is_told_by_what_is_in_it(name):
    data = (GOLDEN / name).read_bytes()
    text = data.decode("utf-16" if data[:1] in (b"\xff", b"\xfe") else "utf-8-sig", errors="replace").replace(
        "\r\n", "\n"
    )
    found = sniffed(text, "something")
    alike = {"mirex": "audacity", "lab": ("lab", "audacity")}  # lines of MIREX are those of Audacity
    assert (
        found == EXPECTED[name]["format"]
        or found in alike.get(EXPECTED[name]["format"], ())
        or name == "starts.lab"
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_the_same_format_again_loses_nothing(name):
    reading = read_file(GOLDEN / name)
    if reading.format in ("csv", "srt", "webvtt", "audacity", "lab", "mirex", "textgrid"):
        return  # they hold no names, no grids and so on: see the round trips
    assert write(reading.annotations, reading.format).left_out == ()


def test_every_format_has_a_file():
    assert {entry["format"] for entry in EXPECTED.values()} == set(FORMATS)


def test_the_files_are_those_of_the_generator():
    made = runpy.run_path(str(HERE / "make_golden.py"))
    assert made["EXPECTED"] == EXPECTED
    assert {path.name for path in GOLDEN.iterdir()} == {*made["FILES"], "expected.json"}
    for name, content in made["FILES"].items():
        assert (GOLDEN / name).read_bytes() == content, name
