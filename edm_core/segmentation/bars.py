"""Bars: which half-beats are the beats, and which of those are downbeats.

Onsets alone do not tell: an off-beat bass with open hats can be louder than the kick. What tells is the
form. Parts come in and go out at the start of a bar, so the places where the *texture* changes, seen over
whole bars before and after, pile up on one eighth of the bar; chords change there too; kicks fall on beats;
and music likes to begin with a downbeat. The four are standardised and added with equal weight.

Bars of four beats are assumed; that is stated as the meter, with a confidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import CHROMA_RATE, FRAME_RATE, Spectrum

BEATS_PER_BAR = 4
_SLOTS = 2 * BEATS_PER_BAR  # half-beats in a bar
_BLOCK = 60_000  # frames read at a time
_CONTEXTS = (1, 2, 4)  # bars before and after a change that are compared


@dataclass(frozen=True, slots=True)
class Placement:
    """Where bars begin: the ``first`` half-beat that is a downbeat (0 to 7), and how sure that is.

    ``beat_confidence`` is how sure it is that beats lie on this half of the half-beats.
    """

    first: int
    confidence: float
    beat_confidence: float


def means_between(
    values: NDArray[Any],
    times: NDArray[np.float64],
    transform: Callable[[NDArray[np.float32]], NDArray[Any]] = lambda block: block,
) -> NDArray[np.float64]:
    """Return the mean of rows between successive times (frames), one row an interval.

    ``transform`` is applied to the rows before they are averaged. Rows are read block by block, so that a
    set of ten hours, memory-mapped, never stands in memory as a whole.
    """
    edges = np.clip(np.round(times).astype(int), 0, len(values))
    out = []
    first = 0
    while first < len(edges) - 1:
        last = max(first + 1, int(np.searchsorted(edges, edges[first] + _BLOCK, "right")) - 1)
        rows = transform(values[edges[first] : edges[last]].astype(np.float32))
        sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(rows, 0, dtype=np.float64)])
        places = edges[first : last + 1] - edges[first]
        out.append((sums[places[1:]] - sums[places[:-1]]) / np.maximum(np.diff(places), 1)[:, None])
        first = last
    return np.concatenate(out) if out else np.zeros((0, values.shape[1]))


def texture(mel: NDArray[np.float16], times: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the mean mel spectrum in dB between successive times (frames), neighbouring bands joined."""
    pairs = means_between(mel, times, lambda block: block.reshape(len(block), -1, 2).mean(2))
    return pairs.astype(np.float32)


def place(
    spectrum: Spectrum, envelopes: NDArray[np.float32], halves: NDArray[np.float64], start: int, end: int
) -> Placement:
    """Choose where the bars of a stretch begin.

    Parameters
    ----------
    spectrum : Spectrum
        The front end of the whole recording.
    envelopes : array, shape (3, frames)
        Its onset envelopes.
    halves : array, shape (n,)
        Times of the stretch's half-beats, in frames of the recording.
    start, end : int
        The stretch, in frames.

    Returns
    -------
    Placement
        Confidences are the winner's share of the evidence, on a logistic scale; they are not calibrated.
    """
    mel = spectrum.mel[start:end]
    evidence = (
        _standardised(_change_by_slot(mel, halves - start))
        + _standardised(_harmony_by_slot(spectrum.chroma, halves))
        + _standardised(_low_onset_by_slot(envelopes, halves))
        + _start(mel, halves - start)
    )
    share = np.exp(evidence - evidence.max())
    share /= share.sum()
    first = int(evidence.argmax())
    same_half = share[first % 2 :: 2].sum()
    return Placement(first, float(share[first]), float(same_half))


def _change_by_slot(mel: NDArray[np.float16], halves: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of the texture's change falls on each half-beat of the bar, shape (8,)."""
    slots = texture(mel, halves)
    out = np.zeros(_SLOTS)
    for bars in _CONTEXTS:
        width = bars * _SLOTS
        if len(slots) < 2 * width + _SLOTS:
            continue
        sums = np.concatenate([np.zeros((1, slots.shape[1])), np.cumsum(slots, 0, dtype=np.float64)])
        means = (sums[width:] - sums[:-width]) / width
        change = np.square(means[width:] - means[:-width]).mean(1)  # at half-beats width, width + 1, …
        places = np.arange(width, width + len(change))
        # A change is seen for some slots around it: only where it is greatest does it count.
        reach = _SLOTS // 2
        padded = np.pad(change, reach)
        highest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(1)
        peak = (change >= highest) & (change > 0)
        out += np.bincount(places[peak] % _SLOTS, np.sqrt(change[peak]), _SLOTS)
    return out


def _harmony_by_slot(chroma: NDArray[np.float32], halves: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much the pitch classes change at each half-beat of the bar, over one and two beats, shape (8,)."""
    slots = means_between(
        chroma,
        halves * CHROMA_RATE / FRAME_RATE,
        lambda block: block / (block.sum(1, keepdims=True) + 1e-9),
    )
    out = np.zeros(_SLOTS)
    for width in (2, 4):
        if len(slots) < 2 * width + _SLOTS:
            continue
        means = np.lib.stride_tricks.sliding_window_view(slots, width, axis=0).mean(-1)
        before, after = means[:-width], means[width:]
        norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        distance = 1.0 - (before * after).sum(1) / (norms + 1e-9)
        out += _mean_by_slot(distance, np.arange(width, width + len(distance)))
    return out


def _low_onset_by_slot(envelopes: NDArray[np.float32], halves: NDArray[np.float64]) -> NDArray[np.float64]:
    """Onset strength of the low band at each half-beat of the bar, shape (8,)."""
    reach = 3
    around = np.round(halves).astype(int)[:, None] + np.arange(-reach, reach + 1)
    strength = envelopes[0, np.clip(around, 0, envelopes.shape[1] - 1)].max(1)
    return _mean_by_slot(strength, np.arange(len(halves)))


def _mean_by_slot(values: NDArray[Any], places: NDArray[np.int64]) -> NDArray[np.float64]:
    counts = np.bincount(places % _SLOTS, minlength=_SLOTS)
    return np.asarray(np.bincount(places % _SLOTS, values, _SLOTS) / np.maximum(counts, 1))


def _start(mel: NDArray[np.float16], halves: NDArray[np.float64]) -> NDArray[np.float64]:
    """1 at the slot of the half-beat where sound begins, shape (8,)."""
    loud = mel.max(1)
    sounding = np.flatnonzero(loud > float(loud.max()) - 40.0)
    out = np.zeros(_SLOTS)
    if len(sounding) and len(halves):
        nearest = int(np.abs(halves - sounding[0]).argmin())
        out[nearest % _SLOTS] = 1.0
    return out


def _standardised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)
