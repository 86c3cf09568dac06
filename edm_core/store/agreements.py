"""How far people agree on the recordings of a store, and what is settled of their differences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from ..errors import EdmError
from ..evaluation import Agreement, Pick, adjudicated, agreement
from ..evaluation.agreement import Figures
from .annotations import REFERENCE, Annotations, Revision, author_of

_TELLING = ("boundaries_3", "kappa")


@dataclass(frozen=True, slots=True)
class Compared:
    """A recording that several people annotated: the newest revision of each, by name, and their agreement.

    ``reference`` is the settled line, None while nobody has settled it; it is not among the raters.
    """

    recording: str
    lines: tuple[Revision, ...]
    agreement: Agreement
    reference: Revision | None

    @property
    def is_settled(self) -> bool:
        """Whether it was settled after the last of them was saved."""
        return self.reference is not None and all(line.time <= self.reference.time for line in self.lines)


def compared(
    annotations: Annotations,
    recordings: Collection[str] | None = None,
    *,
    raters: Collection[str] | None = None,
    draws: int = 0,
) -> tuple[Compared, ...]:
    """Compare what people say of recordings, the worst agreement first.

    Parameters
    ----------
    annotations : Annotations
    recordings : collection of str, optional
        Their ids; by default all. Those that fewer than two people annotated are left out.
    raters : collection of str, optional
        Compare these people only.
    draws : int
        Of the bootstrap within each recording; 0 gives no intervals.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from edm_core.annotation import Annotation
    >>> from edm_core.items import Section
    >>> from edm_core.settings import Settings
    >>> store = Annotations(Settings(data_dir=Path(tempfile.mkdtemp())))
    >>> heard = Annotation(sections=(Section(0.0, 30.0, "intro"), Section(30.0, 60.0, "drop")))
    >>> for name in ("ada", "ben"):
    ...     revision = store.save("sha256:00", name, heard, parent=None, duration=60.0, tool="example")
    >>> [(each.agreement.raters, each.is_settled) for each in compared(store)]
    [(('ada', 'ben'), False)]
    """
    wanted = None if raters is None else {author_of(name) for name in raters}
    lines: defaultdict[str, list[Revision]] = defaultdict(list)
    settled: dict[str, Revision] = {}
    for line in annotations.lines():
        if recordings is not None and line.recording not in recordings:
            continue
        if line.author == REFERENCE:
            settled[line.recording] = line
        elif wanted is None or line.author in wanted:
            lines[line.recording].append(line)
    found = []
    for recording, people in lines.items():
        if len(people) < 2:
            continue
        named = tuple(sorted(people, key=lambda line: line.author))
        stamps = tuple((line.author, line.number) for line in named)
        agreed = agreement_of(annotations, recording, stamps, draws)
        found.append(Compared(recording, named, agreed, settled.get(recording)))
    return tuple(sorted(found, key=lambda each: _rank(score(each.agreement.figures))))


@lru_cache(maxsize=4096)
def agreement_of(
    annotations: Annotations, recording: str, stamps: tuple[tuple[str, int], ...], draws: int = 0
) -> Agreement:
    """Return the agreement of revisions, as pairs of author and number; computed once."""
    said = {name: annotations.annotation(recording, name, number) for name, number in stamps}
    duration = max(each.recording.duration or 0.0 for each in said.values())
    return agreement(said, duration, draws=draws)


def score(figures: Figures) -> float | None:
    """Return one figure to sort by: the mean of boundaries within 3 s and labels, else what words agree."""
    known = [value for name in _TELLING if (value := figures[name].value) is not None]  # type: ignore[index]
    if not known and (errors := figures["words"].value) is not None:
        known = [1.0 - errors]
    return sum(known) / len(known) if known else None


def settle(
    annotations: Annotations, a: Revision, b: Revision, picks: Sequence[Pick], *, by: str, note: str = ""
) -> Revision:
    """Save what comes of deciding each difference of two revisions as the recording's reference.

    Parameters
    ----------
    annotations : Annotations
    a, b : Revision
        Of the same recording; the picks are for the differences between just these.
    picks : sequence of str
        As in :func:`edm_core.evaluation.adjudicated`.
    by : str
        Who decides; the reference says that they verified it.
    note : str
        What they say of it.

    Raises
    ------
    EdmError
        If the two are of different recordings, or not every difference is decided.
    Conflict
        If somebody settles it at the same moment.
    """
    by = author_of(by)
    if by == REFERENCE:
        raise EdmError("it is nobody's name", subject=by, remedy="say who settles it")
    if a.recording != b.recording:
        raise EdmError("they are of different recordings", subject=f"{a.author}, {b.author}")
    ours, theirs = (annotations.annotation(each.recording, each.author, each.number) for each in (a, b))
    duration = ours.recording.duration
    assert duration is not None  # every revision is saved with one
    time = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    found = adjudicated(ours, theirs, picks, by=by, time=time, duration=duration)
    head = annotations.head(a.recording, REFERENCE)
    of = f"{a.author} #{a.number} and {b.author} #{b.number}"
    return annotations.save(
        a.recording, REFERENCE, found, parent=head.number if head else None, duration=duration,
        tool=f"adjudication of {of}", note=note,
    )  # fmt: skip


def _rank(value: float | None) -> tuple[bool, float]:
    return value is None, value or 0.0
