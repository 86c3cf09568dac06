"""Counting requests in a file that the processes of one machine share: a storage for the library ``limits``.

It is an SQLite file that is never flushed: what it holds is worth nothing after a minute. A file that cannot
be read is begun anew. The windows slide: the count of the last one is taken by the share of it that still
counts (https://limits.readthedocs.io, "sliding window counter").
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import floor
from pathlib import Path
from typing import Any

from limits.storage.base import SlidingWindowCounterSupport, Storage, TimestampedSlidingWindow

_WAIT_S = 0.05  # the event loop waits as well: rather an uncounted request than a slow one
_SWEPT_EVERY_S = 60.0
_TABLE = "CREATE TABLE IF NOT EXISTS hits (key TEXT PRIMARY KEY, count INTEGER, expires REAL) WITHOUT ROWID"
_ADD = (
    "INSERT INTO hits VALUES (?1, ?2, ?4) ON CONFLICT (key) DO UPDATE SET "
    "count = CASE WHEN expires <= ?3 THEN ?2 ELSE count + ?2 END, "
    "expires = CASE WHEN expires <= ?3 THEN ?4 ELSE expires END RETURNING count"
)


class FileStorage(Storage, SlidingWindowCounterSupport, TimestampedSlidingWindow):
    """Counters in a file.

    Parameters
    ----------
    file : Path
        Made if it is not there; its folder must be.
    """

    STORAGE_SCHEME = ["edm-file"]  # noqa: RUF012 - the library's word for it

    def __init__(self, file: Path) -> None:
        super().__init__(None)
        self._file = file
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._swept = 0.0
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        """What may go wrong."""
        return (sqlite3.Error, OSError)

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter, which begins anew ``expiry`` seconds after it began."""
        with self._writing() as connection:
            return _added(connection, key, expiry, amount)

    def get(self, key: str) -> int:
        """Return a counter."""
        with self._writing() as connection:
            return _count(connection, key, time.time())

    def get_expiry(self, key: str) -> float:
        """Return when a counter begins anew; now, if there is none."""
        with self._writing() as connection:
            row = connection.execute("SELECT expires FROM hits WHERE key = ?", (key,)).fetchone()
        return float(row[0]) if row else time.time()

    def check(self) -> bool:
        """Whether the file can be used."""
        try:
            self.get("")
        except self.base_exceptions:
            return False
        return True

    def reset(self) -> int | None:
        """Forget everything."""
        with self._writing() as connection:
            return connection.execute("DELETE FROM hits").rowcount

    def clear(self, key: str) -> None:
        """Forget a counter."""
        with self._writing() as connection:
            connection.execute("DELETE FROM hits WHERE key = ?", (key,))

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, if the window has room for it."""
        with self._writing() as connection:
            before, share, current, _ = self._windows(connection, key, expiry)
            if floor(before * share / expiry + current) + amount > limit:
                return False
            _added(connection, self.sliding_window_keys(key, expiry, time.time())[1], 2 * expiry, amount)
            return True

    def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Return the counts of the last window and of this one, and the seconds that each still counts."""
        with self._writing() as connection:
            return self._windows(connection, key, expiry)

    def clear_sliding_window(self, key: str, expiry: int) -> None:
        """Forget both windows."""
        for each in self.sliding_window_keys(key, expiry, time.time()):
            self.clear(each)

    # --- private -----------------------------------------------------------------------------------

    def _windows(
        self, connection: sqlite3.Connection, key: str, expiry: int
    ) -> tuple[int, float, int, float]:
        now = time.time()
        last, this = self.sliding_window_keys(key, expiry, now)
        before, current = _count(connection, last, now), _count(connection, this, now)
        left = (1 - (now / expiry) % 1) * expiry
        return before, left if before else 0.0, current, left + expiry

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            connection = self._opened()
            try:
                connection.execute("BEGIN IMMEDIATE")
                yield connection
                connection.execute("COMMIT")
            except sqlite3.OperationalError:  # held by another for too long, or no room: it is as it was
                _undone(connection)
                raise
            except sqlite3.DatabaseError:  # damaged, as after the power went
                connection.close()
                self._connection = None
                self._file.unlink(missing_ok=True)
                raise

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None or self._process != os.getpid():
            connection = sqlite3.connect(
                self._file, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
            )
            try:
                for pragma in ("synchronous=OFF", "journal_mode=TRUNCATE"):
                    connection.execute(f"PRAGMA {pragma}")
                connection.execute(_TABLE)
            except sqlite3.OperationalError:
                connection.close()
                raise
            except sqlite3.DatabaseError:
                connection.close()
                self._file.unlink(missing_ok=True)
                raise
            self._connection, self._process = connection, os.getpid()
        if time.monotonic() - self._swept > _SWEPT_EVERY_S:
            self._swept = time.monotonic()
            self._connection.execute("DELETE FROM hits WHERE expires <= ?", (time.time(),))
        return self._connection


def _added(connection: sqlite3.Connection, key: str, expiry: float, amount: int) -> int:
    now = time.time()
    row: Any = connection.execute(_ADD, (key, amount, now, now + expiry)).fetchone()
    return int(row[0])


def _count(connection: sqlite3.Connection, key: str, now: float) -> int:
    row = connection.execute("SELECT count FROM hits WHERE key = ? AND expires > ?", (key, now)).fetchone()
    return int(row[0]) if row else 0


def _undone(connection: sqlite3.Connection) -> None:
    if connection.in_transaction:
        connection.execute("ROLLBACK")
