"""Several processes that answer on one socket: begun, begun again when one dies, and ended together.

Each is ``python -m edm_core.service.running.member``. It ends when its standard input does, so that none
outlives whoever began it; one that dies is begun again, unless it dies at once, again and again.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

from ...errors import EdmError

if TYPE_CHECKING:
    import socket

    from ...settings import Settings

READY = "ready"
"""What a member says once it answers."""
WITHIN_S = 120.0
LOOK_S = 0.2
SHORT_S = 10.0
"""A life that is shorter is a failed start."""
MOST_FAILED = 5
_log = logging.getLogger(__name__)


class Fleet:
    """Processes that answer on one socket.

    Parameters
    ----------
    listener : socket
        Where.
    settings : Settings
        What each is told.
    count : int
        How many.
    farewell : int
        Seconds that each may take to end.
    """

    def __init__(self, listener: socket.socket, settings: Settings, count: int, farewell: int) -> None:
        self._listener, self._settings, self._count, self._farewell = listener, settings, count, farewell
        self._members: list[_Member] = []
        self._failed = 0

    def start(self) -> None:
        """Begin all, and return once all answer.

        Raises
        ------
        EdmError
            If one does not.
        """
        self._members = [self._begun() for _ in range(self._count)]
        until = time.monotonic() + WITHIN_S
        for member in self._members:
            if not member.ready.wait(max(0.0, until - time.monotonic())) or member.ended:
                raise EdmError("a process of the server did not start", remedy="read the lines above")

    def watch(self) -> None:
        """Begin again what dies, until the caller is interrupted.

        Raises
        ------
        EdmError
            If members die as soon as they are begun.
        """
        while True:
            time.sleep(LOOK_S)
            for place, member in enumerate(self._members):
                if not member.ended:
                    continue
                lived = time.monotonic() - member.begun
                self._failed = self._failed + 1 if lived < SHORT_S else 0
                if self._failed > MOST_FAILED:
                    raise EdmError("processes of the server die at once", remedy="read the log")
                _log.error("a process of the server died (%s); another is begun", member.process.returncode)
                self._members[place] = self._begun()

    def close(self) -> None:
        """End all; requests that are being answered may end."""
        for member in self._members:
            member.tell()
        until = time.monotonic() + self._farewell + 5.0
        for member in self._members:
            try:
                member.process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                member.process.kill()
                member.process.wait()

    def _begun(self) -> _Member:
        number = self._listener.fileno()
        command = [sys.executable, "-m", "edm_core.service.running.member", str(number), str(self._farewell)]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(number,),
            env=self._settings.inherited(),
        )
        return _Member(process)


class _Member:
    """One process, and whether it answers yet."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process, self.begun = process, time.monotonic()
        self.ready = threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def tell(self) -> None:
        """Tell it to end."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                if line.strip().decode(errors="replace") == READY:
                    self.ready.set()
        self.process.wait()
        self.ready.set()  # it will not be: who waits looks whether it has ended
