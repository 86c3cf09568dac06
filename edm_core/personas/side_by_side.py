"""Several slow things at the same time, such as questions to a server, with results as they come."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_TICK = 0.25


def side_by_side(
    work: Callable[[T], R], items: Iterable[T], workers: int, tick: Callable[[], None] | None = None
) -> Iterator[R]:
    """Yield what ``work`` returns for each item, in the order in which it is done.

    Parameters
    ----------
    work : callable
        Called in other threads, no more than ``workers`` at a time. What it raises is raised here, and the
        rest is not begun.
    items : iterable
        Taken one by one as workers get free.
    workers : int
        How many at most.
    tick : callable, optional
        Called here several times a second while nothing comes; what it raises stops the work.

    Notes
    -----
    Nothing is begun after the caller stops listening; what was begun ends on its own, and holds up neither
    the caller nor the end of the process.
    """
    todo, lock, stopped = iter(items), threading.Lock(), threading.Event()
    done: queue.SimpleQueue[tuple[list[R], BaseException | None]] = queue.SimpleQueue()

    def serve() -> None:
        try:
            while not stopped.is_set():
                with lock:
                    item = next(todo)
                done.put(([work(item)], None))
        except StopIteration:
            done.put(([], None))
        except BaseException as error:  # noqa: BLE001  # it is raised where the results are waited for
            done.put(([], error))

    serving = workers
    for _ in range(workers):
        threading.Thread(target=serve, daemon=True).start()
    try:
        while serving:
            try:
                found, error = done.get(timeout=_TICK)
            except queue.Empty:
                if tick is not None:
                    tick()
                continue
            if error is not None:
                raise error
            serving -= not found
            yield from found
    finally:
        stopped.set()
