"""Annotations as JAMS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..annotation import Annotation
from ..grid import Grid
from ..items import Key
from ..tonality import read_key
from ..vocabulary import write_section
from .errors import ExchangeError
from .jams_beats import Raw, mapping

NAME = "jams"
VERSION = "0.3.5"
ABOUT = ("tier", "confidence", "flags", "verified_by", "notes", "created", "modified")
"""Fields of an annotation that go into the sandbox of each of its layers."""


def write(annotations: Sequence[Annotation]) -> str:
    """Return a file about one recording, with what each annotator says.

    Raises
    ------
    ExchangeError
        If the annotations are of several recordings.
    """
    subject = annotations[0].recording
    if any(annotation.recording != subject for annotation in annotations):
        raise ExchangeError(
            "annotations of several recordings", subject="JAMS", remedy="write each by itself"
        )
    rest = mapping(annotations[0].rest.get(NAME))
    meta: Raw = {"jams_version": VERSION, **mapping(rest.get("file_metadata"))}
    said = {"title": subject.title, "artist": subject.artist, "duration": subject.duration}
    meta |= {key: value for key, value in said.items() if value is not None}
    meta["identifiers"] = mapping(meta.get("identifiers")) | ({"edm": subject.id} if subject.id else {})
    sandbox = mapping(rest.get("sandbox")) | ({"path": subject.path} if subject.path is not None else {})
    made = [raw for annotation in annotations for raw in _raw(annotation)]
    document = {"file_metadata": meta, "annotations": made, "sandbox": sandbox}
    return json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n"


def _raw(annotation: Annotation) -> list[Raw]:
    rest = mapping(annotation.rest.get(NAME))
    about = {name: value for name in ABOUT if (value := getattr(annotation, name)) not in (None, ())}
    made = []
    for namespace, data, sandbox in _layers(annotation):
        kept = mapping(mapping(rest.get("about")).get(namespace))
        made.append(
            {
                "namespace": namespace,
                "annotation_metadata": {
                    **mapping(kept.get("annotation_metadata")),
                    "annotator": {"name": annotation.author} if annotation.author else {},
                },
                "data": data,
                "sandbox": {**mapping(kept.get("sandbox")), **sandbox, **({"edm": about} if about else {})},
                "time": 0,
                "duration": annotation.recording.duration,
            }
        )
    left = rest.get("annotations")
    return made + (left if isinstance(left, list) else [])


def _layers(annotation: Annotation) -> list[tuple[str, list[Raw], Raw]]:
    made: list[tuple[str, list[Raw], Raw]] = []
    if annotation.sections is not None:
        sections = annotation.sections
        data = [
            _one(s.start, s.end, write_section(s.label, s.original) or s.label, s.confidence)
            for s in sections
        ]
        bars = [section.start_bar for section in sections]
        made.append(
            ("segment_open", data, {"bar_numbers": bars} if any(bar is not None for bar in bars) else {})
        )
    if annotation.grid is not None:
        made += _grid_layers(annotation)
    if annotation.key is not None:
        keys = [
            _one(key.start, key.end, name, key.confidence) for key in annotation.key if (name := _mode(key))
        ]
        made.append(("key_mode", keys, {}))
    if annotation.events is not None:
        made.append(
            ("tag_open", [_one(e.time, e.time, e.label, e.confidence) for e in annotation.events], {})
        )
    if annotation.words is not None:
        made.append(("lyrics", [_one(w.start, w.end, w.text, w.probability) for w in annotation.words], {}))
    return made


def _grid_layers(annotation: Annotation) -> list[tuple[str, list[Raw], Raw]]:
    grid = Grid(annotation.grid or ())
    ends = [
        item.end for items in (annotation.sections, annotation.key, annotation.words) for item in items or ()
    ]
    end = annotation.recording.duration or max(ends, default=0.0)
    if not grid.segments:
        return [("beat_position", [], {})]
    beats = []
    sizes = [(segment.time, segment.beats_per_bar) for segment in grid.segments]
    at = 0
    for beat in grid.beats(end):
        while at + 1 < len(sizes) and sizes[at + 1][0] <= beat.time + 1e-6:
            at += 1
        value = {"position": beat.position, "measure": beat.bar, "num_beats": sizes[at][1], "beat_units": 4}
        beats.append({"time": beat.time, "duration": 0.0, "value": value, "confidence": None})
    tempos = [
        _one(tempo.start, tempo.end, tempo.bpm, 1.0) for tempo in grid.tempo(end)
    ]  # the schema wants a number
    return [("beat_position", beats, {}), ("tempo", tempos, {})]


def _one(start: float, end: float, value: Any, confidence: float | None) -> Raw:
    return {"time": start, "duration": round(end - start, 9), "value": value, "confidence": confidence}


def _mode(key: Key) -> str | None:
    found = read_key(key.name)
    return None if found is None else f"{key.name.split()[0]}:{'minor' if found[1] else 'major'}"
