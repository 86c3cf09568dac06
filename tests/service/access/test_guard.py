"""Who is let in: nobody is forgotten, and nothing is open that nobody named."""

from __future__ import annotations

import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.websockets import WebSocketDisconnect

from edm_core.service.access.guard import TOLD, Caller
from edm_core.service.access.scopes import TABLE, allows, needed
from edm_core.settings import Settings
from edm_core.store.audit import rows
from edm_core.store.database import database_of
from edm_core.store.keys import Keys, keys_of

from .guarded import client, made, settings_in, using

STREAM = "ws://localhost/_stcore/stream"
EVERYWHERE = (
    "/api/v1/recordings", "/api/v1/recordings/1/audio", "/api/v1/recordings/1/peaks/0", "/api/docs",
    "/api/openapi.json", "/predict", "/evaluate/", "/audio/1", "/api/tracks", "/api/audio/a.mp3", "/api/save",
    "/_stcore/upload_file/1/2", "/_stcore/host-config", "/_stcore/metrics", "/_stcore/agent/sessions",
    "/media/1.png", "/static/js/index.js", "/component/x/y", "/library", "/", "/added/later",
    "/api/v1/health/more", "/healthy", "//health", "/api/v1//health", "/health/../api/v1/recordings",
    "/sign-in/else", "/auth/login", "/oauth2callback",
)  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return using(monkeypatch, settings_in(tmp_path, api_keys_required=True))


def test_on_this_machine_nobody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path))
    for method in ("GET", "POST", "DELETE"):
        answer = client().request(method, "/api/v1/recordings/1")
        assert answer.status_code == 200 and (answer.json()["name"], answer.json()["scope"]) == ("", "admin")


@pytest.mark.parametrize("path", EVERYWHERE)
def test_everything_is_closed_without_a_key(settings: Settings, path: str) -> None:
    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = client().request(method, f"http://localhost{path}")
        assert answer.status_code == 401, method
        assert answer.headers["www-authenticate"].startswith("Bearer")
        if method != "HEAD":
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == 401


@given(path=st.text(st.characters(codec="ascii", categories=("L", "N", "P")), max_size=40))
def test_no_other_path_is_open(path: str) -> None:
    scope = {"type": "http", "method": "POST", "path": f"/{path}", "query_string": b""}
    assert needed(scope) in ("annotate", "admin")
    if path.strip("/") not in ("health", "ready", "metrics"):
        assert needed({**scope, "method": "GET"}) in ("read", "admin")


@pytest.mark.parametrize("server", ["192.0.2.7", "10.0.0.5:8501", "workbench.example"])
def test_beyond_this_machine_everybody_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    settings = using(monkeypatch, settings_in(tmp_path))
    assert client(server).get("/api/v1/recordings").status_code == 401
    _, key = made(settings)
    assert client(server).get("/api/v1/recordings", headers=key).status_code == 200


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded", "X-Real-IP", "Via"],
)
def test_who_comes_through_a_proxy_is_not_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, header: str
) -> None:
    using(monkeypatch, settings_in(tmp_path))
    assert client("127.0.0.1").get("/api/v1/recordings", headers={header: "203.0.113.9"}).status_code == 401
    assert client("127.0.0.1").get("/api/v1/recordings").status_code == 200


def test_behind_a_public_address_everybody_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path, public_url="https://edm.example.org"))
    assert client("127.0.0.1:8501").get("/api/v1/recordings").status_code == 401


def test_health_is_open_and_ready_and_metrics_on_this_machine(settings: Settings) -> None:
    for path in ("/health", "/api/v1/health", "/segments/health", "/api/segments/health"):
        assert client("192.0.2.7").get(path).status_code == 200
        assert client("192.0.2.7").post(path).status_code == 401
    _, key = made(settings)
    for path in ("/ready", "/metrics", "/api/v1/ready", "/api/v1/metrics"):
        assert client("127.0.0.1").get(path).status_code == 200
        assert client("127.0.0.1").post(path).status_code == 401
        assert client("127.0.0.1").get(path, headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401
        assert client("192.0.2.7").get(path).status_code == 401
        assert client("192.0.2.7").get(path, headers=key).status_code == 200


def test_a_scope_allows_what_it_says(settings: Settings) -> None:
    held = {scope: made(settings, scope)[1] for scope in ("read", "annotate", "admin")}
    expected = {
        ("GET", "/api/v1/recordings"): ("read", "annotate", "admin"),
        ("HEAD", "/api/v1/recordings/1/audio"): ("read", "annotate", "admin"),
        ("GET", "/_stcore/health"): ("read", "annotate", "admin"),
        ("POST", "/api/v1/predict"): ("annotate", "admin"),
        ("PUT", "/api/v1/recordings/1/annotations"): ("annotate", "admin"),
        ("PUT", "/_stcore/upload_file/1/2"): ("annotate", "admin"),
        ("DELETE", "/api/v1/jobs/1"): ("annotate", "admin"),
        ("POST", "/re-evaluate/1"): ("annotate", "admin"),
        ("DELETE", "/api/v1/recordings/1"): ("admin",),
        ("DELETE", "/recordings/1"): ("admin",),
        ("DELETE", "/api/v1/recordings/1?erase=true&reason=asked"): ("admin",),
        ("POST", "/api/v1/anything?erase="): ("admin",),
        ("GET", "/api/v1/keys"): ("admin",),
        ("POST", "/keys"): ("admin",),
        ("GET", "/api/v1/people/ada"): ("admin",),
        ("GET", "/api/v1/audit"): ("admin",),
    }
    for (method, path), may in expected.items():
        for scope, key in held.items():
            status = client().request(method, path, headers=key).status_code
            assert status == (200 if scope in may else 403), (method, path, scope)


def test_a_mounted_application_has_the_same_rules(settings: Settings) -> None:
    scope = {"type": "http", "method": "DELETE", "path": "/below/api/v1/recordings/1", "query_string": b""}
    assert needed({**scope, "root_path": "/below"}) == "admin"
    assert needed({**scope, "method": "GET", "path": "/below/health", "root_path": "/below"}) == "open"
    assert needed({**scope, "method": "GET", "path": "/below/health", "root_path": ""}) == "read"


def test_routes_know_who_asks(settings: Settings) -> None:
    id, key = made(settings, "annotate", "night import")
    told = client().get("/api/v1/x", headers=key).json()
    assert (told["name"], told["scope"], told["key"]) == ("night import", "annotate", id)
    assert Caller("a", "read", id).identity == f"key {id}" and Caller("", "admin").identity == ""


def test_a_key_may_come_under_either_header(settings: Settings) -> None:
    text = made(settings)[1]["Authorization"].removeprefix("Bearer ")
    for headers in ({"X-API-Key": text}, {"Authorization": f"bearer  {text}"}, {"x-api-key": f" {text} "}):
        assert client().get("/api/v1/x", headers=headers).status_code == 200
    basic = {"Authorization": "Basic YTpi", "X-API-Key": text}
    assert client().get("/api/v1/x", headers=basic).status_code == 200
    assert client().get(f"/api/v1/x?api_key={text}").status_code == 401  # addresses end up in logs


def test_wrong_keys_are_told_apart_by_nothing(settings: Settings) -> None:
    id, key = made(settings)
    dead, revoked = made(settings)
    keys_of(settings).revoke(dead, by="test")
    right = key["Authorization"]
    answers = [
        client().get("/api/v1/x", headers={"Authorization": text})
        for text in (
            f"Bearer edm_{id}_{'A' * 43}", f"Bearer edm_{'0' * 12}_{'A' * 43}", "Bearer nonsense",
            revoked["Authorization"], right[:-1], "Bearer \xe9".encode("latin-1"),
        )
    ]  # fmt: skip
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert all('error="invalid_token"' in answer.headers["www-authenticate"] for answer in answers)


def test_a_wrong_key_is_wrong_on_this_machine_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = using(monkeypatch, settings_in(tmp_path))
    assert client().get("/api/v1/x", headers={"X-API-Key": "nonsense"}).status_code == 401
    _, key = made(settings, "read")
    assert client().post("/api/v1/x", headers=key).status_code == 403  # it says who it wants to be


def test_a_revoked_key_dies_soon(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_of(settings), "_life_s", 0.1)
    id, key = made(settings)
    assert client().get("/api/v1/x", headers=key).status_code == 200
    Keys(settings).revoke(id, by="test")  # as another process does it
    end = time.monotonic() + 5
    while client().get("/api/v1/x", headers=key).status_code == 200:
        assert time.monotonic() < end
    assert client().get("/api/v1/x", headers=key).status_code == 401


def test_what_only_the_guard_may_say_is_dropped(settings: Settings) -> None:
    id, key = made(settings)
    told = client().get("/api/v1/x", headers={**key, TOLD: "person root", "X-Edm-Else": "1"}).json()
    assert told["told"] == f"key%20{id}"


def test_a_page_of_another_site_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = using(monkeypatch, settings_in(tmp_path))
    foreign: tuple[dict[str, str], ...] = (
        {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:9999"}, {"Origin": "http://["}, {"Origin": "http://[::0x1F]"},
    )  # fmt: skip
    for headers in foreign:
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert client().request(method, "/added/later", headers=headers).status_code == 403
    own = ({"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}, {})
    assert {client().post("/api/v1/x", headers=headers).status_code for headers in own} == {200}
    _, key = made(settings, "annotate")  # no browser adds a key by itself
    assert client().post("/api/v1/x", headers={**key, "Origin": "https://evil.example"}).status_code == 200


@given(
    st.dictionaries(
        st.sampled_from(
            ["Host", "Origin", "Authorization", "X-API-Key", "Cookie", "X-Forwarded-For", "X-Forwarded-Proto",
             "Sec-Fetch-Site", "Accept", "Content-Type", "Forwarded"]
        ),
        st.one_of(
            st.text(st.characters(codec="ascii", exclude_categories=("C",)), max_size=30),
            st.sampled_from(["http://[", "[", "[::1", "edm_session=", "_streamlit_user=\"", "Bearer ", "::1,,", "a:b:c"]),
        ),
    ),
    st.sampled_from(["/sign-in", "/sign-out", "/api/v1/x", "/", "/sign-in/provider"]),
    st.sampled_from(["GET", "POST", "HEAD"]),
    st.sampled_from(["192.0.2.1", "127.0.0.1"]),
)  # fmt: skip
def test_no_header_is_a_fault(headers: dict[str, str], path: str, method: str, server: str) -> None:
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as folder:
        using(patch, settings_in(Path(folder), api_keys_required=True, rate_limit="1000/second"))
        patch.setattr("edm_core.service.access.limits._counters", {})
        status = client(server).request(method, path, headers=headers).status_code
    assert status in (200, 303, 400, 401, 403, 404, 405, 421)


def test_a_database_that_is_away_closes_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    url = f"sqlite:///{tmp_path}/file/edm.db"
    using(monkeypatch, settings_in(tmp_path, api_keys_required=True, database_url=url))
    answer = client().get("/api/v1/x", headers={"X-API-Key": f"edm_{'0' * 12}_{'A' * 43}"})
    assert answer.status_code == 503 and answer.headers["retry-after"]
    assert str(tmp_path) not in answer.text


def test_settings_that_are_wrong_let_nobody_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path, public_url="not an address", api_keys_required=True))
    answer = client().post("/api/v1/x")
    assert answer.status_code == 500 and answer.headers["content-type"] == "application/problem+json"


def test_failures_are_limited_by_address(settings: Settings) -> None:
    wrong = {"X-API-Key": "nonsense"}
    seen = [client("192.0.2.7").get("/api/v1/x", headers=wrong) for _ in range(32)]
    assert [answer.status_code for answer in seen] == [401] * 30 + [429] * 2
    assert int(seen[-1].headers["retry-after"]) >= 1
    _, key = made(settings)
    assert client("192.0.2.7").get("/api/v1/x", headers=key).status_code == 200


def test_who_is_behind_a_change_is_in_the_audit_log(settings: Settings) -> None:
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route
    from starlette.testclient import TestClient

    from edm_core.service.access.security import middleware
    from edm_core.store.people import People

    def change(_request: Any) -> PlainTextResponse:  # in a thread, as all that writes
        People(settings).set("ada", "read", by="rater-1")
        return PlainTextResponse("done")

    id, key = made(settings, "annotate")
    app = Starlette(routes=[Route("/change", change, methods=["POST"])], middleware=middleware())
    TestClient(app, base_url="http://localhost").post("/change", headers=key)
    People(settings).set("bob", "read", by="rater-1")
    with database_of(settings).reading() as connection:
        after, during, _ = rows(connection, None, 3)
    assert during.detail == f"ada: read [key {id}]" and after.detail == "bob: read"


def test_the_pages_connection_needs_somebody_who_may_read(settings: Settings) -> None:
    with pytest.raises(WebSocketDisconnect), client().websocket_connect(STREAM):
        pass
    id, key = made(settings)
    with client().websocket_connect(STREAM, headers={**key, TOLD: "person root"}) as socket:
        socket.send_text("hello")
        assert socket.receive_json() == {"told": f"key%20{id}", "heard": "hello"}


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://127.0.0.1"])
def test_a_page_of_another_site_opens_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    using(monkeypatch, settings_in(tmp_path, cors_origins="https://allowed.example"))
    for wrong in (origin, "https://allowed.example"):
        with (
            pytest.raises(WebSocketDisconnect),
            client().websocket_connect(STREAM, headers={"Origin": wrong}),
        ):
            pass
    with client().websocket_connect(STREAM, headers={"Origin": "http://localhost"}) as socket:
        socket.send_text("hello")
        assert socket.receive_json()["told"] == ""


def test_an_open_connection_ends_with_its_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edm_core.service.access.watching.EVERY_S", 0.0)
    monkeypatch.setattr(keys_of(settings), "_life_s", 0.0)
    id, key = made(settings)
    with client().websocket_connect(STREAM, headers=key) as socket:
        socket.send_text("before")
        assert socket.receive_json()["heard"] == "before"
        Keys(settings).revoke(id, by="test")
        socket.send_text("after")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()


def test_a_stream_of_events_ends_with_its_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edm_core.service.access.watching.EVERY_S", 0.0)
    monkeypatch.setattr(keys_of(settings), "_life_s", 0.0)
    id, key = made(settings)
    timer = threading.Timer(0.3, lambda: Keys(settings).revoke(id, by="test"))
    timer.start()
    answer = client().get("/api/v1/jobs/events", headers=key)  # comes to an end
    timer.join()
    assert answer.status_code == 200 and answer.text.startswith("data: still")


def test_the_table_is_well_formed() -> None:
    for methods, pattern, wanted in TABLE:
        assert wanted in ("open", "here", "read", "annotate", "admin") and pattern.startswith(
            "(?:/api/v1|/api)?"
        )
        assert set(methods) <= {"GET", "HEAD", "OPTIONS", "DELETE"}
    assert not allows("none", "read") and not allows("", "read") and not allows("root", "read")
