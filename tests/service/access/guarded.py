"""A small application behind the whole middleware, with settings of the test's own."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from edm_core.service.access.guard import TOLD, caller_of
from edm_core.service.access.security import middleware
from edm_core.settings import Settings
from edm_core.store.keys import Keys

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def using(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Settings:
    """Let the process serve with these settings."""
    monkeypatch.setattr("edm_core.service.bench._opened", SimpleNamespace(settings=settings))
    return settings


async def told(request: Any) -> JSONResponse:
    """Answer with who asked, as the routes see it."""
    caller = caller_of(request)
    return JSONResponse(
        {
            "name": caller.name, "scope": caller.scope, "key": caller.key_id, "path": request.url.path,
            "client": request.client.host, "scheme": request.url.scheme, "told": request.headers.get(TOLD),
        }
    )  # fmt: skip


async def endless(request: Any) -> StreamingResponse:
    import asyncio

    async def events():
        while True:
            yield "data: still\n\n"
            await asyncio.sleep(0.02)

    return StreamingResponse(events(), media_type="text/event-stream")


async def talk(websocket: Any) -> None:
    await websocket.accept()
    with suppress(WebSocketDisconnect):
        while True:
            heard = await websocket.receive_text()
            await websocket.send_json({"told": websocket.headers.get(TOLD), "heard": heard})


def app() -> Starlette:
    return Starlette(
        routes=[
            WebSocketRoute("/_stcore/stream", talk),
            Route("/api/v1/jobs/events", endless),
            Mount("/api", routes=[Route("/{rest:path}", told, methods=METHODS)]),
            Route("/{rest:path}", told, methods=METHODS),
        ],
        middleware=middleware(),
    )


def client(server: str = "localhost", **options: Any) -> TestClient:
    """Return a client whose requests reach the server at that address, and name it."""
    return TestClient(app(), base_url=f"http://{server}", follow_redirects=False, **options)


def made(settings: Settings, scope: Any = "read", name: str = "one") -> tuple[str, dict[str, str]]:
    """Make a key, and return its id and the header that shows it."""
    key, text = Keys(settings).create(name, scope, by="test")
    return key.id, {"Authorization": f"Bearer {text}"}


def settings_in(tmp_path: Path, **options: Any) -> Settings:
    return Settings(data_dir=tmp_path / "data", **options)
