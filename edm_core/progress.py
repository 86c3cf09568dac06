"""How far an analysis is: one share of the whole, whatever its stages are."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an analysis is.

    ``share`` is of the whole analysis, 0 to 1, and never falls; ``remaining`` is an estimate in seconds, None
    while nothing is known.
    """

    stage: str
    share: float
    remaining: float | None = None


class ProgressMeter:
    """Turns progress within stages into a share of the whole, which never falls, and the time left.

    Parameters
    ----------
    report : callable or None
        Called with a :class:`Progress` each time something is told.

    Examples
    --------
    >>> meter = ProgressMeter(lambda step: print(step.stage, step.share))
    >>> meter.reading(1.0)
    audio 0.2
    >>> meter.plan("beats", [("beats", 3.0), ("key", 1.0)])
    beats 0.2
    >>> meter.within(0.5)
    beats 0.5
    """

    AUDIO_SHARE = 0.2  # of an analysis, until the sound is there and the rest can be estimated

    def __init__(self, report: Callable[[Progress], None] | None) -> None:
        self._report = report
        self._started = time.perf_counter()
        self._share = 0.0
        self._stage = "audio"
        self.readings = 0
        self._base, self._width = 0.0, self.AUDIO_SHARE

    def reading(self, share: float) -> None:
        """Tell how much of the sound is read."""
        self.readings += 1
        self._tell(self._base + self._width * share)

    def plan(self, stage: str, costs: list[tuple[str, float]]) -> None:
        """Tell which stage begins, and what each stage is expected to cost; only ratios matter."""
        names = [name for name, _ in costs]
        place = names.index(stage)
        ahead = sum(cost for _, cost in costs[place:]) + 1e-6
        self._base = self._share
        self._width = (1.0 - self._share) * costs[place][1] / ahead
        self._stage = stage
        self._tell(self._base)

    def within(self, share: float) -> None:
        """Tell how much of the stage is done."""
        self._tell(self._base + self._width * share)

    def finish(self) -> None:
        """Tell that all is done."""
        self._stage = "done"
        self._tell(1.0)

    def _tell(self, share: float) -> None:
        self._share = max(self._share, min(share, 1.0))
        if self._report is not None:
            spent = time.perf_counter() - self._started
            known = self._share > 0.02
            remaining = spent * (1.0 - self._share) / self._share if known and spent > 0.5 else None
            self._report(Progress(self._stage, round(self._share, 4), remaining))
