"""What a speech recogniser is to this room: a protocol, the types it returns, and the engines there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..settings import Settings


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the recogniser gave it; seconds from the start of what it was given."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Utterance:
    """A stretch that was recognised at once, with the evidence for it.

    ``no_speech`` is the probability that nothing was said, ``log_probability`` the mean over tokens, and
    ``compression`` how much smaller gzip makes the text: high for text that repeats itself.
    """

    words: tuple[HeardWord, ...]
    no_speech: float
    log_probability: float
    compression: float

    @property
    def text(self) -> str:
        """The words in one string."""
        return " ".join(word.text for word in self.words)


class Engine(Protocol):
    """A loaded recogniser. Equal samples give equal utterances."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages it knows."""
        ...

    def detect_language(self, samples: NDArray[np.float32]) -> dict[str, float]:
        """Return the probability of each language for up to 30 s of mono speech at 16 kHz."""
        ...

    def recognise(self, samples: NDArray[np.float32], language: str) -> tuple[Utterance, ...]:
        """Return what is said in mono speech at 16 kHz, shape ``(n,)``, in order of time."""
        ...


def load_engine(name: str, model: str, settings: Settings | None = None) -> Engine:
    """Return a loaded recogniser.

    Parameters
    ----------
    name : str
        A key of :data:`ENGINES`.
    model : str
        Name of a model or a folder with weights; see :func:`edm_core.models.whisper`.
    settings : Settings, optional
        The process's own by default.

    Raises
    ------
    ModelError
        If there is no such engine or model, or its weights cannot be trusted.
    """
    if name not in ENGINES:
        raise ModelError("there is no such engine", subject=name, remedy=f"use one of {', '.join(ENGINES)}")
    return ENGINES[name](model, settings or Settings.from_environment())


def _faster_whisper(model: str, settings: Settings) -> Engine:
    from ..models import whisper
    from .faster_whisper_engine import loaded

    return loaded(whisper(model, settings=settings))


ENGINES: dict[str, Callable[[str, Settings], Engine]] = {"faster-whisper": _faster_whisper}
"""Engines by name: each takes the model's name and the settings."""
