"""Tables of sections, one recording or many: ``filename,start,end,label`` in seconds, or in bars.

Layouts of the earlier analyser: ``filename,start,end,label``; ``filename,start_bar,end_bar,label,bpm`` and
perhaps ``first_downbeat``, with the last bar included; ``filename,bar,label,bpm``; and ``path,bpm`` for tempo
alone. Commas, semicolons and tabs separate. A table without a header has times and a label.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ..annotation import Annotation, Subject
from ..grid import Grid
from ..vocabulary import write_section
from .errors import ExchangeError
from .reading import Notes, Reading
from .rows import Row, parts_of
from .values import length, meter_of, number, seconds, segment, share, stem

NAME = "csv"
TITLE = "CSV"
HOLDS = "holds names of recordings, times and labels of sections"
MANY = True

COLUMNS = ("filename", "start", "end", "label")
"""What is written; times are seconds."""

_NAMES = {
    "file": "filename", "path": "filename", "filename": "filename", "start": "start", "time": "start",
    "start_time": "start", "end": "end", "end_time": "end", "start_bar": "bar", "bar": "bar",
    "end_bar": "last_bar", "label": "label", "section": "label", "bpm": "bpm", "tempo": "bpm",
    "first_downbeat": "downbeat", "downbeat": "downbeat", "time_signature": "meter",
    "confidence": "confidence", "duration": "duration",
}  # fmt: skip


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return an annotation of each recording that the table names.

    Raises
    ------
    ExchangeError
        If the header tells neither times nor bars, or a row does not go with it; the line is named.
    """
    recordings: dict[str, list[tuple[str, dict[str, str]]]] = {}
    for line, entry in _entries(text, name, notes):
        recordings.setdefault(entry.get("filename", ""), []).append((f"{name}: line {line}", entry))
    made = []
    for filename, entries in recordings.items():
        notes.about = f"{filename}: " if len(recordings) > 1 else ""
        made.append(
            _recording(filename or stem(name), entries, duration if len(recordings) == 1 else None, notes)
        )
    return Reading(tuple(made), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a table in seconds.

    Raises
    ------
    ExchangeError
        If two annotations are of recordings with one name: nothing would tell them apart.
    """
    counts = Counter(annotation.recording.path or "" for annotation in annotations)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise ExchangeError(
            f"two annotations of {twice[0] or 'a recording without a name'}", subject=TITLE,
            remedy="write each by itself",
        )  # fmt: skip
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for annotation in annotations:
        writer.writerows(
            (annotation.recording.path or "", f"{section.start:.6f}", f"{section.end:.6f}",
             write_section(section.label, section.original))
            for section in annotation.sections or ()
        )  # fmt: skip
    return text.getvalue()


# --- private ---------------------------------------------------------------------------------------


def _entries(text: str, name: str, notes: Notes) -> Iterator[tuple[int, dict[str, str]]]:
    """Give each row's line and its values by column; rows that are comments or empty are passed over."""
    first = text.lstrip().split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    columns: list[str | None] | None = None
    try:
        for row in table:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].startswith("#"):
                continue
            if columns is None:
                columns, is_header = _columns(cells, f"{name}: line {table.line_num}", notes)
                if is_header:
                    continue
            if len(cells) > len(columns):
                raise ExchangeError(
                    f"{len(cells)} values under {len(columns)} columns",
                    subject=f"{name}: line {table.line_num}",
                    remedy="quote values that hold the separator",
                )
            yield (
                table.line_num,
                {column: cell for column, cell in zip(columns, cells, strict=False) if column and cell},
            )
    except csv.Error as error:
        raise ExchangeError(f"no table: {error}", subject=f"{name}: line {table.line_num}") from None


def _columns(cells: list[str], place: str, notes: Notes) -> tuple[list[str | None], bool]:
    words = [_NAMES.get(cell.casefold().replace(" ", "_")) for cell in cells]
    found = [word for word in words if word]
    if len(set(found)) < len(found):
        raise ExchangeError("two columns mean the same", subject=place, remedy="remove one")
    if {"start", "bar"} & set(found) or {"filename", "bpm"} <= set(found):
        for cell, word in zip(cells, words, strict=True):
            if word is None and cell:
                notes.say("unread", f"the column {cell!r} was not read", severity="note")
        return words, True
    if found or not cells[0][:1].isdigit():
        raise ExchangeError(
            f"the columns {', '.join(cells)[:80]}", subject=place,
            remedy="give filename,start,end,label or filename,start_bar,end_bar,label,bpm",
        )  # fmt: skip
    if len(cells) in (2, 3):
        return [["start", "label"], ["start", "end", "label"]][len(cells) - 2], False  # type: ignore[return-value]
    raise ExchangeError("no header", subject=place, remedy="begin with filename,start,end,label")


def _recording(
    filename: str | None, entries: Sequence[tuple[str, dict[str, str]]], duration: float | None, notes: Notes
) -> Annotation:
    said = _said_once(entries, notes)
    place = entries[0][0]
    duration = duration or length(said.get("duration"), f"{place}: duration", notes)
    meter = meter_of(said.get("meter"), notes, f"{place}: time_signature")
    made = segment(said.get("bpm"), said.get("downbeat"), meter, f"{place}: bpm", notes)
    grid = None if made is None else Grid((made,))
    rows = [_row(entry, place, notes) for place, entry in entries if "start" in entry or "bar" in entry]
    parts = parts_of(rows, notes, grid=grid, duration=duration)
    return Annotation(
        Subject(path=filename, duration=duration),
        grid=None if grid is None else grid.segments,
        sections=parts.sections if rows else None,
        events=parts.events or None,
    )


def _row(entry: dict[str, str], place: str, notes: Notes) -> Row:
    def time(column: str) -> float | None:
        return seconds(entry[column], f"{place}: {column}") if column in entry else None

    def bar(column: str) -> float | None:
        return number(entry[column], f"{place}: {column}") if column in entry else None

    confidence = share(entry.get("confidence"), f"{place}: confidence", notes)
    return Row(
        place, entry.get("label", ""), time("start"), time("end"), bar("bar"), bar("last_bar"), confidence
    )


def _said_once(entries: Sequence[tuple[str, dict[str, str]]], notes: Notes) -> dict[str, Any]:
    """Return what each row repeats of the recording; where rows differ the first counts, and it is said."""
    said: dict[str, Any] = {}
    for place, entry in entries:
        for column in ("bpm", "downbeat", "meter", "duration"):
            if column in entry and said.setdefault(column, entry[column]) != entry[column]:
                where, first = place.rsplit(": ")[-1], said[column]
                notes.say("unread", f"{where}: {column} {entry[column]} instead of {first}: the first counts")
    return said
