"""What people say of a passage or section: one whole number from 1 to 5, for themselves or for a persona."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from ._codec import absent
from .errors import TimelineError

Kind = Literal["passage", "section"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SCORES = (1, 2, 3, 4, 5)
"""What can be given, from worst to best."""
MOST_NOTE = 2000
"""Characters that a note may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """A person's rating of what lies on a recording over ``[start, end)``, in seconds.

    Parameters
    ----------
    recording : str
        Its id, ``sha256:…``.
    kind : {'passage', 'section'}
        What was rated.
    start, end : float
        When it is heard.
    rater : str
        Name of the person, without ``person:``.
    score : int or None
        1 to 5; None takes an earlier rating back.
    heard : str, optional
        Digest of what was rated (:func:`edm_core.joining.digest_of`); empty where only times are known.
    persona : str, optional
        Id of the persona that the rater stands for; empty where they speak for themself.
    note : str, optional
        Why, in the rater's words.
    time : str, optional
        When it was given, ISO 8601 in UTC.

    Raises
    ------
    TimelineError
        If one of these breaks its rule.

    Examples
    --------
    >>> Rating(recording="sha256:00", kind="passage", start=0.0, end=9.5, rater="ada", score=4).score
    4
    >>> Rating(recording="sha256:00", kind="passage", start=0.0, end=9.5, rater="ada", score=6)
    Traceback (most recent call last):
        ...
    edm_core.errors.TimelineError: rating: a score of 6; give a whole number from 1 to 5
    """

    recording: str
    kind: Kind
    start: float
    end: float
    rater: str
    score: int | None
    heard: str = absent("")
    persona: str = absent("")
    note: str = absent("")
    time: str = absent("")

    def __post_init__(self) -> None:
        if not self.recording.strip():
            raise _wrong("it names no recording", "give the recording's id")
        if self.kind not in KINDS:
            raise _wrong(f"{self.kind!r} is neither passage nor section")
        if not (math.isfinite(self.start) and math.isfinite(self.end) and 0 <= self.start < self.end):
            raise _wrong(
                f"it lasts from {self.start} to {self.end} s", "give seconds from 0, the end after the start"
            )
        if not self.rater.strip():
            raise _wrong("nobody gave it", "give the rater's name")
        if self.score is not None and (type(self.score) is not int or self.score not in SCORES):
            raise _wrong(f"a score of {self.score!r}", "give a whole number from 1 to 5")
        if len(self.note) > MOST_NOTE:
            raise _wrong(f"a note of {len(self.note)} characters", f"shorten it to {MOST_NOTE}")

    @property
    def item(self) -> tuple[str, str, float, float]:
        """What it is about; of one rater and persona, a later rating of the same replaces the earlier."""
        return (self.recording, self.kind, round(self.start, 3), round(self.end, 3))


def newest(ratings: Iterable[Rating]) -> tuple[Rating, ...]:
    """Return the ratings that count: of each rater, item and persona the last, without those taken back.

    Parameters
    ----------
    ratings : iterable of Rating
        In the order in which they were given; a later ``time`` counts over an earlier one.

    Examples
    --------
    >>> def said(score, time):
    ...     return Rating(
    ...         recording="sha256:00", kind="passage", start=0.0, end=9.5, rater="ada", score=score, time=time
    ...     )
    >>> [each.score for each in newest([said(4, "2026-01-01T00:00:00Z"), said(2, "2026-01-02T00:00:00Z")])]
    [2]
    >>> newest([said(4, "2026-01-01T00:00:00Z"), said(None, "2026-01-02T00:00:00Z")])
    ()
    """
    last: dict[tuple[object, ...], Rating] = {}
    for rating in sorted(ratings, key=lambda each: each.time):  # stable: order decides within a second
        key = (*rating.item, rating.rater, rating.persona)
        last.pop(key, None)
        last[key] = rating
    return tuple(rating for rating in last.values() if rating.score is not None)


def _wrong(problem: str, remedy: str | None = None) -> TimelineError:
    return TimelineError(problem, subject="rating", remedy=remedy)
