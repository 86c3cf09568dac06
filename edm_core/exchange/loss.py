"""What a file does not say of the annotations that it was written from: found by reading it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ..annotation import Annotation, Subject
from ..errors import EdmError
from ..items import Section
from .formats import Format
from .reading import Notes

ROUNDED_S = 0.001
"""Times that far apart are the same, rounded."""

_SAME_S = 5e-7

_COUNTED = {
    "grid": "segment of the grid", "key": "key", "events": "event", "activity": "stretch of activity",
    "words": "word", "passages": "passage", "comments": "comment",
}  # fmt: skip
_TOLD = {
    "author": "author", "tier": "tier", "confidence": "confidence of the whole", "flags": "flags",
    "verified_by": "who verified it", "notes": "notes", "created": "date of creation",
    "modified": "date of modification",
}  # fmt: skip
_DETAILS = {
    "confidence": "confidence", "start_bar": "bar", "end_bar": "last bar", "repeats": "repetition",
    "energy": "energy", "boundary_confidence": "confidence of a boundary", "original": "original word",
}  # fmt: skip


def lost(annotations: Sequence[Annotation], text: str, module: Format) -> tuple[str, ...]:
    """Return what is missing or different when ``text`` is read again.

    Parameters
    ----------
    annotations : sequence of Annotation
        From which it was written.
    text : str
        As the format's ``write`` gave it.
    module : Format
        The format's module.
    """
    why = f"{module.TITLE} {module.HOLDS}"
    try:
        again = module.read(text, "", None, Notes()).annotations if text.strip() else ()
    except EdmError:  # nothing of it could be written
        again = ()
    counts: Counter[str] = Counter()
    for index, annotation in enumerate(annotations):
        after = again[index] if index < len(again) else Annotation()
        counts.update(_missing(annotation, after))
    return tuple(f"{_with_number(what, count)}: {why}" for what, count in counts.items())


def _missing(before: Annotation, after: Annotation) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name in (field.name for field in fields(Subject)):
        value = getattr(before.recording, name)
        if value is not None and not _alike(value, getattr(after.recording, name)):
            counts[f"={name} of the recording"] += 1
    for name, what in _COUNTED.items():
        value, again = getattr(before, name), getattr(after, name)
        if value is not None and value != again:
            counts[what] += _different(value, again or ())
    counts.update(_of_sections(before.sections, after.sections))
    for name, what in _TOLD.items():
        value = getattr(before, name)
        if value not in (None, ()) and value != getattr(after, name):
            counts[f"={what}"] += 1
    for name, value in before.rest.items():
        if after.rest.get(name) != value:
            counts[f"=what a {name} file held besides"] += 1
    return +counts


def _of_sections(before: Sequence[Section] | None, after: Sequence[Section] | None) -> Counter[str]:
    """Count sections that are gone, and what is gone of those that are there."""
    counts: Counter[str] = Counter()
    if before is None:
        return counts
    if not before:
        counts["=that there are no sections"] = after is None
        return counts
    at = {round(section.start, 2): section for section in after or ()}
    for section in before:
        near = (at.get(round(section.start + shift, 2)) for shift in (0.0, -0.005, 0.005))
        again = next((one for one in near if one and abs(one.start - section.start) <= ROUNDED_S), None)
        if again is None or again.label != section.label or abs(again.end - section.end) > ROUNDED_S:
            counts["section"] += 1
            continue
        if max(abs(again.start - section.start), abs(again.end - section.end)) > _SAME_S:
            counts["time of a section beyond a millisecond"] += 1
        for name, what in _DETAILS.items():
            value = getattr(section, name)
            if value is not None and value != getattr(again, name):
                counts[f"{what} of a section" if "of a" not in what else what] += 1
    return counts


def _different(before: Sequence[Any], after: Sequence[Any]) -> int:
    """Count items that are not there again; at least one, as something differs."""
    left = Counter(map(repr, before))
    left.subtract(map(repr, after))
    return sum(count for count in left.values() if count > 0) or 1


def _alike(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return abs(one - two) <= _SAME_S
    return bool(one == two)


def _with_number(what: str, count: int) -> str:
    if what.startswith("="):
        return what[1:] if count == 1 else f"{what[1:]} ({count} times)"
    if count == 1:
        return f"1 {what}"
    first, _, rest = what.partition(" of ")
    plural = (
        f"{first[:-1]}ies"
        if first.endswith("y")
        else f"{first}s"
        if not first.endswith("ch")
        else f"{first}es"
    )
    return f"{count} {plural}" + (f" of {rest}" if rest else "")
