"""Jobs over HTTP: which there are, how they stand, stopped and begun again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from ...jobs import Ledger
from ..bench import workbench
from ..web import events
from ..web.problems import refused
from ..web.requests import PRIVATE, may, name_of
from ..web.routing import PREFIX, nothing, problems, router
from .job_view import job_facts
from .models import JOB, Job, Jobs

if TYPE_CHECKING:
    from ... import jobs as ledger_jobs

routes = router("jobs")
LONGEST_S = 3600
"""Seconds that a stream lasts at most."""

_Id = Annotated[str, Path(description="Its id", max_length=40, examples=[JOB])]
_State = Literal["queued", "running", "done", "failed", "cancelled"]
_Queue = Literal["music", "speech", "personas"]
_Seconds = Annotated[int, Query(ge=1, le=LONGEST_S, description="How long it lasts at most")]
_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": ["job", "end", "problem"]},
        "data": {"type": "string", "description": "JSON; of `job`, what `GET /api/v1/jobs/{job}` gives"},
    },
}
_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `job` (how one stands), then `end`",
        "content": {"text/event-stream": {"schema": _EVENT}},
    }
}


@routes.get(
    "/jobs",
    operation_id="list_jobs",
    summary="Jobs, the newest first",
    response_model=Jobs,
    responses=problems(),
)
def jobs(
    request: Request,
    state: Annotated[list[_State], Query(description="Only those", max_length=5)] = [],  # noqa: B006
    queue: Annotated[_Queue | None, Query(description="Only those of a queue")] = None,
    kind: Annotated[str | None, Query(description="Only those of a kind", max_length=40)] = None,
    limit: Annotated[int, Query(ge=1, le=500, description="How many on a page")] = 100,
    before: Annotated[str | None, Query(description="Only older ones than this", max_length=40)] = None,
) -> Response:
    """List a page of jobs; `Link` leads to the next."""
    found = _ledger().page(states=state or None, queue=queue, kind=kind, limit=limit + 1, before=before)
    page = found[:limit]
    headers, following = dict(PRIVATE), None
    if len(found) > limit:
        following = page[-1].id
        query = [(k, v) for k, v in request.query_params.multi_items() if k != "before"]
        address = f"{request.url.path}?{urlencode([*query, ('before', following)])}"
        headers["Link"] = f'<{address}>; rel="next"'
    return JSONResponse({"jobs": [job_facts(job) for job in page], "next": following}, headers=headers)


@routes.get(
    "/jobs/events",
    operation_id="follow_jobs",
    summary="How all unfinished jobs stand, as it changes",
    response_class=StreamingResponse,
    responses={**_STREAM, **problems()},
)
def follow_all(
    seconds: _Seconds = 300,
    wait: Annotated[bool, Query(description="Go on while there is nothing to do")] = False,
) -> Response:
    """Tell by server-sent events how jobs stand, until none is unfinished."""
    return events.stream(events.everything(), seconds, until_idle=not wait)


@routes.get(
    "/jobs/{job}",
    operation_id="read_job",
    summary="How a job stands",
    response_model=Job,
    responses=problems(404),
)
def read(job: _Id) -> Response:
    """Tell how a job stands."""
    return JSONResponse(job_facts(_known(job)), headers=PRIVATE)


@routes.get(
    "/jobs/{job}/events",
    operation_id="follow_job",
    summary="How a job stands, as it changes",
    response_class=StreamingResponse,
    responses={**_STREAM, **problems(404)},
)
def follow(job: _Id, seconds: _Seconds = 300) -> Response:
    """Tell by server-sent events how a job stands, until it is finished."""
    return events.stream(events.one(_known(job).id), seconds, until_idle=True)


@routes.delete(
    "/jobs/{job}",
    operation_id="cancel_job",
    summary="Stop a job",
    status_code=204,
    responses={204: nothing("It will not go on"), **problems(404)},
)
def cancel(request: Request, job: _Id) -> Response:
    """Take a job out of the queue, or stop it; one that is finished stays as it is."""
    known = _own(request, job)
    workbench().queue.cancel(known.id)
    return Response(status_code=204)


@routes.post(
    "/jobs/{job}/retry",
    operation_id="retry_job",
    summary="Begin a job again",
    status_code=202,
    response_model=Job,
    responses=problems(404, 409),
)
def retry(request: Request, job: _Id) -> Response:
    """Queue a job again that failed or was stopped."""
    known = _own(request, job)
    if known.state == "done":
        raise refused(409, "it is done", remedy="ask for it anew to have it done again")
    again = workbench().queue.retry(known.id)
    return JSONResponse(job_facts(again), 202, headers={"Location": f"{PREFIX}/jobs/{again.id}"})


# --- private -----------------------------------------------------------------------------------------


def _ledger() -> Ledger:
    return Ledger(workbench().settings)


def _known(id: str) -> ledger_jobs.Job:
    job = _ledger().get(id)
    if job is None:
        raise refused(404, "there is no such job", remedy="GET /api/v1/jobs lists them")
    return job


def _own(request: Request, id: str) -> ledger_jobs.Job:
    """Return a job that who asks may stop or begin again: their own, or any for an admin."""
    job = _known(id)
    if job.who != name_of(request) and not may(request, "admin"):
        raise refused(403, "somebody else asked for it", remedy="use a key of scope admin")
    return job
