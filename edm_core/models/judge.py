"""The small networks of this project: what half-beats, bars, and tenths of a second are judged to be.

Their weights ship with the package, together with what they were calibrated to and what they were made of, in
the file's own metadata; ``benchmarks/training`` and ``benchmarks/activity`` make them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..settings import Settings
from .catalogue import ACTIVITY, FORM, PULSE, Weights, locate
from .once import once
from .onnx import session
from .verify import verified

_BLOCK, _MARGIN = 8192, 512  # rows judged at a time, and rows around them that are seen but not kept


class Judge:
    """A network that reads a row of things, each described by numbers, and scores each in its context.

    Parameters
    ----------
    path : Path
        An ONNX file: (1, things, features) to (1, things, scores), float32.

    Attributes
    ----------
    constants : dict
        What was fitted together with the weights: calibration, weights of evidence.
    """

    def __init__(self, path: Path) -> None:
        self._session = session(path)
        self._input = self._session.get_inputs()[0]
        metadata = self._session.get_modelmeta().custom_metadata_map
        try:
            self.constants: dict[str, Any] = json.loads(metadata["constants"])
        except (KeyError, ValueError):
            raise ModelError(
                "its metadata holds no constants", subject=str(path), remedy="install the package again"
            ) from None

    def __call__(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the scores of each thing, shape (things, scores).

        Parameters
        ----------
        features : array, shape (things, features)
            At least one thing. Long rows are read in overlapping blocks.
        """
        parts = []
        for start in range(0, len(features), _BLOCK):
            low, high = max(0, start - _MARGIN), min(len(features), start + _BLOCK + _MARGIN)
            (scores,) = self._session.run(None, {self._input.name: features[None, low:high]})
            parts.append(scores[0, start - low : min(high, start + _BLOCK) - low])
        return np.concatenate(parts).astype(np.float64)


def log_softmax(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log-probabilities for the scores of classes, along the last axis.

    Examples
    --------
    >>> np.exp(log_softmax(np.array([[0.0, 0.0], [1000.0, 0.0]]))).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    shifted = scores - scores.max(-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(-1, keepdims=True)))


def pulse_judge(*, settings: Settings | None = None) -> Judge:
    """Return the judge of half-beats: scores of downbeat, beat, off-beat, and of the grid's tempo.

    Raises
    ------
    ModelError
        If its file is missing or its checksum is wrong.
    """
    return _packaged(PULSE, settings)


def form_judge(*, settings: Settings | None = None) -> Judge:
    """Return the judge of bars: log odds that a part begins, and a score for each label.

    Raises
    ------
    ModelError
        If its file is missing or its checksum is wrong.
    """
    return _packaged(FORM, settings)


def activity_judge(*, settings: Settings | None = None) -> Judge:
    """Return the judge of tenths of a second: log odds of speech and of music.

    Raises
    ------
    ModelError
        If its file is missing or its checksum is wrong.
    """
    return _packaged(ACTIVITY, settings)


def _packaged(weights: Weights, settings: Settings | None) -> Judge:
    (file,) = weights.files
    return _load(verified(locate(file), file.sha256, settings or Settings.from_environment()))


@once()
def _load(path: Path) -> Judge:
    return Judge(path)
