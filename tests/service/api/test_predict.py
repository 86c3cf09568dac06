"""A file in, a timeline out: at once, after a while, or by a job."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from edm_core.service.api import predict_routes
from edm_core.service.bench import Workbench
from edm_core.store import Entry
from edm_core.store.database import database_of
from edm_core.store.tables import entries, jobs
from edm_core.timeline import Layer, Recording, Section, Timeline
from tests.servers import until

PREDICT = "/api/v1/predict"


@pytest.fixture
def send(client: TestClient, wav: Path) -> Callable[..., Any]:
    def sent(wait: int = 30, **more: Any) -> Any:
        files = {"file": ("tone.wav", wav.read_bytes(), "audio/wav")}
        return client.post(PREDICT, params={"wait": wait}, files=files, **more)

    return sent


@pytest.fixture
def worker(bench: Workbench) -> Callable[..., Any]:
    """Do the first job as a worker would, with a result of the test's own."""

    @contextmanager
    def working(state: str = "done", message: str | None = None) -> Iterator[None]:
        def work() -> None:
            until(lambda: bool(bench.queue.jobs()), "a job is queued")
            (job,) = bench.queue.jobs()
            if state == "done":
                layer = Layer("sections", "model:s@1", (Section(0.0, 2.0, "drop"),))
                bench.library.save_timeline(Timeline(Recording(job.key, 2.0, 44_100, 1), (layer,)))
            with database_of(bench.settings).writing() as connection:
                row = {"state": state, "message": message, "finished": job.created}
                connection.execute(sa.update(jobs).where(jobs.c.id == job.id).values(row))
                if state != "done":
                    connection.execute(sa.update(entries).values(status=state, message=message))

        thread = threading.Thread(target=work)
        thread.start()
        yield
        thread.join()

    return working


def test_a_timeline_comes_once_it_is_there(send: Any, worker: Any, client: TestClient) -> None:
    with worker():
        answer = send()
    assert answer.status_code == 200 and answer.json()["sections"][0]["label"] == "drop"
    place = answer.headers["content-location"]
    assert client.get(place).json() == answer.json()
    again = send(wait=0)
    assert again.status_code == 200 and again.content == answer.content, "known bytes are answered at once"


def test_who_will_not_wait_is_given_the_job(send: Any, client: TestClient) -> None:
    answer = send(wait=0)
    assert answer.status_code == 202 and answer.headers["retry-after"]
    job = client.get(answer.headers["location"]).json()
    assert job == answer.json()["job"] and job["state"] == "queued"


def test_waiting_has_an_end(send: Any) -> None:
    assert send(wait=1).status_code == 202


@pytest.mark.parametrize("limit", ["LONG_BYTES", "WAITING"])
def test_nobody_waits_for_long_files_nor_behind_many_others(
    send: Any, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(predict_routes, limit, 0)
    monkeypatch.setattr(predict_routes, "LOOK_S", 1e9)  # whoever waits waits for ever
    assert send(wait=120).status_code == 202


def test_an_analysis_that_fails_says_why(send: Any, worker: Any) -> None:
    with worker("failed", "its sound breaks off"):
        answer = send()
    assert answer.status_code == 422 and answer.json()["detail"] == "its sound breaks off"
    assert "/retry" in answer.json()["remedy"]


def test_what_is_no_sound_is_refused(client: TestClient, bench: Workbench) -> None:
    answer = client.post(PREDICT, files={"file": ("a.mp3", b"text that says it is sound")})
    assert answer.status_code == 422 and bench.queue.jobs() == ()
    assert client.post(PREDICT, params={"wait": 121}).status_code == 422


def test_the_answer_to_a_key_comes_again(send: Any, client: TestClient) -> None:
    key = {"Idempotency-Key": "p1"}
    first, again = send(wait=0, headers=key), send(wait=0, headers=key)
    assert again.headers["idempotency-replayed"] == "true" and again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]


def test_an_entry_that_was_added_before_is_analysed(send: Any, entry: Entry) -> None:
    answer = send(wait=0)
    assert answer.status_code == 202 and answer.json()["recording"]["id"] == entry.id
