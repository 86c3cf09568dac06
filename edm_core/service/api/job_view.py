"""What the API tells of a job: all but what it was given, which is nobody's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...jobs import Job

_NAMES = (
    "id", "kind", "queue", "key", "state", "stage", "share", "remaining", "message", "priority", "attempt",
    "who", "created", "started", "finished", "result",
)  # fmt: skip
_ASKED = ("personas", "scorer")


def job_facts(job: Job) -> dict[str, Any]:
    """Return a job as JSON-like values."""
    facts = {name: getattr(job, name) for name in _NAMES}
    return facts | {name: job.payload.get(name) for name in _ASKED}
