"""Checks of tempo and key; kinds and thresholds are told in :mod:`~edm_core.evaluation.checks`."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ..findings import Finding
from ..timeline import Key, Tempo, Timeline
from ..tonality import camelot, read_key
from ._beat_grid import STRAY, BeatGrid

_MISMATCH, _DRIFT_BEATS = 0.01, 0.5
_FEWEST_BEATS = 8
_OCTAVE_EVIDENCE, _OCTAVE_WIDTH = 0.8, 0.03
_SLOWEST_BPM, _FASTEST_BPM = 60, 200


def tempo_findings(timeline: Timeline, grid: BeatGrid) -> Iterator[Finding]:
    """Yield what is wrong with tempo and key."""
    yield from _tempi(timeline, grid)
    yield from _keys(timeline)


def _tempi(timeline: Timeline, grid: BeatGrid) -> Iterator[Finding]:
    layer = timeline.layer("tempo")
    tempi: tuple[Tempo, ...] = layer.items if layer else ()
    for tempo in tempi:
        where = (tempo.start, tempo.end)
        if not (math.isfinite(tempo.bpm) and tempo.bpm > 0):
            yield Finding("tempo_mismatch", "error", *where, f"{tempo.bpm} BPM is no tempo", "tempo")
            continue
        if not _SLOWEST_BPM <= tempo.bpm <= _FASTEST_BPM:
            message = f"{tempo.bpm:.1f} BPM lies outside of {_SLOWEST_BPM} to {_FASTEST_BPM}"
            yield Finding("tempo_range", "note", *where, message, "tempo")
        yield from _slope(tempo, grid)
        weights = {candidate.bpm: candidate.weight for candidate in tempo.candidates}
        own = max((weight for bpm, weight in weights.items() if _close(bpm, tempo.bpm)), default=0.0)
        for bpm, weight in weights.items():
            octave = _close(bpm, 2 * tempo.bpm) or _close(2 * bpm, tempo.bpm)
            if own and octave and weight >= _OCTAVE_EVIDENCE * own:
                message = f"{bpm:.1f} BPM has nearly as much evidence as {tempo.bpm:.1f}"
                yield Finding("tempo_octave", "note", *where, message, "tempo")
    for one, two in zip(tempi, tempi[1:], strict=False):
        if abs(two.start - one.end) < 1 and (_close(one.bpm, 2 * two.bpm) or _close(2 * one.bpm, two.bpm)):
            way = "doubles" if two.bpm > one.bpm else "halves"
            message = f"the tempo {way} from {one.bpm:.1f} to {two.bpm:.1f} BPM"
            yield Finding("tempo_octave", "warning", two.start, None, message, "tempo")


def _slope(tempo: Tempo, grid: BeatGrid) -> Iterator[Finding]:
    times = grid.times[(grid.times >= tempo.start) & (grid.times < tempo.end)]
    if len(times) < _FEWEST_BEATS:
        return
    intervals = np.diff(times)
    # A beat too many or too few is a finding of its own, and no other tempo.
    steady = intervals[np.abs(intervals / np.median(intervals) - 1) <= STRAY]
    measured = 60 / float(steady.mean())
    off = measured / tempo.bpm - 1
    drift = abs(off) * len(intervals)
    where = (tempo.start, tempo.end)
    if abs(off) > _MISMATCH:
        message = f"the tempo is {tempo.bpm:.2f} BPM, the beats run at {measured:.2f}"
        yield Finding("tempo_mismatch", "error", *where, message, "tempo")
    elif drift > _DRIFT_BEATS:
        message = f"the beats run at {measured:.3f} BPM: a grid at {tempo.bpm:g} ends {drift:.1f} beats off"
        yield Finding("tempo_mismatch", "note", *where, message, "tempo")


def _keys(timeline: Timeline) -> Iterator[Finding]:
    layer = timeline.layer("key")
    keys: tuple[Key, ...] = layer.items if layer else ()
    for key in keys:
        known = read_key(key.name)
        wanted = camelot(known[0], minor=known[1]) if known else None
        if wanted and key.camelot.strip().upper() not in ("", wanted):
            message = f"{key.name} is {wanted} on the Camelot wheel, not {key.camelot}"
            yield Finding("key_name", "error", key.start, key.end, message, "key")


def _close(one: float, two: float) -> bool:
    return abs(one - two) <= _OCTAVE_WIDTH * abs(two)
