"""Fifty clients reading timelines: ``python -m benchmarks.service.timelines [--clients 50] [--seconds 10]``.

Every client keeps its connection and reads one timeline after the other, of a library of twenty analysed
recordings. What counts: answers a second, how long the slowest hundredth waited, and that every answer is the
timeline asked for.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

from .serving import Answer, Connection, Server, quantile, served

TARGET_RATE, TARGET_P99_S = 300.0, 0.25
RECORDINGS = 20


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it; times in seconds, memory in megabytes (10^6 bytes), a timeline's size in kilobytes.

    ``processor_ms`` is what the serving processes computed for an answer, in milliseconds.
    """

    clients: int
    processes: int
    kilobytes: float
    answers: dict[str, int]
    wrong: int
    rate: float
    p50_s: float
    p99_s: float
    slowest_s: float
    processor_ms: float
    peak_mb: float
    held: bool


def main() -> int:
    """Print the figures as JSON; the status is 1 where a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    figures = measured(given.clients, given.seconds, given.processes)
    json.dump(asdict(figures), sys.stdout, indent=1)
    print()
    return 0 if figures.held else 1


def measured(clients: int = 50, seconds: float = 10.0, processes: int = 2) -> Figures:
    """Fill a library, start the server, read for so long, and return the figures."""
    with tempfile.TemporaryDirectory(prefix="edm-load-") as name:
        ids, size = _filled(Path(name))
        with served(Path(name), processes=processes) as server:
            asyncio.run(_read(server, ids, clients, 1.0))  # what is cached is cached by now
            begun, computed = time.perf_counter(), server.processor()
            answers = asyncio.run(_read(server, ids, clients, seconds))
            wall = time.perf_counter() - begun
            computed = server.processor() - computed
            memory = server.memory()
    statuses = Counter(str(answer.status) for answer, _ in answers)
    wrong = sum(answer.status == 200 and id.encode() not in answer.body for answer, id in answers)
    times = [answer.seconds for answer, _ in answers]
    rate, p99 = len(answers) / wall, quantile(times, 0.99)
    held = rate >= TARGET_RATE and p99 <= TARGET_P99_S and not wrong and set(statuses) == {"200"}
    return Figures(
        clients, processes, round(size / 1e3, 1), dict(statuses), wrong, round(rate, 1),
        round(quantile(times, 0.5), 4), round(p99, 4), round(max(times), 4),
        round(1e3 * computed / len(answers), 2), round(memory / 1e6, 1), held,
    )  # fmt: skip


async def _read(server: Server, ids: list[str], clients: int, seconds: float) -> list[tuple[Answer, str]]:
    end = time.perf_counter() + seconds
    found: list[tuple[Answer, str]] = []

    async def client(number: int) -> None:
        connection = Connection(server.port)
        place = number
        while time.perf_counter() < end:
            id = ids[place % len(ids)]
            place += 1
            path = f"/api/v1/recordings/{id.removeprefix('sha256:')}/timeline"
            head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept: application/json\r\n\r\n"
            found.append((await connection.ask(head.encode()), id))
        await connection.close()

    await asyncio.gather(*(client(number) for number in range(clients)))
    return found


def _filled(folder: Path) -> tuple[list[str], int]:
    """Make a library of recordings with five minutes of beats each; return ids and a timeline's size."""
    import numpy as np
    import soundfile

    from edm_core.settings import Settings
    from edm_core.store import Library
    from edm_core.timeline import Beat, Layer, Recording, Section, Timeline

    library = Library(Settings(data_dir=folder))
    beats = tuple(
        Beat(0.02 + each * 0.46875, confidence=0.98, position=each % 4 + 1, bar=each // 4 + 1)
        for each in range(640)
    )
    sections = tuple(Section(each * 15.0, each * 15.0 + 15.0, "drop", 0.9) for each in range(20))
    layers = (Layer("beats", "model:beats@1", beats), Layer("sections", "model:sections@1", sections))
    ids, size = [], 0
    for number in range(RECORDINGS):
        path = folder / f"{number}.wav"
        soundfile.write(path, np.full(8_000, number / 100), 8_000)
        entry = library.add_file(path)
        timeline = Timeline(Recording(entry.id, 300.0, 44_100, 2, title=f"Track {number}"), layers)
        library.save_timeline(timeline)
        ids.append(entry.id)
        size = len(timeline.to_json())
    return ids, size


if __name__ == "__main__":
    sys.exit(main())
