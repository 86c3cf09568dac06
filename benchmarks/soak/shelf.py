"""A library of many recordings: how long a list, a search and a filter take."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from pathlib import Path
from random import Random

from edm_core.settings import Settings
from edm_core.store import Entry, Library

from .outcome import Outcome
from .serving import Serving

WITHIN_S = 0.3
TENTH = "tenth"
"""The tag of every tenth."""
QUESTIONS: Mapping[str, str] = {
    "listed": "",
    "the last page": "offset={last}",
    "searched": "search=night+128",
    "nothing found": "search=no+such+words+in+any+of+them",
    "filtered": "bpm_from=120&bpm_to=130&key=8A&speech=true&duration_from=100&duration_to=4000",
    "by tag": f"tag={TENTH}&sort=title&order=ascending",
    "by tempo": "sort=bpm",
    "by duration": "search=ocean&sort=duration&status=done",
}
"""What is asked of ``GET /recordings``."""


def id_of(index: int) -> str:
    """Return the id of a recording of :func:`filled`."""
    return f"sha256:{index:064x}"


def filled(settings: Settings, count: int) -> Library:
    """Return a library with so many recordings, analysed as far as a list tells; every tenth has a tag."""
    import sqlalchemy as sa

    from edm_core.store.database import database_of
    from edm_core.store.entries import columns
    from edm_core.store.entry import Part
    from edm_core.store.tables import entries

    library, chance = Library(settings), Random(7)
    parts = tuple(Part(n * 10.0, n * 10.0 + 10.0, "drop") for n in range(24))
    rows = []
    for index in range(count):
        bpm = round(chance.uniform(90, 180), 2)
        entry = Entry(
            id_of(index), f"track {index}.mp3", f"2026-01-01T00:00:00.{index:06}Z", f"/music/{index}.mp3",
            status="done", title=f"{chance.choice(['Night', 'Morning', 'Ocean'])} Drive {index}",
            artist=f"Artist {index % 500}", duration=chance.uniform(60, 7200),
            chips=(f"{bpm:.0f} BPM", f"{index % 12 + 1}A"), parts=parts,
            outline=tuple(chance.randrange(128) for _ in range(160)),
        )  # fmt: skip
        found = {"bpm": bpm, "key": f"{index % 12 + 1}A", "speech": chance.random(), "timeline": "0" * 64}
        rows.append(columns(entry) | found)
    with database_of(settings).writing() as connection:
        connection.execute(sa.insert(entries), rows)
    library.tag([id_of(index) for index in range(0, count, 10)], add=[TENTH])
    return library


def searched(settings: Settings, folder: Path, count: int, times: int = 20) -> Outcome:
    """Ask for pages of a library over HTTP, each question several times."""
    filled(settings, count)
    took: dict[str, list[float]] = {name: [] for name in QUESTIONS}
    faults = []
    with Serving(settings, folder, "--no-workers") as serving:
        for _ in range(times):
            for name, question in QUESTIONS.items():
                answer = serving.ask("GET", f"/recordings?{question.format(last=count - 40)}")
                took[name].append(answer.seconds)
                if answer.status != 200:
                    faults.append(f"{name}: answered {answer.status}: {answer.body[:200]!r}")
        total = serving.ask("GET", "/recordings?limit=1").json()["total"]
    if total != count:
        faults.append(f"{total} are listed")
    slowest = {name: max(each) for name, each in took.items()}
    faults += [f"{name} took {1000 * each:.0f} ms" for name, each in slowest.items() if each > WITHIN_S]
    worst = max(slowest, key=lambda name: slowest[name])
    middle = [statistics.median(each) for each in took.values()]
    return Outcome(
        "a large library", f"{count:,} recordings, {len(QUESTIONS)} questions × {times} over HTTP, "
        f"{'PostgreSQL' if settings.database_url else 'SQLite'}",
        f"listed, searched and filtered within {1000 * WITHIN_S:g} ms",
        {"medians": f"{1000 * min(middle):.0f} to {1000 * max(middle):.0f} ms",
         "slowest": f"{1000 * slowest[worst]:.0f} ms ({worst})"},
        tuple(faults),
    )  # fmt: skip
