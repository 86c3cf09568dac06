"""What a file says as timelines, for the checks and for whatever else looks at layers."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from ..annotation import Annotation, layers_of, tiled
from ..items import Recording
from ..timeline import Timeline
from .reading import Reading
from .rows import SHORTEST_S
from .values import SHORTEST_S as SHORTEST_RECORDING_S


def timelines_of(reading: Reading) -> tuple[Timeline, ...]:
    """Return a timeline for each annotation, its layers from ``person:<author>``.

    A recording whose length the file does not tell ends with what is annotated. Sampling rate and channels,
    which no such file tells, are 0; an id that it does not tell is made from what it tells.

    Examples
    --------
    >>> from edm_core.exchange import read
    >>> (timeline,) = timelines_of(read(b"0 15 intro\\n15 30 drop\\n", "song.lab"))
    >>> timeline.recording.duration, [layer.source for layer in timeline.layers]
    (30.0, ['person:unknown'])
    """
    return tuple(map(_timeline, reading.annotations))


def _timeline(annotation: Annotation) -> Timeline:
    subject = annotation.recording
    duration = max(subject.duration or _extent(annotation), SHORTEST_RECORDING_S)
    name = "|".join(text for text in (subject.path, subject.title, subject.artist) if text)
    recording = Recording(
        id=subject.id or f"unknown:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}",
        duration=duration, sample_rate=0, channels=0,
        path=subject.path, title=subject.title, artist=subject.artist,
    )  # fmt: skip
    if annotation.grid == ():  # no tempo is no layer
        annotation = replace(annotation, grid=None)
    if annotation.sections is not None:  # what is too short to be seen would fall between the others
        long = tuple(section for section in annotation.sections if section.duration > SHORTEST_S)
        annotation = replace(annotation, sections=long)
    if annotation.sections:
        annotation = replace(annotation, sections=tiled(annotation.sections, duration)[0])
    elif annotation.sections is not None:  # a layer of sections tiles the recording: none is no layer
        annotation = replace(annotation, sections=None)
    return Timeline(
        recording, layers_of(annotation, duration, source=f"person:{annotation.author or 'unknown'}")
    )


def _extent(annotation: Annotation) -> float:
    spans = (annotation.sections, annotation.activity, annotation.words, annotation.passages, annotation.key)
    ends = [item.end for items in spans for item in items or ()]
    ends += [event.time for event in annotation.events or ()] + [part.time for part in annotation.grid or ()]
    last = max(ends, default=0.0)
    return last if last >= SHORTEST_RECORDING_S else 1.0
