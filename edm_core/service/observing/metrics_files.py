"""The files through which processes share their figures: each counts in its own, a scrape adds them up.

They lie below ``<data_dir>/metrics/<host>``. What a process that has ended counted is added to a file of the
dead, so that no sum ever falls. Room is taken from the disk before it is written to: a page of a mapped file
for which there is none ends the process.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..._files import locked
from ...settings import Settings, count_in

ROOM = {"counter": 1 << 16, "histogram": 1 << 18, "gauge_livesum": 1 << 16}
"""Bytes that the file of each kind of figure takes at first."""
_DEAD = 0  # no process has this number
_log = logging.getLogger(__name__)
_shared: dict[int, Path | None] = {}  # by process: a fork begins its own


def share(settings: Settings) -> Path | None:
    """Have this process count in files that others can read; return their folder, None if it cannot be.

    The first call decides, and it has to be made before anything imports ``prometheus_client``.
    """
    if os.getpid() not in _shared:
        _shared[os.getpid()] = _begun(folder_of(settings))
    return _shared[os.getpid()]


def _begun(folder: Path) -> Path | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, size in ROOM.items():
            file = folder / f"{kind}_{os.getpid()}.db"
            if kind.startswith("gauge"):
                file.unlink(missing_ok=True)  # of an earlier process with this number
            _reserve(file, size)
    except OSError as error:
        # Without a data folder nothing goes on anyway, and that is told by whoever needs it.
        level = logging.WARNING if folder.parents[1].is_dir() else logging.DEBUG
        _log.log(level, "figures of this process are only its own: %s", error)
        count_in(None)
        return None
    count_in(folder)
    return folder


def take_room_first() -> None:
    """Have the library of metrics take room from the disk when a file of its own grows.

    It makes files longer without that, and then writes where there may be no room.
    """
    from prometheus_client import mmap_dict, values

    its_file: Any = mmap_dict.MmapedDict  # it has no types

    class Careful(its_file):  # type: ignore[misc]
        def _init_value(self, key: str) -> None:
            size = len(key.encode()) + 32  # at most what it adds to an entry
            if self._used + size > self._capacity:
                os.posix_fallocate(self._f.fileno(), 0, self._capacity * 2)
            super()._init_value(key)

    vars(values)["MmapedDict"] = Careful


def folder_of(settings: Settings) -> Path:
    """Return where the files of this machine lie; several may share a data folder."""
    return settings.data_dir / "metrics" / (socket.gethostname() or "localhost")


def living(folder: Path) -> tuple[int, ...]:
    """Return the numbers of the living processes that count here."""
    return tuple(sorted(pid for pid in _counting(folder.glob("*.db")) if _is_alive(pid)))


def bury(folder: Path) -> None:
    """Add up what processes counted that have ended, and delete their files."""
    dead = [pid for pid in _counting(folder.glob("*.db")) if not _is_alive(pid)]
    for pid in dead:
        for kind in ROOM:
            file = folder / f"{kind}_{pid}.db"
            if not kind.startswith("gauge") and file.exists():
                _add(file, folder / f"{kind}_{_DEAD}.db")
            file.unlink(missing_ok=True)


def lock_of(folder: Path) -> Path:
    """Return the lock that whoever reads or buries holds."""
    return folder / ".lock"


def scraped(folder: Path) -> Iterable[object]:
    """Return the figures of all processes, as ``prometheus_client`` has them."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.multiprocess import MultiProcessCollector

    with locked(lock_of(folder)):
        bury(folder)
        return tuple(MultiProcessCollector(CollectorRegistry(), str(folder)).collect())  # type: ignore[no-untyped-call]


def _add(counted: Path, to: Path) -> None:
    from prometheus_client import mmap_dict

    files: Any = mmap_dict.MmapedDict  # it has no types
    values = [(key, value, time) for key, value, time, _ in files.read_all_values_from_file(counted) if value]
    _reserve(to, ROOM[to.name.partition("_")[0]] * 4)
    sums = files(str(to))
    try:
        for key, value, time in values:
            sums.write_value(key, sums.read_value(key)[0] + value, time)
    finally:
        sums.close()


def _reserve(file: Path, size: int) -> None:
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(descriptor).st_size < size:
            os.posix_fallocate(descriptor, 0, size)
    except OSError:
        with suppress(OSError):
            if os.fstat(descriptor).st_size == 0:
                file.unlink()
        raise
    finally:
        os.close(descriptor)


def _counting(files: Iterable[Path]) -> set[int]:
    numbers = (file.stem.rpartition("_")[2] for file in files)
    return {int(number) for number in numbers if number.isdigit() and int(number) != _DEAD}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
