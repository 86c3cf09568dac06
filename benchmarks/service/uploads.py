"""Two hundred uploads at once: ``python -m benchmarks.service.uploads [--uploads 200] [--megabytes 5]``.

Each client opens a connection at the same moment and sends a different recording as a form. What counts: how
many were answered and how, how long each waited, what the serving processes took, and that every acknowledged
recording stands in the library afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from .serving import Answer, Connection, Server, quantile, served

TARGET_P99_S, TARGET_MEMORY_MB = 10.0, 500.0
_BLOCK = 1 << 18
_BOUNDARY = "edm-load-boundary"


@dataclass(frozen=True, slots=True)
class Figures:
    """What came of it; times in seconds, memory in megabytes (10^6 bytes)."""

    uploads: int
    megabytes: float
    answers: dict[str, int]
    p50_s: float
    p99_s: float
    slowest_s: float
    wall_s: float
    processor_s: float
    before_mb: float
    peak_mb: float
    kept: int
    held: bool


def main() -> int:
    """Print the figures as JSON; the status is 1 where a goal was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uploads", type=int, default=200)
    parser.add_argument("--megabytes", type=float, default=5.0)
    parser.add_argument("--processes", type=int, default=2)
    given = parser.parse_args()
    figures = measured(given.uploads, given.megabytes, given.processes)
    json.dump(asdict(figures), sys.stdout, indent=1)
    print()
    return 0 if figures.held else 1


def measured(uploads: int = 200, megabytes: float = 5.0, processes: int = 2) -> Figures:
    """Start the server, send all at once, and return the figures."""
    with (
        tempfile.TemporaryDirectory(prefix="edm-load-") as name,
        served(Path(name), processes=processes) as server,
    ):
        _settled(server)
        before, computed = server.memory(), server.processor()
        begun = time.perf_counter()
        answers, peak = asyncio.run(_sent(server, uploads, megabytes))
        wall = time.perf_counter() - begun
        computed = server.processor() - computed
        kept = _kept(server)
    seconds = [answer.seconds for answer in answers]
    statuses = Counter(str(answer.status) for answer in answers)
    refused = [answer for answer in answers if answer.status not in (202, 429)]
    for answer in refused[:3]:
        sys.stderr.write(f"{answer.status}: {answer.body[:300]!r}\n")
    p99 = quantile(seconds, 0.99)
    held = not refused and p99 <= TARGET_P99_S and peak / 1e6 <= TARGET_MEMORY_MB and kept >= statuses["202"]
    return Figures(
        uploads, megabytes, dict(statuses),
        round(quantile(seconds, 0.5), 3), round(p99, 3), round(max(seconds), 3),
        round(wall, 2), round(computed, 2), round(before / 1e6, 1), round(peak / 1e6, 1), kept, held,
    )  # fmt: skip


def _settled(server: Server) -> None:
    """Let every process have answered once, and have its ready process: the load is not the first start."""
    for number in range(8):
        answer = asyncio.run(_upload(server.port, _recording(0.05, 10_000 + number), "warm.wav"))
        if answer.status != 202:
            raise RuntimeError(f"a small upload got {answer.status}: {answer.body[:300]!r}")


async def _sent(server: Server, uploads: int, megabytes: float) -> tuple[list[Answer], int]:
    """Send all at once; return the answers and the most memory that was seen meanwhile."""
    first = _recording(megabytes, 0)
    seen = [server.memory()]
    watch = asyncio.create_task(_watch(server, seen))
    # One recording in memory: each client sends it with a number of its own among the samples.
    work = [_upload(server.port, first, f"set {number}.wav", number) for number in range(uploads)]
    answers = await asyncio.gather(*work)
    watch.cancel()
    return answers, max(seen)


async def _watch(server: Server, seen: list[int]) -> None:
    while True:
        seen.append(await asyncio.to_thread(server.memory))
        await asyncio.sleep(0.05)


async def _upload(port: int, sound: bytes, name: str, number: int = 0) -> Answer:
    mark = number.to_bytes(8, "little")
    top = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: audio/wav\r\n\r\n"
    ).encode()
    end = f"\r\n--{_BOUNDARY}--\r\n".encode()
    length = len(top) + len(sound) + len(end)
    head = (
        f"POST /api/v1/recordings HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n"
        f"Content-Type: multipart/form-data; boundary={_BOUNDARY}\r\n\r\n"
    ).encode()
    blocks = [sound[start : start + _BLOCK] for start in range(44, len(sound) - 8, _BLOCK)]
    body = [top, sound[:44], *_cut(blocks, len(sound) - 52), mark, end]
    connection = Connection(port)
    try:
        return await connection.ask(head, body)
    finally:
        await connection.close()


def _cut(blocks: list[bytes], size: int) -> list[bytes]:
    """Return blocks that have ``size`` bytes together."""
    kept, left = [], size
    for block in blocks:
        kept.append(block[:left])
        left -= len(kept[-1])
    return kept


def _recording(megabytes: float, number: int) -> bytes:
    """Return a WAV of noise; its number makes it a recording of its own."""
    import soundfile

    frames = max(8_000, int(megabytes * 1e6 - 44) // 4)
    chance = np.random.default_rng(number)
    file = io.BytesIO()
    soundfile.write(
        file, chance.integers(-3000, 3000, (frames, 2), np.int16), 44_100, format="WAV", subtype="PCM_16"
    )
    return file.getvalue()


def _kept(server: Server) -> int:
    """Return how many recordings the library lists."""
    import urllib.request

    with urllib.request.urlopen(
        f"http://127.0.0.1:{server.port}/api/v1/recordings?limit=1", timeout=60
    ) as answer:
        return int(json.load(answer)["total"])


if __name__ == "__main__":
    sys.exit(main())
