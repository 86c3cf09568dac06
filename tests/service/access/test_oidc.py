"""The cookie that Streamlit leaves after a sign-in, as Streamlit itself writes it, read without Streamlit."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest

from edm_core.errors import SettingsError
from edm_core.service.access import oidc
from edm_core.service.access.oidc import MAX_AGE_S, Provision, name_in, provision_of
from edm_core.service.access.security import listening
from edm_core.settings import Settings
from edm_core.store.people import People

from .guarded import client, settings_in, using

SECRET = "a secret that signs cookies"
SITE = "http://localhost"
PROVISION = Provision(SECRET, SITE, ("default",))
ADA = {"sub": "ada-1", "email": "Ada@example.org", "email_verified": True}
GROUPS = {"groups": [hashlib.sha256(bytes([number])).hexdigest() for number in range(200)]}  # no pattern
TOML = f"""
[auth]
redirect_uri = "{SITE}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "workbench"
client_secret = "kept"
server_metadata_url = "https://id.example.org/.well-known/openid-configuration"
"""


def cookies(claims: dict[str, Any], secret: str = SECRET, **other: Any) -> dict[str, str]:
    """Return the cookies that Streamlit sets for somebody, several if they are long."""
    from streamlit.auth_util import set_cookie_with_chunks
    from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

    assert USER_COOKIE_NAME == oidc.COOKIE
    found: dict[str, str] = {}
    value = dict(claims, origin=SITE, is_logged_in=True, provider="default") | other

    def sign(name: str, text: str) -> bytes:
        return create_signed_value(secret, name, text)

    set_cookie_with_chunks(
        lambda name, text: found.__setitem__(name, sign(name, text).decode()), sign, USER_COOKIE_NAME, value,
        cookie_attr_size=60,
    )  # fmt: skip
    return found


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let nobody else's secrets be found."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    oidc._read.clear()


def test_who_signed_in_is_known_by_a_verified_address() -> None:
    assert name_in(cookies(ADA), PROVISION, (SITE,)) == "Ada@example.org"
    assert name_in(cookies(ADA | {"email_verified": False}), PROVISION, (SITE,)) == "ada-1"
    assert name_in(cookies({"sub": "ada-1", "email": "root@example.org"}), PROVISION, (SITE,)) == "ada-1"
    assert name_in(cookies(ADA | {"email_verified": "true"}), PROVISION, (SITE,)) == "ada-1"
    subject = {"sub": "ada-1"}
    assert name_in(cookies(subject, provider="other"), PROVISION, (SITE,)) == "other:ada-1"


def test_a_long_cookie_comes_in_parts() -> None:
    parts = cookies(ADA | GROUPS)
    assert len(parts) > 2
    assert name_in(parts, PROVISION, (SITE,)) == "Ada@example.org"
    parts.pop(f"{oidc.COOKIE}_2")
    assert name_in(parts, PROVISION, (SITE,)) is None


def test_cookies_that_prove_nothing() -> None:
    good = cookies(ADA)
    swapped = {oidc.COOKIE: cookies(ADA | GROUPS)[f"{oidc.COOKIE}_1"]}
    for wrong in (
        {}, {oidc.COOKIE: ""}, {oidc.COOKIE: "nonsense"}, {oidc.COOKIE: good[oidc.COOKIE][:-2]}, swapped,
        {oidc.COOKIE: json.dumps(ADA)}, cookies(ADA, secret="another secret altogether"),
        cookies(ADA, is_logged_in=False), cookies(ADA, is_logged_in="yes"), cookies({"name": "Ada"}),
        cookies({"sub": ""}), cookies({"sub": 1}), cookies(ADA, origin="https://evil.example"),
    ):  # fmt: skip
        assert name_in(wrong, PROVISION, (SITE,)) is None
    assert name_in(good, PROVISION, ("https://elsewhere.example",)) is None
    assert name_in(good, Provision(SECRET, "https://elsewhere.example", ()), (SITE,)) is None


def test_a_sign_in_of_long_ago_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    good = cookies(ADA)
    later = int(time.time()) + MAX_AGE_S + 60
    monkeypatch.setattr("itsdangerous.timed.TimestampSigner.get_timestamp", lambda self: later)
    assert name_in(good, PROVISION, (SITE,)) is None


def test_the_provider_is_found_where_streamlit_looks(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert provision_of(settings) is None
    oidc._read.clear()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secrets.toml").write_text(TOML)
    assert provision_of(settings) == PROVISION and SECRET not in repr(PROVISION)
    oidc._read.clear()
    named = TOML.replace("client_id", "[auth.okta]\nclient_id")
    (tmp_path / "data" / "secrets.toml").write_text(named)
    found = provision_of(settings)
    assert found is not None and found.providers == ("okta",)
    oidc._read.clear()
    (tmp_path / "data" / "secrets.toml").unlink()
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "secrets.toml").write_text(TOML)
    assert provision_of(settings) == PROVISION


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SECRET, "short"), ("/oauth2callback", "/"), ("http://localhost/", "http://localhost:{port}/"),
        ("client_id", "id_of_client"), ("[auth]", "[auth"), ("redirect_uri", "redirects"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_said_without_its_secrets(tmp_path: Path, before: str, after: str) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secrets.toml").write_text(TOML.replace(before, after))
    with pytest.raises(SettingsError) as caught:
        listening("127.0.0.1", settings_in(tmp_path))
    assert SECRET not in str(caught.value) and "kept" not in str(caught.value)


def test_a_person_may_what_their_role_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = using(monkeypatch, settings_in(tmp_path, api_keys_required=True))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secrets.toml").write_text(TOML)
    header = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies(ADA).items())}
    own = {**header, "Origin": SITE}

    def statuses() -> list[int]:
        monkeypatch.setattr("edm_core.store.people._opened", {})
        asked = (("GET", "/api/v1/x"), ("PUT", "/api/v1/x"), ("DELETE", "/api/v1/recordings/1"))
        return [client().request(method, path, headers=own).status_code for method, path in asked]

    assert statuses() == [200, 403, 403]  # whoever signs in may read
    told = client().get("/api/v1/x", headers=header).json()
    assert (told["name"], told["key"], told["told"]) == (
        "Ada@example.org",
        None,
        "person%20Ada%40example.org",
    )
    people = People(settings)
    for role, expected in (
        ("annotate", [200, 200, 403]), ("admin", [200, 200, 200]), ("none", [403, 403, 403]),
    ):  # fmt: skip
        people.set("ada@EXAMPLE.org", role, by="test")  # type: ignore[arg-type]
        assert statuses() == expected
    people.remove("ada@example.org", by="test")
    using(monkeypatch, settings_in(tmp_path, api_keys_required=True, sign_in_role="none"))
    assert statuses() == [403, 403, 403]
    evil = {**header, "Origin": "https://evil.example"}
    assert client().put("/api/v1/x", headers=evil).status_code == 403


@pytest.mark.servers  # what the extra `service` brings
def test_the_way_to_the_provider(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path, api_keys_required=True))
    page = client().get("/sign-in", headers={"Accept": "text/html"})
    assert "Sign in with your account" not in page.text
    assert client().get("/auth/login").status_code == 401  # not configured: closed like everything
    assert client().get("/sign-in/provider?name=default").status_code == 404
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "secrets.toml").write_text(TOML)
    oidc._read.clear()
    page = client().get("/sign-in?next=/listen", headers={"Accept": "text/html"})
    assert "/sign-in/provider?name=default&amp;next=%2Flisten" in page.text
    led = client().get("/sign-in/provider?name=default&next=/listen?recording=1")
    assert led.status_code == 303 and led.headers["location"].startswith("/auth/login?provider=")
    assert "edm_next" in led.headers["set-cookie"] and "HttpOnly" in led.headers["set-cookie"]
    assert client().get("/sign-in/provider?name=evil").status_code == 404
    for path in ("/auth/login", "/auth/logout", "/oauth2callback"):
        assert client().get(path).status_code == 200 and client().post(path).status_code == 401
    home = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies(ADA).items())}
    visit = {"Accept": "text/html", "Cookie": f"{home['Cookie']}; edm_next=%2Flisten%3Frecording%3D1"}
    back = client().get("/", headers=visit)
    assert back.status_code == 303 and back.headers["location"] == "/listen?recording=1"
    evil = {"Accept": "text/html", "Cookie": f"{home['Cookie']}; edm_next=%2F%2Fevil.example"}
    assert client().get("/", headers=evil).headers["location"] == "/"


def test_with_a_provider_it_may_listen_beyond_this_machine(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no API key"):
        listening("0.0.0.0", Settings(data_dir=tmp_path / "data"))
    (tmp_path / "data").mkdir(exist_ok=True)
    (tmp_path / "data" / "secrets.toml").write_text(TOML)
    oidc._read.clear()
    listening("0.0.0.0", Settings(data_dir=tmp_path / "data"))
