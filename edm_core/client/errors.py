"""What a workbench elsewhere refuses, as errors: its own words, with the status that it answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..annotation import Annotation
from ..errors import EdmError


class ServiceError(EdmError):
    """An answer that is a refusal, or none at all (``status`` 0).

    Parameters
    ----------
    problem : str
        What was wrong, in the server's words.
    subject : str, optional
        What was asked for.
    remedy : str, optional
        What to do.
    status : int
        As HTTP has it.
    request : str
        The request's id, by which the server's log can be searched.
    """

    def __init__(
        self,
        problem: str,
        *,
        subject: str | None = None,
        remedy: str | None = None,
        status: int = 0,
        request: str = "",
    ) -> None:
        super().__init__(problem, subject=subject, remedy=remedy)
        self.status, self.request = status, request

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.problem, self.subject, self.remedy, self.status, self.request)


class ConflictError(ServiceError):
    """A save that began from an old revision. Nothing was lost, and nothing was saved.

    ``theirs`` is the newest revision with its number, ``base`` what both began from, ``merged`` what merging
    gives, with yours where they clash; ``clashes`` says where. Settle those and save with ``theirs[0]`` as
    the parent.
    """

    base: tuple[int, Annotation] | None
    theirs: tuple[int, Annotation]
    merged: Annotation
    clashes: tuple[Mapping[str, Any], ...]


def _rebuilt(
    problem: str, subject: str | None, remedy: str | None, status: int, request: str
) -> ServiceError:
    return ServiceError(problem, subject=subject, remedy=remedy, status=status, request=request)
