"""Jobs over HTTP: listed, looked at, stopped, begun again, and followed as they go."""

import json
import threading
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient

from edm_core.service.access.guard import Caller
from edm_core.service.api import job_routes
from edm_core.service.bench import Workbench
from edm_core.service.web import events
from edm_core.store import Entry
from edm_core.store.database import database_of
from edm_core.store.tables import jobs

BASE = "/api/v1/jobs"


@pytest.fixture
def job(client: TestClient, bench: Workbench, entry: Entry) -> Any:
    return bench.analyse(entry, who="ada")


@pytest.fixture
def write(bench: Workbench) -> Any:
    """Change a job as a worker elsewhere would."""

    def to(id: str, **values: Any) -> None:
        with database_of(bench.settings).writing() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.id == id).values(**values))

    return to


def test_a_job_is_told_without_what_it_was_given(client: TestClient, job: Any, entry: Entry) -> None:
    facts = client.get(f"{BASE}/{job.id}").json()
    assert (facts["id"], facts["state"], facts["key"], facts["queue"]) == (
        job.id,
        "queued",
        entry.id,
        "music",
    )
    assert facts["who"] == "ada" and "payload" not in facts
    assert client.get(f"{BASE}/nothing").status_code == 404


def test_jobs_are_read_page_by_page(client: TestClient, bench: Workbench) -> None:
    made = [bench.queue.submit("analyze", f"sha256:{index:064x}", {}).id for index in range(5)]
    first = client.get(BASE, params={"limit": 2, "state": ["queued", "running"]})
    assert [each["id"] for each in first.json()["jobs"]] == made[:2:-1]
    second = client.get(first.links["next"]["url"])
    assert [each["id"] for each in second.json()["jobs"]] == made[2:0:-1]
    last = client.get(second.links["next"]["url"])
    assert [each["id"] for each in last.json()["jobs"]] == made[:1]
    assert last.json()["next"] is None and "link" not in last.headers
    assert client.get(BASE, params={"state": "failed"}).json()["jobs"] == []
    assert client.get(BASE, params={"queue": "speech"}).json()["jobs"] == []
    assert client.get(BASE, params={"state": "lost"}).status_code == 422


def test_a_job_is_stopped_and_begun_again(client: TestClient, bench: Workbench, job: Any) -> None:
    assert client.delete(f"{BASE}/{job.id}").status_code == 204
    assert client.get(f"{BASE}/{job.id}").json()["state"] == "cancelled"
    assert client.delete(f"{BASE}/{job.id}").status_code == 204, "it stays as it is"
    again = client.post(f"{BASE}/{job.id}/retry")
    assert again.status_code == 202 and again.json()["state"] == "queued"
    assert again.headers["location"] == f"{BASE}/{job.id}"
    assert client.delete(f"{BASE}/none").status_code == 404
    assert client.post(f"{BASE}/none/retry").status_code == 404


def test_what_is_done_is_not_begun_again(client: TestClient, job: Any, write: Any) -> None:
    write(job.id, state="done", finished=job.created)
    assert client.post(f"{BASE}/{job.id}/retry").status_code == 409


def test_only_an_admin_stops_what_others_asked_for(
    client: TestClient, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def be(name: str, scope: str) -> None:
        caller = Caller(name, scope, "k1")
        monkeypatch.setattr("edm_core.service.web.requests.caller_of", lambda _: caller)

    be("bob", "annotate")
    assert client.delete(f"{BASE}/{job.id}").status_code == 403
    assert client.post(f"{BASE}/{job.id}/retry").status_code == 403
    be("ada", "annotate")
    assert client.delete(f"{BASE}/{job.id}").status_code == 204
    be("carl", "admin")
    assert client.post(f"{BASE}/{job.id}/retry").status_code == 202


def told(text: str) -> list[tuple[str, Any]]:
    """Return the events of a stream."""
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_a_job_is_followed_until_it_is_finished(
    client: TestClient, job: Any, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "LOOK_S", 0.01)
    seen = threading.Event()
    look = events.one

    def watched(id: str) -> Any:
        inner = look(id)

        def looked() -> Any:
            found = inner()
            seen.set()
            return found

        return looked

    monkeypatch.setattr(events, "one", watched)

    def work() -> None:
        for values in ({"state": "running", "stage": "beats", "share": 0.5}, {"state": "done", "share": 1.0}):
            seen.clear()
            assert seen.wait(30)
            write(job.id, **values)

    worker = threading.Thread(target=work)
    worker.start()
    answer = client.get(f"{BASE}/{job.id}/events")
    worker.join()
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = told(answer.text)
    assert [kind for kind, _ in found][-1] == "end" and found[-1][1] == {"idle": True}
    states = [facts["state"] for kind, facts in found if kind == "job"]
    assert states[0] == "queued" and states[-1] == "done" and "running" in states
    assert client.get(f"{BASE}/none/events").status_code == 404


def test_a_stream_lasts_as_long_as_was_asked_for(client: TestClient, job: Any) -> None:
    found = told(client.get(f"{BASE}/{job.id}/events", params={"seconds": 1}).text)
    assert [kind for kind, _ in found] == ["job", "end"] and found[-1][1] == {"idle": False}
    assert client.get(f"{BASE}/{job.id}/events", params={"seconds": 0}).status_code == 422


def test_all_jobs_are_followed_until_there_is_nothing_to_do(
    client: TestClient, bench: Workbench, job: Any
) -> None:
    found = told(client.get(f"{BASE}/events", params={"seconds": 1}).text)
    assert [facts["id"] for kind, facts in found if kind == "job"] == [job.id]
    bench.queue.cancel(job.id)
    assert told(client.get(f"{BASE}/events").text) == [("end", {"idle": True})]
    waiting = told(client.get(f"{BASE}/events", params={"wait": "true", "seconds": 1}).text)
    assert waiting == [("end", {"idle": True})]


def test_streams_end_with_the_server(client: TestClient, job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    look = events.one

    def ending(id: str) -> Any:
        inner = look(id)

        def looked() -> Any:
            events.end_all()
            return inner()

        return looked

    monkeypatch.setattr(events, "one", ending)
    found = told(client.get(f"{BASE}/{job.id}/events", params={"seconds": job_routes.LONGEST_S}).text)
    assert found[-1] == ("end", {"idle": False})


def test_how_many_may_listen_is_bounded(
    client: TestClient, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST", 0)
    answer = client.get(f"{BASE}/{job.id}/events")
    assert answer.status_code == 503 and answer.headers["retry-after"]
