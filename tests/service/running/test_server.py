"""``edm serve``: real processes on a real socket, begun, killed and ended."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from edm_core.errors import EdmError
from edm_core.service.running.serving import address_of, bind
from edm_core.service.web.application import OURS
from edm_core.settings import Settings
from tests.servers import free_port, until


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run ``edm serve`` over a data folder until it answers; end it if it still runs."""
    port = free_port()
    command = [
        sys.executable,
        "-c",
        "from edm_core.cli import run; run()",
        "serve",
        "--port",
        str(port),
        *arguments,
    ]
    environment = {**os.environ, **Settings(data_dir=folder).environment()}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        until(lambda: process.poll() is not None or answers(port), "the server answers")
        assert process.poll() is None, process.communicate()[1]
        yield process, port
    finally:
        if process.poll() is None:
            process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(30)
        process.kill()
        process.communicate()


def get(port: int, path: str) -> Any:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
        return answer.read()


def answers(port: int) -> bool:
    try:
        return json.loads(get(port, "/health")) == {"status": "ok"}
    except (OSError, urllib.error.URLError):
        return False


def children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            line = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(line[1]) == pid and b"edm_core.service.running.member" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def is_there(pid: int) -> bool:
    try:
        return (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split())[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_one_process_serves_and_ends_when_told(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-workers") as (process, port):
        assert json.loads(get(port, "/api/v1/health")) == json.loads(get(port, "/health"))
        assert json.loads(get(port, "/recordings"))["total"] == 0
        assert b"swagger-ui" in get(port, "/")
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stderr is not None
        said = process.stderr.read()
    assert f"http://localhost:{port}/api/docs" in said and "Stopped." in said


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks into /proc")
def test_several_processes_share_a_socket_and_none_outlives_its_parent(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-workers", "--processes", "2") as (process, port):
        assert process.stderr is not None
        assert any(f"localhost:{port}" in line for line in process.stderr)  # said once both answer
        first = children(process.pid)
        assert len(first) == 2
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(set(children(process.pid)) - {first[0]}) == 2, "a dead one is begun again")
        assert answers(port)
        members = children(process.pid)
        process.kill()
        until(lambda: not any(map(is_there, members)), "they end with their parent")
    assert not answers(port)


@pytest.mark.slow
def test_requests_that_are_being_answered_may_end(tmp_path: Path) -> None:
    with serving(tmp_path, "--no-workers", "--processes", "1") as (process, port):
        said: list[bytes] = []
        begun = threading.Event()

        def listen() -> None:
            address = f"http://127.0.0.1:{port}/jobs/events?wait=true&seconds=600"
            with urllib.request.urlopen(address, timeout=60) as stream:
                for line in stream:
                    said.append(line)
                    begun.set()

        listener = threading.Thread(target=listen)
        listener.start()
        assert begun.wait(30)
        process.terminate()
        listener.join(30)
        assert not listener.is_alive() and b"event: end\n" in said, "a stream is told, not cut off"
        assert process.wait(30) == 128 + signal.SIGTERM


def test_beyond_this_machine_it_is_not_served_without_keys(tmp_path: Path) -> None:
    from edm_core.service.running.server import serve_api

    with pytest.raises(EdmError, match="no API key"):
        serve_api(0, "0.0.0.0", Settings(data_dir=tmp_path))


def test_addresses_that_are_none() -> None:
    with pytest.raises(EdmError, match="no address"):
        bind(0, "192.0.2.1")
    with pytest.raises(EdmError, match="no such address"):
        bind(0, "nowhere.invalid")
    with bind(0, "::1") if Path("/proc/net/if_inet6").exists() else bind(0) as listener:
        assert address_of(listener, "::1") == f"http://localhost:{listener.getsockname()[1]}"


def test_every_path_of_the_contract_answers_without_its_prefix(contract: Any) -> None:
    begins = {path.split("/")[3] for path in contract.document["paths"] if path.startswith("/api/v1/")}
    assert begins == set(OURS)
