"""Label files (``.lab``) of corpora and of HTK: start, end and label between spaces.

Corpora give seconds. The HTK Book (Young et al., 6.2.1) has whole numbers of 100 ns, which are told by being
whole and beyond any recording. Files with beginnings alone end with a line ``end``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..annotation import Annotation
from .lines import Line, annotation_of_rows, lines_of, rows_of, section_lines
from .reading import Notes, Reading
from .values import LONGEST_S

NAME = "lab"
TITLE = "LAB"
HOLDS = "holds sections only"
MANY = False

_UNITS = 10_000_000


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return the sections of a file."""
    lines = [*lines_of(text, name)]
    times = [time for line in lines for time in line.times]
    whole = all(time.isdecimal() and len(time) < 18 for time in times)
    if whole and max(map(int, times), default=0) > LONGEST_S:
        notes.say("unread", "times were taken for units of 100 ns, as HTK has them", severity="note")
        lines = [
            Line(line.place, tuple(str(int(time) / _UNITS) for time in line.times), line.word)
            for line in lines
        ]
    made = annotation_of_rows(rows_of(lines), name, duration, notes)
    return Reading((replace(made, sections=made.sections or None),), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a line for each section, in seconds."""
    return "".join(section_lines(annotations[0], " "))
