"""The spectral front end: what every analyser of sound looks at, computed once per recording.

Three arrays, from mono sound at :data:`RATE`:

``mel``
    Mel-band power in dB, 100 frames a second, from a Hann window of 43 ms. Frame ``i`` is centred at
    ``i / 100`` seconds. Bands: Slaney's mel scale (Auditory Toolbox, 1998), triangles of equal height.
``level``
    Mean power of the 10 ms around each frame, in dBFS (0 is a full-scale square wave).
``chroma``
    Energy by pitch class, C first, 10 frames a second, from a Hann window of 341 ms; frame ``j`` is centred
    at ``j / 10`` seconds. Peaks between 55 and 1,760 Hz count, each by its distance to the nearest
    equal-tempered pitch (A4 = 440 Hz).

Everything is computed from blocks, so a recording of any length needs the same memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._transform import forward, windows

RATE = 24_000
FRAME_RATE = 100
CHROMA_RATE = 10
BANDS = 64
LOWEST_HZ, HIGHEST_HZ = 30.0, 11_500.0
FLOOR_DB = -100.0

_HOP = RATE // FRAME_RATE
_WINDOW = 1024
_CHROMA_HOP = RATE // CHROMA_RATE
_CHROMA_WINDOW = 8192
_BATCH = 64  # frames transformed at a time: small enough to stay in the processor's cache
_THIN = 4  # chroma needs nothing above 1,760 Hz: a quarter of the samples
_THIN_REACH = 32  # taps each side of the low-pass filter before thinning out

Floats = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The front end's arrays.

    Parameters
    ----------
    mel : array, shape (frames, 64), float16
        Mel-band power in dB, not below -100.
    level : array, shape (frames,), float16
        Power in dBFS, not below -100.
    chroma : array, shape (frames / 10 rounded up, 12), float32
        Energy by pitch class, C first.
    """

    mel: Floats
    level: Floats
    chroma: Floats

    @property
    def frames(self) -> int:
        """Number of frames at 100 a second."""
        return len(self.level)


class SpectrumStream:
    """Compute a spectrum block by block.

    :meth:`push` takes mono sound at 24 kHz in blocks of any size and returns the frames that are complete;
    :meth:`finish` returns the last ones. ``n`` samples give ``ceil(n / 240)`` frames in all.

    Examples
    --------
    >>> stream = SpectrumStream()
    >>> first, last = stream.push(np.zeros(24_000, np.float32)), stream.finish()
    >>> first.frames + last.frames
    100
    """

    def __init__(self) -> None:
        self._mel = _Framer(_WINDOW, _HOP)
        self._level = _Framer(_HOP, _HOP)
        self._chroma = _Framer(_CHROMA_WINDOW // _THIN, _CHROMA_HOP // _THIN)
        self._thinner = _Thinner()
        self._mel_power, self._chroma_power = _Power(_WINDOW), _Power(_CHROMA_WINDOW // _THIN)

    def push(self, samples: NDArray[np.float32]) -> Spectrum:
        """Return the frames that ``samples`` complete; each array has its own number of them."""
        thin = self._thinner.push(samples)
        return self._spectrum(self._mel.push(samples), self._level.push(samples), self._chroma.push(thin))

    def finish(self) -> Spectrum:
        """Return the frames that reach past the end, where silence is assumed."""
        rest = self._chroma.push(self._thinner.finish())
        chroma = np.concatenate([rest, self._chroma.finish()])
        return self._spectrum(self._mel.finish(), self._level.finish(), chroma)

    def _spectrum(self, mel: Floats, level: Floats, chroma: Floats) -> Spectrum:
        return Spectrum(_mel(mel, self._mel_power), _level(level), _chroma(chroma, self._chroma_power))


@cache
def mel_frequencies() -> NDArray[np.float64]:
    """Return the centre frequencies of the mel bands in hertz, shape (64,)."""
    return _mel_edges()[1:-1]


class _Framer:
    """Cuts a stream into windows centred at multiples of the hop."""

    def __init__(self, size: int, hop: int) -> None:
        self.size, self.hop = size, hop
        self.rest = np.zeros(size // 2, np.float32)
        self.seen = self.given = 0

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        self.seen += len(samples)
        self.rest = np.concatenate([self.rest, samples])
        count = max(0, (len(self.rest) - self.size) // self.hop + 1)
        return self._take(min(count, self._wanted() - self.given))

    def finish(self) -> NDArray[np.float32]:
        count = self._wanted() - self.given
        missing = (count - 1) * self.hop + self.size - len(self.rest)
        self.rest = np.concatenate([self.rest, np.zeros(max(0, missing), np.float32)])
        return self._take(count)

    def _wanted(self) -> int:
        return -(-self.seen // self.hop)

    def _take(self, count: int) -> NDArray[np.float32]:
        if count <= 0:
            return np.zeros((0, self.size), np.float32)
        frames = windows(self.rest, self.size, self.hop)[:count]
        self.rest = self.rest[count * self.hop :]
        self.given += count
        return frames


class _Thinner:
    """Keeps every fourth sample, after taking out what would fold into the pitches that chroma counts.

    The filter (windowed sinc, Kaiser) passes 0 to 1,760 Hz within 0.001 dB and stops 4,240 Hz and above by
    90 dB. It has no delay. A product with a matrix gives a block of samples at once.
    """

    BLOCK = 64  # samples made by one row of the product

    def __init__(self) -> None:
        self._rest = np.zeros(_THIN_REACH, np.float32)
        self._matrix = _thinning_matrix(self.BLOCK)
        self._seen = self._given = 0

    def push(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        self._seen += len(samples)
        self._rest = np.concatenate([self._rest, samples])
        step = _THIN * self.BLOCK
        rows = windows(self._rest, len(self._matrix), step)
        self._rest = self._rest[len(rows) * step :]
        self._given += len(rows) * self.BLOCK
        # Rows that overlap in memory are no matter for the fast product: they are copied for it.
        return np.asarray(np.ascontiguousarray(rows) @ self._matrix).ravel()

    def finish(self) -> NDArray[np.float32]:
        missing, seen = -(-self._seen // _THIN) - self._given, self._seen
        last = self.push(np.zeros(len(self._matrix) + _THIN * missing, np.float32))
        self._seen = seen
        return last[:missing]


@cache
def _thinning_matrix(block: int) -> NDArray[np.float32]:
    """Return the product's matrix, shape (samples a block reaches over, block)."""
    places = np.arange(-_THIN_REACH, _THIN_REACH + 1)
    cutoff = 2 * 3_000.0 / RATE
    taps = np.sinc(cutoff * places) * np.kaiser(len(places), 9.0)
    taps /= taps.sum()
    matrix = np.zeros((_THIN * (block - 1) + len(taps), block), np.float32)
    for column in range(block):
        matrix[_THIN * column : _THIN * column + len(taps), column] = taps
    return matrix


class _Power:
    """Power spectra of frames, a batch at a time, in arrays that are used again."""

    def __init__(self, size: int) -> None:
        window = np.hanning(size + 1)[:-1]
        # A full-scale sine has power 1 in its bin; the transform divides by the size.
        self._window = (window * (2.0 * size / window.sum())).astype(np.float32)
        self._batch = max(1, _BATCH * _WINDOW // size)
        self._frames = np.empty((self._batch, size), np.float32)
        self._spectra = np.empty((self._batch, size // 2 + 1), np.complex64)
        self._power, self._imaginary = np.empty((2, *self._spectra.shape), np.float32)

    def batches(self, frames: NDArray[np.float32]) -> Iterator[tuple[slice, NDArray[np.float32]]]:
        """Yield which frames, and the power in their bins; it is overwritten by the next."""
        for start in range(0, len(frames), self._batch):
            batch = frames[start : start + self._batch]
            count = len(batch)
            windowed = np.multiply(batch, self._window, out=self._frames[:count])
            spectra = forward(windowed, self._spectra[:count])
            power = np.square(spectra.real, out=self._power[:count])
            power += np.square(spectra.imag, out=self._imaginary[:count])
            yield slice(start, start + count), power


def _mel(frames: NDArray[np.float32], power: _Power) -> Floats:
    out = np.empty((len(frames), BANDS), np.float16)
    bank = _mel_bank()
    for rows, bins in power.batches(frames):
        out[rows] = _decibel(bins @ bank)
    return out


def _level(frames: NDArray[np.float32]) -> Floats:
    return _decibel(np.einsum("ij,ij->i", frames, frames) / np.float32(_HOP)).astype(np.float16)


def _chroma(frames: NDArray[np.float32], power: _Power) -> Floats:
    out = np.empty((len(frames), 12), np.float32)
    bank = _chroma_bank()
    for rows, bins in power.batches(frames):
        used = bins[:, : len(bank)]
        inner = used[:, 1:-1]
        # Only spectral peaks count: noise and the flanks of loud partials have no pitch.
        peak = (inner >= used[:, :-2]) & (inner > used[:, 2:])
        out[rows] = np.sqrt(inner * peak) @ bank[1:-1]
    return out


def _decibel(power: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.float32(10.0) * np.log10(np.maximum(power, np.float32(10 ** (FLOOR_DB / 10))))


@cache
def _mel_edges() -> NDArray[np.float64]:
    def to_mel(hertz: float) -> float:
        return 3 * hertz / 200 if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)

    mels = np.linspace(to_mel(LOWEST_HZ), to_mel(HIGHEST_HZ), BANDS + 2)
    return np.where(mels < 15, 200 * mels / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))


@cache
def _mel_bank() -> NDArray[np.float32]:
    """Triangles over the transform's bins, shape (513, 64); every band holds at least its nearest bin."""
    bins, edges = np.fft.rfftfreq(_WINDOW, 1 / RATE), _mel_edges()
    rise = (bins[:, None] - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - bins[:, None]) / np.diff(edges)[1:]
    bank = np.maximum(0, np.minimum(rise, fall))
    nearest = np.abs(bins[:, None] - edges[1:-1]).argmin(0)
    bank[nearest, np.arange(BANDS)] = np.maximum(bank[nearest, np.arange(BANDS)], 0.5)
    return bank.astype(np.float32)


@cache
def _chroma_bank() -> NDArray[np.float32]:
    """Weight of each bin for each pitch class, shape (bins up to 1,760 Hz, 12)."""
    bins = np.fft.rfftfreq(_CHROMA_WINDOW, 1 / RATE)
    bins = bins[bins <= 1_760.0]
    pitch = 69 + 12 * np.log2(np.maximum(bins, 1.0) / 440.0)
    nearest = np.round(pitch)
    weight = np.exp(-0.5 * ((pitch - nearest) / 0.2) ** 2) * (bins >= 55.0)
    bank = np.zeros((len(bins), 12), np.float32)
    bank[np.arange(len(bins)), nearest.astype(int) % 12] = weight
    return bank
