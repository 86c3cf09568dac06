"""Tempo: which period the onsets keep, where it changes, and its exact value.

Three steps. Windows of 12 s are scored for every tempo between 60 and 210 BPM by their autocorrelation at
one, two, three and four beats, times a prior. A Viterbi path through the windows finds where the tempo
changes. Within a stretch of steady tempo the Fourier transform of the whole onset envelope gives the exact
value: over ``T`` seconds it resolves some ``1 / T`` Hz, where autocorrelation is bound to the frame rate.

The prior is log-normal around 128 BPM. Its width is that of the dance repertoire: 77 % of the
Dance/Electronic tracks of the Harmonix set (Nieto et al., ISMIR 2019) lie within 118–132 BPM, but garage,
trap, drum and bass and hardcore must stay within reach, so it is set far wider than that.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import FRAME_RATE
from .onsets import WEIGHTS

LOWEST_BPM, HIGHEST_BPM = 60.0, 210.0
PRIOR_BPM, PRIOR_OCTAVES = 128.0, 0.45

_STEP = 0.004  # of the grid of tempi, as a ratio
_WINDOW, _HOP = 12 * FRAME_RATE, 2 * FRAME_RATE
_LAGS = 4 * 60 * FRAME_RATE // int(LOWEST_BPM) + 20
_MULTIPLES = ((1, 1.0), (2, 1.0), (3, 0.5), (4, 1.0))
_CHANGE = 0.025  # a step in the path that is a new tempo, as a ratio
_LONG = 60 * 60 * FRAME_RATE  # the transform of an hour is fine enough as it is
_SHORTEST = 8 * FRAME_RATE  # a stretch of another tempo that is shorter is an accident

GRID = np.exp(np.arange(np.log(LOWEST_BPM), np.log(HIGHEST_BPM), _STEP))
"""The tempi that are considered, in BPM."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames ``[start, end)`` of about one tempo, its beat period in frames, and the evidence per tempo."""

    start: int
    end: int
    period: float
    scores: NDArray[np.float64]


def stretches(envelopes: NDArray[np.float32]) -> list[Stretch]:
    """Split onset envelopes into stretches of steady tempo.

    Parameters
    ----------
    envelopes : array, shape (3, frames)
        From :func:`~edm_core.segmentation.onsets.onset_envelopes`.

    Returns
    -------
    list of Stretch
        They tile the frames; empty if nothing starts anywhere.
    """
    frames = envelopes.shape[1]
    if not envelopes.any():
        return []
    starts = np.arange(0, max(1, frames - _WINDOW // 2), _HOP)
    windows = np.array([_window_scores(envelopes[:, s : s + _WINDOW]) for s in starts])
    overall = windows.mean(0)
    path = _viterbi(windows + 0.3 * overall)
    # Window i speaks for the hop around its centre.
    edges = [0, *(int(start + _WINDOW // 2 - _HOP // 2) for start in starts[1:]), frames]
    runs: list[list[int]] = []
    for index, place in enumerate(path):
        if runs and abs(np.log(GRID[place] / GRID[path[runs[-1][0]]])) < _CHANGE:
            runs[-1][1] = index + 1
        else:
            runs.append([index, index + 1])
    runs = _without_short(runs, edges)
    out = []
    for first, last in runs:
        scores = windows[first:last].mean(0)
        typical = int(np.median(path[first:last]))
        out.append(Stretch(edges[first], edges[last], 60.0 * FRAME_RATE / GRID[typical], scores))
    return out


def refine(envelope: NDArray[np.float32], period: float) -> float:
    """Return the exact beat period near ``period``, in frames, from the envelope's Fourier transform.

    The beat's own frequency, its second and its fourth harmonic are summed: eighths and sixteenths carry
    the same tempo, two and four times as finely.
    """
    padding = 8 if len(envelope) < _LONG else 2
    size = 1 << int(np.ceil(np.log2(len(envelope) * padding)))
    magnitude = np.abs(np.fft.rfft(envelope - envelope.mean(), size))
    reach = max(0.012, period / len(envelope))  # short stretches do not resolve as finely
    frequencies = np.linspace(1 - reach, 1 + reach, 4001) / period
    places = np.arange(len(magnitude))
    total = sum(np.interp(h * frequencies * size, places, magnitude) for h in (1, 2, 4))
    return float(1.0 / frequencies[int(np.argmax(total))])


def candidates(scores: NDArray[np.float64], chosen_bpm: float, count: int = 5) -> list[tuple[float, float]]:
    """Return the best few tempi as (BPM, share of the evidence), the chosen one with its exact value."""
    inner = scores[1:-1]
    peaks = np.flatnonzero((inner > scores[:-2]) & (inner >= scores[2:]) & (inner > 0)) + 1
    best = sorted(peaks, key=lambda place: -scores[place])[:count]
    total = float(sum(scores[place] for place in best)) or 1.0
    out = []
    for place in best:
        near = abs(np.log(GRID[place] / chosen_bpm)) < 0.02
        out.append((chosen_bpm if near else float(GRID[place]), float(scores[place]) / total))
    return out


def _window_scores(window: NDArray[np.float32]) -> NDArray[np.float64]:
    length = window.shape[1]
    centred = window - window.mean(1, keepdims=True)
    power = np.abs(np.fft.rfft(centred, 4 * _WINDOW, axis=1)) ** 2
    correlation = np.fft.irfft(power, axis=1)[:, :_LAGS]
    energy = correlation[:, :1]
    normal = np.divide(correlation, energy, out=np.zeros_like(correlation), where=energy > 1e-9)
    lags = np.arange(_LAGS)
    unbiased = (WEIGHTS @ normal) * (length / np.maximum(length - lags, 0.25 * length))
    smooth = np.convolve(unbiased, [0.25, 0.5, 0.25], "same")
    scores = np.zeros(len(GRID))
    for multiple, weight in _MULTIPLES:
        scores += weight * np.interp(multiple * 60.0 * FRAME_RATE / GRID, lags, smooth)
    prior = np.exp(-0.5 * (np.log2(GRID / PRIOR_BPM) / PRIOR_OCTAVES) ** 2)
    return np.asarray(np.maximum(scores, 0.0) * prior)


def _viterbi(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """Best path of tempi through the windows: steps cost in proportion, up to a jump."""
    places = np.log(GRID)
    cost = np.minimum(200.0 * np.abs(places[:, None] - places[None, :]), 2.5)
    total, back = scores[0].copy(), []
    for score in scores[1:]:
        options = total[None, :] - cost
        choice = options.argmax(1)
        back.append(choice)
        total = options[np.arange(len(places)), choice] + score
    path = [int(total.argmax())]
    for choice in reversed(back):
        path.append(int(choice[path[-1]]))
    return np.array(path[::-1])


def _without_short(runs: list[list[int]], edges: list[int]) -> list[list[int]]:
    """Give runs shorter than a few bars to the run before (the first to the one after)."""
    kept: list[list[int]] = []
    for run in runs:
        short = edges[run[1]] - edges[run[0]] < _SHORTEST
        if kept and (short or edges[kept[-1][1]] - edges[kept[-1][0]] < _SHORTEST):
            kept[-1][1] = run[1]
        else:
            kept.append(run)
    return kept
