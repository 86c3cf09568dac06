"""What a speech recogniser is to this room: a protocol, the types it returns, and the engines there are.

A loaded engine is given sounds (mono speech at 16 kHz, up to 30 s each) and options, and gives back what was
heard in each, in order. Engines differ in speed and in what they know about their own text; what an engine
cannot tell is None, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError, SettingsError
from ..settings import Settings

Samples = NDArray[np.float32]
"""Mono sound at 16 kHz in [-1, 1], shape ``(n,)``."""


WHISPER_LEAD = 0.04
"""Seconds by which the decoder's attention, which words are timed by, runs ahead of the sound: on half of the
synthesised speech of ``benchmarks/transcription`` words began 58 and ended 65 ms early on average, with every
voice, and shifts of 30 to 50 ms made the median error smallest."""


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the recogniser gave it; seconds from the start of what it was given."""

    start: float
    end: float
    text: str
    probability: float | None


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch that was recognised at once, with the recogniser's evidence for it.

    ``no_speech`` is the probability that nothing was said, ``log_probability`` the mean over tokens,
    ``temperature`` that of the sampling; None where the engine does not tell.
    """

    words: tuple[HeardWord, ...]
    no_speech: float | None = None
    log_probability: float | None = None
    temperature: float | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """What every engine takes.

    Parameters
    ----------
    language : str
        Code such as ``en``.
    beam : int, optional
        Hypotheses that are followed at once; 1 is greedy. A server decides this for itself.
    prompt : str, optional
        Names and words that may be said, so that they are spelled so.
    """

    language: str
    beam: int = 5
    prompt: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.beam <= 20:
            raise SettingsError(f"a beam of {self.beam}", subject="transcribe", remedy="use 1 to 20")


class Engine(Protocol):
    """A loaded recogniser. Equal sounds and options give equal answers."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages it knows; empty if it does not say."""
        ...

    def detect_language(self, samples: Samples) -> Mapping[str, float | None]:
        """Return the probability of each language that it considers for up to 30 s of speech.

        An engine that names one language without a probability gives that one with None.
        """
        ...

    def recognise(self, sounds: Iterable[Samples], options: Options) -> Iterator[tuple[Heard, ...]]:
        """Yield what is said in each sound, in order; sounds are taken only as fast as they are worked on."""
        ...


def load_engine(name: str, model: str, settings: Settings | None = None) -> Engine:
    """Return a loaded recogniser.

    Parameters
    ----------
    name : str
        A key of :data:`ENGINES`.
    model : str
        Name of a model, a folder or file with weights, or what a server calls it.
    settings : Settings, optional
        The process's own by default.

    Raises
    ------
    ModelError
        If there is no such engine or model, or its weights cannot be trusted.
    SettingsError
        If the engine is a server and no address is set.
    """
    if name not in ENGINES:
        raise ModelError("there is no such engine", subject=name, remedy=f"use one of {', '.join(ENGINES)}")
    return ENGINES[name](model, settings or Settings.from_environment())


def _faster_whisper(model: str, settings: Settings) -> Engine:
    from ..models import whisper
    from .faster_whisper_engine import loaded

    return loaded(whisper(model, settings=settings))


def _openai_whisper(model: str, settings: Settings) -> Engine:
    from ..models import openai_checkpoint
    from .openai_whisper_engine import loaded

    return loaded(openai_checkpoint(model, settings=settings))


def _server(model: str, settings: Settings) -> Engine:
    from ..remote import Server
    from .server_engine import SpeechServer

    if not settings.whisper_base_url:
        raise SettingsError(
            "no address of a speech server is set",
            subject="EDM_WHISPER_BASE_URL",
            remedy="set it, such as http://localhost:8000/v1",
        )
    return SpeechServer(Server(settings.whisper_base_url, model, settings.whisper_api_key))


ENGINES: dict[str, Callable[[str, Settings], Engine]] = {
    "faster-whisper": _faster_whisper,
    "openai-whisper": _openai_whisper,
    "server": _server,
}
"""Engines by name: each takes the model's name and the settings. ``openai-whisper`` needs the extra
``research``; ``server`` is any that answers ``/v1/audio/transcriptions``."""
