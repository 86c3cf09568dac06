"""What the judge of activity looks at: a row of numbers for each cell of 0.1 s, whatever the loudness."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..audio.running import running_mean

if TYPE_CHECKING:
    from ..audio.spectrum import Spectrum

FRAMES = 10
"""Spectrum frames a cell."""
PARTS = {"mel": 64, "change": 16, "chroma": 12, "voice": 2, "level": 1}
"""Numbers of each kind, in their order in a row."""
FEATURES = sum(PARTS.values())
DECIBELS = 20.0
"""What one unit of a feature means; numbers of the order of 1 train well."""

VOICE_DBFS, MOST_GAIN_DB = -20.0, 40.0
"""The voice detector hears every recording at this level, but quiet ones at most so much louder."""

CHORD_CELLS, CHORD_SHARE, CHORD_TOTAL = 31, 0.12, 0.8
"""Cells that a chord is looked for in; least share of each of its notes, and of all of them together."""
NO_OVERTONES = (1, 3, 5, 6, 8, 9, 11)
"""Semitones above a tone, less octaves, where none of its first ten overtones lies."""

Floats = NDArray[np.floating[Any]]


class Levelled:
    """Samples at another level, scaled only where they are read: hours of them need no memory."""

    def __init__(self, samples: NDArray[Any], reference: float) -> None:
        self._samples = samples
        self._gain = np.float32(10.0 ** (min(VOICE_DBFS - reference, MOST_GAIN_DB) / 20.0))

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, part: slice) -> NDArray[np.float32]:
        block = self._samples[part]
        scale = 32768.0 if block.dtype == np.int16 else 1.0
        return np.asarray(block, np.float32) * (self._gain / np.float32(scale))


def cell_features(
    spectrum: Spectrum, voice: Floats, voice_seconds: float, reference: float, low: int, high: int
) -> NDArray[np.float32]:
    """Return the features of the cells ``[low, high)``, shape (cells, :data:`FEATURES`).

    Parameters
    ----------
    spectrum : Spectrum
        The front end's arrays; only the frames of these cells are read.
    voice : array, shape (frames,)
        Probability of speech by the voice detector.
    voice_seconds : float
        Length of its frames.
    reference : float
        Level of the recording's loud passages in dB: what is measured against it does not change with gain.
    low, high : int
        Cells of 0.1 s.

    Notes
    -----
    In each row: mean mel spectrum; how much it changes from frame to frame, in 16 wide bands; shares of the
    pitch classes; mean and greatest probability of speech; level. Past the end the last frame goes on.
    """
    mel = _frames(spectrum.mel, low * FRAMES, high * FRAMES + 1)
    cells = high - low
    by_cell = mel[:-1].reshape(cells, FRAMES, 64)
    step = np.abs(np.diff(mel, axis=0)).reshape(cells, FRAMES, 16, 4).mean((1, 3))
    level = _frames(spectrum.level[:, None], low * FRAMES, high * FRAMES).reshape(cells, FRAMES).max(1)
    chroma = _frames(spectrum.chroma, low, high)
    chroma = chroma / np.maximum(chroma.sum(1, keepdims=True), 1e-9)
    rows = (
        (by_cell.mean(1) - reference) / DECIBELS,
        step / (DECIBELS / 4),
        3.0 * chroma,
        _voice(voice, voice_seconds, low, high),
        (level[:, None] - reference) / DECIBELS,
    )
    return np.asarray(np.clip(np.concatenate(rows, 1), -4.0, 4.0), np.float32)


def held_chord(chroma: Floats) -> NDArray[np.bool_]:
    """Return where three or more pitch classes last at once for 3 s, shape (cells,).

    One tone has one class, hum those of its overtones, noise spreads over all twelve; so what has three or
    more strong ones, not all of them overtones of the strongest, is a chord, however little else moves. (A
    major triad alone could be overtones of its root, so it is left to the network.)

    Parameters
    ----------
    chroma : array, shape (cells, 12)
        Energy by pitch class.

    Examples
    --------
    >>> chord = np.zeros((40, 12))
    >>> chord[:, [0, 3, 7]] = 1.0
    >>> bool(held_chord(chord).all()), bool(held_chord(np.ones((40, 12))).any())
    (True, False)
    """
    share = chroma / np.maximum(chroma.sum(1, keepdims=True), 1e-9)
    lasting = running_mean(share, CHORD_CELLS, axis=0)
    strong = lasting >= CHORD_SHARE
    above = (lasting.argmax(1)[:, None] + np.array(NO_OVERTONES)) % 12
    chord = (strong.sum(1) >= 3) & np.take_along_axis(strong, above, 1).any(1)
    return np.asarray(chord & (np.where(strong, lasting, 0.0).sum(1) >= CHORD_TOTAL))


def voice_frames(detector: Any, samples: NDArray[Any], reference: float) -> Floats:
    """Return the probability of speech, frame by frame, of samples brought to a common level."""
    return np.asarray(detector(Levelled(samples, reference)))


def reference_level(level: Floats) -> float:
    """Return the level in dB that the loudest twentieth of a recording's frames reach."""
    return float(np.percentile(np.asarray(level, np.float32), 95)) if len(level) else -100.0


def _frames(rows: Any, start: int, stop: int) -> NDArray[np.float32]:
    found = np.asarray(rows[start:stop], np.float32)
    if len(found) == stop - start:
        return found
    last = np.asarray(rows[-1:] if len(rows) else np.zeros((1, rows.shape[1])), np.float32)
    return np.concatenate([found, np.repeat(last, stop - start - len(found), axis=0)])


def _voice(voice: Floats, seconds: float, low: int, high: int) -> NDArray[np.float32]:
    """Return mean and greatest of the four probabilities around the middle of each cell."""
    if not len(voice):
        return np.zeros((high - low, 2), np.float32)
    middle = (np.arange(low, high) + 0.5) / FRAMES / seconds
    around = np.floor(middle[:, None] + np.arange(-2, 2)).astype(np.int64)
    values = np.asarray(voice, np.float32)[np.clip(around, 0, len(voice) - 1)]
    return np.stack([values.mean(1), values.max(1)], 1)
