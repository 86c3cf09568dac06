"""Claims: who may take, write and end a job, however many begin it; as single cases and as a state machine."""

from __future__ import annotations

import atexit
import tempfile
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edm_core.errors import EdmError
from edm_core.jobs import Job, Kind, Ledger
from edm_core.jobs import _rows as rows_module
from edm_core.jobs import claims as claims_module
from edm_core.jobs.claims import Claims
from edm_core.jobs.job import MOST_STARTS
from edm_core.jobs.keeper import Watch
from edm_core.settings import Settings
from edm_core.store.database import database_of

from .test_ledger import KINDS, at_once

QUEUES = ["music", "speech"]


@pytest.fixture
def ledger(settings: Settings) -> Ledger:
    return Ledger(settings, KINDS)


@pytest.fixture
def claims(ledger: Ledger) -> Claims:
    return Claims(ledger)


def test_each_job_is_claimed_once(ledger: Ledger, claims: Claims) -> None:
    jobs = {ledger.submit("a", str(number)).id for number in range(20)}

    def take(number: int) -> list[str]:
        taken = []
        while (job := claims.claim(["music"], str(number))) is not None:
            taken.append(job.id)
        return taken

    taken = [id for each in at_once(5, take) for id in each]  # type: ignore[attr-defined]
    assert Counter(taken) == Counter(jobs)


def test_only_queues_and_kinds_that_one_knows_are_claimed(ledger: Ledger, claims: Claims) -> None:
    ledger.submit("b", "key")
    assert claims.claim(["music"], "one") is None
    stranger = Claims(Ledger(ledger.settings, {"a": Kind("x:a", queue="speech")}))
    assert stranger.claim(QUEUES, "one") is None
    job = claims.claim(QUEUES, "one")
    assert (job.state, job.attempt, job.worker) == ("running", 1, "one")
    assert job.started < job.lease


def test_the_urgent_go_first_then_those_that_wait_longest(ledger: Ledger, claims: Claims) -> None:
    for key, priority in (("1", 0), ("2", 5), ("3", 0), ("4", 5)):
        ledger.submit("a", key, priority=priority)
    assert [claims.claim(QUEUES, "one").key for _ in range(4)] == ["2", "4", "1", "3"]


def test_a_start_that_does_not_count_writes_nothing(ledger: Ledger, claims: Claims) -> None:
    ledger.submit("a", "key")
    stale = claims.claim(QUEUES, "one")
    assert ledger.holds(stale.id, stale.attempt)
    assert claims.expire(stale.id, stale.attempt, stale.lease).state == "queued"
    newer = claims.claim(QUEUES, "two")
    before = ledger.get(newer.id)
    assert not claims.note(stale, "beats", 0.5, None)
    assert claims.finish(stale, "done", result={"then": [{"kind": "b", "key": "after"}]}) == ()
    assert claims.broke(stale, "it died") is None and claims.give_back(stale) is None
    claims.renew([stale], [])
    assert not ledger.holds(stale.id, stale.attempt) and ledger.holds(newer.id, newer.attempt)
    assert ledger.get(newer.id) == before and ledger.newest("b", "after") is None
    (done,) = claims.finish(newer, "done", result={"n": 1})
    assert (done.state, done.result, done.share, done.lease) == ("done", {"n": 1}, 1.0, None)
    assert claims.finish(newer, "failed") == ()


def test_a_lease_is_prolonged_and_a_prolonged_one_is_not_taken_back(ledger: Ledger, claims: Claims) -> None:
    ledger.submit("a", "key")
    job = claims.claim(QUEUES, "one")
    claims.renew([job], [])
    assert ledger.get(job.id).lease > job.lease
    assert claims.expire(job.id, job.attempt, job.lease) is None, "it was heard of meanwhile"
    assert ledger.get(job.id).state == "running"


def test_what_broke_waits_longer_each_time_until_it_is_given_up(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module.random, "uniform", lambda low, high: high)
    ledger = Ledger(settings, {"a": Kind("x:a", attempts=4)})
    claims = Claims(ledger)
    job = ledger.submit("a", "key")
    waits = []
    for _ in range(3):
        monkeypatch.setattr(claims_module, "is_due", lambda now: rows_module.jobs.c.id == job.id)
        running = claims.claim(QUEUES, "one")
        broken = claims.broke(running, "it died")
        assert broken.state == "queued"
        waits.append(rows_module.between(running.started, broken.due))
    assert [round(wait) for wait in waits] == [2, 4, 8]
    given_up = claims.broke(claims.claim(QUEUES, "one"), "it died again")
    assert (given_up.state, given_up.message, given_up.failures) == ("failed", "it died again", 4)
    assert given_up.attempt == 4 and given_up.finished is not None


def test_a_job_that_takes_its_worker_with_it_is_given_up(ledger: Ledger, claims: Claims) -> None:
    ledger.submit("a", "key")
    for _ in range(MOST_STARTS):
        running = claims.claim(QUEUES, "one")
        ended = claims.expire(running.id, running.attempt, running.lease)
    assert ended.state == "failed" and f"{MOST_STARTS} times" in ended.message


@pytest.mark.parametrize("end", ["broke", "give_back", "expire"])
def test_what_is_to_stop_is_not_begun_again(ledger: Ledger, claims: Claims, end: str) -> None:
    ledger.submit("a", "key")
    job = claims.claim(QUEUES, "one")
    ledger.cancel(job.id)
    if end == "expire":
        ended = claims.expire(job.id, job.attempt, job.lease)
    else:
        ended = claims.broke(job, "it died") if end == "broke" else claims.give_back(job)
    assert (ended.state, ended.stop) == ("cancelled", False) and ended.finished is not None


def test_what_follows_is_queued_in_the_transaction_that_ends_it(ledger: Ledger, claims: Claims) -> None:
    ledger.submit("a", "key", who="ada")
    job = claims.claim(QUEUES, "one")
    with pytest.raises(EdmError, match="nothing does jobs of kind 'c'"):
        claims.finish(job, "done", result={"then": [{"kind": "b", "key": "1"}, {"kind": "c", "key": "2"}]})
    assert ledger.page() == (ledger.get(job.id),), "all or nothing"
    ended, following = claims.finish(
        job, "done", result={"then": [{"kind": "b", "key": "1", "payload": {"x": 1}}]}
    )
    assert ended.state == "done" and ledger.get(following.id) == following
    assert (following.kind, following.payload, following.who) == ("b", {"x": 1}, "ada")


def test_what_is_to_stop_is_not_followed(ledger: Ledger, claims: Claims) -> None:
    ledger.submit("a", "key")
    job = claims.claim(QUEUES, "one")
    ledger.cancel(job.id)
    (ended,) = claims.finish(job, "done", result={"then": [{"kind": "b", "key": "1"}]})
    assert (ended.state, ended.result, ended.stop) == ("cancelled", None, False)
    assert ledger.newest("b", "1") is None


def test_a_look_shows_what_runs_and_what_is_due(ledger: Ledger, claims: Claims) -> None:
    for number in range(3):
        ledger.submit("a", str(number))
    ledger.submit("b", "key")
    job = claims.claim(["music"], "one")
    standing = claims.standing()
    assert standing.running == ((job.id, 1, job.lease, False, False),)
    assert standing.due == {"music": 2, "speech": 1}
    assert [ledger.get(id).key for id in claims.due("music", 9)] == ["1", "2"]
    assert len(claims.due("music", 1)) == 1


def test_leases_are_watched_by_a_clock_that_nobody_sets() -> None:
    watch = Watch(10.0)
    renewed = ("1", 1, "2026-01-01T00:00:10.000000Z")
    later = ("1", 1, "2026-01-01T01:00:13.000000Z")
    # The database's clock jumps an hour ahead: the lease has run out at once, and is prolonged a moment later.
    assert watch.silent([(*renewed, True, False)], 100.0) == []
    assert watch.silent([(*renewed, True, False)], 103.5) == []
    assert watch.silent([(*later, False, False)], 103.6) == []
    # It is set back by an hour and the worker dies: the lease runs for an hour, but nobody prolongs it.
    assert watch.silent([(*later, False, False)], 120.0) == []
    assert watch.silent([(*later, False, False)], 123.7) == [later]
    # A worker that died in the usual way.
    assert watch.silent([(*renewed, False, False)], 130.0) == []
    assert watch.silent([(*renewed, True, False)], 140.0) == [renewed]
    assert watch.silent([], 141.0) == [] and watch._since == {}


@cache
def _settings() -> Settings:
    """One database for all examples: making its tables takes longer than an example."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    return Settings(data_dir=Path(folder.name), lease_s=10.0)


class Machine(RuleBasedStateMachine):
    """Clocks that jump, workers that die or go on though taken for dead, people who ask, stop and ask again."""

    def __init__(self) -> None:
        super().__init__()
        self.settings = _settings()
        with database_of(self.settings).writing() as connection:
            connection.execute(rows_module.sa.delete(rows_module.jobs))
        self.told: list[tuple[str, int, str]] = []
        self.ledger = Ledger(
            self.settings,
            {"a": Kind("x:a", attempts=2), "b": Kind("x:b", queue="speech", attempts=2)},
            on_change=lambda connection, job: self.told.append((job.id, job.attempt, job.state)),
        )
        self.claims = Claims(self.ledger)
        self.clock = 0.0
        self.starts: list[Job] = []  # every start there ever was: those taken for dead may write at any time
        self.ended: Counter[str] = Counter()
        self.begun_again: Counter[str] = Counter()
        real = rows_module.database.now_of
        self.patch = mock.patch.object(
            rows_module.database, "now_of", lambda c: rows_module.later(real(c), self.clock)
        )
        self.patch.start()

    def teardown(self) -> None:
        self.patch.stop()

    @initialize(kind=st.sampled_from("ab"))
    def one_runs(self, kind: str) -> None:
        self.ask(kind, "x", 0)
        self.claim("music" if kind == "a" else "speech")

    @rule(data=st.data())
    def is_taken_for_dead_and_goes_on(self, data: Any) -> None:
        start = data.draw(st.sampled_from(self.starts), "start")
        self._expire(self.ledger.get(start.id))
        self.claim("music" if start.kind == "a" else "speech")

    @rule(kind=st.sampled_from("ab"), key=st.sampled_from("xyz"), priority=st.integers(0, 1))
    def ask(self, kind: str, key: str, priority: int) -> None:
        job = self.ledger.submit(kind, key, priority=priority)
        assert (job.kind, job.key) == (kind, key) and not job.is_finished

    @rule(queue=st.sampled_from(QUEUES))
    def claim(self, queue: str) -> None:
        due = [job for job in self.ledger.page(states=("queued",)) if job.queue == queue]
        job = self.claims.claim([queue], "one")
        if job is None:
            assert all(each.failures for each in due), "only what broke is told to wait"
            return
        assert job.id in {each.id for each in due}
        assert (job.id, job.attempt) not in {(each.id, each.attempt) for each in self.starts}
        self.starts.append(job)

    @rule(hours=st.sampled_from([-1.0, 1.0, 0.01]))
    def clock_jumps(self, hours: float) -> None:
        self.clock += hours * 3600.0

    @rule(
        data=st.data(),
        how=st.sampled_from(["done", "failed", "cancelled", "broke", "give_back", "note", "renew"]),
    )
    def write(self, data: Any, how: str) -> None:
        start = data.draw(st.sampled_from(self.starts), "start")
        before = self.ledger.get(start.id)
        counts = self.ledger.holds(start.id, start.attempt)
        assert counts == (before.state == "running" and before.attempt == start.attempt)
        if how in ("done", "failed", "cancelled"):
            written = bool(self.claims.finish(start, how))
            self.ended[start.id] += written
        elif how == "renew":
            self.claims.renew([start], [])
            written = self.ledger.get(start.id).lease != before.lease
        elif how == "note":
            written = self.claims.note(start, "s", 0.5, None)
        else:
            ended = self.claims.broke(start, "died") if how == "broke" else self.claims.give_back(start)
            written = ended is not None
            self.ended[start.id] += ended is not None and ended.is_finished
        assert written == counts, "the newest start of a running job writes, and no other"
        if not counts:
            assert self.ledger.get(start.id) == before

    @rule(data=st.data())
    def expire(self, data: Any) -> None:
        start = data.draw(st.sampled_from(self.starts), "start")
        self._expire(self.ledger.get(start.id))

    def _expire(self, job: Job) -> None:
        if job.lease is not None:
            taken = self.claims.expire(job.id, job.attempt, job.lease)
            assert taken is not None
            self.ended[job.id] += taken.is_finished

    @rule(data=st.data(), again=st.booleans())
    def people_change_their_minds(self, data: Any, again: bool) -> None:
        id = data.draw(st.sampled_from(self.starts), "start").id
        before = self.ledger.get(id)
        if again and before.state != "done":
            job = self.ledger.retry(id)
            assert (job.kind, job.key) == (before.kind, before.key) and not job.is_finished
            self.begun_again[id] += before.is_finished and job.id == id
        elif not again:
            assert self.ledger.cancel(id) == (not before.is_finished)
            self.ended[id] += before.state == "queued"

    @invariant()
    def one_unfinished_job_of_a_kind_and_key(self) -> None:
        unfinished = Counter((job.kind, job.key) for job in self.ledger.page(states=("queued", "running")))
        assert not unfinished or max(unfinished.values()) == 1

    @invariant()
    def what_ended_ended_once(self) -> None:
        for job in self.ledger.page():
            if job.attempt:
                assert self.ended[job.id] == self.begun_again[job.id] + job.is_finished
            assert (job.finished is not None) == job.is_finished
            assert (job.lease is not None) == (job.state == "running")

    @invariant()
    def no_start_counts_twice(self) -> None:
        begun = Counter((id, attempt) for id, attempt, state in self.told if state == "running")
        assert not begun or max(begun.values()) == 1


TestMachine = Machine.TestCase
TestMachine.settings = examples(max_examples=30, stateful_step_count=25, deadline=None)
