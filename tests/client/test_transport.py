"""Asking elsewhere: what is sent again and what is not, and refusals in the server's words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from edm_core.client import Client, ServiceError
from edm_core.client.events import events
from edm_core.client.transport import RETRIES, Transport
from edm_core.errors import AudioError, SettingsError

Answer = Callable[[httpx2.Request], httpx2.Response]


def asked(*answers: httpx2.Response | Exception) -> tuple[Transport, list[httpx2.Request], list[float]]:
    """Return a transport that is given these answers in turn, what it asks, and how long it pauses."""
    requests: list[httpx2.Request] = []
    left = list(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        request.read()
        requests.append(request)
        given = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(given, Exception):
            raise given
        return given

    transport = Transport("http://there", "edm_k_s", through=httpx2.MockTransport(answer))
    pauses: list[float] = []
    transport._pause = pauses.append
    return transport, requests, pauses


def busy(seconds: str = "2") -> httpx2.Response:
    return httpx2.Response(503, headers={"Retry-After": seconds}, json={"detail": "the queue is full"})


FINE = httpx2.Response(200, json={"status": "ok"})


def test_the_key_and_the_prefix_are_sent() -> None:
    transport, requests, _ = asked(FINE)
    transport.ask("GET", "health")
    assert str(requests[0].url) == "http://there/api/v1/health"
    assert requests[0].headers["authorization"] == "Bearer edm_k_s"


def test_a_server_that_is_busy_is_asked_again_when_it_says() -> None:
    transport, requests, pauses = asked(busy("2"), busy("3"), FINE)
    assert transport.ask("POST", "recordings/x/reactions", json={}).status_code == 200
    assert pauses == [2.0, 3.0]
    keys = {request.headers["idempotency-key"] for request in requests}
    assert len(keys) == 1 and len(requests) == 3


def test_a_server_that_stays_busy_is_left_in_peace() -> None:
    transport, requests, _ = asked(busy())
    with pytest.raises(ServiceError, match="the queue is full") as refused:
        transport.ask("GET", "recordings")
    assert refused.value.status == 503 and len(requests) == RETRIES + 1


def test_nobody_waits_for_an_hour() -> None:
    transport, requests, pauses = asked(busy("3600"))
    with pytest.raises(ServiceError):
        transport.ask("GET", "recordings")
    assert pauses == [] and len(requests) == 1


@pytest.mark.parametrize("method", ["GET", "DELETE", "POST"])
def test_what_may_be_done_twice_is_sent_again_when_the_connection_breaks(method: str) -> None:
    transport, requests, _ = asked(httpx2.ReadError("gone"), FINE)
    assert transport.ask(method, "jobs/1").status_code == 200
    assert len(requests) == 2


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_what_may_have_been_written_is_not(method: str) -> None:
    transport, requests, _ = asked(httpx2.ReadError("gone"), FINE)
    with pytest.raises(ServiceError, match="does not answer"):
        transport.ask(method, "recordings/x/annotations")
    assert len(requests) == 1


def test_a_refusal_is_told_in_the_servers_words_with_the_requests_id() -> None:
    said = {"detail": "there is no such recording", "remedy": "list them", "status": 404}
    transport, _, _ = asked(httpx2.Response(404, json=said, headers={"X-Request-ID": "r-1"}))
    with pytest.raises(ServiceError) as refused:
        transport.ask("GET", "recordings/x")
    assert str(refused.value) == "recordings/x: there is no such recording; list them"
    assert (refused.value.status, refused.value.request) == (404, "r-1")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b"{", b""])
def test_a_refusal_that_says_nothing_is_told_by_its_status(body: bytes) -> None:
    transport, _, _ = asked(httpx2.Response(502, content=body, headers={"Content-Type": "application/json"}))
    with pytest.raises(ServiceError, match="answered with 502"):
        transport.ask("GET", "recordings")


def test_an_address_must_be_one() -> None:
    with pytest.raises(SettingsError, match="no address"):
        Client("localhost:8000")


def test_a_file_that_is_not_there_is_not_sent(tmp_path: Path) -> None:
    with Client("http://127.0.0.1:9") as there, pytest.raises(AudioError, match="no such file"):
        there.add(tmp_path / "none.wav")


def test_events_may_have_several_lines_comments_and_no_name() -> None:
    lines = [": hello", "data: 1", "data:2", "", "event: end", "data: {}", "", "event: job", "data: lost"]
    assert list(events(lines)) == [("message", "1\n2"), ("end", "{}")]
