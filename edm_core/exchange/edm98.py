"""JSON Lines of the corpus EDM-98 (Kalandan, arXiv 2603.08759): a recording a line, sections by their starts.

``{"id": …, "file_path": …, "labels": [[0.054, "intro"], …, [247.0, "end"]]}``. It knows six labels; ``end``
closes the last section and is the end of the recording. There is no label for what is none of the six: a
stretch called ``other`` is left out, and what comes before it reaches up to what comes after.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from ..annotation import Annotation, Subject
from ..vocabulary import write_section
from .errors import ExchangeError
from .json_documents import values
from .reading import Notes, Reading
from .rows import Row, parts_of
from .values import length, seconds, text

NAME = "edm98"
TITLE = "EDM-98"
HOLDS = "holds names of recordings and sections of six labels"
MANY = True

LABELS = ("intro", "buildup", "drop", "breakdown", "outro", "silence")
"""All that it permits."""

_END = "end"


def read(text_: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return an annotation of each line.

    Raises
    ------
    ExchangeError
        If a line has no list of labels, or one of them no time.
    """
    records = [*values(text_, name)]
    made = []
    for place, record in records:
        if not isinstance(record, dict) or not isinstance(record.get("labels"), list):
            raise ExchangeError("no record with labels", subject=place)
        identity = text(record.get("id"))
        notes.about = f"{record.get('file_path') or identity}: " if len(records) > 1 else ""
        made.append(_record(record, identity, place, duration if len(records) == 1 else None, notes))
    return Reading(tuple(made), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a line for each annotation that has sections.

    Raises
    ------
    ExchangeError
        If two are of one recording: ids must differ.
    """
    records = [record for annotation in annotations if (record := _written(annotation)) is not None]
    twice = [identity for identity, count in Counter(record["id"] for record in records).items() if count > 1]
    if twice:
        raise ExchangeError(f"two annotations of {twice[0]}", subject=TITLE, remedy="write each by itself")
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


# --- private ---------------------------------------------------------------------------------------


def _record(
    record: dict[str, Any], identity: str | None, place: str, duration: float | None, notes: Notes
) -> Annotation:
    rows: list[Row] = []
    for index, entry in enumerate(record["labels"]):
        where = f"{place}: labels[{index}]"
        if not isinstance(entry, list) or len(entry) != 2:
            raise ExchangeError("no pair of time and label", subject=where)
        rows.append(Row(where, str(entry[1]), seconds(entry[0], where)))
    end = None
    if rows and rows[-1].word == _END:
        end = rows.pop().start
    else:
        notes.say("no_end", "its labels do not close with end")
    duration = duration or length(end, f"{place}: end", notes)
    parts = parts_of(rows, notes, grid=None, duration=duration)
    path = text(record.get("file_path"))
    rest = {} if identity is None or identity == path else {NAME: {"id": identity}}
    return Annotation(
        Subject(path=path or identity, duration=duration), sections=parts.sections or None,
        events=parts.events or None, rest=rest,
    )  # fmt: skip


def _written(annotation: Annotation) -> dict[str, Any] | None:
    kept = [
        (section, word)
        for section in annotation.sections or ()
        if (word := write_section(section.label, section.original, LABELS)) is not None
    ]
    if not kept:
        return None
    subject = annotation.recording
    rest = annotation.rest.get(NAME)
    identity = (
        str(rest["id"]) if isinstance(rest, dict) and rest.get("id") else subject.path or subject.id or "1"
    )
    labels: list[list[Any]] = [[section.start, word] for section, word in kept]
    labels.append([kept[-1][0].end, _END])
    path = {} if subject.path is None else {"file_path": subject.path}
    return {"id": identity, **path, "labels": labels}
