"""Sound files: what they are, what they sound like, and what every analyser shares.

:func:`load` turns a file into a :class:`Sound`; the other names are its parts.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .decode import Decoding, Format, decoding
    from .identity import Source, content_id, opened
    from .peaks import Peaks
    from .probing import Probe, probe
    from .rendition import media_type, playable
    from .sound import SPEECH_RATE, Sound, load
    from .spectrum import Spectrum
    from .tags import Tags, read_tags

__all__ = [
    "SPEECH_RATE",
    "Decoding",
    "Format",
    "Peaks",
    "Probe",
    "Sound",
    "Source",
    "Spectrum",
    "Tags",
    "content_id",
    "decoding",
    "load",
    "media_type",
    "opened",
    "playable",
    "probe",
    "read_tags",
]

_HOME = {
    "decode": ("Decoding", "Format", "decoding"),
    "identity": ("Source", "content_id", "opened"),
    "peaks": ("Peaks",),
    "probing": ("Probe", "probe"),
    "rendition": ("media_type", "playable"),
    "sound": ("SPEECH_RATE", "Sound", "load"),
    "spectrum": ("Spectrum",),
    "tags": ("Tags", "read_tags"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOME.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
