"""The data model: a recording's timeline is a set of layers, and each layer holds spans or instants.

The items themselves are in :mod:`edm_core.items` and are handed on from here.

Conventions
-----------
Times are seconds (float) from the start of the recording; intervals are half-open, ``[start, end)``. Bars
and beats count from 1, and bar 1 is the first full bar, at the first downbeat; time before it is bar 0.
Confidences lie in ``[0, 1]``. Everything is frozen: to change a timeline, make a new one.

A value that could not be computed is absent and its reason stands in ``Provenance.stages`` or, after a
failure, in ``Timeline.problems``; there is no default label and no neutral score.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from ._codec import absent, decode, decode_items, encode
from .errors import TimelineError
from .items import (
    ITEM_TYPES,
    Beat,
    Comment,
    Energy,
    Event,
    Evidence,
    Instant,
    Item,
    Judgement,
    Key,
    Meter,
    Passage,
    Reaction,
    Recording,
    Repetition,
    Safety,
    Score,
    Section,
    Severities,
    Span,
    Status,
    Target,
    Tempo,
    TempoCandidate,
    Utterance,
    Word,
)
from .vocabulary import ACTIVITY_LABELS, SECTION_LABELS, SPEECH_LABELS

if TYPE_CHECKING:
    import pandas

__all__ = [
    "FRAME_COLUMNS",
    "ITEM_TYPES",
    "SCHEMA",
    "Beat",
    "Comment",
    "Energy",
    "Event",
    "Evidence",
    "Instant",
    "Item",
    "Judgement",
    "Key",
    "Layer",
    "LayerKind",
    "Meter",
    "Passage",
    "Problem",
    "Provenance",
    "Reaction",
    "Recording",
    "Repetition",
    "Safety",
    "Score",
    "Section",
    "Severities",
    "Span",
    "StageRecord",
    "Status",
    "Target",
    "Tempo",
    "TempoCandidate",
    "Timeline",
    "Utterance",
    "Word",
]

SCHEMA = 1

LayerKind = Literal[
    "activity", "tempo", "meter", "key", "beats", "sections", "events", "words", "utterances", "passages",
    "reactions", "comments",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Layer:
    """Ordered items of one kind from one source.

    Parameters
    ----------
    kind : str
        One of :data:`LayerKind`.
    source : str
        Who made it: ``person:<name>`` or ``model:<name>@<version>``.
    items : tuple
        Items of the kind's type, in order of time.
    revision : int
        Counts up from 1 within kind and source.
    parent : str, optional
        The layer that this one was made from, as ``<source>#<revision>``.
    time : str
        When it was made, ISO 8601 in UTC.
    verified : bool
        Whether a person has checked it.
    """

    kind: LayerKind
    source: str
    items: tuple[Any, ...]
    revision: int = 1
    parent: str | None = None
    time: str = "1970-01-01T00:00:00Z"
    verified: bool = absent(False)

    def __post_init__(self) -> None:
        where = f"layer {self.kind} of {self.source}"
        if self.kind not in get_args(LayerKind):
            raise TimelineError(f"{self.kind!r} is no kind of layer", subject=self.source)
        if not self.source.startswith(("person:", "model:")):
            raise TimelineError("a source begins with person: or model:", subject=where)
        wanted = ITEM_TYPES[self.kind]
        for item in self.items:
            if type(item) is not wanted:
                raise TimelineError(f"{type(item).__name__} is not {wanted.__name__}", subject=where)
        starts = [item.start for item in self.items]
        if self.kind == "beats" and any(b <= a for a, b in zip(starts, starts[1:], strict=False)):
            raise TimelineError("beats do not increase", subject=where, remedy="sort them and drop doubles")
        if any(b < a for a, b in zip(starts, starts[1:], strict=False)):
            raise TimelineError("items are not in order of time", subject=where, remedy="sort them by start")
        allowed = {"sections": SECTION_LABELS, "activity": ACTIVITY_LABELS}.get(self.kind)
        for item in self.items:
            if allowed and item.label not in allowed:
                raise TimelineError(
                    f"unknown label {item.label!r}", subject=where, remedy=f"use one of {', '.join(allowed)}"
                )

    @property
    def is_person(self) -> bool:
        """Whether a person made it."""
        return self.source.startswith("person:")


@dataclass(frozen=True, slots=True)
class StageRecord:
    """How one stage of the analysis went.

    ``status`` is ``ok``, ``failed``, or ``abstained`` (it did not apply or could not tell), the last two
    with a ``reason``. ``seconds`` is what computing took; of a ``cached`` result, what it took back then (for
    ``audio``, what opening it took this time). ``parameters`` is what the result depends on besides the
    version and the sound: models and their weights, hashes of label and persona files.
    """

    version: str
    seconds: float
    cached: bool
    status: Status = "ok"
    reason: str | None = absent()
    parameters: dict[str, str] | None = absent()


@dataclass(frozen=True, slots=True)
class Provenance:
    """What made a timeline: the package's version and each stage's record."""

    edm_core: str = ""
    stages: dict[str, StageRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """A stage that failed, and why; the rest of the timeline stands."""

    stage: str
    error: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """A recording and every layer that people and models have written onto it.

    The properties (``beats``, ``sections``, …) give the *chosen* layer of their kind: the newest verified
    layer of a person, else the newest of a person, else the newest of a model. A property of a kind that
    has no layer gives an empty tuple or None.

    Examples
    --------
    >>> song = Recording("sha256:00", duration=60.0, sample_rate=44100, channels=2)
    >>> parts = (Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop"))
    >>> timeline = Timeline(song, (Layer("sections", "person:rater-1", parts),))
    >>> [section.label for section in timeline.sections]
    ['intro', 'drop']
    >>> Timeline.from_json(timeline.to_json()) == timeline
    True
    """

    recording: Recording
    layers: tuple[Layer, ...] = ()
    problems: tuple[Problem, ...] = ()
    provenance: Provenance = Provenance()

    def __post_init__(self) -> None:
        for layer in self.layers:
            if layer.kind == "sections":
                _check_tiling(layer, self.recording)
        names = [(layer.kind, layer.source, layer.revision) for layer in self.layers]
        if len(set(names)) < len(names):
            raise TimelineError("two layers of the same kind, source and revision", subject=self.recording.id)

    # Chosen view

    def layer(self, kind: str, source: str | None = None) -> Layer | None:
        """Return a layer by kind: the newest of ``source``, or the chosen one; None if there is none."""
        fitting = [layer for layer in self.layers if layer.kind == kind and source in (None, layer.source)]
        if not fitting:
            return None
        newest_first = reversed(fitting)  # of layers made in the same second, the one added last is newer
        return max(
            newest_first,
            key=lambda layer: (
                layer.is_person and layer.verified,
                layer.is_person,
                layer.time,
                layer.revision,
            ),
        )

    @property
    def activity(self) -> tuple[Span, ...]:
        """Speech, music, both or silence over the whole recording."""
        return self._items("activity")

    @property
    def speech_share(self) -> float | None:
        """Share of the recording in which somebody speaks, 0 to 1; None where nobody looked."""
        if self.layer("activity") is None:
            return None
        spoken = sum(span.duration for span in self.activity if span.label in SPEECH_LABELS)
        return min(1.0, spoken / self.recording.duration)

    @property
    def tempo(self) -> Tempo | None:
        """The tempo that holds for longest, or None where there is none."""
        return max(self._items("tempo"), key=lambda tempo: tempo.duration, default=None)

    @property
    def meter(self) -> Meter | None:
        """Beats in a bar, or None."""
        return max(self._items("meter"), key=lambda meter: meter.duration, default=None)

    @property
    def key(self) -> Key | None:
        """The key that holds for longest, or None."""
        return max(self._items("key"), key=lambda key: key.duration, default=None)

    @property
    def beats(self) -> tuple[Beat, ...]:
        """Beats in order of time."""
        return self._items("beats")

    @property
    def sections(self) -> tuple[Section, ...]:
        """Sections; they tile the recording."""
        return self._items("sections")

    @property
    def events(self) -> tuple[Event, ...]:
        """Named instants, such as onsets of drops."""
        return self._items("events")

    @property
    def words(self) -> tuple[Word, ...]:
        """Spoken words."""
        return self._items("words")

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What the recogniser wrote down, with its evidence; also what was not believed, with the reason."""
        return self._items("utterances")

    @property
    def passages(self) -> tuple[Passage, ...]:
        """Stretches of speech with their words and content."""
        return self._items("passages")

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """How simulated listeners take each passage or section."""
        return self._items("reactions")

    @property
    def comments(self) -> tuple[Comment, ...]:
        """What people wrote about stretches of it."""
        return self._items("comments")

    # New timelines

    def with_layer(self, layer: Layer) -> Timeline:
        """Return a timeline that also holds ``layer``; nothing is overwritten."""
        return replace(self, layers=(*self.layers, layer))

    # Formats

    def to_dict(self) -> dict[str, Any]:
        """Return the document that ``edm analyze --format json`` prints, as plain values."""
        chosen: dict[str, Layer] = {}
        for kind in ITEM_TYPES:
            if (layer := self.layer(kind)) is not None:
                chosen[kind] = layer
        document: dict[str, Any] = {"schema": SCHEMA, "recording": encode(self.recording)}
        document["activity"] = encode(self.activity)
        document |= {kind: encode(getattr(self, kind)) for kind in ("tempo", "meter", "key")}
        kinds = ("beats", "sections", "events", "words", "passages", "reactions")
        document |= {kind: encode(getattr(self, kind)) for kind in kinds}
        document["chosen"] = {kind: layer.source for kind, layer in chosen.items()}
        document |= {name: encode(getattr(self, name)) for name in ("layers", "problems", "provenance")}
        return document

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the timeline as JSON text, on one line unless ``indent`` is given. Lossless."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=indent)

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Timeline:
        """Read :meth:`to_dict`; the layers count, the chosen view beside them is derived again."""
        if type(document) is not dict or "recording" not in document:
            raise TimelineError(
                "no recording in it", subject="timeline", remedy="give a document of edm analyze"
            )
        if document.get("schema") != SCHEMA:
            raise TimelineError(
                f"schema {document.get('schema')!r} instead of {SCHEMA}",
                subject="timeline",
                remedy="update edm-workbench",
            )
        layers = document.get("layers", [])
        if not isinstance(layers, list):
            raise TimelineError("no list", subject="layers")
        return cls(
            recording=decode(Recording, document["recording"], "recording"),
            layers=tuple(_read_layer(layer, f"layers[{i}]") for i, layer in enumerate(layers)),
            problems=decode_items(Problem, document.get("problems", []), "problems"),
            provenance=decode(Provenance, document.get("provenance", {}), "provenance"),
        )

    @classmethod
    def from_json(cls, text: str) -> Timeline:
        """Read :meth:`to_json`.

        Raises
        ------
        TimelineError
            If the text is not JSON or breaks the data model; the message names the place.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise TimelineError(f"not JSON: {error}", subject="timeline") from None
        return cls.from_dict(document)

    def to_frame(self, kind: str, source: str | None = None) -> pandas.DataFrame:
        """Return a layer as a table, one row an item.

        Parameters
        ----------
        kind : str
            Kind of layer; its columns are :data:`FRAME_COLUMNS` ``[kind]``, times in seconds.
        source : str, optional
            Whose layer; the chosen one by default.

        Returns
        -------
        pandas.DataFrame
            Empty, with its columns, if there is no such layer.
        """
        import pandas

        if kind not in FRAME_COLUMNS:
            raise TimelineError(
                f"{kind!r} is no kind of layer",
                subject="to_frame",
                remedy=f"use one of {', '.join(FRAME_COLUMNS)}",
            )
        layer = self.layer(kind, source)
        columns = FRAME_COLUMNS[kind]
        rows = [[_column(item, name) for name in columns] for item in (layer.items if layer else ())]
        return pandas.DataFrame(rows, columns=list(columns))

    def _items(self, kind: str) -> tuple[Any, ...]:
        layer = self.layer(kind)
        return layer.items if layer else ()


_SPAN = ("start", "end", "duration")
FRAME_COLUMNS: dict[str, tuple[str, ...]] = {
    "activity": (*_SPAN, "label", "confidence"),
    "tempo": (*_SPAN, "bpm", "confidence"),
    "meter": (*_SPAN, "beats_per_bar", "confidence"),
    "key": (*_SPAN, "name", "camelot", "confidence"),
    "beats": ("time", "position", "bar", "confidence"),
    "sections": (
        *_SPAN, "label", "confidence", "boundary_confidence", "start_bar", "end_bar", "repeats",
        "energy_bass", "energy_mid", "energy_high", "original",
    ),
    "events": ("time", "label", "bar", "confidence"),
    "words": (*_SPAN, "text", "probability", "speaker"),
    "utterances": (
        *_SPAN, "text", "language", "no_speech", "log_probability", "compression", "temperature", "rejected",
    ),
    "passages": (
        *_SPAN, "text", "language", "topic", "topic_status", "topic_confidence", "tone", "tone_status",
        "tone_confidence", "safety_status", "repeats", "repetition_kind", "repetition_start", "speaker",
    ),
    "reactions": (
        *_SPAN, "persona", "target_kind", "target_index", "status", "score", "confidence", "calibrated",
        "opinion", "rationale", "note", "scorer",
    ),
    "comments": (*_SPAN, "label", "text", "author", "time", "resolved"),
}  # fmt: skip
"""Columns of :meth:`Timeline.to_frame`. ``topic`` and ``tone`` are labels, with status and confidence beside
them; ``target_kind`` and ``target_index`` say which item a reaction is about; energy is in dBFS."""


# --- private ---------------------------------------------------------------------------------------


def _column(item: Any, name: str) -> Any:
    if name in ("topic", "tone"):
        return getattr(item, name).label
    for part in ("topic", "tone", "safety", "target", "energy", "repetition"):
        if name.startswith(part + "_"):
            whole = getattr(item, part)
            return None if whole is None else getattr(whole, name.removeprefix(part + "_"))
    return getattr(item, name)


def _read_layer(data: Any, place: str) -> Layer:
    kind = data.get("kind") if isinstance(data, dict) else None
    if kind not in ITEM_TYPES:
        raise TimelineError(f"{kind!r} is no kind of layer", subject=place)
    items = decode_items(ITEM_TYPES[kind], data.get("items", []), f"{place}.items")
    return decode(Layer, {**data, "items": items}, place)


def _check_tiling(layer: Layer, recording: Recording) -> None:
    where = f"layer sections of {layer.source}"
    items: Sequence[Span] = layer.items
    if not items:
        raise TimelineError("no sections in it", subject=where, remedy="leave the layer out")
    edges = [0.0, *(item.end for item in items)]
    for item, edge in zip(items, edges, strict=False):
        if item.start != edge:
            raise TimelineError(
                f"a section starts at {item.start} s where the one before ends at {edge} s", subject=where,
                remedy="sections cover the recording without gap or overlap",
            )  # fmt: skip
    if edges[-1] != recording.duration:
        raise TimelineError(
            f"sections end at {edges[-1]} s, the recording at {recording.duration} s", subject=where
        )
