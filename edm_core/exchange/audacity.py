"""Label tracks of Audacity: start, end and label between tabs, in seconds.

Source: the Audacity manual, *Importing and Exporting Labels*. Labels of a region are sections, labels of a
point events; where there are points alone, those named like sections begin one. Lines that begin with a
backslash hold a range of frequencies, which no annotation here has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..annotation import Annotation
from ..items import Event
from ..vocabulary import read_section
from .lines import annotation_of_rows, lines_of, on_a_line, rows_of, section_lines
from .reading import Notes, Reading

NAME = "audacity"
TITLE = "Audacity"
HOLDS = "holds sections and events only"
MANY = False


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return regions as sections and points as events."""
    kept = [line for line in text.split("\n") if not line.startswith("\\")]
    if len(kept) <= text.count("\n"):
        notes.say("unread", "ranges of frequencies were left", severity="note")
    rows = rows_of([*lines_of("\n".join(kept), name)])
    is_region = [row.end not in (None, row.start) for row in rows]
    if not any(is_region):  # a label at each boundary
        is_region = [bool(row.word) and read_section(row.word).known for row in rows]
    regions = [row for row, region in zip(rows, is_region, strict=True) if region]
    points = [row for row, region in zip(rows, is_region, strict=True) if not region]
    annotation = annotation_of_rows(regions, name, duration, notes)
    events = [Event(row.start or 0.0, row.word, row.confidence) for row in points] + [
        *(annotation.events or ())
    ]
    made = replace(
        annotation,
        sections=annotation.sections or None,
        events=tuple(sorted(events, key=lambda event: event.time)) or None,
    )
    return Reading((made,), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a region for each section and a point for each event, in order of time."""
    (annotation,) = annotations
    lines = [*section_lines(annotation, "\t")]
    lines += [
        f"{event.time:.6f}\t{event.time:.6f}\t{on_a_line(event.label)}\n" for event in annotation.events or ()
    ]
    return "".join(sorted(lines, key=lambda line: float(line.split("\t", 1)[0])))
