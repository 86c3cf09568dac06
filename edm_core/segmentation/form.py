"""The form of a piece of dance music: which bars belong together, and what each part is called.

One decision for boundaries and labels: a hidden semi-Markov model whose states are the labels, whose time is
bars, and whose best path is found by dynamic programming (Viterbi over segments; Yu, "Hidden semi-Markov
models", Artificial Intelligence 2010). What each bar sounds like is judged by a small network, trained on
renderings of people's forms: the odds that a part begins there, and the probability of each label. A
segment is worth

- the odds that a part begins at its first bar,
- how well its label fits its bars,
- how usual its length is for the label, and whether it is a multiple of 4 or 8 bars,
- how usual the label is after the one before.

Lengths and steps come from people's forms: the EDM tracks of EDM-98 (Kalandan, arXiv 2603.08759; ``edm98``
0.1.0, CC-BY-4.0) in whole bars, of which 71 % of parts last a multiple of 4 bars and 53 % of 8. (In the
Dance/Electronic tracks of the Harmonix set it is 80 % and 66 %; Nieto et al., ISMIR 2019.) How much each kind
of evidence counts was fitted on renderings that the network was not trained on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..vocabulary import SectionLabel

LABELS: tuple[SectionLabel, ...] = ("intro", "buildup", "drop", "breakdown", "outro")
LONGEST_BARS = 96

Floats = NDArray[np.float64]

# Of the 88 forms in EDM-98's train and validation splits, counted; its test split is kept for testing.
_MEDIAN_BARS = np.array([16.0, 8.0, 28.0, 9.0, 13.0])
_SPREAD = np.array([0.72, 0.65, 0.58, 0.68, 0.65])  # of the length's logarithm
# Probability of a length by its remainder modulo 8 bars, against chance (709 parts, and one more of each).
_BAR_PRIOR = np.log(np.array([374, 40, 38, 36, 131, 24, 34, 40]) / 717 * 8)
# Steps between labels: rows are from, columns to intro, buildup, drop, breakdown, outro.
_COUNTS = np.array([
    [1, 62, 25, 0, 0],
    [0, 1, 150, 9, 0],
    [0, 38, 31, 111, 73],
    [0, 60, 51, 1, 8],
    [0, 0, 0, 0, 0],
])  # fmt: skip
_FIRST_COUNTS, _LAST_COUNTS = np.array([87, 0, 1, 0, 0]), np.array([0, 1, 5, 1, 81])


def _shares(counts: NDArray[np.int64]) -> Floats:
    """Turn counts into shares, as if each step had been seen once more than it was."""
    return np.asarray((counts + 1.0) / (counts + 1.0).sum(-1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each kind of evidence counts, fitted on renderings.

    ``bias`` is added to the log odds of every boundary; ``same`` is the share of steps within a part, where
    only the texture changes.
    """

    boundary: float = 1.0
    bias: float = 0.0
    label: float = 1.0
    length: float = 0.5
    multiple: float = 0.5
    step: float = 1.0
    same: float = 0.3


@dataclass(frozen=True, slots=True)
class Part:
    """Bars ``[first, end)``, counted from 0, and their label."""

    first: int
    end: int
    label: SectionLabel


def label_odds(labels: Floats, part: Part) -> float:
    """Return the log odds of a part's label: of its mean probability over the part's bars.

    What they are worth is fitted in training and applied in the analysis, so both ask here.
    """
    share = np.exp(labels[part.first : part.end, LABELS.index(part.label)]).mean()
    return float(np.log(share / (1.0 - share + 1e-9)))


def decode_form(boundary: Floats, label: Floats, weights: Weights = Weights()) -> list[Part]:
    """Split a piece into labelled parts.

    Parameters
    ----------
    boundary : array, shape (bars,)
        Log odds that a part begins at each bar.
    label : array, shape (bars, labels)
        Log-probability of each of :data:`LABELS` in each bar.
    weights : Weights
        How much each kind of evidence counts.

    Returns
    -------
    list of Part
        They tile the bars.

    Examples
    --------
    >>> bars = np.log(np.repeat([[.8, .05, .05, .05, .05], [.05, .05, .8, .05, .05]], 16, axis=0))
    >>> decode_form(np.where(np.arange(32) == 16, 3.0, -3.0), bars)
    [Part(first=0, end=16, label='intro'), Part(first=16, end=32, label='drop')]
    """
    count = len(boundary)
    fits = np.concatenate([np.zeros((1, len(LABELS))), np.cumsum(weights.label * label, 0)])
    begins = weights.boundary * boundary + weights.bias
    begins[0] = 0.0
    lengths = np.arange(1, LONGEST_BARS + 1)
    usual = -0.5 * (np.log(lengths[:, None] / _MEDIAN_BARS) / _SPREAD) ** 2
    worth = weights.length * usual + weights.multiple * _BAR_PRIOR[lengths % 8][:, None]
    steps = (1.0 - weights.same) * _shares(_COUNTS) + weights.same * np.eye(len(LABELS))
    steps = weights.step * np.log(steps)
    first_step, last_step = (weights.step * np.log(_shares(c)) for c in (_FIRST_COUNTS, _LAST_COUNTS))
    best = np.full((count + 1, len(LABELS)), -np.inf)
    entered = np.full((count + 1, len(LABELS)), -np.inf)  # best of any label before, then a step
    back = np.zeros((count + 1, len(LABELS), 2), int)
    before = np.zeros((count + 1, len(LABELS)), int)
    entered[0] = first_step
    for end in range(1, count + 1):
        firsts = np.arange(max(0, end - LONGEST_BARS), end)
        total = entered[firsts] + begins[firsts, None] + fits[end] - fits[firsts] + worth[end - firsts - 1]
        choice = total.argmax(0)
        best[end] = total[choice, np.arange(len(LABELS))]
        back[end, :, 0] = firsts[choice]
        back[end, :, 1] = before[firsts[choice], np.arange(len(LABELS))]
        options = best[end][:, None] + steps
        before[end] = options.argmax(0)
        entered[end] = options.max(0)
    place, state = count, int((best[count] + last_step).argmax())
    parts: list[Part] = []
    while place > 0:
        first, previous = back[place, state]
        parts.append(Part(int(first), place, LABELS[state]))
        place, state = int(first), int(previous)
    return parts[::-1]
