"""A workbench that is served by a process of its own, and who talks to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edm_core.settings import Settings
from tests.servers import LOOPBACK, free_port, until

from ..measure import EDM

PREFIX = "/api/v1"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; ``seconds`` from the first byte sent to the last received."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def json(self) -> Any:
        """Return the body as values."""
        return json.loads(self.body)


class Client:
    """One connection, kept open between requests and opened again where it broke.

    Parameters
    ----------
    port : int
    host : str, optional
    """

    def __init__(self, port: int, host: str = LOOPBACK, timeout: float = 60.0) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=timeout)

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for a path; what is no bytes is sent as JSON.

        Raises
        ------
        OSError, http.client.HTTPException
            If nobody answers; whether it was done is not known then.
        """
        sent = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, sent)
            answer = self._connection.getresponse()
            content = answer.read()
        except BaseException:
            self._connection.close()
            raise
        took = time.perf_counter() - began
        return Answer(answer.status, {k.lower(): v for k, v in answer.headers.items()}, content, took)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class Serving:
    """``edm serve``, or ``edm app``, in a process of its own.

    Parameters
    ----------
    settings : Settings
    folder : Path
        Where its log goes.
    arguments : sequence of str
        What else the command is given.
    environment : mapping, optional
        Variables besides those of the settings.
    command : str, optional
        ``serve`` or ``app``.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
        command: str = "serve",
    ) -> None:
        self.settings, self.folder, self.arguments, self.command = settings, folder, arguments, command
        self.environment = dict(environment or {})
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.started: list[float] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> float:
        """Start it, wait until it answers, and return the seconds that took."""
        began = time.monotonic()
        command = [*EDM, self.command, "--port", str(self.port), *self.arguments]
        self.process = begun(command, self.settings, self.folder / "serve.log", self.environment)
        until(self._is_up, f"the workbench comes up ({self.folder}/serve.log)")
        self.started.append(time.monotonic() - began)
        return self.started[-1]

    def kill(self) -> None:
        """End it as a crash of the machine would: with every process that it started."""
        if self.process is not None:
            ended(self.process)
            self.process = None

    def stop(self) -> int:
        """Ask it to stop, and return its exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.kill()
        return status

    def client(self) -> Client:
        """Return a new connection to it."""
        return Client(self.port)

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask for a path below ``/api/v1``, on a connection of its own."""
        client = self.client()
        try:
            return client.ask(method, f"{PREFIX}{path}", body, headers)
        finally:
            client.close()

    def _is_up(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"it ended: {(self.folder / 'serve.log').read_text()[-2000:]}"
        try:
            return self.ask("GET", "/health").status == 200
        except (OSError, http.client.HTTPException):
            return False


def begun(
    command: list[str], settings: Settings, log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start a command of the workbench with these settings, as the leader of a group of processes."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("EDM_")}
    with log.open("ab") as out:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
            env={**inherited, **settings.environment(), **(environment or {})},
        )  # fmt: skip


def ended(process: subprocess.Popen[bytes]) -> None:
    """Kill a process and all of its group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        process.kill()
    process.wait()
