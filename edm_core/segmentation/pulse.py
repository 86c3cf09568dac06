"""What a grid of half-beats looks like from inside: the evidence for what is beat, downbeat, or neither.

Onsets alone do not tell beats from off-beats: an off-beat bass with open hats can be louder than the kick.
What tells is context: which band starts where, how long it lasts, and how far chords and timbre change there
compared with the places around. Each half-beat is therefore described by :data:`FEATURES` numbers, all
relative to the recording's own habits, so that loudness and mastering do not matter; a small network
(:func:`edm_core.models.pulse_judge`) reads the whole row of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import CHROMA_RATE, FRAME_RATE, Spectrum

_BLOCK = 60_000  # frames read at a time
_NEAR = 3  # frames each side in which an onset belongs to a place
_CONTEXTS = (2, 4, 8, 16, 32)  # half-beats before and after a change that are compared
_BANDS, _JOINED = 16, 4  # of the coarse spectrum
_HARMONY = (2, 4, 8)

FEATURES = 9 + 3 + _BANDS + len(_CONTEXTS) + 4 + len(_HARMONY) + 1
"""Numbers per half-beat: onsets, levels, coarse spectrum, change of texture, of bass and treble, of harmony,
and the tempo."""


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


def sides(
    rows: NDArray[np.float64], widths: tuple[int, ...]
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """For each width, return the means of that many rows before each and from it on; the ends repeat."""
    out = []
    for width in widths:
        padded = np.concatenate([np.repeat(rows[:1], width, 0), rows, np.repeat(rows[-1:], width, 0)])
        sums = np.concatenate([np.zeros((1, rows.shape[1])), np.cumsum(padded, 0)])
        means = (sums[width:] - sums[:-width]) / width
        out.append((means[: len(rows)], means[width : width + len(rows)]))
    return out


def coarse_bands(spectrum: Spectrum) -> NDArray[np.float16]:
    """Return the spectrum in 16 bands, dB, shape (frames, 16)."""
    blocks = [
        spectrum.mel[start : start + _BLOCK].astype(np.float32).reshape(-1, _BANDS, _JOINED).mean(2)
        for start in range(0, spectrum.frames, _BLOCK)
    ]
    return np.concatenate(
        [block.astype(np.float16) for block in blocks] or [np.zeros((0, _BANDS), np.float16)]
    )


def pulse_features(
    bands: NDArray[np.float16],
    chroma: NDArray[np.float32],
    envelopes: NDArray[np.float32],
    halves: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Describe every half-beat of a grid.

    Parameters
    ----------
    bands : array, shape (frames, 16)
        From :func:`coarse_bands`, of the whole recording.
    chroma : array, shape (frames / 10, 12)
        The recording's pitch classes.
    envelopes : array, shape (3, frames)
        Its onset envelopes, from :func:`~edm_core.segmentation.onsets.onset_envelopes`.
    halves : array, shape (n,)
        Times of at least two half-beats, in frames of the recording, increasing.

    Returns
    -------
    array, shape (n, FEATURES)
        Standardised over the grid, clipped to ±5; the last is the grid's tempo in octaves above 128 BPM.
    """
    half = float(np.median(np.diff(halves)))
    levels = _coarse(bands, halves, half)
    features = np.concatenate(
        [
            _onsets(envelopes, halves, half),
            _levels(levels),
            levels,
            _changes(levels),
            _tilts(levels),
            _harmony(chroma, halves, half),
        ],
        axis=1,
    )
    centred = features - features.mean(0)
    spread = np.sqrt(np.square(centred).mean(0))
    rows = np.clip(centred / np.maximum(spread, 1e-6), -5.0, 5.0)
    octaves = np.log2(30.0 * FRAME_RATE / half / 128.0)
    return np.column_stack([rows, np.full(len(rows), octaves)]).astype(np.float32)


def _onsets(envelopes: NDArray[np.float32], halves: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """Per band: the onset on the half-beat, on the sixteenth behind it, and all between two half-beats."""
    last = envelopes.shape[1] - 1
    near = np.arange(-_NEAR, _NEAR + 1)
    on = envelopes[:, np.clip(np.round(halves).astype(int)[:, None] + near, 0, last)].max(2)
    behind = np.round(halves + half / 2).astype(int)
    after = envelopes[:, np.clip(behind[:, None] + near, 0, last)].max(2)
    edges = np.append(halves, halves[-1] + half)
    between = means_between(envelopes.T, edges)
    return np.concatenate([on.T, after.T, between], axis=1)


def _coarse(bands: NDArray[np.float16], halves: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """Mean level after each half-beat in each band; what is very quiet counts as 60 dB below the top."""
    levels = means_between(bands, np.append(halves, halves[-1] + half))
    return np.maximum(levels, float(levels.max()) - 60.0)


def _levels(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([bands[:, :2].mean(1), bands[:, 2:8].mean(1), bands[:, 8:].mean(1)], 1)


def _changes(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far the spectrum before each half-beat differs from the one after, over each context."""
    return np.stack(
        [np.sqrt(np.square(after - before).mean(1)) for before, after in sides(bands, _CONTEXTS)], 1
    )


def _tilts(bands: NDArray[np.float64]) -> NDArray[np.float64]:
    """Signed change of bass and treble over a beat and a bar."""
    out = []
    for before, after in sides(bands, (2, 8)):
        change = after - before
        out += [change[:, :2].mean(1), change[:, 8:].mean(1)]
    return np.stack(out, 1)


def _harmony(chroma: NDArray[np.float32], halves: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """How far the pitch classes before each half-beat differ from those after, over each context."""
    edges = np.append(halves, halves[-1] + half) * CHROMA_RATE / FRAME_RATE
    shares = means_between(chroma, edges, lambda block: block / (block.sum(1, keepdims=True) + 1e-9))
    out = []
    for before, after in sides(shares, _HARMONY):
        norms = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
        out.append(1.0 - (before * after).sum(1) / (norms + 1e-9))
    return np.stack(out, 1)
