"""Checks of sections; kinds and thresholds are told in :mod:`~edm_core.evaluation.checks`."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..findings import Finding
from ..timeline import Energy, Section, Timeline
from ._beat_grid import BeatGrid
from ._boundary_checks import boundary_findings
from ._findings import plural, runs

FORM = ("intro", "buildup", "drop", "breakdown", "outro")
"""Labels of parts of a piece; ``silence`` and ``other`` stand between pieces."""

_FEWEST_BARS, _MOST_BARS, _USUAL_BARS = 2, 64, 4
_SHORTEST_S = 2.0  # where there are no bars
_HALF, _LONG_ENOUGH_S = 0.5, 60.0
_WEAKER_DB, _ALIKE_DB = 1.0, 1.5


def form_findings(timeline: Timeline, grid: BeatGrid) -> Iterator[Finding]:
    """Yield what is implausible about the sections."""
    sections = timeline.sections
    yield from boundary_findings(sections, grid)
    yield from _lengths(sections, grid, timeline.recording.duration)
    yield from _order(sections)
    yield from _drops(sections)
    yield from _likeness(sections)


# --- lengths ---------------------------------------------------------------------------------------


def _lengths(sections: Sequence[Section], grid: BeatGrid, duration: float) -> Iterator[Finding]:
    bars = [grid.bars_between(section.start, section.end) for section in sections]
    odd = []
    for index, (section, number) in enumerate(zip(sections, bars, strict=True)):
        if section.label not in FORM:
            continue
        where = (section.start, section.end)
        if number is not None and number < _FEWEST_BARS:
            message = f"{section.label} of {plural(number, 'bar')}"
            yield Finding("too_short", "warning", *where, message, "sections")
        elif number is None and section.duration < _SHORTEST_S:
            yield Finding(
                "too_short", "warning", *where, f"{section.label} of {section.duration:.1f} s", "sections"
            )
        elif number is not None and number > _MOST_BARS:
            yield Finding("too_long", "note", *where, f"{section.label} of {number} bars", "sections")
        elif section.duration > _HALF * duration and duration >= _LONG_ENOUGH_S and len(sections) > 1:
            message = f"{section.label} of {section.duration / duration:.0%} of the recording"
            yield Finding("too_long", "note", *where, message, "sections")
        elif number is not None and number % _USUAL_BARS and 0 < index < len(sections) - 1:
            odd.append(index)
    for group in runs(odd):
        parts = [f"{sections[i].label} of {plural(bars[i] or 0, 'bar')}" for i in group[:3]]
        more = f" and {len(group) - 3} more" if len(group) > 3 else ""
        yield Finding(
            "odd_length", "note", sections[group[0]].start, sections[group[-1]].end,
            f"{', '.join(parts)}{more}: no multiple of {_USUAL_BARS}", "sections", count=len(group),
        )  # fmt: skip


# --- order -----------------------------------------------------------------------------------------


def _order(sections: Sequence[Section]) -> Iterator[Finding]:
    """Look at neighbours within a piece; silence is heard as part of it, ``other`` is not."""
    heard = [section for section in sections if section.label != "silence"]
    for before, section in zip([None, *heard], heard, strict=False):
        if section.label == "intro" and before and before.label in ("buildup", "drop", "breakdown"):
            message = f"an intro after a {before.label}"
            yield Finding("intro_not_first", "warning", section.start, section.end, message, "sections")
        if before and before.label == "outro" and section.label in ("buildup", "drop", "breakdown"):
            message = f"an outro before a {section.label}"
            yield Finding("outro_not_last", "warning", before.start, before.end, message, "sections")
    for section, after in zip(heard, [*heard[1:], None], strict=False):
        if section.label == "buildup" and (after is None or after.label not in ("buildup", "drop")):
            follows = f"{'an' if after.label[0] in 'io' else 'a'} {after.label}" if after else "the end"
            message = f"a buildup that leads to {follows}"
            yield Finding("lonely_buildup", "note", section.start, section.end, message, "sections")
    for index, section in enumerate(sections):
        earlier = section.repeats
        if earlier is None:
            continue
        if not 0 <= earlier < index:
            message = f"it repeats section {earlier + 1} and is section {index + 1} itself"
        elif sections[earlier].label != section.label:
            first = sections[earlier]
            message = f"a {section.label} that repeats a {first.label}, at {first.start:.1f} s"
        else:
            continue
        yield Finding("wrong_repeat", "error", section.start, section.end, message, "sections")


# --- energy ----------------------------------------------------------------------------------------


def _drops(sections: Sequence[Section]) -> Iterator[Finding]:
    for group in runs([i for i, section in enumerate(sections) if section.label == "drop"]):
        drop = _mean([sections[i] for i in group])
        around = [sections[i] for i in (group[0] - 1, group[-1] + 1) if 0 <= i < len(sections)]
        energies = [section.energy for section in around if section.label in FORM and section.energy]
        if drop is None or not energies:
            continue
        quieter = min(loudness(energy) for energy in energies) - loudness(drop)
        thinner = min(energy.bass for energy in energies) - drop.bass
        lacks = [f"{quieter:.1f} dB quieter"] if quieter > _WEAKER_DB else []
        lacks += [f"with {thinner:.1f} dB less bass"] if thinner > _WEAKER_DB else []
        if lacks:
            message = f"a drop {' and '.join(lacks)} than what it touches"
            start, end = sections[group[0]].start, sections[group[-1]].end
            yield Finding("weak_drop", "warning", start, end, message, "sections", count=len(group))


def _likeness(sections: Sequence[Section]) -> Iterator[Finding]:
    alike = []
    for index, (one, two) in enumerate(zip(sections, sections[1:], strict=False)):
        if one.label == two.label and one.label in FORM and one.energy and two.energy:
            pairs = zip(_bands(one.energy), _bands(two.energy), strict=True)
            if all(abs(a - b) <= _ALIKE_DB for a, b in pairs):
                alike.append(index)
    for group in runs(alike):
        first, last = sections[group[0]], sections[group[-1] + 1]
        message = f"{len(group) + 1} parts called {first.label} in a row that measure alike: one part?"
        yield Finding("no_contrast", "note", first.start, last.end, message, "sections", count=len(group) + 1)


def loudness(energy: Energy) -> float:
    """Return the level of all bands together, in dBFS."""
    return 10 * math.log10(sum(10 ** (min(level, 100.0) / 10) for level in _bands(energy)) or 1e-10)


def _bands(energy: Energy) -> tuple[float, float, float]:
    return energy.bass, energy.mid, energy.high


def _mean(sections: Sequence[Section]) -> Energy | None:
    """Mean energy of sections, by their lengths; None if one was not measured."""
    measured = [(section.duration, section.energy) for section in sections if section.energy]
    if len(measured) < len(sections):
        return None
    total = sum(duration for duration, _ in measured)

    def level(values: list[float]) -> float:
        power = (
            sum(d * 10 ** (min(v, 100.0) / 10) for (d, _), v in zip(measured, values, strict=True)) / total
        )
        return 10 * math.log10(power or 1e-10)

    bass, mid, high = (level([_bands(energy)[band] for _, energy in measured]) for band in range(3))
    return Energy(bass, mid, high)
