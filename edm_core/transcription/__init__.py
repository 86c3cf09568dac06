"""Transcription: from speech to words with times, and from words to passages.

:func:`transcribe` does all of it; :func:`passages_of` and the exports are pure functions of words.
"""

from __future__ import annotations

from .engine import ENGINES, Engine, HeardWord, Utterance, load_engine
from .evidence import Rejection
from .export import to_srt, to_txt, to_vtt
from .passages import passages_of
from .transcribe import VERSION, Transcript, transcribe

__all__ = [
    "ENGINES",
    "VERSION",
    "Engine",
    "HeardWord",
    "Rejection",
    "Transcript",
    "Utterance",
    "load_engine",
    "passages_of",
    "to_srt",
    "to_txt",
    "to_vtt",
    "transcribe",
]
