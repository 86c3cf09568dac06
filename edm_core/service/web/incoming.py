"""A file that a request brings: received as a draft, then entered in the library or thrown away."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ...errors import AudioError, EdmError, LimitError
from ..bench import Workbench, workbench
from ..observing import metrics
from .problems import Refused
from .uploads import Received, in_turn, receive

if TYPE_CHECKING:
    from ...jobs import Job
    from ...store import Entry

_REASONS = {400: "broken off", 408: "too slow", 413: "too large", 415: "no sound", 422: "no sound"}


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that has arrived, and the request that brought it."""

    request: Request
    file: Received

    @property
    def fingerprint(self) -> str:
        """What tells the request from another: its address, and the file's bytes and name."""
        target = f"{self.request.method} {self.request.url.path}?{self.request.url.query}\n"
        said = f"{target}{self.file.digest} {self.file.name}"
        return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()

    async def enter(self, owner: str) -> tuple[Entry, Job | None]:
        """Enter it in the library and have it analysed; an earlier entry if its bytes are known.

        Returns
        -------
        entry : Entry
            With ``status`` ``done`` where the analysis is there already.
        job : Job or None
            What analyses it.
        """
        bench = workbench()
        try:
            found: tuple[Entry, Job | None] = await in_turn(_entered, bench, self.file, owner)
        except EdmError as error:
            reason = "too large" if isinstance(error, LimitError) else "no sound"
            metrics.refused(reason if isinstance(error, AudioError) else "no room")
            raise
        metrics.uploaded(self.file.size)
        return found


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Incoming]:
    """Receive the file of a request; when it is left, what was not entered is gone.

    Raises
    ------
    Refused
        If there is no file, or it is too large or too slow.
    """
    bench = workbench()
    try:
        file = await receive(request, limit=bench.settings.max_bytes, folder=bench.library.incoming)
    except Refused as refusal:
        metrics.refused(_REASONS.get(refusal.response.status_code, "other"))
        raise
    except ClientDisconnect:
        metrics.refused("broken off")
        raise Refused(Response(status_code=499)) from None
    try:
        yield Incoming(request, file)
    finally:
        with suppress(OSError):
            file.draft.unlink(missing_ok=True)


# --- private -----------------------------------------------------------------------------------------


def _entered(bench: Workbench, file: Received, owner: str) -> tuple[Entry, Job | None]:
    entry = bench.library.enter(file.draft, file.digest, file.name, owner=owner)
    return entry, None if entry.status == "done" else bench.analyse(entry, who=owner)
