"""How far two annotators' sections are apart, as the editor tells it while somebody marks."""

from __future__ import annotations

from collections.abc import Sequence

from ..annotation import Annotation
from ..items import Section

UNLABELLED = "unlabeled"
"""``Section.original`` of a part that the editor's author has not named yet."""


def boundary_share(a: Sequence[Section], b: Sequence[Section], duration: float) -> float | None:
    """Return the F-measure of boundaries within 0.5 s; None where one of the two has none."""
    from ..evaluation.agreement import agreement

    both = {str(index): Annotation(sections=tuple(parts)) for index, parts in enumerate((a, b))}
    return agreement(both, duration, draws=0).figures["boundaries_05"].value


def label_share(one: Sequence[Section], other: Sequence[Section]) -> float | None:
    """Return the share of the time at which both say something with one label; None if there is no such time.

    Examples
    --------
    >>> label_share([Section(0.0, 4.0, "drop")], [Section(0.0, 3.0, "drop"), Section(3.0, 4.0, "outro")])
    0.75
    """
    same = both = 0.0
    i = j = 0
    while i < len(one) and j < len(other):
        shared = min(one[i].end, other[j].end) - max(one[i].start, other[j].start)
        if shared > 0 and UNLABELLED not in (one[i].original, other[j].original):
            both += shared
            same += shared if one[i].label == other[j].label else 0.0
        if one[i].end <= other[j].end:
            i += 1
        else:
            j += 1
    return same / both if both else None
