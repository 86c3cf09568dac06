"""What the pages show to those who may not everything, as scripts without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from edm_core.service import open_workbench
from edm_core.service.access.guard import NOBODY, TOLD, Caller
from edm_core.service.access.visitor import may, visitor
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store.keys import Keys
from edm_core.store.people import People

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A workbench that wants keys on this machine too."""
    return open_workbench(Settings(data_dir=tmp_path / "data", api_keys_required=True))


def told(monkeypatch: pytest.MonkeyPatch, identity: str) -> None:
    """Let the guard have told the pages who they are for."""
    from streamlit.runtime.context import ContextProxy

    monkeypatch.setattr(ContextProxy, "headers", {TOLD: identity.replace(" ", "%20")})


def page(url: str = "") -> AppTest:
    app = AppTest.from_file(NAVIGATION, default_timeout=30)
    if url:
        app.switch_page(str(NAVIGATION.parent / f"{url}.py"))
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


@pytest.mark.parametrize("url", ["annotate", "agreement", "personas", "laboratory"])
def test_who_may_only_read_is_told_so(bench: Workbench, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    key, _ = Keys(bench.settings).create("ada's <laptop>", "read", by="test")
    told(monkeypatch, f"key {key.id}")
    app = page(url)
    assert [error.value for error in app.error] and "needs the role annotate" in app.error[0].value
    assert "ada&#x27;s &lt;laptop&gt; may read" in text_of(app)
    assert not app.button and not app.text_input


@pytest.mark.parametrize("url", ["", "listen", "audience", "system"])
def test_who_may_only_read_finds_nothing_that_changes(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    file = BytesIO()
    soundfile.write(file, 0.5 * np.sin(np.arange(44_100) / 16), 44_100, format="WAV")
    file.seek(0)
    entry = bench.library.add_upload("tone.wav", file)
    bench.library.set_status(entry.id, "failed", "it was stopped")
    People(bench.settings).set("ada", "read", by="test")
    told(monkeypatch, "person ada")
    app = page(url)
    words = {"Analyse it", "Analyse again", "Try again", "Remove from the library", "Stop", "Score"}
    assert not words & {button.label for button in app.button}
    assert not app.get("file_uploader")
    People(bench.settings).set("ada", "admin", by="test")
    told(monkeypatch, "person ada")
    monkeypatch.setattr("edm_core.store.people._opened", {})
    if url in ("", "listen"):
        assert words & {button.label for button in page(url).button}


def test_who_nobody_let_in_sees_nothing(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    for identity in ("", "key 000000000000", "nonsense", "key", "key ../x"):
        told(monkeypatch, identity)
        app = page()
        assert "needs the role read" in app.error[0].value
        assert not app.get("file_uploader")


def test_on_this_machine_everybody_may_everything(tmp_path: Path) -> None:
    open_workbench(Settings(data_dir=tmp_path / "data"))
    assert may("admin") and visitor().identity == ""
    open_workbench(Settings(data_dir=tmp_path / "data", public_url="https://edm.example.org"))
    assert visitor() == NOBODY == Caller("", "none") and not may("read")


def test_a_role_that_was_taken_away_is_gone(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    people = People(bench.settings)
    people.set("ada", "annotate", by="test")
    told(monkeypatch, "person ada")
    assert may("annotate") and not may("admin")
    people.set("ada", "none", by="test")
    monkeypatch.setattr("edm_core.store.people._opened", {})  # what is remembered is forgotten in two seconds
    assert not may("read")
