"""The ledger: what everybody may see of jobs and ask of them, on every database and at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from edm_core.errors import EdmError
from edm_core.jobs import Job, Kind, Ledger
from edm_core.jobs import _rows as rows_module
from edm_core.jobs.claims import Claims
from edm_core.settings import Settings

KINDS = {"a": Kind("x:a"), "b": Kind("x:b", queue="speech")}


@pytest.fixture
def ledger(settings: Settings) -> Ledger:
    return Ledger(settings, KINDS)


def at_once(count: int, do: Callable[[int], object]) -> list[object]:
    """Do something in so many threads that begin together."""
    ready = threading.Barrier(count)

    def begin(number: int) -> object:
        ready.wait(30)
        return do(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(begin, range(count)))


def test_a_job_is_noted_as_it_was_asked_for(ledger: Ledger) -> None:
    job = ledger.submit("b", "key", {"x": [1, None, "ü"]}, who="ada", priority=2)
    assert ledger.get(job.id) == job == ledger.newest("b", "key")
    assert (job.queue, job.payload, job.who, job.priority) == ("speech", {"x": [1, None, "ü"]}, "ada", 2)
    assert (job.state, job.attempt, job.due, job.is_finished) == ("queued", 0, job.created, False)
    assert ledger.newest("a", "key") is None and ledger.get("1") is None


def test_ids_sort_by_age(ledger: Ledger) -> None:
    ids = [ledger.submit("a", str(number)).id for number in range(5)]
    assert ids == sorted(ids) and len(set(ids)) == 5


def test_many_ask_for_the_same_at_once(ledger: Ledger) -> None:
    asked = at_once(8, lambda number: ledger.submit("a", "key", who=str(number)).id)
    assert len(set(asked)) == 1
    assert len(ledger.page()) == 1


def test_many_begin_again_at_once(ledger: Ledger) -> None:
    job = ledger.submit("a", "key")
    ledger.cancel(job.id)
    states: list[str] = []
    told = Ledger(ledger.settings, KINDS, on_change=lambda connection, one: states.append(one.state))
    again = at_once(6, lambda number: (told.retry(job.id) if number % 2 else told.submit("a", "key")).id)
    assert len(set(again)) == 1, "one unfinished job of a kind and key"
    assert len(ledger.page(states=("queued",))) == 1
    assert states == ["queued"]


def test_begun_again_it_is_as_new(ledger: Ledger) -> None:
    job = ledger.submit("a", "key")
    running = Claims(ledger).claim(["music"], "one")
    Claims(ledger).finish(running, "failed", message="it is damaged")
    failed = ledger.get(job.id)
    again = ledger.retry(job.id)
    assert (failed.state, failed.message, failed.attempt) == ("failed", "it is damaged", 1)
    assert again == replace(
        job, attempt=1, due=again.due, worker="one", started=None, finished=None, message=None
    )
    assert ledger.retry(job.id) == again, "it waits already"
    assert again.due >= failed.finished


def test_what_cannot_be_begun_again_is_told(ledger: Ledger) -> None:
    job = ledger.submit("a", "key")
    done = Claims(ledger).claim(["music"], "one")
    Claims(ledger).finish(done, "done")
    with pytest.raises(EdmError, match="it is done; ask for it anew"):
        ledger.retry(job.id)
    with pytest.raises(EdmError, match="no such job"):
        ledger.retry("1")
    with pytest.raises(EdmError, match="nothing does jobs of kind 'c'"):
        ledger.submit("c", "key")
    other = ledger.submit("b", "key")
    ledger.cancel(other.id)
    with pytest.raises(EdmError, match="nothing does jobs of kind 'b'"):
        Ledger(ledger.settings).retry(other.id)


def test_stopping_says_whether_there_was_anything_to_stop(ledger: Ledger) -> None:
    job = ledger.submit("a", "key")
    assert ledger.cancel(job.id) and not ledger.cancel(job.id) and not ledger.cancel("1")
    other = ledger.submit("a", "key")
    running = Claims(ledger).claim(["music"], "one")
    assert ledger.cancel(other.id)
    stopping = ledger.get(other.id)
    assert (stopping.state, stopping.stop) == ("running", True)
    Claims(ledger).finish(running, "cancelled")
    assert not ledger.cancel(other.id)


def test_what_nobody_began_can_be_withdrawn(ledger: Ledger) -> None:
    told: list[tuple[str, str | None]] = []
    ledger.on_change = lambda connection, job: told.append((job.state, job.message))
    job = ledger.submit("a", "key")
    assert ledger.withdraw(job, "no room") and ledger.get(job.id) is None
    assert told == [("queued", None), ("failed", "no room")]
    begun = ledger.submit("a", "key")
    Claims(ledger).claim(["music"], "one")
    assert not ledger.withdraw(begun, "no room") and ledger.get(begun.id).state == "running"


def test_pages_narrow_and_go_on(ledger: Ledger) -> None:
    jobs = [ledger.submit("ab"[number % 2], str(number)) for number in range(6)]
    newest = [job.id for job in reversed(jobs)]
    assert [job.id for job in ledger.page()] == newest
    first = ledger.page(limit=2)
    assert [job.id for job in first] == newest[:2]
    assert [job.id for job in ledger.page(limit=9, before=first[-1].id)] == newest[2:]
    assert [job.key for job in ledger.page(queue="speech")] == ["5", "3", "1"]
    assert [job.key for job in ledger.page(kind="a", key="2")] == ["2"]
    ledger.cancel(jobs[0].id)
    assert [job.key for job in ledger.page(states=("cancelled",))] == ["0"]
    assert ledger.page(states=()) == ()


def test_figures_tell_depth_and_age(ledger: Ledger) -> None:
    for number in range(3):
        ledger.submit("a", str(number))
    ledger.submit("b", "0")
    Claims(ledger).claim(["music"], "one")
    depths = {(depth.queue, depth.state): depth for depth in ledger.figures().depths}
    assert {name: depth.count for name, depth in depths.items()} == {
        ("music", "queued"): 2,
        ("music", "running"): 1,
        ("speech", "queued"): 1,
    }
    assert all(depth.age is not None and 0 <= depth.age < 60 for depth in depths.values())
    Claims(ledger).finish(ledger.page(states=("running",))[0], "done")
    assert {d.age for d in ledger.figures().depths if d.state == "done"} == {None}


def test_a_change_that_cannot_be_told_is_none(ledger: Ledger) -> None:
    def refuse(connection: object, job: Job) -> None:
        raise EdmError("no")

    job = ledger.submit("a", "key")
    refusing = Ledger(ledger.settings, KINDS, on_change=refuse)
    for change in (lambda: refusing.submit("a", "other"), lambda: refusing.cancel(job.id)):
        with pytest.raises(EdmError, match="no"):
            change()
    assert ledger.page() == (job,)


def test_a_time_far_ahead_is_a_clock_that_was_wrong(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    real = rows_module.database.now_of
    with monkeypatch.context() as ahead:
        ahead.setattr(rows_module.database, "now_of", lambda c: rows_module.later(real(c), 3600.0))
        ledger.submit("a", "key")
    claims = Claims(ledger)
    assert claims.standing().due == {"music": 1}
    assert claims.claim(["music"], "one") is not None
