"""Jobs as values, and the ledger: one small file for each job that is not finished.

The ledger is what survives a crash. Progress is not written to it; it is only of interest while it moves.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from .._codec import absent, decode, encode
from .._files import write_atomic
from ..errors import EdmError

JobState = Literal["queued", "running", "done", "failed", "cancelled"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work.

    ``kind`` says which function does it, ``key`` what it is about: there is at most one unfinished job of a
    kind and key. ``payload`` is what the function is given, JSON-like. ``attempt`` counts the starts.
    ``share`` is how much is done, from 0 to 1, and ``remaining`` the seconds left, None if unknown.
    """

    id: str
    kind: str
    key: str
    payload: dict[str, Any] = field(default_factory=dict)
    state: JobState = "queued"
    attempt: int = 0
    message: str | None = absent()
    stage: str | None = absent()
    share: float = absent(0.0)
    remaining: float | None = absent()

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled")


class Ledger:
    """The unfinished jobs below one folder.

    Parameters
    ----------
    folder : Path
        Where the files lie; made at the first write.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, job: Job) -> None:
        """Note a job as it stands; a finished one is taken out."""
        path = self.folder / f"{job.id}.json"
        if job.is_finished:
            path.unlink(missing_ok=True)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        still = replace(job, stage=None, share=0.0, remaining=None)
        write_atomic(path, json.dumps(encode(still), allow_nan=False).encode())

    def read(self) -> list[Job]:
        """Return the jobs that were not finished, oldest first."""
        jobs = []
        for path in sorted(self.folder.glob("[!.]*.json")):
            try:
                jobs.append(decode(Job, json.loads(path.read_bytes()), str(path)))
            except (EdmError, ValueError) as error:
                _log.warning("%s cannot be read and is left out: %s", path, error)
        return jobs
