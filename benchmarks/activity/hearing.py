"""Mixes as the product hears them, without writing files: the spectrum, and samples for the detector."""

from __future__ import annotations

import types
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from edm_core.audio.spectrum import Spectrum, SpectrumStream
from edm_core.timeline import Recording

from .clips import RATE

Samples = NDArray[np.float32]


def sound_of(samples: Samples) -> Any:
    """Return what ``find_activity`` takes: anything with a recording, a spectrum and 16 kHz samples."""
    stream = SpectrumStream()
    parts = [stream.push(samples), stream.finish()]
    spectrum = Spectrum(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("mel", "level", "chroma"))
    )
    speech = np.round(np.clip(resample_poly(samples, 2, 3), -1, 1) * 32767).astype(np.int16)
    recording = Recording("sha256:0", len(samples) / RATE, RATE, 1)
    return types.SimpleNamespace(recording=recording, spectrum=spectrum, speech=speech)
