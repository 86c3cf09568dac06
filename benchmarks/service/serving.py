"""The real server for a load: ``edm serve`` on a free port, watched, ended; and a client without frills."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

EDM = (sys.executable, "-c", "from edm_core.cli import run; run()")
_STARTED_S = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request got: its status (0 if the connection broke), seconds it took, and the body."""

    status: int
    seconds: float
    body: bytes = b""
    headers: bytes = b""


@dataclass(slots=True)
class Server:
    """A server that runs: where it listens, its process, and the folder of its data."""

    port: int
    process: subprocess.Popen[bytes]
    folder: Path

    def memory(self) -> int:
        """Return the proportional set size of the serving processes, in bytes.

        Every page is counted once, shared among those who share it; decoders that live for milliseconds are
        in it as far as they are met. Workers are not: the load is to be served, not analysed.
        """
        return sum(_proportional(pid) for pid in _family(self.process.pid))

    def processor(self) -> float:
        """Return the seconds of processor time that the serving processes took, with what they waited for."""
        return sum(_processor(pid) for pid in _family(self.process.pid))


@contextmanager
def served(
    folder: Path,
    *,
    processes: int = 2,
    arguments: Sequence[str] = (),
    environment: dict[str, str] | None = None,
) -> Iterator[Server]:
    """Start ``edm serve`` without workers over a data folder, wait for its answer, and end it afterwards."""
    port = _free_port()
    command = [*EDM, "serve", "--port", str(port), "--processes", str(processes), "--no-workers", *arguments]
    given = {name: value for name, value in os.environ.items() if not name.startswith("EDM_")}
    given |= {"EDM_DATA_DIR": str(folder), "EDM_LOG_LEVEL": "ERROR"} | (environment or {})
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=given, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(port, process)
            yield Server(port, process, folder)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read().decode("utf-8", "replace")[-4000:])
            raise
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Connection:
    """A connection that is kept, as browsers and proxies keep them."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, head: bytes, body: Sequence[bytes] = ()) -> Answer:
        """Send a request and return its answer; the time counts from before connecting."""
        begun = time.perf_counter()
        try:
            if self._writer is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
            self._writer.write(head)
            for block in body:
                self._writer.write(block)
                await self._writer.drain()
            status, headers, answer = await self._answer()
        except (OSError, EOFError, asyncio.IncompleteReadError):
            await self.close()
            return Answer(0, time.perf_counter() - begun)
        return Answer(status, time.perf_counter() - begun, answer, headers)

    async def _answer(self) -> tuple[int, bytes, bytes]:
        assert self._reader is not None
        head = await self._reader.readuntil(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        answer = await self._reader.readexactly(length)
        if b"\r\nconnection: close" in head.lower():
            await self.close()
        return int(head.split(b" ", 2)[1]), head, answer

    async def close(self) -> None:
        """Let go of it."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def quantile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share of all lies; the nearest rank.

    Examples
    --------
    >>> quantile([1.0, 2.0, 3.0, 4.0], 0.5), quantile([1.0, 2.0], 0.99)
    (2.0, 2.0)
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _STARTED_S
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with status {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.05)
    raise RuntimeError("the server does not answer")


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def _family(pid: int) -> list[int]:
    """Return a process and all below it."""
    parents: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            parents.setdefault(parent, []).append(int(folder.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(one := waiting.pop())
        waiting += parents.get(one, [])
    return found


def _processor(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0  # it has ended, and counts with its parent
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _proportional(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass  # it has ended
    return 0
