"""Bodies of requests: uploads as they come in, and JSON as the routes of the API take it."""

from __future__ import annotations

import asyncio
import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from starlette.requests import ClientDisconnect, Request

from edm_core.errors import StorageError
from edm_core.service.web.problems import Refused
from edm_core.service.web.uploads import receive

from ..running import Target
from . import samples

_LIMIT = 20_000


@cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="edm-fuzz-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    atexit.register(loop.close)
    return loop


def _upload(data: bytes) -> None:
    """Take the first line for the headers, the rest for the body; it comes in uneven blocks."""
    head, _, body = data.partition(b"\n")
    kind, _, length = head.partition(b"\t")
    chance = Random(len(data))
    messages: list[dict[str, Any]] = []
    while body:
        cut = chance.choice((1, 3, 64, 1000, 4000))
        messages.append({"type": "http.request", "body": body[:cut], "more_body": True})
        body = body[cut:]
    messages.append(
        chance.choice(({"type": "http.request"}, {"type": "http.disconnect"}))
        if messages
        else {"type": "http.request"}
    )

    async def incoming() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    headers = [(b"content-type", kind), *([(b"content-length", length)] if length else [])]
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"name=a", "headers": headers}
    folder = _folder() / "drafts"
    try:
        found = _loop().run_until_complete(receive(Request(scope, incoming), limit=_LIMIT, folder=folder))
    except ClientDisconnect:
        pass
    except Refused as refused:
        _checked(refused.response)
    else:
        assert found.draft.stat().st_size == found.size <= _LIMIT
        assert found.name.isprintable()
        found.draft.unlink()
    assert not list(folder.iterdir())


def _checked(response: Any) -> None:
    assert 400 <= response.status_code < 500
    json.loads(bytes(response.body))


def _uploads() -> tuple[bytes, ...]:
    part = b'--xyz\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
    file = part % (b"file", b'; filename="a.mp3"', b"sound" * 50)
    return (
        b"multipart/form-data; boundary=xyz\n" + part % (b"who", b"", b"me") + file + b"--xyz--\r\n",
        b"audio/mpeg\t250\n" + b"sound" * 50,
    )


# --- the API ---------------------------------------------------------------------------------------------


@cache
def _api() -> tuple[Any, str]:
    """The application over a workbench with one recording that was analysed."""
    import numpy as np
    import soundfile
    from starlette.applications import Starlette

    from edm_core.service import open_workbench, routes
    from edm_core.settings import Settings
    from edm_core.timeline import Layer, Passage, Recording, Section, Timeline

    folder = _folder() / "bench"
    folder.mkdir()
    soundfile.write(folder / "a.wav", np.zeros(16_000), 8_000)
    bench = open_workbench(Settings(data_dir=folder / "data"))
    entry = bench.library.add_file(folder / "a.wav")
    layers = (
        Layer("sections", "model:sections@1", (Section(0.0, 2.0, "drop", 0.8),)),
        Layer("passages", "model:content@1", (Passage(0.0, 0.9, text="The new album sounds amazing."),)),
    )
    bench.library.save_timeline(Timeline(Recording(entry.id, 2.0, 8_000, 1), layers))
    return Starlette(routes=routes()), entry.id.removeprefix("sha256:")


_PLACES = {
    "PUT /recordings/{id}/annotations?author=ada": {
        "annotation": {
            "grid": [{"time": 0.02, "bpm": 128.0}],
            "sections": [
                {"start": 0.0, "end": 1.0, "label": "intro"},
                {"start": 1.0, "end": 2.0, "label": "drop"},
            ],
            "events": [{"time": 1.0, "label": "drop"}],
        },
        "note": "well",
    },
    "PUT /recordings/{id}/annotations/draft?author=ada": {
        "annotation": {"sections": [{"start": 0.0, "end": 2.0, "label": "drop"}]},
        "base": None,
    },
    "POST /recordings/{id}/annotations/restore?author=ada": {"number": 1},
    "POST /recordings/{id}/annotations/presence?author=ada": {"leave": True},
    "POST /recordings/{id}/ratings": {
        "rater": "ada",
        "ratings": [
            {"kind": "passage", "index": 0, "score": 4},
            {"kind": "section", "index": 0, "score": None},
        ],
    },
    "POST /recordings/{id}/reactions": {"personas": ["nobody"], "scorer": "offline"},
    "PATCH /recordings/{id}": {"add": ["techno"], "remove": ["house"]},
    "GET /recordings?limit=5&search=a": {},
    "GET /jobs?limit=5": {},
}


def _bodies() -> tuple[bytes, ...]:
    return tuple(json.dumps({"request": place, "body": body}).encode() for place, body in _PLACES.items())


async def _asked(app: Any, method: str, path: str, query: bytes, body: bytes) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    messages = [{"type": "http.request", "body": body, "more_body": False}]

    async def incoming() -> dict[str, Any]:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def outgoing(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"application/json"), (b"if-none-match", b"*")]
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode("utf-8", "replace"),
        "query_string": query, "root_path": "", "scheme": "http", "headers": headers, "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await app(scope, incoming, outgoing)
    return sent


def _request(data: bytes) -> None:
    """Send the body, whole as a document or bent as bytes, to one of the routes; nothing may break."""
    app, id = _api()
    place, body = next(iter(_PLACES)), data
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        place = tuple(_PLACES)[len(data) % len(_PLACES)]
    else:
        if isinstance(document, dict):
            wanted = document.get("request")
            place = wanted if isinstance(wanted, str) and wanted in _PLACES else place
            body = json.dumps(document.get("body")).encode()
    method, _, target = place.partition(" ")
    path, _, query = target.replace("{id}", id).partition("?")
    sent = _loop().run_until_complete(
        _asked(app, method, f"/api/v1{path}", query.encode(), b"" if method == "GET" else body)
    )
    status = sent[0]["status"]
    assert status < 500, f"{method} {path} answers {status}: {sent[1].get('body', b'')[:300]!r}"
    if status >= 400:
        assert dict(sent[0]["headers"])[b"content-type"] == b"application/problem+json"


_KIND = b"multipart/form-data; boundary=xyz\n"
_LONG_FORMS = (
    _KIND + b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n' * 1_200,
    _KIND + b"--xyz\r\n" + b"A: b\r\n" * 9_000,
    _KIND + b"--xyz\r\nA: " + b"b" * 60_000,
    _KIND + b"\r\n--xy" * 10_000,
    b"multipart/form-data; boundary=" + b"x" * 60_000 + b"\n--x",
    b"audio/wav\t" + b"9" * 60_000 + b"\nsound",
)

TARGETS = (
    Target(
        "upload",
        _uploads,
        _upload,
        (StorageError,),
        (
            b"\r\n",
            b"--xyz",
            b"--xyz--",
            b"boundary=",
            b"Content-Disposition: ",
            b'name="file"',
            b'filename="',
            b"\t99999\n",
        ),
        _LONG_FORMS,
    ),
    Target("api-request", _bodies, _request, (), extremes=samples.DEEP_JSON, seconds=5.0),
)
