"""Signing in with a key in a browser, staying signed in, and signing out."""

from __future__ import annotations

import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from edm_core.service.access import sessions
from edm_core.service.access.sign_in import next_of
from edm_core.settings import Settings
from edm_core.store.keys import keys_of

from .guarded import client, made, settings_in, using

VISIT = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return using(monkeypatch, settings_in(tmp_path, api_keys_required=True))


def signed_in(
    settings: Settings, scope: str = "annotate", server: str = "localhost"
) -> tuple[TestClient, str]:
    id, key = made(settings, scope, "ada's")
    browser = client(server)
    text = key["Authorization"].removeprefix("Bearer ")
    assert browser.post("/sign-in?next=/listen", data={"key": text}).status_code == 303
    return browser, id


def test_who_opens_a_page_is_led_to_sign_in_and_back(settings: Settings) -> None:
    browser = client()
    led = browser.get("/listen?recording=sha256:1&at=2", headers=VISIT)
    assert led.status_code == 303
    page = browser.get(led.headers["location"], headers=VISIT)
    assert page.status_code == 200 and 'type="password"' in page.text
    action = re.search(r'action="([^"]+)"', page.text)
    assert action is not None
    _, key = made(settings)
    text = key["Authorization"].removeprefix("Bearer ")
    there = browser.post(action[1].replace("&amp;", "&"), data={"key": f" {text} "})
    assert (there.status_code, there.headers["location"]) == (303, "/listen?recording=sha256:1&at=2")
    assert browser.get(there.headers["location"], headers=VISIT).status_code == 200


def test_the_cookie_is_closed(settings: Settings) -> None:
    _, key = made(settings)
    text = key["Authorization"].removeprefix("Bearer ")
    cookie = client().post("/sign-in", data={"key": text}).headers["set-cookie"]
    assert cookie.startswith("edm_session=") and text.rpartition("_")[2] not in cookie
    assert {"HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie  # plain HTTP on this machine
    secure = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    proxied = client("127.0.0.1", client=("127.0.0.1", 5000))
    assert "Secure" in proxied.post("/sign-in", data={"key": text}, headers=secure).headers["set-cookie"]


def test_a_signed_in_browser_may_what_its_key_may(settings: Settings) -> None:
    browser, id = signed_in(settings)
    assert browser.get("/api/v1/recordings/1/audio").json()["key"] == id
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.put("/api/v1/recordings/1/annotations", headers=own).status_code == 200
    assert browser.delete("/api/v1/recordings/1", headers=own).status_code == 403
    with browser.websocket_connect("ws://localhost/_stcore/stream", headers=own) as socket:
        socket.send_text("hello")
        assert socket.receive_json()["told"] == f"key%20{id}"


def test_another_sites_page_cannot_use_the_cookie(settings: Settings) -> None:
    browser, _ = signed_in(settings)
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.put("/api/v1/x", headers=headers).status_code == 403
        assert browser.post("/sign-in", data={"key": "x"}, headers=headers).status_code == 403
        assert browser.get("/sign-out", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_the_cookie_dies_with_its_key(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys_of(settings), "_life_s", 0.0)
    browser, id = signed_in(settings)
    assert browser.get("/api/v1/x").status_code == 200
    keys_of(settings).revoke(id, by="test")
    assert browser.get("/api/v1/x").status_code == 401
    assert browser.get("/library", headers=VISIT).status_code == 303


def test_forged_and_foreign_cookies(settings: Settings, tmp_path: Path) -> None:
    browser, id = signed_in(settings)
    genuine = browser.cookies["edm_session"]
    other = sessions.issued(Settings(data_dir=tmp_path / "other"), id)
    for text in (
        "",
        "x",
        genuine[:-1],
        genuine + "x",
        other,
        id,
        f'"{genuine}',
        "é".encode().decode("latin-1"),
    ):
        cookie = {"Cookie": f"edm_session={text}".encode("latin-1")}
        assert client().get("/api/v1/x", headers=cookie).status_code == 401, text
    assert client().get("/api/v1/x", headers={"Cookie": f"edm_session={genuine}"}).status_code == 200


def test_a_cookie_grows_old_and_is_renewed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    browser, _ = signed_in(settings)
    assert "set-cookie" not in browser.get("/api/v1/x").headers
    later(monkeypatch, sessions.RENEWED_S + 60)
    assert "set-cookie" in browser.get("/api/v1/x").headers
    later(monkeypatch, sessions.LASTS_S + 60)
    assert browser.get("/api/v1/x").status_code == 200  # the renewed one
    later(monkeypatch, 3 * sessions.LASTS_S)
    assert browser.get("/api/v1/x").status_code == 401


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """Let it be so much later than it is, for cookies."""
    monkeypatch.setattr(
        "itsdangerous.timed.TimestampSigner.get_timestamp", lambda self: int(time.time() + seconds)
    )
    monkeypatch.setattr(
        "edm_core.service.access.sessions.time", SimpleNamespace(time=lambda: time.time() + seconds)
    )


def test_a_key_that_is_none_is_said_and_limited(settings: Settings) -> None:
    browser = client("192.0.2.7")
    page = browser.post("/sign-in?next=/listen", data={"key": "nonsense"})
    assert page.status_code == 401 and 'role="alert"' in page.text and "next=%2Flisten" in page.text
    for _ in range(30):
        page = browser.post("/sign-in", data={"key": "nonsense"})
    assert page.status_code == 429 and int(page.headers["retry-after"]) >= 1
    assert browser.post("/sign-in", content=b"k" * 5000).status_code == 413
    assert browser.put("/sign-in").status_code == 405 and browser.post("/sign-out").status_code == 405


def test_the_page_runs_nothing_and_is_framed_by_nobody(settings: Settings) -> None:
    page = client().get("/sign-in", headers=VISIT)
    policy = page.headers["content-security-policy"]
    assert (
        "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and "script-src" not in policy
    )
    assert "<script" not in page.text and page.headers["cache-control"] == "no-store"


def test_nothing_of_the_address_gets_into_the_page(settings: Settings) -> None:
    page = client().get('/sign-in?next=/"><script>alert(1)</script>', headers=VISIT)
    assert "<script" not in page.text


def test_signing_out(settings: Settings) -> None:
    browser, _ = signed_in(settings)
    page = browser.get("/sign-in", headers=VISIT)
    assert "signed in as ada&#x27;s and may annotate" in page.text and "/sign-out" in page.text
    out = browser.get("/sign-out", headers={**VISIT, "Sec-Fetch-Site": "same-origin"})
    assert out.status_code == 303 and out.headers["location"] == "/sign-in"
    assert browser.get("/api/v1/x").status_code == 401


def test_a_link_of_another_site_is_opened_once_more(settings: Settings) -> None:
    headers = {**VISIT, "Sec-Fetch-Site": "cross-site"}
    page = client().get("/listen?recording=1", headers=headers)
    assert page.status_code == 200 and 'http-equiv="refresh"' in page.text and "location" not in page.headers


def test_who_asks_without_being_a_browser_is_refused_plainly(settings: Settings) -> None:
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "text/html", "Sec-Fetch-Mode": "cors"}):
        assert client().get("/library", headers=headers).status_code == 401
    assert client().post("/library", headers=VISIT).status_code == 401


def test_on_this_machine_nobody_needs_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path))
    assert "Nobody needs to sign in" in client().get("/sign-in", headers=VISIT).text
    assert client().get("/listen", headers=VISIT).status_code == 200


@pytest.mark.parametrize(
    "text",
    ["//evil.example", "/\\evil.example", "https://evil.example", "", "evil", "/a\r\nSet-Cookie: a=b", "/" + "a" * 1000,
     "/sign-out", "/sign-in?next=/sign-in", "javascript:alert(1)", "/a\\b"],
)  # fmt: skip
def test_where_nobody_is_led(text: str) -> None:
    assert next_of(text) == "/"


@given(st.text())
def test_nobody_is_led_to_another_site(text: str) -> None:
    assert re.fullmatch(r"/([^/\\].*)?", next_of(text))


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    secret = sessions.secret_of(settings)
    assert len(secret) == 64 and (tmp_path / "cookie-secret").stat().st_mode & 0o777 == 0o600
    sessions._secrets.clear()
    assert sessions.secret_of(settings) == secret
    assert sessions.secret_of(Settings(data_dir=tmp_path, cookie_secret="shared " * 4)) == "shared " * 4


def test_what_is_signed_for_something_else_is_no_cookie(tmp_path: Path) -> None:
    from itsdangerous import URLSafeTimedSerializer

    settings = Settings(data_dir=tmp_path)
    make: Any = URLSafeTimedSerializer(sessions.secret_of(settings), salt="else").dumps
    assert sessions.shown(settings, make("0" * 12)) is None
    for wrong in ("nothing", ["0" * 12], {"id": 1}, 12):
        make = URLSafeTimedSerializer(sessions.secret_of(settings), salt=sessions.COOKIE).dumps
        assert sessions.shown(settings, make(wrong)) is None
