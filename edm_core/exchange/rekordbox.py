"""The XML that rekordbox exports and imports: a collection of tracks with their grids and cues.

Source: AlphaTheta, *Developing for rekordbox: XML format list*. ``TEMPO`` begins a stretch of the grid at
``Inizio`` seconds, on beat ``Battito`` of a bar; ``POSITION_MARK`` is a cue, a hot one where ``Num`` is 0 or
more and a memory cue at -1, and of ``Type`` 4 a loop. The format has no sections. Cues whose names are those
of sections are read as their beginnings, the others as events; sections are written as memory cues, so that
the hot cues somebody plays with stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, tostring

from ..annotation import Annotation, Subject
from ..errors import EdmError
from ..grid import Grid, GridSegment
from ..items import Event, Section
from ..tonality import read_key
from ..vocabulary import read_section, write_section
from .errors import ExchangeError
from .reading import Notes, Reading
from .rows import Row, last_end, parts_of
from .values import key_of, length, meter_of, number, seconds

NAME = "rekordbox"
TITLE = "Rekordbox XML"
HOLDS = "holds grids, keys and named cues"
MANY = True

FIRST_S = 2.0
"""How late the cue of a section may be that begins with the recording."""

_HOST = "file://localhost/"
_OURS = ("Name", "Artist", "TotalTime", "Location", "Tonality", "AverageBpm")
_LETTERS = "ABCDEFGHIJKLMNOP"


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return an annotation of each track that has a grid or cues.

    Raises
    ------
    ExchangeError
        If it is no such XML, or declares types or entities, which are refused unread.
    """
    tracks = list(_root(text, name).iterfind("COLLECTION/TRACK"))
    marked = [
        track
        for track in tracks
        if track.find("TEMPO") is not None or track.find("POSITION_MARK") is not None
    ]
    if len(marked) < len(tracks) or not tracks:
        message = f"{len(tracks) - len(marked)} of {len(tracks)} tracks have neither a grid nor cues"
        notes.say("unread", message, severity="note")
    made = []
    for index, track in enumerate(marked):
        title = track.get("Name") or track.get("TrackID") or f"track {index + 1}"
        notes.about = f"{title}: " if len(marked) > 1 else ""
        place = f"{name}: {title}"
        made.append(_track(track, place, duration if len(marked) == 1 else None, notes))
    return Reading(tuple(made), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a collection with a track for each annotation."""
    root = Element("DJ_PLAYLISTS", Version="1.0.0")
    collection = SubElement(root, "COLLECTION", Entries=str(len(annotations)))
    for index, annotation in enumerate(annotations):
        rest = annotation.rest.get(NAME)
        kept: dict[str, Any] = rest if isinstance(rest, dict) else {}
        track = SubElement(collection, "TRACK", _attributes(annotation, kept, index + 1))
        for segment in annotation.grid or ():
            values = {
                "Inizio": f"{segment.time:.6f}", "Bpm": f"{segment.bpm:.6f}",
                "Metro": f"{segment.beats_per_bar}/4", "Battito": str(segment.position),
            }  # fmt: skip
            SubElement(track, "TEMPO", values)
        for mark in _marks(annotation, kept):
            SubElement(track, "POSITION_MARK", {key: _clean(value) for key, value in mark.items()})
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, "unicode") + "\n"


# --- reading ---------------------------------------------------------------------------------------


def _root(text: str, name: str) -> Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(text.encode("utf-8", "replace"), forbid_dtd=True)
    except DefusedXmlException as error:
        raise ExchangeError(
            f"it declares what XML of rekordbox has no need of ({type(error).__name__})", subject=name,
            remedy="remove DOCTYPE and entities",
        ) from None  # fmt: skip
    except ParseError as error:
        raise ExchangeError(f"no XML: {error}", subject=name) from None
    except (ValueError, LookupError) as error:  # of an encoding that is not there
        raise ExchangeError(f"no XML: {error}", subject=name, remedy="save it as UTF-8") from None
    if root.tag != "DJ_PLAYLISTS":
        raise ExchangeError(
            f"XML of another program ({root.tag[:40]})",
            subject=name,
            remedy="export the collection of rekordbox",
        )
    return root


def _track(track: Element, place: str, duration: float | None, notes: Notes) -> Annotation:
    duration = duration or length(track.get("TotalTime"), f"{place}: TotalTime", notes)
    segments = _grid(track, place, notes)
    found = [dict(mark.attrib) for mark in track.iterfind("POSITION_MARK")]
    rows = [_row(mark, f"{place}: POSITION_MARK {index + 1}") for index, mark in enumerate(found)]
    order = sorted(range(len(rows)), key=lambda index: rows[index].start or 0.0)
    marks, rows = [found[index] for index in order], [rows[index] for index in order]
    named = [
        row
        for row in rows
        if row.word.strip() and (word := read_section(row.word)).known and not word.is_event
    ]
    named = list(
        {(row.start, row.word): replace(row, end=None) for row in named}.values()
    )  # hot and memory alike
    if rows and not named:
        count = f"{len(rows)} cue{'s' if len(rows) > 1 else ''}"
        notes.say("unread", f"no sections: of {count} none is named like one", severity="note")
    elif named:
        notes.say("unread", f"sections were made of {len(named)} cues named like them", severity="note")
    parts = parts_of(named, notes, grid=Grid(segments) if segments else None, duration=duration)
    end = duration or last_end(parts)
    if end is None and track.get("Tonality"):
        notes.say(
            "no_duration", "nothing tells how long the track is: its key was given one second", layer="key"
        )
    taken = {(row.start, row.word) for row in named}
    events = [
        Event(row.start, _event_name(mark, row))
        for mark, row in zip(marks, rows, strict=True)
        if row.start is not None and (row.start, row.word) not in taken
    ]
    rest: dict[str, Any] = {
        "track": {key: value for key, value in track.attrib.items() if key not in _OURS}, "marks": marks,
    }  # fmt: skip
    return Annotation(
        Subject(
            path=_path(track.get("Location")), title=track.get("Name") or None,
            artist=track.get("Artist") or None, duration=duration,
        ),
        grid=segments, key=key_of(track.get("Tonality"), end or 1.0, notes),
        sections=parts.sections or None,
        events=tuple(sorted(events, key=lambda event: event.time)) if events else None,
        rest={NAME: kept} if (kept := {key: value for key, value in rest.items() if value}) else {},
    )  # fmt: skip


def _grid(track: Element, place: str, notes: Notes) -> tuple[GridSegment, ...] | None:
    found: dict[float, GridSegment] = {}
    entries = track.findall("TEMPO")
    for index, entry in enumerate(entries):
        where = f"{place}: TEMPO {index + 1}"
        time = seconds(entry.get("Inizio"), f"{where}.Inizio")
        size = meter_of(entry.get("Metro"), notes, f"{where}.Metro")
        try:
            position = int(number(entry.get("Battito", "1"), f"{where}.Battito"))
            segment = GridSegment(time, number(entry.get("Bpm"), f"{where}.Bpm"), size, position)
        except EdmError as error:
            notes.say(
                "unread", f"TEMPO at {time:.3f} s: {error.problem}: it was left out", time, layer="tempo"
            )
            continue
        if time in found:
            notes.say("unread", f"two tempos begin at {time:.3f} s: the later counts", time, layer="tempo")
        found[time] = segment
    return tuple(found[time] for time in sorted(found)) if entries else None


def _row(mark: dict[str, str], place: str) -> Row:
    return Row(place, mark.get("Name", ""), seconds(mark.get("Start"), f"{place}.Start"))


def _event_name(mark: dict[str, str], row: Row) -> str:
    if row.word.strip():
        return row.word
    kind = "loop" if mark.get("Type") == "4" else "cue"
    slot = mark.get("Num", "-1")
    if slot.isdecimal() and len(slot) < 3 and int(slot) < len(_LETTERS):
        return f"hot {kind} {_LETTERS[int(slot)]}"
    return f"memory {kind}"


def _path(location: str | None) -> str | None:
    """Return the path in an address: drive letters lead, and other paths begin with a slash."""
    if not location:
        return None
    path = location
    for start in (_HOST, "file:///"):
        if location.lower().startswith(start):
            path = "/" + location[len(start) :]
    path = unquote(path)
    is_drive = len(path) > 2 and path[0] == "/" and path[1].isalpha() and path[2] == ":"
    return path[1:] if is_drive else path


# --- writing ---------------------------------------------------------------------------------------


def _attributes(annotation: Annotation, kept: dict[str, Any], number: int) -> dict[str, str]:
    subject = annotation.recording
    track = kept.get("track") if isinstance(kept.get("track"), dict) else {}
    said = {"TrackID": str(number)} | {
        str(key): str(value) for key, value in (track or {}).items() if str(key).isidentifier()
    }
    said |= {"Name": subject.title or "", "Artist": subject.artist or ""}
    if subject.duration is not None:
        said["TotalTime"] = str(round(subject.duration))  # the format has whole seconds
    if annotation.grid:
        said["AverageBpm"] = f"{annotation.grid[0].bpm:.2f}"
    if annotation.key and (found := read_key(annotation.key[0].name)) is not None:
        said["Tonality"] = annotation.key[0].name.split()[0] + ("m" if found[1] else "")
    if subject.path is not None:
        said["Location"] = _HOST + quote(
            subject.path.replace("\\", "/").removeprefix("/"), safe="/:()!'*,&=+$@~"
        )
    return {key: _clean(value) for key, value in said.items()}


def _marks(annotation: Annotation, kept: dict[str, Any]) -> list[dict[str, str]]:
    """Return cues of sections and events; one that was a cue already stays what it was, colour and all."""
    before: dict[tuple[float, str], list[dict[str, str]]] = {}
    for mark in kept["marks"] if isinstance(kept.get("marks"), list) else ():
        if not isinstance(mark, dict):
            continue
        mark = {str(key): str(value) for key, value in mark.items() if str(key).isidentifier()}
        row = _row(mark, "rekordbox")
        name = row.word if row.word.strip() else _event_name(mark, row)
        before.setdefault((round(row.start or 0.0, 3), name), []).append(mark)
    wanted = [(section.start, _word(section)) for section in annotation.sections or ()]
    wanted += [(event.time, event.label) for event in annotation.events or () if _is_free(event.label)]
    marks: list[tuple[float, dict[str, str]]] = []
    for time, word in wanted:
        same = before.pop((round(time, 3), word), None)
        if same is None and time == 0:  # the first was taken from the beginning
            near = min((at for at, named in before if named == word and at <= FIRST_S), default=None)
            same = before.pop((near, word), None) if near is not None else None
        new = {"Name": word, "Type": "0", "Start": f"{time:.6f}", "Num": "-1"}
        marks += [(time, mark) for mark in same or [new]]
    return [mark for _, mark in sorted(marks, key=lambda pair: pair[0])]


def _word(section: Section) -> str:
    word = write_section(section.label, section.original) or section.label
    return word if read_section(word).known else section.label


def _is_free(label: str) -> bool:
    """Whether a cue of that name is read as an event."""
    word = read_section(label)
    return word.is_event or not word.known


def _clean(text: str) -> str:
    """Leave out what XML cannot hold."""
    return "".join(
        sign
        for sign in text
        if sign >= " " and not "\ud800" <= sign <= "\udfff" and sign not in "\ufffe\uffff"
    )
