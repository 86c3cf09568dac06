"""The peak pyramid: what a waveform is drawn from, at every zoom, without ever losing a peak.

Each bin holds eight int8 values, full scale at ±127:

====  ==============================================================
0, 1  minimum and maximum of every sample of every channel
2, 3  minimum and maximum of the mono mix below 250 Hz
4, 5  … between 250 and 4,000 Hz
6, 7  … above 4,000 Hz
====  ==============================================================

Values are rounded away from zero, so that no bin understates what it covers; louder than full scale is shown
as full scale. Level 0 has one bin for 256 frames of the recording at its own sample rate; each further level
pools four bins into one by their minimum and maximum, down to 512 bins or fewer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

HOP = 256
POOL = 4
FEWEST_BINS = 512
COLUMNS = 8
LOW_HZ, HIGH_HZ = 250.0, 4_000.0

Bins = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """A pyramid of peaks.

    Parameters
    ----------
    sample_rate : int
        Of the recording, in hertz.
    hop : int
        Frames in a bin of level 0.
    levels : tuple of int8 arrays, shape (bins, 8)
        From the finest to the coarsest; columns as in the module's table.
    """

    sample_rate: int
    hop: int
    levels: tuple[Bins, ...]

    def level(self, index: int) -> Bins:
        """Return a level, shape (bins, 8); 0 is the finest and −1 the coarsest.

        Raises
        ------
        IndexError
            If there is no such level.
        """
        return self.levels[index]

    def seconds_per_bin(self, index: int) -> float:
        """Return the time between the starts of two bins of a level, in seconds."""
        return self.hop * POOL ** range(len(self.levels))[index] / self.sample_rate

    def to_bytes(self, index: int) -> bytes:
        """Return a level as bytes, bin after bin, eight signed bytes each."""
        return self.levels[index].tobytes()


class PeakStream:
    """Compute level 0 block by block.

    :meth:`push` takes blocks of any size, shape (frames, channels), and returns the bins that are complete;
    :meth:`finish` returns the last, shorter one if there is one.

    Parameters
    ----------
    sample_rate : int
        In hertz.

    Notes
    -----
    The bands are Butterworth filters of fourth order (the middle one of second order on each side).

    Examples
    --------
    >>> stream = PeakStream(44_100)
    >>> bins = stream.push(np.full((256, 2), 0.5, np.float32), np.full(256, 0.5, np.float32))
    >>> bins.shape, int(bins[0, 1])
    ((1, 8), 64)
    """

    def __init__(self, sample_rate: int) -> None:
        self._filters = [_Filter(band) for band in _bands(sample_rate)]
        self._rest: list[NDArray[Any]] = []

    def push(self, block: NDArray[np.float32], mono: NDArray[np.float32]) -> Bins:
        """Return the bins that ``block`` and its mono mix ``mono``, shape (frames,), complete."""
        low, high = _across(block)
        signals = [low, high, *(each(mono) for each in self._filters)]
        if self._rest:
            signals = [np.concatenate(pair) for pair in zip(self._rest, signals, strict=True)]
        whole = len(low := signals[0]) // HOP * HOP
        self._rest = [part[whole:] for part in signals] if whole < len(low) else []
        return _bins([part[:whole] for part in signals])

    def finish(self) -> Bins:
        """Return the bin that the recording's end cut short, shape (0 or 1, 8)."""
        rest, self._rest = self._rest, []
        return _bins(rest) if rest else np.zeros((0, COLUMNS), np.int8)


def pyramid(sample_rate: int, finest: Bins) -> Peaks:
    """Pool level 0 into a whole pyramid; level 0 itself is kept as it is, also when memory-mapped."""
    levels = [finest]
    while len(levels[-1]) > FEWEST_BINS:
        levels.append(_pool(levels[-1]))
    return Peaks(sample_rate, HOP, tuple(levels))


def _pool(bins: Bins) -> Bins:
    starts = np.arange(0, len(bins), POOL)
    pooled = np.empty((len(starts), COLUMNS), np.int8)
    for column in range(COLUMNS):
        pool = np.maximum if column % 2 else np.minimum
        pooled[:, column] = pool.reduceat(np.asarray(bins[:, column]), starts)
    return pooled


class _Filter:
    """A filter that remembers its state from block to block; without coefficients it lets nothing through."""

    def __init__(self, sections: NDArray[np.float64] | None) -> None:
        self.sections = sections
        self.state = None if sections is None else np.zeros((len(sections), 2))

    def __call__(self, mono: NDArray[np.float32]) -> NDArray[Any]:
        if self.sections is None:
            return np.zeros(len(mono), np.float32)
        from scipy.signal import sosfilt

        filtered, self.state = sosfilt(self.sections, mono, zi=self.state)
        return np.asarray(filtered)


def _bands(sample_rate: int) -> list[NDArray[np.float64] | None]:
    from scipy.signal import butter

    low = butter(4, LOW_HZ, "lowpass", fs=sample_rate, output="sos")
    if sample_rate < 2.2 * HIGH_HZ:  # nothing is left above the upper limit
        return [low, butter(4, LOW_HZ, "highpass", fs=sample_rate, output="sos"), None]
    middle = butter(2, [LOW_HZ, HIGH_HZ], "bandpass", fs=sample_rate, output="sos")
    return [low, middle, butter(4, HIGH_HZ, "highpass", fs=sample_rate, output="sos")]


def _across(block: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Minimum and maximum over the channels, by column: several times faster than over the short axis."""
    low = high = block[:, 0]
    for channel in range(1, block.shape[1]):
        low, high = np.minimum(low, block[:, channel]), np.maximum(high, block[:, channel])
    return low, high


def _bins(signals: list[NDArray[Any]]) -> Bins:
    low, high, *bands = signals
    starts = np.arange(0, len(low), HOP)
    bins = np.empty((len(starts), COLUMNS), np.int8)
    if len(starts):
        rows = [(low, high), *((band, band) for band in bands)]
        for index, (lowest, highest) in enumerate(rows):
            bins[:, 2 * index] = _quantised(np.minimum.reduceat(lowest, starts))
            bins[:, 2 * index + 1] = _quantised(np.maximum.reduceat(highest, starts))
    return bins


def _quantised(values: NDArray[Any]) -> Bins:
    steps = np.ceil(np.abs(values.astype(np.float64)) * 127.0)
    return np.copysign(np.minimum(steps, 127.0), values).astype(np.int8)
