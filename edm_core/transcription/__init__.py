"""Transcription: from speech to words with times, and from words to passages.

:func:`transcribe` does all of it; :func:`passages_of` and the exports are pure functions of words.
"""

from __future__ import annotations

from .engine import ENGINES, Engine, Heard, HeardWord, Options, load_engine
from .export import to_json, to_srt, to_txt, to_vtt
from .journal import Journal
from .passages import gaps_of, passages_of
from .transcribe import VERSION, Transcript, transcribe

__all__ = [
    "ENGINES",
    "VERSION",
    "Engine",
    "Heard",
    "HeardWord",
    "Journal",
    "Options",
    "Transcript",
    "gaps_of",
    "load_engine",
    "passages_of",
    "to_json",
    "to_srt",
    "to_txt",
    "to_vtt",
    "transcribe",
]
