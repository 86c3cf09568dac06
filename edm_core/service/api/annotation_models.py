"""What requests and answers about annotations and timelines look like; see :mod:`.models`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from ...annotation import Annotation, Tier
from ...findings import Finding
from ...timeline import (
    Beat,
    Event,
    Key,
    LayerKind,
    Meter,
    Passage,
    Provenance,
    Reaction,
    Recording,
    Section,
    Span,
    Tempo,
    Word,
)
from ...timeline import Problem as StageProblem
from .models import ID, Like, ProblemDetails, example, request

AnAnnotation = Annotated[Any, Like(Annotation)]
"""What one person says of one recording."""

_ANNOTATION = {
    "grid": [{"time": 0.02, "bpm": 128.0}],
    "sections": [
        {"start": 0.0, "end": 30.0, "label": "intro"},
        {"start": 30.0, "end": 60.0, "label": "drop"},
    ],
}
_REVISION = {
    "recording": ID, "author": "ada", "number": 3, "parent": 2, "time": "2026-01-01T00:00:00.000000Z",
    "tool": "web", "tier": None, "confidence": None, "flags": [], "verified_by": None,
    "note": "the drop begins later", "summary": "2 sections",
}  # fmt: skip


class RevisionFacts(BaseModel):
    """A revision without what it says."""

    model_config = example(**_REVISION)

    recording: str
    author: str
    number: int
    parent: int | None
    time: str
    tool: str
    tier: Tier | None
    confidence: float | None
    flags: list[str]
    verified_by: str | None
    note: str
    summary: str


class Draft(BaseModel):
    """What an author has not saved yet, and the revision it began from."""

    annotation: AnAnnotation
    base: int | None
    time: str


class Line(BaseModel):
    """An author's line: its newest revision and the draft that was left."""

    model_config = example(revision=3, annotation=_ANNOTATION, draft=None)

    revision: int | None
    annotation: AnAnnotation | None
    draft: Draft | None


class Lines(BaseModel):
    """The newest revision of every author."""

    model_config = example(lines=[_REVISION])

    lines: list[RevisionFacts]


class History(BaseModel):
    """Revisions, the newest first."""

    model_config = example(revisions=[_REVISION])

    revisions: list[RevisionFacts]


class RevisionContent(BaseModel):
    """A revision and what it says."""

    model_config = example(revision=_REVISION, annotation=_ANNOTATION)

    revision: RevisionFacts
    annotation: AnAnnotation


class SaveRequest(BaseModel):
    """An annotation to be saved as the line's next revision."""

    model_config = request(annotation=_ANNOTATION, note="the drop begins later")

    annotation: Annotation
    note: str = ""
    author: str = Field("", description="Whose; `?author=` goes before it")


class SaveAnswer(BaseModel):
    """The revision that stands now."""

    model_config = example(revision=_REVISION)

    revision: RevisionFacts


class Numbered(BaseModel):
    """A version: its number and what it says."""

    revision: int
    annotation: AnAnnotation


class ClashFacts(BaseModel):
    """Something that both sides changed, and not alike."""

    field: str
    start: float | None
    end: float | None
    ours: Any
    theirs: Any


class Conflict(ProblemDetails):
    """Somebody saved since: both versions, and what merging them gives."""

    model_config = example(
        type="about:blank", title="Conflict", status=409, detail="revision 4 was saved since",
        remedy="settle what clashes, and save with the newer revision in If-Match",
        base={"revision": 3, "annotation": _ANNOTATION}, theirs={"revision": 4, "annotation": _ANNOTATION},
        merged=_ANNOTATION, clashes=[],
    )  # fmt: skip

    base: Numbered | None
    theirs: Numbered
    merged: AnAnnotation
    clashes: list[ClashFacts]


class DraftRequest(BaseModel):
    """A draft; it may be unfinished."""

    model_config = request(annotation=_ANNOTATION, base=3)

    annotation: Annotation
    base: int | None = Field(None, ge=1, lt=10**9)
    author: str = ""


class Distance(BaseModel):
    """How far another annotator's sections are away."""

    author: str
    boundaries: float | None = Field(description="F-measure within 0.5 s")
    labels: float | None = Field(description="Share of the time under the same label")


class DraftAnswer(BaseModel):
    """When it was kept, what is odd in it, and how far it is from the others."""

    model_config = example(kept="2026-01-01T00:00:00.000000Z", findings=[], distance=[])

    kept: str
    findings: list[Finding]
    distance: list[Distance]


class RestoreRequest(BaseModel):
    """Which revision is to be the newest again."""

    model_config = request(author="ada", number=1)

    number: int = Field(ge=0, lt=10**9)
    author: str = ""


class PresenceRequest(BaseModel):
    """That somebody has the recording open, or has left it."""

    model_config = request(author="ada")

    author: str = ""
    leave: bool = False


class Present(BaseModel):
    """Somebody who has it open."""

    author: str
    time: str


class Presence(BaseModel):
    """Who else has it open."""

    model_config = example(present=[{"author": "bob", "time": "2026-01-01T00:00:00.000000Z"}])

    present: list[Present]


class TimelineLayer(BaseModel):
    """Items of one kind from one source."""

    kind: LayerKind
    source: str
    revision: int
    parent: str | None
    time: str
    items: list[dict[str, Any]]
    verified: bool = False


class TimelineDocument(BaseModel):
    """A timeline as `edm analyze --format json` prints it; times are seconds."""

    model_config = example(
        schema=1,
        recording={"id": ID, "duration": 60.0, "sample_rate": 44100, "channels": 2, "path": None,
                   "title": "Night Drive", "artist": "Ada", "tags": {}},
        activity=[], tempo=None, meter=None, key=None, beats=[],
        sections=[{"start": 0.0, "end": 60.0, "label": "drop", "confidence": 0.8, "start_bar": 1,
                   "end_bar": 32, "repeats": None}],
        events=[], words=[], passages=[], reactions=[], chosen={"sections": "model:sections@3"},
        layers=[], problems=[], provenance={"edm_core": "0.1.0", "stages": {}},
    )  # fmt: skip

    schema_: int = Field(alias="schema")
    recording: Recording
    activity: list[Span]
    tempo: Tempo | None
    meter: Meter | None
    key: Key | None
    beats: list[Beat]
    sections: list[Section]
    events: list[Event]
    words: list[Word]
    passages: list[Passage]
    reactions: list[Reaction]
    chosen: dict[str, str]
    layers: list[TimelineLayer]
    problems: list[StageProblem]
    provenance: Provenance
