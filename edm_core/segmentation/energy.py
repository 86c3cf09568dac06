"""How loud a stretch is in the bass, the middle and the highs, measured from the shared front end.

A full-scale sine has power 1 in its bin of the front end and, by the Hann window (equivalent noise bandwidth
1.5 bins), 1.5 over all bins, while its mean square is 1/2: the sum of all bins is three times the mean
square, for sines and noise alike. The mel triangles of neighbouring bands add up to one, so that sums of
bins are sums of bands. A band on the edge of a range counts by the part of its triangle that lies inside.

The lowest triangle has no neighbour below: it counts 1.45-fold. So measured, sines from 60 to 230 Hz
are within 1 dB of the truth, one of 45 Hz reads 3 dB low, and below 30 Hz next to nothing is seen.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import BANDS, FLOOR_DB, FRAME_RATE, HIGHEST_HZ, LOWEST_HZ, Spectrum, mel_frequencies
from ..timeline import Energy

EDGES_HZ = (20.0, 250.0, 4_000.0, 12_000.0)
"""Bass, mid and high lie between these."""

_SQUARES_PER_POWER = 1 / 3
_LOWEST_BAND = 1.45
_BLOCK = 60_000  # frames read at a time


def section_energy(spectrum: Spectrum, start: float, end: float) -> Energy:
    """Measure the level of a stretch in three ranges of frequency.

    Parameters
    ----------
    spectrum : Spectrum
        The front end of the whole recording; it may be memory-mapped, and is read block by block.
    start, end : float
        The stretch in seconds, ``[start, end)``; at least one frame (10 ms) is measured.

    Returns
    -------
    Energy
        RMS levels in dBFS, to a tenth of a decibel and not below -100: a full-scale sine has -3.

    Raises
    ------
    ValueError
        If the spectrum has no frames.

    Examples
    --------
    >>> from edm_core.audio import Sound
    >>> tone = np.sin(2 * np.pi * 1000 * np.arange(48_000) / 24_000)
    >>> section_energy(Sound.from_samples(tone, 24_000).spectrum, 0.5, 1.5).mid
    -3.0
    """
    mel = spectrum.mel
    if not len(mel):
        raise ValueError("a spectrum without frames has no energy")
    first = min(max(0, round(start * FRAME_RATE)), len(mel) - 1)
    last = min(max(first + 1, round(end * FRAME_RATE)), len(mel))
    total = np.zeros(3)
    for at in range(first, last, _BLOCK):
        block = mel[at : min(at + _BLOCK, last)].astype(np.float32)
        power = np.where(block > FLOOR_DB, np.power(np.float32(10), block / 10), 0)
        total += power.sum(0, dtype=np.float64) @ _weights()
    levels = 10 * np.log10(np.maximum(total / (last - first), 10 ** (FLOOR_DB / 10)))
    bass, mid, high = (round(float(level), 1) for level in levels)
    return Energy(bass=bass, mid=mid, high=high)


@cache
def _weights() -> NDArray[np.float64]:
    """Mean square that a mel band's power adds to each range, shape (64, 3)."""
    corners = np.concatenate([[LOWEST_HZ], mel_frequencies(), [HIGHEST_HZ]])
    weights = np.empty((BANDS, 3))
    for band, (low, centre, high) in enumerate(zip(corners, corners[1:], corners[2:], strict=False)):
        hertz = np.linspace(low, high, 1001)
        triangle = np.minimum((hertz - low) / (centre - low), (high - hertz) / (high - centre))
        inside = [
            triangle[(hertz >= a) & (hertz < b)].sum() for a, b in zip(EDGES_HZ, EDGES_HZ[1:], strict=False)
        ]
        weights[band] = _SQUARES_PER_POWER * np.array(inside) / triangle.sum()
    weights[0] *= _LOWEST_BAND
    return weights
