"""What is true of a piece, in the words of the development set, so that one scorer serves both.

Boundaries follow one rule: a bar is a boundary if the set of playing tracks changes there. Its strength is
the share of the tracks, weighted by how much of the four bars on either side they play, that differ. Starts
of labelled sections are boundaries whatever plays.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

CONTEXT = 4  # bars on either side that are compared
GAP = 4  # bars: of boundaries closer than this the stronger stays
FOUND, MAJOR = 0.25, 0.5  # strengths from which a change is a boundary, and a major one

Activity = npt.NDArray[np.bool_]


def boundaries(
    activity: Activity, labelled: list[int], bar_times: npt.NDArray[np.float64]
) -> list[dict[str, object]]:
    """Boundaries of a piece, in order.

    Parameters
    ----------
    activity : Activity
        Which track plays in which bar, shape (tracks, bars).
    labelled : list of int
        Bars where labelled sections start (the first section's start is no boundary); always major.
    bar_times : array
        Start of each bar in seconds, at least as many as bars.

    Returns
    -------
    list of dict
        ``time``, ``bar`` (from 0), ``strength`` (absent where only the label says so: None), ``major``.

    Examples
    --------
    >>> playing = np.zeros((2, 16), bool)
    >>> playing[0], playing[1, 8:] = True, True
    >>> [(b["bar"], b["strength"], b["major"]) for b in boundaries(playing, [], np.arange(17.0))]
    [(8, 0.5, True)]
    """
    strengths: dict[int, float | None] = dict(changes(activity))
    for bar in labelled:
        near = [other for other in strengths if other != bar and abs(other - bar) <= 2]
        for other in near:
            strength = strengths.pop(other)
            strengths.setdefault(bar, strength)
    for bar in labelled:
        strengths.setdefault(bar, None)
    return [
        {
            "bar": bar,
            "time": round(float(bar_times[bar]), 4),
            "strength": strength,
            "major": bar in labelled or (strength or 0.0) >= MAJOR,
        }
        for bar, strength in sorted(strengths.items())
    ]


def changes(activity: Activity) -> list[tuple[int, float]]:
    """Bars where what plays changes, with the share that changes; the strongest first get a place."""
    plays = activity.astype(np.float64)
    bars = plays.shape[1]
    strength = np.zeros(bars)
    step = np.zeros(bars)
    for bar in range(1, bars):
        before = plays[:, max(0, bar - CONTEXT) : bar].mean(1)
        after = plays[:, bar : bar + CONTEXT].mean(1)
        strength[bar] = changed_share(before, after)
        step[bar] = changed_share(plays[:, bar - 1], plays[:, bar])
    index = np.arange(bars)
    # Where nothing changes from this bar to the next there is nothing to hear; phrases of 8 and 4 win ties.
    merit = strength * np.where(step > 0, 1.0, 0.5) + 0.02 * (index % 8 == 0) + 0.01 * (index % 4 == 0)
    chosen: list[int] = []
    for bar in sorted(range(2, bars - 1), key=lambda bar: -merit[bar]):
        heard = strength[bar] >= FOUND and step[bar] > 0
        if heard and all(abs(bar - other) >= GAP for other in chosen):
            chosen.append(bar)
    return [(bar, round(float(strength[bar]), 3)) for bar in sorted(chosen)]


def changed_share(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> float:
    """Share of what plays on either side that differs, 0 to 1."""
    union = float(np.maximum(before, after).sum())
    return float(np.abs(before - after).sum()) / union if union else 0.0


def activity_rows(names: tuple[str, ...], activity: Activity) -> dict[str, list[str]]:
    """Write the evidence, readable: a row of ``#`` and ``.`` for each track."""
    return {
        "tracks": list(names),
        "bars": ["".join("#" if on else "." for on in row) for row in activity],
    }
