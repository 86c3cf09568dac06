"""Fourier transforms of many rows in single precision, in NumPy alone.

Two facts make them twice as fast as they seem: NumPy computes the forward transform of float32 in double
precision unless it is to divide by the size, and asking for new memory takes as long as a transform. So the
forward one always divides, and both write to arrays that the caller keeps.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Complexes = NDArray[np.complex64]


def forward(rows: Floats, out: Complexes) -> Complexes:
    """Write the transform of each row, divided by its length ``n``, to ``out``, shape (rows, n // 2 + 1)."""
    written: Any = out  # NumPy's own annotations know double precision only
    np.fft.rfft(rows, axis=1, norm="forward", out=written)
    return out


def backward(spectra: Complexes, out: Floats) -> Floats:
    """Write the inverse, divided by the length ``n`` once more, to ``out``, shape (rows, n)."""
    written: Any = out
    np.fft.irfft(spectra, out.shape[1], axis=1, out=written)
    return out
