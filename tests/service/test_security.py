"""Headers on every answer, and requests that come under another name."""

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from edm_core.service.security import HEADERS, host_of, is_loopback, middleware


def app_on(server: str) -> TestClient:
    async def hello(request):
        return PlainTextResponse("hello")

    app = Starlette(routes=[Route("/", hello)], middleware=middleware())
    return TestClient(app, base_url=f"http://{server}")


def test_every_answer_is_closed() -> None:
    for path in ("/", "/missing"):
        headers = app_on("localhost").get(path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize("host", ["localhost", "localhost:8501", "127.0.0.1:8501", "[::1]:8501", "LOCALHOST"])
def test_this_machine_may_be_asked_by_its_names(host: str) -> None:
    assert app_on("127.0.0.1").get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example:8501", "127.0.0.1.evil.example", ""],
)
def test_another_name_is_refused(host: str) -> None:
    answer = app_on("127.0.0.1").get("/", headers={"Host": host})
    assert answer.status_code == 421 and answer.headers["content-type"] == "application/problem+json"


def test_a_server_that_is_not_on_loopback_is_not_concerned() -> None:
    assert app_on("192.0.2.1").get("/", headers={"Host": "workbench.example"}).status_code == 200


def test_hosts_and_ports() -> None:
    assert host_of("") == "" and host_of("a:b") == "a:b" and host_of("::1") == "::1"
    assert is_loopback("127.8.9.10") and not is_loopback("0.0.0.0")
