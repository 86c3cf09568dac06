"""Everything measured, one after the other: what the table of results is made of."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edm_core.settings import Settings
from edm_core.store import Library

from ..material import REPOSITORY
from ..progress import Progress
from . import agreement, annotator, material, peaks, speed
from .agreement import Clicks, Follow
from .annotator import Work
from .browser import Sitting, chromium, served
from .speed import Drag, Keys, Spread, Zoom

STATIC = REPOSITORY / "edm_core" / "waveform" / "static"


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured.

    Minutes of the long recording, frames a zoom, keys, seconds of dragging, openings, frames while it plays,
    and runs of the peaks (0 leaves them out).
    """

    minutes: float
    frames: int
    keys: int
    drag_s: float
    openings: int
    play_frames: int
    peak_runs: int


SIZES = {
    "quick": Size(3.0, 30, 24, 1.0, 2, 60, 1),
    "full": Size(60.0, 240, 240, 4.0, 10, 600, 5),
}
"""``quick`` is for CI: it shows that the figures can be taken, not what they are."""


@dataclass(frozen=True, slots=True)
class Found:
    """All that was measured."""

    zooms: Sequence[Zoom]
    keys: Keys
    drags: Sequence[tuple[float, Drag]]
    cold: float
    warm: Spread
    clicks: Sequence[Clicks]
    follow: Follow
    peaks: Sequence[tuple[str, float, float]]
    bundles: Sequence[tuple[str, int]]
    works: Sequence[tuple[str, Work]]


def measured(size: Size) -> Found:
    """Measure everything."""
    progress = Progress("editor", 9)
    with tempfile.TemporaryDirectory(prefix="edm-editor-") as scratch:
        folder = Path(scratch)
        (folder / "data").mkdir()
        library = Library(Settings(data_dir=folder / "data"))
        long = material.enter(library, material.long_music(folder / "hour.flac", size.minutes))
        duration = long.duration or 0.0
        material.save(library, long, "bench", material.many_sections(duration))
        progress.advance(1, "the long recording")
        written = {form: material.clicks(folder / f"clicks.{form}") for form in material.FORMATS}
        tracks = {form: material.enter(library, folder / f"clicks.{form}") for form in material.FORMATS}
        song = material.long_music(folder / "song.flac", (material.bar_time(161) + 3) / 60)
        right = material.truth(_length(song))
        with_suggestion = material.enter(library, song, material.suggestion(_length(song)))
        bare = material.enter(
            library, material.long_music(folder / "bare.flac", (material.bar_time(161) + 2) / 60)
        )
        progress.advance(1, "clicks and songs")
        with served(library.settings.data_dir) as address, chromium() as browser:
            cold, warm = speed.opening(browser, address, long, size.openings)
            progress.advance(1, "opening")
            with Sitting(browser, address) as sitting:
                sitting.open(long)
                sitting.quiet()
                zooms = speed.drawing(sitting, size.frames)
                progress.advance(1, "drawing")
                keys = speed.keys(sitting, size.keys)
                progress.advance(1, "keys")
                spans = (60.0, 600.0) if duration > 700 else (60.0,)
                drags = [(span, speed.dragging(sitting, size.drag_s, span)) for span in spans]
                progress.advance(1, "dragging")
            clicks, follow = _sounds(browser, address, tracks, written, size)
            progress.advance(1, "sound and picture")
            works = _works(browser, address, library, with_suggestion, bare, right)
            progress.advance(1, "the annotator")
        times = peaks.seconds(folder, size.peak_runs)
        progress.advance(1, "peaks")
    return Found(zooms, keys, drags, cold, warm, clicks, follow, times, bundles(), works)


def bundles() -> list[tuple[str, int]]:
    """Return the editor's built files and their sizes in bytes, gzipped."""
    found = [*STATIC.glob("editor-*.js"), *STATIC.glob("edit-*.js")]
    return [
        (path.name.split("-")[0], len(gzip.compress(path.read_bytes(), 9, mtime=0))) for path in sorted(found)
    ]


# --- private ---------------------------------------------------------------------------------------


def _length(path: Path) -> float:
    import soundfile

    return float(soundfile.info(str(path)).duration)


def _sounds(
    browser: Any, address: str, tracks: dict[str, Any], written: dict[str, list[float]], size: Size
) -> tuple[list[Clicks], Follow]:
    found = []
    for form, entry in tracks.items():
        with Sitting(browser, address) as sitting:
            sitting.open(entry)
            sitting.quiet()
            found.append(agreement.clicks(sitting, form, written[form]))
    with Sitting(browser, address) as sitting:
        sitting.open(tracks["wav"])
        sitting.quiet()
        return found, agreement.following(sitting, size.play_frames)


def _works(
    browser: Any, address: str, library: Library, with_suggestion: Any, bare: Any, right: Any
) -> list[tuple[str, Work]]:
    with Sitting(browser, address, "scripted") as sitting:
        corrected = annotator.from_suggestion(sitting, library, with_suggestion, right)
    with Sitting(browser, address, "scripted") as sitting:
        marked = annotator.from_nothing(sitting, library, bare, right)
    return [
        ("from a suggestion", corrected),
        ("from nothing", marked),
    ]
