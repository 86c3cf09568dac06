"""Beats as arrays, with what checks ask of them: how long a beat is here, which downbeat is nearest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..findings import Finding
from ..timeline import Beat, Timeline

STRAY = 0.20
"""Share of its usual length that an interval between beats may be off."""

_MEDIAN_OF = 17  # intervals: four bars and one, so that a bar that is wrong does not become the norm
_NEAR_S = 0.02

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BeatGrid:
    """Beats of a timeline: arrays of one length, and the times between them where tempo or meter change.

    ``norms`` is the usual interval from each beat to the next: the median of those around.
    """

    times: Floats
    positions: NDArray[np.int64]
    bars: NDArray[np.int64]
    norms: Floats
    edges: Floats
    downbeats: NDArray[np.int64]
    """Indices of the beats at position 1."""
    starts: Floats
    """Their times."""

    @classmethod
    def of(cls, timeline: Timeline) -> BeatGrid:
        """Take the chosen beats of a timeline."""
        beats: Sequence[Beat] = timeline.beats
        times = np.array([beat.time for beat in beats], float)
        changes = [timeline.layer("tempo"), timeline.layer("meter")]
        edges = {
            edge for layer in changes if layer for span in layer.items for edge in (span.start, span.end)
        }
        inside = sorted(edge for edge in edges if len(times) and times[0] < edge < times[-1])
        positions = np.array([beat.position for beat in beats], int)
        downbeats = np.flatnonzero(positions == 1)
        return cls(
            times,
            positions,
            np.array([beat.bar for beat in beats], int),
            _running_median(np.diff(times)),
            np.array(inside, float),
            downbeats,
            times[downbeats],
        )

    def norm(self, time: float) -> float:
        """Return the usual length of a beat at a time; there must be two beats."""
        index = int(np.searchsorted(self.times, time, "right")) - 1
        return float(self.norms[min(max(index, 0), len(self.norms) - 1)])

    def covers(self, time: float) -> bool:
        """Whether beats go on at a time: one lies within a beat and a half before it, and one behind it."""
        if len(self.times) < 2:
            return False
        reach = 1.5 * self.norm(time)
        after = int(np.searchsorted(self.times, time))
        before_is_near = after > 0 and time - self.times[after - 1] <= reach
        return before_is_near and after < len(self.times) and bool(self.times[after] - time <= reach)

    def nearest_downbeat(self, time: float) -> int | None:
        """Return the index of the nearest downbeat, None if it is further than five beats."""
        if not len(self.downbeats) or len(self.times) < 2:
            return None
        after = int(np.searchsorted(self.starts, time))
        around = range(max(after - 1, 0), min(after + 1, len(self.starts)))
        nearest = int(self.downbeats[min(around, key=lambda index: abs(self.starts[index] - time))])
        return nearest if abs(self.times[nearest] - time) <= 5 * self.norm(time) else None

    def bars_between(self, start: float, end: float) -> int | None:
        """Return how many bars lie between the downbeats nearest to two times.

        None where beats do not reach, or where downbeats and bar numbers count differently.
        """
        first, last = self.nearest_downbeat(start), self.nearest_downbeat(end)
        if first is None or last is None:
            return None
        count = int(np.count_nonzero(self.positions[first:last] == 1))
        return count if count == self.bars[last] - self.bars[first] else None

    def bar_of(self, time: float) -> int | None:
        """Return the bar in which a time falls, None before the first beat."""
        index = int(np.searchsorted(self.times, time + _NEAR_S, "right")) - 1
        return int(self.bars[index]) if index >= 0 else None

    def near_edge(self, start: float, end: float) -> bool:
        """Whether tempo or meter change within a stretch of time, or a beat around it."""
        reach = self.norm(start)
        return bool(((self.edges > start - reach) & (self.edges < end + reach)).any())

    def placed(self, finding: Finding) -> Finding:
        """Return a finding with the bar and the beat in which it begins."""
        index = int(np.searchsorted(self.times, finding.start + _NEAR_S, "right")) - 1
        if (
            index < 0
            or not len(self.norms)
            or finding.start - self.times[index] > 2 * self.norm(finding.start)
        ):
            return finding
        return replace(finding, bar=int(self.bars[index]), beat=int(self.positions[index]))


def _running_median(values: Floats) -> Floats:
    if len(values) < 2:
        return values
    width = min(_MEDIAN_OF, (len(values) - 1) | 1)
    # At the ends the window stays inside, so that it never repeats a value that may be the odd one.
    windows = np.lib.stride_tricks.sliding_window_view(values, width)
    medians = np.median(windows, axis=1)
    return np.asarray(medians[np.clip(np.arange(len(values)) - width // 2, 0, len(medians) - 1)])
