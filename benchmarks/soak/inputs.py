"""What comes in: files that break codecs, hours in a few bytes, two hundred at once, made-up input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from edm_core.jobs import Job
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store import Library
from tests.servers import until

from ..service import timelines, uploads
from .material import tone
from .outcome import Outcome, of, seconds
from .serving import ROOT, Serving

MARKS = ("BREAK-SEGV", "BREAK-ABRT", "BREAK-HANG", "BREAK-SPIN", "BREAK-HOARD")
"""What ``tests/audio/broken`` knows: crashes, a hang, a loop, and asking for all memory."""
FAILS_S = 30.0
MEMORY_MB = 300.0


def codecs_break(folder: Path, marks: Sequence[str] = MARKS) -> Outcome:
    """Upload files at which the codec breaks, and have workers analyse them; good ones follow each."""
    settings = Settings(data_dir=folder / "data", workers=1)
    bench, library = Workbench(settings), Library(settings, check=lambda _: None)
    paths = os.pathsep.join((str(ROOT / "tests" / "audio" / "broken"), str(ROOT)))
    faults: list[str] = []
    took: list[float] = []
    with Serving(settings, folder, environment={"PYTHONPATH": paths}) as serving:
        for number, mark in enumerate(marks):
            file = marked(folder / f"{mark}.wav", number, mark)
            began = time.monotonic()
            answer = serving.ask(
                "POST", f"/recordings?name={mark}.wav", file.read_bytes(), {"Content-Type": "audio/wav"}
            )
            took.append(time.monotonic() - began)
            if not 400 <= answer.status < 500:
                faults.append(f"{mark}: its upload was answered {answer.status}: {answer.body[:200]!r}")
            bad = _ended(bench, bench.analyse(library.add_file(file)))
            took.append(_seconds(bad))
            if bad.state != "failed":
                faults.append(f"{mark}: its analysis is {bad.state}")
            good = _ended(
                bench, bench.analyse(library.add_file(tone(folder / f"{number}.wav", 100 + number)))
            )
            if good.state != "done" or good.worker != bad.worker:
                faults.append(f"{mark}: what came after it is {good.state}, by {good.worker}")
        if serving.ask("GET", "/health").status != 200:
            faults.append("the server has not borne it")
    faults += [f"one failed only after {each:.0f} s" for each in took if each > FAILS_S]
    return Outcome(
        "a codec breaks", ", ".join(mark.removeprefix("BREAK-").lower() for mark in marks),
        f"that file fails within {FAILS_S:g} s, server and worker live",
        {"failed": seconds(took)}, tuple(faults),
    )  # fmt: skip


def long_file(folder: Path, hours: float) -> Outcome:
    """Read a file of a few megabytes that holds hours."""
    from tests.audio.long_files import reading, silent_flac

    file = silent_flac(folder / "hours.flac", hours)
    began = time.monotonic()
    duration, megabytes = reading(file, folder)
    took = time.monotonic() - began
    faults = [] if abs(duration - 3600 * hours) < 1 else [f"{duration} s were read"]
    if megabytes > MEMORY_MB:
        faults.append(f"it took {megabytes:.0f} MB")
    return Outcome(
        "a long file", f"{hours:g} hours in {file.stat().st_size / 1e6:.1f} MB of FLAC",
        f"at most {MEMORY_MB:g} MB",
        {"memory": f"{megabytes:.0f} MB", "read": f"{took:.0f} s"}, tuple(faults),
    )  # fmt: skip


def uploads_at_once(count: int, megabytes: float) -> Outcome:
    """Send many uploads at the same moment."""
    found = uploads.measured(count, megabytes)
    return Outcome(
        "uploads at once", f"{count} × {megabytes:g} MB, two processes",
        f"no 5xx, 99 % within {uploads.TARGET_P99_S:g} s, at most {uploads.TARGET_MEMORY_MB:g} MB",
        {"answers": _counted(found.answers), "50 %": f"{found.p50_s:.2f} s", "99 %": f"{found.p99_s:.2f} s",
         "memory": f"{found.peak_mb:.0f} MB", "kept": f"{found.kept}"},
        () if found.held else ("see the figures",),
    )  # fmt: skip


def timelines_read(clients: int, duration: float) -> Outcome:
    """Let many clients read timelines."""
    found = timelines.measured(clients, duration)
    return Outcome(
        "timelines read", f"{clients} clients, {duration:g} s, two processes",
        f"{timelines.TARGET_RATE:g} requests/s, 99 % within {1000 * timelines.TARGET_P99_S:g} ms, no error",
        {"requests/s": f"{found.rate:.0f}", "50 %": f"{1000 * found.p50_s:.0f} ms",
         "99 %": f"{1000 * found.p99_s:.0f} ms", "answers": _counted(found.answers)},
        () if found.held else ("see the figures",),
    )  # fmt: skip


def requests_made_up(cases: int, folder: Path) -> Outcome:
    """Send requests that schemathesis makes up from the API's description."""
    from tests.service.api.fuzzing import run

    found = run(cases, folder)
    return Outcome(
        "requests made up", f"{found.cases:,} by schemathesis, right and wrong ones",
        "no 5xx, no answer that is not described",
        {"wrong": of(len(found.faults), found.cases),
         "answers": _counted({str(status): count for status, count in sorted(found.statuses.items())})},
        tuple(f"{name}: {fault[-200:]}" for name, fault in found.faults.items()),
    )  # fmt: skip


def parsers_fuzzed(inputs: int, processes: int = 2) -> Outcome:
    """Give every parser mutated inputs, each in a process of its own."""
    from tests.fuzz import TARGETS

    with ThreadPoolExecutor(processes) as pool:
        found = [line for lines in pool.map(lambda name: _fuzzed(name, inputs), TARGETS) for line in lines]
    faults = [f"{each['target']}: {failure['what']}" for each in found for failure in each["failures"]]
    ended = {each["target"] for each in found}
    faults += [f"{name}: it did not come to an end" for name in TARGETS if name not in ended]
    total = sum(each["inputs"] for each in found)
    slowest = max(found, key=lambda each: float(each["slowest"]))
    return Outcome(
        "parsers fuzzed", f"{inputs:,} inputs for each of {len(TARGETS)} parsers",
        "no error that is not declared, no crash, no hang",
        {"failed": of(len(faults), total), "refused": f"{sum(each['refused'] for each in found) / total:.0%}",
         "slowest input": f"{slowest['slowest']} s ({slowest['target']})"},
        tuple(faults),
    )  # fmt: skip


def marked(path: Path, number: int, mark: str) -> Path:
    """Write a sound with a mark in front, in a chunk that readers skip."""
    data = tone(path, number).read_bytes()
    body = mark.encode().ljust(16)
    path.write_bytes(data[:12] + b"note" + len(body).to_bytes(4, "little") + body + data[12:])
    return path


# --- private -----------------------------------------------------------------------------------------


def _ended(bench: Workbench, job: Job) -> Job:
    """Return a job of the server's workers when it has come to an end."""

    def look() -> Job | None:
        now = bench.queue.ledger.get(job.id)
        return now if now is not None and now.is_finished else None

    found = until(look, f"{job.id} ends", 120, 0.1)
    assert isinstance(found, Job)
    return found


def _seconds(job: Job) -> float:
    """Return how long a job's last start ran."""
    from datetime import datetime

    assert job.started and job.finished
    return (datetime.fromisoformat(job.finished) - datetime.fromisoformat(job.started)).total_seconds()


def _counted(answers: dict[str, int]) -> str:
    return ", ".join(f"{status}: {count:,}" for status, count in answers.items())


def _fuzzed(name: str, inputs: int) -> list[dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "--inputs", str(inputs), "--only", name, "--seed", "11"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return [line for line in lines if line["target"] == name]
