"""The page System as a script: nothing to do, jobs that run, wait and failed, and who may stop them."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store import Entry, Library
from edm_core.store.database import database_of, now_of
from edm_core.store.tables import jobs

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A workbench whose queue is not started."""
    bench = open_workbench(Settings(data_dir=tmp_path / "data"))
    bench.library = Library(bench.settings, check=lambda path: None)
    return bench


def added(bench: Workbench, name: str = "tone.wav") -> Entry:
    return bench.library.add_upload(name, io.BytesIO(name.encode()))


def put(bench: Workbench, id: str, **changes: Any) -> None:
    with database_of(bench.settings).writing() as connection:
        now = now_of(connection)
        given = {name: now if value is NOW else value for name, value in changes.items()}
        connection.execute(sa.update(jobs).where(jobs.c.id == id).values(given))


NOW = object()


def page() -> AppTest:
    app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
    app.switch_page(str(NAVIGATION.parent / "system.py"))
    app.run()
    end = time.monotonic() + 60
    while "no answer in time" in html(app) and time.monotonic() < end:  # where others keep the machine busy
        app.run()
    assert not app.exception, app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def button(app: AppTest, label: str) -> Any:
    return next(each for each in app.button if each.label == label)


def test_with_nothing_to_do_it_says_how_to_begin(bench: Workbench) -> None:
    shown = html(page())
    assert "Nothing to do" in shown
    assert "edm worker" in shown
    assert "Nothing came to an end" in shown


def test_without_a_worker_it_says_what_to_do(bench: Workbench) -> None:
    app = page()
    assert "attention" in html(app)
    assert "none is alive" in html(app)


def test_a_database_that_cannot_be_read_is_told_with_what_to_do(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edm_core.errors import StorageError

    def refuse() -> None:
        raise StorageError("it does not answer", subject="postgresql://db/edm", remedy="start it")

    monkeypatch.setattr(bench.queue.ledger, "figures", refuse)
    app = page()
    assert "start it" in app.error[0].value
    assert "attention" in html(app)


def test_a_job_that_runs_can_be_stopped(bench: Workbench) -> None:
    job = bench.analyse(added(bench, "[a](b).wav"))
    put(bench, job.id, state="running", started=NOW, attempt=1, stage="beats", share=0.4, remaining=12.0)
    app = page()
    (shown,) = app.get("progress")
    assert shown.proto.value == 40
    assert "Finding the beat · 40%" in shown.proto.text
    assert any(r"\[a\]\(b\)\.wav" in each.value for each in app.markdown)
    button(app, "Stop").click().run()
    assert not app.exception
    kept = bench.queue.ledger.get(job.id)
    assert kept is not None
    assert kept.stop


def test_a_job_that_waits_can_be_taken_out(bench: Workbench) -> None:
    job = bench.analyse(added(bench))
    button(page(), "Stop").click().run()
    kept = bench.queue.ledger.get(job.id)
    assert kept is not None
    assert kept.state == "cancelled"


def test_a_failure_tells_why_and_can_be_tried_again(bench: Workbench) -> None:
    job = bench.analyse(added(bench))
    put(bench, job.id, state="failed", finished=NOW, message="it is no *sound*")
    app = page()
    assert any(r"it is no \*sound\*" in each.value for each in app.caption)
    button(app, "Try again").click().run()
    assert not app.exception
    kept = bench.queue.ledger.get(job.id)
    assert kept is not None
    assert kept.state == "queued"


def test_who_may_only_read_has_no_buttons(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    from edm_core.service.access import visitor
    from edm_core.service.access.guard import Caller

    bench.analyse(added(bench))
    monkeypatch.setattr(visitor, "visitor", lambda: Caller("guest", "read"))
    app = page()
    assert not [each for each in app.button if each.label == "Stop"]
    assert any("tone" in each.value for each in app.markdown)
