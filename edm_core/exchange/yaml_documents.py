"""YAML: one file a recording, as the earlier annotator wrote it, and a block ``edm`` that keeps the rest.

What somebody changes in ``metadata``, ``audio`` or ``structure`` counts: the block adds only what still goes
with it. So files can be edited by hand, or by programs that know nothing of the block. Readers of older
generations pass it over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from .._codec import decode, encode
from ..annotation import Annotation
from ..errors import EdmError
from ..grid import Grid
from ..items import Section
from . import earlier
from .errors import ExchangeError
from .json_documents import annotation_of_value
from .plain_yaml import LARGEST, block, documents
from .reading import Notes, Reading
from .rows import in_order
from .values import seconds

NAME = "yaml"
TITLE = "YAML"
ENDINGS = (".yaml", ".yml")
HOLDS = "holds all of an annotation"
MANY = True

VERSION = 1
BLOCK = "edm"

# Which of a document's values each field was written to: one that was changed there counts.
_WRITTEN = {
    "metadata": {name: name for name in ("tier", *earlier.METADATA)},
    "audio": {"file": "recording", "duration": "recording", "bpm": "grid", "downbeat": "grid",
              "time_signature": "grid", "key": "key"},
}  # fmt: skip
_HINTS = {field.name: field for field in fields(Annotation)}


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return the annotation of each document in a stream; comments and empty documents are passed over."""
    if len(text) > LARGEST:
        raise ExchangeError(f"over {LARGEST >> 20} MiB of YAML", subject=name, remedy="split it, or use JSON")
    found = [(line, value) for line, value in documents(text, name) if value is not None]
    if not found:
        raise ExchangeError("no document in it", subject=name, remedy="give a file with audio and structure")
    if len(found) == 1 and isinstance(found[0][1], list):
        found = [(found[0][0], value) for value in found[0][1]]
    made = []
    for line, value in found:
        place = f"{name}: line {line}" if len(found) > 1 else name
        notes.about = f"line {line}: " if len(found) > 1 else ""
        if isinstance(value, dict) and isinstance(value.get(BLOCK), dict):
            made.append(_with_block(value, place, notes, duration))
        else:
            made.append(annotation_of_value(value, place, notes, duration))
    return Reading(tuple(made), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a document for each annotation."""
    return "---\n".join("".join(block(_document(annotation))) for annotation in annotations)


# --- private ---------------------------------------------------------------------------------------


def _document(annotation: Annotation) -> dict[str, Any]:
    document = earlier.document_of(annotation)
    # What a reader without the block gets, and what that lacks.
    plain = earlier.annotation_of_document(document, "", Notes(), None, tile=False)
    kept: dict[str, Any] = {"version": VERSION}
    for name in _HINTS:
        value = getattr(annotation, name)
        if name == "rest":  # the document itself has what a YAML file held besides
            value = {key: item for key, item in value.items() if key != NAME}
            kept |= {"rest": encode(value)} if value else {}
        elif name != "sections" and value != getattr(plain, name):
            kept[name] = encode(value)
    if annotation.sections and annotation.sections != plain.sections:
        kept |= _details(annotation.sections, plain.sections or ())
    return {name: value for name, value in document.items() if name != BLOCK} | {BLOCK: kept}


def _details(sections: Sequence[Section], plain: Sequence[Section]) -> dict[str, Any]:
    """Return what the structure does not tell of sections: each by the time at which it begins."""
    no_bars = all(section.start_bar is None and section.end_bar is None for section in sections)
    bars = "of the grid" if no_bars else "as written"
    details = []
    read_back = {section.start: section for section in plain}
    for section in sections:
        before = _barred(read_back.get(section.start), bars)
        if before == section:
            continue
        whole = encode(section)
        same = encode(before) if before is not None else {}
        names = [field.name for field in fields(Section)]
        detail = {name: whole.get(name) for name in names if whole.get(name) != same.get(name)}
        details.append({"at": section.start, "is": section.label} | detail)
    return {"bars": bars} | ({"sections": details} if details else {})


def _barred(section: Section | None, bars: str) -> Section | None:
    return (
        section if section is None or bars == "as written" else replace(section, start_bar=None, end_bar=None)
    )


def _with_block(document: dict[str, Any], place: str, notes: Notes, duration: float | None) -> Annotation:
    kept = document[BLOCK]
    outer = {name: value for name, value in document.items() if name != BLOCK}
    plain = earlier.annotation_of_document(outer, place, notes, duration, tile=False)
    if not isinstance(kept.get("version"), int) or kept["version"] > VERSION:
        notes.say("unread", f"its edm block is of another version ({kept.get('version')}): it was not read")
        return replace(plain, sections=_tiled(plain, notes))
    values: dict[str, Any] = {}
    for name in kept.keys() & (_HINTS.keys() - {"sections"}):
        values[name] = _decoded(name, kept[name], f"{place}: edm.{name}")
    if "rest" in values:
        values["rest"] |= plain.rest
    try:
        said = replace(plain, **values)
    except EdmError as error:
        raise ExchangeError(error.problem, subject=f"{place}: edm", remedy=error.remedy) from None
    changed = _changed(outer, said) & values.keys()
    for name in sorted(changed):
        notes.say(
            "unread", f"{name} was changed outside: what the edm block said of it was left", severity="note"
        )
    said = replace(said, **{name: getattr(plain, name) for name in changed})
    if duration is not None:
        said = replace(said, recording=replace(said.recording, duration=duration))
    if not plain.sections:
        return said
    sections, is_whole = _detailed(plain.sections, kept, place)
    said = replace(said, sections=sections)
    in_place = all(a.end <= b.start + 1e-6 for a, b in zip(sections, sections[1:], strict=False))
    other_end = duration is not None and sections[-1].end != duration
    return said if is_whole and in_place and not other_end else replace(said, sections=_tiled(said, notes))


def _tiled(annotation: Annotation, notes: Notes) -> tuple[Section, ...] | None:
    if annotation.sections is None:
        return None
    grid = Grid(annotation.grid) if annotation.grid else None
    return in_order(annotation.sections, notes, grid, annotation.recording.duration)


def _changed(outer: dict[str, Any], said: Annotation) -> set[str]:
    """Return the fields whose values outside of the block are not those that were written with it."""
    written = earlier.document_of(said)
    changed = set()
    for part, names in _WRITTEN.items():
        there, expected = (document.get(part) or {} for document in (outer, written))
        changed |= {field for name, field in names.items() if there.get(name) != expected.get(name)}
    return changed


def _detailed(
    sections: Sequence[Section], kept: dict[str, Any], place: str
) -> tuple[tuple[Section, ...], bool]:
    """Return sections with their details; and whether each detail found its section as it was."""
    details: dict[float, dict[str, Any]] = {}
    entries = kept.get("sections") or []
    if not isinstance(entries, list):
        raise ExchangeError("sections is no list", subject=f"{place}: edm")
    for index, entry in enumerate(entries):
        where = f"{place}: edm.sections[{index}]"
        if not isinstance(entry, dict) or "at" not in entry:
            raise ExchangeError("no detail of a section", subject=where, remedy="remove it")
        details[seconds(entry["at"], where)] = entry
    bars = str(kept.get("bars", "as written"))
    made: list[Section] = []
    used = 0
    for section in sections:
        section = _barred(section, bars) or section
        entry = details.get(section.start)
        if entry is not None:
            used += 1
            values = {name: value for name, value in entry.items() if name not in ("at", "is")}
            if entry.get("is") != section.label:  # called otherwise since
                values = {
                    name: value for name, value in values.items() if name not in ("original", "confidence")
                }
            section = _replaced(section, values, f"{place}: edm.sections at {section.start}")
        made.append(section)
    return tuple(made), used == len(details)


def _replaced(section: Section, values: dict[str, Any], place: str) -> Section:
    try:
        return decode(Section, encode(section) | values, place)
    except EdmError as error:
        raise ExchangeError(error.problem, subject=place, remedy=error.remedy) from None


def _decoded(name: str, value: Any, place: str) -> Any:
    try:
        return getattr(decode(Annotation, {name: value}, place), name)
    except EdmError as error:
        raise ExchangeError(error.problem, subject=place, remedy=error.remedy) from None
