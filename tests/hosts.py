"""Machines for tests: clocks that are wrong, disks that are full, hosts that can be cut off from the others."""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.servers import Missing, program

_numbers = itertools.count(1)


class Clock:
    """A clock for other processes, which can be set while they run.

    Parameters
    ----------
    file : Path
        Where it is written how wrong the clock goes.
    offset : float, optional
        Seconds that it is ahead.
    """

    def __init__(self, file: Path, offset: float = 0.0) -> None:
        found = [*Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")]
        if not found:
            raise Missing("no libfaketime on this machine: apt-get install faketime")
        self.library, self.file = found[0], file
        self.set(offset)

    def set(self, offset: float) -> None:
        """Set the clock; who has it sees so within a second."""
        new = self.file.with_suffix(".new")
        new.write_text(f"{offset:+g}s\n")
        new.replace(self.file)

    @property
    def environment(self) -> dict[str, str]:
        """What makes a process have this clock; how long things take it measures as ever."""
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }


@contextmanager
def small_disk(size: int) -> Iterator[Path]:
    """Give a folder on a disk of its own that holds ``size`` bytes.

    Raises
    ------
    Missing
        If one may not be made here: that takes root.
    """
    _as_root("a disk of its own")
    folder = Path(tempfile.mkdtemp(prefix="edm-disk-"))
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    try:
        if made.returncode:
            raise Missing(f"no disk can be mounted here: {made.stderr.strip()}")
        yield folder
    finally:
        if not made.returncode:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        with suppress(OSError):
            folder.rmdir()


def fill(folder: Path, leave: int = 0) -> Path:
    """Fill a disk with one file until only ``leave`` bytes are free, and return the file."""
    file = folder / "filler"
    free = os.statvfs(folder)
    size = free.f_bavail * free.f_frsize - leave
    with file.open("wb", buffering=0) as out, suppress(OSError):
        for _ in range(0, max(size, 0), 4096):
            out.write(b"\0" * 4096)
    return file


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of a :class:`Network`."""

    name: str
    address: str
    cable: str

    def command(self, command: Sequence[str]) -> list[str]:
        """Return a command as it runs there; the process is the command's own."""
        return [program("ip", "iproute2"), "netns", "exec", self.name, *command]

    def start(self, command: Sequence[str], **how: Any) -> subprocess.Popen[Any]:
        """Start a program there."""
        return subprocess.Popen(self.command(command), **how)


class Network:
    """Hosts on one network with this machine: network namespaces on a bridge.

    Parameters
    ----------
    count : int
        How many.

    Raises
    ------
    Missing
        If they may not be made here: that takes root.
    """

    def __init__(self, count: int = 3) -> None:
        _as_root("network namespaces")
        self._ip = program("ip", "iproute2")
        number = next(_numbers)
        self._bridge = f"eb{os.getpid() % 1_000_000}-{number}"
        base = f"10.{100 + os.getpid() % 100}.{os.getpid() // 100 % 200 + number % 50}"
        self.address, self.network = f"{base}.1", f"{base}.0/24"
        self.hosts = tuple(
            Host(f"{self._bridge}-{at}", f"{base}.{at + 10}", f"{self._bridge}{chr(97 + at)}")
            for at in range(count)
        )

    def __enter__(self) -> Self:
        try:
            self._make()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def cut(self, host: Host) -> None:
        """Pull a host's cable: nothing arrives any more, and nobody is told."""
        self._call("link", "set", host.cable, "down")

    def join(self, host: Host) -> None:
        """Put the cable back."""
        self._call("link", "set", host.cable, "up")

    def close(self) -> None:
        """Take everything down; what runs on the hosts has to be ended before."""
        for host in self.hosts:
            subprocess.run([self._ip, "link", "delete", host.cable], capture_output=True, check=False)
            subprocess.run([self._ip, "netns", "delete", host.name], capture_output=True, check=False)
        subprocess.run([self._ip, "link", "delete", self._bridge], capture_output=True, check=False)

    def _make(self) -> None:
        try:
            self._call("link", "add", self._bridge, "type", "bridge")
        except AssertionError as error:
            raise Missing(f"no network can be made here: {error}") from None
        self._call("addr", "add", f"{self.address}/24", "dev", self._bridge)
        self._call("link", "set", self._bridge, "up")
        for host in self.hosts:
            self._call("netns", "add", host.name)
            self._call("link", "add", host.cable, "type", "veth", "peer", "name", "eth0", "netns", host.name)
            self._call("link", "set", host.cable, "master", self._bridge, "up")
            self._call("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "eth0")
            self._call("-n", host.name, "link", "set", "eth0", "up")
            self._call("-n", host.name, "link", "set", "lo", "up")

    def _call(self, *arguments: str) -> None:
        done = subprocess.run([self._ip, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr.strip()}"


def _as_root(what: str) -> None:
    if os.geteuid() != 0:
        raise Missing(f"{what} can only be made by root: run the tests as root, or leave this one out")
