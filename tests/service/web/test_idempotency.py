"""A POST with a key is answered once: again, with another request, at the same time, after a death."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.responses import JSONResponse
from starlette.testclient import TestClient

from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.service.web import idempotency
from edm_core.service.web.problems import Refused
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.store.database import database_of
from edm_core.store.tables import answers
from edm_core.timeline import Timeline

KEY = {"Idempotency-Key": "a1"}
RATING = {"rater": "ada", "kind": "passage", "index": 0, "score": 4}


@pytest.fixture
def address(entry: Entry) -> str:
    return f"/api/v1/recordings/{entry.digest}"


@pytest.fixture
def change(bench: Workbench) -> Callable[..., None]:
    def to(**values: Any) -> None:
        with database_of(bench.settings).writing() as connection:
            connection.execute(sa.update(answers).values(**values))

    return to


def test_the_same_again_gives_the_same_answer(client: TestClient, address: str, heard: Timeline) -> None:
    first = client.post(f"{address}/ratings", json=RATING, headers=KEY)
    assert first.status_code == 201 and "idempotency-replayed" not in first.headers
    again = client.post(f"{address}/ratings", json=RATING, headers=KEY)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    assert client.post(f"{address}/ratings", json=RATING).status_code == 200, "without the key it is new"


def test_location_and_status_come_again(client: TestClient, address: str, heard: Timeline) -> None:
    first, again = (client.post(f"{address}/reactions", json={}, headers=KEY) for _ in range(2))
    assert (again.status_code, again.headers["location"]) == (202, first.headers["location"])
    assert again.headers["content-type"] == "application/json"


def test_an_upload_comes_once(client: TestClient, wav: Path) -> None:
    def send(name: str = "tone.wav") -> Any:
        return client.post("/api/v1/recordings", files={"file": (name, wav.read_bytes())}, headers=KEY)

    first, again = send(), send()
    assert first.status_code == 202 and again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json()
    assert send("other.wav").status_code == 422


def test_the_key_of_another_request_is_refused(client: TestClient, address: str, heard: Timeline) -> None:
    client.post(f"{address}/ratings", json=RATING, headers=KEY)
    answer = client.post(f"{address}/ratings", json=RATING | {"score": 5}, headers=KEY)
    assert answer.status_code == 422 and "another request" in answer.json()["detail"]
    kept = client.get(f"{address}/ratings").json()["ratings"]
    assert [each["score"] for each in kept] == [4]


def test_a_refusal_is_not_kept(client: TestClient, address: str, heard: Timeline) -> None:
    wrong = client.post(f"{address}/ratings", json=RATING | {"score": 9}, headers=KEY)
    assert wrong.status_code == 422
    assert client.post(f"{address}/ratings", json=RATING, headers=KEY).status_code == 201


@pytest.mark.parametrize("key", ["", "a" * 201, "ä", "a\tb"])
def test_what_is_no_key(client: TestClient, address: str, heard: Timeline, key: str) -> None:
    headers = [(b"idempotency-key", key.encode("latin-1"))]
    assert client.post(f"{address}/ratings", json=RATING, headers=headers).status_code == 400


def test_while_the_first_is_answered_the_second_waits(
    client: TestClient, address: str, bench: Workbench, heard: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go = threading.Event(), threading.Event()
    add = bench.library.ratings.add

    def slow(wanted: Any) -> Any:
        begun.set()
        assert go.wait(30)
        return add(wanted)

    monkeypatch.setattr(bench.library.ratings, "add", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(client.post, f"{address}/ratings", json=RATING, headers=KEY)
        assert begun.wait(30)
        second = client.post(f"{address}/ratings", json=RATING, headers=KEY)
        go.set()
        assert first.result().status_code == 201
    assert second.status_code == 409 and second.headers["retry-after"] == "1"


def test_many_at_once_have_one_effect(client: TestClient, address: str, heard: Timeline) -> None:
    def send(_: int) -> int:
        return int(client.post(f"{address}/ratings", json=RATING, headers=KEY).status_code)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(send, range(24)))
    assert found.count(201) >= 1 and set(found) <= {201, 409}
    assert len(client.get(f"{address}/ratings?history=1").json()["ratings"]) == 1


def test_who_died_while_answering_is_taken_over(
    client: TestClient, address: str, heard: Timeline, change: Callable[..., None]
) -> None:
    client.post(f"{address}/ratings", json=RATING, headers=KEY)
    change(status=None, body=None)  # as a process leaves it that dies in the middle
    assert client.post(f"{address}/ratings", json=RATING, headers=KEY).status_code == 409
    change(time="2026-01-01T00:00:00.000000Z")
    assert client.post(f"{address}/ratings", json=RATING, headers=KEY).status_code in (200, 201)


def test_answers_are_kept_for_two_days(
    client: TestClient, address: str, bench: Workbench, heard: Timeline, change: Callable[..., None]
) -> None:
    client.post(f"{address}/ratings", json=RATING, headers=KEY)
    change(time="2020-01-01T00:00:00.000000Z")
    client.post(f"{address}/ratings", json=RATING, headers={"Idempotency-Key": "b2"})
    with database_of(bench.settings).reading() as connection:
        assert connection.execute(sa.select(answers.c.key)).scalars().all() == ["b2"]
    assert idempotency.KEPT_H >= 24


def test_an_answer_too_large_to_keep_is_made_again(
    client: TestClient, address: str, heard: Timeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "MOST_BODY", 10)
    first = client.post(f"{address}/ratings", json=RATING, headers=KEY)
    again = client.post(f"{address}/ratings", json=RATING, headers=KEY)
    assert (first.status_code, again.status_code) == (201, 200)
    assert "idempotency-replayed" not in again.headers


def test_of_many_processes_one_answers(settings: Settings) -> None:
    """Whichever database: of those that ask for the same at once, one is let in."""
    open_workbench(settings)

    def claim(_: int) -> str:
        try:
            return "let in" if idempotency._claim("ada", "k1", "f" * 64) is None else "answered"
        except Refused as refusal:
            return str(refusal.response.status_code)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(claim, range(16)))
    assert found.count("let in") == 1 and found.count("409") == 15
    idempotency._keep("ada", "k1", "f" * 64, JSONResponse({"a": 1}, 201, headers={"Location": "/x"}))
    replayed = idempotency._claim("ada", "k1", "f" * 64)
    assert replayed is not None and (replayed.status_code, replayed.body) == (201, b'{"a":1}')
    assert replayed.headers["location"] == "/x" and claim(0) == "answered"
    assert idempotency._claim("bob", "k1", "0" * 64) is None, "keys of others are others"
    idempotency._forget("bob", "k1", "0" * 64)
    assert idempotency._claim("bob", "k1", "1" * 64) is None
