"""What requests and answers look like: models for the API's description, with examples.

They describe; they do not copy. A route answers with values that are JSON already, and the tests hold every
answer against its model. Values of the timeline are described by the dataclasses that they are.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from ...store.entry import EntryStatus, Part
from ...timeline import Problem as StageProblem

ID = "sha256:3b1f8a40c5e1d0b6a9c7e2f4d8b35a6171e0f9c2d4b8a6e3f5c7091b2d4e6f80"
JOB = "01763856000000000000-000001"
_TIME = "2026-01-01T00:00:00.000000Z"
_RECORDING: dict[str, Any] = {
    "id": ID, "name": "night-drive.flac", "title": "Night Drive", "artist": "Ada", "duration": 247.03,
    "status": "done", "message": None, "chips": ["128 BPM", "8A"], "added": _TIME, "tags": ["demo"],
    "size": 31_457_280, "revision": 1, "problems": [], "parts": [],
}  # fmt: skip
_JOB: dict[str, Any] = {
    "id": JOB, "kind": "analyze", "queue": "music", "key": ID, "state": "running", "stage": "beats",
    "share": 0.42, "remaining": 11.0, "message": None, "priority": 0, "attempt": 1, "who": "",
    "created": _TIME, "started": _TIME, "finished": None, "result": None, "personas": None, "scorer": None,
}  # fmt: skip


class Like:
    """Describe a value by a model while it is taken as it was sent.

    What is wrong with it is then said by whoever reads it, in the words that page and command line use too.
    """

    def __init__(self, model: Any) -> None:
        self.model = model

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check it as the type that it is annotated with."""
        return handler(source)

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe it as the model."""
        return handler(TypeAdapter(self.model).core_schema)


def example(**values: Any) -> ConfigDict:
    """Return the configuration of a model that has an example."""
    return ConfigDict(json_schema_extra={"examples": [values]})


def request(**values: Any) -> ConfigDict:
    """Return the configuration of a request's model: nothing else is understood; there is an example."""
    return ConfigDict(extra="forbid", json_schema_extra={"examples": [values]})


class FieldError(BaseModel):
    """What is wrong in one place of a request."""

    place: str = Field(description="Where, such as `body.tags[0]` or `query.limit`")
    message: str


class ProblemDetails(BaseModel):
    """An error, as RFC 9457 has it; `remedy` says what to do."""

    model_config = example(
        type="about:blank", title="Not Found", status=404,
        detail="there is no such recording in the library", remedy="GET /api/v1/recordings lists them",
    )  # fmt: skip

    type: str
    title: str
    status: int
    detail: str
    remedy: str | None = None
    errors: list[FieldError] = Field(default_factory=list, description="Of a request that breaks its schema")


class Health(BaseModel):
    """The process answers."""

    model_config = example(status="ok")

    status: Literal["ok"]


class ReadyCheck(BaseModel):
    """One thing that must work, and whether it does."""

    name: str
    ok: bool
    seen: str
    remedy: str = Field(description="What to do where it does not")


class Ready(BaseModel):
    """Whether requests can be served, and what that rests on."""

    model_config = example(
        ready=True, checks=[{"name": "database", "ok": True, "seen": "SQLite 3.53.4", "remedy": ""}]
    )

    ready: bool
    checks: list[ReadyCheck]


class WeightsFile(BaseModel):
    """A file of weights with its checksum."""

    file: str
    sha256: str


class ModelFacts(BaseModel):
    """Weights that are here, and how they stand."""

    name: str
    purpose: str
    status: Literal["ok", "unchecked", "missing", "damaged"]
    size: int = Field(description="Bytes")
    licence: str
    source: str
    problem: str | None
    files: list[WeightsFile]


class ModelInfo(BaseModel):
    """What analyses: versions of the stages, and the weights with their checksums."""

    model_config = example(
        edm_core="0.1.0",
        stages={"beats": "5"},
        models=[{
            "name": "form", "purpose": "sections", "status": "ok", "size": 120000, "licence": "Apache-2.0",
            "source": "this package", "problem": None, "files": [{"file": "form.onnx", "sha256": "9f…"}],
        }],
    )  # fmt: skip

    edm_core: str
    stages: dict[str, str]
    models: list[ModelFacts]


class RecordingEntry(BaseModel):
    """A recording of the library, without its timeline."""

    model_config = example(**_RECORDING)

    id: str
    name: str = Field(description="As its giver called it")
    title: str | None
    artist: str | None
    duration: float | None = Field(description="Seconds; null before the analysis")
    status: EntryStatus
    message: str | None = Field(description="Why there is no analysis")
    chips: list[str] = Field(description="What a card shows: tempo, key, share of speech")
    added: str
    tags: list[str]
    size: int | None = Field(description="Bytes, where they are known")
    revision: int = Field(description="Grows with every analysis")
    problems: list[StageProblem] = Field(description="Stages that failed")
    parts: list[Part] = Field(description="What colours the card")


class Recordings(BaseModel):
    """A page of the library; `Link` leads to the next."""

    model_config = example(recordings=[_RECORDING], total=1, limit=60, offset=0)

    recordings: list[RecordingEntry]
    total: int = Field(description="How many fit, on all pages")
    limit: int
    offset: int


class Tags(BaseModel):
    """How many recordings have each tag."""

    model_config = example(tags={"demo": 2, "festival": 1})

    tags: dict[str, int]


class TagsRequest(BaseModel):
    """Tags of a recording: all of them in `tags`, or some to `add` and to `remove`."""

    model_config = request(add=["festival"], remove=["draft"])

    tags: list[str] | None = Field(None, max_length=100)
    add: list[str] = Field(default_factory=list, max_length=100)
    remove: list[str] = Field(default_factory=list, max_length=100)


class Job(BaseModel):
    """A piece of work and how it stands."""

    model_config = example(**_JOB)

    id: str
    kind: str
    queue: str
    key: str = Field(description="What it is about")
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    stage: str | None
    share: float = Field(description="How much is done, from 0 to 1")
    remaining: float | None = Field(description="Seconds left, where they are known")
    message: str | None = Field(description="Why it failed")
    priority: int = Field(description="Larger goes first")
    attempt: int = Field(description="How often it was begun")
    who: str
    created: str | None
    started: str | None
    finished: str | None
    result: Any = Field(description="Where the result lies")
    personas: list[str] | None = Field(description="Of a scoring: who scores")
    scorer: str | None = Field(description="Of a scoring: how")


class Jobs(BaseModel):
    """Jobs, the newest first; `before` of the next page is in `next`, and `Link` leads to it."""

    model_config = example(jobs=[], next=None)

    jobs: list[Job]
    next: str | None


class Accepted(BaseModel):
    """A recording that was taken, and the job that analyses it; null where that is done already."""

    model_config = example(recording=_RECORDING, job=_JOB)

    recording: RecordingEntry
    job: Job | None


class Erased(BaseModel):
    """What was erased with a recording: how many rows and files of each kind."""

    model_config = example(id=ID, counts={"revisions": 3, "blobs": 2}, named_in=[])

    id: str
    counts: dict[str, int]
    named_in: list[str] = Field(description="What names it elsewhere and was left")
