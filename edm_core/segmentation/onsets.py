"""Onset envelopes: how strongly something starts, in three bands, 100 times a second.

The method is spectral flux with a maximum filter over neighbouring bands (Böck and Widmer, "Maximum filter
vibrato suppression for onset detection", DAFx 2013) on the shared front end's mel bands, followed by a slow
automatic gain, so that a quiet breakdown counts as much as a drop.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..audio.running import running_max, running_mean
from ..audio.spectrum import FRAME_RATE, Spectrum

LOW, MID, HIGH = slice(0, 5), slice(5, 30), slice(30, 64)
"""Mel bands of the three envelopes: below about 250 Hz, to about 1.7 kHz, and above."""
WEIGHTS = np.array([1.0, 1.0, 0.7], np.float32)
"""Weight of each band where one envelope is wanted."""

_RANGE_DB = 70.0  # what lies further below the loudest band is noise
_LARGEST_STEP_DB = 25.0  # out of silence everything is infinitely louder: one onset must not outweigh all
_LAG = 2  # frames over which a rise is measured
_GAIN_SECONDS = 8.0
_BLOCK = 60_000  # frames read at a time: a set of ten hours is never in memory as a whole


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
    if not spectrum.frames:
        return np.zeros((3, 0), np.float32)
    floor = float(spectrum.mel.max()) - _RANGE_DB
    rises = np.empty((3, spectrum.frames), np.float32)
    for start in range(0, spectrum.frames, _BLOCK):
        end = min(start + _BLOCK, spectrum.frames)
        reach = max(0, start - _LAG)
        mel = np.maximum(spectrum.mel[reach:end].astype(np.float32), floor)
        before = running_max(mel, 3, axis=1)
        rise = np.zeros((end - start, mel.shape[1]), np.float32)
        late = mel[_LAG:] - before[:-_LAG]
        rise[len(rise) - len(late) :] = np.clip(late, 0.0, _LARGEST_STEP_DB)
        for band, bands in enumerate((LOW, MID, HIGH)):
            rises[band, start:end] = rise[:, bands].mean(1)
    return np.stack([_levelled(raw) for raw in rises])


def combined(envelopes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return one envelope, shape (frames,): the weighted sum of the three bands."""
    return np.asarray(WEIGHTS @ envelopes, np.float32)


def _levelled(raw: NDArray[np.float32]) -> NDArray[np.float32]:
    """Take off the local mean and divide by the local loudness."""
    raised = np.maximum(raw - running_mean(raw, int(0.4 * FRAME_RATE)), 0.0)
    # A running sum that has fallen to nothing can end up a hair below zero.
    loudness = np.sqrt(np.maximum(running_mean(raised**2, int(_GAIN_SECONDS * FRAME_RATE)), 0.0))
    overall = np.sqrt(np.mean(raised**2))
    return np.asarray(raised / np.maximum(loudness, 0.3 * overall + 1e-6), np.float32)
