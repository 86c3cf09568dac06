"""Key: the major or minor scale that a recording's pitch classes fit best.

The shares of the twelve pitch classes over the music are correlated with the 24 rotations of two key profiles
(Krumhansl and Kessler, "Tracing the dynamic changes in perceived tonal organization", Psychological Review
1982; the method is Krumhansl and Schmuckler's). Camelot names follow the circle of fifths: 8B is C major,
8A is A minor, and one hour clockwise is a fifth up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..audio.spectrum import CHROMA_RATE
from ..timeline import Key, Span
from ..tonality import camelot, key_name
from .regions import music_regions

if TYPE_CHECKING:
    from ..audio import Sound

VERSION = "1"

_MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
_MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
_LEAST_FIT = 0.35  # below this correlation nothing tonal is heard: noise, drums, speech
_SHARPNESS = 12.0  # turns differences of correlation into shares


def find_key(sound: Sound, activity: Sequence[Span] | None = None) -> Key | None:
    """Find the key of a recording's music.

    Parameters
    ----------
    sound : Sound
        From :func:`edm_core.audio.load`.
    activity : sequence of Span, optional
        From :func:`~edm_core.segmentation.find_activity`; only music counts.

    Returns
    -------
    Key or None
        Over the whole stretch of music; None where no key fits. The confidence is the key's share among
        the 24, not calibrated.
    """
    regions = music_regions(sound, activity)
    chroma = sound.spectrum.chroma
    pieces = [chroma[int(start * CHROMA_RATE) : int(np.ceil(end * CHROMA_RATE))] for start, end in regions]
    heard = np.concatenate(pieces) if pieces else np.zeros((0, 12))
    if not len(heard) or not heard.any():
        return None
    # Each frame counts alike up to the median loudness, so that one loud chord does not decide.
    loudness = heard.sum(1, keepdims=True)
    shares = (heard / np.maximum(loudness, np.median(loudness) + 1e-9)).mean(0)
    fits = np.array(
        [_correlation(shares, np.roll(profile, tonic)) for profile in (_MAJOR, _MINOR) for tonic in range(12)]
    )
    best = int(fits.argmax())
    if fits[best] < _LEAST_FIT:
        return None
    odds = np.exp(_SHARPNESS * (fits - fits[best]))
    tonic, minor = best % 12, best >= 12
    return Key(
        regions[0][0],
        regions[-1][1],
        confidence=round(float(odds[best] / odds.sum()), 3),
        name=key_name(tonic, minor=minor),
        camelot=camelot(tonic, minor=minor),
    )


def _correlation(
    a: np.ndarray[tuple[int], np.dtype[np.float64]], b: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> float:
    a, b = a - a.mean(), b - b.mean()
    return float(a @ b / max(float(np.sqrt((a @ a) * (b @ b))), 1e-12))
