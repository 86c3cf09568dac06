"""Which drum is struck when, and how loud: grids, swing, fills, rolls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .notes import STEPS
from .plan import Plan

GRIDDED = ("kick", "snare", "hat", "openhat", "ride", "perc", "shaker")
GHOST_SWAY = (
    0.08  # loudness of hats and percussion varies by so much, as no player and few producers repeat exactly
)


@dataclass(frozen=True)
class Stroke:
    """One stroke: which drum, at which time (seconds), how loud (0 to 1)."""

    drum: str
    time: float
    loudness: float


def strokes(plan: Plan) -> list[Stroke]:
    """All strokes of a piece, in order of time; none where the arrangement rests."""
    generator = np.random.default_rng([plan.seed, 77])
    arrangement = plan.arrangement
    fills = {int(cue.bar) - 1: cue.kind for cue in arrangement.cues if cue.kind.startswith("fill-")}
    found: list[Stroke] = []
    for role in GRIDDED:
        grid = grid_of(plan, role, generator)
        for section in arrangement.sections:
            for bar in range(section.start, section.end):
                level = float(arrangement.levels.get(role, np.zeros(plan.bars))[bar])
                if level > 0:
                    found += _bar(
                        plan, role, grid, bar - section.start, bar, level, fills.get(bar, ""), generator
                    )
    for bar, kind in fills.items():
        if arrangement.levels["kick"][bar] > 0 and kind in ("fill-snare", "fill-tom"):
            found += _fill(plan, bar, kind)
    for start, end in runs(arrangement.levels.get("roll", np.zeros(plan.bars))):
        found += roll(plan, start, end)
    rests = [(plan.time(start), plan.time(end)) for start, end in arrangement.rests]
    kept = [s for s in found if not any(start - 1e-6 <= s.time < end - 1e-6 for start, end in rests)]
    return sorted(kept, key=lambda stroke: stroke.time)


def grid_of(plan: Plan, role: str, generator: np.random.Generator) -> str:
    """Grid of a drum, drawn from its style's; ride and shaker are the same in all styles."""
    pools = {
        "ride": ("8...8...8...8...", "8.5.8.5.8.5.8.5.", "..8...8...8...8."),
        "shaker": ("4.6.4.6.4.6.4.6.", "3454345434543454"),
    }
    pool = pools.get(role) or getattr(plan.style, role)
    return str(pool[int(generator.integers(len(pool)))])


def runs(levels: np.ndarray) -> list[tuple[int, int]]:
    """Stretches of bars with a level above 0, as (first, end).

    Examples
    --------
    >>> runs(np.array([0, 1, 1, 0, 0.5]))
    [(1, 3), (4, 5)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[0], (levels > 0).astype(int), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def roll(plan: Plan, start: int, end: int) -> list[Stroke]:
    """Roll the snare from bar to bar: quarters, eighths, sixteenths, at last thirty-seconds, ever louder."""
    found: list[float] = []
    bars = end - start
    for bar in range(start, end):
        share = (bar - start + 1) / bars
        per_bar = 4 if share <= 0.5 and bars > 2 else 8 if share <= 0.75 and bars > 1 else 16
        found += [bar + index / per_bar for index in range(per_bar)]
        if bar == end - 1:
            found += [bar + 0.5 + (2 * index + 1) / 32 for index in range(8)]
    return [Stroke("roll", plan.time(place), 0.35 + 0.65 * (place - start) / bars) for place in found]


def _bar(
    plan: Plan,
    role: str,
    grid: str,
    turn: int,
    bar: int,
    level: float,
    fill: str,
    generator: np.random.Generator,
) -> list[Stroke]:
    offset = (turn * STEPS) % len(grid)
    found = []
    for step in range(STEPS):
        mark = grid[offset + step]
        if mark == "." or (fill in ("fill-kick", "fill-snare") and role == "kick" and step >= 12):
            continue
        late = plan.style.swing if step % 2 == 1 else 0.0
        sway = 1.0 if role in ("kick", "snare") else 1 + GHOST_SWAY * float(generator.standard_normal())
        found.append(Stroke(role, plan.time(bar + (step + late) / STEPS), int(mark) / 9 * level * sway))
    return found


def _fill(plan: Plan, bar: int, kind: str) -> list[Stroke]:
    if kind == "fill-snare":
        return [
            Stroke("roll", plan.time(bar + step / STEPS), 0.4 + 0.1 * (step - 11)) for step in range(12, 16)
        ]
    return [Stroke("tom", plan.time(bar + step / STEPS), 0.8) for step in (8, 11, 12, 14, 15)]
