"""Where music plays, as the analysers of music want it: in few, long stretches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..timeline import Span

if TYPE_CHECKING:
    from ..audio import Sound

_BRIDGE_S = 4.0  # music that pauses for less goes on


def music_regions(sound: Sound, activity: Sequence[Span] | None) -> list[tuple[float, float]]:
    """Return stretches of music as (start, end) in seconds, those that pause only briefly joined.

    Without ``activity`` the whole recording counts as music.
    """
    if activity is None:
        return [(0.0, sound.recording.duration)]
    joined: list[list[float]] = []
    for span in activity:
        if "music" not in span.label:
            continue
        if joined and span.start - joined[-1][1] < _BRIDGE_S:
            joined[-1][1] = span.end
        else:
            joined.append([span.start, span.end])
    return [(start, end) for start, end in joined]
