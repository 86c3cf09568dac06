"""Uploads over real sockets: whoever sends too much, too slowly, or goes away is told or forgotten, and nothing is left."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from edm_core.service.web import uploads
from edm_core.service.web.problems import Refused

LIMIT = 1_000_000


@pytest.fixture
def served(tmp_path):
    """A server that receives and does nothing else; it counts those who went away."""
    gone = []

    async def take(request):
        try:
            found = await uploads.receive(request, limit=LIMIT, folder=tmp_path)
        except Refused as refused:
            return refused.response
        except ClientDisconnect:
            gone.append(1)
            return Response(status_code=499)
        found.draft.unlink()
        return JSONResponse({"size": found.size, "digest": found.digest, "name": found.name})

    app = Starlette(routes=[Route("/", take, methods=["POST"])])
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield listener.getsockname()[1], gone
        finally:
            server.should_exit = True
            thread.join(20)
    assert list(tmp_path.iterdir()) == []


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def posted(port, body, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", "/", body, {"Content-Type": "audio/wav", **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def chunks(size, block=65_536):
    for _ in range(size // block):
        yield bytes(block)


def test_what_fits_is_taken(served):
    assert posted(served[0], b"x" * LIMIT) == (
        200,
        {"size": LIMIT, "digest": _digest(b"x" * LIMIT), "name": "untitled"},
    )
    assert posted(served[0], chunks(655_360))[1]["size"] == 655_360  # without a length


def _digest(data):
    import hashlib

    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("size", [LIMIT + 1, 3 * LIMIT, 8 * LIMIT])
def test_who_sends_all_before_listening_hears_that_it_was_too_much(size, served):
    assert posted(served[0], bytes(size))[0] == 413
    assert posted(served[0], chunks(size + 65_536))[0] == 413


def test_who_asks_first_sends_nothing(served):
    with socket.create_connection(("127.0.0.1", served[0]), timeout=30) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 999999999\r\n"
            b"Expect: 100-continue\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 413")


def test_who_goes_away_is_forgotten(served):
    port, gone = served
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 500000\r\n\r\n"
        )
        connection.sendall(bytes(200_000))
    wait_for(lambda: gone)


def test_who_falls_silent_is_told(served, monkeypatch):
    monkeypatch.setattr(uploads, "IDLE_S", 0.2)
    with socket.create_connection(("127.0.0.1", served[0]), timeout=30) as connection:
        connection.sendall(
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: audio/wav\r\nContent-Length: 500000\r\n\r\nabc"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 408")


def test_many_at_once_are_all_taken(served):
    found = []

    def send(number):
        found.append(posted(served[0], bytes([number]) * 400_000)[1]["digest"])

    threads = [threading.Thread(target=send, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == sorted(_digest(bytes([number]) * 400_000) for number in range(24))
