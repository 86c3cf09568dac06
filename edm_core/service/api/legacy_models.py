"""What the two earlier systems answered: models for the description of their paths, with examples."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .models import example, request

_DIGEST = "3b1f8a40c5e1d0b6a9c7e2f4d8b35a6171e0f9c2d4b8a6e3f5c7091b2d4e6f80"
_BOUNDARIES = [{"time": 0.0, "label": "intro"}, {"time": 30.02, "label": "drop"}]


class Fault(BaseModel):
    """An error, as the earlier systems told it."""

    model_config = example(detail="there is no such recording in the library")

    detail: str


# --- the broadcast analyser --------------------------------------------------------------------------


class Evaluated(BaseModel):
    """What became of an upload."""

    model_config = example(
        audio_id=_DIGEST, status="processing", transcript_length=0, segment_count=0,
        job_ids={"genz": "01763856000000000000-000001"}, message="it is being analysed",
    )  # fmt: skip

    audio_id: str
    status: Literal["processing", "already_processed"]
    transcript_length: int
    segment_count: int
    job_ids: dict[str, str]
    message: str


class Segments(BaseModel):
    """Passages with what each persona made of them, under its id."""

    model_config = example(
        audio_id=_DIGEST,
        segments=[{
            "start": 12.3, "end": 26.9, "transcript": "Good morning …", "topic": "Weather & Climate",
            "tone": "Informative",
            "genz": {"score": 3.45, "opinion": "…", "rationale": "…", "confidence": 0.62},
        }],
    )  # fmt: skip

    audio_id: str
    segments: list[dict[str, Any]]


class PersonaAverages(BaseModel):
    """What the scores of one persona add up to."""

    avg_score: float | None
    score_distribution: dict[str, int]
    avg_confidence: float | None
    top_segments: list[dict[str, Any]]
    worst_segments: list[dict[str, Any]]


class Averages(BaseModel):
    """What the scores of all personas add up to."""

    model_config = example(
        audio_id=_DIGEST, num_segments=1,
        personas={"genz": {
            "avg_score": 3.45, "score_distribution": {"1": 0, "2": 0, "3": 1, "4": 0, "5": 0},
            "avg_confidence": 0.62, "top_segments": [], "worst_segments": [],
        }},
    )  # fmt: skip

    audio_id: str
    num_segments: int
    personas: dict[str, PersonaAverages]


class PersonaIds(BaseModel):
    """Who is to score again."""

    model_config = request(persona_ids=["genz"])

    persona_ids: list[str] = Field(min_length=1)


class Reevaluating(BaseModel):
    """That it is being scored again."""

    model_config = example(
        audio_id=_DIGEST, status="re-evaluating", job_ids={"genz": "01763856000000000000-000002"},
        personas_queued=["genz"], message="it is being scored again",
    )  # fmt: skip

    audio_id: str
    status: Literal["re-evaluating"]
    job_ids: dict[str, str]
    personas_queued: list[str]
    message: str


class Standing(BaseModel):
    """How the analysis of a recording stands."""

    model_config = example(audio_id=_DIGEST, status="processing", stage="beats", progress=0.4, message=None)

    audio_id: str
    status: Literal["queued", "processing", "completed", "failed", "cancelled"]
    stage: str | None
    progress: float
    message: str | None


# --- the annotator -----------------------------------------------------------------------------------


class Track(BaseModel):
    """A recording, by its name."""

    model_config = example(
        filename="night-drive.flac", path="night-drive.flac", has_reference=True, has_generated=True
    )

    filename: str
    path: str
    has_reference: bool
    has_generated: bool


class Boundary(BaseModel):
    """Where a section begins, and what it is."""

    model_config = ConfigDict(extra="forbid")

    time: float = Field(ge=0, allow_inf_nan=False, le=1e6)
    label: str = Field(max_length=200)


class Loaded(BaseModel):
    """A recording as the annotator showed it; `waveform_*` hold the loudest of each stretch, from 0 to 1."""

    model_config = example(
        filename="night-drive.flac", duration=60.0, bpm=128.0, downbeat=0.02, boundaries=_BOUNDARIES,
        annotation_tier=1, sample_rate=44100, waveform_bass=[0.4], waveform_mids=[0.3],
        waveform_highs=[0.1], waveform_times=[0.0],
    )  # fmt: skip

    filename: str
    duration: float
    bpm: float | None
    downbeat: float | None
    boundaries: list[Boundary]
    annotation_tier: Literal[1, 2, 3]
    sample_rate: int
    waveform_bass: list[float]
    waveform_mids: list[float]
    waveform_highs: list[float]
    waveform_times: list[float]


class SaveTrack(BaseModel):
    """What the annotator saved."""

    model_config = request(filename="night-drive.flac", bpm=128.0, downbeat=0.02, boundaries=_BOUNDARIES)

    filename: str = Field(max_length=300)
    bpm: float | None = Field(None, ge=10, le=1000)
    downbeat: float | None = Field(None, ge=0, le=1e6)
    boundaries: list[Boundary] = Field(max_length=10_000)


class TrackSaved(BaseModel):
    """That it was saved, and as what."""

    model_config = example(success=True, output="revision 3 of annotator", boundaries_count=2)

    success: bool
    output: str
    boundaries_count: int
