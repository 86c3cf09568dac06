"""The queue of annotations: what an author is to look at next.

A recording waits for an author who has not saved a line of it, or to whom it was assigned since. What was
assigned comes first, in the order in which it was; the rest in one of three orders:

``unannotated``
    What nobody has annotated, then what fewest have; the oldest of the library first.
``least_confident``
    Where the analysis is least sure of its sections, in the mean over time. Recordings without sections come
    last.
``disagreement``
    What at least two have annotated and nobody has settled as a reference since, the worst agreement first,
    also where the author is one of them: it waits to be adjudicated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from ..errors import EdmError
from .agreements import compared, score
from .annotations import REFERENCE, Annotations, author_of
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
    people: defaultdict[str, set[str]] = defaultdict(set)
    for line in store.lines():
        people[line.recording].add(line.author)
    given = {
        each.recording: each
        for each in assigned(store, author=author)
        if each.done is None and each.recording in entries
    }
    first = [Waiting(entries[id], _given(each), None, each) for id, each in given.items()]
    rest = [entry for id, entry in entries.items() if id not in given]
    if order == "disagreement":
        return (*first, *_disagreeing(store, rest))
    rest = [entry for entry in rest if author not in people[entry.id]]
    if order == "least_confident":
        return (*first, *_unsure(library, rest))
    unassigned = [
        Waiting(entry, _by(others), float(len(others)))
        for entry in rest
        for others in [people[entry.id] - {REFERENCE}]
    ]
    return (*first, *sorted(unassigned, key=lambda waiting: (waiting.score, _is_late(waiting.entry))))


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


def _disagreeing(store: Annotations, entries: list[Entry]) -> list[Waiting]:
    known = {entry.id: entry for entry in entries}
    found = []
    for each in compared(store, known):
        value = score(each.agreement.figures)
        why = "they have nothing in common to compare" if value is None else f"agreement {value:.2f}"
        if not each.is_settled:
            people = _by([line.author for line in each.lines])
            found.append(Waiting(known[each.recording], f"{people}: {why}", value))
    return found
