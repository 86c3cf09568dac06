"""Models that several threads ask for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from edm_core.models.once import once


def test_who_asks_while_it_is_loaded_waits_for_it() -> None:
    loads: list[str] = []
    begun, go = threading.Event(), threading.Event()

    @once()
    def load(name: str) -> object:
        """Load it."""
        loads.append(name)
        begun.set()
        assert go.wait(10)
        return object()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(load, "base")
        assert begun.wait(10)
        second = threads.submit(load, "base")
        assert not second.done()
        go.set()
        assert first.result(10) is second.result(10)
    assert loads == ["base"]
    assert (load.__name__, load.__doc__) == ("load", "Load it.")


def test_only_so_many_are_kept() -> None:
    loads: list[str] = []

    @once(kept=1)
    def load(name: str) -> None:
        loads.append(name)

    for name in ("base", "base", "tiny", "base"):
        load(name)
    assert loads == ["base", "tiny", "base"]


def test_what_failed_is_tried_again() -> None:
    loads: list[str] = []

    @once()
    def load(name: str) -> str:
        loads.append(name)
        if len(loads) == 1:
            raise OSError("not there yet")
        return name

    with pytest.raises(OSError, match="not there yet"):
        load("base")
    assert load("base") == "base"
