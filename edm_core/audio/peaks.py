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

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ._transform import backward, forward
from ._transform import windows as all_windows

HOP = 256
POOL = 4
FEWEST_BINS = 512
COLUMNS = 8
LOW_HZ, HIGH_HZ = 250.0, 4_000.0
_BATCH = 8  # windows filtered at a time: small enough to stay in the processor's cache
_INAUDIBLE = 1e-4  # −80 dBFS: what filters leave of the other bands must not be rounded up into sight

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
        return float(self.hop * POOL ** range(len(self.levels))[index] / self.sample_rate)

    def to_bytes(self, index: int) -> bytes:
        """Return a level as bytes, bin after bin, eight signed bytes each."""
        return self.levels[index].tobytes()


class PeakStream:
    """Compute level 0 block by block.

    :meth:`push` takes blocks of any size, shape (frames, channels), and returns the bins that are complete;
    :meth:`finish` returns the last ones, of which the very last may cover less than 256 frames.

    Parameters
    ----------
    sample_rate : int
        In hertz.

    Notes
    -----
    The bands come from linear-phase filters (windowed sinc, Blackman), applied by overlap-save. They have no
    delay, so that a kick's low end stands under its click, and their sum is the mix.

    Examples
    --------
    >>> stream = PeakStream(44_100)
    >>> bins = np.concatenate([stream.push(np.full((256, 2), 0.5, np.float32)), stream.finish()])
    >>> bins.shape, int(bins[0, 1])
    ((1, 8), 64)
    """

    def __init__(self, sample_rate: int) -> None:
        half = 128 * math.ceil(sample_rate / 90 / 128)  # long enough to separate at 250 Hz
        self._bands = _Bands(sample_rate, half)
        self._half, self._step = half, self._bands.step
        self._mono = np.zeros(half, np.float32)
        self._extremes = _Extremes()
        self._waiting: list[Bins] = []  # of every channel, whose bands are still to come
        self._frames = 0  # that no bin was given for yet

    def push(self, block: NDArray[np.float32], mono: NDArray[np.float32] | None = None) -> Bins:
        """Return the bins that ``block`` completes; ``mono``, shape (frames,), is its mix if known."""
        self._frames += len(block)
        self._waiting.append(self._extremes.push(block))
        self._mono = np.concatenate([self._mono, mix(block) if mono is None else mono])
        return self._take(max(0, (len(self._mono) - 2 * self._half) // self._step))

    def finish(self) -> Bins:
        """Return the bins that were waiting for sound after them; silence is assumed there."""
        self._waiting.append(self._extremes.finish())
        windows = -(-self._frames // self._step)
        missing = windows * self._step + 2 * self._half - len(self._mono)
        self._mono = np.concatenate([self._mono, np.zeros(max(0, missing), np.float32)])
        return self._take(windows)

    def _take(self, windows: int) -> Bins:
        frames = min(windows * self._step, self._frames)
        bins = np.empty((-(-frames // HOP), COLUMNS), np.int8)
        if not frames:
            return bins
        found = np.concatenate(self._waiting)
        bins[:, :2], self._waiting = found[: len(bins)], [found[len(bins) :]]
        for first in range(0, windows, _BATCH):
            start, stop = first * self._step, min((first + _BATCH) * self._step, frames)
            part = bins[start // HOP : -(-stop // HOP)]
            bands = self._bands(self._mono[start:], min(_BATCH, windows - first))
            for index, band in enumerate(bands, start=1):
                low, high = _minima_and_maxima(band[: stop - start], HOP)
                part[:, 2 * index] = _quantised(low, _INAUDIBLE)
                part[:, 2 * index + 1] = _quantised(high, _INAUDIBLE)
        self._mono = self._mono[windows * self._step :]
        self._frames -= frames
        return bins


class _Bands:
    """Splits sound into its low, middle and high band by overlap-save, a few windows at a time.

    What is computed lies in arrays that are used again: asking for new ones takes as long as computing them.
    """

    def __init__(self, sample_rate: int, half: int) -> None:
        size = 1 << (16 * half - 1).bit_length()
        self.step = size - 2 * half  # a multiple of HOP
        self._half, self._size = half, size
        self._responses = _responses(sample_rate, half, size)
        self._spectrum = np.empty((_BATCH, size // 2 + 1), np.complex64)
        self._filtered = np.empty_like(self._spectrum)
        self._low, self._high = np.empty((_BATCH, size), np.float32), np.empty((_BATCH, size), np.float32)
        self._rest = np.empty((_BATCH, self.step), np.float32)

    def __call__(self, mono: NDArray[np.float32], windows: int) -> Iterator[NDArray[np.float32]]:
        """Yield the bands of the first windows of ``mono``, each as one row of samples."""
        signal = all_windows(mono, self._size, self.step)[:windows]
        spectrum = forward(signal, self._spectrum[:windows])
        inside = slice(self._half, self._half + self.step)
        rest = self._rest[:windows]
        rest[:] = signal[:, inside]
        bands = []
        for response, out in zip(self._responses, (self._low, self._high), strict=True):
            filtered = np.multiply(spectrum, response, out=self._filtered[:windows])
            band = backward(filtered, out[:windows])[:, inside]
            rest -= band
            bands.append(band)
        yield bands[0].ravel()
        yield rest.ravel()
        yield bands[1].ravel()


class _Extremes:
    """Minimum and maximum of every sample of every channel, bin by bin."""

    def __init__(self) -> None:
        self._rest: NDArray[np.float32] | None = None

    def push(self, block: NDArray[np.float32]) -> Bins:
        if self._rest is not None and len(self._rest):
            block = np.concatenate([self._rest, block])
        whole = len(block) // HOP * HOP
        self._rest = block[whole:].copy()
        return self._of(block[:whole])

    def finish(self) -> Bins:
        return np.zeros((0, 2), np.int8) if self._rest is None else self._of(self._rest)

    @staticmethod
    def _of(block: NDArray[np.float32]) -> Bins:
        # Channels lie side by side, and which of them is highest does not matter.
        low, high = _minima_and_maxima(block.ravel(), HOP * block.shape[1])
        return np.stack([_quantised(low), _quantised(high)], axis=1)


def mix(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of the channels, shape (frames,), of a block of shape (frames, channels)."""
    channels = block.shape[1]
    if channels == 1:
        return block[:, 0].copy()
    # As a product with the channels' weights: twelve times faster than mean() over so short an axis.
    return block @ np.full(channels, 1 / channels, np.float32)


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


def _minima_and_maxima(
    samples: NDArray[np.float32], width: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return both of every ``width`` samples, and of the fewer that may be left at the end."""
    starts = np.arange(0, len(samples), width)
    if not len(starts):
        return samples, samples
    return np.minimum.reduceat(samples, starts), np.maximum.reduceat(samples, starts)


def _responses(sample_rate: int, half: int, size: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Real frequency responses of the low and the high band for transforms of ``size`` samples.

    They make up for both transforms' dividing by the size.
    """
    low = _lowpass(sample_rate, LOW_HZ, half, size) * np.float32(size)
    if sample_rate < 2.2 * HIGH_HZ:  # nothing is left above the upper limit
        return low, np.zeros_like(low)
    return low, (1 - _lowpass(sample_rate, HIGH_HZ, half, size)) * np.float32(size)


def _lowpass(sample_rate: int, cutoff: float, half: int, size: int) -> NDArray[np.float32]:
    taps = np.sinc(2 * cutoff / sample_rate * np.arange(-half, half + 1)) * np.blackman(2 * half + 1)
    centred = np.zeros(size)
    centred[: half + 1], centred[-half:] = taps[half:], taps[:half]
    return np.fft.rfft(centred / taps.sum()).real.astype(np.float32)


def _quantised(values: NDArray[np.float32], ignored: float = 0.0) -> Bins:
    """Return int8 steps, rounded away from zero; magnitudes up to ``ignored`` are none."""
    sizes = np.abs(values.astype(np.float64))
    steps = np.minimum(np.ceil(sizes * 127.0), 127.0) * (sizes > ignored)
    return np.asarray(np.copysign(steps, values), np.int8)
