"""Errors over HTTP: ``application/problem+json`` (RFC 9457), with the same words as everywhere else."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from ...errors import AudioError, EdmError, LimitError, StorageError, TimelineError
from ...store.answers import status_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MEDIA_TYPE = "application/problem+json"
AGAIN_S = 5
"""Seconds after which somebody who was sent away for lack of means may come again."""


class Refused(Exception):
    """A request that is answered with a problem."""

    def __init__(self, response: Response) -> None:
        self.response = response
        super().__init__()


def problem(
    status: int,
    detail: str,
    *,
    remedy: str | None = None,
    headers: Mapping[str, str] | None = None,
    errors: Sequence[Mapping[str, str]] = (),
) -> JSONResponse:
    """Return an error response.

    Parameters
    ----------
    status : int
        HTTP status; 429 and 503 say when to come again.
    detail : str
        What was wrong, in one clause.
    remedy : str, optional
        What the caller can do.
    headers : mapping, optional
        More headers.
    errors : sequence of mapping, optional
        ``place`` and ``message`` of everything that breaks the request's schema.
    """
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _printable(detail),
    }
    if remedy:
        body["remedy"] = _printable(remedy)
    if errors:
        body["errors"] = [{name: _printable(text) for name, text in error.items()} for error in errors]
    waiting = {"Retry-After": str(AGAIN_S)} if status in (429, 503) else {}
    return JSONResponse(body, status, headers={**waiting, **(headers or {})}, media_type=MEDIA_TYPE)


def problem_of(error: EdmError) -> JSONResponse:
    """Return the response for an error of the workbench; paths on this machine stay here."""
    for kind, status in _STATUSES.items():
        if kind in {each.__name__ for each in type(error).__mro__}:
            return problem(status, error.problem, remedy=error.remedy)
    if isinstance(error, LimitError):
        return problem(413, error.problem, remedy=error.remedy)
    if isinstance(error, AudioError):
        return problem(422, error.problem, remedy=error.remedy)
    if isinstance(error, TimelineError | StorageError) or status_of(error) == 404:
        return problem(status_of(error), str(error))
    return problem(500, error.problem, remedy=error.remedy)


def refused(status: int, detail: str, *, remedy: str | None = None, **more: Any) -> Refused:
    """Return what to raise to have a request answered with a problem; as :func:`problem`."""
    return Refused(problem(status, detail, remedy=remedy, **more))


# By name: who raises them lies in rooms that need not be loaded to answer.
_STATUSES = {"NotAnalysed": 404, "QuotaError": 507, "Unavailable": 503, "Busy": 409}


def _printable(text: str) -> str:
    """Return text that UTF-8 can hold: what was sent may be quoted, and need not be text."""
    return text.encode("utf-8", "backslashreplace").decode()
