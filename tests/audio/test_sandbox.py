"""The ready process: locked in, shared, and gone with its owner, whatever becomes of its children."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edm_core.audio import _decoder_process, _ready_process, decode, sandbox
from edm_core.audio.probing import probe
from edm_core.settings import Settings

ROOT = Path(sandbox.__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


@pytest.fixture
def ready(monkeypatch):
    """A ready process of the test's own."""
    monkeypatch.setattr(sandbox, "_ready", fresh := sandbox._Ready())
    yield fresh
    fresh.close()


def answering(monkeypatch, body):
    """Let children run ``body`` in the place of decoding; what it calls ``said`` is sent as a header."""
    script = f"""
import json, os, sys
sys.path[:] += {[str(ROOT), *sys.path]!r}
from edm_core.audio import _decoder_process, _ready_process
import socket, time
def instead(*given):
    said = None
    {body}
    _decoder_process._write(b"F", json.dumps(said).encode())
    return 0
_decoder_process.answer = instead
sys.exit(_ready_process.main(sys.argv[1:]))
"""
    monkeypatch.setattr(sandbox, "ready_command", lambda: [sys.executable, "-I", "-S", "-c", script])


def said_by(path):
    """What the child says in place of a header."""
    with open(path, "rb") as file:
        decoder = sandbox.start(file.fileno(), decode.MEMORY_BYTES, 30)
        try:
            assert isinstance(decoder, sandbox._Child)
            with os.fdopen(os.dup(decoder.output), "rb") as output:
                head = output.read(_decoder_process.HEADER.size)
                return json.loads(output.read(_decoder_process.HEADER.unpack(head)[1]))
        finally:
            decoder.stop()


def is_gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    stat = Path(f"/proc/{pid}/stat")  # in a container nobody may reap what was orphaned
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def wait_for(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


def test_one_process_serves_all(wav, ready):
    assert probe(wav).duration == 2.0
    first = ready._process
    assert first is not None
    probe(wav)
    assert ready._process is first
    assert first.poll() is None


ATTEMPTS = """
    said = {}
    for name, attempt in {
        "open": lambda: os.open("/etc/hostname", os.O_RDONLY),
        "write": lambda: os.open("/tmp/a", os.O_CREAT | os.O_WRONLY),
        "socket": lambda: socket.socket(),
        "pair": lambda: os.pipe(),
        "dup": lambda: os.dup(0),
        "raise": lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_NOFILE, (64, 64))
            if os.getuid() else os.open("/etc/hostname", os.O_RDONLY),
    }.items():
        try:
            attempt()
            said[name] = "done"
        except (OSError, ValueError) as error:
            said[name] = "refused"
"""


def test_a_child_opens_nothing(wav, ready, monkeypatch):
    answering(monkeypatch, ATTEMPTS.strip())
    said = said_by(wav)
    assert len(said) == 6
    assert set(said.values()) == {"refused"}


@LINUX
def test_a_child_holds_the_file_and_the_pipe_alone_and_gains_no_rights(wav, ready, monkeypatch):
    body = """said = {"pid": os.getpid()}
    _decoder_process._write(b"F", json.dumps(said).encode())
    time.sleep(60)"""
    answering(monkeypatch, body)
    with open(wav, "rb") as file:
        decoder = sandbox.start(file.fileno(), decode.MEMORY_BYTES, 30)
        try:
            os.read(decoder.output, 5)
            place = Path(f"/proc/{decoder.pid}")
            held = {int(each.name): os.readlink(each) for each in (place / "fd").iterdir()}
            assert set(held) == {0, 1, 2}
            assert held[0] == str(wav)
            assert held[1].startswith("pipe:")
            assert held[2] == "/dev/null"
            assert "NoNewPrivs:\t1" in (place / "status").read_text()
            limits = (place / "limits").read_text()
            assert "Max open files            3" in limits
            assert "Max processes             0" in limits
            assert "Max core file size        0" in limits
            assert f"Max address space         {decode.MEMORY_BYTES}" in limits
        finally:
            decoder.stop()


@LINUX
def test_the_ready_process_is_small(wav, ready):
    for _ in range(20):
        probe(wav)
    assert ready._process is not None
    lines = Path(f"/proc/{ready._process.pid}/status").read_text().splitlines()
    resident = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    assert resident < 60_000


@LINUX
def test_nothing_stays_open(wav, ready):
    def count(pid):
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))

    probe(wav)
    assert ready._process is not None
    before = count(os.getpid()), count(ready._process.pid)
    for _ in range(20):
        probe(wav)
    # Fewer are fine: what other tests left open may have been closed meanwhile.
    wait_for(lambda: count(os.getpid()) <= before[0] and count(ready._process.pid) <= before[1])


def test_a_killed_ready_process_is_replaced(wav, ready):
    probe(wav)
    assert ready._process is not None
    ready._process.kill()
    ready._process.wait()
    assert probe(wav).duration == 2.0
    assert ready._process.poll() is None


def test_where_none_can_be_had_the_script_serves(wav, ready, monkeypatch):
    monkeypatch.setattr(sandbox, "ready_command", lambda: [sys.executable, "-c", "raise SystemExit(1)"])
    with open(wav, "rb") as file:
        decoder = sandbox.start(file.fileno(), decode.MEMORY_BYTES, 30)
        decoder.stop()
    assert isinstance(decoder, sandbox._Script)
    assert probe(wav).duration == 2.0
    assert ready._process is None  # not tried again at once


def test_many_threads(wav, ready):
    found, failed = [], []

    def look():
        try:
            found.extend(probe(wav).duration for _ in range(5))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=look) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert found == [2.0] * 60


def test_a_child_that_hangs_keeps_nobody_waiting(wav, ready, monkeypatch):
    hung = []
    answering(monkeypatch, "time.sleep(60) if given[2] == 7 else None; said = 1")
    with open(wav, "rb") as file:
        try:
            hung.extend(sandbox.start(file.fileno(), decode.MEMORY_BYTES, 30, 7) for _ in range(3))
            assert said_by(wav) == 1
        finally:
            for decoder in hung:
                decoder.stop()
    wait_for(lambda: all(is_gone(decoder.pid) for decoder in hung))


def _probe_in_a_fork(path, answers):
    answers.put((probe(path).duration, sandbox._ready._process.pid))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_process_has_one_of_its_own(wav, ready):
    os.register_at_fork(after_in_child=ready.forked)  # as the module does for its own
    probe(wav)
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_probe_in_a_fork, args=(wav, answers))
    child.start()
    duration, pid = answers.get(timeout=30)
    child.join(30)
    assert duration == 2.0
    assert ready._process is not None
    assert pid != ready._process.pid
    wait_for(lambda: is_gone(pid))
    assert probe(wav).duration == 2.0
    assert ready._process.poll() is None


OWNER = """
import os, sys
sys.path[:] = {path!r}
from edm_core.audio import sandbox
script = '''
import sys, time
sys.path[:] = {path!r}
from edm_core.audio import _decoder_process, _ready_process
_decoder_process.answer = lambda *given: time.sleep(600)
sys.exit(_ready_process.main(sys.argv[1:]))
'''
sandbox.ready_command = lambda: [sys.executable, "-I", "-S", "-c", script]
with open({file!r}, "rb") as file:
    decoder = sandbox.start(file.fileno(), 2_000_000_000, 30)
    print(sandbox._ready._process.pid, decoder.pid, flush=True)
    {then}
"""


@pytest.mark.parametrize("then", ["os.kill(os.getpid(), 9)", "pass", "raise SystemExit(3)"])
def test_it_dies_with_its_owner_and_so_do_children_that_hang(then, wav):
    path = [str(ROOT), *sys.path]
    code = OWNER.format(path=path, file=str(wav), then=then)
    owner = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert owner.stderr == ""
    ready, child = map(int, owner.stdout.split())
    wait_for(lambda: is_gone(ready) and is_gone(child))


@LINUX
def test_children_die_with_the_ready_process(wav, ready, monkeypatch):
    answering(monkeypatch, "time.sleep(60)")
    with open(wav, "rb") as file:
        decoder = sandbox.start(file.fileno(), decode.MEMORY_BYTES, 30)
        assert ready._process is not None
        ready._process.kill()
        wait_for(lambda: is_gone(decoder.pid))
        assert decoder.wait() == -signal.SIGKILL
        decoder.stop()


def test_it_goes_to_rest_and_comes_back(wav, ready, monkeypatch):
    script = f"""
import sys
sys.path[:] = {[str(ROOT), *sys.path]!r}
from edm_core.audio import _ready_process
_ready_process.IDLE_S = 0.05
sys.exit(_ready_process.main(sys.argv[1:]))
"""
    monkeypatch.setattr(sandbox, "ready_command", lambda: [sys.executable, "-I", "-S", "-c", script])
    probe(wav)
    first = ready._process
    assert first is not None
    first.wait(10)
    assert probe(wav).duration == 2.0


def test_a_request_that_is_none_ends_the_process(ready, wav):
    probe(wav)
    process = ready._process
    assert process is not None
    assert ready._connection is not None
    ready._connection.send(b"nonsense" * 4)
    process.wait(10)
    assert probe(wav, Settings()).duration == 2.0


def test_a_number_and_a_request_have_the_size_that_both_sides_expect():
    assert (_ready_process.REQUEST.size, _ready_process.NUMBER.size) == (20, 4)
