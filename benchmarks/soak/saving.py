"""Saving over HTTP: the server is killed, its database restarts, its disk is full, eight want one line."""

from __future__ import annotations

import random
import shutil
import threading
import time
from pathlib import Path
from typing import Any

from edm_core.settings import Settings
from edm_core.store.annotations import Annotations
from tests.hosts import fill
from tests.servers import PostgreSQL

from .material import furnished, said, tone
from .outcome import Outcome, of, quantile, seconds
from .serving import PREFIX, Answer, Client, Serving
from .writing import began_from, damaged, lost, saves, silence, some_more, writing

WRITERS = 4
BACK_SECONDS = 10.0
"""How long saving may stand still around a restart of the database."""
P99_SECONDS = 0.25


def server_killed(settings: Settings, folder: Path, kills: int, server: PostgreSQL | None = None) -> Outcome:
    """Kill the serving process in the middle of saves, again and again.

    Parameters
    ----------
    settings : Settings
    folder : Path
        For logs and material.
    kills : int
    server : PostgreSQL, optional
        The database's, which checks its files afterwards.
    """
    chance = random.Random(kills)
    entry = furnished(settings, folder)
    serving = Serving(settings, folder)
    back = []
    with serving, writing(serving.port, entry.digest, WRITERS) as writers:
        for _ in range(kills):
            some_more(writers, WRITERS)
            time.sleep(chance.uniform(0, 0.05))  # anywhere in the saves that follow
            serving.kill()
            serving.start()  # what is acknowledged from here on, this one has acknowledged
            began = time.monotonic()
            some_more(writers, 1)
            back.append(serving.started[-1] + silence(writers, began))
    faults = [*lost(settings, entry.id, writers), *damaged(settings)]
    if server is not None:
        faults += server.damage(settings.database_url)
    return Outcome(
        "the server is killed in mid-save", f"{kills} kills, {_kind(settings)}, {WRITERS} writers",
        "no acknowledged save lost, integrity check passes",
        {"lost": of(len(faults), saves(writers)), "serving again": seconds(back)}, tuple(faults),
    )  # fmt: skip


def database_restarted(server: PostgreSQL, folder: Path, restarts: int) -> Outcome:
    """Restart PostgreSQL as after a crash while people save."""
    settings = Settings(data_dir=folder / "data", database_url=server.new_database())
    entry = furnished(settings, folder)
    serving = Serving(settings, folder)
    back = []
    with serving, writing(serving.port, entry.digest, WRITERS) as writers:
        for _ in range(restarts):
            some_more(writers, WRITERS)
            began = time.monotonic()
            server.restart()
            for writer in writers:
                some_more([writer], 1)
            # Saves that were acknowledged before it went down are no sign that it is back.
            back.append(max(_longest_gap(one.acknowledged, began) for one in writers))
    faults = [*lost(settings, entry.id, writers), *server.damage(settings.database_url)]
    if max(back) > BACK_SECONDS:
        faults.append(f"one waited {max(back):.1f} s for its next save")
    return Outcome(
        "PostgreSQL restarts at once", f"{restarts} × `pg_ctl -m immediate restart`, {WRITERS} writers",
        f"no acknowledged save lost, back within {BACK_SECONDS:g} s",
        {"lost": of(len(faults), saves(writers)), "saving again": seconds(back),
         "refused meanwhile": f"{sum(len(one.refused) for one in writers):,}"},
        tuple(faults),
    )  # fmt: skip


def disk_full(folder: Path, logs: Path, rounds: int) -> Outcome:
    """Fill the disk of the data folder to the last byte, save and upload, and make room again.

    Parameters
    ----------
    folder : Path
        The root of a small disk of its own.
    logs : Path
        A folder on another disk.
    rounds : int
    """
    disk = shutil.disk_usage(folder).total / 1e6
    settings = Settings(data_dir=folder / "data")
    entry = furnished(settings, logs)
    faults: list[str] = []
    statuses: dict[int, int] = {}
    path = f"/recordings/{entry.digest}/annotations?author=ada"
    head: int | None = None
    with Serving(settings, logs, "--no-workers", environment={"TMPDIR": str(logs)}) as serving:
        for number in range(1, rounds + 1):
            head = _saved(serving, path, head, faults)
            file = fill(folder)
            for _ in range(20):  # a log that was written ahead may have room for some
                large = said((head or 0) + 1) | {"notes": "n" * 50_000}
                answer = serving.ask("PUT", path, {"annotation": large}, began_from(head))
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                if answer.status not in (200, 201):
                    break
                head = int(answer.headers["etag"].strip('"'))
            if answer.status not in (503, 507) or "problem+json" not in answer.headers["content-type"]:
                faults.append(f"a save on a full disk was answered {answer.status}: {answer.body[:200]!r}")
            sent = _uploaded(serving, logs, number)
            if sent.status not in (503, 507):
                faults.append(f"an upload to a full disk was answered {sent.status}: {sent.body[:200]!r}")
            statuses[sent.status] = statuses.get(sent.status, 0) + 1
            read = serving.ask("GET", path)
            if read.status != 200 or read.json()["revision"] != head:
                faults.append(f"what was saved cannot be read on a full disk: {read.status}")
            file.unlink()
            head = _saved(serving, path, head, faults)
            if (sent := _uploaded(serving, logs, number)).status != 202:
                faults.append(f"with room again, an upload was answered {sent.status}: {sent.body[:200]!r}")
    history = [one.number for one in Annotations(settings).history(entry.id, "ada")]
    if history != list(range(head or 0, 0, -1)):
        faults.append(f"the revisions are {history[:5]} …, the newest told is {head}")
    faults += damaged(settings)
    return Outcome(
        "the disk is full", f"{rounds} × a disk of {disk:.0f} MB, SQLite",
        "507 or 503 that says so, old data intact, goes on",
        {"answers": ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))},
        tuple(faults),
    )  # fmt: skip


def one_line(settings: Settings, folder: Path, people: int = 8, times: int = 20) -> Outcome:
    """Let several save to one line at once, each merging with whoever was faster."""
    entry = furnished(settings, folder)
    path = f"{PREFIX}/recordings/{entry.digest}/annotations?author=team"
    took: list[float] = []
    faults: list[str] = []
    stale: list[int] = []

    def work(port: int, name: int) -> None:
        client = Client(port)
        for step in range(times):
            opened = client.ask("GET", path).json()
            mine, parent = _with_event(opened["annotation"], name, step), opened["revision"]
            while True:
                answer = client.ask("PUT", path, {"annotation": mine}, began_from(parent))
                took.append(answer.seconds)
                if answer.status in (200, 201):
                    break
                told = answer.json()
                if answer.status != 409 or not told.get("theirs") or told.get("clashes"):
                    faults.append(f"a save was answered {answer.status}: {answer.body[:200]!r}")
                    return
                stale.append(told["theirs"]["revision"])
                mine, parent = told["merged"], told["theirs"]["revision"]
        client.close()

    with Serving(settings, folder) as serving:
        threads = [threading.Thread(target=work, args=(serving.port, name)) for name in range(people)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = Annotations(settings).annotation(entry.id, "team").events or ()
    wanted = {f"writer {name} {step}" for name in range(people) for step in range(times)}
    missing = wanted - {event.label for event in found}
    faults += [f"{label} is lost" for label in sorted(missing)]
    slow = quantile(took, 0.99)
    if slow > P99_SECONDS:
        faults.append(f"99 of 100 saves took up to {1000 * slow:.0f} ms")
    return Outcome(
        "many save to one line", f"{people} writers × {times} saves, {_kind(settings)}",
        f"none lost, a stale save gets 409 with both versions, 99 % within {1000 * P99_SECONDS:g} ms",
        {"lost": f"{len(missing)} of {len(wanted)}", "409": f"{len(stale)}",
         "50 %": f"{1000 * quantile(took, 0.5):.0f} ms", "99 %": f"{1000 * slow:.0f} ms"},
        tuple(faults),
    )  # fmt: skip


def _saved(serving: Serving, path: str, head: int | None, faults: list[str]) -> int:
    """Save once where there is room."""
    answer = serving.ask("PUT", path, {"annotation": said((head or 0) + 1)}, began_from(head))
    if answer.status not in (200, 201):
        faults.append(f"with room again, a save was answered {answer.status}: {answer.body[:200]!r}")
        return head or 0
    return int(answer.headers["etag"].strip('"'))


def _uploaded(serving: Serving, folder: Path, number: int) -> Answer:
    """Send a recording of its own."""
    file = tone(folder / f"upload-{number}.wav", 500 + number, duration=4.0)
    return serving.ask("POST", "/recordings?name=a.wav", file.read_bytes(), {"Content-Type": "audio/wav"})


def _with_event(annotation: Any, name: int, step: int) -> dict[str, Any]:
    events = [
        *((annotation or {}).get("events") or []),
        {"time": step * 5 + name / 2, "label": f"writer {name} {step}"},
    ]
    return {**(annotation or {}), "events": sorted(events, key=lambda event: float(event["time"]))}


def _longest_gap(acknowledged: list[tuple[float, int]], began: float) -> float:
    """Return the longest wait between two acknowledged saves that ended after ``began``."""
    times = [time for time, _ in acknowledged]
    return max(
        (
            after - max(before, began)
            for before, after in zip(times, times[1:], strict=False)
            if after > began
        ),
        default=float("inf"),
    )


def _kind(settings: Settings) -> str:
    return "PostgreSQL" if settings.database_url else "SQLite"
