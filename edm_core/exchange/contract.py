"""The document of ``edm annotations convert --to json``, with the keys of ``edm analyze``, and back.

``tempo``, ``meter``, ``key``, ``beats``, ``sections`` and ``events`` are there for whoever reads it; ``said``
names the kinds that were annotated (an empty list of another kind means nothing), and ``grid``, ``keys``,
``bars`` and the rest keep what those keys do not tell, so that reading it again loses nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, get_args

from .._codec import decode, encode
from ..annotation import KINDS, Annotation, Subject, Tier
from ..errors import EdmError
from ..findings import SEVERITIES, CheckKind, Finding, ReadingKind
from ..grid import Grid, GridSegment, grid_of
from ..items import Beat, Comment, Event, Key, Meter, Passage, Section, Span, Tempo, Word
from ..timeline import LayerKind
from ..tonality import camelot, key_name, read_key
from ..vocabulary import SECTION_LABELS, read_section
from .errors import ExchangeError
from .reading import Notes
from .rows import in_order
from .values import length, number, seconds

SCHEMA = 1

_ITEMS: dict[str, type[Any]] = {
    "sections": Section, "events": Event, "activity": Span, "words": Word, "passages": Passage,
    "comments": Comment,
}  # fmt: skip
_PLAIN = ("author", "tier", "confidence", "verified_by", "notes", "created", "modified")
_VIEW = ("tempo", "meter", "key", "beats", "sections", "events")
_OF_TIMELINES = ("layers", "chosen", "reactions", "utterances", "problems", "provenance")
_FINDINGS = {*get_args(CheckKind), *get_args(ReadingKind)}
KEYS = frozenset({"recording", *_ITEMS, *_VIEW, "grid", "keys", *_PLAIN})
"""One of them makes a document one of these."""


def document_of(annotation: Annotation, findings: Sequence[Finding] = ()) -> dict[str, Any]:
    """Return an annotation as the document, with beats up to the end of what is known."""
    subject = annotation.recording
    duration = subject.duration or _extent(annotation)
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "recording": {field.name: getattr(subject, field.name) for field in fields(Subject)},
        "author": annotation.author,
        "tier": annotation.tier,
    }
    grid = Grid(annotation.grid or ())
    tempo, meter = None, None
    beats: tuple[Beat, ...] = ()
    if grid.segments:
        tempo, meter = _longest(grid.tempo(duration)), _longest(grid.meter(duration))
        beats = grid.beats(duration)
    keys = annotation.key or ()
    document |= {"tempo": encode(tempo), "meter": encode(meter)}
    document["key"] = encode(_longest(keys))
    document["beats"] = encode(beats)
    whole = _with_bars(annotation, grid) if annotation.grid else annotation
    document |= {name: encode(getattr(whole, name) or ()) for name in ("sections", "events")}
    document |= {
        name: encode(getattr(annotation, name)) for name in ("activity", "words", "passages", "comments")
        if getattr(annotation, name) is not None
    }  # fmt: skip
    if whole is not annotation:
        document["bars"] = "of the grid"
    if annotation.grid is not None:
        document["grid"] = encode(annotation.grid)
    if len(keys) > 1:
        document["keys"] = encode(keys)
    for name in ("confidence", "verified_by", "notes", "created", "modified"):
        if (value := getattr(annotation, name)) is not None:
            document[name] = value
    document |= {"flags": list(annotation.flags)} if annotation.flags else {}
    document |= {"rest": encode(annotation.rest)} if annotation.rest else {}
    return document | {"said": list(annotation.said), "findings": encode(tuple(findings))}


def annotation_of_document(
    document: dict[str, Any], place: str, notes: Notes, duration: float | None
) -> Annotation:
    """Return the annotation of a document; the keys of ``edm analyze`` alone tell much of it.

    Raises
    ------
    ExchangeError
        If an item breaks the data model, naming it.
    """
    subject = _subject(document.get("recording"), place, notes, duration)
    said = document.get("said")
    kinds = {kind for kind in KINDS if not isinstance(said, list) or kind in said}
    values: dict[str, Any] = {
        name: _items(kind, document[name], f"{place}: {name}", notes)
        for name, kind in _ITEMS.items()
        if name in kinds and document.get(name) is not None
    }
    made = Annotation(subject, **values)
    if document.get("bars") == "of the grid":
        made = replace(
            made,
            sections=_each(made.sections, start_bar=None, end_bar=None),
            events=_each(made.events, bar=None),
        )
    end = subject.duration or _extent(made)
    values = {"grid": _grid(document, place, notes, subject.duration or end) if "beats" in kinds else None}
    values["key"] = _keys(document, place, notes, end) if "key" in kinds else None
    values |= {name: _value(document, name, place, notes) for name in _PLAIN}
    flags = document.get("flags")
    values["flags"] = tuple(map(str, flags)) if isinstance(flags, list) else ()
    values["rest"] = rest if isinstance(rest := document.get("rest"), dict) else {}
    known = KEYS | {"schema", "said", "findings", "flags", "rest", "bars", *_OF_TIMELINES}
    for name in document:
        if name not in known:
            notes.say("unread", f"{name!r} is no part of an annotation: it was left", severity="note")
    if made.sections:
        other_end = duration is not None and made.sections[-1].end != duration
        values["sections"] = in_order(made.sections, notes, None, duration if other_end else None)
    try:
        return replace(made, **values)
    except EdmError as error:
        raise ExchangeError(error.problem, subject=place, remedy=error.remedy) from None


def note_again(findings: Any, notes: Notes) -> None:
    """Note again what was found when a document was first made."""
    for item in findings if isinstance(findings, list) else ():
        try:
            start, end = (
                None if item.get(name) is None else seconds(item[name], "") for name in ("start", "end")
            )
            severity, kind, layer = (item.get(name) for name in ("severity", "kind", "layer"))
            if severity not in SEVERITIES or kind not in _FINDINGS or layer not in get_args(LayerKind):
                continue
            places = {
                name: item[name] for name in ("bar", "beat", "count") if isinstance(item.get(name), int)
            }
            notes.add(Finding(kind, severity, start or 0.0, end, str(item.get("message")), layer, **places))
        except (EdmError, AttributeError):
            continue


# --- private ---------------------------------------------------------------------------------------


def _longest(spans: Sequence[Any]) -> Any:
    return max(spans, key=lambda span: span.duration, default=None)


def _extent(annotation: Annotation) -> float:
    """Return the last time that is spoken of."""
    spans = (annotation.sections, annotation.activity, annotation.words, annotation.passages, annotation.key)
    ends = [items[-1].end for items in spans if items] + [event.time for event in annotation.events or ()]
    return max(ends, default=0.0)


def _with_bars(annotation: Annotation, grid: Grid) -> Annotation:
    """Give sections and events the bars of the grid, if none of them has any."""
    sections, events = annotation.sections or (), annotation.events or ()
    if any(s.start_bar is not None or s.end_bar is not None for s in sections):
        return annotation
    if any(event.bar is not None for event in events) or not (sections or events):
        return annotation
    edges = [grid.nearest_bar(section.start) for section in sections]
    after = [grid.nearest_bar(section.end) for section in sections]
    with_bars = tuple(
        replace(
            section, start_bar=first, end_bar=None if first is None or last is None else max(first, last - 1)
        )
        for section, first, last in zip(sections, edges, after, strict=True)
    )
    places = [grid.place_of(event.time + 0.02) for event in events]
    placed = tuple(
        replace(event, bar=place.bar if place else None) for event, place in zip(events, places, strict=True)
    )
    return replace(
        annotation,
        sections=None if annotation.sections is None else with_bars,
        events=None if annotation.events is None else placed,
    )


def _each(items: Any, **values: Any) -> Any:
    return None if items is None else tuple(replace(item, **values) for item in items)


def _subject(value: Any, place: str, notes: Notes, duration: float | None) -> Subject:
    if value is None:
        return Subject(duration=duration)
    if not isinstance(value, dict):
        raise ExchangeError("recording is no object", subject=place)
    said = length(value.get("duration"), f"{place}: recording.duration", notes)
    names = {
        name: value[name] for name in ("id", "path", "title", "artist") if isinstance(value.get(name), str)
    }
    return Subject(**names, duration=duration or said)


def _items(kind: type[Any], value: Any, place: str, notes: Notes) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise ExchangeError("no list", subject=place)
    made = []
    for index, item in enumerate(value):
        where = f"{place}[{index}]"
        if kind is Section and isinstance(item, dict) and item.get("label") not in SECTION_LABELS:
            word = read_section(str(item.get("label", "")))
            item = {"original": word.original, **item, "label": word.label}
            if not word.known:
                notes.unknown(word.original, seconds(item.get("start", 0.0), f"{where}.start"))
        try:
            made.append(decode(kind, item, where))
        except EdmError as error:
            raise ExchangeError(
                error.problem, subject=error.subject if where in (error.subject or "") else where,
                remedy=error.remedy,
            ) from None  # fmt: skip
    name = place.rsplit(": ")[-1]
    if kind not in (Section, GridSegment) and any(
        b.start < a.start for a, b in zip(made, made[1:], strict=False)
    ):
        notes.say("unsorted", f"{name} are not in order of time: they were sorted")
        made.sort(key=lambda item: item.start)
    return tuple(made)


def _grid(
    document: dict[str, Any], place: str, notes: Notes, duration: float
) -> tuple[GridSegment, ...] | None:
    if document.get("grid") is not None:
        return _items(GridSegment, document["grid"], f"{place}: grid", notes)
    beats, tempo, meter = (document.get(name) for name in ("beats", "tempo", "meter"))
    size = meter.get("beats_per_bar") if isinstance(meter, dict) else None
    bpm = tempo.get("bpm") if isinstance(tempo, dict) else None
    if beats:
        made: tuple[Beat, ...] = _items(Beat, beats, f"{place}: beats", notes)
        span = (made[0].time, max(duration, made[-1].time) + 1.0)
        tempos = [Tempo(*span, bpm=number(bpm, f"{place}: tempo.bpm"))] if bpm is not None else []
        meters = (
            [Meter(*span, beats_per_bar=int(number(size, f"{place}: meter")))] if size is not None else []
        )
        return grid_of(made, tempos, meters, duration or None).segments
    if bpm is None:
        return None
    notes.say("unread", "a tempo without beats: the grid begins at 0", layer="beats")
    return (GridSegment(0.0, number(bpm, f"{place}: tempo.bpm"), int(number(size or 4, f"{place}: meter"))),)


def _keys(document: dict[str, Any], place: str, notes: Notes, end: float) -> tuple[Key, ...] | None:
    value = document.get("keys", document.get("key"))
    if value is None:
        return () if isinstance(document.get("said"), list) else None
    if isinstance(value, dict) and "start" not in value:
        value = {"start": 0.0, "end": end or 1.0, **value}
        if not end:
            notes.say(
                "no_duration",
                "nothing tells how long the recording is: its key was given one second",
                layer="key",
            )
    if isinstance(value, str) and (found := read_key(value)):
        names = {"name": key_name(found[0], minor=found[1]), "camelot": camelot(found[0], minor=found[1])}
        value = {"start": 0.0, "end": end or 1.0, **names}
    return _items(Key, value if isinstance(value, list) else [value], f"{place}: key", notes)


def _value(document: dict[str, Any], name: str, place: str, notes: Notes) -> Any:
    value = document.get(name)
    if value is None:
        return None
    if name == "tier" and value not in get_args(Tier):
        notes.say("unread", f"{value!r} is no tier: {', '.join(get_args(Tier))}")
        return None
    if name == "confidence":
        return number(value, f"{place}: confidence")
    return str(value)
