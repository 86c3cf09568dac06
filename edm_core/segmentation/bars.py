"""Bars: which half-beats are beats, which of those are downbeats, and how many beats a bar has.

What each half-beat looks like is judged by a network (see :mod:`~edm_core.segmentation.pulse`). Its
judgements are read as bars by a hidden Markov model whose states are the places in a bar of four or of three
beats (the bar pointer; Whiteley, Cemgil and Godsill, "Bayesian modelling of temporal structure in musical
audio", ISMIR 2006): place follows place, and rarely a bar ends early, as where one track follows another in
a set. Posteriors come from the forward-backward algorithm.

The network hears a few bars at a time. What only the whole piece tells is added by :func:`phase_evidence`:
parts come in and go out at the start of a bar, so the places where the texture changes pile up on one eighth
of the bar; chords change there too; kicks fall on beats; and music likes to begin with a downbeat.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import CHROMA_RATE, FRAME_RATE
from .pulse import means_between, sides

METERS = (4, 3)
"""Beats in a bar that are considered."""

Floats = NDArray[np.float64]

_EIGHTHS = 8  # half-beats in a bar of four
_CONTEXTS = (8, 16, 32)  # half-beats before and after a change of texture that are compared
_SLOTS = np.concatenate([np.arange(2 * meter) for meter in METERS])  # place in the bar of each state
_METER = np.concatenate([np.full(2 * meter, meter) for meter in METERS])
_CLASS = np.where(_SLOTS == 0, 0, np.where(_SLOTS % 2 == 0, 1, 2))  # downbeat, beat, off-beat
_BEFORE = np.concatenate(
    [
        (np.arange(2 * meter) - 1) % (2 * meter) + sum(2 * m for m in METERS[:index])
        for index, meter in enumerate(METERS)
    ]
)  # the state before each


@dataclass(frozen=True, slots=True)
class Reading:
    """Half-beats read as bars.

    ``place`` is each half-beat's place in its bar: 0 is the downbeat, odd places are off-beats. ``meter`` is
    the beats in a bar that hold for longest; ``is_beat`` and ``is_downbeat`` are posteriors of each,
    ``meter_share`` that of the meter.
    """

    place: NDArray[np.int64]
    meter: int
    is_beat: Floats
    is_downbeat: Floats
    meter_share: float


def read_bars(
    classes: Floats,
    phases: Floats | None = None,
    *,
    trust: float = 10.0,
    least_trust: float = 0.008,
    meter_trust: float = 40.0,
    short_bar: float = 1e-6,
    three: float = 0.03,
) -> Reading:
    """Read half-beats as bars.

    Parameters
    ----------
    classes : array, shape (n, 3)
        Log-probability that each half-beat is a downbeat, a beat, an off-beat.
    phases : array, shape (8,), optional
        Evidence, in nats, that bars of four begin at the first half-beat, the second, …
    trust : float
        How many independent judgements all of them are worth: neighbours see the same sound, and a mistake
        about a pattern is made wherever the pattern comes.
    least_trust : float
        Weight of each judgement in a stretch so long that the same music cannot fill it.
    meter_trust : float
        The same as ``trust`` for the number of beats in a bar, which is far less often mistaken.
    short_bar : float
        Probability that a bar ends early at a beat.
    three : float
        Probability that bars have three beats.

    Examples
    --------
    >>> certain = np.log(np.full((24, 3), 0.05) + 0.85 * np.eye(3)[[1, 2, 0, 2, 1, 2, 1, 2] * 3])
    >>> read_bars(certain).place.tolist()[:8]
    [6, 7, 0, 1, 2, 3, 4, 5]
    """
    count = len(classes)
    evidence = max(trust / count, least_trust) * classes[:, _CLASS]
    if phases is not None:
        begins = (np.arange(count)[:, None] - _SLOTS[:_EIGHTHS]) % _EIGHTHS
        evidence[:, :_EIGHTHS] += (phases - phases.mean())[begins] / count
    jump = np.log(short_bar) - np.log(len(METERS))
    start = np.log(np.where(_METER == 3, three / 6, (1.0 - three) / _EIGHTHS))
    four, other = (_steady_fit(classes, meter) for meter in METERS)
    start[_METER == 3] += max(0.0, meter_trust - trust) * (other - four)
    best, back = _viterbi(evidence, start, jump)
    states = _trace(best, back)
    posterior = _posterior(evidence, start, jump)
    meter = max(METERS, key=lambda meter: float((_METER[states] == meter).sum()))
    return Reading(
        place=_SLOTS[states],
        meter=meter,
        is_beat=posterior[:, _CLASS < 2].sum(1),
        is_downbeat=posterior[:, _CLASS == 0].sum(1),
        meter_share=float(posterior[:, meter == _METER].sum(1).mean()),
    )


def _steady_fit(classes: Floats, meter: int) -> float:
    """Mean log-probability of the half-beats under whole bars of this length, begun where it is best."""
    slots = 2 * meter
    totals = np.zeros((slots, 3))
    np.add.at(totals, np.arange(len(classes)) % slots, classes)
    fits = []
    for first in range(slots):
        turned = np.roll(totals, -first, 0)
        fits.append(turned[0, 0] + turned[2::2, 1].sum() + turned[1::2, 2].sum())
    return float(max(fits)) / len(classes)


def phase_evidence(
    bands: NDArray[np.float16],
    chroma: NDArray[np.float32],
    envelopes: NDArray[np.float32],
    halves: Floats,
) -> Floats:
    """Return how much the whole of a stretch speaks for each eighth of a bar as its beginning.

    Parameters
    ----------
    bands, chroma, envelopes : array
        Coarse spectrum, pitch classes and onset envelopes of the recording; see
        :func:`~edm_core.segmentation.pulse.pulse_features`.
    halves : array, shape (n,)
        Half-beats of the stretch, in frames.

    Returns
    -------
    array, shape (8,)
        The sum of four kinds of evidence, each standardised over the eighths but the last, which is 0 or 1.
    """
    levels = means_between(bands, np.append(halves, 2 * halves[-1] - halves[-2]))
    return (
        _standardised(_change(levels))
        + _standardised(_harmony(chroma, halves))
        + _standardised(_low_onset(envelopes, halves))
        + _beginning(levels)
    )


def _change(levels: Floats) -> Floats:
    """How much of the texture's change falls on each eighth: peaks of the difference between whole bars."""
    out = np.zeros(_EIGHTHS)
    reach = _EIGHTHS // 2
    for width, (before, after) in zip(_CONTEXTS, sides(levels, _CONTEXTS), strict=True):
        places = np.arange(width, len(levels) - width + 1)
        if len(places) <= _EIGHTHS:
            continue
        change = np.square(after - before).mean(1)[places]
        # A change is seen for some half-beats around it: only where it is greatest does it count.
        highest = np.lib.stride_tricks.sliding_window_view(np.pad(change, reach), 2 * reach + 1).max(1)
        peak = (change >= highest) & (change > 0)
        out += np.bincount(places[peak] % _EIGHTHS, np.sqrt(change[peak]), _EIGHTHS)
    return out


def _harmony(chroma: NDArray[np.float32], halves: Floats) -> Floats:
    """How much the pitch classes change at each eighth, over one and two beats."""
    shares = means_between(
        chroma,
        halves * CHROMA_RATE / FRAME_RATE,
        lambda block: block / (block.sum(1, keepdims=True) + 1e-9),
    )
    out = np.zeros(_EIGHTHS)
    for width, (before, after) in zip((2, 4), sides(shares, (2, 4)), strict=True):
        norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        distance = 1.0 - (before * after).sum(1) / (norms + 1e-9)
        out += _mean_by_eighth(distance[width : 1 - width], width)
    return out


def _low_onset(envelopes: NDArray[np.float32], halves: Floats) -> Floats:
    """Onset strength of the low band at each eighth."""
    around = np.round(halves).astype(int)[:, None] + np.arange(-3, 4)
    return _mean_by_eighth(envelopes[0, np.clip(around, 0, envelopes.shape[1] - 1)].max(1), 0)


def _beginning(levels: Floats) -> Floats:
    """1 at the eighth where sound begins."""
    loud = levels.max(1)
    out = np.zeros(_EIGHTHS)
    out[int(np.argmax(loud > loud.max() - 40.0)) % _EIGHTHS] = 1.0
    return out


def _mean_by_eighth(values: NDArray[Any], first: int) -> Floats:
    """Mean of values that belong to the half-beats from ``first`` on, by eighth."""
    places = (first + np.arange(len(values))) % _EIGHTHS
    counts = np.bincount(places, minlength=_EIGHTHS)
    return np.asarray(np.bincount(places, values, _EIGHTHS) / np.maximum(counts, 1))


def _standardised(values: Floats) -> Floats:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / max(spread, 1e-9))


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
    return np.asarray(out)
