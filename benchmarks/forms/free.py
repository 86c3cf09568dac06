"""Pieces without a club form: blocks from a list of patterns, as tracker and game music is made.

Each pattern has its own players and its own notes; the list repeats some. Such a piece has boundaries but no
labels.
"""

from __future__ import annotations

import numpy as np

from .band import DRUMS
from .desk import Desk
from .score import Fade, Sweep


def arrange_freely(desk: Desk) -> int:
    """Fill a piece of pattern blocks; returns how many bars it has."""
    random = desk.random
    drumless = random.random() < 0.12
    everyone = desk.without(desk.hook, *DRUMS) if drumless else desk.hook
    everyone = everyone if random.random() < 0.5 else desk.some(everyone, 3, 7)
    length = int(random.choice([2, 4, 8, 8, 16, 6, 12], p=[0.04, 0.28, 0.2, 0.2, 0.2, 0.04, 0.04]))
    if random.random() < 0.08:
        everyone = desk.without(everyone, "kick") or everyone
    casts = _casts(desk, everyone, int(random.integers(2, 6)))
    first = _opening(desk, everyone, length)
    blocks = int(random.integers(3, 4 + max(2, 64 // length)))
    before = -1
    for _ in range(blocks):
        choice = int(random.integers(len(casts)))
        if choice == before and random.random() < 0.7:
            choice = (choice + 1) % len(casts)
        bars = length if random.random() < 0.85 else max(2, length // 2)
        for track in casts[choice]:
            late = bars // 2 if bars >= 4 and random.random() < 0.1 else 0
            early = bars // 2 if late == 0 and bars >= 4 and random.random() < 0.06 else 0
            desk.play(track, first + late, bars - late - early, "ab"[choice % 2])
        if random.random() < 0.25:
            desk.mark("crash", first)
        first, before = first + bars, choice
        if random.random() < 0.06:
            first += 1  # a bar of silence
    if random.random() < 0.4:
        for track in desk.some(everyone, 1, 3):
            desk.play(track, first, length // 2)
        first += length // 2
    if random.random() < 0.15:
        start, stop = sorted(int(bar) for bar in random.integers(0, first + 1, 2))
        low = float(random.uniform(200, 1500))
        desk.sweeps.append(Sweep("music", "lowpass", start, stop, (low, low * random.choice([1, 8]))))
    if random.random() < 0.12:
        desk.fades.append(Fade("all", first - min(8, first // 2), first, (0.0, -40.0)))
    return first


def _casts(desk: Desk, everyone: list[int], count: int) -> list[list[int]]:
    """Who plays in each pattern: often one or two more or less than in the one before, or others.

    Often the same play on, other notes: a change that is heard, but is no boundary.
    """
    random = desk.random
    casts = [desk.some(everyone, max(1, len(everyone) // 3), max(2, len(everyone)))]
    for _ in range(count - 1):
        cast = set(casts[-1])
        kind = random.random()
        if kind < 0.25:
            cast = set(desk.some(everyone, 1, len(everyone)))
        elif kind < 0.65:
            cast ^= set(desk.some(everyone, 1, 3))
        casts.append(sorted(cast) or casts[0])
    return casts


def _opening(desk: Desk, everyone: list[int], length: int) -> int:
    """At once, or one instrument, then more; drums after 2 to 16 bars."""
    random = desk.random
    kind = str(
        random.choice(
            ["none", "one", "drums later", "one by one", "drums alone"], p=[0.35, 0.2, 0.2, 0.15, 0.1]
        )
    )
    tonal, drums = desk.without(everyone, *DRUMS), [t for t in everyone if desk.tracks[t].role in DRUMS]
    if kind == "none":
        return 0
    if kind == "one":
        bars = int(random.choice([2, 4, 4, 8]))
        for track in desk.some(tonal or everyone, 1, 1):
            desk.play(track, 0, bars)
        return bars
    if kind == "drums alone" and drums:
        bars = int(random.choice([1, 2, 4, 8]))
        for track in desk.some(drums, 1, len(drums)):
            desk.play(track, 0, bars)
        return bars
    if kind == "one by one":
        order = [int(track) for track in random.permutation(everyone)][: int(random.integers(2, 5))]
        stride = int(random.choice([2, 4, 8], p=[0.3, 0.5, 0.2]))
        for number, track in enumerate(order):
            desk.play(track, number * stride, (len(order) - number) * stride)
        return len(order) * stride
    bars = int(np.clip(random.choice([2, 4, 8, 16]), 2, 2 * length))
    for track in tonal or everyone:
        desk.play(track, 0, bars)
    return bars
