"""The worker process: does the jobs it is sent, each in a thread, and dies with the process that started it.

It is started by :mod:`edm_core.jobs.process`, as ``python -m edm_core.jobs.worker BEGIN KIND=HANDLER …``.
Lines of JSON come in on standard input and go out on what was standard output; whatever a library prints
goes to standard error instead. In: ``{"start": name, "kind": …, "payload": …}`` and ``{"cancel": name}``.
Out, each with the ``start`` that it is about: ``{"progress": [stage, share, remaining]}``, then one of
``{"ending": "done", "result": …}``, ``{"ending": "failed" or "broken", "message": …}`` and
``{"stopped": true}``. The end of the input is the order to stop, however the parent ended. How many jobs it
is at is for the parent to say.
"""

from __future__ import annotations

import contextvars
import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

from ..errors import Cancelled, EdmError, StorageError

Progress = Callable[[str, float, float | None], None]
"""Called with stage, share of the whole (0 to 1) and seconds left; raises ``Cancelled`` to stop the work."""
Handler = Callable[[dict[str, Any], Progress], Any]
"""What does a job: called with its payload, in which ``job`` tells ``id`` and ``attempt``. What it returns is
kept as the job's result; ``{"then": [{"kind": …, "key": …, "payload": …}]}`` queues what is to follow. An
:class:`~edm_core.errors.EdmError` is its input's fault and ends the job; anything else, a ``StorageError``
too, is tried again."""

NICENESS = 5
"""How far the workers stand back, so that pages stay quick while the machine is busy."""
PROGRESS_SECONDS = 0.1
"""Shortest time between two reports."""
FAREWELL_SECONDS = 1.5
"""How long jobs may take to stop once the parent has gone."""
MOST_AT_ONCE = 64
"""Threads that there may be; how many jobs are sent at once is for the parent to say, and is far less."""
_log = logging.getLogger(__name__)


def main(arguments: Sequence[str]) -> None:
    """Do the jobs that arrive until the input ends.

    Parameters
    ----------
    arguments : sequence of str
        ``MODULE:FUNCTION`` of what is called before the first job, or nothing; then ``KIND=MODULE:FUNCTION``
        for each kind.
    """
    # Ctrl-C, and what ends a whole group of processes, is for the parent, which then closes the input.
    # Not ignored but answered with nothing: what is ignored stays so in programs that a job starts.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    os.nice(NICENESS)
    begin, *bindings = arguments
    handlers = dict(binding.split("=", 1) for binding in bindings)
    outbox = _Outbox(os.fdopen(os.dup(1), "w"))
    os.dup2(2, 1)
    inbox = _Inbox(sys.stdin)
    if begin:
        _named(begin)()
    with ThreadPoolExecutor(MOST_AT_ONCE, "job") as threads:
        while (order := inbox.next()) is not None:
            do = contextvars.copy_context().run  # what the beginning set holds for every job
            threads.submit(do, _do, order, handlers, inbox, outbox).add_done_callback(inbox.finished)


def _do(order: dict[str, Any], handlers: Mapping[str, str], inbox: _Inbox, outbox: _Outbox) -> None:
    start, told = order["start"], 0.0

    def progress(stage: str, share: float, remaining: float | None = None) -> None:
        nonlocal told
        if inbox.is_cancelled(start):
            raise Cancelled("it was stopped")
        if time.monotonic() - told >= PROGRESS_SECONDS:
            told = time.monotonic()
            outbox.tell(_line(start, progress=[stage, share, remaining]))

    try:
        handler: Handler = _named(handlers[order["kind"]])
        ended = _line(start, ending="done", result=handler(order["payload"], progress))
    except Cancelled:
        ended = _line(start, stopped=True)
    except StorageError as error:  # a disk that is full or a database that restarts is no fault of the input
        ended = _line(start, ending="broken", message=str(error))
    except EdmError as error:
        ended = _line(start, ending="failed", message=str(error))
    except BaseException as error:  # noqa: BLE001 - whatever it was: its end has to be told, the others go on
        _log.exception("job %s (%s) failed", start, order["kind"])
        ended = _line(start, ending="broken", message=f"unexpected {type(error).__name__}: {error}")
    outbox.tell(ended)


def _line(start: str, **said: Any) -> str:
    return json.dumps({"start": start, **said}, allow_nan=False) + "\n"


def _named(name: str) -> Any:
    module, function = name.split(":")
    return getattr(importlib.import_module(module), function)


class _Outbox:
    """What the parent is told, one whole line after the other."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def tell(self, line: str) -> None:
        with self._lock:
            self._stream.write(line)
            self._stream.flush()


class _Inbox:
    """Orders and cancellations, read by a thread so that they arrive while a job runs."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._orders: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._cancelled: set[str] = set()
        self._ended, self._under_way, self._changed = threading.Event(), 0, threading.Condition()
        threading.Thread(target=self._listen, name="inbox", daemon=True).start()

    def next(self) -> dict[str, Any] | None:
        return self._orders.get()

    def finished(self, _: object = None) -> None:
        with self._changed:
            self._under_way -= 1
            self._changed.notify_all()

    def is_cancelled(self, start: str) -> bool:
        return start in self._cancelled or self._ended.is_set()

    def _listen(self) -> None:
        for line in self._stream:
            message = json.loads(line)
            if "cancel" in message:
                self._cancelled.add(message["cancel"])
            else:
                with self._changed:
                    self._under_way += 1
                self._orders.put(message)
        self._ended.set()
        self._orders.put(None)
        with self._changed:
            self._changed.wait_for(lambda: not self._under_way, FAREWELL_SECONDS)
        # Native code may be in the middle of minutes of work that nobody waits for any more.
        os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
