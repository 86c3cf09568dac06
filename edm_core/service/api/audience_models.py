"""What requests and answers about personas, scores and ratings look like; see :mod:`.models`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from ..._codec import encode
from ...evaluation.ratings import Estimate
from ...items import Reaction, Target
from ...personas.persona import ListensTo, Persona, read_persona
from ...personas.scorers import ScorerName
from ...ratings import Kind, Rating
from ...resources import PERSONAS
from .models import ID, example, request

_RATING = {
    "recording": ID, "kind": "passage", "start": 12.3, "end": 26.9, "rater": "ada", "score": 4,
    "time": "2026-01-01T00:00:00.000000Z",
}  # fmt: skip


class LayerFacts(BaseModel):
    """Which reactions are shown."""

    source: str
    revision: int
    parent: str | None
    time: str


class ScoringFacts(BaseModel):
    """That personas scored a recording again."""

    recording: str
    number: int
    parent: int | None
    time: str
    scorer: str
    personas: dict[str, str] = Field(description="Version by id")
    who: str
    note: str
    scored: int
    total: int
    digest: str
    coverage: str


class Reactions(BaseModel):
    """What a *simulated* audience says, and every scoring there was."""

    model_config = example(
        simulated=True, standing="uncalibrated", layer=None, coverage={}, reactions=[], scorings=[]
    )

    simulated: Literal[True]
    standing: str
    layer: LayerFacts | None
    coverage: dict[str, str]
    reactions: list[Reaction]
    scorings: list[ScoringFacts]


class ScoreRequest(BaseModel):
    """Who is to score again, and how; without personas all do."""

    model_config = request(personas=["genz", "tradies"], scorer="offline")

    personas: list[str] | None = Field(None, min_length=1)
    scorer: ScorerName = "offline"
    author: str = Field("", description="Who asks")
    note: str = ""


class Moment(BaseModel):
    """A passage or section that a persona likes best or least."""

    kind: Kind
    index: int
    start: float
    end: float
    score: float


class PersonaRow(BaseModel):
    """What the reactions of one persona add up to."""

    id: str
    name: str
    emoji: str
    weight: float
    mean: float | None
    low: float | None
    high: float | None
    reason: str | None
    distribution: list[float] | None
    scored: int
    total: int
    coverage: str
    statuses: dict[str, int]
    best: list[Moment]
    worst: list[Moment]


class ItemRow(BaseModel):
    """What all personas make of one passage or section."""

    kind: Kind
    index: int
    start: float
    end: float
    text: str
    flagged: bool
    consensus: float | None
    spread: float | None
    verdict: str
    lovers: list[str]
    haters: list[str]
    scored: int
    total: int


class Matrix(BaseModel):
    """Cells by persona and item; null where a persona does not hear it."""

    personas: list[str]
    items: list[tuple[Kind, int]]
    score: list[list[float | None]]
    confidence: list[list[float | None]]
    status: list[list[str | None]]


class Pair(BaseModel):
    """How far two personas rank alike."""

    a: str
    b: str
    correlation: Estimate


class Alert(BaseModel):
    """Something to look at."""

    rule: str
    severity: str
    message: str
    start: float
    end: float
    persona: str = ""
    target: Target | None = None


class AboutRecording(BaseModel):
    """Which recording."""

    id: str
    title: str | None
    duration: float


class Summary(BaseModel):
    """What a *simulated* audience adds up to."""

    model_config = example(
        schema=1, simulated=True, note="Simulated audience", standing="uncalibrated",
        recording={"id": ID, "title": "Night Drive", "duration": 60.0}, coverage="0 of 0",
        consensus={"value": None, "n": 0, "reason": "nothing was scored"}, distribution=None, personas=[],
        items=[], matrix={"personas": [], "items": [], "score": [], "confidence": [], "status": []},
        pairs=[], alerts=[], provenance=[],
    )  # fmt: skip

    schema_: int = Field(alias="schema")
    simulated: Literal[True]
    note: str
    standing: str
    recording: AboutRecording | None
    coverage: str
    consensus: Estimate
    distribution: list[float] | None
    personas: list[PersonaRow]
    items: list[ItemRow]
    matrix: Matrix
    pairs: list[Pair]
    alerts: list[Alert]
    provenance: list[dict[str, Any]]


class RatingRow(BaseModel):
    """One rating; `index` may stand for `start`, `end` and `heard` of an item that is there now."""

    model_config = request(rater="ada", kind="passage", index=0, score=4)

    kind: Kind
    score: Literal[1, 2, 3, 4, 5] | None
    index: int | None = Field(None, ge=0)
    start: float | None = Field(None, ge=0)
    end: float | None = Field(None, gt=0)
    heard: str = ""
    persona: str = ""
    note: str = Field("", max_length=2000)
    time: str = ""
    rater: str = ""
    author: str = ""


class RatingsRequest(BaseModel):
    """Many ratings at once; all are kept, or none."""

    model_config = request(rater="ada", ratings=[{"kind": "passage", "index": 0, "score": 4}])

    ratings: list[RatingRow] = Field(max_length=20_000)
    rater: str = ""
    author: str = ""


class RatingsAdded(BaseModel):
    """The ratings that are new."""

    model_config = example(added=1, ratings=[_RATING])

    added: int
    ratings: list[Rating]


class Ratings(BaseModel):
    """What people say of passages and sections."""

    model_config = example(ratings=[_RATING])

    ratings: list[Rating]


class AgreementRow(BaseModel):
    """A measure of how two who rated the same agree, or the reason why there is none."""

    relation: str
    a: str
    b: str
    measure: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    reason: str | None


class Agreement(BaseModel):
    """How personas and people agree on a recording."""

    model_config = example(ratings=0, raters=[], rows=[], reliability={}, unmatched=[])

    ratings: int
    raters: list[str]
    rows: list[AgreementRow]
    reliability: dict[str, Estimate]
    unmatched: list[Rating]


class PersonaFacts(BaseModel):
    """A persona in short."""

    id: str
    name: str
    emoji: str
    description: str
    listens_to: ListensTo
    weight: float
    retired: bool
    version: str


class Personas(BaseModel):
    """The simulated listeners, retired ones too, and what is wrong with files that were left out."""

    model_config = example(
        personas=[{"id": "genz", "name": "Gen Z", "emoji": "🔥", "description": "18 to 25", "retired": False,
                   "listens_to": "both", "weight": 1.0, "version": "0a1b2c3d4e5f"}],
        problems=[],
    )  # fmt: skip

    personas: list[PersonaFacts]
    problems: list[str]


class PersonaVersion(BaseModel):
    """A version that a persona's file had."""

    version: str
    time: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonaDocument(Persona):
    """All that a persona's file says, whose file it is, and the versions there were, the newest first."""

    origin: Literal["packaged", "edited", "own"]
    versions: list[PersonaVersion]


def persona_examples() -> dict[str, dict[str, Any]]:
    """Return an example of a persona and of its document, by the names of their models."""
    persona = read_persona(PERSONAS / "genz.yaml")
    versions = [{"version": persona.version, "time": "2026-01-01T00:00:00Z"}]
    said = encode(persona)
    return {"Persona": said, "PersonaDocument": said | {"origin": "packaged", "versions": versions}}
