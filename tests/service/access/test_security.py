"""Headers on every answer, and requests that come under another name."""

from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from edm_core.errors import SettingsError
from edm_core.service.access.security import (
    API_POLICY,
    HEADERS,
    POLICY,
    host_of,
    is_loopback,
    listening,
    middleware,
    page_options,
)
from edm_core.service.access.sites import Site, site_of
from edm_core.settings import Settings
from edm_core.store.keys import keys_of

from .guarded import client, made, settings_in, using


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
    # It is not refused for its name, but like everything from elsewhere for want of a key.
    assert app_on("192.0.2.1").get("/", headers={"Host": "workbench.example"}).status_code == 401


def test_hosts_and_ports() -> None:
    assert host_of("") == "" and host_of("a:b") == "a:b" and host_of("::1") == "::1"
    assert is_loopback("127.8.9.10") and not is_loopback("0.0.0.0")


PUBLIC = "https://edm.example.org"


def serving(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **options: Any) -> Settings:
    return using(monkeypatch, settings_in(tmp_path, **options))


def test_what_the_api_answers_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, tmp_path)
    assert client().get("/api/v1/x").headers["content-security-policy"] == API_POLICY
    assert client().get("/listen").headers["content-security-policy"] == POLICY
    refused = client("192.0.2.1").get("/api/v1/x")
    assert refused.status_code == 401 and refused.headers["content-security-policy"] == API_POLICY


def test_a_page_may_have_a_policy_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, tmp_path)

    async def docs(_request: Any) -> PlainTextResponse:
        return PlainTextResponse("docs", headers={"Content-Security-Policy": "script-src 'self'"})

    app = Starlette(routes=[Route("/api/docs", docs)], middleware=middleware())
    answer = TestClient(app, base_url="http://localhost").get("/api/docs")
    assert answer.headers["content-security-policy"] == "script-src 'self'"


def test_refusals_are_closed_too() -> None:
    answer = app_on("127.0.0.1").get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 421 and {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_a_proxy_may_ask_under_the_public_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = serving(monkeypatch, tmp_path, public_url=PUBLIC)
    _, key = made(settings, "annotate")
    for host in ("edm.example.org", "EDM.example.org", "edm.example.org:443", "localhost:8501"):
        assert client("127.0.0.1").get("/api/v1/x", headers={**key, "Host": host}).status_code == 200
    for host in ("evil.example", "edm.example.org.evil.example", "xedm.example.org", ""):
        assert client("127.0.0.1").get("/api/v1/x", headers={**key, "Host": host}).status_code == 421


def test_pages_of_the_public_address_are_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = serving(monkeypatch, tmp_path, public_url=PUBLIC)
    _, key = made(settings, "annotate")
    browser = client("127.0.0.1")
    browser.post("/sign-in", data={"key": key["Authorization"].removeprefix("Bearer ")})
    cookie = {"Cookie": f"edm_session={browser.cookies['edm_session']}"}
    for host in ("edm.example.org", "127.0.0.1:8501"):  # whether the proxy passes the name on or not
        headers = {**cookie, "Host": host, "Origin": PUBLIC}
        assert client("127.0.0.1").put("/api/v1/x", headers=headers).status_code == 200
        with client("127.0.0.1").websocket_connect("ws://127.0.0.1/_stcore/stream", headers=headers):
            pass
    evil = {**cookie, "Host": "edm.example.org", "Origin": "https://evil.example"}
    assert client("127.0.0.1").put("/api/v1/x", headers=evil).status_code == 403


def test_only_a_proxy_on_this_machine_is_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = serving(monkeypatch, tmp_path, public_url=PUBLIC)
    _, key = made(settings)
    headers = {**key, "X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
    for near in ("127.0.0.1", "::1"):
        told = client("127.0.0.1", client=(near, 1)).get("/api/v1/x", headers=headers).json()
        assert (told["client"], told["scheme"]) == ("203.0.113.9", "https")  # the last that was not made up
    far = client("192.0.2.1", client=("198.51.100.7", 1)).get("/api/v1/x", headers=headers).json()
    assert (far["client"], far["scheme"]) == ("198.51.100.7", "http")


def test_browsers_are_told_to_stay_with_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, tmp_path)
    assert "strict-transport-security" not in client().get("/health").headers
    serving(monkeypatch, tmp_path, public_url="http://edm.example.org")
    assert "strict-transport-security" not in client().get("/health").headers
    serving(monkeypatch, tmp_path, public_url=PUBLIC)
    assert client().get("/health").headers["strict-transport-security"] == "max-age=31536000"
    assert "strict-transport-security" in client().get("/api/v1/x").headers


def test_no_other_site_may_ask_unless_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(monkeypatch, tmp_path)
    asked = {"Origin": "https://app.example", "Access-Control-Request-Method": "PUT"}
    for method in ("GET", "OPTIONS"):
        answer = client().request(method, "/api/v1/x", headers=asked)
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_a_site_that_is_named_may_ask_with_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sites = "https://app.example  http://localhost:3000"
    settings = serving(monkeypatch, tmp_path, cors_origins=sites, api_keys_required=True)
    _, key = made(settings, "annotate")
    site = {"Origin": "https://app.example"}
    before = {
        **site, "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization, if-match, content-type",
    }  # fmt: skip
    asked = client().options("/api/v1/recordings/1/annotations", headers=before)
    assert asked.status_code == 200 and "PUT" in asked.headers["access-control-allow-methods"]
    assert asked.headers["access-control-allow-origin"] == "https://app.example"
    assert "access-control-allow-credentials" not in asked.headers
    done = client().put("/api/v1/x", headers={**site, **key})
    assert done.status_code == 200 and done.headers["access-control-allow-origin"] == "https://app.example"
    assert "etag" in done.headers["access-control-expose-headers"].lower()
    refused = client().get("/api/v1/x", headers=site)  # its page may read why
    assert refused.status_code == 401 and "access-control-allow-origin" in refused.headers
    for other in ("https://app.example.evil", "http://app.example", "https://APP.example.org", "null"):
        answer = client().options("/api/v1/x", headers={**before, "Origin": other})
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "text",
    ["*", "https://*.example", "app.example", "https://a/b", "ftp://a", "https://a:b:c", "https://u:p@a"],
)
def test_sites_that_are_none(text: str) -> None:
    for name in ("cors_origins", "public_url"):
        with pytest.raises(SettingsError, match=f"EDM_{name.upper()}") as caught:
            site_of(Settings(**{name: text}))
        assert "u:p" not in str(caught.value)


def test_what_an_address_may_look_like() -> None:
    site = site_of(
        Settings(public_url="https://EDM.example.org/", cors_origins="https://a:443 http://b:80 http://c:81")
    )
    assert (site.public, site.host, site.is_secure) == ("https://edm.example.org", "edm.example.org", True)
    assert site.origins == {"https://a", "http://b", "http://c:81"}
    assert site_of(Settings()) == Site() and Site().host == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "workbench.example", ""])
def test_beyond_this_machine_nobody_listens_without_a_key(tmp_path: Path, host: str) -> None:
    settings = settings_in(tmp_path)
    with pytest.raises(SettingsError, match="no API key") as caught:
        listening(host, settings)
    assert "edm keys create" in str(caught.value)
    id, _ = made(settings, "admin")
    listening(host, settings)
    keys_of(settings).revoke(id, by="test")
    with pytest.raises(SettingsError, match="no API key"):
        listening(host, settings)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_on_this_machine_it_needs_none(tmp_path: Path, host: str) -> None:
    listening(host, settings_in(tmp_path))
    assert not (tmp_path / "data" / "edm.db").exists()
    with pytest.raises(SettingsError, match="no API key"):
        listening(host, settings_in(tmp_path, public_url=PUBLIC))


@pytest.mark.parametrize("options", [{"rate_limit": "x"}, {"cors_origins": "*"}, {"public_url": "x"}])
def test_what_cannot_be_understood_is_said_before_it_listens(tmp_path: Path, options: Any) -> None:
    with pytest.raises(SettingsError):
        listening("127.0.0.1", settings_in(tmp_path, **options))


def test_the_pages_framework_knows_its_address(tmp_path: Path) -> None:
    from streamlit import config

    options = page_options(settings_in(tmp_path, public_url=PUBLIC))
    assert options["browser.serverAddress"] == "edm.example.org"
    assert options["secrets.files"][-1] == str(tmp_path / "data" / "secrets.toml")
    for name in [*options, *page_options(settings_in(tmp_path))]:
        config.get_option(name)
