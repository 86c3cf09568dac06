"""What the cases work on: recordings that are in a library already, and what people say of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from edm_core.settings import Settings
from edm_core.store import Entry, Library
from edm_core.timeline import Layer, Recording, Section, Timeline

DURATION = 120.0
_RATE = 8_000


def tone(path: Path, number: int = 0, duration: float = 2.0) -> Path:
    """Write a recording of its own: every ``number`` has other bytes.

    Parameters
    ----------
    path : Path
        Where; a WAV file.
    number : int
        Which.
    duration : float
        Seconds.
    """
    import soundfile

    time = np.arange(round(duration * _RATE)) / _RATE
    soundfile.write(path, 0.4 * np.sin(2 * np.pi * (110.0 + number) * time), _RATE)
    return path


def furnished(settings: Settings, folder: Path, number: int = 0) -> Entry:
    """Put an analysed recording into the library of these settings, and return its entry."""
    folder.mkdir(parents=True, exist_ok=True)
    library = Library(settings)
    entry = library.add_file(tone(folder / f"tone-{number}.wav", number))
    recording = Recording(entry.id, DURATION, _RATE, 1, title=f"Tone {number}")
    sections = (Section(0.0, DURATION / 2, "intro", 0.8), Section(DURATION / 2, DURATION, "drop", 0.8))
    library.save_timeline(Timeline(recording, (Layer("sections", "model:sections@1", sections),)))
    entry_now = library.get(entry.id)
    assert entry_now is not None
    return entry_now


def said(number: int) -> dict[str, Any]:
    """Return what revision ``number`` of a line says: of several kinds, all telling the number."""
    place = 1.0 + number % int(DURATION - 2)
    return {
        "sections": [
            {"start": 0.0, "end": place, "label": "intro"},
            {"start": place, "end": DURATION, "label": "drop"},
        ],
        "events": [{"time": 1.0, "label": f"event {number}"}],
        "notes": f"note {number}",
    }
