"""The systems that are asked what they hear, ours and simpler ones. All see the same samples."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edm_core.models import silero
from edm_core.segmentation import find_activity
from edm_core.segmentation._activity_features import reference_level
from edm_core.segmentation.activity import speech_cells

from .hearing import sound_of
from .mixes import CELL

LABELS = ("silence", "speech", "music", "speech+music")

Codes = NDArray[np.int64]
System = Callable[[Any, int], Codes]
"""Takes a sound and a number of cells of 0.1 s; says of each 0 to 3: 1 for speech plus 2 for music."""


def ours(sound: Any, cells: int) -> Codes:
    """Ask the workbench."""
    out = np.zeros(cells, np.int64)
    for span in find_activity(sound):
        out[round(span.start * 10) : round(span.end * 10)] = LABELS.index(span.label)
    return out


def silero_and_level(sound: Any, cells: int) -> Codes:
    """Ask Silero for speech; what is not speech and less than 45 dB below the loud passages is music."""
    speech = _silero_cells(sound, cells)
    power = 10.0 ** (np.asarray(sound.spectrum.level, np.float64).reshape(-1, 10) / 10.0)
    loud = 10.0 * np.log10(power.mean(1)) > max(-60.0, reference_level(sound.spectrum.level) - 45.0)
    return np.where(speech, 1, np.where(loud, 2, 0))


def _silero_cells(sound: Any, cells: int) -> NDArray[np.bool_]:
    detector = silero()
    frames = detector(sound.speech)
    centres = (np.arange(cells) + 0.5) / 10
    return speech_cells(np.interp(centres, (np.arange(len(frames)) + 0.5) * detector.frame_seconds, frames))


def webrtc(sound: Any, cells: int) -> Codes:
    """Ask WebRTC's voice detector (level 3, 20 ms frames) instead of Silero; needs webrtcvad (MIT)."""
    import webrtcvad  # type: ignore[import-not-found,unused-ignore]

    detector = webrtcvad.Vad(3)
    frames = np.array(
        [
            detector.is_speech(sound.speech[start : start + 320].tobytes(), 16_000)
            for start in range(0, len(sound.speech) - 319, 320)
        ]
    )
    share = frames[: cells * 5].reshape(-1, 5).mean(1)
    return np.where(speech_cells(share), 1, silero_and_level(sound, cells) & 2)


def peers() -> dict[str, System]:
    """Return the systems that can be asked here."""
    found: dict[str, System] = {"workbench": ours, "Silero and level": silero_and_level}
    if importlib.util.find_spec("webrtcvad"):
        found["webrtcvad and level"] = webrtc
    return found


def asked(ask: System, samples: Any) -> Codes:
    """Return what a system says of mono samples at 24 kHz."""
    return ask(sound_of(samples.astype(np.float32)), len(samples) // CELL)
