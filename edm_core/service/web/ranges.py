"""Byte ranges (RFC 9110, section 14) of files and of arrays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from .problems import problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from starlette.requests import Request

BLOCK = 256 * 1024
_ONE_RANGE = re.compile(r"bytes=\s*(\d*)\s*-\s*(\d*)\s*", re.ASCII)


class Unsatisfiable(Exception):
    """A range that lies beyond the end."""


def byte_range(header: str | None, size: int) -> slice | None:
    """Return the part of ``size`` bytes that a ``Range`` header asks for.

    None if it asks for everything, for several parts or for nothing that can be understood: then the
    standard has the whole sent.

    Raises
    ------
    Unsatisfiable
        If the part begins beyond the end.

    Examples
    --------
    >>> byte_range("bytes=10-19", 100), byte_range("bytes=-5", 100), byte_range("bytes=95-", 100)
    (slice(10, 20, None), slice(95, 100, None), slice(95, 100, None))
    """
    match = _ONE_RANGE.fullmatch(header or "")
    if match is None or not any(match.groups()):
        return None
    # More digits than any size has would make int() slow; they are beyond the end either way.
    first, last = (text and int(text[:20]) for text in match.groups())
    if first == "":
        if not last or not size:
            raise Unsatisfiable
        return slice(max(size - int(last), 0), size)
    if last != "" and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    return slice(int(first), size if last == "" else min(int(last) + 1, size))


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes that can be read in part: their number, and blocks from one place to another."""

    size: int
    read: Callable[[int, int], Iterator[bytes]]


def named(header: str | None, etag: str) -> bool:
    """Whether an ``If-None-Match`` header names what there is (RFC 9110, section 13.1.2).

    Examples
    --------
    >>> named('"a", W/"b"', '"b"'), named("*", '"b"'), named('"a"', '"b"'), named(None, '"b"')
    (True, True, False, False)
    """
    if header is None:
        return False
    return header.strip() == "*" or etag in (each.strip().removeprefix("W/") for each in header.split(","))


def of_bytes(data: memoryview) -> Content:
    """Return content that lies in memory or is mapped into it; only what is asked for is copied."""
    return Content(len(data), lambda start, stop: iter((bytes(data[start:stop]),)))


def of_file(path: Path) -> Content:
    """Return a file's content, read in blocks."""

    def read(start: int, stop: int) -> Iterator[bytes]:
        with path.open("rb") as file:
            file.seek(start)
            while start < stop and (block := file.read(min(BLOCK, stop - start))):
                start += len(block)
                yield block

    return Content(path.stat().st_size, read)


def ranged(request: Request, content: Content, media_type: str, headers: Mapping[str, str]) -> Response:
    """Return content or the part of it that is asked for: 200, 206, 304 or 416.

    Parameters
    ----------
    request : Request
        Its ``Range``, ``If-Range`` and ``If-None-Match`` count.
    content : Content
        What is served.
    media_type : str
        Content type.
    headers : mapping
        More headers, with an ``ETag``.
    """
    headers, part, status = (
        {**headers, "Accept-Ranges": "bytes"},
        slice(0, content.size),
        200,
    )
    if named(request.headers.get("if-none-match"), headers["ETag"]):
        return Response(status_code=304, headers=headers)
    if request.headers.get("if-range", headers["ETag"]) == headers["ETag"]:
        try:
            wanted = byte_range(request.headers.get("range"), content.size)
        except Unsatisfiable:
            beyond = {"Content-Range": f"bytes */{content.size}"}
            return problem(416, f"there are {content.size} bytes", headers=beyond)
        if wanted is not None:
            part, status = wanted, 206
            headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{content.size}"
    headers["Content-Length"] = str(part.stop - part.start)
    if request.method == "HEAD":
        return Response(status_code=status, media_type=media_type, headers=headers)
    body = content.read(part.start, part.stop)
    return StreamingResponse(body, status, media_type=media_type, headers=headers)
