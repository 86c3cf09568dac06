"""A file in, a timeline out: at once where that is soon, else a job that leads to it."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Annotated

from fastapi import Query
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..bench import workbench
from ..web.idempotency import answered_once
from ..web.incoming import Incoming, received
from ..web.problems import refused
from ..web.requests import known, name_of
from ..web.routing import PREFIX, problems, router, streams
from .annotation_models import TimelineDocument
from .job_view import job_facts
from .models import Accepted
from .recording_routes import UPLOAD, Name, recording_facts
from .sound_routes import document

if TYPE_CHECKING:
    from ...jobs import Job
    from ...store import Entry

routes = router("analysis")
LONG_S = 1200.0
"""Seconds of sound from which nobody waits: the answer is the job."""
LONG_BYTES = 120_000_000
"""Bytes from which nobody waits, where the length is not known."""
LOOK_S = 0.2
WAITING = 32
"""Requests of a process that wait at once; more are given their job."""

_waiting = 0


@routes.post(
    "/predict",
    operation_id="predict",
    summary="A file in, a timeline out",
    response_model=TimelineDocument,
    responses={
        202: {"model": Accepted, "description": "It takes longer; `Location` is the job"},
        **problems(408, 409, 413, 415, 507),
    },
    openapi_extra=UPLOAD,
)
@streams
async def predict(
    request: Request,
    name: Name = None,  # noqa: ARG001 - `received` reads it
    wait: Annotated[int, Query(ge=0, le=120, description="Seconds that you would wait for it")] = 30,
) -> Response:
    """Analyse a file. Known bytes are answered at once; long files, and slow ones, with 202 and a job."""
    async with received(request) as upload:
        return await answered_once(
            request, upload.fingerprint, lambda: answer_with_timeline(request, upload, wait)
        )


async def answer_with_timeline(request: Request, upload: Incoming, wait: float) -> Response:
    """Enter a file, wait for its analysis, and answer with its timeline or the job."""
    entry, job = await upload.enter(name_of(request))
    if job is not None:
        job = await finished(entry, job, 0.0 if _is_long(entry, upload) else wait)
        entry = await run_in_threadpool(known, entry.id)
        if job.state in ("failed", "cancelled"):
            reason = job.message or "its analysis was stopped"
            raise refused(422, reason, remedy=f"POST {PREFIX}/jobs/{job.id}/retry begins it again")
        if not job.is_finished:
            headers = {"Location": f"{PREFIX}/jobs/{job.id}", "Retry-After": "2"}
            body = {"recording": recording_facts(entry), "job": job_facts(job)}
            return JSONResponse(body, 202, headers=headers)
    found = await run_in_threadpool(document, entry.id)
    address = f"{PREFIX}/recordings/{entry.digest}/timeline"
    return Response(found.data, media_type="application/json", headers={"Content-Location": address})


async def finished(entry: Entry, job: Job, seconds: float) -> Job:
    """Return the last job of a recording's analysis once it is finished, or as it stands after a while.

    No thread is kept waiting.
    """
    global _waiting
    if job.is_finished or seconds <= 0 or _waiting >= WAITING:
        return job
    until = time.monotonic() + seconds
    _waiting += 1
    try:
        while (left := until - time.monotonic()) > 0:
            await asyncio.sleep(min(LOOK_S, left))
            newest = await run_in_threadpool(workbench().job, entry)
            job = job if newest is None else newest
            if job.is_finished:
                break
    finally:
        _waiting -= 1
    return job


# --- private -----------------------------------------------------------------------------------------


def _is_long(entry: Entry, upload: Incoming) -> bool:
    return (entry.duration or 0.0) > LONG_S or upload.file.size > LONG_BYTES
