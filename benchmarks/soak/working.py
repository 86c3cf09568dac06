"""Jobs: workers are killed, clocks jump, the queue's server is killed, emptied and full."""

from __future__ import annotations

import random
import time
from functools import partial
from pathlib import Path

from edm_core.jobs import Job, Unavailable
from edm_core.settings import Settings
from edm_core.store import Library
from tests.hosts import Clock
from tests.servers import Redis, until

from .crew import Board, Crew, begun_again, keeping
from .material import tone
from .outcome import Outcome, of, seconds
from .serving import Answer, Serving

EMBEDDED_S = 5.0
"""Seconds beyond the lease within which a job is begun again."""
CARRIED_S = 90.0
"""The same in all, where a queue's server hands out jobs and the lease is the default's."""
RECONCILED_S = 60.0
WAYS = ("parent", "child", "both")


def workers_killed(settings: Settings, folder: Path, kills: int) -> Outcome:
    """Kill a worker's parent process, its child, or both, in the middle of jobs.

    Parameters
    ----------
    settings : Settings
        With a ``queue_url`` the workers are handed ids by that server.
    folder : Path
    kills : int
        Of each kind in turn, at random moments.
    """
    chance = random.Random(kills)
    board, again = Board(settings, folder), []
    with keeping(board), Crew(settings, folder) as crew:
        for _ in range(2):
            crew.hire()
        for number in range(kills):
            while len(board.unfinished()) < 4:
                board.ask(chance.uniform(0.3, 1.0))
            worker, way = crew.workers[0], WAYS[number % 3]
            until(partial(_of, board, worker.pid), "it is at a job")
            time.sleep(chance.uniform(0, 0.4))
            hit = _of(board, worker.pid)
            began = time.monotonic()
            crew.kill(worker, way)
            if way != "child":
                crew.hire()  # as whoever supervises them does
            else:
                crew.workers.append(crew.workers.pop(0))
            again += begun_again(board, hit, began)
        board.finish()
        faults = board.faults()
    limit = CARRIED_S if settings.queue_url else settings.lease_s + EMBEDDED_S
    if again and max(again) > limit:
        faults.append(f"a job was begun again after {max(again):.1f} s")
    starts = sum(board.job(id).attempt for id in board.jobs)
    return Outcome(
        "a worker is killed", f"{kills} × kill -9 of parent, child or both, {_how(settings)}",
        f"none lost, each effect once, begun again within {limit:g} s",
        {"lost or repeated": of(len(faults), len(board.jobs)), "begun again": seconds(again or [0.0]),
         "starts": f"{starts} of {len(board.jobs)} jobs"},
        tuple(faults),
    )  # fmt: skip


def clocks_jump(settings: Settings, folder: Path, jumps: int) -> Outcome:
    """Let the clock of one of two workers jump an hour forth and back while both work."""
    clock = Clock(folder / "clock")
    board = Board(settings, folder)
    with keeping(board), Crew(settings, folder) as crew:
        crew.hire()
        wrong = crew.hire(clock.environment)
        for number in range(jumps):
            for _ in range(6):
                board.ask(0.8)
            until(board.running, "work is being done")
            clock.set((3600.0, -3600.0, 0.0)[number % 3])
            board.finish()
        faults = board.faults()
    twice = sum(board.job(id).attempt > 1 for id in board.jobs)
    done = sum(f":{wrong.pid}:" in (board.job(id).worker or "") for id in board.jobs)
    if not done:
        faults.append("the worker with the wrong clock did nothing")
    return Outcome(
        "a clock is wrong by an hour", f"{jumps} jumps by ± 1 h, {_how(settings)}",
        "one result a job, whatever starts twice",
        {"lost or repeated": of(len(faults), len(board.jobs)), "begun twice": f"{twice}",
         "done under the wrong clock": f"{done}"},
        tuple(faults),
    )  # fmt: skip


def redis_killed(settings: Settings, server: Redis, folder: Path, kills: int) -> Outcome:
    """Kill the queue's server under work; ask for more while it is away."""
    board, refused = Board(settings, folder), 0
    took: list[float] = []
    faults: list[str] = []
    with keeping(board), Crew(settings, folder) as crew:
        crew.hire()
        for _ in range(kills):
            for _ in range(6):
                board.ask(0.3)
            until(board.running, "work is being done")
            server.kill()
            try:
                board.queue.submit("task", "nobody", {"id": "nobody", "seconds": 0})
            except Unavailable:
                refused += 1
            if board.queue.job("task", "nobody") is not None:
                faults.append("what was refused is in the ledger")
            time.sleep(1.0)
            server.start()
            began = time.monotonic()
            board.finish()
            took.append(time.monotonic() - began)
        faults += board.faults()
    if refused < kills:
        faults.append(f"{kills - refused} jobs were taken while nobody could carry them")
    if max(took) > RECONCILED_S:
        faults.append(f"all was done only {max(took):.1f} s after it was back")
    return Outcome(
        "Redis is killed", f"{kills} × kill -9, append-only file, {_how(settings)}",
        f"none lost, all done within {RECONCILED_S:g} s of its return; what cannot be queued is refused",
        {"lost": of(len(faults), len(board.jobs)), "all done": seconds(took), "refused": f"{refused}"},
        tuple(faults),
    )  # fmt: skip


def redis_emptied(settings: Settings, server: Redis, folder: Path, times: int) -> Outcome:
    """Take everything out of the queue's server while jobs wait in it."""
    board, took = Board(settings, folder), []
    with keeping(board):
        for _ in range(10):
            board.ask(0.05)
        for _ in range(times):
            server.flush()
            began = time.monotonic()
            until(lambda: _carried(server) == len(board.jobs), "all ids are back", every=0.1)
            took.append(time.monotonic() - began)
        with Crew(settings, folder) as crew:
            crew.hire()
            server.flush()
            board.finish()
        faults = board.faults()
    if max(took) > RECONCILED_S:
        faults.append(f"ids were back only after {max(took):.1f} s")
    return Outcome(
        "Redis is emptied", f"{times} × FLUSHALL, {len(board.jobs)} jobs waiting, {_how(settings)}",
        f"none lost, carried again within {RECONCILED_S:g} s",
        {"lost": of(len(faults), len(board.jobs)), "carried again": seconds(took)}, tuple(faults),
    )  # fmt: skip


def redis_full(settings: Settings, server: Redis, folder: Path, times: int) -> Outcome:
    """Leave the queue's server no room: what cannot be queued is refused, and what was queued is done."""
    board, refused, taken = Board(settings, folder), 0, 0
    faults: list[str] = []
    with keeping(board), Crew(settings, folder) as crew:
        for _ in range(times):
            board.ask(0.1)
            server.limit(1)
            for _ in range(5):
                key = f"nobody-{refused}"
                try:
                    board.queue.submit("task", key, {"id": key, "seconds": 0})
                except Unavailable:
                    refused += 1
                    if board.queue.job("task", key) is not None:
                        faults.append("what was refused is in the ledger")
                else:
                    taken += 1
            server.limit(0)
            board.ask(0.1)
        server.limit(1)  # workers go on with what it has
        crew.hire()
        until(lambda: len(board.unfinished()) < len(board.jobs), "work goes on while it is full")
        server.limit(0)
        board.finish()
        faults += board.faults()
    if taken:
        faults.append(f"{taken} jobs were taken by a server that has no room")
    return Outcome(
        "Redis is full", f"{times} × `noeviction` at its limit, {_how(settings)}",
        "what cannot be queued is refused, what was queued is done",
        {"lost": of(len(faults), len(board.jobs)), "refused": f"{refused} of {refused + taken}"},
        tuple(faults),
    )  # fmt: skip


def redis_full_over_http(settings: Settings, server: Redis, folder: Path, times: int) -> Outcome:
    """Upload while the queue's server has no room: the answer says so, and sending it again is enough."""
    faults: list[str] = []
    statuses: dict[int, int] = {}
    library = Library(settings)
    with Serving(settings, folder, "--no-workers") as serving:
        for number in range(times):
            data = tone(folder / "upload.wav", number).read_bytes()

            def send(data: bytes = data) -> Answer:
                return serving.ask("POST", "/recordings?name=a.wav", data, {"Content-Type": "audio/wav"})

            server.limit(1)
            full = send()
            statuses[full.status] = statuses.get(full.status, 0) + 1
            if full.status != 503 or not full.headers.get("retry-after", "").isdigit():
                faults.append(f"while it is full, an upload was answered {full.status}: {full.body[:200]!r}")
            waiting = [entry.name for entry in library.list() if entry.status == "queued"]
            if len(waiting) > number:
                faults.append("what was refused looks as if it waited for its analysis")
            server.limit(0)
            sent = send()
            if sent.status != 202:
                faults.append(f"with room again, an upload was answered {sent.status}: {sent.body[:200]!r}")
    if _carried(server) != times:
        faults.append(f"{_carried(server)} of {times} jobs are in the queue")
    return Outcome(
        "Redis is full", f"{times} × an upload over HTTP, {_how(settings)}",
        "503 with Retry-After, nothing waits in silence, sent again it is taken",
        {"answers": ", ".join(f"{status}: {count}" for status, count in statuses.items())}, tuple(faults),
    )  # fmt: skip


def _of(board: Board, pid: int) -> list[Job]:
    return [job for job in board.running() if f":{pid}:" in (job.worker or "")]


def _carried(server: Redis) -> int:
    return int(server.ask("LLEN", "rq:queue:edm-music"))


def _how(settings: Settings) -> str:
    database = "PostgreSQL" if settings.database_url else "SQLite"
    return f"{'RQ' if settings.queue_url else 'embedded'}, {database}, lease {settings.lease_s:g} s"
