"""Signing in on the pages, in a real browser: with a key, and through a real provider of OpenID Connect."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edm_core.settings import Settings
from edm_core.store.keys import Keys
from edm_core.store.people import People
from tests.servers import answers, free_port, until

from .provider import Provider

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[3]
FETCH = "([method, path]) => fetch(path, {method, cache: 'no-store'}).then(answer => answer.status)"


@contextmanager
def workbench(folder: Path, secrets: str = "", port: int = 0) -> Iterator[str]:
    """Serve the pages as ``edm app`` does, with keys wanted on this machine too."""
    port = port or free_port()
    (folder / ".streamlit").mkdir()
    if secrets:
        (folder / ".streamlit" / "secrets.toml").write_text(secrets)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", "from edm_core.cli import run; run()", "app", "--no-demo", "--port", str(port)],
            cwd=folder, stdout=log, stderr=log,
            env={
                **os.environ, "EDM_DATA_DIR": str(folder / "data"), "EDM_API_KEYS_REQUIRED": "1",
                "PYTHONPATH": str(ROOT), "HOME": str(folder),
            },
        )  # fmt: skip
    try:
        until(lambda: answers(port) or process.poll() is not None, "the workbench answers")
        assert process.poll() is None, (folder / "log").read_text()
        yield f"http://localhost:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        text = (folder / "log").read_text()
        assert "Traceback" not in text, text


@pytest.fixture
def visitor(chromium: Any) -> Iterator[Any]:
    """Give a browser's window in which nobody has signed in."""
    context = chromium.new_context()
    yield context.new_page()
    context.close()


def test_with_a_key(visitor: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    settings = Settings(data_dir=tmp_path / "data")
    key, text = Keys(settings).create("ada's laptop", "read", by="test")
    with workbench(tmp_path) as site:
        visitor.goto(f"{site}/audience")
        expect(visitor).to_have_title("Sign in – EDM workbench")
        field = visitor.get_by_label("API key")
        expect(field).to_be_focused()
        field.fill("nonsense")
        field.press("Enter")
        expect(visitor.get_by_role("alert")).to_have_text("This key does not work here.")
        assert visitor.evaluate("document.cookie") == ""
        visitor.get_by_label("API key").fill(text)
        visitor.get_by_role("button", name="Sign in with the key").click()
        expect(visitor).to_have_url(f"{site}/audience")
        expect(visitor.get_by_text("ada's laptop may read")).to_be_visible(timeout=60_000)
        assert "edm_session" not in visitor.evaluate("document.cookie")  # out of reach of scripts
        expect(visitor.get_by_text("Hear", exact=True)).to_be_visible()
        expect(visitor.get_by_text("Mark", exact=True)).to_have_count(0)
        assert visitor.evaluate(FETCH, ["GET", "/api/v1/recordings"]) == 200
        assert visitor.evaluate(FETCH, ["POST", "/api/v1/recordings"]) == 403
        visitor.goto(f"{site}/laboratory")
        expect(visitor.get_by_text("this page needs the role annotate")).to_be_visible(timeout=60_000)
        Keys(settings).revoke(key.id, by="test")
        until(lambda: visitor.evaluate(FETCH, ["GET", "/api/v1/recordings"]) == 401, "the key is dead", 5)
        visitor.goto(f"{site}/audience")
        expect(visitor.get_by_label("API key")).to_be_visible()


def test_through_a_provider(visitor: Any, tmp_path: Path) -> None:
    pytest.importorskip("authlib")
    from playwright.sync_api import expect

    people = People(Settings(data_dir=tmp_path / "data"))
    ada = {"sub": "ada", "email": "Ada@Example.org", "email_verified": True, "name": "Ada"}
    port = free_port()
    with (
        Provider(ada) as provider,
        workbench(tmp_path, provider.configuration(f"http://localhost:{port}"), port) as site,
    ):
        visitor.goto(f"{site}/audience?recording=1")
        expect(visitor).to_have_title("Sign in – EDM workbench")
        visitor.get_by_role("link", name="Sign in with your account").click()
        visitor.get_by_role("link", name="Go on as ada").click()
        expect(visitor).to_have_url(f"{site}/audience?recording=1")
        expect(visitor.get_by_text("Ada@Example.org may read")).to_be_visible(timeout=60_000)
        # The browser's own requests are let in by the same guard, and no further.
        assert visitor.evaluate(FETCH, ["GET", "/api/v1/recordings"]) == 200
        assert visitor.evaluate(FETCH, ["HEAD", "/api/v1/recordings"]) == 200
        assert visitor.evaluate(FETCH, ["POST", "/api/v1/recordings"]) == 403
        expect(visitor.get_by_text("Hear", exact=True)).to_be_visible()
        expect(visitor.get_by_text("Mark", exact=True)).to_have_count(0)

        people.set("ada@example.org", "annotate", by="test")
        post = lambda: visitor.evaluate(FETCH, ["POST", "/api/v1/recordings"])  # noqa: E731
        until(lambda: post() not in (401, 403), "she may annotate", 5)
        visitor.reload()
        expect(visitor.get_by_text("Ada@Example.org may annotate")).to_be_visible(timeout=60_000)
        expect(visitor.get_by_text("Mark", exact=True)).to_be_visible()

        people.set("ada@example.org", "none", by="test")
        until(lambda: visitor.evaluate(FETCH, ["GET", "/api/v1/recordings"]) == 403, "she is kept out", 5)
        visitor.goto(f"{site}/audience")
        expect(visitor.get_by_text("who may not open this")).to_be_visible()
        visitor.get_by_role("link", name="Sign out").click()
        expect(visitor.get_by_role("link", name="Sign in with your account")).to_be_visible()
        assert provider.signed_out == 1
        assert visitor.context.request.get(f"{site}/api/v1/recordings").status == 401
