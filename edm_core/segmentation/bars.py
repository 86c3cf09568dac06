"""Bars: which half-beats are beats, which of those are downbeats, and how many beats a bar has.

What each half-beat looks like is judged by a network (see :mod:`~edm_core.segmentation.pulse`). Its judgements
are read as bars by a hidden Markov model whose states are the places in a bar of four or of three beats (the
bar pointer; Whiteley, Cemgil and Godsill, "Bayesian modelling of temporal structure in musical audio", ISMIR
2006): place follows place, and rarely a bar ends early, as where a tracker's pattern or an edit breaks off.
Posteriors come from the forward-backward algorithm.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

METERS = (4, 3)
"""Beats in a bar that are considered."""

Floats = NDArray[np.float64]

_SLOTS = np.concatenate([np.arange(2 * meter) for meter in METERS])  # place in the bar of each state
_METER = np.concatenate([np.full(2 * meter, meter) for meter in METERS])
_CLASS = np.where(_SLOTS == 0, 0, np.where(_SLOTS % 2 == 0, 1, 2))  # downbeat, beat, off-beat
_BEFORE = np.concatenate(
    [(np.arange(2 * meter) - 1) % (2 * meter) + sum(2 * m for m in METERS[:index]) for index, meter in enumerate(METERS)]
)  # the state before each


@dataclass(frozen=True, slots=True)
class Reading:
    """Half-beats read as bars.

    ``place`` is each half-beat's place in its bar: 0 is the downbeat, odd places are off-beats. ``meter`` is
    the beats in a bar that hold for longest; ``is_beat`` and ``is_downbeat`` are posteriors of each half-beat,
    ``meter_share`` that of the meter.
    """

    place: NDArray[np.int64]
    meter: int
    is_beat: Floats
    is_downbeat: Floats
    meter_share: float


def read_bars(
    classes: Floats, *, trust: float = 0.3, short_bar: float = 1e-4, prior: tuple[float, ...] = (0.97, 0.03)
) -> Reading:
    """Read half-beats as bars.

    Parameters
    ----------
    classes : array, shape (n, 3)
        Log-probability that each half-beat is a downbeat, a beat, an off-beat.
    trust : float
        Weight of each judgement: neighbours see the same sound, so their judgements are not independent.
    short_bar : float
        Probability that a bar ends early at a beat.
    prior : tuple of float
        Probability of each of :data:`METERS`.

    Examples
    --------
    >>> certain = np.log(np.full((24, 3), 0.05) + 0.85 * np.eye(3)[[1, 2, 0, 2, 1, 2, 1, 2] * 3])
    >>> read_bars(certain).place.tolist()[:8]
    [6, 7, 0, 1, 2, 3, 4, 5]
    """
    evidence = trust * classes[:, _CLASS]
    jump = np.log(short_bar) - np.log(len(METERS))
    start = np.log(np.array([prior[METERS.index(meter)] / (2 * meter) for meter in _METER]))
    best, back = _viterbi(evidence, start, jump)
    states = _trace(best, back)
    posterior = _posterior(evidence, start, jump)
    meter = max(METERS, key=lambda meter: float((_METER[states] == meter).sum()))
    return Reading(
        place=_SLOTS[states],
        meter=meter,
        is_beat=posterior[:, _CLASS < 2].sum(1),
        is_downbeat=posterior[:, _CLASS == 0].sum(1),
        meter_share=float(posterior[:, _METER == meter].sum(1).mean()),
    )


_DOWNBEATS = np.flatnonzero(_SLOTS == 0)
_MAY_BREAK = np.flatnonzero((_SLOTS % 2 == 1) & (_SLOTS < 2 * _METER - 1))  # off-beats with a beat to come


def _viterbi(evidence: Floats, start: Floats, jump: float) -> tuple[Floats, NDArray[np.int64]]:
    total, back = start + evidence[0], np.zeros(evidence.shape, int)
    back[0] = -1
    for index in range(1, len(evidence)):
        stepped, origin = total[_BEFORE], _BEFORE.copy()
        breaking = _MAY_BREAK[total[_MAY_BREAK].argmax()]
        early = total[breaking] + jump
        better = _DOWNBEATS[early > stepped[_DOWNBEATS]]
        stepped[better], origin[better] = early, breaking
        total, back[index] = stepped + evidence[index], origin
    return total, back


def _trace(best: Floats, back: NDArray[np.int64]) -> NDArray[np.int64]:
    states = np.empty(len(back), int)
    state = int(best.argmax())
    for index in range(len(back) - 1, -1, -1):
        states[index] = state
        state = int(back[index, state])
    return states


def _posterior(evidence: Floats, start: Floats, jump: float) -> Floats:
    """Forward-backward in probabilities, scaled at each step."""
    likelihood = np.exp(evidence - evidence.max(1, keepdims=True))
    early = float(np.exp(jump))
    forward = np.empty_like(likelihood)
    state = np.exp(start) * likelihood[0]
    forward[0] = state / state.sum()
    for index in range(1, len(likelihood)):
        state = forward[index - 1][_BEFORE]
        state[_DOWNBEATS] += early * forward[index - 1][_MAY_BREAK].sum()
        state *= likelihood[index]
        forward[index] = state / state.sum()
    after = np.argsort(_BEFORE)
    backward = np.ones(likelihood.shape[1])
    out = np.empty_like(likelihood)
    out[-1] = forward[-1]
    for index in range(len(likelihood) - 2, -1, -1):
        coming = backward * likelihood[index + 1]
        backward = coming[after]
        backward[_MAY_BREAK] += early * coming[_DOWNBEATS].sum()
        backward /= backward.sum()
        state = forward[index] * backward
        out[index] = state / state.sum()
    return out
