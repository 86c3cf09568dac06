"""What a file does not say of the annotations that it was written from: found by reading it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from ..annotation import Annotation, Subject
from ..errors import EdmError
from .formats import Format
from .reading import Notes

ROUNDED_S = 0.001
"""Times that far apart are the same, rounded."""

_SAME = 5e-7

# Of each kind: what an item is called, the fields by which it is known again, and names of its others.
_ITEMS: dict[str, tuple[str, tuple[str, ...], dict[str, str]]] = {
    "grid": ("segment of the grid", ("bpm",), {
        "beats_per_bar": "metre", "position": "position in the bar", "end": "end"}),
    "key": ("key", ("name",), {"end": "end", "camelot": "place on the wheel", "confidence": "confidence"}),
    "sections": ("section", ("label",), {
        "end": "end", "confidence": "confidence", "start_bar": "first bar", "end_bar": "last bar",
        "repeats": "repetition", "energy": "energy", "boundary_confidence": "confidence of the boundary",
        "original": "original word"}),
    "events": ("event", ("label",), {"confidence": "confidence", "bar": "bar"}),
    "activity": ("stretch of activity", ("label",), {"end": "end", "confidence": "confidence"}),
    "words": ("word", ("text",), {
        "end": "end", "probability": "probability", "speaker": "speaker", "label": "label",
        "confidence": "confidence"}),
    "passages": ("passage", ("text",), {
        "end": "end", "language": "language", "words": "words", "topic": "topic", "tone": "tone",
        "safety": "safety", "repeats": "repetition", "repetition": "kind of repetition", "label": "label",
        "confidence": "confidence", "speaker": "speaker"}),
    "comments": ("comment", ("text",), {}),
}  # fmt: skip
_TOLD = {
    "author": "author", "tier": "tier", "confidence": "confidence of the whole", "flags": "flags",
    "verified_by": "who verified it", "notes": "notes", "created": "date of creation",
    "modified": "date of modification",
}  # fmt: skip
_DEFAULTS = {"topic": "pending", "tone": "pending", "safety": "unknown"}

_Missing = Counter[tuple[str, str]]  # what of which item; ("", item) is the item itself, (what, "") the whole


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
    missing: _Missing = Counter()
    for index, annotation in enumerate(annotations):
        missing.update(_missing(annotation, again[index] if index < len(again) else Annotation()))
    return tuple(f"{_worded(what, item, count)}: {why}" for (what, item), count in missing.items())


def _missing(before: Annotation, after: Annotation) -> _Missing:
    missing: _Missing = Counter()
    for name in (field.name for field in fields(Subject)):
        value = getattr(before.recording, name)
        if value is not None and not _alike(value, getattr(after.recording, name)):
            missing[f"{name} of the recording", ""] += 1
    for kind, (called, known_by, others) in _ITEMS.items():
        value, again = getattr(before, kind), getattr(after, kind)
        if value is not None and not value and again != value:
            missing[f"that there is no {called}", ""] += 1
        elif value and value != again:
            missing.update(_of_items(value, again or (), called, known_by, others))
    for name, what in _TOLD.items():
        value = getattr(before, name)
        if value not in (None, ()) and value != getattr(after, name):
            missing[what, ""] += 1
    for name, value in before.rest.items():
        if after.rest.get(name) != value:
            missing[f"what a {name} file held besides", ""] += 1
    return missing


def _of_items(
    before: Sequence[Any],
    after: Sequence[Any],
    called: str,
    known_by: tuple[str, ...],
    others: dict[str, str],
) -> _Missing:
    """Count items that are gone, and what is gone of those that are there."""
    missing: _Missing = Counter()
    left: dict[int, list[Any]] = {}
    for item in after:
        left.setdefault(round(_start(item) * 100), []).append(item)
    for item in before:
        again = _again(item, left, known_by)
        if again is None:
            missing["", called] += 1
            continue
        if abs(_start(again) - _start(item)) > _SAME:
            missing["time beyond a millisecond", called] += 1
        for name, what in others.items():
            value, there = getattr(item, name), getattr(again, name)
            if value is None or value == "" or value == () or _alike(value, there):
                continue
            if name in _DEFAULTS and value.status == _DEFAULTS[name]:
                continue
            if name == "end" and there is not None and abs(value - there) <= ROUNDED_S:
                missing["time beyond a millisecond", called] += 1
            else:
                missing[what, called] += 1
    return missing


def _again(item: Any, left: dict[int, list[Any]], known_by: tuple[str, ...]) -> Any:
    """Take out what stands for an item, if it is there."""
    slot = round(_start(item) * 100)
    for near in (slot, slot - 1, slot + 1):
        for other in left.get(near, ()):
            is_there = abs(_start(other) - _start(item)) <= ROUNDED_S
            if is_there and all(_alike(getattr(item, name), getattr(other, name)) for name in known_by):
                left[near].remove(other)
                return other
    return None


def _start(item: Any) -> float:
    start: float = item.start if hasattr(item, "start") else item.time
    return start


def _alike(one: Any, two: Any) -> bool:
    if isinstance(one, float) and isinstance(two, float):
        return abs(one - two) <= _SAME
    return bool(one == two)


def _worded(what: str, item: str, count: int) -> str:
    if not item:
        return what if count == 1 else f"{what} ({count} times)"
    first, of, rest = item.partition(" of ")
    several = {"key": "keys", "stretch": "stretches"}.get(first, f"{first}s") + of + rest
    if not what:
        return f"{count} {item if count == 1 else several}"
    return f"{what} of {'1 ' + item if count == 1 else f'{count} {several}'}"
