"""What a workbench elsewhere answers, as values. Fields that a newer server adds are left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from ..annotation import Annotation

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording of the library, without its timeline.

    ``status`` is queued, running, done, failed or cancelled, ``message`` says why there is no analysis.
    ``duration`` is in seconds and ``size`` in bytes; both are None while they are not known.
    """

    id: str
    name: str
    status: str
    message: str | None = None
    title: str | None = None
    artist: str | None = None
    duration: float | None = None
    size: int | None = None
    added: str = ""
    chips: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A job and how it stands.

    ``share`` is how much is done, from 0 to 1, ``remaining`` the seconds left, None where they are not known.
    """

    id: str
    kind: str
    key: str
    state: str
    queue: str = ""
    stage: str | None = None
    share: float = 0.0
    remaining: float | None = None
    message: str | None = None
    attempt: int = 0
    priority: int = 0
    created: str | None = None
    started: str | None = None
    finished: str | None = None
    result: Any = None

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.state in ("done", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class Line:
    """What an author said last of a recording; ``revision`` and ``annotation`` are None before the first."""

    author: str
    revision: int | None
    annotation: Annotation | None


@dataclass(frozen=True, slots=True)
class Saved:
    """A revision that stands."""

    number: int
    time: str
    summary: str


def value_of(kind: type[T], data: Mapping[str, Any]) -> T:
    """Return the fields of ``data`` that ``kind`` has; lists become tuples.

    Examples
    --------
    >>> value_of(Saved, {"number": 2, "time": "2026-01-01T00:00:00Z", "summary": "", "new": 1}).number
    2
    """
    known = {each.name for each in fields(kind)}  # type: ignore[arg-type]
    return kind(**{n: tuple(v) if isinstance(v, list) else v for n, v in data.items() if n in known})
