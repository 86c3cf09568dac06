"""Workers on several hosts, one of which loses its network; and how much faster two workers are than one."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np

from edm_core.jobs import Job
from edm_core.jobs.ledger import Ledger
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store import Entry
from tests.hosts import Network
from tests.servers import S3, PostgreSQL, Redis, until

from ..measure import EDM, ONE_THREAD
from .outcome import Outcome, median_interval, of
from .serving import begun, ended

RATIO = 1.8
PATIENCE = 3600.0
"""Seconds within which all of it must have ended."""
_RATE = 22_050


def cut_off(
    folder: Path, tracks: int, track_seconds: float = 60.0, lease_s: float = 30.0, patience: float = PATIENCE
) -> Outcome:
    """Have three hosts analyse tracks, handed out by RQ; cut one off midway, and join it again at the end.

    Database, queue and blobs are servers on a fourth; the hosts share no file with it or each other.

    Parameters
    ----------
    folder : Path
    tracks : int
    track_seconds : float
        Length of each.
    lease_s : float
        After so many seconds of silence a worker is taken to be dead.
    """
    with ExitStack() as stack:
        network = stack.enter_context(Network(3))
        database = stack.enter_context(PostgreSQL(network.address, network.network))
        queue = stack.enter_context(Redis(network.address))
        blobs = stack.enter_context(S3(network.address))
        url = database.new_database()
        settings = Settings(
            data_dir=folder / "app", database_url=database.away(url), queue_url=queue.url, workers=1,
            blob_url=blobs.new_bucket(), lease_s=lease_s,
        )  # fmt: skip
        bench = stack.enter_context(_opened(settings, blobs))
        workers = []
        for number, host in enumerate(network.hosts):
            command = host.command([*EDM, "worker", "--queues", "music"])
            own = replace(settings, data_dir=folder / f"host-{number}")
            workers.append(begun(command, own, folder / f"host-{number}.log", blobs.environment | ONE_THREAD))
            stack.callback(ended, workers[-1])
        until(lambda: len(bench.queue.ledger.figures().workers) == 3, "the workers have come", patience)
        entries: list[Entry] = []

        def add() -> None:
            entries.append(_uploaded(bench, folder, len(entries), track_seconds))
            bench.analyse(entries[-1])

        def begun_now() -> list[Job]:
            """Return what host 0 has just begun; more comes in where the others would leave it nothing."""
            if len(entries) - _done(bench) < 3:
                add()
            return [job for job in _at(bench, workers[0].pid) if job.id not in before]

        for _ in range(tracks):
            add()
        until(lambda: _done(bench) >= tracks // 3, "a third is done", patience)
        before = {job.id for job in _at(bench, workers[0].pid)}
        away = until(begun_now, "midway", patience)  # it will not have ended when the cable is out
        network.cut(network.hosts[0])
        began = time.monotonic()
        until(lambda: _done(bench) == len(entries), "all tracks are done", patience, 0.2)
        took = time.monotonic() - began
        network.join(network.hosts[0])
        until(lambda: all(worker.poll() is None for worker in workers), "the workers live")
        faults = _faults(bench, entries)
        starts = [job.attempt for job in _analyses(bench)]
        # What the host that was away finished meanwhile must not be written over what the others found.
        time.sleep(min(lease_s, 5.0))
        faults += [fault for fault in _faults(bench, entries) if fault not in faults]
    return Outcome(
        "a host is cut off", f"3 network namespaces, RQ, PostgreSQL, S3; {len(entries)} tracks",
        "all done, at most one re-run each",
        {"lost or repeated": of(len(faults), len(entries)), "begun again": f"{sum(n > 1 for n in starts)} "
         f"(at it when cut off: {len(away)})", "most starts of one": f"{max(starts)}",
         "all done after": f"{took:.0f} s"},
        tuple(faults),
    )  # fmt: skip


def two_workers(
    folder: Path, tracks: int, rounds: int, track_seconds: float = 120.0, patience: float = PATIENCE
) -> Outcome:
    """Analyse a corpus with one worker and with two, in turn, and compare how fast it goes.

    A round is measured from when each worker has done its first job to the last end, by the ledger's clock:
    how long workers take to start is not in it. Each may use one thread, so that two have one core each.
    """
    found: dict[int, list[float]] = {1: [], 2: []}
    for number in range(rounds):
        for count, rates in found.items():
            place = folder / f"round-{number}-{count}"
            place.mkdir()
            settings = Settings(data_dir=place / "data", workers=count)
            bench = Workbench(settings)
            for track in range(tracks):
                bench.analyse(_uploaded(bench, place, track, track_seconds))
            process = begun(
                [*EDM, "worker", "--queues", "music", "--workers", str(count)],
                settings,
                place / "log",
                ONE_THREAD,
            )
            try:
                until(partial(_all_done, bench, tracks), "the corpus is done", patience, 0.2)
            finally:
                ended(process)
            rates.append(_rate(_analyses(bench), count))
    ratios = [two / one for one, two in zip(found[1], found[2], strict=True)]
    ratio, (low, high) = statistics.median(ratios), median_interval(ratios)
    return Outcome(
        "two workers instead of one",
        f"{tracks} tracks of {track_seconds:g} s, {rounds} rounds, one thread each",
        f"at least {RATIO} × as fast (median)",
        {"ratio": f"{ratio:.2f} ({low:.2f}–{high:.2f})",
         "tracks a minute": " and ".join(f"{60 * statistics.median(rates):.0f}" for rates in found.values())},
        () if ratio >= RATIO else (f"two are {ratio:.2f} × as fast",),
    )  # fmt: skip


# --- private -----------------------------------------------------------------------------------------


@contextmanager
def _opened(settings: Settings, blobs: S3) -> Iterator[Workbench]:
    """Give a workbench that keeps the ledger true, in an environment that names the S3."""
    before = {name: os.environ.get(name) for name in blobs.environment}
    os.environ.update(blobs.environment)
    bench = Workbench(settings)
    bench.queue.start(work=False)
    try:
        yield bench
    finally:
        bench.close()
        for name, value in before.items():
            os.environ.pop(name)
            if value is not None:
                os.environ[name] = value


def _uploaded(bench: Workbench, folder: Path, number: int, seconds: float) -> Entry:
    """Put a track of its own into the library: a beat with a bass line, and a change in the middle."""
    import soundfile

    chance = np.random.default_rng(number)
    time_of = np.arange(round(seconds * _RATE)) / _RATE
    beat = 60 / (120 + number % 20)
    kick = np.sin(2 * np.pi * 55 * time_of) * np.exp(-(time_of % beat) * 20)
    hat = chance.normal(0, 0.1, len(time_of)) * np.exp(-((time_of + beat / 2) % beat) * 60)
    sound = 0.5 * kick + hat * (time_of > seconds / 2)
    path = folder / f"track-{number}.flac"
    soundfile.write(path, sound, _RATE)
    with path.open("rb") as file:
        return bench.library.add_upload(path.name, file)


def _analyses(bench: Workbench) -> list[Job]:
    ledger: Ledger = bench.queue.ledger
    return list(ledger.page(kind="analyze", limit=10_000))


def _done(bench: Workbench) -> int:
    return sum(job.state == "done" for job in _analyses(bench))


def _all_done(bench: Workbench, tracks: int) -> bool:
    return _done(bench) == tracks


def _at(bench: Workbench, pid: int) -> list[Job]:
    """Return what a worker is at."""
    return [job for job in _analyses(bench) if job.state == "running" and f":{pid}:" in (job.worker or "")]


def _faults(bench: Workbench, entries: list[Entry]) -> list[str]:
    faults = []
    jobs = {job.key: job for job in _analyses(bench)}
    for entry in entries:
        now, job = bench.library.get(entry.id), jobs[entry.id]
        assert now is not None
        if job.state != "done" or now.status != "done":
            faults.append(f"{entry.name}: the job is {job.state}, the recording {now.status}")
        if now.revision != 1:
            faults.append(f"{entry.name} was saved {now.revision} times")
        if job.attempt > 2:
            faults.append(f"{entry.name} was begun {job.attempt} times")
    return faults


def _rate(jobs: list[Job], workers: int) -> float:
    """Return how many jobs were done a second, from when each worker had done its first to the last end."""
    ends = sorted((datetime.fromisoformat(job.finished), job.worker) for job in jobs if job.finished)
    firsts = {worker: min(end for end, who in ends if who == worker) for _, worker in ends}
    assert len(firsts) == workers, f"{len(firsts)} of {workers} workers did something"
    warm = max(firsts.values())
    after = [end for end, _ in ends if end > warm]
    return len(after) / (after[-1] - warm).total_seconds()
