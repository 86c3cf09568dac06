"""Handlers of the tests' own, and queues that use them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edm_core.jobs import Kind, Queue
from edm_core.jobs import process as process_module
from edm_core.settings import Settings

HANDLERS = """
import os, signal, sys, time
from contextvars import ContextVar
from pathlib import Path
from edm_core.errors import AudioError, StorageError
from edm_core.settings import Settings

NAME = ContextVar("NAME", default="")

def begin():
    NAME.set("begun")

def named(payload, progress):
    return {"name": NAME.get()}

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

def die_once(payload, progress):
    path = Path(payload["file"])
    with path.open("a") as file:
        file.write("x")
    if len(path.read_text()) == 1:
        os.kill(os.getpid(), signal.SIGKILL)

def full_once(payload, progress):
    path = Path(payload["file"])
    with path.open("a") as file:
        file.write("x")
    if len(path.read_text()) == 1:
        raise StorageError("cannot be written (No space left on device)", subject="/data")

def go_on(payload, progress):
    Path(payload["file"]).write_text(str(os.getpid()))
    while True:
        progress("beats", 0.25, 9.0)
        time.sleep(0.02)

def wait_for(payload, progress):
    with open(payload["file"], "a") as file:
        file.write(f"{os.getpid()} {payload['job']['attempt']}\\n")
    while not Path(payload["until"]).exists():
        progress("waits", 0.5, None)
        time.sleep(0.02)

def deaf(payload, progress):
    with open(payload["file"], "a") as file:
        file.write(f"{os.getpid()} {payload['job']['attempt']}\\n")
    while not Path(payload["until"]).exists():
        time.sleep(0.02)

def hang(payload, progress):
    progress("words", 0.5, None)
    Path(payload["file"]).write_text(str(os.getpid()))
    time.sleep(60)

def tell(payload, progress):
    progress("told", 0.125, None)
    settings = Settings.from_environment()
    return {"lease_s": settings.lease_s, "job": payload["job"], "data_dir": str(settings.data_dir)}

def lead_on(payload, progress):
    return {"then": [{"kind": "note", "key": "after", "payload": payload}]}

def lead_astray(payload, progress):
    return {"then": [{"kind": "dance", "key": "after"}]}

def babble(payload, progress):
    for number in os.listdir("/proc/self/fd"):  # also to where its parent listens
        try:
            os.write(int(number), b"[]\\n" if int(number) > 2 else b"")
        except OSError:
            pass
    time.sleep(60)

def give_up(payload, progress):
    sys.exit("no more")

def not_json(payload, progress):
    return {1, 2}
"""
NAMES = (
    "note", "refuse", "stumble", "die", "leave", "die_once", "full_once", "go_on", "wait_for", "deaf", "hang",
    "tell", "lead_on", "lead_astray", "not_json", "babble", "give_up", "named",
)  # fmt: skip
KINDS = (
    {name: Kind(f"handlers_of_a_test:{name}", attempts=2) for name in NAMES}
    | {
        f"{name} together": Kind(f"handlers_of_a_test:{name}", queue="choir", attempts=2, concurrency=2)
        for name in ("die", "go_on", "wait_for", "deaf", "note")
    }
    | {
        "talk": Kind("handlers_of_a_test:note", queue="speech"),
        "muse": Kind("handlers_of_a_test:go_on", queue="speech"),
    }
)
MUSIC = {"music": 1}

Start = Callable[..., Queue]


@pytest.fixture
def handlers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let worker processes find the handlers; give their folder."""
    folder = tmp_path / "handlers"
    folder.mkdir()
    (folder / "handlers_of_a_test.py").write_text(HANDLERS)
    root = Path(process_module.__file__).parents[2]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(folder), str(root))))
    return folder


@pytest.fixture
def start(settings: Settings, handlers: Path) -> Iterator[Start]:
    """Give a function that starts a queue: one slot for music, unless it says otherwise."""
    queues = []

    def begin(settings: Settings = settings, work: bool | None = None, **options: object) -> Queue:
        queue = Queue(settings, KINDS, **{"slots": MUSIC, **options})  # type: ignore[arg-type]
        queue.start(work=work)
        queues.append(queue)
        return queue

    yield begin
    for queue in queues:
        queue.close()


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
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
