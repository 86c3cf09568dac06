"""The Library page as a script: pages, filters in the address, tags, several at once, erasing."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.store.database import database_of
from edm_core.store.entries import change

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A workbench whose queue is not started, and that takes any bytes for sound."""
    bench = open_workbench(Settings(data_dir=tmp_path / "data"))
    bench.library._check = lambda path: None
    return bench


def added(bench: Workbench, name: str, **facts: object) -> Entry:
    entry = bench.library.add_upload(f"{name}.wav", BytesIO(name.encode()))
    with database_of(bench.settings).writing() as connection:
        changed = change(connection, entry.id, **{"status": "done", **facts})
    assert changed is not None
    return changed


def opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_file(NAVIGATION, default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest) -> list[str]:
    assert not app.exception
    return [link.proto.label.replace("\\", "") for link in app.get("page_link")]


def key(entry: Entry) -> str:
    return entry.digest[:16]


def captions(app: AppTest) -> str:
    return " ".join(each.value for each in app.caption)


def test_many_cards_come_in_pages(bench: Workbench) -> None:
    for index in range(61):
        added(bench, f"{index:02}")
    app = opened()
    assert len(shown(app)) == 60 and "1 to 60 of 61 recordings" in captions(app)
    app.session_state["page"] = 2
    app.run()
    assert shown(app) == ["00.wav"] and "61 to 61 of 61 recordings" in captions(app)
    app.text_input(key="search").set_value("wav").run()
    assert len(shown(app)) == 60, "another question begins at its first page"


def test_filters_narrow_and_can_be_cleared(bench: Workbench) -> None:
    added(bench, "slow", bpm=100.0, key="8A", duration=200.0, speech=0.5)
    fast = added(bench, "fast", bpm=174.0, key="3B", duration=4000.0, status="failed")
    bench.library.tag([fast.id], add=["warm"])
    app = opened()
    for name, value, found in (
        ("tempo", (150, 200), ["fast.wav"]), ("tempo", (60, 150), ["slow.wav"]), ("key", "8A", ["slow.wav"]),
        ("length", ("1 h", "no end"), ["fast.wav"]), ("speech", "With speech", ["slow.wav"]),
        ("status", ["Failed"], ["fast.wav"]), ("tag", ["warm"], ["fast.wav"]),
    ):  # fmt: skip
        app.session_state[name] = value
        app.run()
        assert shown(app) == found, (name, value)
        app.button(key="clear").click().run()
        assert len(shown(app)) == 2
    app.selectbox(key="sort").set_value("Slowest").run()
    assert shown(app) == ["slow.wav", "fast.wav"]


def test_an_address_holds_search_and_filters(bench: Workbench) -> None:
    added(bench, "slow", bpm=100.0)
    added(bench, "fast", bpm=174.0)
    assert shown(opened(search="fast")) == ["fast.wav"]
    assert shown(opened(tempo=["60", "120"])) == ["slow.wav"]
    assert len(shown(opened(tempo=["nonsense"], sort="x", page="99", key="<script>"))) == 2


def test_tags_stand_on_the_card_and_are_changed_in_a_window(bench: Workbench) -> None:
    entry = added(bench, "one")
    bench.library.tag([entry.id], add=["<b>warm</b>", "old"])
    app = opened()
    html = " ".join(each.proto.body for each in app.get("html"))
    assert "&lt;b&gt;warm&lt;/b&gt;" in html and "<b>warm" not in html
    app.menu_button(key=f"do-{key(entry)}").click("tags").run()
    app.multiselect(key=f"chosen-{key(entry)}").set_value(["old", "New One"])
    app.button(key="save-tags").click().run()
    assert bench.library.get(entry.id).tags == ("new one", "old")


def test_several_are_tagged_analysed_and_removed_at_once(bench: Workbench) -> None:
    entries = [added(bench, name) for name in ("one", "two", "three")]
    app = opened()
    app.toggle(key="selecting").set_value(True).run()
    for entry in entries[:2]:
        app.checkbox(key=f"pick-{key(entry)}").check().run()
    assert any("2 selected" in each.value for each in app.markdown)
    app.text_input(key="bulk_tags").set_value("warm, peak time")
    app.button(key="tag-add").click().run()
    assert bench.library.tags() == {"peak time": 2, "warm": 2}
    app.text_input(key="bulk_tags").set_value("warm")
    app.button(key="tag-remove").click().run()
    assert bench.library.tags() == {"peak time": 2}
    app.button(key="bulk-again").click().run()
    assert {job.key for job in bench.queue.jobs()} == {entry.id for entry in entries[:2]}
    app.button(key="bulk-remove").click().run()
    assert [entry.name for entry in bench.library.list()] == ["three.wav"] == shown(app)


def test_a_page_and_all_that_match_can_be_selected(bench: Workbench) -> None:
    for index in range(61):
        added(bench, f"{index:02}")
    app = opened()
    app.toggle(key="selecting").set_value(True).run()
    app.button(key="pick-page").click().run()
    assert len(app.session_state["picked"]) == 60 and app.button(key="pick-page").disabled
    app.button(key="pick-matching").click().run()
    assert len(app.session_state["picked"]) == 61
    app.button(key="pick-none").click().run()
    assert not app.session_state["picked"] and app.button(key="bulk-again").disabled


def test_erasing_needs_a_reason_and_a_word(bench: Workbench) -> None:
    entry, other = added(bench, "one"), added(bench, "two")
    app = opened()
    app.menu_button(key=f"do-{key(entry)}").click("erase").run()
    assert app.button(key="erase-now").disabled
    app.text_input(key="erase-word").set_value(entry.digest[:6]).run()
    assert app.button(key="erase-now").disabled, "without a reason"
    app.text_input(key="erase-reason").set_value("asked for").run()
    assert not app.button(key="erase-now").disabled
    app.text_input(key="erase-word").set_value(other.digest[:6]).run()
    assert app.button(key="erase-now").disabled, "the word of another"
    app.text_input(key="erase-word").set_value(entry.digest[:6].upper()).run()
    app.button(key="erase-now").click().run()
    assert [each.id for each in bench.library.list()] == [other.id] and shown(app) == ["two.wav"]
    (row,) = bench.library.annotations.audit(entry.id)
    assert (row.what, row.who) == ("erase", "workbench") and row.detail.startswith("asked for (")


def test_a_library_that_cannot_be_read_says_so(bench: Workbench) -> None:
    added(bench, "one")
    database_of(bench.settings).close()
    for file in bench.settings.data_dir.glob("edm.db*"):
        file.unlink()
    (bench.settings.data_dir / "edm.db").write_bytes(b"this is no database" * 100)
    assert "cannot be read" in opened().error[0].value


@pytest.mark.parametrize(("scope", "adds", "removes"), [("read", 0, 0), ("annotate", 1, 0), ("admin", 1, 1)])
def test_only_what_one_may_is_shown(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch, scope: str, adds: int, removes: int
) -> None:
    from edm_core.service.access import visitor
    from edm_core.service.access.guard import Caller

    entry = added(bench, "one")
    monkeypatch.setattr(visitor, "visitor", lambda: Caller("ada", scope, ""))
    app = opened()
    offered = [option for menu in app.menu_button for option in menu.options]
    assert len(app.get("file_uploader")) == adds and len(app.toggle) == adds
    assert len([label for label in offered if "Analyse again" in label]) == adds
    assert len([label for label in offered if "Remove" in label or "Erase" in label]) == 2 * removes
    assert shown(app) == [entry.name]
