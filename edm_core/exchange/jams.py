"""JAMS, the JSON Annotated Music Specification (Humphrey et al., ISMIR 2014; schema 0.3).

A file is about one recording and holds annotations of several annotators; each annotator becomes an
annotation here. Sections are read from ``segment_open`` and its relatives, a grid from ``beat_position`` or
``beat`` with ``tempo``, keys from ``key_mode``, events from ``tag_open``, words from ``lyrics``. What the
earlier analyser put into ``sandbox`` (``bpm``, ``downbeat``, ``key``, ``bar_numbers``) counts where nothing
better is there, and its segments of no length end where the next begins. What is not understood is kept in
``rest["jams"]`` and written again.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any, get_args

from ..annotation import Annotation, Subject, Tier
from ..grid import Grid, GridSegment, grid_of
from ..items import Event, Key, Tempo, Word
from .errors import ExchangeError
from .jams_beats import NAMESPACES, Raw, beats_of, mapping, observations
from .jams_writing import ABOUT, NAME, write
from .json_documents import values
from .reading import Notes, Reading
from .rows import Row, last_end, parts_of
from .values import key_of, length, meter_of, number, seconds, segment, share, stem, text

__all__ = ["HOLDS", "MANY", "NAME", "TITLE", "read", "write"]

TITLE = "JAMS"
HOLDS = "holds sections, grids, keys, events and words"
MANY = True

_SEGMENTS = (
    "segment_open",
    "segment_salami_function",
    "segment_tut",
    "segment_salami_upper",
    "segment_salami_lower",
)
_READ = (*_SEGMENTS, *NAMESPACES, "tempo", "key_mode", "tag_open", "lyrics")


def read(text_: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return the annotation of each annotator.

    Raises
    ------
    ExchangeError
        If it is no JAMS, or an observation has no time.
    """
    documents = [value for _, value in values(text_, name)]
    document = documents[0] if len(documents) == 1 else None
    if not isinstance(document, dict) or not isinstance(document.get("annotations"), list):
        raise ExchangeError("no JAMS: it has no list of annotations", subject=name)
    meta, sandbox = mapping(document.get("file_metadata")), mapping(document.get("sandbox"))
    duration = duration or length(meta.get("duration"), f"{name}: file_metadata.duration", notes)
    subject = Subject(
        id=text(mapping(meta.get("identifiers")).get("edm")), path=text(sandbox.get("path")) or stem(name),
        title=text(meta.get("title")), artist=text(meta.get("artist")), duration=duration,
    )  # fmt: skip
    made = []
    groups = _by_annotator(document["annotations"], name)
    for author, group in groups:
        notes.about = f"{author or 'nobody named'}: " if len(groups) > 1 else ""
        made.append(_Reader(name, subject, sandbox, notes).annotation(author, group))
    if not made:
        raise ExchangeError("it holds no annotations", subject=name)
    first = made[0]
    kept = {key: value for key, value in sandbox.items() if key != "path"}
    others = {
        key: value
        for key, value in meta.items()
        if key not in ("title", "artist", "duration", "jams_version")
    }
    if identifiers := {
        key: value for key, value in mapping(others.pop("identifiers", None)).items() if key != "edm"
    }:
        others["identifiers"] = identifiers
    rest = {"sandbox": kept, "file_metadata": others, **first.rest.get(NAME, {})}
    if rest := _without(rest):
        made[0] = replace(first, rest={NAME: rest})
    return Reading(tuple(made), notes.findings, NAME)


def _by_annotator(annotations: list[Any], name: str) -> list[tuple[str | None, list[tuple[str, Raw]]]]:
    """Group by name; of two layers alike that nobody put a name to, the second is somebody else's."""
    groups: list[tuple[str | None, list[tuple[str, Raw]]]] = []
    for index, raw in enumerate(annotations):
        place = f"{name}: annotations[{index}]"
        if not isinstance(raw, dict) or not isinstance(raw.get("namespace"), str):
            raise ExchangeError("no annotation with a namespace", subject=place)
        author = _author(raw)
        kind = raw["namespace"].split("_")[0]
        for other, group in groups:
            alike = any(kind == one["namespace"].split("_")[0] for _, one in group) and kind in (
                "segment",
                "beat",
            )
            if other == author and not (author is None and alike):
                group.append((place, raw))
                break
        else:
            groups.append((author, [(place, raw)]))
    return groups


def _author(raw: Raw) -> str | None:
    about = mapping(raw.get("annotation_metadata"))
    annotator, curator = mapping(about.get("annotator")), mapping(about.get("curator"))
    names = (annotator.get("name"), annotator.get("id"), annotator.get("email"), curator.get("name"))
    return next((str(name) for name in names if isinstance(name, str | int) and str(name).strip()), None)


class _Reader:
    """Reads what one annotator says."""

    def __init__(self, name: str, subject: Subject, sandbox: Raw, notes: Notes) -> None:
        self.name, self.subject, self.sandbox, self.notes = name, subject, sandbox, notes
        self.found: dict[str, tuple[str, Raw]] = {}
        self.rows: dict[str, list[Row]] = {}

    def annotation(self, author: str | None, group: list[tuple[str, Raw]]) -> Annotation:
        by_namespace: dict[str, tuple[str, Raw]] = {}
        left: list[Raw] = []
        best = next((one for one in _SEGMENTS if any(raw["namespace"] == one for _, raw in group)), None)
        for place, raw in group:
            namespace = raw["namespace"]
            is_read = namespace in _READ and namespace not in by_namespace
            if is_read and (namespace not in _SEGMENTS or namespace == best):
                by_namespace[namespace] = place, raw
            else:
                left.append(raw)
                self.notes.say("unread", f"{namespace} was not read; it is kept", severity="note")
        self.found = by_namespace
        for namespace in by_namespace.keys() - {*NAMESPACES}:
            self.rows[namespace] = self._rows(namespace)
        duration = self.subject.duration
        sandboxes = [*(mapping(raw.get("sandbox")) for _, raw in by_namespace.values()), self.sandbox]
        said = {key: value for sandbox in reversed(sandboxes) for key, value in sandbox.items()}
        grid = self._grid(said)
        segments = self._sections(best, grid)
        events = self.rows.get("tag_open", ())
        made_events = [Event(seconds(row.start, row.place), row.word, row.confidence) for row in events]
        made_events += segments.events if segments else ()
        end = duration or (last_end(segments) if segments else None) or self._last() or 1.0
        words = [
            Word(start, stop, text=row.word, probability=row.confidence)
            for row in self.rows.get("lyrics", ())
            if (start := row.start or 0.0) < (stop := row.end or 0.0)
        ]
        about = mapping(said.get("edm"))
        return Annotation(
            self.subject,
            grid=None if grid is None else grid.segments,
            key=self._keys(said, end),
            sections=None if segments is None else segments.sections,
            events=tuple(sorted(made_events, key=lambda event: event.time))
            if "tag_open" in by_namespace or made_events else None,
            words=tuple(sorted(words, key=lambda word: word.start)) if "lyrics" in by_namespace else None,
            author=author,
            rest=self._rest(left),
            **self._about(about),
        )  # fmt: skip

    def _rest(self, left: list[Raw]) -> dict[str, Any]:
        metadata = {}
        for namespace, (_, raw) in self.found.items():
            about = _without(mapping(raw.get("annotation_metadata")), "annotator")
            if about.get("curator") == {"name": "", "email": ""}:
                about.pop("curator")
            sandbox = _without(mapping(raw.get("sandbox")), "edm", "bar_numbers")
            metadata["segment_open" if namespace in _SEGMENTS else namespace] = _without(
                {"annotation_metadata": about, "sandbox": sandbox}
            )
        rest = _without({"annotations": left, "about": _without(metadata)})
        return {NAME: rest} if rest else {}

    def _about(self, about: Raw) -> dict[str, Any]:
        made: dict[str, Any] = {key: about[key] for key in ABOUT if isinstance(about.get(key), str)}
        if made.get("tier") not in get_args(Tier):
            made.pop("tier", None)
        made.pop("confidence", None)
        made["flags"] = tuple(map(str, about["flags"])) if isinstance(about.get("flags"), list) else ()
        made["confidence"] = share(about.get("confidence"), f"{self.name}: confidence", self.notes)
        return made

    def _rows(self, namespace: str) -> list[Row]:
        place, raw = self.found[namespace]
        bars = mapping(raw.get("sandbox")).get("bar_numbers")
        found = observations(raw.get("data"), place)
        if not isinstance(bars, list) or len(bars) != len(found):
            bars = [None] * len(found)
        rows = []
        for index, (one, bar) in enumerate(zip(found, bars, strict=True)):
            where = f"{place}.data[{index}]"
            start = seconds(one.get("time"), f"{where}.time")
            lasts = number(one.get("duration") or 0, f"{where}.duration")
            if lasts < 0:
                raise ExchangeError(f"a duration of {lasts}", subject=where)
            confidence = share(one.get("confidence"), f"{where}.confidence", self.notes)
            value = one.get("value")
            word = value if isinstance(value, str) else "" if value is None else json.dumps(value)
            counted = float(bar) if type(bar) is int and 0 <= bar < 1_000_000 else None
            rows.append(Row(where, word, start, round(start + lasts, 9), counted, None, confidence))
        return rows

    def _sections(self, best: str | None, grid: Grid | None) -> Any:
        if best is None:
            return None
        return parts_of(self.rows[best], self.notes, grid=grid, duration=self.subject.duration)

    def _last(self) -> float | None:
        return max((row.end or 0.0 for rows in self.rows.values() for row in rows), default=None)

    def _keys(self, said: Raw, end: float) -> tuple[Key, ...] | None:
        if "key_mode" not in self.found:
            return key_of(said.get("key"), end, self.notes)
        rows = self.rows["key_mode"]
        keys: list[Key] = []
        for index, row in enumerate(rows):
            after = rows[index + 1].start if index + 1 < len(rows) else end
            start = row.start or 0.0
            stop = row.end if row.end and row.end > start else after
            made = key_of(row.word, end, self.notes) if row.word != "N" and stop and stop > start else None
            keys += [
                Key(start, stop or end, "", row.confidence, name=one.name, camelot=one.camelot)
                for one in made or ()
            ]
        return tuple(sorted(keys, key=lambda key: key.start))

    def _grid(self, said: Raw) -> Grid | None:
        beats, meters = beats_of(self.found, self.notes)
        tempos = [
            Tempo(start, max(row.end or 0.0, start + 1e-3), bpm=number(row.word, row.place))
            for row in self.rows.get("tempo", ())
            for start in (row.start or 0.0,)
        ]
        if beats:
            return grid_of(beats, tempos, meters, self.subject.duration)
        meter = meter_of(said.get("time_signature"), self.notes, f"{self.name}: time_signature")
        if said.get("bpm") is not None:
            made = segment(said["bpm"], said.get("downbeat"), meter, f"{self.name}: sandbox.bpm", self.notes)
            return None if made is None else Grid((made,))
        if not tempos:
            return Grid(()) if {*NAMESPACES, "tempo"} & self.found.keys() else None
        self.notes.say("unread", "tempo without beats: a downbeat was taken where each begins", layer="beats")
        starts = {tempo.start: GridSegment(tempo.start, tempo.bpm, meter) for tempo in tempos}
        return Grid(tuple(starts[start] for start in sorted(starts)))


def _without(values: Raw, *names: str) -> Raw:
    """Return what is left of a mapping without what is empty and what goes elsewhere."""
    empty: tuple[Any, ...] = (None, "", [], {})
    return {key: value for key, value in values.items() if key not in names and value not in empty}
