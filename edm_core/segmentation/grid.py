"""Beat grids: from a stretch of steady tempo to the times of its beats.

Machine-made music keeps its tempo to the sample, so the first model is a constant grid: one period and one
phase for a whole stretch, which no single missing or early onset can move. Where the onsets do not
stay on a grid (played music), beats are tracked one by one by dynamic programming (Ellis, "Beat tracking by
dynamic programming", JNMR 2007).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import FRAME_RATE
from .tempo import refine

_BINS = 96  # of a folded beat
_WINDOW = 12 * FRAME_RATE
_DRIFT = 0.08  # of a beat: local phases that stray further do not belong to one grid
_TIGHTNESS = 300.0  # cost of a beat interval off the tempo, as in Ellis (2007)


def fold(envelope: NDArray[np.float32], period: float, bins: int = _BINS) -> NDArray[np.float64]:
    """Return the mean of ``envelope`` by phase within ``period`` frames, shape (bins,)."""
    phase = (np.arange(len(envelope)) / period % 1.0 * bins).astype(int)
    total = np.bincount(phase, envelope, bins)
    return np.asarray(total / np.maximum(1, np.bincount(phase, minlength=bins)))


def smooth_profile(profile: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smooth a folded profile around the circle, over about a tenth of it."""
    width = len(profile) // 12 | 1
    window = np.hanning(width + 2)[1:-1]
    padded = np.concatenate([profile[-(width // 2) :], profile, profile[: width // 2]])
    return np.convolve(padded, window / window.sum(), "valid")


def clarity(envelope: NDArray[np.float32], period: float) -> float:
    """Return the share of the envelope's variance that a beat of this period explains, in [0, 1].

    Chance level, which grows as a stretch gets shorter, is taken off.
    """
    bins = 24
    if len(envelope) < 4 * period or not envelope.any():
        return 0.0
    explained = fold(envelope, period, bins).var() / max(float(envelope.var()), 1e-9)
    chance = bins / len(envelope)
    return float(np.clip((explained - chance) / (1.0 - chance), 0.0, 1.0))


def lattice(envelope: NDArray[np.float32], period: float) -> tuple[NDArray[np.float64], bool]:
    """Return times of half-beats, and whether they lie on a constant grid.

    Parameters
    ----------
    envelope : array, shape (frames,)
        Combined onset envelope of a stretch of about one tempo.
    period : float
        Its beat period in frames.

    Returns
    -------
    times : array of float
        Half-beats, in frames from the start of the envelope; the even ones lie where the envelope is
        strongest. Which half is the beat is for :mod:`~edm_core.segmentation.bars` to say.
    constant : bool
        True where one grid fits the whole stretch.
    """
    exact = refine(envelope, period)
    profile = smooth_profile(fold(envelope, exact))
    phase = _peak(profile) / _BINS * exact
    if _stays(envelope, exact, profile):
        return np.arange(phase, len(envelope), exact / 2), True
    beats = _follow(envelope, period)
    if len(beats) < 2:
        return beats, False
    halves = np.interp(np.arange(0, len(beats) - 0.5, 0.5), np.arange(len(beats)), beats)
    return halves, False


def _peak(profile: NDArray[np.float64]) -> float:
    """Place of the highest value, between bins by a parabola."""
    top = int(profile.argmax())
    left, middle, right = profile[top - 1], profile[top], profile[(top + 1) % len(profile)]
    bend = left - 2 * middle + right
    return top + (0.5 * (left - right) / bend if bend < 0 else 0.0) + 0.5


def _stays(envelope: NDArray[np.float32], period: float, profile: NDArray[np.float64]) -> bool:
    """Whether the windows keep the phase and the period of the whole; those without a beat do not vote."""
    template = np.conj(np.fft.rfft(profile - profile.mean()))
    strays = votes = 0.0
    for start in range(0, max(1, len(envelope) - _WINDOW // 2), _WINDOW // 2):
        piece = envelope[start : start + _WINDOW]
        strength = clarity(piece, refine(piece, period)) if piece.any() else 0.0
        local = np.roll(fold(piece, period), round(start / period % 1.0 * _BINS))
        shift = int(np.fft.irfft(np.fft.rfft(local - local.mean()) * template, _BINS).argmax())
        distance = min(shift, _BINS - shift) / _BINS
        distance = min(distance, abs(distance - 0.5))  # the other half of the beat is the same grid
        smeared = clarity(piece, period) < 0.5 * strength
        strays += strength * (distance > _DRIFT or smeared)
        votes += strength
    return strays <= 0.3 * votes


def _follow(envelope: NDArray[np.float32], period: float) -> NDArray[np.float64]:
    """Beats by dynamic programming, in frames."""
    length = len(envelope)
    strength = envelope / max(float(envelope.std()), 1e-9)
    steps = np.arange(int(0.85 * period), int(1.17 * period) + 1)[::-1]
    cost = _TIGHTNESS * np.log(steps / period) ** 2
    total, back = strength.astype(np.float64), np.full(length, -1)
    for now in range(int(steps[0]), length):
        options = total[now - steps] - cost
        best = int(options.argmax())
        total[now] += options[best]
        back[now] = now - steps[best]
    tail = max(0, length - int(period))
    place, beats = tail + int(total[tail:].argmax()), []
    while place >= 0:
        beats.append(place)
        place = int(back[place])
    return np.array(beats[::-1], float)
