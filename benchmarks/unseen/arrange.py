"""Who plays in which bar: an arrangement for a form, by label.

Rules of thumb of the genre: an intro adds parts phrase by phrase or sets a mood without drums; a buildup takes the
bass away and raises tension (a roll, a riser, an opening filter, or nothing of the kind); a drop has kick and
bass, all parts or very few; a breakdown takes out drums, or bass only; an outro takes parts away, fades, or
stops. Each label has several ways, drawn for each section.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .styles import Style

DRUMS = ("kick", "snare", "hat", "openhat", "ride", "perc", "shaker", "roll")
LOW = ("bass", "bass2", "sub")
MUSIC = ("chords", "arp", "lead", "lead2", "vox", "pad", "drone")
ROLES = (*DRUMS, *LOW, *MUSIC, "riser")
CLEAREST = 0.25  # share of parts that changes at the start of a section, at least


@dataclass(frozen=True)
class Section:
    """A labelled stretch of bars (from `start`, before `end`) and the way it was made."""

    label: str
    start: int
    end: int
    way: str


@dataclass(frozen=True)
class Sweep:
    """A filter opening or closing on a bus, from bar to bar, between two cut-off frequencies (Hz)."""

    bus: str
    start: float
    end: float
    low_hz: float
    high_hz: float
    highpass: bool = False


@dataclass(frozen=True)
class Cue:
    """A single event: crash, impact, reverse, downlifter, fill (with its way), at a bar (may be a fraction)."""

    kind: str
    bar: float
    gain: float = 1.0


@dataclass
class Arrangement:
    """Levels by part and bar (0 is silent), and what happens beside."""

    levels: dict[str, np.ndarray]
    sections: list[Section] = field(default_factory=list)
    sweeps: list[Sweep] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    rests: list[tuple[float, float]] = field(default_factory=list)  # all parts but effects are silent
    fades: list[tuple[int, int]] = field(default_factory=list)


class Writer:
    """Writes one section after another into an arrangement."""

    def __init__(self, style: Style, kit: frozenset[str], bars: int, generator: np.random.Generator) -> None:
        self.style, self.kit, self.generator = style, kit, generator
        self.out = Arrangement({role: np.zeros(bars) for role in ROLES if role in kit})
        self.drops = 0

    def chance(self, share: float) -> bool:
        """Say yes to a share of the questions."""
        return bool(self.generator.random() < share)

    def pick(self, *options: str) -> str:
        """One of the options."""
        return options[int(self.generator.integers(len(options)))]

    def on(self, roles: str, start: int, end: int, level: float = 1.0) -> None:
        """Let parts play from bar to bar; those the piece does not have are passed over."""
        for role in roles.split():
            if role in self.out.levels:
                self.out.levels[role][start:end] = level

    def off(self, roles: str, start: int, end: int) -> None:
        """Silence parts from bar to bar."""
        self.on(roles, start, end, 0.0)

    def sweep(self, bus: str, start: float, end: float, low: float, high: float, highpass: bool = False) -> None:
        """Move a filter."""
        self.out.sweeps.append(Sweep(bus, start, end, low, high, highpass))

    def cue(self, kind: str, bar: float, gain: float = 1.0) -> None:
        """Place a single event."""
        self.out.cues.append(Cue(kind, bar, gain))


def arrange(
    style: Style, kit: frozenset[str], labels: tuple[str, ...], bars: tuple[int, ...], generator: np.random.Generator
) -> Arrangement:
    """Write an arrangement of a form.

    Every section begins with a change of at least ``CLEAREST`` of what plays, except where the only difference
    would be made up (it is drawn again until it does).
    """
    from .sections import WAYS, write

    writer = Writer(style, kit, sum(bars), generator)
    start = 0
    for index, (label, length) in enumerate(zip(labels, bars)):
        following = labels[index + 1] if index + 1 < len(labels) else "end"
        ways = WAYS[label](style, length, following)
        for _ in range(40):
            mark = (len(writer.out.sweeps), len(writer.out.cues), len(writer.out.rests), len(writer.out.fades))
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
    for items, length in zip(lists, mark):
        del items[length:]  # type: ignore[attr-defined]
