"""50,000 sections: read and written whole by every format that can hold them."""

from __future__ import annotations

import pytest

from edm_core.annotation import Annotation, Subject
from edm_core.exchange import FORMATS, read, write
from edm_core.grid import GridSegment
from edm_core.items import Section

COUNT = 50_000
WORDS = ("intro", "drop", "breakdown", "outro")
MANY = Annotation(
    Subject(path="/long", duration=COUNT * 0.5),
    grid=(GridSegment(0.0, 128.0),),
    sections=tuple(Section(i / 2, (i + 1) / 2, WORDS[i % 4], original="drop 2" if i % 8 == 1 else None) for i in range(COUNT)),
)  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize("format", FORMATS)
def test_all_of_them_come_back(format):
    written = write(MANY, format)
    left_out = [said.split(": ")[0] for said in written.left_out]
    assert not [said for said in left_out if "section" in said and "original" not in said]
    (again,) = read(written.data, "long", format).annotations
    assert [(s.start, s.end, s.label) for s in again.sections] == [
        (s.start, s.end, s.label) for s in MANY.sections
    ]


@pytest.mark.timeout(120)
def test_as_many_that_nobody_knows_are_one_finding():
    text = "".join(f"{i}\t{i + 1}\tchorus\n" for i in range(COUNT))
    (finding,) = read(text.encode(), "a.txt").findings
    assert (finding.kind, finding.count) == ("unknown_label", COUNT)


@pytest.mark.timeout(120)
def test_of_as_many_that_are_wrong_the_first_are_told_and_how_many_more():
    rows = "".join(f"- [{i + 1}, drop, {i * 2 + 1}]\n" for i in range(20_000))
    reading = read(f"bpm: 120\ndownbeat: 0\nannotations:\n{rows}".encode(), "a.yaml")
    assert len(reading.annotations[0].sections) == 20_000
    assert len(reading.findings) < 250 and "and 19800 more of the kind bars_disagree" in [
        f.message for f in reading.findings
    ]
