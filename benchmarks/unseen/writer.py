"""What an arrangement is, and what writes one: levels by part and bar, filters, single events."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .styles import Style

DRUMS = ("kick", "snare", "hat", "openhat", "ride", "perc", "shaker", "break", "roll")
LOW = ("bass", "bass2", "sub")
MUSIC = ("chords", "arp", "lead", "lead2", "vox", "pad", "drone")
ROLES = (*DRUMS, *LOW, *MUSIC, "riser")


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
    """A single event (crash, impact, reverse, downlifter, fill-…) at a bar, which may be a fraction."""

    kind: str
    bar: float
    gain: float = 1.0


@dataclass(frozen=True)
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

    def sweep(
        self, bus: str, start: float, end: float, low: float, high: float, highpass: bool = False
    ) -> None:
        """Move a filter."""
        self.out.sweeps.append(Sweep(bus, start, end, low, high, highpass))

    def cue(self, kind: str, bar: float, gain: float = 1.0) -> None:
        """Place a single event."""
        self.out.cues.append(Cue(kind, bar, gain))
