"""A model is loaded once a process, also where several threads ask for it at the same time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")


def once(*, kept: int | None = None) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Return a decorator: what a function returned is kept, and whoever asks meanwhile waits for it.

    ``functools.lru_cache`` alone lets two threads that ask at the same time both load.

    Parameters
    ----------
    kept : int, optional
        How many of the newest results are kept; all by default.

    Examples
    --------
    >>> @once()
    ... def load(name: str) -> list[str]:
    ...     return [name]
    >>> load("base") is load("base")
    True
    """

    def decorate(load: Callable[P, T]) -> Callable[P, T]:
        lock, cached = threading.Lock(), cast("Callable[..., Any]", lru_cache(maxsize=kept)(load))

        @wraps(load)
        def locked(*given: P.args, **named: P.kwargs) -> T:
            with lock:
                return cast("T", cached(*given, **named))

        return locked

    return decorate
