"""An annotation: all that one person, program or file says of one recording, as it is edited and passed on.

A timeline holds many layers of many people; an annotation holds what belongs together because one author
said it at one time. Files of other programs are read as annotations, the editor edits one, and a revision
in the store is one. :func:`layers_of` and :func:`annotation_of` lead from here to a timeline and back.

A field that is None was not annotated; an empty tuple says that there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ._codec import absent, encode
from .errors import TimelineError
from .findings import Finding
from .grid import Grid, GridSegment, grid_of
from .items import Comment, Event, Key, Passage, Section, Span, Word
from .timeline import Layer, LayerKind, Timeline

Tier = Literal["reference", "verified", "generated"]
"""How far it may be trusted: settled as the truth, checked by a person, or made by a program."""

KINDS: tuple[LayerKind, ...] = (
    "activity", "tempo", "meter", "key", "beats", "sections", "events", "words", "passages", "comments",
)  # fmt: skip
"""Kinds of layers that an annotation can hold; tempo, meter and beats are its grid."""

_SAME_S = 1e-6


@dataclass(frozen=True, slots=True)
class Subject:
    """What is annotated, as far as it is known.

    ``id`` is that of :class:`~edm_core.items.Recording`, ``path`` or name as the file has it, ``duration`` in
    seconds.
    """

    id: str | None = absent()
    path: str | None = absent()
    title: str | None = absent()
    artist: str | None = absent()
    duration: float | None = absent()


@dataclass(frozen=True, slots=True)
class Annotation:
    """What one author says of one recording.

    ``grid`` gives tempo, meter and beats. ``sections`` are in order of time and do not overlap; in a timeline
    they tile the recording (see :func:`tiled`). ``author`` is a name without ``person:``; ``created`` and
    ``modified`` are ISO 8601 in UTC. ``rest`` keeps what a file held that has no place here, by the format's
    name, so that writing the same format again loses nothing.
    """

    recording: Subject = Subject()
    grid: tuple[GridSegment, ...] | None = absent()
    key: tuple[Key, ...] | None = absent()
    sections: tuple[Section, ...] | None = absent()
    events: tuple[Event, ...] | None = absent()
    activity: tuple[Span, ...] | None = absent()
    words: tuple[Word, ...] | None = absent()
    passages: tuple[Passage, ...] | None = absent()
    comments: tuple[Comment, ...] | None = absent()
    author: str | None = absent()
    tier: Tier | None = absent()
    confidence: float | None = absent()
    flags: tuple[str, ...] = absent(())
    verified_by: str | None = absent()
    notes: str | None = absent()
    created: str | None = absent()
    modified: str | None = absent()
    rest: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.grid is not None:
            Grid(self.grid)  # raises
        if self.confidence is not None and not 0 <= self.confidence <= 1:
            raise TimelineError(
                f"a confidence of {self.confidence}", subject="annotation", remedy="give 0 to 1"
            )

    @property
    def said(self) -> tuple[LayerKind, ...]:
        """The kinds of layers it makes."""
        has = {kind for kind in _PLAIN if getattr(self, kind) is not None}
        if self.grid is not None:
            has |= {"tempo", "meter", "beats"}
        return tuple(kind for kind in KINDS if kind in has)


_PLAIN: tuple[LayerKind, ...] = ("key", "sections", "events", "activity", "words", "passages", "comments")


def layers_of(
    annotation: Annotation,
    duration: float,
    *,
    source: str,
    revision: int = 1,
    parent: str | None = None,
    time: str = "1970-01-01T00:00:00Z",
) -> tuple[Layer, ...]:
    """Return the layers of an annotation, as they stand in a timeline.

    Parameters
    ----------
    annotation : Annotation
        Its sections must tile the recording.
    duration : float
        Of the recording, in seconds.
    source, revision, parent, time
        As in :class:`~edm_core.timeline.Layer`. Layers are verified where the tier says so.

    Examples
    --------
    >>> song = Annotation(grid=(GridSegment(0.02, 128.0),), sections=(Section(0.0, 60.0, "drop"),))
    >>> layers = layers_of(song, 60.0, source="person:rater-1")
    >>> [(layer.kind, len(layer.items)) for layer in layers]
    [('tempo', 1), ('meter', 1), ('beats', 128), ('sections', 1)]
    """
    items: dict[LayerKind, tuple[Any, ...]] = {
        kind: value for kind in _PLAIN if (value := getattr(annotation, kind)) is not None
    }
    if annotation.grid is not None:
        grid = Grid(annotation.grid)
        items |= {"tempo": grid.tempo(duration), "meter": grid.meter(duration), "beats": grid.beats(duration)}
        if annotation.sections is not None:
            items["sections"] = tuple(_with_bars(section, grid) for section in annotation.sections)
        if annotation.events is not None:
            items["events"] = tuple(_with_bar(event, grid) for event in annotation.events)
    verified = annotation.tier in ("reference", "verified")
    return tuple(
        Layer(kind, source, items[kind], revision, parent, time, verified) for kind in KINDS if kind in items
    )


def annotation_of(timeline: Timeline, source: str | None = None) -> Annotation:
    """Return what one source says in a timeline; by default, the chosen layer of each kind.

    Utterances and reactions are no part of an annotation.
    """
    recording = timeline.recording
    found = {kind: layer for kind in KINDS if (layer := timeline.layer(kind, source)) is not None}
    values: dict[str, Any] = {kind: found[kind].items for kind in _PLAIN if kind in found}
    if "beats" in found:
        tempo, meter = (found[kind].items if kind in found else () for kind in ("tempo", "meter"))
        values["grid"] = grid_of(found["beats"].items, tempo, meter, recording.duration).segments
    subject = Subject(recording.id, recording.path, recording.title, recording.artist, recording.duration)
    author = source.removeprefix("person:") if source and source.startswith("person:") else None
    return Annotation(subject, author=author, **values)


def plain(annotation: Annotation) -> Any:
    """Return an annotation as JSON-like values, without where its file lies on this machine."""
    return encode(replace(annotation, recording=replace(annotation.recording, path=None)))


def tiled(sections: Sequence[Section], duration: float) -> tuple[tuple[Section, ...], tuple[Finding, ...]]:
    """Return sections that cover a recording without gap or overlap, and what had to be done for that.

    They are put in order of time; where two overlap, the later one begins where it says and ends the earlier;
    what lies between two, before the first or after the last, is ``other``; what lies behind the end is cut.

    Parameters
    ----------
    sections : sequence of Section
        In any order.
    duration : float
        Of the recording, in seconds.

    Examples
    --------
    >>> parts, findings = tiled([Section(0.0, 20.0, "intro"), Section(15.0, 30.0, "drop")], 40.0)
    >>> [(part.start, part.end, part.label) for part in parts]
    [(0.0, 15.0, 'intro'), (15.0, 30.0, 'drop'), (30.0, 40.0, 'other')]
    >>> [finding.kind for finding in findings]
    ['overlap', 'gap']
    """
    findings: list[Finding] = []

    def say(kind: Any, start: float, end: float, message: str, *, grave: bool = True) -> None:
        findings.append(Finding(kind, "warning" if grave else "note", start, end, message, "sections"))

    ordered = sorted(
        sections, key=lambda section: section.start
    )  # stable: of two at one time the later stays
    for one, next in zip(sections, sections[1:], strict=False):
        if next.start < one.start:
            say(
                "unsorted",
                next.start,
                next.end,
                f"{_named(next)} stands after {_named(one)}: they were sorted",
            )
    kept: list[Section] = []
    for section in _within(ordered, duration, say):
        if kept and section.start < kept[-1].end - _SAME_S:
            message = f"{_named(section)} begins before {_named(kept[-1])} ends: that was cut there"
            say("overlap", section.start, min(section.end, kept[-1].end), message)
            before = kept.pop()
            if section.start > before.start + _SAME_S:
                kept.append(replace(before, end=section.start))
        edge = kept[-1].end if kept else 0.0
        if section.start > edge + _SAME_S:
            message = f"nothing is said from {edge:.3f} to {section.start:.3f} s: it was called other"
            say("gap", edge, section.start, message, grave=False)
            kept.append(Section(edge, section.start, "other"))
            edge = section.start
        kept.append(replace(section, start=edge) if section.end > edge else section)
    edge = kept[-1].end if kept else 0.0
    if edge < duration - _SAME_S:
        message = f"nothing is said from {edge:.3f} s to the end: it was called other"
        say("gap", edge, duration, message, grave=False)
        kept.append(Section(edge, duration, "other"))
    elif kept and edge != duration:
        kept[-1] = replace(kept[-1], end=duration)
    return tuple(kept), tuple(findings)


# --- private ---------------------------------------------------------------------------------------


def _within(
    sections: Sequence[Section], duration: float, say: Callable[[Any, float, float, str], None]
) -> Iterator[Section]:
    """Give the sections that can be heard, cut at the end of the recording."""
    for section in sections:
        start, end = section.start, section.end
        if end - start < 2 * _SAME_S:
            say(
                "too_short",
                start,
                end,
                f"{_named(section)} lasts no time that could be heard: it was left out",
            )
        elif start >= duration - _SAME_S:
            say("outside", start, end, f"{_named(section)} begins behind the end: it was left out")
        else:
            if end > duration + _SAME_S:
                say("outside", start, end, f"{_named(section)} ends behind the end: it was cut there")
            yield replace(section, end=min(end, duration))


def _with_bars(section: Section, grid: Grid) -> Section:
    first, after = grid.nearest_bar(section.start), grid.nearest_bar(section.end)
    last = None if first is None or after is None else max(first, after - 1)
    return replace(section, start_bar=first, end_bar=last)


def _with_bar(event: Event, grid: Grid) -> Event:
    place = grid.place_of(event.time + 0.02)
    return replace(event, bar=place.bar if place else None)


def _named(section: Section) -> str:
    return f"{section.original or section.label} at {section.start:.3f} s"
