"""Onset envelopes: how strongly something starts, in three bands, 100 times a second.

The method is spectral flux with a maximum filter over neighbouring bands (Böck and Widmer, "Maximum filter
vibrato suppression for onset detection", DAFx 2013) on the shared front end's mel bands, followed by a slow
automatic gain, so that a quiet breakdown counts as much as a drop.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..audio.spectrum import FRAME_RATE, Spectrum

LOW, MID, HIGH = slice(0, 5), slice(5, 30), slice(30, 64)
"""Mel bands of the three envelopes: below about 250 Hz, to about 1.7 kHz, and above."""
WEIGHTS = np.array([1.0, 1.0, 0.7], np.float32)
"""Weight of each band where one envelope is wanted."""

_RANGE_DB = 70.0  # what lies further below the loudest band is noise
_LARGEST_STEP_DB = 25.0  # out of silence everything is infinitely louder: one onset must not outweigh all
_LAG = 2  # frames over which a rise is measured
_GAIN_SECONDS = 8.0


def onset_envelopes(spectrum: Spectrum) -> NDArray[np.float32]:
    """Return the onset envelopes of a spectrum.

    Parameters
    ----------
    spectrum : Spectrum
        The shared front end.

    Returns
    -------
    array, shape (3, frames)
        Low, middle and high band, each around 1 on average where something starts, 0 between. A frame's
        value belongs to the time ``frame / 100`` s.
    """
    from scipy.ndimage import maximum_filter1d, uniform_filter1d

    if not spectrum.frames:
        return np.zeros((3, 0), np.float32)
    mel = spectrum.mel.astype(np.float32)
    np.maximum(mel, mel.max() - _RANGE_DB, out=mel)
    before = maximum_filter1d(mel, 3, axis=1)
    rise = np.zeros_like(mel)
    rise[_LAG:] = np.clip(mel[_LAG:] - before[:-_LAG], 0.0, _LARGEST_STEP_DB)
    envelopes = np.empty((3, len(mel)), np.float32)
    for envelope, bands in zip(envelopes, (LOW, MID, HIGH), strict=True):
        raw = rise[:, bands].mean(1)
        raw = np.maximum(raw - uniform_filter1d(raw, int(0.4 * FRAME_RATE)), 0.0)
        loudness = np.sqrt(uniform_filter1d(raw**2, int(_GAIN_SECONDS * FRAME_RATE)))
        overall = np.sqrt(np.mean(raw**2))
        envelope[:] = raw / np.maximum(loudness, 0.3 * overall + 1e-6)
    return envelopes


def combined(envelopes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one envelope, shape (frames,): the weighted sum of the three bands."""
    return np.asarray(WEIGHTS @ envelopes, np.float32)
