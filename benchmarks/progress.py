"""How far a long run is, on standard error: what is done, of how much, and the time that is left."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TextIO


@dataclass
class Progress:
    """A line of progress, told in whatever amount (seconds of audio, runs) is proportional to time.

    On a terminal the line is written over; elsewhere a new one comes with every tenth of the way.
    """

    what: str
    total: float
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    done: float = 0.0
    started: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def advance(self, amount: float, item: str = "") -> None:
        """Count `amount` as done, and say so."""
        with self._lock:
            before, self.done = self.done, self.done + amount
            spent = time.monotonic() - self.started
            line = f"{self.what}: {said(self.done, self.total, spent)} {item}".rstrip()
            if self.stream.isatty():
                end = "\n" if self.done >= self.total else ""
                print(f"\r\x1b[K{line}", end=end, file=self.stream, flush=True)
            elif int(10 * before / self.total) < int(10 * self.done / self.total):
                print(line, file=self.stream, flush=True)


def said(done: float, total: float, spent: float) -> str:
    """Say a share and what is left, at the pace so far.

    >>> said(25.0, 100.0, 60.0)
    '25 %, 3 min left'
    >>> said(100.0, 100.0, 60.0)
    '100 %'
    """
    share = done / total if total else 1.0
    if share >= 1 or not done:
        return f"{100 * share:.0f} %"
    left = spent * (1 - share) / share
    return f"{100 * share:.0f} %, " + (f"{left / 60:.0f} min left" if left >= 90 else f"{left:.0f} s left")
