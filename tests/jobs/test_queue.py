"""The queue: order, progress, cancelling, death of workers, and what a restart takes up again."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from edm_core.errors import EdmError
from edm_core.jobs import Job, Queue
from edm_core.jobs import process as process_module
from edm_core.jobs.ledger import Ledger

HANDLERS = """
import os, signal, sys, time
from pathlib import Path
from edm_core.errors import AudioError

def note(payload, progress):
    print("noise on standard output")
    with open(payload["file"], "a") as file:
        file.write(payload["text"])

def refuse(payload, progress):
    raise AudioError("it is empty", subject="track.mp3", remedy="export it again")

def stumble(payload, progress):
    raise KeyError("missing")

def die(payload, progress):
    os.kill(os.getpid(), signal.SIGKILL)

def leave(payload, progress):
    os._exit(3)

def go_on(payload, progress):
    Path(payload["file"]).write_text(str(os.getpid()))
    while True:
        progress("beats", 0.25, 9.0)
        time.sleep(0.02)

def hang(payload, progress):
    progress("words", 0.5, None)
    Path(payload["file"]).write_text(str(os.getpid()))
    time.sleep(60)
"""
KINDS = ("note", "refuse", "stumble", "die", "leave", "go_on", "hang")
BINDINGS = {kind: f"handlers_of_a_test:{kind}" for kind in KINDS}


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Queue]]:
    (tmp_path / "handlers_of_a_test.py").write_text(HANDLERS)
    root = Path(process_module.__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(root))))
    queues = []

    def begin(**options: object) -> Queue:
        queue = Queue(tmp_path / "jobs", BINDINGS, **options)
        queue.start()
        queues.append(queue)
        return queue

    yield begin
    for queue in queues:
        queue.close()


def until(condition: Callable[[], object], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A process nobody has waited for yet is dead all the same.
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_jobs_are_done_in_order_and_states_are_told(start: Callable[..., Queue], tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []
    queue = start(on_change=lambda job: told.append((job.key, job.state)))
    file = str(tmp_path / "out.txt")
    jobs = [queue.submit("note", key, {"file": file, "text": key}) for key in "abc"]
    assert [queue.wait(job.id, 15).state for job in jobs] == ["done"] * 3
    assert Path(file).read_text() == "abc"
    assert [state for key, state in told if key == "b"] == ["queued", "running", "done"]
    assert Ledger(tmp_path / "jobs").read() == []


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("refuse", "track.mp3: it is empty; export it again"),
        ("stumble", "unexpected KeyError: 'missing'"),
        ("die", "its process was ended by SIGKILL, perhaps for want of memory; try again"),
        ("leave", "its process ended with code 3; try again"),
    ],
)
def test_a_failure_has_a_reason_and_stays_alone(
    start: Callable[..., Queue], tmp_path: Path, kind: str, reason: str
) -> None:
    queue = start()
    failing = queue.submit(kind, "bad")
    following = queue.submit("note", "good", {"file": str(tmp_path / "out.txt"), "text": "x"})
    ended = queue.wait(failing.id, 15)
    assert (ended.state, ended.message) == ("failed", reason)
    assert queue.wait(following.id, 15).state == "done"


def test_progress_is_seen_while_it_moves_and_a_job_can_be_stopped(
    start: Callable[..., Queue], tmp_path: Path
) -> None:
    queue = start()
    job = queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    until(lambda: queue.job("go_on", "a").stage == "beats")
    seen = queue.job("go_on", "a")
    assert (seen.state, seen.share, seen.remaining) == ("running", 0.25, 9.0)
    assert queue.cancel(job.id)
    assert queue.wait(job.id, 15).state == "cancelled"
    # The process that stopped in good order is the one that goes on.
    again = queue.submit("go_on", "b", {"file": str(tmp_path / "again")})
    until(lambda: (tmp_path / "again").exists() and (tmp_path / "again").read_text())
    assert (tmp_path / "again").read_text() == (tmp_path / "pid").read_text()
    queue.cancel(again.id)


def test_a_job_that_does_not_listen_is_killed(
    start: Callable[..., Queue], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_module, "GRACE_SECONDS", 0.2)
    queue = start()
    job = queue.submit("hang", "a", {"file": str(tmp_path / "pid")})
    until((tmp_path / "pid").exists)
    queue.cancel(job.id)
    assert queue.wait(job.id, 15).state == "cancelled"


def test_a_disk_that_is_full_for_a_while_ends_no_worker(
    start: Callable[..., Queue], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = False

    def note(job: Job) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")

    queue = start(on_change=note)
    write = Ledger.write

    def write_if_room(self: Ledger, job: Job) -> None:
        note(job)
        write(self, job)

    monkeypatch.setattr(Ledger, "write", write_if_room)
    first = queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    until((tmp_path / "pid").exists)
    second = queue.submit("note", "b", {"file": str(tmp_path / "out"), "text": "b"})
    full = True
    queue.cancel(first.id)
    assert queue.wait(first.id, 15).state == "cancelled"
    assert queue.wait(second.id, 15).state == "done"
    with pytest.raises(EdmError, match="No space left"):
        queue.submit("note", "c", {"file": str(tmp_path / "out"), "text": "c"})
    full = False
    third = queue.submit("note", "c", {"file": str(tmp_path / "out"), "text": "c"})
    assert queue.wait(third.id, 15).state == "done"
    assert (tmp_path / "out").read_text() == "bc"


def test_a_waiting_job_is_taken_out(start: Callable[..., Queue], tmp_path: Path) -> None:
    queue = start()
    first = queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    second = queue.submit("note", "b", {"file": str(tmp_path / "never"), "text": "x"})
    assert queue.cancel(second.id) and not queue.cancel(second.id)
    queue.cancel(first.id)
    queue.wait(first.id, 15)
    assert queue.jobs()[1].state == "cancelled" and not (tmp_path / "never").exists()


def test_the_same_work_is_not_queued_twice(start: Callable[..., Queue], tmp_path: Path) -> None:
    queue = start()
    payload = {"file": str(tmp_path / "pid")}
    first = queue.submit("go_on", "a", payload)
    assert queue.submit("go_on", "a", payload).id == first.id
    assert queue.submit("note", "a", payload | {"text": ""}).id != first.id
    queue.cancel(first.id)
    queue.wait(first.id, 15)
    assert queue.submit("go_on", "a", payload).id != first.id


def test_two_workers_work_at_the_same_time(start: Callable[..., Queue], tmp_path: Path) -> None:
    queue = start(workers=2)
    for key in "ab":
        queue.submit("go_on", key, {"file": str(tmp_path / key)})
    until(lambda: all((tmp_path / key).exists() for key in "ab"))
    until(lambda: all((tmp_path / key).read_text() for key in "ab"))
    assert (tmp_path / "a").read_text() != (tmp_path / "b").read_text()


def test_a_restart_takes_up_what_was_not_finished(start: Callable[..., Queue], tmp_path: Path) -> None:
    queue = start()
    queue.submit("go_on", "a", {"file": str(tmp_path / "pid")})
    queue.submit("note", "b", {"file": str(tmp_path / "out"), "text": "x"})
    until((tmp_path / "pid").exists)
    queue.close()
    assert [(job.key, job.attempt) for job in Ledger(tmp_path / "jobs").read()] == [("a", 1), ("b", 0)]
    queue = start()
    until(lambda: queue.jobs()[0].state == "running")
    assert queue.jobs()[0].attempt == 2
    queue.cancel(queue.jobs()[0].id)
    assert queue.wait(queue.jobs()[1].id, 15).state == "done"


def test_a_job_that_never_ends_is_given_up(start: Callable[..., Queue], tmp_path: Path) -> None:
    Ledger(tmp_path / "jobs").write(Job("1", "note", "a", state="running", attempt=3))
    (job,) = start().jobs()
    assert job.state == "failed" and "3 times" in job.message


def test_one_queue_at_a_time(start: Callable[..., Queue]) -> None:
    queue = start()
    with pytest.raises(EdmError, match="another workbench"):
        start()
    queue.close()
    start()


def test_an_unknown_kind_is_refused(start: Callable[..., Queue]) -> None:
    with pytest.raises(EdmError, match="nothing does jobs of kind"):
        start().submit("dance", "a")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_no_worker_outlives_its_app(start: Callable[..., Queue], tmp_path: Path, how: int) -> None:
    script = f"""
        import time
        from pathlib import Path
        from edm_core.jobs import Queue
        queue = Queue(Path({str(tmp_path / "other")!r}), {BINDINGS!r})
        queue.start()
        queue.submit("hang", "a", {{"file": {str(tmp_path / "pid")!r}}})
        time.sleep(60)
    """
    app = subprocess.Popen([sys.executable, "-c", dedent(script)])
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    worker = int((tmp_path / "pid").read_text())
    assert is_alive(worker)
    app.send_signal(how)
    app.wait(10)
    until(lambda: not is_alive(worker), seconds=10)
