"""Silero VAD v6 straight on onnxruntime: the probability of speech, frame by frame.

Loading it this way takes a tenth of the time of importing the package that carries it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..settings import Settings
from .catalogue import SILERO, locate
from .once import once
from .onnx import session
from .verify import verified

RATE = 16_000
HOP = 512
"""Samples a frame: 32 ms."""

_CONTEXT = 64
_BLOCK = 1024  # frames given to the network at a time: half a minute


class SpeechDetector:
    """Gives the probability of speech for each 32 ms of mono sound at 16 kHz.

    Parameters
    ----------
    path : Path
        The ONNX file of Silero VAD v6.
    """

    frame_seconds = HOP / RATE

    def __init__(self, path: Path) -> None:
        self._session = session(path)

    def __call__(self, samples: NDArray[np.int16]) -> NDArray[np.float32]:
        """Return one probability a frame, shape ``(ceil(n / 512),)``.

        Parameters
        ----------
        samples : array, shape (n,), int16 or float in [-1, 1]
            Mono sound at 16 kHz; read in blocks, so it may be memory-mapped and hours long.
        """
        parts = list(self.stream(samples))
        return np.concatenate(parts) if parts else np.zeros(0, np.float32)

    def stream(self, samples: NDArray[np.int16]) -> Iterator[NDArray[np.float32]]:
        """Yield the probabilities in blocks of half a minute."""
        state: list[Any] = [np.zeros((1, 1, 128), np.float32), np.zeros((1, 1, 128), np.float32)]
        tail = np.zeros(_CONTEXT, np.float32)
        for start in range(0, len(samples), _BLOCK * HOP):
            block = _as_float(samples[start : start + _BLOCK * HOP])
            frames = np.zeros((-(-len(block) // HOP), HOP), np.float32)
            frames.reshape(-1)[: len(block)] = block
            # Each frame is given with the last 4 ms of the one before.
            before = np.vstack([tail, frames[:-1, -_CONTEXT:]])
            tail = frames[-1, -_CONTEXT:]
            feed = {"input": np.hstack([before, frames]), "h": state[0], "c": state[1]}
            probabilities, *state = self._session.run(None, feed)
            yield np.asarray(probabilities, np.float32).reshape(-1)


def silero(*, settings: Settings | None = None) -> SpeechDetector:
    """Return the packaged speech detector, loaded once a process.

    Raises
    ------
    ModelError
        If its package is missing or its checksum is wrong.
    """
    (file,) = SILERO.files
    return _load(verified(locate(file), file.sha256, settings or Settings.from_environment()))


@once()
def _load(path: Path) -> SpeechDetector:
    return SpeechDetector(path)


def _as_float(block: NDArray[Any]) -> NDArray[np.float32]:
    if block.dtype == np.int16:
        return block.astype(np.float32) / np.float32(32768.0)
    return block.astype(np.float32)
