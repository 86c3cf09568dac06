"""The process that is ready to decode: it imports the codecs once and forks a limited child for each file.

Importing the codecs takes ten times as long as looking into a file. This process does it once, touches no
file itself, and has one thread, so that forking it is safe. It is started as a script with its only
connection, a Unix socket, as standard input. A request is :data:`REQUEST` with three open descriptors: the
file, where the decoder's messages go, and a socket for this one request, on which is answered

- the child's process number (four bytes) as soon as there is one,
- how it ended (four bytes: an exit status, or less than zero for a signal).

Whoever closes that socket, or its sending half, has the child killed. When the connection itself closes, the
owner has died: all children are killed, and this process ends. It also ends when nothing was asked for long.

A child has no descriptor but the file, the pipe and ``/dev/null``, may open none, and gains no rights.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

REQUEST = struct.Struct("<QQI")
"""Bytes of memory, seconds of computing, and how many blocks are wanted (0 for all)."""
NUMBER = struct.Struct("<i")

IDLE_S = 300.0
_DESCRIPTORS = 3
_OPEN_FILES = 4096
_SET_PDEATHSIG, _SET_NO_NEW_PRIVS = 1, 38  # of Linux's prctl


@dataclass(slots=True)
class Ready:
    """The loop: requests in, children out.

    Parameters
    ----------
    connection : socket
        To the owner.
    """

    connection: socket.socket
    _poll: Any = field(default_factory=select.poll)
    _children: dict[int, socket.socket] = field(default_factory=dict)  # by process number
    _owners: dict[int, int] = field(default_factory=dict)  # process number by the socket's descriptor

    def run(self) -> None:
        """Serve until the owner is gone."""
        awake, woken = os.pipe()
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a signal without a handler wakes nobody
        signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
        for descriptor in (self.connection.fileno(), awake):
            self._poll.register(descriptor, select.POLLIN)
        while True:
            events = dict(self._poll.poll(IDLE_S * 1000))
            if not events and not self._children:
                break
            if awake in events:
                os.read(awake, 4096)
                self._reap()
            for descriptor in events.keys() & self._owners.keys():
                self._kill(descriptor)
            if self.connection.fileno() in events and not self._serve():
                break
        for child in self._children:
            _kill(child)

    def _serve(self) -> bool:
        """Fork a child for the next request; False if the owner is gone."""
        data, descriptors, *_ = socket.recv_fds(self.connection, REQUEST.size, _DESCRIPTORS)
        if len(data) < REQUEST.size or len(descriptors) != _DESCRIPTORS:
            return False
        file, output, answers = descriptors
        owner = socket.socket(fileno=answers)
        parent = os.getpid()
        try:
            child = os.fork()
        except OSError:  # too many processes: that nothing is answered says so
            owner.close()
        else:
            if not child:
                _decode(parent, file, output, *REQUEST.unpack(data))
            self._children[child] = owner
            self._owners[owner.fileno()] = child
            self._poll.register(owner.fileno(), select.POLLIN)
            with suppress(OSError):
                owner.send(NUMBER.pack(child))
        os.close(file)
        os.close(output)
        return True

    def _kill(self, descriptor: int) -> None:
        """Kill the child of an owner who does not want it any more; it is reaped later."""
        self._poll.unregister(descriptor)
        _kill(self._owners.pop(descriptor))

    def _reap(self) -> None:
        while self._children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if not child:
                return
            owner = self._children.pop(child)
            if self._owners.pop(owner.fileno(), None) is not None:
                self._poll.unregister(owner.fileno())
            with suppress(OSError):
                owner.send(NUMBER.pack(os.waitstatus_to_exitcode(status)))
            owner.close()


def _kill(child: int) -> None:
    for kill in (os.killpg, os.kill):  # in its first moments it has no group of its own
        with suppress(OSError):
            kill(child, signal.SIGKILL)


def _decode(parent: int, file: int, output: int, memory: int, seconds: int, blocks: int) -> None:
    """Be the child: nothing but the file at 0 and the pipe at 1, limited, then decode; never return."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.setsid()
        os.dup2(file, 0)
        os.dup2(output, 1)
        os.closerange(3, _OPEN_FILES)
        _give_up_rights(parent)
        _codecs().limit(memory, seconds, files=3)
        status = _codecs().answer(0, memory, blocks)
    finally:
        os._exit(status)


def _give_up_rights(parent: int) -> None:
    """Die with the parent, gain nothing by running other programs, start none."""
    import resource

    if _prctl is not None:
        _prctl(_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
        _prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)  # it died before it could be said that its death is meant
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))


def _codecs() -> Any:
    from edm_core.audio import _decoder_process  # by its whole name: this module runs as a script

    return _decoder_process


_prctl: Any = None


def _prepare() -> None:
    """Import all that a child may need: it may open nothing, not even a module."""
    global _prctl
    import ctypes
    import gc
    import resource

    if sys.platform == "linux":
        _prctl = ctypes.CDLL(None).prctl
    with suppress(ValueError, OSError):
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        most = _OPEN_FILES if most == resource.RLIM_INFINITY else min(most, _OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    _codecs().prepare()
    gc.freeze()  # a collection in a child would copy every page it looks at


def main(arguments: list[str]) -> int:
    """Run as ``script path…``, where the paths are for imports."""
    sys.path[:] = arguments
    _prepare()
    Ready(socket.socket(fileno=os.dup(0))).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
