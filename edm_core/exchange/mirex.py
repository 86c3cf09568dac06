"""What MIREX's task *Structural Segmentation* takes in: onset, offset and label between tabs, in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..annotation import Annotation
from .lines import annotation_of_rows, lines_of, rows_of, section_lines
from .reading import Notes, Reading

NAME = "mirex"
TITLE = "MIREX"
HOLDS = "holds sections only"
MANY = False


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return the sections of a file."""
    made = annotation_of_rows(rows_of([*lines_of(text, name)]), name, duration, notes)
    return Reading((replace(made, sections=made.sections or None),), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a line for each section."""
    return "".join(section_lines(annotations[0], "\t"))
