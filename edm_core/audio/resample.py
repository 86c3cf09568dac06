"""Changing the sample rate of a stream, and its samples to 16 bits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Resampler:
    """Changes the sample rate of one channel, block by block; at the same rate it changes nothing.

    The result has no delay: sample ``i`` lies at ``i / target`` seconds.

    Parameters
    ----------
    source, target : int
        Sample rates in hertz.

    Examples
    --------
    >>> resampler = Resampler(48_000, 16_000)
    >>> first = resampler.push(np.zeros(48_000, np.float32))
    >>> len(first) + len(resampler.finish())
    16000
    """

    def __init__(self, source: int, target: int) -> None:
        import soxr

        self._stream: Any = None
        if source != target:
            self._stream = soxr.ResampleStream(source, target, 1, dtype="float32")

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return what ``samples``, shape (frames,), complete."""
        if self._stream is None:
            return samples
        return np.asarray(self._stream.resample_chunk(np.ascontiguousarray(samples)))

    def finish(self) -> NDArray[np.float32]:
        """Return the last samples."""
        empty = np.zeros(0, np.float32)
        return empty if self._stream is None else np.asarray(self._stream.resample_chunk(empty, last=True))


def sixteen_bits(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Return samples as 16-bit integers; what is louder than full scale is cut to it.

    Examples
    --------
    >>> sixteen_bits(np.float32([0.5, -2.0])).tolist()
    [16384, -32768]
    """
    scaled = samples * np.float32(32_768)
    np.rint(scaled, out=scaled)
    return np.asarray(np.clip(scaled, -32_768, 32_767, out=scaled), np.int16)
