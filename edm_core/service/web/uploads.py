"""Receiving a recording over HTTP: one pass from the network to a draft file, hashed on the way, bounded.

A client sends ``multipart/form-data`` with the recording as ``file``, or the bytes themselves as the body,
named by ``?name=`` or ``Content-Disposition``. Nothing it says is believed: neither lengths, nor names, nor
types. What is kept in memory is one block, however large the recording is.

A draft is not flushed to the disk here: :meth:`edm_core.store.Library.enter` does that when it takes it, and
only then may an upload be acknowledged. Whoever calls :func:`receive` has to hand the draft on or delete it.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ..._files import made, writing
from ...audio.probing import AT_ONCE
from ...store.entry import display_name
from .problems import Refused, refused
from .upload_forms import Form, boundary_of, name_in

if TYPE_CHECKING:
    from starlette.requests import Request

IDLE_S = 30.0
"""How long a sender may say nothing."""
SLOWEST = 1_000
"""Fewest bytes a second that a sender may average, after its first :data:`IDLE_S`."""
BLOCK = 1 << 18
OVERHEAD = 1 << 20
"""How much a form may hold besides the file."""

ENTERED_AT_ONCE = 2 * AT_ONCE
"""How many uploads are entered into the library at the same time; half of them wait for the disk."""

_DRAINED_BYTES, _DRAINED_S = 8 << 20, 2.0
_RAW = ("audio/", "video/", "application/octet-stream", "application/ogg")
_SEND = (
    "send the recording as the field 'file' of multipart/form-data, or as a body with Content-Type: audio/*"
)

T = TypeVar("T")
_turns: RunVar[CapacityLimiter] = RunVar("turns")


@dataclass(frozen=True, slots=True)
class Received:
    """A recording that has arrived.

    Parameters
    ----------
    draft : Path
        Where its bytes lie: a file in the folder that was named.
    digest : str
        SHA-256 of the bytes, in hexadecimal.
    name : str
        What the client calls it; only to be shown.
    size : int
        In bytes.
    fields : mapping
        The other fields of the form.
    """

    draft: Path
    digest: str
    name: str
    size: int
    fields: Mapping[str, str] = field(default_factory=dict)


async def receive(request: Request, *, limit: int, folder: Path, name: str = "file") -> Received:
    """Receive a recording into a draft file.

    Parameters
    ----------
    request : Request
        Its body is read here, in blocks.
    limit : int
        Most bytes that the recording may have.
    folder : Path
        Where the draft is written; made if it is not there.
    name : str
        Field of the form that holds the recording.

    Raises
    ------
    Refused
        With 400 for a body that breaks off or is no form, 408 for a sender that is too slow, 413 for too
        much, 415 for what is neither a form nor sound, 422 for a form without the file, with several, or with
        an empty one. Nothing is left behind, also if the client goes away or the caller is cancelled.
    StorageError
        If the folder cannot be written.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    declared = _declared(request)
    body = _Body(request)
    draft = await run_in_threadpool(_Draft, folder, limit)
    try:
        try:
            sink = _sink(request, kind, draft, name)
            if declared is not None and declared > limit + OVERHEAD:
                raise _too_large(limit)
            size = await _pour(body, sink, draft, limit + OVERHEAD)
            if declared is not None and size != declared:
                raise refused(400, "it ends before the length that was announced", remedy="send it again")
            sink.finish()
            await run_in_threadpool(draft.finish)
        except Refused:
            await body.drain()
            raise
        if not draft.size:
            raise refused(422, "the file is empty", remedy="export it again")
        return Received(
            draft.path, draft.digest.hexdigest(), display_name(sink.shown), draft.size, dict(sink.fields)
        )
    except BaseException:
        draft.drop()  # not in a thread: who was cancelled may not wait
        raise


async def in_turn(work: Callable[..., T], *given: Any, **named: Any) -> T:
    """Run in a thread what every upload needs once it is here; a few at a time, first come, first served.

    Uploads that wait take no thread from the requests that only read.
    """
    try:
        limiter = _turns.get()
    except LookupError:
        _turns.set(limiter := CapacityLimiter(ENTERED_AT_ONCE))
    return await to_thread.run_sync(partial(work, *given, **named), limiter=limiter)


class _Sink(Protocol):
    """What a body is given to, block by block."""

    shown: str
    fields: dict[str, str]

    def feed(self, block: bytes) -> None: ...

    def finish(self) -> None: ...


class _Draft:
    """A file that grows; what it is given waits in memory until :meth:`write`."""

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = made(folder), limit
        with writing(folder):
            handle, path = tempfile.mkstemp(dir=folder)
        self._file = os.fdopen(handle, "wb", buffering=0)
        self.path, self.size, self.digest = Path(path), 0, hashlib.sha256()
        self.waiting = bytearray()

    def add(self, block: bytes | memoryview) -> None:
        self.size += len(block)
        if self.size > self._limit:
            raise _too_large(self._limit)
        self.waiting += block

    def write(self) -> None:
        block, self.waiting = self.waiting, bytearray()
        self.digest.update(block)
        view = memoryview(block)
        with writing(self._folder):
            while view:
                view = view[self._file.write(view) :]

    def finish(self) -> None:
        self.write()
        self._file.close()

    def drop(self) -> None:
        self._file.close()
        self.path.unlink(missing_ok=True)


class _Raw:
    """The body is the recording."""

    def __init__(self, draft: _Draft, shown: str) -> None:
        self._draft, self.shown = draft, shown
        self.fields: dict[str, str] = {}

    def feed(self, block: bytes) -> None:
        self._draft.add(block)

    def finish(self) -> None:
        return


def _sink(request: Request, kind: str, draft: _Draft, name: str) -> _Sink:
    if kind == "multipart/form-data":
        return Form(boundary_of(request.headers["content-type"]), name, draft.add)
    if kind and not kind.startswith(_RAW):
        raise refused(415, f"it is sent as {kind[:80]}", remedy=_SEND)
    shown = request.query_params.get("name") or name_in(request.headers.get("content-disposition", ""))
    return _Raw(draft, shown)


async def _pour(body: _Body, sink: _Sink, draft: _Draft, limit: int) -> int:
    """Give the body to the sink and to the disk; return how many bytes it had."""
    while block := await body.next():
        if body.size > limit:
            raise _too_large(limit - OVERHEAD)
        sink.feed(block)
        if len(draft.waiting) >= BLOCK:
            await run_in_threadpool(draft.write)
    return body.size


class _Body:
    """What comes in, block by block; its sender may neither pause for long nor trickle."""

    def __init__(self, request: Request) -> None:
        self._receive = request.receive
        self._waits = request.headers.get("expect", "").strip().lower() == "100-continue"
        self._ended = False
        self._begun = time.monotonic()
        self.size = 0

    async def next(self) -> bytes:
        """Return the next bytes, none at the end."""
        self._waits = False
        block = b""
        while not block and not self._ended:
            try:
                async with asyncio.timeout(IDLE_S):
                    block = await self._message()
            except TimeoutError:
                self._ended = True  # for us: nothing more is waited for
                raise refused(408, f"nothing came for {IDLE_S:g} s", remedy="send it again") from None
            if self.size < SLOWEST * (time.monotonic() - self._begun - IDLE_S):
                raise refused(408, "it comes too slowly", remedy="send it over a faster connection")
        return block

    async def drain(self) -> None:
        """Read some more of what is refused: many clients send all of it before they listen.

        One that asked whether to send it (``Expect: 100-continue``) has not begun yet.
        """
        if self._waits:
            return
        most = self.size + _DRAINED_BYTES
        with suppress(TimeoutError, ClientDisconnect):
            async with asyncio.timeout(_DRAINED_S):
                while not self._ended and self.size < most:
                    await self._message()

    async def _message(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._ended = True
            raise ClientDisconnect
        block: bytes = message.get("body", b"")
        self._ended = not message.get("more_body", False)
        self.size += len(block)
        return block


def _declared(request: Request) -> int | None:
    text = request.headers.get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _too_large(limit: int) -> Refused:
    return refused(
        413,
        f"it is larger than the {limit / 1e6:g} MB allowed",
        remedy="compress or split it, or have EDM_MAX_UPLOAD_MB raised",
    )
