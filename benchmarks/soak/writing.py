"""People who save over HTTP for as long as they may, and what became of what they were told is saved."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from edm_core.settings import Settings
from edm_core.store.annotations import Annotations
from edm_core.store.answers import read_annotation
from edm_core.store.database import database_of
from tests.servers import until

from .material import said
from .serving import PREFIX, Client

BROKEN = (OSError, http.client.HTTPException)
"""How a request ends whose server dies."""


class Writer(threading.Thread):
    """Saves one revision after the other to a line of its own; revision ``n`` says ``said(n)``.

    Parameters
    ----------
    port : int
        Of the workbench.
    recording : str
        The id in the address.
    author : str
        Whose line.
    """

    def __init__(self, port: int, recording: str, author: str) -> None:
        super().__init__(name=author, daemon=True)
        self.port, self.author = port, author
        self.path = f"{PREFIX}/recordings/{recording}/annotations?author={author}"
        self.acknowledged: list[tuple[float, int]] = []
        """When, on this process's clock, and which revision."""
        self.refused: list[int] = []
        """Statuses of saves that were refused."""
        self.ended = threading.Event()

    def run(self) -> None:
        """Save until told to end."""
        client = Client(self.port, timeout=30)
        head: int | None = None
        is_known = False
        while not self.ended.is_set():
            try:
                if not is_known:  # whether the last save was kept is not known
                    answer = client.ask("GET", self.path)
                    if answer.status != 200:
                        self._refused(answer.status)
                        continue
                    head, is_known = answer.json()["revision"], True
                is_known = False
                answer = client.ask("PUT", self.path, {"annotation": said((head or 0) + 1)}, began_from(head))
            except BROKEN:
                time.sleep(0.02)
                continue
            if answer.status in (200, 201):
                head, is_known = int(answer.headers["etag"].strip('"')), True
                self.acknowledged.append((time.monotonic(), head))
            else:
                self._refused(answer.status)
        client.close()

    def _refused(self, status: int) -> None:
        self.refused.append(status)
        time.sleep(0.02)


def began_from(revision: int | None) -> dict[str, str]:
    """Return the condition of a save."""
    return {"If-None-Match": "*"} if revision is None else {"If-Match": f'"{revision}"'}


@contextmanager
def writing(port: int, recording: str, count: int) -> Iterator[list[Writer]]:
    """Let so many write meanwhile; they have ended afterwards."""
    writers = [Writer(port, recording, f"writer-{number}") for number in range(count)]
    for writer in writers:
        writer.start()
    try:
        yield writers
    finally:
        for writer in writers:
            writer.ended.set()
        for writer in writers:
            writer.join(60)


def saves(writers: Sequence[Writer]) -> int:
    """Return how many saves were acknowledged."""
    return sum(len(writer.acknowledged) for writer in writers)


def some_more(writers: Sequence[Writer], count: int) -> None:
    """Wait until so many more saves are acknowledged."""
    before = saves(writers)
    until(lambda: saves(writers) >= before + count, "saves are acknowledged")


def silence(writers: Sequence[Writer], begin: float) -> float:
    """Return the seconds from ``begin`` until somebody's save was acknowledged again."""
    times = [time for writer in writers for time, _ in writer.acknowledged if time > begin]
    return min(times, default=float("inf")) - begin


def lost(settings: Settings, recording: str, writers: Sequence[Writer]) -> list[str]:
    """Return what is wrong with the lines of those who wrote: nothing, if all that was acknowledged is there.

    Parameters
    ----------
    settings : Settings
        Of the store.
    recording : str
        Its id, as the store has it.
    writers : sequence of Writer
        Who have ended.
    """
    store, faults = Annotations(settings), []
    for writer in writers:
        history = [one.number for one in store.history(recording, writer.author)]
        if history != list(range(len(history), 0, -1)):
            faults.append(f"{writer.author}: the revisions are {history[:5]} …")
        missing = {number for _, number in writer.acknowledged} - set(history)
        if missing:
            faults.append(f"{writer.author}: {len(missing)} acknowledged revisions are lost")
        for number in history:
            kept, wanted = store.annotation(recording, writer.author, number), read_annotation(said(number))
            if (kept.sections, kept.events, kept.notes) != (wanted.sections, wanted.events, wanted.notes):
                faults.append(f"{writer.author}: revision {number} is not what was saved")
    return faults


def damaged(settings: Settings) -> list[str]:
    """Return what SQLite's own check says against its file; of another database its server is asked."""
    if settings.database_url:
        return []
    with database_of(settings).reading() as connection:
        said_of_it = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
    return [] if said_of_it == "ok" else [f"integrity check: {said_of_it}"]
