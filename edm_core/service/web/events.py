"""Progress as server-sent events: how jobs stand, told whenever it changes, until nothing more will.

Whoever listens has the ledger looked at a few times a second; how many may listen is bounded.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from ...errors import EdmError
from ...jobs import Ledger
from ..api.job_view import job_facts
from ..bench import workbench
from .problems import refused

if TYPE_CHECKING:
    from ...jobs import Job

LOOK_S = 0.4
"""Seconds between two looks at the ledger."""
QUIET_S = 15.0
"""Seconds of silence after which a listener is told that somebody is still there."""
MOST = 200
"""Listeners that a process has at once."""
MOST_JOBS = 500
"""Unfinished jobs that are told of."""

_listening = 0
_ends: set[asyncio.Event] = set()


def end_all() -> None:
    """Let every stream end: the server is about to."""
    for event in _ends:
        event.set()


def stream(jobs: Callable[[], dict[str, Job]], seconds: float, *, until_idle: bool) -> StreamingResponse:
    """Return a stream of how jobs stand.

    Parameters
    ----------
    jobs : callable
        Returns, from the ledger, the jobs that are of interest, by id; called in a thread.
    seconds : float
        How long it lasts at most.
    until_idle : bool
        Whether it ends once none of them is unfinished.

    Raises
    ------
    Refused
        503, if too many listen already.
    """
    if _listening >= MOST:
        raise refused(503, f"{MOST} listen already", remedy="ask for the job itself now and then")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    told = _told(jobs, seconds, until_idle)
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


def one(id: str) -> Callable[[], dict[str, Job]]:
    """Return what looks at one job."""
    ledger = Ledger(workbench().settings)

    def look() -> dict[str, Job]:
        job = ledger.get(id)
        return {} if job is None else {job.id: job}

    return look


def everything() -> Callable[[], dict[str, Job]]:
    """Return what looks at all unfinished jobs, and once more at each that has ended since."""
    ledger, seen = Ledger(workbench().settings), set[str]()

    def look() -> dict[str, Job]:
        page = ledger.page(states=("queued", "running"), limit=MOST_JOBS)
        found = {job.id: job for job in page}
        for id in seen - found.keys():
            if (job := ledger.get(id)) is not None:
                found[id] = job
        seen.clear()
        seen.update(job.id for job in page)
        return found

    return look


# --- private -----------------------------------------------------------------------------------------


async def _told(jobs: Callable[[], dict[str, Job]], seconds: float, until_idle: bool) -> AsyncIterator[bytes]:
    global _listening
    ended = asyncio.Event()
    _ends.add(ended)
    _listening += 1
    try:
        until, spoken, known = time.monotonic() + seconds, time.monotonic(), dict[str, Any]()
        yield b"retry: 2000\n\n"
        while True:
            try:
                found = await run_in_threadpool(jobs)
            except EdmError as error:
                yield _event("problem", {"detail": error.problem, "remedy": error.remedy})
                return
            now = {id: job_facts(job) for id, job in found.items()}
            for id, facts in now.items():
                if known.get(id) != facts:
                    yield _event("job", facts)
                    spoken = time.monotonic()
            known = now
            idle = all(job.is_finished for job in found.values())
            if ended.is_set() or (idle and until_idle) or time.monotonic() >= until:
                yield _event("end", {"idle": idle})
                return
            if time.monotonic() - spoken > QUIET_S:
                yield b": still here\n\n"
                spoken = time.monotonic()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(LOOK_S, max(until - time.monotonic(), 0.0))):
                    await ended.wait()
    finally:
        _listening -= 1
        _ends.discard(ended)


def _event(kind: str, data: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()
