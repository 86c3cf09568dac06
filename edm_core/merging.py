"""Two people changed the same annotation: what both did, and where that cannot be.

Spans (sections, activity, words, passages) are merged cell by cell. Time is cut wherever no item of any of
the three versions lies across the cut; sections that tile are so cut at the boundaries that all three have in
common. What one side changed in a cell is taken; where both changed it, and not alike, there is a
:class:`Clash`, and ours stands in the merged annotation. Sections that tile in all three still tile.

Events and comments are merged one by one, flags and what other formats left in ``rest`` too; grid, key and
the rest are one value each. Which bars a section spans is derived from the grid, and which earlier one it
repeats is the model's saying: neither counts as a change, and the second is led along to its new place.

Pure: :func:`edm_core.store.annotations.Annotations` does the reading and saving.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ._cells import cells, gist, identity, numbered
from .annotation import Annotation, Subject
from .changes import Change, difference

__all__ = ["POINTS", "SPANS", "Change", "Clash", "Merged", "difference", "merge", "with_theirs"]

SPANS = ("sections", "activity", "words", "passages")
"""Fields that are merged cell by cell."""
POINTS = ("events", "comments")
"""Fields whose items are merged one by one."""
_VALUES = ("grid", "key", "tier", "confidence", "verified_by", "notes")


@dataclass(frozen=True, slots=True)
class Clash:
    """Something that both changed, and not alike.

    ``field`` is one of :class:`~edm_core.annotation.Annotation`. Of spans, events and comments, ``ours`` and
    ``theirs`` are the items between ``start`` and ``end`` (seconds); of anything else ``start`` and ``end``
    are None and the whole values stand there.
    """

    field: str
    start: float | None
    end: float | None
    ours: Any
    theirs: Any


@dataclass(frozen=True, slots=True)
class Merged:
    """An annotation with what both sides changed; ours stands where there is a clash."""

    annotation: Annotation
    clashes: tuple[Clash, ...]


def merge(base: Annotation | None, ours: Annotation, theirs: Annotation) -> Merged:
    """Return what two sides made of the same annotation.

    Parameters
    ----------
    base : Annotation or None
        What both began from; None where both began from nothing.
    ours, theirs : Annotation
        What became of it.

    Examples
    --------
    >>> from edm_core.items import Section
    >>> def parts(*edges, **labels):
    ...     names = [labels.get(f"at{start}", "other") for start in edges]
    ...     cut = zip(edges, edges[1:], names)
    ...     return Annotation(sections=tuple(Section(float(a), float(b), name) for a, b, name in cut))
    >>> merged = merge(
    ...     parts(0, 30, 60, 90), parts(0, 20, 60, 90), parts(0, 30, 60, 90, at60="outro")
    ... )
    >>> [(part.start, part.label) for part in merged.annotation.sections], merged.clashes
    ([(0.0, 'other'), (20.0, 'other'), (60.0, 'outro')], ())
    """
    base = base if base is not None else Annotation()
    values: dict[str, Any] = {}
    clashes: list[Clash] = []
    for name in (field.name for field in fields(Annotation)):
        three = (getattr(base, name), getattr(ours, name), getattr(theirs, name))
        if _settled(*three):
            values[name] = three[2] if three[1] == three[0] else three[1]
            continue
        values[name], found = _MERGES.get(name, _bookkeeping)(name, *three)
        clashes += found
    clashes.sort(key=lambda clash: -1.0 if clash.start is None else clash.start)
    return Merged(Annotation(**values), tuple(clashes))


def with_theirs(annotation: Annotation, clash: Clash) -> Annotation:
    """Return a merged annotation in which a clash is settled for their side.

    Examples
    --------
    >>> merged = merge(None, Annotation(notes="ours"), Annotation(notes="theirs"))
    >>> with_theirs(merged.annotation, merged.clashes[0]).notes
    'theirs'
    """
    if clash.field == "rest":
        (key,) = {*clash.ours, *clash.theirs}
        rest = {name: value for name, value in annotation.rest.items() if name != key}
        return replace(annotation, rest=rest | clash.theirs)
    settled: dict[str, Any]
    if clash.start is None:
        settled = {clash.field: clash.theirs}
        return replace(annotation, **settled)
    items = getattr(annotation, clash.field) or ()
    if clash.field in POINTS:
        here = {identity(item) for item in (*clash.ours, *clash.theirs)}
        kept = [item for item in items if identity(item) not in here]
    else:
        assert clash.end is not None
        kept = [item for item in items if not clash.start <= item.start < clash.end]
    together = sorted([*kept, *clash.theirs], key=lambda item: item.start)
    settled = {clash.field: tuple(together)}
    return replace(annotation, **settled)


# --- spans -----------------------------------------------------------------------------------------


def _spans(name: str, base: Any, ours: Any, theirs: Any) -> tuple[Any, list[Clash]]:
    if ours is None or theirs is None:  # one side gave the layer up and the other went on with it
        return ours, [Clash(name, None, None, ours, theirs)]
    taken: list[tuple[Any, Sequence[Any]]] = []  # items and the version they come from
    clashes = []
    for start, end, (before, mine, other) in cells(base or (), ours, theirs):
        gists = [[gist(item) for item in items] for items in (before, mine, other)]
        if gists[1] == gists[0] and gists[2] != gists[0]:
            taken += [(item, theirs) for item in other]
            continue
        taken += [(item, ours) for item in mine]
        if gists[0] != gists[2] != gists[1]:
            clashes.append(Clash(name, start, end, mine, other))
    return _led_along(taken), clashes


def _led_along(taken: Sequence[tuple[Any, Sequence[Any]]]) -> tuple[Any, ...]:
    """Let items repeat what they repeated in their own version, wherever that stands now."""
    if not any(getattr(item, "repeats", None) is not None for item, _ in taken):
        return tuple(item for item, _ in taken)
    place: dict[Any, int] = {}
    for index, (item, _) in enumerate(taken):
        place.setdefault((item.start, item.end), index)
    items = []
    for index, (item, version) in enumerate(taken):
        if item.repeats is not None:
            earlier = version[item.repeats] if item.repeats < len(version) else None
            there = place.get((earlier.start, earlier.end)) if earlier is not None else None
            there = there if there is not None and there < index else None
            changes: dict[str, Any] = {"repeats": there}
            if getattr(item, "repetition", None) is not None:
                changes["repetition"] = None if there is None else replace(item.repetition, index=there)
            item = replace(item, **changes)
        items.append(item)
    return tuple(items)


# --- points, flags, values -------------------------------------------------------------------------


def _points(name: str, base: Any, ours: Any, theirs: Any) -> tuple[Any, list[Clash]]:
    if ours is None or theirs is None:
        return ours, [Clash(name, None, None, ours, theirs)]
    known, mine, other = (numbered(items or ()) for items in (base, ours, theirs))
    kept, clashes = [], []
    for key in {**mine, **other}:
        before, one, two = known.get(key), mine.get(key), other.get(key)
        chosen = two if _same(one, before) and not _same(two, before) else one
        if not (_same(one, before) or _same(two, before) or _same(one, two)):
            held = [item for item in (one, two) if item is not None]
            start, end = min(item.start for item in held), max(_end(item) for item in held)
            ours_here, theirs_here = (() if item is None else (item,) for item in (one, two))
            clashes.append(Clash(name, start, end, ours_here, theirs_here))
        if chosen is not None:
            kept.append(chosen)
    return tuple(sorted(kept, key=lambda item: item.start)), clashes


def _same(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return bool(one == other or gist(one) == gist(other))


def _end(item: Any) -> float:
    return float(getattr(item, "end", item.start))


def _flags(_name: str, base: Any, ours: Any, theirs: Any) -> tuple[Any, list[Clash]]:
    kept = [flag for flag in ours if flag in theirs or flag not in base]
    return (*kept, *(flag for flag in theirs if flag not in base and flag not in ours)), []


def _rest(name: str, base: Any, ours: Any, theirs: Any) -> tuple[Any, list[Clash]]:
    merged: dict[str, Any] = {}
    clashes = []
    for key in {**ours, **theirs}:
        three = [{key: side[key]} if key in side else {} for side in (base, ours, theirs)]
        if _settled(*three):
            merged |= three[2] if three[1] == three[0] else three[1]
        else:
            merged |= three[1]
            clashes.append(Clash(name, None, None, three[1], three[2]))
    return merged, clashes


def _subject(_name: str, base: Subject, ours: Subject, theirs: Subject) -> tuple[Any, list[Clash]]:
    """Take what either knows of the recording; which recording it is, the store knows."""
    known = {}
    for name in (field.name for field in fields(Subject)):
        before, one, two = (getattr(side, name) for side in (base, ours, theirs))
        known[name] = two if one == before or one is None else one
    return Subject(**known), []


def _value(name: str, _base: Any, ours: Any, theirs: Any) -> tuple[Any, list[Clash]]:
    return ours, [Clash(name, None, None, ours, theirs)]


def _bookkeeping(_name: str, _base: Any, ours: Any, _theirs: Any) -> tuple[Any, list[Clash]]:
    return ours, []  # author and times: whoever saves the result says them anew


def _settled(base: Any, ours: Any, theirs: Any) -> bool:
    """Whether at most one side changed it, or both alike."""
    return bool(ours in (base, theirs) or theirs == base)


_Merge = Callable[[str, Any, Any, Any], tuple[Any, list[Clash]]]
_MERGES: dict[str, _Merge] = {
    **dict.fromkeys(SPANS, _spans),
    **dict.fromkeys(POINTS, _points),
    **dict.fromkeys(_VALUES, _value),
    "flags": _flags,
    "rest": _rest,
    "recording": _subject,
}
