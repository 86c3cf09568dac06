"""Documents of the earlier annotator and analyser, in all their generations, as plain values.

Current: ``metadata``, ``audio``, ``structure`` (bar, label, time, confidence), ``energy``. Older: ``file``,
``bpm``, ``downbeat``, ``annotations`` as ``[bar, label, time]``. Oldest, and what the analyser printed:
``structure`` as ``[first bar, last bar, label]``, ``events`` as ``[bar, label]``, ``raw``. Keys of one are
understood in another. What has no place in an annotation goes to ``rest["yaml"]`` and is written again.
"""

from __future__ import annotations

from typing import Any

from ..annotation import Annotation, Subject, Tier
from ..grid import Grid, GridSegment
from ..items import Event
from ..tonality import read_key
from .errors import ExchangeError
from .reading import Notes
from .rows import Parts, Row, last_end, parts_of
from .values import key_of, length, meter_of, number, seconds, segment, share, text

KEYS = frozenset({"audio", "structure", "annotations", "file", "metadata"})
"""One of them makes a document one of these."""

_AUDIO = ("file", "duration", "bpm", "downbeat", "time_signature", "key")
METADATA = ("confidence", "created", "modified", "verified_by", "notes", "flags")
"""What is said of the annotation itself, by the names of its fields."""
_TIERS: dict[Any, Tier] = {1: "verified", 3: "generated"}  # 2 was imported: nobody checked it


def annotation_of_document(
    document: dict[str, Any], place: str, notes: Notes, duration: float | None, *, tile: bool = True
) -> Annotation:
    """Return what a document says.

    Parameters
    ----------
    document : dict
        As read from YAML or JSON.
    place : str
        Of the document, for messages.
    notes : Notes
        Hears of what was derived.
    duration : float or None
        Of the recording in seconds, if it is known better than the document knows it.
    tile : bool
        Whether sections shall tile the recording where its duration is known.
    """
    rest = {
        key: value for key, value in document.items() if key not in ("structure", "annotations", "events")
    }
    metadata, audio = _taken(rest, "metadata", place), _taken(rest, "audio", place)
    for name in (*_AUDIO, "filename", "path"):  # flat, as the older generations have them
        if name in rest:
            value = rest.pop(name)
            audio.setdefault("file" if name in ("filename", "path") else name, value)
    told = length(audio.pop("duration", None), f"{place}: duration", notes)
    duration = duration or told
    grid = _grid(audio, place, notes)
    parts, has_sections = _sections(document, place, notes, grid, duration, tile)
    events = _events(document.get("events"), place, notes, grid)
    if parts.events:
        events = tuple(sorted((*(events or ()), *parts.events), key=lambda event: event.time))
    end = duration or last_end(parts)
    if end is None and audio.get("key"):
        notes.say(
            "no_duration",
            "nothing tells how long the recording is: its key was given one second",
            layer="key",
        )
    key = key_of(audio.get("key"), end or 1.0, notes)
    if key:
        audio.pop("key")
    subject = Subject(path=text(audio.pop("file", None)), duration=duration)
    about = _about(metadata, place, notes)
    rest |= {name: left for name, left in (("metadata", metadata), ("audio", audio)) if left}
    return Annotation(
        subject,
        grid=None if grid is None else grid.segments,
        key=key,
        sections=parts.sections if has_sections else None,
        events=events,
        rest={"yaml": rest} if rest else {},
        **about,
    )


# --- private ---------------------------------------------------------------------------------------


def _taken(rest: dict[str, Any], name: str, place: str) -> dict[str, Any]:
    value = rest.pop(name, None)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ExchangeError(f"{name} is no mapping", subject=place)
    return dict(value)


def _grid(audio: dict[str, Any], place: str, notes: Notes) -> Grid | None:
    said = {name: audio.get(name) for name in ("bpm", "downbeat", "time_signature")}
    meter = meter_of(said["time_signature"], notes, f"{place}: time_signature")
    made = segment(said["bpm"], said["downbeat"], meter, f"{place}: bpm", notes)
    if made is None:
        return None
    for name in said:
        audio.pop(name, None)
    return Grid((made,))


def _sections(
    document: dict[str, Any], place: str, notes: Notes, grid: Grid | None, duration: float | None, tile: bool
) -> tuple[Parts, bool]:
    rows: list[Row] = []
    said = False
    for name in ("structure", "annotations"):
        entries = document.get(name)
        if entries is None:
            continue
        if not isinstance(entries, list):
            raise ExchangeError(f"{name} is no list", subject=place)
        said = True
        rows += [_row(entry, f"{place}: {name}[{index}]", notes) for index, entry in enumerate(entries)]
    return parts_of(rows, notes, grid=grid, duration=duration, tile=tile), said


def _row(entry: Any, place: str, notes: Notes) -> Row:
    if isinstance(entry, dict):
        start, end = (_first(entry, names) for names in (("time", "start"), ("end",)))
        bar, last = (_first(entry, names) for names in (("bar", "start_bar"), ("end_bar",)))
        label, confidence = entry.get("label"), share(entry.get("confidence"), f"{place}.confidence", notes)
    elif isinstance(entry, list) and 2 <= len(entry) <= 4:
        spans = len(entry) > 2 and not isinstance(entry[1], str)
        bar, label = entry[0], entry[2 if spans else 1]
        last = entry[1] if spans else None
        start = entry[2] if len(entry) > 2 and not spans else None
        end, confidence = None, None
    else:
        raise ExchangeError(
            "no section",
            subject=place,
            remedy="give {bar, label, time}, [bar, label, time] or [bar, bar, label]",
        )
    return Row(
        place,
        "" if label is None else str(label),
        None if start is None else seconds(start, place),
        None if end is None else seconds(end, place),
        None if bar is None else number(bar, f"{place}.bar"),
        None if last is None else number(last, f"{place}.end_bar"),
        confidence,
    )


def _events(entries: Any, place: str, notes: Notes, grid: Grid | None) -> tuple[Event, ...] | None:
    if entries is None:
        return None
    if not isinstance(entries, list):
        raise ExchangeError("events is no list", subject=place)
    rows = [_row(entry, f"{place}: events[{index}]", notes) for index, entry in enumerate(entries)]
    made: list[Event] = []
    for row in rows:
        parts = parts_of(
            [Row(row.place, "kick in", row.start, None, row.bar)], notes, grid=grid, duration=None
        )
        made.append(Event(parts.events[0].time, row.word, row.confidence, bar=parts.events[0].bar))
    return tuple(sorted(made, key=lambda event: event.time))


def _about(metadata: dict[str, Any], place: str, notes: Notes) -> dict[str, Any]:
    """Take what is said of the annotation itself out of the metadata."""
    about: dict[str, Any] = {}
    if (tier := metadata.get("tier")) in (1, 3) and not isinstance(tier, bool):
        about["tier"] = _TIERS[metadata.pop("tier")]
    for name in METADATA:
        if name not in metadata:
            continue
        value = metadata[name]
        if name == "confidence":
            about[name] = share(value, f"{place}: metadata.confidence", notes)
        elif name == "flags":
            about[name] = (
                tuple(map(str, value)) if isinstance(value, list) else (str(value),) if value else ()
            )
        else:
            about[name] = text(value)
        if about[name] not in (None, ()) or value in (None, "", []):
            metadata.pop(name)
    return about


def _first(entry: dict[str, Any], names: tuple[str, ...]) -> Any:
    return next((entry[name] for name in names if entry.get(name) is not None), None)


# --- writing ---------------------------------------------------------------------------------------


def document_of(annotation: Annotation) -> dict[str, Any]:
    """Return a document of the current generation: what it can say of an annotation.

    Examples
    --------
    >>> document_of(Annotation(grid=(GridSegment(0.02, 128.0),), tier="verified"))
    {'metadata': {'tier': 1}, 'audio': {'bpm': 128.0, 'downbeat': 0.02, 'time_signature': [4, 4]}}
    """
    rest = annotation.rest.get("yaml")
    document: dict[str, Any] = dict(rest) if isinstance(rest, dict) else {}
    metadata, audio = (_mapping(document.get(name)) for name in ("metadata", "audio"))
    tier = {"reference": 1, "verified": 1, "generated": 3}.get(annotation.tier or "")
    about: dict[str, Any] = {} if tier is None else {"tier": tier}
    for name in METADATA:
        value = getattr(annotation, name)
        if value not in (None, ()):
            about[name] = list(value) if name == "flags" else value
    metadata = about | metadata | about
    said: dict[str, Any] = {"file": annotation.recording.path, "duration": annotation.recording.duration}
    if annotation.grid:
        first = annotation.grid[0]
        said |= {
            "bpm": first.bpm, "downbeat": _downbeat(first), "time_signature": [first.beats_per_bar, 4],
        }  # fmt: skip
    if annotation.key:
        key = annotation.key[0]
        said["key"] = next((name for name in (key.camelot, key.name) if read_key(name)), None)
    said = {name: value for name, value in said.items() if value is not None}
    audio = said | audio | said
    whole = {"metadata": metadata, "audio": audio, "structure": _structure(annotation)}
    return {name: value for name, value in whole.items() if value or value == []} | {
        name: value for name, value in document.items() if name not in ("metadata", "audio")
    }


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _downbeat(first: GridSegment) -> float:
    behind = (first.beats_per_bar - first.position + 1) % first.beats_per_bar
    return round(first.time + behind * first.period, 9)


def _structure(annotation: Annotation) -> list[dict[str, Any]] | None:
    if annotation.sections is None:
        return None
    from ..vocabulary import SECTION_LABELS, write_section

    grid = Grid(annotation.grid) if annotation.grid else None
    entries: list[dict[str, Any]] = []
    for section in annotation.sections:
        bar = section.start_bar
        if bar is None and grid is not None:
            bar = grid.nearest_bar(section.start)
        label = (
            write_section(section.label, section.original)
            if section.label in SECTION_LABELS
            else section.label
        )
        entry = {"bar": bar, "label": label, "time": section.start, "confidence": section.confidence}
        entries.append({name: value for name, value in entry.items() if value is not None})
    return entries
