"""What a listener can tell of a section: measured features, in the listener's words.

Energy is relative to the recording's own loudest section, because mastering levels say little of how hard a
part hits. Loudness of a section is the power sum of its three bands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..items import Energy, Key, Section, Tempo

LOUD_DB, QUIET_DB = -3.0, -6.0
"""Levels below the loudest section from which a section is of high, and up to which of low energy."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """A section among the others.

    ``level`` is its energy (``low``, ``medium`` or ``high``), ``level_db`` its loudness against the loudest
    section and ``rise_db`` against the one before; ``bass_db`` is the bass against the section's own middle.
    What was not measured is None.
    """

    label: str
    bars: int | None = None
    bpm: float | None = None
    key: str | None = None
    level: str | None = None
    level_db: float | None = None
    rise_db: float | None = None
    bass_db: float | None = None
    seconds: float = 0.0
    place: int = 1
    places: int = 1
    again: bool = False

    def facts(self) -> tuple[str, ...]:
        """Return what was measured, one clause each.

        Examples
        --------
        >>> Portrait("drop", bars=16, bpm=126.0, level="high", rise_db=7.25, place=4, places=9).facts()
        ('section 4 of 9, a drop', '16 bars', '126.0 BPM', 'high energy', '7.2 dB louder than before')
        """
        facts = [f"section {self.place} of {self.places}, {article_of(self.label)} {self.label}"]
        facts.append(f"{self.seconds:.0f} seconds" if self.bars is None else f"{self.bars} bars")
        if self.bpm is not None:
            facts.append(f"{self.bpm:.1f} BPM")
        if self.key is not None:
            facts.append(self.key)
        if self.level is not None:
            facts.append(f"{self.level} energy")
        if self.rise_db is not None and abs(self.rise_db) >= 1.0:
            facts.append(
                f"{abs(self.rise_db):.1f} dB {'louder' if self.rise_db > 0 else 'quieter'} than before"
            )
        if self.again:
            facts.append("like an earlier one")
        return tuple(facts)


def portraits(
    sections: Sequence[Section], tempi: Sequence[Tempo] = (), keys: Sequence[Key] = ()
) -> tuple[Portrait, ...]:
    """Return a portrait of each section.

    Parameters
    ----------
    sections : sequence of Section
        As they tile the recording; silence has no loudness.
    tempi, keys : sequence of Tempo, Key, optional
        Over the recording; each section takes what holds in its middle.
    """
    levels = [_loudness(section.energy) if section.label != "silence" else None for section in sections]
    loudest = max((level for level in levels if level is not None), default=None)
    found = []
    for index, section in enumerate(sections):
        level, before = levels[index], levels[index - 1] if index else None
        relative = None if level is None or loudest is None else level - loudest
        bars = None
        if section.start_bar is not None and section.end_bar is not None:
            bars = section.end_bar - section.start_bar + 1
        middle = (section.start + section.end) / 2
        key = next((each.name for each in keys if each.start <= middle < each.end), None)
        found.append(
            Portrait(
                section.label, bars=bars, key=key, seconds=section.duration,
                bpm=next((each.bpm for each in tempi if each.start <= middle < each.end), None),
                level=None if relative is None else _named(relative),
                level_db=relative,
                rise_db=None if level is None or before is None else level - before,
                bass_db=None if section.energy is None else section.energy.bass - section.energy.mid,
                place=index + 1, places=len(sections), again=section.repeats is not None,
            )
        )  # fmt: skip
    return tuple(found)


def article_of(word: str) -> str:
    """Return the article that goes before a word: a or an."""
    return "an" if word[:1] in "aeiou" else "a"


def _loudness(energy: Energy | None) -> float | None:
    if energy is None:
        return None
    return 10 * math.log10(sum(10 ** (band / 10) for band in (energy.bass, energy.mid, energy.high)))


def _named(relative: float) -> str:
    return "high" if relative >= LOUD_DB else "low" if relative <= QUIET_DB else "medium"
