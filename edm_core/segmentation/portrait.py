"""What each bar of a piece sounds like, next to the other bars of the same piece.

A bar is described by :data:`FEATURES` numbers: how full each band is against the fullest bars, where in the
bar what starts, how the bar moves, how far the bars before it differ from those after it over five lengths
of context (novelty; Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000), how
it resembles the bars one to sixteen before (block matching on the self-similarity; Serrà et al.,
"Unsupervised music structure annotation by time series structure features", IEEE TMM 2014), and where in the
piece it stands. A small network (:func:`edm_core.models.form_judge`) reads the row of bars.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import CHROMA_RATE, FRAME_RATE, Spectrum
from .pulse import means_between, sides

Floats = NDArray[np.float64]

_BANDS = 16
_SLOTS = 16  # of a bar: sixteenths in 4/4
_CONTEXTS = (1, 2, 4, 8, 16)  # bars before and after a change that are compared
_SIGNED = (1, 4, 8)
_LAGS = (1, 2, 4, 8, 16)
_FLOOR_DB = -45.0
_BLOCK, _MARGIN = 1024, 128  # bars compared with each other at a time
_PSEUDO_BAR_S = 2.0

FEATURES = _BANDS + 2 + 3 * _SLOTS + 3 + 3 + 3 * len(_CONTEXTS) + 3 * len(_SIGNED) + len(_LAGS) + 2 + 5


def audible(level: NDArray[np.float16], start: float, end: float) -> tuple[float, float]:
    """Return where sound begins and ends within a stretch of time, in seconds.

    What is 50 dB below the loud passages is not heard: silence in front must not change what a piece is like.
    """
    frames = np.asarray(level[int(start * FRAME_RATE) : int(np.ceil(end * FRAME_RATE))], np.float32)
    if not len(frames):
        return start, end
    heard = np.flatnonzero(frames > np.percentile(frames, 95) - 50.0)
    return max(start, start + heard[0] / FRAME_RATE - 0.02), min(end, start + heard[-1] / FRAME_RATE + 0.02)


def bar_edges(downbeats: Floats, start: float, end: float) -> Floats:
    """Return the edges of bars that cover a stretch of time.

    Parameters
    ----------
    downbeats : array, shape (n,)
        In seconds, increasing; those outside the stretch are passed over.
    start, end : float
        The stretch, in seconds.

    Returns
    -------
    array, shape (bars + 1,)
        From ``start`` to ``end``: downbeats, their continuation where they are missing, and a grid of 2 s
        where there are fewer than two.

    Examples
    --------
    >>> bar_edges(np.array([2.5, 4.5, 6.5, 10.5]), 0.0, 13.0).tolist()
    [0.0, 2.5, 4.5, 6.5, 8.5, 10.5, 13.0]
    """
    inside = downbeats[(downbeats >= start - 0.05) & (downbeats < end)].tolist()
    if len(inside) < 2:
        return np.linspace(start, end, max(1, round((end - start) / _PSEUDO_BAR_S)) + 1)
    bar = float(np.median(np.diff(inside)))
    edges = [inside[0]]
    for time in [*inside[1:], end]:
        while time - edges[-1] > 1.5 * bar:
            edges.append(edges[-1] + bar)
        if time - edges[-1] > 0.5 * bar:
            edges.append(time)
    while edges[0] - start > 0.5 * bar:
        edges.insert(0, max(start, edges[0] - bar))
    edges[0], edges[-1] = start, end
    return np.array(edges)


def bar_features(spectrum: Spectrum, envelopes: NDArray[np.float32], edges: Floats) -> NDArray[np.float32]:
    """Describe every bar of a piece.

    Parameters
    ----------
    spectrum : Spectrum
        The front end of the whole recording.
    envelopes : array, shape (3, frames)
        Its onset envelopes, from :func:`~edm_core.segmentation.onsets.onset_envelopes`.
    edges : array, shape (bars + 1,)
        Where the bars begin and the last one ends, in frames, increasing; at least one bar.

    Returns
    -------
    array, shape (bars, FEATURES)
        About ±5 at most.
    """
    bands = _spectrum(spectrum, edges)
    power = 10 ** (bands / 10)
    levels = np.stack([10 * np.log10(power[:, part].sum(1)) for part in _PARTS], 1)
    loudness = 10 * np.log10(power.sum(1, keepdims=True))
    pattern = _pattern(envelopes, edges)
    harmony = means_between(
        spectrum.chroma,
        edges * CHROMA_RATE / FRAME_RATE,
        lambda block: block / (block.sum(1, keepdims=True) + 1e-9),
    )
    harmony = harmony / (np.linalg.norm(harmony, axis=1, keepdims=True) + 1e-9)
    fullness = np.concatenate([bands, loudness, levels[:, :1]], 1)
    fullness = np.maximum(fullness - np.percentile(fullness, 90, axis=0), _FLOOR_DB)
    whole = np.concatenate([fullness[:, :_BANDS] / 6.0, 2.0 * pattern, 3.0 * harmony], 1)
    features = np.concatenate(
        [
            fullness / 10.0,
            pattern,
            *_movement(spectrum, edges),
            _novelty(fullness[:, :_BANDS], 8.0),
            _novelty(pattern, 1.5),
            _novelty(harmony, 0.5),
            _rises(np.concatenate([loudness, levels[:, ::2]], 1)),
            _resemblance(whole),
            _position(edges),
        ],
        axis=1,
    )
    return np.asarray(np.clip(features, -5.0, 5.0), np.float32)


_PARTS = (slice(0, 2), slice(2, 8), slice(8, _BANDS))  # bass, middle, treble


def _spectrum(spectrum: Spectrum, edges: Floats) -> Floats:
    """Mean level of 16 bands in each bar, dB of mean power."""

    def powers(block: NDArray[np.float32]) -> NDArray[np.float32]:
        power = np.power(np.float32(10), block / 10)
        return np.asarray(power.reshape(len(block), _BANDS, -1).sum(2))

    return 10 * np.log10(means_between(spectrum.mel, edges, powers) + 1e-10)


def _pattern(envelopes: NDArray[np.float32], edges: Floats) -> Floats:
    """Onset strength on each sixteenth of each bar, three bands; 1 is what strong places reach."""
    bars = len(edges) - 1
    # The first slot is centred on the downbeat, so each begins half a sixteenth early.
    steps = np.arange(-0.5, _SLOTS - 0.5)
    lengths = np.diff(edges)
    times = (edges[:-1, None] + lengths[:, None] * steps / _SLOTS).ravel()
    times = np.append(times, edges[-1] - 0.5 * lengths[-1] / _SLOTS)
    mean = means_between(envelopes.T, np.maximum(times, 0.0)).reshape(bars, _SLOTS, 3)
    strong = np.percentile(mean.reshape(-1, 3), 95, axis=0)
    return np.asarray((mean / np.maximum(strong, 0.05)).transpose(0, 2, 1).reshape(bars, -1))


def _movement(spectrum: Spectrum, edges: Floats) -> tuple[Floats, Floats]:
    """How much three parts of the spectrum move within the bar, and from its first to its last quarter."""
    lengths = np.diff(edges)
    quarters = (edges[:-1, None] + lengths[:, None] * np.arange(4) / 4).ravel()
    quarters = np.append(quarters, edges[-1])

    def moments(block: NDArray[np.float32]) -> NDArray[np.float32]:
        parts = np.stack([block[:, :8].mean(1), block[:, 8:32].mean(1), block[:, 32:].mean(1)], 1)
        return np.concatenate([parts, np.square(parts)], 1)

    rows = means_between(spectrum.mel, quarters, moments).reshape(-1, 4, 6)
    mean = rows.mean(1)
    spread = np.sqrt(np.maximum(mean[:, 3:] - np.square(mean[:, :3]), 0.0))
    return spread / 10.0, (rows[:, 3, :3] - rows[:, 0, :3]) / 10.0


def _novelty(rows: Floats, scale: float) -> Floats:
    """Distance between the mean of the bars before and the mean of those from here on, over each context."""
    return np.stack(
        [
            np.sqrt(np.square(after - before).sum(1) / rows.shape[1]) * (np.sqrt(rows.shape[1]) / scale)
            for before, after in sides(rows, _CONTEXTS)
        ],
        1,
    ).clip(0.0, 4.0)


def _rises(levels: Floats) -> Floats:
    """Signed change of loudness, bass and treble over each context, in 10 dB."""
    return np.concatenate([after - before for before, after in sides(levels, _SIGNED)], 1) / 10.0


def _resemblance(rows: Floats) -> Floats:
    """Likeness to the bars a few lags before, and how much the row of likenesses changes here.

    A set of hours is compared in overlapping blocks of half an hour: memory grows with the square.
    """
    out = []
    for start in range(0, len(rows), _BLOCK):
        low, high = max(0, start - _MARGIN), min(len(rows), start + _BLOCK + _MARGIN)
        out.append(_likeness(rows[low:high])[start - low : min(high, start + _BLOCK) - low])
    return np.concatenate(out)


def _likeness(rows: Floats) -> Floats:
    squares = np.square(rows).sum(1)
    distance = np.maximum(squares[:, None] + squares[None, :] - 2 * rows @ rows.T, 0.0)
    likeness = np.exp(-distance / (2 * max(float(np.median(distance)), 1e-6)))
    place = np.arange(len(rows))
    lagged = [np.where(place >= lag, likeness[place, (place - lag) % len(rows)], 0.0) for lag in _LAGS]
    # Structure features: the rows of the lag matrix, wrapped so that a repetition is a straight line.
    lags = likeness[place[:, None], (place[:, None] - place[None, :]) % len(rows)]
    change = [np.sqrt(np.square(after - before).mean(1)) * 4.0 for before, after in sides(lags, (2, 4))]
    return np.stack([*lagged, *change], 1)


def _position(edges: Floats) -> Floats:
    count = len(edges) - 1
    place = np.arange(count)
    length = np.log2(float(np.median(np.diff(edges))) / (2.0 * FRAME_RATE))
    return np.stack(
        [
            place / count,
            np.minimum(place, 64) / 64,
            np.minimum(count - place, 64) / 64,
            np.full(count, np.log2(count / 64.0)),
            np.full(count, length),
        ],
        1,
    )
