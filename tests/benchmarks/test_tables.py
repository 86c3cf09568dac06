"""Tables and the picture say what was found: no more, and nothing that is not a system's task."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from benchmarks import plot, tables
from benchmarks.accuracy import Accuracy, Summary
from benchmarks.calibration import Calibration

SVG = "{http://www.w3.org/2000/svg}"


def value(mean: float, low: float, high: float) -> dict[str, float]:
    return {"mean": mean, "low": low, "high": high, "items": 7}


OURS: Summary = {
    "lmms": {"beat_f": value(0.98, 0.97, 0.99)},
    "all": {
        "beat_f": value(0.98, 0.97, 0.99),
        "hr05_f": value(0.6, 0.5, 0.7),
        "label": value(0.95, 0.9, 1.0),
    },
}
MADMOM: Summary = {"all": {"beat_f": value(0.9, 0.8, 1.0), "hr05_f": value(0.0, 0.0, 0.0)}}
MINUS: Summary = {"all": {"beat_f": value(0.08, 0.01, 0.2), "hr05_f": value(0.6, 0.5, 0.7)}}
GOOD = Calibration(0.03, 0.02, 0.04, 900, 7, ((0.9, 0.93, 900.0),))
BAD = dataclasses.replace(GOOD, error=0.08, high=0.1)


def accuracy(**changes: Any) -> Accuracy:
    found = Accuracy(
        summaries={"ours": OURS, "madmom": MADMOM, "form only": OURS},
        differences={"madmom": MINUS},
        calibrations={"beats": {"width": GOOD, "mass": BAD}, "boundaries": "absent: not there"},
        missing={"msaf-sf": "no Python 3.10 was found"},
        problems=["loop_x (no prediction)"],
        items=7,
        minutes=21.0,
        documents=Path("ours.jsonl"),
    )
    return dataclasses.replace(found, **changes)


def test_goals_and_tasks_stand_in_the_table_of_systems() -> None:
    lines = tables.systems_table(accuracy().summaries)
    assert lines[0] == "| measure | items | goal | ours | madmom | form only |"
    by_measure = {line.split(" | ")[0].strip("| "): line for line in lines[2:]}
    assert set(by_measure) == {"beat_f", "hr05_f", "label"}
    assert "| ≥ .97 | 0.98 [0.97, 0.99] | 0.90 [0.80, 1.00] |" in by_measure["beat_f"]
    # madmom finds no sections: its zero is none.
    assert "| ≥ .75 (**not reached**) | 0.60 [0.50, 0.70] | – | 0.60" in by_measure["hr05_f"]
    assert "| – | 0.95" in by_measure["label"]


def test_sure_differences_are_bold() -> None:
    assert tables.cell(value(-0.2, -0.3, -0.1), signed=True) == "**-0.20 [-0.30, -0.10]**"
    assert tables.cell(value(0.2, -0.1, 0.5), signed=True) == "+0.20 [-0.10, +0.50]"
    lines = tables.differences_table({"madmom": MINUS})
    assert lines[2:] == ["| beat_f | **+0.08 [+0.01, +0.20]** |"]


def test_what_is_missing_is_said() -> None:
    text = tables.accuracy_section(accuracy(), "A set.", "### Speech")
    assert "- *msaf-sf*: left out: no Python 3.10 was found" in text
    assert "loop_x (no prediction)" in text
    assert "non-commercial" in text
    assert text.startswith("A set.\n") and text.endswith("### Speech")
    assert "count as zero: none." in tables.accuracy_section(accuracy(problems=[]), "A set.")


def test_confidences_are_judged_by_bins_of_equal_width() -> None:
    text = tables.calibration_section({"few": accuracy()})
    assert "| few | beats | 7 | 900 | 0.030 [0.020, 0.040] | 0.080 [0.020, 0.100] |" in text
    assert "| few | boundaries | | | absent: not there | |" in text
    worse = accuracy(calibrations={"beats": {"width": BAD, "mass": GOOD}})
    assert "0.080 [0.020, 0.100] (**not reached**)" in tables.calibration_section({"few": worse})


def test_the_picture_shows_each_system_where_it_has_a_task() -> None:
    sets = {"one & two": accuracy().summaries, "other": {"ours": OURS}}
    root = ElementTree.fromstring(plot.figure(sets, "Ours < theirs"))
    titles = [title.text or "" for title in root.iter(f"{SVG}title")]
    # Three measures of ours and of the form on the first set, madmom's beats; ours again on the other.
    assert sum(title.startswith("ours:") for title in titles) == 6
    assert sum(title.startswith("form only:") for title in titles) == 3
    assert [title for title in titles if title.startswith("madmom")] == ["madmom: 0.90 [0.80, 1.00]"]
    texts = [text.text for text in root.iter(f"{SVG}text")]
    assert {"one & two", "other", "Ours < theirs", "beats, F"} <= set(texts)


def test_marks_lie_inside_the_picture_and_rows_do_not_overlap() -> None:
    systems = ("ours", "madmom", "form only")
    rows = plot.layout({"few": accuracy().summaries}, systems)
    assert [row.systems for row in rows] == [systems, ("ours", "form only"), ("ours", "form only")]
    assert all(below.top == above.top + above.height for above, below in zip(rows, rows[1:], strict=False))
    root = ElementTree.fromstring(plot.figure({"few": accuracy().summaries}, "x"))
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    names = [(float(t.attrib["x"]), t.text or "") for t in root.iter(f"{SVG}text") if t.attrib["y"] == "52"]
    assert [name for _, name in names] == list(systems)
    assert all(x + 7 * len(name) < width for x, name in names)
    assert all(x + 7 * len(n) < following for (x, n), (following, _) in zip(names, names[1:], strict=False))
    for line in root.iter(f"{SVG}line"):
        assert 0 <= float(line.attrib["x1"]) <= float(line.attrib["x2"]) <= width
        assert 0 <= float(line.attrib["y1"]) <= float(line.attrib["y2"]) <= height
