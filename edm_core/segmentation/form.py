"""The form of a piece of dance music: which bars belong together, and what each part is called.

One decision for boundaries and labels: a hidden semi-Markov model whose states are the labels, whose time is
bars, and whose best path is found by dynamic programming (Viterbi over segments; Yu, "Hidden semi-Markov
models", Artificial Intelligence 2010). A segment is worth

- how well one mean spectrum describes its bars (a change within a part costs),
- how the label fits what is measured: bass and loudness against the loudest of the piece, and their rise,
- how usual its length is for the label, and whether it is a multiple of 4 or 8 bars,
- how usual the label is after the one before.

Lengths and steps come from people's forms: steps and median seconds from the 98 EDM tracks of EDM-98
(Kalandan, arXiv 2603.08759; ``edm98`` 0.1.0, CC-BY-4.0), lengths in bars from the Dance/Electronic tracks of
the Harmonix set (Nieto et al., ISMIR 2019), where 80 % of parts last a multiple of 4 bars and 66 % of 8.
What counts as loud, or as a rise, was set by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..vocabulary import SectionLabel

LABELS: tuple[SectionLabel, ...] = ("intro", "buildup", "drop", "breakdown", "outro")
LONGEST_BARS = 64

_MEDIAN_SECONDS = np.array([26.7, 13.2, 45.6, 16.7, 23.1])
_SPREAD = 0.62  # of the length's logarithm
# Probability of a length by its remainder modulo 8 bars, against chance: 66 % multiples of 8, 80 % of 4.
_BAR_PRIOR = np.log(np.array([0.66, 0.02, 0.06, 0.02, 0.14, 0.02, 0.06, 0.02]) / 0.125)
# Steps between labels in edm98, counted: rows are from, columns to intro, buildup, drop, breakdown, outro.
_COUNTS = np.array([
    [1, 68, 29, 0, 0],
    [0, 1, 166, 9, 0],
    [0, 40, 36, 127, 80],
    [0, 68, 58, 1, 9],
    [0, 0, 0, 0, 0],
])  # fmt: skip
_FIRST_COUNTS, _LAST_COUNTS = np.array([97, 0, 1, 0, 0]), np.array([0, 1, 7, 1, 89])
_SAME = 0.2  # share of steps within a part, where only the texture changes: people do not mark those


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Turn counts into shares, as if each step had been seen once more than it was."""
    return np.asarray((counts + 1.0) / (counts + 1.0).sum(-1, keepdims=True))


_STEPS = np.log((1.0 - _SAME) * _shares(_COUNTS) + _SAME * np.eye(len(LABELS)))
_FIRST, _LAST = np.log(_shares(_FIRST_COUNTS)), np.log(_shares(_LAST_COUNTS))
# How likely a bar of each is full: with bass, and about as loud as the piece gets.
_FULL = np.array([0.45, 0.15, 0.95, 0.10, 0.45])
_NEW_SEGMENT = 4.0  # what a segment must gain to be worth having, in nats


@dataclass(frozen=True, slots=True)
class Bars:
    """What is measured of each bar.

    ``texture`` (bars, bands) is the mean spectrum in dB; ``bass`` and ``loudness`` are dB below the piece's
    loud bars (0 is as loud, negative below); ``brightness`` is the level of the upper bands in dB;
    ``seconds`` is the length of a typical bar.
    """

    texture: NDArray[np.float32]
    bass: NDArray[np.float64]
    loudness: NDArray[np.float64]
    brightness: NDArray[np.float64]
    seconds: float


@dataclass(frozen=True, slots=True)
class Part:
    """Bars ``[first, end)`` (from 0), their label, its confidence and that of its first edge."""

    first: int
    end: int
    label: SectionLabel
    confidence: float


def decode_form(bars: Bars) -> list[Part]:
    """Split a piece into labelled parts.

    Parameters
    ----------
    bars : Bars
        Measurements of at least one bar.

    Returns
    -------
    list of Part
        They tile the bars. Confidences are posteriors of the label with the boundaries held fixed; they
        are not calibrated.
    """
    count = len(bars.bass)
    values = _SegmentValues(bars)
    best = np.full((count + 1, len(LABELS)), -np.inf)
    back = np.zeros((count + 1, len(LABELS), 2), int)
    for end in range(1, count + 1):
        firsts = np.arange(max(0, end - LONGEST_BARS), end)
        value = values.of(firsts, end)  # (firsts, labels)
        if end == count:
            value = value + _LAST
        options = best[firsts][:, :, None] + _STEPS[None]  # (firsts, before, label)
        before = options.argmax(1)
        gain = np.where(firsts[:, None] == 0, _FIRST, np.take_along_axis(options, before[:, None], 1)[:, 0])
        total = gain + value
        choice = total.argmax(0)
        best[end] = total[choice, np.arange(len(LABELS))]
        back[end, :, 0] = firsts[choice]
        back[end, :, 1] = before[choice, np.arange(len(LABELS))]
    edges, labels = [count], [int(best[count].argmax())]
    while edges[-1] > 0:
        first, before_label = back[edges[-1], labels[-1]]
        edges.append(int(first))
        labels.append(int(before_label))
    edges, labels = edges[::-1], labels[-2::-1]
    parts = [
        Part(first, end, LABELS[label], _posterior(values, edges, labels, index))
        for index, (first, end, label) in enumerate(zip(edges, edges[1:], labels, strict=False))
    ]
    return _without_single_bars(parts)


def _without_single_bars(parts: list[Part]) -> list[Part]:
    """Join a single bar, such as a fill or the last one's tail, to a neighbour of the same label."""
    out = parts[:1]
    for part in parts[1:]:
        single = min(part.end - part.first, out[-1].end - out[-1].first) == 1
        if single and part.label == out[-1].label:
            confidence = max(part.confidence, out[-1].confidence)
            out[-1] = Part(out[-1].first, part.end, part.label, confidence)
        else:
            out.append(part)
    return out


class _SegmentValues:
    """Worth of every segment ``[first, end)`` for every label, from running sums."""

    def __init__(self, bars: Bars) -> None:
        texture = bars.texture.astype(np.float64)
        self.sums = _running(texture)
        self.squares = _running(np.square(texture).sum(1))
        # The scale of ordinary differences: bars of one part differ about this much from their mean.
        steps = np.square(np.diff(texture, axis=0)).sum(1) if len(texture) > 1 else np.ones(1)
        self.noise = max(float(np.median(steps)), 4.0 * texture.shape[1])
        full = _logistic((bars.bass + 7.0) / 2.5) * _logistic((bars.loudness + 4.5) / 1.5)
        fits = full[:, None] * _FULL + (1.0 - full[:, None]) * (1.0 - _FULL)
        self.fits = _running(np.log(fits))
        self.rise = _running(bars.loudness + 0.5 * bars.brightness)
        self.count = len(texture)
        lengths = np.arange(1, LONGEST_BARS + 1)
        usual = np.log(lengths[:, None] * bars.seconds / _MEDIAN_SECONDS) / _SPREAD
        self.lengths = -0.5 * usual**2 + _BAR_PRIOR[lengths % 8][:, None]

    def of(self, firsts: NDArray[np.int64], end: int) -> NDArray[np.float64]:
        """Worth of the segments from each of ``firsts`` to ``end``, shape (firsts, labels)."""
        length = end - firsts
        mean_square = np.square(self.sums[end] - self.sums[firsts]).sum(1) / length
        scatter = np.maximum(self.squares[end] - self.squares[firsts] - mean_square, 0.0)
        fit = (self.fits[end] - self.fits[firsts]) * (8.0 / np.maximum(length, 8.0))[:, None]
        value = fit + self.lengths[length - 1] - (scatter / self.noise + _NEW_SEGMENT)[:, None]
        value[:, 1] += self._climb(firsts, end)
        return np.asarray(value)

    def _climb(self, firsts: NDArray[np.int64], end: int) -> NDArray[np.float64]:
        """Return what speaks for a buildup: the last bars are louder and brighter than the first."""
        half = np.maximum((end - firsts) // 2, 1)
        sums = self.rise
        early = (sums[firsts + half] - sums[firsts]) / half
        late = (sums[end] - sums[end - half]) / half
        return np.asarray(np.clip((late - early - 2.0) / 2.0, -1.5, 1.5))


def _posterior(values: _SegmentValues, edges: list[int], labels: list[int], index: int) -> float:
    """Probability of a segment's label, its neighbours and edges held fixed."""
    first, end = edges[index], edges[index + 1]
    score = values.of(np.array([first]), end)[0] + (_FIRST if index == 0 else _STEPS[labels[index - 1]])
    score = score + (_LAST if end == edges[-1] else _STEPS[:, labels[index + 1]])
    share = np.exp(score - score.max())
    return float(share[labels[index]] / share.sum())


def _running(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values, 0)])


def _logistic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-values)))
