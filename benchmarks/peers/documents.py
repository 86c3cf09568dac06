"""What peers say about recordings: asked once, kept by content, so that a run that was cut short goes on.

A document is kept under the system's name, a fingerprint of all that it depends on (the pins of its
environment and the script that asks it) and the hash of the recording's bytes. Failures are not kept. Timings
are never taken from here.
"""

from __future__ import annotations

import hashlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from ..measure import ONE_THREAD
from .environments import CACHE, Environment, Peer, environment

WORKER = Path(__file__).with_name("worker.py")

Document = dict[str, Any]
Item = dict[str, Any]
"""``{"audio": absolute path, "truth": the item's truth}``."""


def ask(
    peer: Peer,
    items: Sequence[Item],
    scripts: Path,
    told: Callable[[Item], None] = lambda _: None,
    jobs: int = 2,
    root: Path = CACHE,
) -> list[Document]:
    """Return a peer's documents, in the order of `items`; only what is not kept is computed.

    Parameters
    ----------
    peer : Peer
    items : sequence of Item
        Those that score nothing for this peer (no boundaries to find) may be left out.
    scripts : Path
        Folder of the development set's ``baselines.py``.
    told : callable
        Called with every item that is done.
    jobs : int
        Processes at the same time.
    root : Path
        Folder that holds environments and documents.

    Returns
    -------
    list of Document
        An item whose process died twice has none.

    Raises
    ------
    PeerMissing
        If the peer cannot be run here.
    """
    place = environment(peer, root / "environments")
    folder = root / "documents" / f"{peer.name}-{fingerprint(place, scripts)}"
    paths = [folder / f"{content_hash(Path(item['audio']))}.json" for item in items]
    kept: dict[int, Document] = {}
    missing: queue.SimpleQueue[int] = queue.SimpleQueue()
    for index, item in enumerate(items):
        # A system that is told the truth does not depend on the recording alone.
        if peer.pins and paths[index].exists():
            kept[index] = json.loads(paths[index].read_text(encoding="utf-8"))
            told(item)
        else:
            missing.put(index)

    def work(number: int) -> None:
        with _Worker(peer, place, scripts, root / f"numba-{number}") as worker:
            while True:
                try:
                    index = missing.get_nowait()
                except queue.Empty:
                    return
                document = worker.ask(items[index])
                if document is not None:
                    kept[index] = document
                    if peer.pins and "problems" not in document:
                        _keep(paths[index], document)
                told(items[index])

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(work, range(min(jobs, missing.qsize()))))
    for index, document in kept.items():
        document["recording"]["path"] = items[index]["audio"]
    return [kept[index] for index in sorted(kept)]


def fingerprint(place: Environment, scripts: Path) -> str:
    """Hash of what a peer's answers depend on, the recording aside."""
    script = (scripts / "baselines.py").read_bytes()
    return hashlib.sha256(place.fingerprint.encode() + script).hexdigest()[:12]


def content_hash(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _keep(path: Path, document: Document) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    part.write_text(json.dumps(document), encoding="utf-8")
    part.replace(path)


class _Worker:
    """A process in the peer's environment; started again, once an item, where it dies."""

    def __init__(self, peer: Peer, place: Environment, scripts: Path, numba: Path) -> None:
        self._command = [str(place.python), str(WORKER), str(scripts), peer.name]
        # Two processes that fill one cold numba cache at the same time can spoil it: each has its own.
        self._environment = {**os.environ, **ONE_THREAD, "NUMBA_CACHE_DIR": str(numba / place.fingerprint)}
        self._environment.pop("PYTHONPATH", None)
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            assert self._process.stdin is not None and self._process.stdout is not None
            self._process.stdin.close()
            self._process.wait()
            self._process.stdout.close()

    def ask(self, item: Item) -> Document | None:
        for _ in range(2):
            if self._process is None:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    env=self._environment,
                    text=True,
                )
            assert self._process.stdin is not None and self._process.stdout is not None
            try:
                self._process.stdin.write(json.dumps(item) + "\n")
                self._process.stdin.flush()
                line = self._process.stdout.readline()
            except BrokenPipeError:
                line = ""
            if line:
                document: Document = json.loads(line)
                return document
            status = self._process.wait()
            self._process = None
            print(f"{item['audio']}: the peer's process ended with {status}", file=sys.stderr, flush=True)
        return None
