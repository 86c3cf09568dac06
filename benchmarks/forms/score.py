"""A piece before it sounds: tracks, what each plays in which bars, and the hand on the desk.

Positions inside a bar are sixteenths (*steps*) from its start, in a bar of four steps a beat, whatever the
feel; `Feel` says where in the beat the steps sound. Bars count from 0.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Sound = npt.NDArray[np.float32]
# Frequency in Hz, length in seconds, sampling rate in Hz: one note or one hit, mono.
Voice = Callable[[float, float, int], Sound]
# Where the four sixteenths of a beat sound, as shares of the beat.
Feel = tuple[float, float, float, float]
STRAIGHT: Feel = (0.0, 0.25, 0.5, 0.75)

BUSES = ("drums", "bass", "music", "effects")


@dataclass(frozen=True)
class Note:
    """One note or hit: where in its bar, how long (both in steps), which pitch (MIDI), how strong (0–1)."""

    step: float
    length: float
    pitch: float
    strength: float


Bar = tuple[Note, ...]
Pattern = tuple[Bar, ...]


@dataclass(frozen=True)
class Colour:
    """What is done to one track's sound before it meets the others."""

    gain: float = 0.0  # dB
    pan: float = 0.0  # -1 to 1
    drive: float = 0.0  # dB into a soft clipper
    highpass: float = 0.0  # Hz; 0: none
    lowpass: float = 0.0  # Hz; 0: none
    reverb: float = 0.0  # level of the reverb, 0–1
    echo: float = 0.0  # level of the first echo, 0–1
    echo_steps: float = 3.0
    gate: tuple[int, ...] = ()  # steps of a bar in which it is let through; empty: all
    jitter: float = 0.0  # standard deviation of onset times, seconds
    release: float = 0.3  # seconds in which it dies away after its last bar


@dataclass(frozen=True)
class Track:
    """One instrument: its sound and the patterns it can play, by name."""

    name: str
    role: str
    bus: str
    voice: Voice
    colour: Colour
    patterns: dict[str, Pattern] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A track plays a pattern from a bar on; the gain in dB moves evenly from one value to another."""

    track: int
    pattern: str
    first: int
    bars: int
    gain: tuple[float, float] = (0.0, 0.0)
    phase: int = 0  # bar of the pattern that sounds first


@dataclass(frozen=True)
class Sweep:
    """A filter that moves on a bus: between two places in bars, from one cutoff in Hz to another."""

    bus: str  # one of BUSES, or "all"
    kind: str  # "lowpass" or "highpass"
    first: float
    last: float
    cutoffs: tuple[float, float]
    resonance: float = 0.7


@dataclass(frozen=True)
class Fade:
    """A level that moves on a bus ("all" too): from first to last bar, between two gains in dB."""

    bus: str
    first: float
    last: float
    gain: tuple[float, float]


@dataclass(frozen=True)
class Duck:
    """Everything but the drums gives way to the kick."""

    depth: float  # share taken away at the kick
    seconds: float  # until it is back
    buses: tuple[str, ...]
    always: bool  # also where the kick itself is silent


@dataclass(frozen=True)
class Section:
    """A labelled stretch of bars; `also` are labels a listener could give as well."""

    label: str
    first: int
    bars: int
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Score:
    """A whole piece."""

    style: str
    meter: int
    feel: Feel
    tempi: tuple[tuple[int, float], ...]  # (first bar, BPM)
    accept: tuple[float, ...]
    bars: int
    key: str
    tracks: tuple[Track, ...]
    parts: tuple[Part, ...]
    sections: tuple[Section, ...] = ()
    sweeps: tuple[Sweep, ...] = ()
    fades: tuple[Fade, ...] = ()
    duck: Duck | None = None
    drive: float = 0.0  # dB, drums together into a soft clipper
    tuning: float = 0.0  # cents away from A4 = 440 Hz
    pickup: int = 0  # beats before bar 0 that sound already
    lead: float = 0.0  # seconds of silence in front
    tail: float = 1.0  # seconds after the last bar

    def bar_times(self) -> npt.NDArray[np.float64]:
        """Start of every bar and end of the last one, in seconds of the recording, shape (bars + 1,)."""
        lengths = np.zeros(self.bars)
        for first, bpm in self.tempi:
            lengths[first:] = 60.0 * self.meter / bpm
        start = self.lead + self.pickup * 60.0 / self.tempi[0][1]
        return start + np.concatenate([[0.0], np.cumsum(lengths)])

    def activity(self) -> npt.NDArray[np.bool_]:
        """Which track has notes sounding in which bar, shape (tracks, bars)."""
        plays = np.zeros((len(self.tracks), self.bars), bool)
        steps = 4 * self.meter
        for part in self.parts:
            pattern = self.tracks[part.track].patterns[part.pattern]
            for offset in range(min(part.bars, self.bars - part.first)):
                for note in pattern[(part.phase + offset) % len(pattern)]:
                    last = offset + int((note.step + max(note.length, 1e-3) - 1e-6) // steps)
                    end = min(part.first + last, part.first + part.bars - 1, self.bars - 1)
                    plays[part.track, part.first + offset : end + 1] = True
        return plays


def stream(seed: int, *names: object) -> np.random.Generator:
    """Random numbers for one purpose: what is drawn for one thing never moves what is drawn for another."""
    return np.random.default_rng([seed, *(zlib.crc32(str(name).encode()) for name in names)])


def hertz(pitch: float) -> float:
    """Frequency of a MIDI pitch, equal temperament with A4 = 440 Hz.

    Examples
    --------
    >>> round(hertz(69), 1)
    440.0
    """
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))
