"""The queue of annotations: what an author is to look at next.

A recording waits for an author who has not saved a line of it, or to whom it was assigned since. What was
assigned comes first, in the order in which it was; the rest in one of three orders:

``unannotated``
    What nobody has annotated, then what fewest have; the oldest of the library first.
``least_confident``
    Where the analysis is least sure of its sections, in the mean over time. Recordings without sections come
    last.
``disagreement``
    What at least two have annotated and nobody has settled as a reference, the worst agreement first, also
    where the author is one of them: it waits to be adjudicated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from ..errors import EdmError
from .annotations import REFERENCE, Annotations, Revision, author_of
from .assignments import Assignment, assigned
from .entry import Entry
from .library import Library

Order = Literal["unannotated", "disagreement", "least_confident"]
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A recording that waits for an author.

    ``why`` says so in words. ``score`` is what orders it: how many have annotated it, the confidence of its
    sections, or the agreement on it; None where that is not known. ``assignment`` is the open one, if it was
    assigned.
    """

    entry: Entry
    why: str
    score: float | None = None
    assignment: Assignment | None = None


def next_for(
    library: Library, author: str, *, order: Order = "unannotated", without: Collection[str] = ()
) -> Entry | None:
    """Return the recording that an author is to look at next, None where nothing waits.

    Parameters
    ----------
    library : Library
    author : str
    order : str
        One of :data:`ORDERS`.
    without : collection of str
        Ids of recordings that are to be passed over.

    Examples
    --------
    >>> import io, tempfile
    >>> from pathlib import Path
    >>> from edm_core.settings import Settings
    >>> library = Library(Settings(data_dir=Path(tempfile.mkdtemp())), check=lambda path: None)
    >>> entry = library.add_upload("tone.wav", io.BytesIO(b"bytes"))
    >>> next_for(library, "ada").name, next_for(library, "ada", without=[entry.id])
    ('tone.wav', None)
    """
    for waiting in queue_of(library, author, order=order):
        if waiting.entry.id not in without:
            return waiting.entry
    return None


def queue_of(library: Library, author: str, *, order: Order = "unannotated") -> tuple[Waiting, ...]:
    """Return all that waits for an author, in order.

    Raises
    ------
    StorageError
        If it is no name of an author.
    EdmError
        If there is no such order.
    """
    if order not in ORDERS:
        raise EdmError("it is no order", subject=repr(order), remedy=f"use one of {', '.join(ORDERS)}")
    author = author_of(author)
    store = library.annotations
    entries = {entry.id: entry for entry in reversed(library.list())}  # the oldest first
    lines: defaultdict[str, dict[str, Revision]] = defaultdict(dict)
    for line in store.lines():
        lines[line.recording][line.author] = line
    given = {
        each.recording: each
        for each in assigned(store, author=author)
        if each.done is None and each.recording in entries
    }
    first = [Waiting(entries[id], _given(each), None, each) for id, each in given.items()]
    rest = [entry for id, entry in entries.items() if id not in given]
    if order == "disagreement":
        return (*first, *_disagreeing(store, rest, lines))
    rest = [entry for entry in rest if author not in lines[entry.id]]
    if order == "least_confident":
        return (*first, *_unsure(library, rest))
    others = [
        Waiting(entry, _by(people), float(len(people)))
        for entry in rest
        for people in [lines[entry.id].keys() - {REFERENCE}]
    ]
    return (*first, *sorted(others, key=lambda waiting: (waiting.score, _is_late(waiting.entry))))


# --- private ---------------------------------------------------------------------------------------


def _given(assignment: Assignment) -> str:
    how = {"first": "", "blind": ", blind", "unaided": ", blind and unaided"}[assignment.kind]
    return f"assigned by {assignment.by}{how}"


def _by(people: Collection[str]) -> str:
    if not people:
        return "nobody has annotated it"
    return f"{', '.join(sorted(people))} annotated it" if len(people) < 4 else f"{len(people)} annotated it"


def _is_late(entry: Entry) -> bool:
    """Whether it had better wait: it is not analysed yet, or could not be."""
    return entry.status != "done"


def _unsure(library: Library, entries: list[Entry]) -> list[Waiting]:
    found = [
        Waiting(
            entry,
            "no sections were suggested" if sure is None else f"sections with a confidence of {sure:.2f}",
            sure,
        )
        for entry in entries
        for sure in [_confidence(library, entry.id, entry.revision)]
    ]
    return sorted(found, key=lambda waiting: (waiting.score is None, waiting.score or 0.0))


@lru_cache(maxsize=4096)
def _confidence(library: Library, id: str, _revision: int) -> float | None:
    """Return the mean over time of the confidence of the analysis's sections; kept by its revision."""
    analysis = library.analysis(id)
    sections = analysis.sections if analysis else ()
    told = [(section.confidence, section.duration) for section in sections if section.confidence is not None]
    whole = sum(lasts for _, lasts in told)
    return sum(sure * lasts for sure, lasts in told) / whole if whole else None


def _disagreeing(
    store: Annotations, entries: list[Entry], lines: dict[str, dict[str, Revision]]
) -> list[Waiting]:
    found = []
    for entry in entries:
        people = {name: line for name, line in lines[entry.id].items() if name != REFERENCE}
        if len(people) < 2 or REFERENCE in lines[entry.id]:
            continue
        stamps = tuple(sorted((name, line.number) for name, line in people.items()))
        score = _agreement(store, entry.id, entry.duration, stamps)
        why = "they have nothing in common to compare" if score is None else f"agreement {score:.2f}"
        found.append(Waiting(entry, f"{_by(people)}: {why}", score))
    return sorted(found, key=lambda waiting: (waiting.score is None, waiting.score or 0.0))


@lru_cache(maxsize=4096)
def _agreement(
    store: Annotations, id: str, duration: float | None, stamps: tuple[tuple[str, int], ...]
) -> float | None:
    """Return how far people agree on sections, else on words: 1 is fully; kept by the revisions."""
    from ..evaluation import agreement

    said = {name: store.annotation(id, name, number) for name, number in stamps}
    length = duration or max((each.recording.duration or 0.0) for each in said.values())
    figures = agreement(said, length, draws=0).figures
    told = [figures[measure].value for measure in ("boundaries_3", "kappa")]
    known = [value for value in told if value is not None]
    if not known and (errors := figures["words"].value) is not None:
        known = [1.0 - errors]
    return sum(known) / len(known) if known else None
