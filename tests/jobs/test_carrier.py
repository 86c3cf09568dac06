"""RQ on a real Redis: it carries ids, and whatever becomes of it nothing is lost or done twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from edm_core.errors import EdmError, SettingsError
from edm_core.jobs import Job, Queue, Unavailable
from edm_core.jobs import carrier as carrier_module
from edm_core.jobs import keeper as keeper_module
from edm_core.jobs.carrier import Carrier
from edm_core.settings import Settings
from tests.servers import Redis

from .conftest import KINDS, Start, until

pytestmark = pytest.mark.servers


@pytest.fixture
def carried(settings: Settings, redis: Redis, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(keeper_module, "RESEND_S", 0.5)
    return replace(settings, queue_url=redis.url, lease_s=2.0)


def submit_note(queue: Queue, key: str, file: Path) -> Job:
    return queue.submit("note", key, {"file": str(file), "text": key})


def test_ids_go_in_and_out_as_json(redis: Redis, tmp_path: Path) -> None:
    carrier = Carrier(Settings(data_dir=tmp_path, queue_url=redis.url))
    assert carrier.take("music") is None
    for id in ("1", "2"):
        carrier.send("music", id)
    carrier.send("music", "0", first=True)
    assert carrier.count("music") == 3 and carrier.ids("music") == {"0", "1", "2"}
    held = redis.ask("HGETALL", "rq:job:1")
    data = held[b"data"] if isinstance(held, dict) else dict(zip(held[::2], held[1::2], strict=True))[b"data"]
    assert json.loads(zlib.decompress(data)) == ["edm_core.jobs.carrier.refuse", None, ["1"], {}]
    assert [carrier.take("music") for _ in range(3)] == ["0", "1", "2"]
    assert redis.ask("KEYS", "rq:job:*") == [], "nothing stays behind"
    with pytest.raises(EdmError, match="edm worker"):
        carrier_module.refuse("1")
    carrier.close()


def test_jobs_are_done_by_workers_elsewhere(start: Start, carried: Settings, tmp_path: Path) -> None:
    app = start(carried)
    assert app.is_running and not app.works
    job = submit_note(app, "a", tmp_path / "out")
    assert app.wait(job.id, 0.3).state == "queued"
    workers = [start(carried, work=True) for _ in range(2)]
    jobs = [job, *(submit_note(app, str(number), tmp_path / "out") for number in range(10))]
    assert {app.wait(job.id, 60).state for job in jobs} == {"done"}
    assert sorted((tmp_path / "out").read_text()) == sorted("a0123456789")
    assert {app.ledger.get(job.id).attempt for job in jobs} == {1}
    assert all(worker.works for worker in workers)
    following = app.submit("lead_on", "b", {"file": str(tmp_path / "out"), "text": "x"})
    app.wait(following.id, 60)
    until(lambda: app.job("note", "after").state == "done")


def test_the_urgent_goes_first(start: Start, carried: Settings, tmp_path: Path) -> None:
    app = start(carried)
    for key in "ab":
        submit_note(app, key, tmp_path / "out")
    last = app.submit("note", "c", {"file": str(tmp_path / "out"), "text": "c"}, priority=1)
    start(carried, work=True)
    app.wait(last.id, 60)
    until(lambda: all(job.state == "done" for job in app.jobs()))
    assert (tmp_path / "out").read_text() == "cab"


@pytest.mark.parametrize(
    "fault",
    [lambda redis: redis.flush(), lambda redis: redis.restart()],
    ids=["everything is deleted", "it is killed"],
)
def test_what_the_server_loses_is_done_all_the_same(
    start: Start, carried: Settings, redis: Redis, tmp_path: Path, fault: Callable[[Redis], None]
) -> None:
    app, file, go = start(carried), tmp_path / "starts", tmp_path / "go"
    start(carried, work=True)
    running = app.submit("wait_for", "a", {"file": str(file), "until": str(go)})
    until(file.exists)
    waiting = [submit_note(app, str(number), tmp_path / "out") for number in range(5)]
    fault(redis)
    go.touch()
    assert {app.wait(job.id, 60).state for job in (running, *waiting)} == {"done"}
    assert sorted((tmp_path / "out").read_text()) == list("01234")
    assert len(file.read_text().splitlines()) == 1, "what ran went on"
    last = submit_note(app, "5", tmp_path / "out")
    assert app.wait(last.id, 60).state == "done"


def test_what_is_lost_is_sent_again(start: Start, carried: Settings, redis: Redis, tmp_path: Path) -> None:
    app = start(carried)
    jobs = {submit_note(app, str(number), tmp_path / "out").id for number in range(3)}
    redis.flush()
    carrier = Carrier(carried)
    until(lambda: carrier.ids("music") == jobs)
    time.sleep(1.2)  # two more looks
    assert carrier.count("music") == 3, "and not again and again"
    carrier.close()


def test_a_server_that_is_full_refuses_in_words_and_goes_on_when_there_is_room(
    start: Start, carried: Settings, redis: Redis, tmp_path: Path
) -> None:
    told: list[tuple[str, str]] = []
    app = start(carried, on_change=lambda connection, job: told.append((job.key, job.state)))
    first = submit_note(app, "a", tmp_path / "out")
    redis.limit(1)
    with pytest.raises(Unavailable, match="no room"):
        submit_note(app, "b", tmp_path / "out")
    assert app.job("note", "b") is None, "what was refused is not queued"
    assert told[-2:] == [("b", "queued"), ("b", "failed")]
    start(carried, work=True)
    assert app.wait(first.id, 60).state == "done", "a full server is emptied"
    redis.limit(0)
    assert app.wait(submit_note(app, "b", tmp_path / "out").id, 60).state == "done"
    assert (tmp_path / "out").read_text() == "ab"


def test_a_server_that_is_away_refuses_in_words_and_workers_go_on(
    start: Start, carried: Settings, redis: Redis, tmp_path: Path
) -> None:
    app = start(carried)
    waiting = submit_note(app, "a", tmp_path / "out")
    redis.kill()
    with pytest.raises(Unavailable, match="does not answer") as refused:
        submit_note(app, "b", tmp_path / "out")
    assert str(redis.port) not in str(refused.value), "an address may hold a password"
    start(carried, work=True)
    assert app.wait(waiting.id, 60).state == "done", "the ledger is enough"
    redis.start()
    assert app.wait(submit_note(app, "b", tmp_path / "out").id, 60).state == "done"


WORKER = """
    import time
    from edm_core.jobs import Kind, Queue
    from edm_core.settings import Settings
    queue = Queue(Settings.from_environment(), {"deaf": Kind("handlers_of_a_test:deaf")}, slots={"music": 1})
    queue.start(work=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("both", [True, False], ids=["parent and child", "parent"])
def test_what_a_killed_worker_was_at_is_done_by_another(
    start: Start, carried: Settings, tmp_path: Path, both: bool
) -> None:
    app, file, go = start(carried), tmp_path / "starts", tmp_path / "go"
    worker = subprocess.Popen([sys.executable, "-c", dedent(WORKER)], env=carried.inherited())
    job = app.submit("deaf", "a", {"file": str(file), "until": str(go)})
    until(lambda: file.exists() and file.read_text())
    worker.kill()
    worker.wait()
    if both:
        os.kill(int(file.read_text().split()[0]), signal.SIGKILL)
    start(carried, work=True)
    until(lambda: len(file.read_text().splitlines()) == 2)
    go.touch()
    ended = app.wait(job.id, 60)
    assert (ended.state, ended.attempt, ended.failures) == ("done", 2, 0)


def test_an_address_that_is_none_is_told_without_what_stands_in_it(tmp_path: Path) -> None:
    for url in ("amqp://ada:secret@host", "redis://ada:secret@host:port"):
        with pytest.raises(SettingsError, match="EDM_QUEUE_URL") as refused:
            Queue(Settings(data_dir=tmp_path, queue_url=url), KINDS)
        assert "secret" not in str(refused.value)
    Queue(Settings(data_dir=tmp_path, queue_url="valkey://host:6379/0"), KINDS)  # asked only when it is used
