"""Errors over HTTP: ``application/problem+json`` (RFC 9457), with the same words as everywhere else."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from ..errors import AudioError, EdmError, LimitError

if TYPE_CHECKING:
    from collections.abc import Mapping


def problem(
    status: int,
    detail: str,
    *,
    remedy: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Return an error response.

    Parameters
    ----------
    status : int
        HTTP status.
    detail : str
        What was wrong, in one clause.
    remedy : str, optional
        What the caller can do.
    headers : mapping, optional
        More headers.
    """
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    if remedy:
        body["remedy"] = remedy
    return JSONResponse(body, status, headers=headers, media_type="application/problem+json")


def problem_of(error: EdmError) -> JSONResponse:
    """Return the response for an error of the workbench; paths on this machine stay here."""
    status = 413 if isinstance(error, LimitError) else 422 if isinstance(error, AudioError) else 500
    return problem(status, error.problem, remedy=error.remedy)
