"""What became of an annotation, in words and places: for its history, and for the view of a merge."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ._cells import cells, gist, numbered
from .annotation import Annotation
from .grid import GridSegment

_LONGEST_PAIRING = 10_000  # comparisons; a stretch with more changes is told in order


@dataclass(frozen=True, slots=True)
class Change:
    """Something that is different.

    ``field`` is one of :class:`~edm_core.annotation.Annotation`; ``start`` and ``end`` are seconds,
    ``end`` None for a moment, both None for what has no place.
    """

    field: str
    start: float | None
    end: float | None
    text: str


def difference(a: Annotation, b: Annotation) -> tuple[Change, ...]:
    """Return what has to be done to ``a`` to get ``b``, in order of time; what has no place comes first.

    Who said it and when, and what the recording is called, are not compared; neither is what follows from
    the rest, such as the bars of a section.

    Examples
    --------
    >>> from edm_core.items import Section
    >>> before = Annotation(sections=(Section(0.0, 30.02, "intro"), Section(30.02, 60.0, "drop")))
    >>> after = Annotation(sections=(Section(0.0, 31.9, "intro"), Section(31.9, 60.0, "breakdown")))
    >>> [change.text for change in difference(before, after)]
    ['boundary moved from 30.02 to 31.90', 'drop became breakdown']
    """
    changes = [*_scalars(a, b), *_grids(a.grid, b.grid), *_keys(a.key, b.key)]
    for field in ("sections", "activity", "words", "passages"):
        changes += _layer(field, getattr(a, field), getattr(b, field), _spans)
    for field in ("events", "comments"):
        changes += _layer(field, getattr(a, field), getattr(b, field), _points)
    plain = [replace(change, text=_printable(change.text)) for change in changes]
    return tuple(sorted(plain, key=lambda change: -1.0 if change.start is None else change.start))


def told(changes: Sequence[Change], most: int = 3) -> str:
    """Return changes as one line.

    Examples
    --------
    >>> told([Change("notes", None, None, "notes changed")] * 5)
    'notes changed, notes changed, notes changed and 2 more'
    """
    text = ", ".join(change.text for change in changes[:most]) or "nothing changed"
    return text if len(changes) <= most else f"{text} and {len(changes) - most} more"


def summary(annotation: Annotation) -> str:
    """Return what an annotation holds, as one line.

    Examples
    --------
    >>> summary(Annotation(grid=(GridSegment(0.02, 128.0),), sections=()))
    'no sections, 128 BPM'
    """
    parts = [_count("sections", annotation.sections)] if annotation.sections is not None else []
    if annotation.grid is not None:
        parts.append(_tempos(annotation.grid))
    parts += [key.name for key in annotation.key or ()][:1]
    for field in ("events", "activity", "words", "passages", "comments"):
        if items := getattr(annotation, field):
            parts.append(_count(field, items))
    return _printable(", ".join(parts)) or "nothing yet"


# --- spans and points ------------------------------------------------------------------------------


def _layer(field: str, a: Any, b: Any, compare: Any) -> Iterator[Change]:
    if a == b:
        return
    if not a or not b:
        if a:
            yield Change(field, None, None, f"{_count(field, a)} removed")
        elif b:
            yield Change(field, None, None, f"{_count(field, b)} added")
        else:
            yield Change(
                field, None, None, f"{field}: {'there are none' if b is not None else 'not annotated'}"
            )
        return
    yield from compare(field, a, b)


def _spans(field: str, a: Sequence[Any], b: Sequence[Any]) -> Iterator[Change]:
    for start, end, (before, after) in cells(a, b):
        if [gist(item) for item in before] == [gist(item) for item in after]:
            continue
        if field in ("sections", "activity") and _tile(before, start, end) and _tile(after, start, end):
            yield from _tiles(field, before, after)
        else:
            yield from _items(field, before, after)


def _tile(items: Sequence[Any], start: float, end: float) -> bool:
    edges = [start, *(item.end for item in items)]
    return (
        bool(items)
        and edges[-1] == end
        and all(item.start == at for item, at in zip(items, edges, strict=False))
    )


def _tiles(field: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """Tell boundaries that moved, and labels that became others."""
    for one, other in _paired([item.start for item in before[1:]], [item.start for item in after[1:]]):
        if one is None:
            yield Change(field, other, None, f"boundary at {_time(other)} added")
        elif other is None:
            yield Change(field, one, None, f"boundary at {_time(one)} removed")
        else:
            yield Change(field, other, None, "boundary moved from {} to {}".format(*_times(one, other)))
    starts = [item.start for item in before]
    for item in after:
        around = before[bisect_right(starts, item.start) - 1 : bisect_right(starts, item.end)]
        old = max(around, key=lambda each: min(each.end, item.end) - max(each.start, item.start))
        yield from _details(field, old, item)


def _items(field: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Change]:
    """Tell what came, went, moved, or says something else."""
    of_start = {item.start: item for item in reversed(before)}, {item.start: item for item in reversed(after)}
    for one, other in _paired([item.start for item in before], [item.start for item in after]):
        if one is None:
            new = of_start[1][other]
            yield Change(field, new.start, new.end, f"{_named(new)} at {_time(new.start)} added")
        elif other is None:
            old = of_start[0][one]
            yield Change(field, old.start, old.end, f"{_named(old)} at {_time(old.start)} removed")
        else:
            old, new = of_start[0][one], of_start[1][other]
            if (old.start, old.end) != (new.start, new.end):
                places = ["–".join(_times(each.start, each.end)) for each in (old, new)]
                yield Change(
                    field, new.start, new.end, f"{_named(old)} moved from {places[0]} to {places[1]}"
                )
            yield from _details(field, old, new)


def _details(field: str, old: Any, new: Any) -> Iterator[Change]:
    """Tell what two items that stand for the same say differently."""
    told = [
        f"{_word(getattr(old, name))} became {_word(getattr(new, name))}"
        for name in ("label", "text")
        if getattr(old, name, "") != getattr(new, name, "")
    ]
    told += [
        f"{name} of {_named(new)}: {_judged(getattr(old, name))} became {_judged(getattr(new, name))}"
        for name in ("speaker", "topic", "tone", "safety", "language")
        if getattr(old, name, None) != getattr(new, name, None)
    ]
    known = {"start", "end", "label", "text", "speaker", "topic", "tone", "safety", "language"}
    if not told and any(
        getattr(gist(old), name) != getattr(gist(new), name)
        for name in (field.name for field in fields(old))
        if name not in known
    ):
        told = [f"details of {_named(new)} changed"]
    for text in told:
        yield Change(field, new.start, new.end, text)


def _points(field: str, a: Sequence[Any], b: Sequence[Any]) -> Iterator[Change]:
    old, new = numbered(a), numbered(b)
    gone = [item for key, item in old.items() if key not in new]
    come = [item for key, item in new.items() if key not in old]
    for key in old.keys() & new.keys():
        one, other = old[key], new[key]
        if gist(one) != gist(other):
            what = (
                "resolved"
                if getattr(other, "resolved", False) > getattr(one, "resolved", False)
                else "changed"
            )
            yield Change(field, other.start, None, f"{_named(other)} at {_time(other.start)} {what}")
    for label in sorted({item.label for item in (*gone, *come)}):
        here = [[item for item in items if item.label == label] for items in (gone, come)]
        if len(here[0]) == len(here[1]) and field == "events":
            for one, other in zip(*here, strict=True):
                text = "{} moved from {} to {}".format(_named(other), *_times(one.time, other.time))
                yield Change(field, other.time, None, text)
            continue
        for items, what in zip(here, ("removed", "added"), strict=True):
            for item in items:
                yield Change(field, item.start, None, f"{_named(item)} at {_time(item.start)} {what}")


def _paired(a: Sequence[float], b: Sequence[float]) -> list[tuple[float | None, float | None]]:
    """Pair times in order, so that together they move as little as can be; the rest stay alone."""
    few, many = (a, b) if len(a) <= len(b) else (b, a)
    chosen = list(range(len(few))) if len(few) * len(many) > _LONGEST_PAIRING else _nearest(few, many)
    partner = dict(zip(chosen, few, strict=True))
    pairs = [(partner.get(index), time) for index, time in enumerate(many)]
    return [(one, other) if few is a else (other, one) for one, other in pairs]


def _nearest(few: Sequence[float], many: Sequence[float]) -> list[int]:
    """Return for each of a few the place of its partner among many, in order, at the least distance."""
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] * (len(many) + 1)
    for count, time in enumerate(few, 1):
        row: list[tuple[float, tuple[int, ...]]] = [(float("inf"), ())] * (len(many) + 1)
        for place in range(count, len(many) + 1):
            cost, picked = best[place - 1]
            row[place] = min(row[place - 1], (cost + abs(many[place - 1] - time), (*picked, place - 1)))
        best = row
    return list(best[-1][1])


# --- the rest --------------------------------------------------------------------------------------


def _grids(a: tuple[GridSegment, ...] | None, b: tuple[GridSegment, ...] | None) -> Iterator[Change]:
    if a == b:
        return
    if not a or not b:
        text = (
            f"grid added ({_tempos(b)})" if b else "grid: there is none" if b is not None else "grid removed"
        )
        yield Change("grid", None, None, text)
    elif len(a) != len(b):
        yield Change("grid", None, None, f"grid of {_tempos(a)} became {_tempos(b)}")
    else:
        for one, other in zip(a, b, strict=True):
            told = []
            if one.bpm != other.bpm:
                told.append(f"{one.bpm:g} BPM became {other.bpm:g} BPM")
            if one.time != other.time:
                told.append("first beat moved from {} to {}".format(*_times(one.time, other.time)))
            if one.beats_per_bar != other.beats_per_bar:
                told.append(f"{one.beats_per_bar} beats a bar became {other.beats_per_bar}")
            if one.position != other.position:
                told.append(f"it begins on beat {other.position} instead of {one.position}")
            if one.end != other.end:
                told.append("its end changed")
            for text in told:
                yield Change("grid", other.time, None, f"grid: {text}")


def _keys(a: Any, b: Any) -> Iterator[Change]:
    if a != b:
        names = [", ".join(key.name for key in keys or ()) or "none" for keys in (a, b)]
        text = f"{names[0]} became {names[1]}" if names[0] != names[1] else f"{names[0]}, its places changed"
        yield Change("key", None, None, f"key: {text}")


def _scalars(a: Annotation, b: Annotation) -> Iterator[Change]:
    for field in ("tier", "confidence", "verified_by"):
        one, other = getattr(a, field), getattr(b, field)
        if one != other:
            name = field.replace("_", " ")
            yield Change(field, None, None, f"{name}: {_judged(one)} became {_judged(other)}")
    for flag in [*a.flags, *b.flags]:
        if (flag in a.flags) != (flag in b.flags):
            yield Change("flags", None, None, f"flag {flag} {'added' if flag in b.flags else 'removed'}")
    if a.notes != b.notes:
        yield Change("notes", None, None, "notes changed")
    for format in sorted({*a.rest, *b.rest}):
        if a.rest.get(format) != b.rest.get(format):
            yield Change("rest", None, None, f"what only {format} files hold changed")


# --- words -----------------------------------------------------------------------------------------


def _named(item: Any) -> str:
    if hasattr(item, "author"):
        return f"{item.label} by {item.author}"
    return _word(getattr(item, "text", "") or item.label or type(item).__name__.lower())


def _word(text: str) -> str:
    """Return labels as they are, and what was said in quotes, shortened."""
    if text.replace("+", "").isalnum() and text.islower():
        return text
    return f"“{text}”" if len(text) <= 30 else f"“{text[:29]}…”"


def _printable(text: str) -> str:
    """Return what people wrote on one line, without what would steer a terminal."""
    line = " ".join(text.split())
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in line)


def _judged(value: Any) -> str:
    if value is None:
        return "none"
    label = getattr(value, "label", None) or getattr(value, "status", value)
    return str(label)


def _count(field: str, items: Sequence[Any] | None) -> str:
    if field == "activity":
        return f"{len(items or ())} stretches of activity"
    name = field if len(items or ()) != 1 else field.removesuffix("s")
    return f"{len(items or ()) or 'no'} {name}"


def _tempos(grid: Sequence[GridSegment]) -> str:
    told = [f"{segment.bpm:g}" for segment in grid[:4]]
    return f"{', '.join(told)}{'…' if len(grid) > 4 else ''} BPM" if grid else "no grid"


def _time(time: float | None) -> str:
    return f"{time or 0.0:.2f}"


def _times(one: float, other: float) -> tuple[str, str]:
    """Return two times with as many decimals as it takes to tell them apart, from two on."""
    digits = next((digits for digits in (2, 3, 4, 6) if round(one, digits) != round(other, digits)), 9)
    return f"{one:.{digits}f}", f"{other:.{digits}f}"
