"""What the tests of the store run beside themselves: writers that share a line, and writers that are killed.

``share FOLDER URL MIRROR RECORDING NAME COUNT`` adds that many events to one line, merging with whoever saves too.
``killed FOLDER URL MIRROR RECORDING TIMES`` lets writers save for as long as they live, and kills each in the middle.
``scoring`` with the same arguments does so with writers of scorings and ratings.
All print the numbers of the revisions or scorings whose saving was acknowledged.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edm_core.annotation import Annotation
from edm_core.items import Event, Reaction, Recording, Section, Target
from edm_core.merging import merge
from edm_core.ratings import Rating
from edm_core.settings import Settings
from edm_core.store.annotations import Annotations, Conflict
from edm_core.store.ratings import Ratings
from edm_core.store.scorings import Scorings

DURATION = 600.0


def said(number: int) -> Annotation:
    """Return what revision ``number`` of a killed writer says: of several kinds, all telling the number."""
    return Annotation(
        sections=(Section(0.0, float(number), "intro"), Section(float(number), DURATION, "drop")),
        events=(Event(1.0, f"event {number}"),),
        notes=f"note {number}",
    )


def share(store: Annotations, recording: str, name: str, count: int) -> None:
    for step in range(count):
        head = store.head(recording, "team")
        base = None if head is None else store.annotation(recording, "team", head.number)
        mine = replace(
            base or Annotation(),
            events=(*((base and base.events) or ()), Event(float(step), f"{name} {step}")),
        )
        mine = replace(mine, events=tuple(sorted(mine.events or (), key=lambda event: event.time)))
        parent = None if head is None else head.number
        while True:
            try:
                saved = store.save(recording, "team", mine, parent=parent, duration=DURATION, tool=name)
                break
            except Conflict as conflict:
                theirs = store.annotation(recording, "team", conflict.theirs.number)
                merged = merge(base, mine, theirs)
                assert merged.clashes == ()
                base, mine, parent = theirs, merged.annotation, conflict.theirs.number
        print(saved.number, flush=True)


def write_on(store: Annotations, recording: str, out: int) -> None:
    while True:
        head = store.head(recording, "ada")
        number = head.number + 1 if head else 1
        store.keep_draft(recording, "ada", number - 1 or None, said(number))
        store.save(
            recording, "ada", said(number), parent=number - 1 or None, duration=DURATION, tool="killed"
        )
        os.write(out, b"%d\n" % number)


def heard(number: int) -> tuple[Reaction, ...]:
    """Return the reactions of scoring ``number`` of a killed writer."""
    return tuple(
        Reaction(float(at), at + 1.0, persona="genz", target=Target("passage", at), status="abstained",
                 note=f"scoring {number}")
        for at in range(20)
    )  # fmt: skip


def score_on(store: Annotations, recording: str, out: int) -> None:
    """Keep a scoring and, at one go, as many ratings as its number."""
    scorings, ratings = Scorings(store.settings), Ratings(store.settings)
    about = Recording(recording, DURATION, 44_100, 2)
    while True:
        number = 1 + next((one.number for one in scorings.history(recording)), 0)
        scorings.add(about, heard(number), scorer="offline@2", personas={"genz": "v1"})
        ratings.add(
            Rating(recording=recording, kind="passage", start=at, end=at + 1, rater=f"r{number}", score=3)
            for at in range(number)
        )
        os.write(out, b"%d\n" % number)


def killed(
    store: Annotations, recording: str, times: int, write: Callable[[Annotations, str, int], None] = write_on
) -> None:
    chance = random.Random(5)
    for _ in range(times):
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            write(store, recording, writer)
        os.close(writer)
        with os.fdopen(reader) as acknowledged:
            lines = [acknowledged.readline() for _ in range(chance.randint(1, 4))]
            time.sleep(chance.uniform(0, 0.02))  # anywhere in the saves that follow
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            lines += acknowledged.readlines()  # what was told before the end counts too
        assert all(lines), "a writer ended by itself"
        print("".join(lines), end="", flush=True)


if __name__ == "__main__":
    what, folder, url, mirror, recording, *rest = sys.argv[1:]
    shown = Path(mirror) if mirror else None
    annotations = Annotations(Settings(data_dir=Path(folder), database_url=url, annotation_dir=shown))
    if what == "share":
        share(annotations, recording, rest[0], int(rest[1]))
    else:
        killed(annotations, recording, int(rest[0]), score_on if what == "scoring" else write_on)
