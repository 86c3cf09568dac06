"""The small waveform on a card: a recording's outline, painted in the colours of its parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from ...store import Entry
from ...vocabulary import ACTIVITY_COLOURS, SECTION_COLOURS

if TYPE_CHECKING:
    from ...audio import Peaks

SLICES = 160
"""How many strokes a card's waveform has."""
HEIGHT = 56
"""Height of the picture in its own units; a slice is 3 wide."""
QUIETEST = 1.0
"""Half of the shortest stroke, so that silence is a line and not a gap."""
_STEP, _STROKE = 3, 2
_COLOURS: dict[str, str] = dict([*ACTIVITY_COLOURS.items(), *SECTION_COLOURS.items()])
_UNKNOWN = "#8a93a6"


def outline_of(peaks: Peaks, slices: int = SLICES) -> tuple[int, ...]:
    """Return the loudest absolute peak of equal slices of a recording, from 0 to 127.

    Parameters
    ----------
    peaks : Peaks
        Its pyramid; the first level that is fine enough is read.
    slices : int
        How many; a recording with fewer bins gives one slice a bin.
    """
    level = next(
        (level for level in reversed(peaks.levels) if len(level) >= slices),
        peaks.levels[0],
    )
    loudest = np.abs(level[:, :2].astype(np.int16)).max(axis=1)
    starts = np.unique(np.linspace(0, len(loudest), min(slices, len(loudest)), endpoint=False).astype(int))
    return tuple(int(value) for value in np.minimum(np.maximum.reduceat(loudest, starts), 127))


def waveform_svg(entry: Entry) -> str:
    """Return the card's picture as an SVG element with a text that says what it shows.

    Everything that comes from outside is escaped; without an outline the picture is an even, quiet line.

    Examples
    --------
    >>> svg = waveform_svg(Entry("sha256:00", "<b>.mp3", "2026-01-01T00:00:00Z", outline=(0, 127)))
    >>> "<b>" in svg, svg.count("<path")
    (False, 1)
    """
    outline = entry.outline or (0,) * SLICES
    width = len(outline) * _STEP
    paths = [
        f'<path d="{strokes}" stroke="{colour}"/>'
        for colour, strokes in _strokes_by_colour(entry, outline).items()
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" '
        f'preserveAspectRatio="none" role="img" aria-label="{escape(description(entry))}">'
        f'<g fill="none" stroke-width="{_STROKE}" stroke-linecap="round">{"".join(paths)}</g></svg>'
    )


def description(entry: Entry) -> str:
    """Return what the picture shows, for those who do not see it."""
    labels = list(dict.fromkeys(part.label for part in entry.parts))
    return f"Waveform of {entry.shown}" + (f": {', '.join(labels)}" if labels else "")


def _strokes_by_colour(entry: Entry, outline: Sequence[int]) -> dict[str, str]:
    loudest = max(max(outline), 1)
    strokes: dict[str, list[str]] = {}
    part = 0
    for index, value in enumerate(outline):
        time = (index + 0.5) / len(outline) * (entry.duration or 0.0)
        while part + 1 < len(entry.parts) and entry.parts[part].end <= time:
            part += 1
        label = entry.parts[part].label if entry.parts else ""
        half = max(QUIETEST, value / loudest * (HEIGHT / 2 - _STROKE))
        colour = _COLOURS.get(label, _UNKNOWN)
        strokes.setdefault(colour, []).append(
            f"M{index * _STEP + _STEP / 2:g} {HEIGHT / 2 - half:.1f}V{HEIGHT / 2 + half:.1f}"
        )
    return {colour: "".join(parts) for colour, parts in strokes.items()}
