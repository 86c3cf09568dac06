"""Who plays in which bar: an arrangement for a form, by label.

Rules of thumb of the genre: an intro adds parts phrase by phrase or sets a mood without drums; a buildup
takes the bass away and raises tension (a roll, a riser, an opening filter, or nothing of the kind); a drop
has kick and bass, all parts or very few; a breakdown takes out drums, or bass only; an outro takes parts
away, fades, or stops. Each label has several ways, drawn for each section.
"""

from __future__ import annotations

import numpy as np

from .sections import WAYS, write
from .styles import Style
from .writer import Arrangement, Section, Writer

CLEAREST = 0.25  # share of parts that changes at the start of a section, at least
DRAWS = 40


def arrange(
    style: Style,
    kit: frozenset[str],
    labels: tuple[str, ...],
    bars: tuple[int, ...],
    generator: np.random.Generator,
) -> Arrangement:
    """Write an arrangement of a form.

    Every section is drawn again, up to ``DRAWS`` times, until it begins with a change of at least
    ``CLEAREST`` of what plays.
    """
    writer = Writer(style, kit, sum(bars), generator)
    start = 0
    for index, (label, length) in enumerate(zip(labels, bars, strict=True)):
        following = labels[index + 1] if index + 1 < len(labels) else "end"
        ways = WAYS[label](style, length, following)
        for _ in range(DRAWS):
            mark = (
                len(writer.out.sweeps),
                len(writer.out.cues),
                len(writer.out.rests),
                len(writer.out.fades),
            )
            way = writer.pick(*ways)
            write(writer, label, way, start, start + length, following)
            if index == 0 or change_at(writer.out.levels, start) >= CLEAREST:
                break
            _undo(writer, start, mark)
        else:
            write(writer, label, way, start, start + length, following)
        writer.out.sections.append(Section(label, start, start + length, way))
        writer.drops += label == "drop"
        start += length
    return writer.out


def change_at(levels: dict[str, np.ndarray], bar: int) -> float:
    """Share of the playing parts that differ between the two bars before and after the start of `bar`."""
    heard = np.array([row > 0 for row in levels.values()], float)
    before, after = heard[:, max(0, bar - 2) : bar].mean(1), heard[:, bar : bar + 2].mean(1)
    union = np.maximum(before, after).sum()
    return float(np.abs(before - after).sum() / union) if union else 0.0


def _undo(writer: Writer, start: int, mark: tuple[int, int, int, int]) -> None:
    for row in writer.out.levels.values():
        row[start:] = 0
    lists = (writer.out.sweeps, writer.out.cues, writer.out.rests, writer.out.fades)
    for items, length in zip(lists, mark, strict=True):
        del items[length:]  # type: ignore[attr-defined]
