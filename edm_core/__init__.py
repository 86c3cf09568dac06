"""The EDM workbench: a recording goes in, a timeline comes out, and people and models write layers onto it.

::

    import edm_core

    timeline = edm_core.analyze("track.mp3")
    timeline.tempo.bpm, timeline.sections, timeline.to_frame("reactions")

Below :func:`analyze` stands a ladder of smaller callables, for those who want only a rung:
:func:`edm_core.audio.load`, :func:`edm_core.segmentation.track_beats`,
:func:`edm_core.segmentation.find_sections`, :func:`edm_core.segmentation.find_activity`,
:func:`edm_core.transcription.transcribe`,
:func:`edm_core.content.describe` and :func:`edm_core.personas.react`.

Names are loaded when they are first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .settings import send_nothing

if TYPE_CHECKING:
    from . import (
        analysis,
        audio,
        content,
        evaluation,
        exchange,
        personas,
        resources,
        segmentation,
        transcription,
        vocabulary,
    )
    from .analysis import analyze
    from .errors import EdmError
    from .progress import Progress
    from .settings import Settings
    from .timeline import Timeline
    from .waveform import edit, listen, plot

__all__ = [
    "EdmError",
    "Progress",
    "Settings",
    "Timeline",
    "__version__",
    "analysis",
    "analyze",
    "audio",
    "content",
    "edit",
    "evaluation",
    "exchange",
    "listen",
    "personas",
    "plot",
    "resources",
    "segmentation",
    "transcription",
    "vocabulary",
]

_HOME = {
    "EdmError": "errors",
    "Progress": "progress",
    "Settings": "settings",
    "Timeline": "timeline",
    "analyze": "analysis",
    "edit": "waveform",
    "listen": "waveform",
    "plot": "waveform",
}


send_nothing()


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
