"""Requests: the body read and bounded, the recording found, and refusals told as problems."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Path, Query
from starlette.requests import Request
from starlette.responses import Response

from ...errors import StorageError
from ...store import Entry
from ...store.annotations import author_of
from ..access.guard import caller_of
from ..api.models import ID
from ..bench import workbench
from .problems import Refused, refused

LIMIT = 32_000_000
"""Most bytes of a request: the words of half a day of speech are less."""
LISTED = "GET /api/v1/recordings lists those that are there"
PRIVATE = {"Cache-Control": "private, no-cache"}
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

RecordingId = Annotated[
    str,
    Path(
        alias="id",
        description="Its whole id, with or without `sha256:`",
        examples=[ID],
        json_schema_extra={"pattern": "^(sha256:)?[0-9a-f]{64}$"},
    ),
]
Author = Annotated[str | None, Query(description="Whose; goes before `author` in the body", examples=["ada"])]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request about a recording of the library, with what it says."""

    entry: Entry
    body: Mapping[str, Any] = field(default_factory=dict)
    named: str | None = None

    @property
    def author(self) -> str:
        """Who is meant: the query says it, or the body."""
        author = self.named or self.body.get("author") or ""
        return author if isinstance(author, str) else ""


def about(id: str, body: Mapping[str, Any] | None = None, author: str | None = None) -> Asked:
    """Return a request about a recording.

    Raises
    ------
    Refused
        404, if the library does not have it.
    """
    return Asked(known(id), body or {}, author)


def known(id: str) -> Entry:
    """Return a recording of the library.

    Raises
    ------
    Refused
        404, if the library does not have it.
    """
    entry = workbench().library.get(id)
    if entry is None:
        raise refused(404, "there is no such recording in the library", remedy=LISTED)
    return entry


def name_of(request: Request) -> str:
    """Return the name of who asks; empty on this machine, where nobody is asked for one."""
    return caller_of(request).name


def may(request: Request, wanted: str) -> bool:
    """Whether who asks may ``read``, ``annotate`` or ``admin``."""
    return caller_of(request).may(wanted)


def checked_name(name: Any, whose: str, remedy: str) -> str:
    """Return a person's name as the store knows it, or refuse the request.

    Parameters
    ----------
    name : object
        What was sent.
    whose : str
        What it is the name of, for the refusal.
    remedy : str
        How to send it.
    """
    if not isinstance(name, str) or not name.strip():
        raise refused(422, f"it does not say {whose}", remedy=remedy)
    try:
        return author_of(name)
    except StorageError as error:
        raise refused(422, str(error)) from None


def only(values: Mapping[str, Any], names: Sequence[str]) -> None:
    """Refuse a request that says more than is understood."""
    for name in values:
        if name not in names:
            raise refused(422, f"{name[:40]!r} is not understood", remedy=f"send {', '.join(names)}")


def as_file(asked: Asked, text: str, kind: str, name: str, *, attached: bool = True) -> Response:
    """Return a text as a file of a recording: to be kept, or to be looked at."""
    headers = dict(PRIVATE)
    if attached:
        headers["Content-Disposition"] = f'attachment; filename="{asked.entry.digest[:12]}-{name}"'
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


async def read_body(request: Request) -> bytes:
    """Read what is written if it is not too much, is JSON, and has nothing in it that no text can hold.

    The request keeps it for whoever reads it next.

    Raises
    ------
    Refused
        413, 415 or 422.
    """
    length = request.headers.get("content-length", "")
    if length.isdigit() and len(length) < 20 and int(length) > LIMIT:
        raise _too_large()
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LIMIT:
            raise _too_large()
        parts.append(part)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if size and kind != "application/json":
        raise refused(415, f"it is sent as {kind[:80] or 'nothing'}", remedy="send application/json")
    body = b"".join(parts)
    if b"\0" in body or _NUL.search(body):
        status = 422 if b"\0" not in body else 400
        raise refused(status, "it holds a NUL character, which no text has", remedy="leave it out")
    request._body = body
    return body


# --- private -----------------------------------------------------------------------------------------


def _too_large() -> Refused:
    return refused(413, f"it is larger than {LIMIT / 1e6:g} MB", remedy="send less at once")
