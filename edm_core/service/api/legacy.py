"""The earlier broadcast analyser's paths, with its answers: thin adapters over what the API does.

Its clients go on as they are; what is new is under ``/api/v1``. A reaction without a score has none here
either, and says why in ``note``. Errors are ``{"detail": …}``, as they were.
"""

from __future__ import annotations

from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body, Path
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..audience import timeline_of
from ..bench import workbench
from ..web.idempotency import answered_once
from ..web.incoming import received
from ..web.problems import refused
from ..web.requests import about, known, name_of, only
from ..web.routing import streams
from .audience_routes import queued_scoring
from .earlier import FAULTS, aliases
from .legacy_models import Averages, Evaluated, PersonaIds, Reevaluating, Segments, Standing
from .models import Health, Like
from .recording_routes import UPLOAD
from .sound_routes import AUDIO, audio
from .system_routes import health

if TYPE_CHECKING:
    from ...items import Passage, Reaction
    from ...store import Entry
    from ...timeline import Timeline

routes = aliases("")
BEST = 3
"""Passages that are named as best, and as worst."""
_STATUSES = {"queued": "queued", "running": "processing", "done": "completed"}
_Id = Annotated[str, Path(description="What `/evaluate/` called it", examples=["3b1f8a40…"])]


@routes.post(
    "/evaluate/",
    operation_id="earlier_evaluate",
    response_model=Evaluated,
    responses=FAULTS,
    openapi_extra=UPLOAD,
)
@routes.post("/evaluate", include_in_schema=False)
@streams
async def evaluate(request: Request) -> Response:
    """Take a file and have it analysed. In the place of this: `POST /api/v1/recordings`."""
    async with received(request) as upload:

        async def answer() -> Response:
            entry, job = await upload.enter(name_of(request))
            if job is None:
                return JSONResponse(_evaluated(entry))
            who = dict.fromkeys(_active(), job.id)
            body = {
                "audio_id": entry.digest, "status": "processing", "transcript_length": 0, "segment_count": 0,
                "job_ids": who, "message": "it is being analysed; GET /status/{audio_id} says how it stands",
            }  # fmt: skip
            return JSONResponse(body)

        return await answered_once(request, upload.fingerprint, answer)


# Before /segments/{audio_id}: it is no recording.
@routes.get("/segments/health", operation_id="earlier_health", response_model=Health, responses=FAULTS)
async def segments_health() -> Response:
    """Say that the process answers. In the place of this: `GET /api/v1/health`."""
    return await health()


@routes.get(
    "/segments/{audio_id}", operation_id="earlier_segments", response_model=Segments, responses=FAULTS
)
def segments(audio_id: _Id) -> Response:
    """Give passages with reactions. In the place of this: `GET /api/v1/recordings/{id}/timeline`."""
    entry = known(audio_id)
    timeline = timeline_of(workbench().library, entry)
    said = _by_passage(timeline)
    rows = [_segment(passage, said.get(index, ())) for index, passage in enumerate(timeline.passages)]
    return JSONResponse({"audio_id": entry.digest, "segments": rows})


@routes.get("/summary/{audio_id}", operation_id="earlier_summary", response_model=Averages, responses=FAULTS)
def summary(audio_id: _Id) -> Response:
    """Give each persona's averages. In the place of this: `GET /api/v1/recordings/{id}/summary`."""
    entry = known(audio_id)
    timeline = timeline_of(workbench().library, entry)
    said: dict[str, list[Reaction]] = {}
    for reaction in timeline.reactions:
        if reaction.target.kind == "passage":
            said.setdefault(reaction.persona, []).append(reaction)
    body = {
        "audio_id": entry.digest,
        "num_segments": len(timeline.passages),
        "personas": {persona: _averages(reactions, timeline) for persona, reactions in said.items()},
    }
    return JSONResponse(body)


@routes.post(
    "/re-evaluate/{audio_id}",
    operation_id="earlier_reevaluate",
    response_model=Reevaluating,
    responses=FAULTS,
)
def reevaluate(
    request: Request,
    audio_id: _Id,
    body: Annotated[Any, Like(PersonaIds | list[str] | None), Body()] = None,
) -> Response:
    """Have personas score it again. In the place of this: `POST /api/v1/recordings/{id}/reactions`."""
    asked_for = about(audio_id, _wanted(body))
    job = queued_scoring(asked_for, name_of(request))
    asked = list(job.payload["personas"])
    told = {
        "audio_id": asked_for.entry.digest, "status": "re-evaluating",
        "job_ids": dict.fromkeys(asked, job.id), "personas_queued": asked,
        "message": "it is being scored again",
    }  # fmt: skip
    return JSONResponse(told)


@routes.get(
    "/audio/{audio_id}",
    operation_id="earlier_audio",
    response_class=Response,
    responses={**FAULTS, **AUDIO},
)
def sound(request: Request, audio_id: _Id) -> Response:
    """Serve what a browser plays. In the place of this: `GET /api/v1/recordings/{id}/audio`."""
    return audio(request, audio_id)


@routes.get("/status/{audio_id}", operation_id="earlier_status", response_model=Standing, responses=FAULTS)
def status(audio_id: _Id) -> Response:
    """Tell how the analysis stands. In the place of this: `GET /api/v1/recordings/{id}`."""
    entry = known(audio_id)
    job = workbench().job(entry)
    running = entry.status == "running" and job is not None
    body = {
        "audio_id": entry.digest,
        "status": _STATUSES.get(entry.status, entry.status),
        "stage": job.stage if running and job else None,
        "progress": 1.0 if entry.status == "done" else job.share if running and job else 0.0,
        "message": entry.message,
    }
    return JSONResponse(body)


# --- private -----------------------------------------------------------------------------------------


def _active() -> list[str]:
    from ...personas import read_roster

    return list(read_roster(workbench().settings).active)


def _evaluated(entry: Entry) -> dict[str, Any]:
    timeline = workbench().library.timeline(entry.id)
    passages = () if timeline is None else timeline.passages
    return {
        "audio_id": entry.digest,
        "status": "already_processed",
        "transcript_length": len(" ".join(passage.text for passage in passages)),
        "segment_count": len(passages),
        "job_ids": {},
        "message": "it was analysed before",
    }


def _wanted(body: Any) -> dict[str, Any]:
    """Return what was asked for as the API has it."""
    if body is None:
        return {}
    if isinstance(body, list):
        return {"personas": body}
    if not isinstance(body, dict) or not isinstance(body.get("persona_ids"), list):
        raise refused(422, "it names no personas", remedy='send ["genz"] or {"persona_ids": ["genz"]}')
    only(body, ("persona_ids",))
    return {"personas": body["persona_ids"]}


def _by_passage(timeline: Timeline) -> dict[int, list[Reaction]]:
    found: dict[int, list[Reaction]] = {}
    for reaction in timeline.reactions:
        if reaction.target.kind == "passage":
            found.setdefault(reaction.target.index, []).append(reaction)
    return found


def _segment(passage: Passage, said: Any) -> dict[str, Any]:
    row: dict[str, Any] = {
        "start": passage.start, "end": passage.end, "transcript": passage.text,
        "topic": passage.topic.label, "tone": passage.tone.label,
    }  # fmt: skip
    if passage.repetition is not None:
        row["note"] = f"{passage.repetition.kind} as at {passage.repetition.start:.1f} s"
    for each in said:
        row[each.persona] = {
            "score": each.score, "opinion": each.opinion, "rationale": each.rationale,
            "confidence": each.confidence,
        } | ({} if each.note is None else {"note": each.note})  # fmt: skip
    return row


def _averages(reactions: list[Reaction], timeline: Timeline) -> dict[str, Any]:
    scored = [each for each in reactions if each.score is not None]
    counts = Counter(round(each.score) for each in scored if each.score is not None)
    ranked = sorted(scored, key=lambda each: (-(each.score or 0.0), each.start))
    sure = [each.confidence for each in scored if each.confidence is not None]
    return {
        "avg_score": fmean(each.score or 0.0 for each in scored) if scored else None,
        "score_distribution": {str(score): counts.get(score, 0) for score in range(1, 6)},
        "avg_confidence": fmean(sure) if sure else None,
        "top_segments": [_place(each, timeline) for each in ranked[:BEST]],
        "worst_segments": [_place(each, timeline) for each in reversed(ranked[-BEST:])],
    }


def _place(reaction: Reaction, timeline: Timeline) -> dict[str, Any]:
    index = reaction.target.index
    text = timeline.passages[index].text if index < len(timeline.passages) else ""
    return {
        "index": index, "start": reaction.start, "end": reaction.end, "score": reaction.score,
        "transcript": text,
    }  # fmt: skip
