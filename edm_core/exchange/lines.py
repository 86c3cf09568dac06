"""Files whose lines are a time or two and a word: what Audacity, ``.lab`` and MIREX have in common."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..annotation import Annotation, Subject
from ..vocabulary import write_section
from .errors import ExchangeError
from .reading import Notes
from .rows import Row, parts_of
from .values import seconds, stem

_NUMBER = re.compile(r"[-+]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)([eE][-+]?[0-9]+)?")
_BREAKS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line's place, its one or two times as they stand, and the word behind them."""

    place: str
    times: tuple[str, ...]
    word: str


def lines_of(text: str, name: str) -> Iterator[Line]:
    """Give the lines that hold something; ``#`` and ``%`` begin a comment.

    Raises
    ------
    ExchangeError
        If a line does not begin with a time, naming it.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip() or line.lstrip()[0] in "#%\ufeff":
            continue
        parts = line.split("\t", 2) if "\t" in line.strip() else line.split(None, 2)
        is_second = len(parts) > 1 and _NUMBER.fullmatch(parts[1].strip())
        times = tuple(part.strip() for part in parts[: 2 if is_second else 1])
        if not _NUMBER.fullmatch(times[0]):
            raise ExchangeError(
                f"{line.strip()[:40]!r} does not begin with a time", subject=f"{name}: line {number}",
                remedy="give start, end and label in seconds",
            )  # fmt: skip
        word = " ".join(part.strip() for part in parts[len(times) :])
        yield Line(f"{name}: line {number}", times, word)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """Return rows; of beginnings alone, a last one called ``end`` is the end of the one before."""
    rows = [Row(line.place, line.word, *(seconds(time, line.place) for time in line.times)) for line in lines]
    if len(rows) > 1 and rows[-1].end is None and rows[-1].word.casefold() == "end":
        rows[-2] = replace(rows[-2], end=rows[-1].start) if rows[-2].end is None else rows[-2]
        rows.pop()
    return rows


def annotation_of_rows(rows: Sequence[Row], name: str, duration: float | None, notes: Notes) -> Annotation:
    """Return the sections of rows as an annotation of the recording that the file is named after."""
    parts = parts_of(rows, notes, grid=None, duration=duration)
    return Annotation(
        Subject(path=stem(name), duration=duration), sections=parts.sections, events=parts.events or None
    )


def section_lines(annotation: Annotation, separator: str) -> Iterator[str]:
    """Give a line for each section: start, end and word."""
    for section in annotation.sections or ():
        word = write_section(section.label, section.original) or section.label
        yield separator.join((f"{section.start:.6f}", f"{section.end:.6f}", on_a_line(word))) + "\n"


def on_a_line(word: str) -> str:
    """Return a word without what would end its line or its column."""
    return _BREAKS.sub(" ", word).strip()
