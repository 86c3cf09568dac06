"""A listener's best and worst moments: where to play from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..items import Reaction, Target

LEAST_CONTRAST = 0.05
"""Scores closer together than this have no best and no worst."""
_EQUAL = 1e-9


@dataclass(frozen=True, slots=True)
class Moment:
    """A passage or section that stands out: what it is, when it is heard in seconds, and its score."""

    target: Target
    start: float
    end: float
    score: float

    @property
    def index(self) -> int:
        """The item's place in its layer."""
        return self.target.index


def moments_of(reactions: Sequence[Reaction], most: int = 3) -> tuple[tuple[Moment, ...], tuple[Moment, ...]]:
    """Return the best and the worst moments of one persona, best and worst first.

    The best lie above the persona's mean and the worst below it. They are taken in turns, the earliest of
    equals, and nothing that overlaps in time with what was taken before.

    Parameters
    ----------
    reactions : sequence of Reaction
        Of one persona; those without a score do not count.
    most : int
        How many of each.

    Examples
    --------
    >>> even = (0.2,) * 5
    >>> heard = [
    ...     Reaction(
    ...         9.0 * i, 9.0 * i + 9, persona="genz", target=Target("passage", i), status="ok", score=score,
    ...         distribution=even,
    ...     )
    ...     for i, score in enumerate((3.0, 4.5, 1.5, 4.5))
    ... ]
    >>> best, worst = moments_of(heard)
    >>> [moment.index for moment in best], [moment.index for moment in worst]
    ([1, 3], [2, 0])
    """
    left = [
        Moment(reaction.target, reaction.start, reaction.end, reaction.score)
        for reaction in reactions
        if reaction.score is not None
    ]
    scores = [one.score for one in left]
    if not scores or max(scores) - min(scores) < LEAST_CONTRAST:
        return (), ()
    mean = sum(scores) / len(scores)
    found: dict[int, list[Moment]] = {1: [], -1: []}  # best and worst, by the sign of what is above the mean
    for _ in range(most):
        for side, taken in found.items():
            fitting = [one for one in left if side * (one.score - mean) > _EQUAL]
            if fitting:
                pick = min(fitting, key=lambda one: (-side * one.score, one.start, one.end))
                taken.append(pick)
                left = [one for one in left if not _overlap(one, pick)]
    return tuple(found[1]), tuple(found[-1])


def _overlap(one: Moment, other: Moment) -> bool:
    return one.start < other.end and other.start < one.end
