"""The queue: order, progress, stopping, failures, and processes that die."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from textwrap import dedent

import pytest

from edm_core.errors import EdmError, StorageError
from edm_core.jobs import Job, Queue
from edm_core.jobs import claims as claims_module
from edm_core.jobs import process as process_module
from edm_core.jobs import slot as slot_module
from edm_core.jobs.claims import Claims
from edm_core.settings import Settings
from tests.servers import PostgreSQL

from .conftest import KINDS, MUSIC, Start, is_alive, until


def test_jobs_are_done_in_order_and_states_are_told(start: Start, tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    queue = start(on_change=lambda connection, job: told.append((job.key, job.state)))
    file = str(tmp_path / "out.txt")
    jobs = [queue.submit("note", key, {"file": file, "text": key}) for key in "abc"]
    assert [queue.wait(job.id, 30).state for job in jobs] == ["done"] * 3
    assert Path(file).read_text() == "abc"
    assert [state for key, state in told if key == "b"] == ["queued", "running", "done"]


@pytest.mark.parametrize(
    ("kind", "reason", "attempts"),
    [
        ("refuse", "track.mp3: it is empty; export it again", 1),
        ("stumble", "unexpected KeyError: 'missing'", 2),
        ("die", "its process was ended by SIGKILL, perhaps for want of memory; try again", 2),
        ("leave", "its process ended with code 3; try again", 2),
        ("give_up", "unexpected SystemExit: no more", 2),
        ("babble", "its process was ended by SIGKILL, perhaps for want of memory; try again", 2),
        ("not_json", "unexpected TypeError: Object of type set is not JSON serializable", 2),
        ("lead_astray", "what it returned cannot be kept: after: nothing does jobs of kind 'dance'", 1),
    ],
)
def test_a_failure_has_a_reason_and_stays_alone(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, reason: str, attempts: int
) -> None:
    monkeypatch.setattr(claims_module, "BACKOFF_S", 0.01)
    queue = start()
    failing = queue.submit(kind, "bad")
    following = queue.submit("note", "good", {"file": str(tmp_path / "out.txt"), "text": "x"})
    ended = queue.wait(failing.id, 30)
    assert (ended.state, ended.message, ended.attempt) == ("failed", reason, attempts)
    assert ended.finished is not None and ended.lease is None
    assert queue.wait(following.id, 30).state == "done"


@pytest.mark.parametrize("kind", ["die_once", "full_once"])
def test_what_broke_by_chance_is_done_again(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(claims_module, "BACKOFF_S", 0.01)
    queue = start()
    ended = queue.wait(queue.submit(kind, "a", {"file": str(tmp_path / "out")}).id, 30)
    assert (ended.state, ended.attempt, ended.failures) == ("done", 2, 1)
    assert (tmp_path / "out").read_text() == "xx"


def test_what_broke_waits_and_lets_others_go_first(start: Start, tmp_path: Path) -> None:
    queue = start()
    broken = queue.submit("die_once", "a", {"file": str(tmp_path / "pids")})
    until(lambda: queue.ledger.get(broken.id).failures == 1)
    waits = queue.ledger.get(broken.id)
    assert waits.state == "queued" and waits.due > waits.created
    assert "SIGKILL" in waits.message
    following = queue.submit("note", "b", {"file": str(tmp_path / "out"), "text": "b"})
    assert queue.wait(following.id, 30).state == "done"
    assert queue.wait(broken.id, 30).finished > queue.ledger.get(following.id).finished


def test_progress_is_seen_while_it_moves_and_a_job_can_be_stopped(start: Start, tmp_path: Path) -> None:
    queue = start()
    job = queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    until(lambda: queue.job("go_on", "a").stage == "beats")
    seen = queue.job("go_on", "a")
    assert (seen.state, seen.share, seen.remaining) == ("running", 0.25, 9.0)
    assert queue.cancel(job.id)
    assert queue.wait(job.id, 30).state == "cancelled"
    # The process that stopped in good order is the one that goes on.
    again = queue.retry(job.id)
    assert again.id == job.id and again.state == "queued"
    until(lambda: queue.job("go_on", "a").stage == "beats")
    other = queue.submit("go_on", "b", {"file": str(tmp_path / "again")})
    queue.cancel(again.id)
    until(lambda: (tmp_path / "again").exists() and (tmp_path / "again").read_text())
    assert (tmp_path / "again").read_text() == (tmp_path / "pid").read_text()
    queue.cancel(other.id)


def test_a_stop_is_seen_by_whoever_does_the_job(start: Start, settings: Settings, tmp_path: Path) -> None:
    queue = start(replace(settings, lease_s=1.0))
    job = queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    until((tmp_path / "pid").exists)
    elsewhere = Queue(settings, KINDS)  # as on another machine: it only knows the ledger
    assert elsewhere.cancel(job.id)
    assert elsewhere.wait(job.id, 30).state == "cancelled"


def test_a_job_that_does_not_listen_is_killed(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "GRACE_SECONDS", 0.2)
    queue = start()
    job = queue.submit("hang", "a", {"file": str(tmp_path / "pid")})
    until((tmp_path / "pid").exists)
    queue.cancel(job.id)
    assert queue.wait(job.id, 30).state == "cancelled"


def test_a_database_that_refuses_for_a_while_ends_no_worker(
    start: Start, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuses = False
    for name in ("claim", "finish", "note", "renew"):
        real = getattr(Claims, name)

        def asked(self: Claims, *given: object, real: object = real, **named: object) -> object:
            if refuses:
                raise StorageError("the database cannot do it (No space left on device)")
            return real(self, *given, **named)  # type: ignore[operator]

        monkeypatch.setattr(Claims, name, asked)
    monkeypatch.setattr("edm_core.jobs.slot.AGAIN_S", 0.05)
    queue = start()
    go = tmp_path / "go"
    first = queue.submit("wait_for", "a", {"file": str(tmp_path / "pid"), "until": str(go)})
    until((tmp_path / "pid").exists)
    refuses = True
    second = queue.submit("note", "b", {"file": str(tmp_path / "out"), "text": "b"})
    go.touch()
    assert queue.wait(first.id, 1).state == "running"
    refuses = False
    assert [queue.wait(job.id, 30).state for job in (first, second)] == ["done", "done"]
    assert len((tmp_path / "pid").read_text().splitlines()) == 1


def test_a_waiting_job_is_taken_out(start: Start, tmp_path: Path) -> None:
    queue = start()
    first = queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    until(lambda: queue.ledger.get(first.id).state == "running")
    second = queue.submit("note", "b", {"file": str(tmp_path / "never"), "text": "x"})
    assert queue.cancel(second.id) and not queue.cancel(second.id)
    queue.cancel(first.id)
    queue.wait(first.id, 30)
    assert queue.jobs()[1].state == "cancelled" and not (tmp_path / "never").exists()


def test_the_urgent_goes_first(start: Start, tmp_path: Path) -> None:
    queue = start()
    until_then = tmp_path / "go"
    first = queue.submit("wait_for", "a", {"file": str(tmp_path / "pid"), "until": str(until_then)})
    until(lambda: queue.ledger.get(first.id).state == "running")
    file = str(tmp_path / "out")
    jobs = [queue.submit("note", key, {"file": file, "text": key}, priority=key == "c") for key in "abc"]
    until_then.touch()
    assert [queue.wait(job.id, 30).state for job in jobs] == ["done"] * 3
    assert Path(file).read_text() == "cab"


def test_a_long_job_of_one_queue_keeps_no_other_waiting(start: Start, tmp_path: Path) -> None:
    queue = start(slots={"music": 1, "speech": 1})
    long = queue.submit("muse", "a", {"file": str(tmp_path / "pid")})
    until((tmp_path / "pid").exists)
    assert queue.submit("talk", "a", {}).queue == "speech"
    quick = queue.submit("note", "a", {"file": str(tmp_path / "out"), "text": "x"})
    assert queue.wait(quick.id, 30).state == "done"
    assert queue.ledger.get(long.id).state == "running"


def test_the_same_work_is_not_queued_twice(start: Start, tmp_path: Path) -> None:
    queue = start()
    payload = {"file": str(tmp_path / "pid")}
    first = queue.submit("go_on", "a", payload)
    assert queue.submit("go_on", "a", payload).id == first.id
    assert queue.submit("note", "a", payload | {"text": ""}).id != first.id
    queue.cancel(first.id)
    queue.wait(first.id, 30)
    assert queue.submit("go_on", "a", payload).id != first.id


def test_two_workers_work_at_the_same_time(start: Start, tmp_path: Path) -> None:
    queue = start(slots={"music": 2})
    for key in "ab":
        queue.submit("go_on", key, {"file": str(tmp_path / key)})
    until(lambda: all((tmp_path / key).exists() for key in "ab"))
    until(lambda: all((tmp_path / key).read_text() for key in "ab"))
    assert (tmp_path / "a").read_text() != (tmp_path / "b").read_text()
    until(lambda: {worker.job for worker in queue.ledger.figures().workers} >= {j.id for j in queue.jobs()})


def test_a_handler_finds_the_settings_and_what_it_says_is_kept(start: Start, settings: Settings) -> None:
    queue = start(replace(settings, lease_s=77.0))
    job = queue.wait(queue.submit("tell", "a").id, 30)
    assert (job.state, job.share) == ("done", 1.0)
    assert job.result["lease_s"] == 77.0
    assert job.result["data_dir"] == str(settings.data_dir)
    assert job.result["job"] == {"id": job.id, "attempt": 1}


def test_what_the_beginning_sets_holds_for_every_job(start: Start) -> None:
    queue = start(begin="handlers_of_a_test:begin")
    for key in "ab":
        assert queue.wait(queue.submit("named", key).id, 30).result == {"name": "begun"}


def test_what_follows_is_queued_with_the_end(start: Start, tmp_path: Path) -> None:
    queue = start()
    job = queue.submit("lead_on", "a", {"file": str(tmp_path / "out"), "text": "x"}, who="ada", priority=3)
    queue.wait(job.id, 30)
    following = queue.job("note", "after")
    assert (following.who, following.priority) == ("ada", 3)
    assert queue.wait(following.id, 30).state == "done"
    assert (tmp_path / "out").read_text() == "x"


def test_closing_gives_back_and_a_restart_takes_up(start: Start, tmp_path: Path) -> None:
    queue = start()
    queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    queue.submit("note", "b", {"file": str(tmp_path / "out"), "text": "x"})
    until((tmp_path / "pid").exists)
    queue.close()
    assert not queue.is_running
    assert [(job.key, job.state, job.attempt, job.failures) for job in queue.jobs()] == [
        ("a", "queued", 1, 0),
        ("b", "queued", 0, 0),
    ]
    assert queue.ledger.figures().workers == ()
    queue = start()
    until(lambda: queue.jobs()[0].state == "running")
    assert queue.jobs()[0].attempt == 2
    queue.cancel(queue.jobs()[0].id)
    assert queue.wait(queue.jobs()[1].id, 30).state == "done"


def test_several_may_work_on_one_ledger(start: Start, tmp_path: Path) -> None:
    queues = [start(), start()]
    file = str(tmp_path / "out")
    jobs = [queues[0].submit("note", f"{n}", {"file": file, "text": "x"}) for n in range(12)]
    assert {queues[1].wait(job.id, 30).state for job in jobs} == {"done"}
    assert Path(file).read_text() == "x" * 12
    assert len(queues[0].ledger.figures().workers) == 2


def test_one_that_does_not_work_leaves_it_to_others(start: Start, tmp_path: Path) -> None:
    idle, busy = start(work=False), None
    assert idle.is_running and not idle.works
    job = idle.submit("note", "a", {"file": str(tmp_path / "out"), "text": "x"})
    assert idle.wait(job.id, 0.3).state == "queued"
    busy = start()
    assert idle.wait(job.id, 30).state == "done" and busy.works


def test_an_unknown_kind_is_refused(start: Start) -> None:
    with pytest.raises(EdmError, match="nothing does jobs of kind"):
        start(work=False).submit("dance", "a")


def test_a_job_that_is_not_there_is_not_waited_for(start: Start) -> None:
    with pytest.raises(EdmError, match="no such job"):
        start(work=False).wait("1")


APP = """
    import sys, time
    from pathlib import Path
    from edm_core.jobs import Kind, Queue
    from edm_core.settings import Settings
    kinds = {{name: Kind(f"handlers_of_a_test:{{name}}") for name in ("hang", "deaf")}}
    queue = Queue(Settings.from_environment(), kinds, slots={{"music": 1}})
    queue.start()
    queue.submit({kind!r}, "a", {payload!r})
    time.sleep(60)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_app(
    start: Start, settings: Settings, tmp_path: Path, how: signal.Signals
) -> None:
    script = dedent(APP.format(kind="hang", payload={"file": str(tmp_path / "pid")}))
    app = subprocess.Popen([sys.executable, "-c", script], env=settings.inherited())
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    worker = int((tmp_path / "pid").read_text())
    assert is_alive(worker)
    app.send_signal(how)
    app.wait(10)
    until(lambda: not is_alive(worker), seconds=10)


@pytest.mark.parametrize("both", [True, False], ids=["parent and child", "parent"])
def test_what_a_killed_app_was_at_is_done_by_another(
    start: Start, settings: Settings, tmp_path: Path, both: bool
) -> None:
    settings = replace(settings, lease_s=1.0)
    file, go = tmp_path / "starts", tmp_path / "go"
    script = dedent(APP.format(kind="deaf", payload={"file": str(file), "until": str(go)}))
    app = subprocess.Popen([sys.executable, "-c", script], env=settings.inherited())
    until(lambda: file.exists() and file.read_text())
    queue = start(settings)
    app.kill()
    app.wait()
    if both:
        os.kill(int(file.read_text().split()[0]), signal.SIGKILL)
    until(lambda: len(file.read_text().splitlines()) == 2)
    go.touch()
    (job,) = queue.jobs()
    ended = queue.wait(job.id, 30)
    assert (ended.state, ended.attempt, ended.failures) == ("done", 2, 0)


def test_a_killed_child_is_replaced_at_once(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "BACKOFF_S", 0.05)
    queue = start()
    file, go = tmp_path / "starts", tmp_path / "go"
    job = queue.submit("deaf", "a", {"file": str(file), "until": str(go)})
    until(lambda: file.exists() and file.read_text())
    os.kill(int(file.read_text().split()[0]), signal.SIGKILL)
    until(lambda: len(file.read_text().splitlines()) == 2)
    go.touch()
    ended = queue.wait(job.id, 30)
    assert (ended.state, ended.failures) == ("done", 1)


def test_who_lost_the_lease_is_stopped_and_writes_nothing(
    start: Start, settings: Settings, tmp_path: Path
) -> None:
    queue = start(replace(settings, lease_s=1.0))
    file, go = tmp_path / "starts", tmp_path / "go"
    job = queue.submit("deaf", "a", {"file": str(file), "until": str(go)})
    until(lambda: file.exists() and file.read_text())
    child = int(file.read_text().split()[0])
    claims = Claims(queue.ledger)
    running = queue.ledger.get(job.id)
    assert claims.expire(running.id, running.attempt, running.lease) is not None or claims.give_back(running)
    until(lambda: not is_alive(child))
    until(lambda: len(file.read_text().splitlines()) == 2)
    go.touch()
    ended = queue.wait(job.id, 30)
    assert (ended.state, ended.attempt, ended.failures) == ("done", 2, 0)


def test_a_process_that_cannot_be_started_is_tried_again(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "BACKOFF_S", 0.01)
    popen, refused = subprocess.Popen, []

    def once(*given: object, **named: object) -> object:
        if not refused:
            refused.append(True)
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        return popen(*given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(process_module.subprocess, "Popen", once)
    queue = start()
    ended = queue.wait(queue.submit("note", "a", {"file": str(tmp_path / "out"), "text": "x"}).id, 30)
    assert (ended.state, ended.failures) == ("done", 1)


def test_a_fault_ends_no_worker(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edm_core.jobs.slot.AGAIN_S", 0.05)
    claim, raised = Claims.claim, []

    def once(self: Claims, *given: object) -> object:
        if not raised:
            raised.append(True)
            raise RuntimeError("nobody foresaw it")
        return claim(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Claims, "claim", once)
    queue = start()
    job = queue.submit("note", "a", {"file": str(tmp_path / "out"), "text": "x"})
    assert queue.wait(job.id, 30).state == "done" and raised


@pytest.mark.servers
def test_a_server_that_crashes_loses_no_job(handlers: Path, postgresql: PostgreSQL, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", database_url=postgresql.new_database())
    queue = Queue(settings, KINDS, slots=MUSIC)
    queue.start()
    try:
        file, go = tmp_path / "starts", tmp_path / "go"
        job = queue.submit("wait_for", "a", {"file": str(file), "until": str(go)})
        waiting = queue.submit("note", "b", {"file": str(tmp_path / "out"), "text": "b"})
        until(lambda: file.exists() and file.read_text())
        postgresql.restart()
        go.touch()
        assert [queue.wait(each.id, 60).state for each in (job, waiting)] == ["done", "done"]
        assert len(file.read_text().splitlines()) == 1 and (tmp_path / "out").read_text() == "b"
    finally:
        queue.close()


def test_a_ledger_that_cannot_be_opened_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(StorageError):
        Queue(Settings(data_dir=tmp_path / "data"), KINDS).start()


def test_jobs_are_values() -> None:
    assert Job("1", "note", "a").is_finished is False
    assert Job("1", "note", "a", state="cancelled").is_finished


def test_what_has_nothing_to_do_rests_and_is_there_for_the_next(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_module, "IDLE_S", 0.2)
    queue = start()
    (slot,) = queue._slots
    out = {"file": str(tmp_path / "out.txt"), "text": "x"}
    assert queue.wait(queue.submit("note", "first", out).id, 30).state == "done"
    until(lambda: slot.process.pid is None)
    assert queue.wait(queue.submit("note", "second", out).id, 30).state == "done"
    assert Path(out["file"]).read_text() == "xx"


def test_what_works_does_not_rest(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot_module, "IDLE_S", 0.0)
    queue = start()
    (slot,) = queue._slots
    file = tmp_path / "out.txt"
    job = queue.submit("go_on", "long", {"file": str(file)})
    until(lambda: file.exists() and file.read_text())
    for _ in range(100):
        slot.rest()
    assert slot.process.pid == int(file.read_text())
    queue.cancel(job.id)
    assert queue.wait(job.id, 30).state == "cancelled"


def test_a_process_that_is_let_go_ends_with_its_last_job(start: Start, tmp_path: Path) -> None:
    queue = start(slots=CHOIR)
    process = queue._slots[0].process
    first, second = Started(queue, tmp_path / "first"), Started(queue, tmp_path / "second")
    process.rest()
    assert process.pid is None and first.pid == second.pid
    first.finish()
    third = Started(queue, tmp_path / "third")
    assert third.pid != first.pid and is_alive(first.pid)
    second.finish()
    until(lambda: not is_alive(first.pid))
    third.finish()
    assert process.pid == third.pid


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_process_that_grew_is_not_kept(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_module, "MOST_RESIDENT", 1_000_000)  # every Python is larger
    queue = start()
    files = [tmp_path / "one", tmp_path / "two"]
    for file in files:
        file.with_suffix(".until").touch()
        payload = {"file": str(file), "until": str(file.with_suffix(".until"))}
        assert queue.wait(queue.submit("wait_for", file.name, payload).id, 30).state == "done"
    first, second = (int(file.read_text().split()[0]) for file in files)
    assert first != second


# --- several jobs in one process --------------------------------------------------------------------


CHOIR = {"choir": 1}


class Started:
    """A job of the queue whose process does two at once, begun and waiting."""

    def __init__(self, queue: Queue, file: Path, kind: str = "wait_for") -> None:
        self.queue, self.file, self.go = queue, file, file.with_suffix(".go")
        payload = {"file": str(file), "until": str(self.go)}
        self.job = queue.submit(f"{kind} together", file.name, payload)
        until(lambda: self.starts)

    @property
    def starts(self) -> list[int]:
        """The processes of its starts."""
        return (
            [int(line.split()[0]) for line in self.file.read_text().splitlines()]
            if self.file.exists()
            else []
        )

    @property
    def pid(self) -> int:
        return self.starts[-1]

    def finish(self) -> Job:
        self.go.touch()
        ended = self.queue.wait(self.job.id, 30)
        assert ended.state == "done", ended
        return ended


def test_one_process_is_at_as_many_jobs_as_their_kind_allows(start: Start, tmp_path: Path) -> None:
    queue = start(slots=CHOIR)
    one, two = Started(queue, tmp_path / "one"), Started(queue, tmp_path / "two")
    third = queue.submit("note together", "third", {"file": str(tmp_path / "third"), "text": "x"})
    assert one.pid == two.pid
    assert queue.wait(third.id, 0.3).state == "queued"
    until(lambda: {queue.ledger.get(each.job.id).stage for each in (one, two)} == {"waits"})
    assert two.finish().attempt == 1  # each is told of its own end
    assert queue.ledger.get(one.job.id).state == "running"
    assert queue.wait(third.id, 30).state == "done"
    assert one.finish().attempt == 1


def test_a_job_that_is_stopped_leaves_the_other_alone(start: Start, tmp_path: Path) -> None:
    queue = start(slots=CHOIR)
    stopped, other = Started(queue, tmp_path / "stopped"), Started(queue, tmp_path / "other")
    queue.cancel(stopped.job.id)
    assert queue.wait(stopped.job.id, 30).state == "cancelled"
    ended = other.finish()
    assert (ended.attempt, other.starts) == (1, [stopped.pid])


@pytest.mark.parametrize("how", ["cancelled", "lost"])
def test_a_process_that_is_killed_for_one_job_does_the_other_again(
    start: Start, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(process_module, "GRACE_SECONDS", 0.3)
    queue = start(replace(settings, lease_s=2.0), slots=CHOIR)
    deaf, other = Started(queue, tmp_path / "deaf", "deaf"), Started(queue, tmp_path / "other")
    if how == "cancelled":
        queue.cancel(deaf.job.id)
        assert queue.wait(deaf.job.id, 30).state == "cancelled"
    else:
        Claims(queue.ledger).give_back(queue.ledger.get(deaf.job.id))
        until(lambda: len(deaf.starts) == 2)
        assert deaf.finish().failures == 0
    until(lambda: len(other.starts) == 2)
    ended = other.finish()
    assert (ended.attempt, ended.failures) == (2, 0)  # it was not its fault


def test_a_job_that_kills_its_process_takes_the_other_with_it_once(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "BACKOFF_S", 0.05)
    queue = start(slots=CHOIR)
    other = Started(queue, tmp_path / "other")
    bad = queue.submit("die together", "bad")
    until(lambda: queue.ledger.get(bad.id).failures)
    ended = other.finish()
    assert (ended.attempt, ended.failures) == (2, 1)
    ended = queue.wait(bad.id, 30)
    assert (ended.state, ended.failures) == ("failed", 2)
    again = Started(queue, tmp_path / "again")
    assert again.pid not in other.starts  # what broke is done apart, for nobody knows which it was
    assert again.finish().attempt == 1


def test_what_broke_together_is_done_apart_one_after_the_other(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims_module, "BACKOFF_S", 0.05)
    queue = start(slots=CHOIR)
    one, two = Started(queue, tmp_path / "one"), Started(queue, tmp_path / "two")
    os.kill(one.pid, signal.SIGKILL)  # for want of memory, perhaps: two processes would need more of it
    until(lambda: {queue.ledger.get(each.job.id).attempt for each in (one, two)} == {2})
    until(lambda: len(one.starts) + len(two.starts) == 3)
    first, second = (one, two) if len(one.starts) == 2 else (two, one)
    time.sleep(0.3)
    assert len(second.starts) == 1
    assert first.finish().failures == 1
    until(lambda: len(second.starts) == 2)
    assert first.pid != second.pid
    assert second.finish().failures == 1
