"""BLAS keeps to one thread while anything is analysed, also where several threads of the process analyse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_users = 0
_limits: Any = None


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep BLAS to one thread until the last block that asked for it has ended.

    Its threads spin between products as small as an analysis has: twice the work, and no time won. The limit
    holds for the whole process, so that the first block to end must not lift it for the others.
    """
    global _users, _limits
    from threadpoolctl import threadpool_limits

    with _lock:
        if not _users:
            _limits = threadpool_limits(1, "blas")
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if not _users:
                _limits.restore_original_limits()
