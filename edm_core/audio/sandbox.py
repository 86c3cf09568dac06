"""Starting decoders: forked by a process that is ready, or as a script where that cannot be had.

One ready process (:mod:`._ready_process`) serves all threads of this process. It is started when it is first
needed, again when it has died, and ends with its owner. A decoder that crashes, hangs or asks for too much
takes only itself along.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from . import _decoder_process, _ready_process

_PIPE_BYTES = 1 << 20
_ANSWER_S = 20.0  # importing the codecs from a cold disk included
_REST_S = 30.0  # between attempts at a ready process, where none can be had
_END_S = 10.0
_NUMBER = _ready_process.NUMBER
# No secrets of the environment reach the codecs; more threads would only reserve address space.
_ENVIRONMENT = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}


class Decoder(Protocol):
    """A process that decodes one file. Whoever started it has to stop it."""

    pid: int
    output: int
    """Descriptor to read its messages from."""

    def wait(self) -> int:
        """Wait for its end; return its status, below zero for a signal."""

    def stop(self) -> None:
        """Kill it if it runs, and wait until it is gone."""


def start(descriptor: int, memory: int, seconds: int, blocks: int = 0) -> Decoder:
    """Start a decoder for an open file.

    Parameters
    ----------
    descriptor : int
        The file; it stays open here.
    memory : int
        Address space that the decoder gets, in bytes.
    seconds : int
        Processor time that it gets.
    blocks : int
        How many blocks it shall give, 0 for all.

    Raises
    ------
    OSError
        If no process can be started at all.
    """
    return _ready.start(descriptor, memory, seconds, blocks) or _Script(descriptor, memory, seconds, blocks)


class _Script:
    """A decoder with a Python of its own: it takes a tenth of a second to start."""

    def __init__(self, descriptor: int, memory: int, seconds: int, blocks: int) -> None:
        given = map(str, (descriptor, memory, seconds, blocks))
        self._process = subprocess.Popen(
            [*script_command(), *given, *_import_paths()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            pass_fds=(descriptor,),
            start_new_session=True,
            env=_ENVIRONMENT,
        )
        assert self._process.stdout is not None
        self.pid, self.output = self._process.pid, self._process.stdout.fileno()
        _widen(self.output)

    def wait(self) -> int:
        return self._process.wait()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()


class _Child:
    """A decoder that the ready process forked; it is spoken about over a socket."""

    def __init__(self, pid: int, output: int, about: socket.socket) -> None:
        self.pid, self.output, self._about = pid, output, about

    def wait(self) -> int:
        with suppress(OSError):
            if len(answer := self._about.recv(_NUMBER.size)) == _NUMBER.size:
                return int(_NUMBER.unpack(answer)[0])
        return -signal.SIGKILL  # the ready process was killed, and what it had forked with it

    def stop(self) -> None:
        with suppress(OSError):
            self._about.shutdown(socket.SHUT_WR)
        self.wait()
        self._about.close()
        os.close(self.output)


class _Ready:
    """The ready process of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._not_before = 0.0

    def start(self, descriptor: int, memory: int, seconds: int, blocks: int) -> Decoder | None:
        """Return a decoder, or None if there is no ready process and none can be started."""
        request = _ready_process.REQUEST.pack(memory, seconds, blocks)
        for _ in range(2):  # it may have died, or gone to rest, since it was last asked
            if (connection := self._connected()) is None:
                return None
            if (child := _asked(connection, descriptor, request)) is not None:
                return child
            self._forget(connection)
        self._not_before = time.monotonic() + _REST_S
        return None

    def _connected(self) -> socket.socket | None:
        with self._lock:
            if self._connection is None and time.monotonic() >= self._not_before:
                ours, theirs = socket.socketpair()
                try:
                    self._process = subprocess.Popen(
                        [*ready_command(), *_import_paths()],
                        stdin=theirs.fileno(),
                        stdout=subprocess.DEVNULL,
                        stderr=subprocess.DEVNULL,
                        start_new_session=True,
                        env=_ENVIRONMENT,
                    )
                except OSError:
                    ours.close()
                else:
                    self._connection = ours
                finally:
                    theirs.close()
            return self._connection

    def _forget(self, connection: socket.socket) -> None:
        """Let go of a process that does not answer, unless another thread has done so."""
        with self._lock:
            if connection is self._connection:
                self.close()

    def close(self) -> None:
        """End the process, and with it whatever it has forked."""
        process, connection = self._process, self._connection
        self._process = self._connection = None
        if connection is not None:
            connection.close()
        if process is not None:
            try:
                process.wait(_END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def forked(self) -> None:
        """Be the copy in a forked process: what is connected to the original is not ours."""
        self._lock = threading.Lock()
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.returncode = 0  # not a child of this process: never waited for
        self._process = self._connection = None


def _asked(connection: socket.socket, descriptor: int, request: bytes) -> _Child | None:
    """Have a child forked; None if nobody answers."""
    output, theirs = os.pipe()
    about, answers = socket.socketpair()
    _widen(output)
    try:
        # The kernel keeps what one call sends together: threads need no lock.
        socket.send_fds(connection, [request], [descriptor, theirs, answers.fileno()])
        os.close(theirs)
        answers.close()
        theirs = -1
        about.settimeout(_ANSWER_S)
        answer = about.recv(_NUMBER.size)
    except OSError:
        answer = b""
    finally:
        if theirs >= 0:
            os.close(theirs)
            answers.close()
    if len(answer) == _NUMBER.size:
        about.settimeout(_END_S)
        return _Child(_NUMBER.unpack(answer)[0], output, about)
    about.close()
    os.close(output)
    return None


def script_command() -> list[str]:
    """Return how the script is started: no site, no environment, so that it starts in a tenth of a second."""
    return [sys.executable, "-I", "-S", str(Path(_decoder_process.__file__))]


def ready_command() -> list[str]:
    """Return how the ready process is started."""
    return [sys.executable, "-I", "-S", str(Path(_ready_process.__file__))]


def _import_paths() -> list[str]:
    return [str(Path(__file__).parents[2]), *filter(None, sys.path)]


def _widen(descriptor: int) -> None:
    """Let decoder and reader run side by side for longer; where it cannot be done it is only slower."""
    import fcntl

    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):
            fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


_ready = _Ready()
atexit.register(_ready.close)
os.register_at_fork(after_in_child=_ready.forked)
