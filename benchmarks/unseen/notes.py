"""What each part plays for eight bars: harmony, bass lines, stabs, arpeggios, leads, voices.

Time is in sixteenths from the start of the loop; pitches are MIDI numbers (60 is middle C).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

LOOP_BARS = 8
STEPS = 16  # of a bar
LOOP_STEPS = LOOP_BARS * STEPS

SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11)}
PROGRESSIONS = {
    "minor": (
        (0, 5, 2, 6), (0, 3, 5, 4), (0, 0, 5, 6), (0, 6, 5, 6), (5, 6, 0, 0), (0, 2, 5, 3), (0, 5, 3, 6),
    ),
    "major": ((0, 4, 5, 3), (0, 5, 3, 4), (3, 0, 4, 5), (0, 3, 0, 4)),
}  # fmt: skip
STABS = ("....1..1....1.1.", "1..1..1..1..1...", "..1...1...1...1.", "1.....1....1....", "...1..1....1..1.")
LEADS = (
    "1..1..1.1..1..1.", "1.1.1..11.1.1...", "1...1.1.1..1..1.", "1..1....1.1.1...", "1.....1.1...1.1.",
    "1.11..1.1.11..1.",
)  # fmt: skip
ARPS = ("1111111111111111", "1.1.1.1.1.1.1.1.", "1.11.11.1.11.11.", "1..1..1.1..1..1.")


@dataclass(frozen=True)
class Note:
    """One note: `start` and `length` in sixteenths, MIDI `key`, `loudness` from 0 to 1."""

    start: float
    length: float
    key: int
    loudness: float = 0.9


@dataclass(frozen=True)
class Harmony:
    """Key and chords of a piece.

    Attributes
    ----------
    tonic : int
        Pitch class, 0 is C.
    mode : str
        ``minor`` or ``major``.
    degrees : tuple of int
        Degree of the scale that the chord of each bar of the loop stands on.
    """

    tonic: int
    mode: str
    degrees: tuple[int, ...]

    def pitch(self, degree: int, low: int) -> int:
        """MIDI number of a degree of the scale (7 is the octave), from the tonic at or above `low`."""
        octave, step = divmod(degree, 7)
        return low + (self.tonic - low) % 12 + 12 * octave + SCALES[self.mode][step]

    def chord(self, bar: int, low: int) -> list[int]:
        """Triad of a bar, folded into the octave above `low`."""
        root = self.degrees[bar % LOOP_BARS]
        return sorted(low + (self.pitch(root + third, low) - low) % 12 for third in (0, 2, 4))


def draw_harmony(generator: np.random.Generator, static: bool) -> Harmony:
    """Key, mode and progression; a `static` one stays on its tonic, as techno does."""
    mode = "major" if generator.random() < 0.15 and not static else "minor"
    options = PROGRESSIONS[mode]
    four = (0, 0, 0, 0) if static else options[generator.integers(len(options))]
    each = 2 if static or generator.random() < 0.5 else 1
    degrees = tuple(degree for degree in four for _ in range(each)) * (2 // each)
    return Harmony(int(generator.integers(12)), mode, degrees)


def bass_line(harmony: Harmony, grid: str, held: bool) -> list[Note]:
    """Roots on the strokes of `grid`; 2 is the octave, 3 the fifth. `held` notes last until the next."""
    notes = []
    strokes = [step for step in range(LOOP_STEPS) if grid[step % len(grid)] != "."]
    for step, following in pairwise([*strokes, LOOP_STEPS]):
        root = harmony.pitch(harmony.degrees[step // STEPS], 28)
        root = root - 12 if root > 43 else root
        key = root + {"2": 12, "3": 7}.get(grid[step % len(grid)], 0)
        gap = following - step
        notes.append(Note(step, gap * 0.95 if held else min(gap, 2) * 0.85, key))
    return notes


def stabs(harmony: Harmony, generator: np.random.Generator) -> list[Note]:
    """Short chords in one rhythm."""
    grid = STABS[generator.integers(len(STABS))]
    length = generator.choice([1.2, 1.8, 2.5])
    return [
        Note(step, float(length), key, 0.8)
        for step in range(LOOP_STEPS)
        if grid[step % STEPS] != "."
        for key in harmony.chord(step // STEPS, 57)
    ]


def pad(harmony: Harmony) -> list[Note]:
    """Chords held for as long as they last."""
    notes, bar = [], 0
    while bar < LOOP_BARS:
        last = bar
        while last + 1 < LOOP_BARS and harmony.degrees[last + 1] == harmony.degrees[bar]:
            last += 1
        length = (last + 1 - bar) * STEPS - 0.5
        notes += [Note(bar * STEPS, length, key, 0.75) for key in harmony.chord(bar, 55)]
        bar = last + 1
    return notes


def arpeggio(harmony: Harmony, generator: np.random.Generator) -> list[Note]:
    """Chord tones one after another over an octave and more."""
    grid = ARPS[generator.integers(len(ARPS))]
    orders = ((0, 1, 2, 3), (0, 2, 1, 3), (3, 2, 1, 0), (0, 1, 2, 3, 2, 1), (0, 2, 3))
    order = orders[generator.integers(len(orders))]
    notes, count = [], 0
    for step in range(LOOP_STEPS):
        if grid[step % STEPS] == ".":
            continue
        tones = harmony.chord(step // STEPS, 60)
        tones.append(tones[0] + 12)
        notes.append(Note(step, 0.9, tones[order[count % len(order)]], 0.9 if step % 4 == 0 else 0.7))
        count += 1
    return notes


def lead(harmony: Harmony, generator: np.random.Generator) -> list[Note]:
    """Tune of two bars, played four times: the same, the same, raised, and with another end."""
    rhythm = LEADS[generator.integers(len(LEADS))] + LEADS[generator.integers(len(LEADS))]
    strokes = [step for step, mark in enumerate(rhythm) if mark != "."]
    walk = np.cumsum(generator.choice([-2, -1, -1, 0, 1, 1, 2], len(strokes)))
    walk = np.clip(walk - walk[0], -3, 5)
    ending = np.clip(walk + generator.integers(-2, 3, len(strokes)), -3, 6)
    notes = []
    for turn in range(4):
        steps_up = ending if turn == 3 else walk
        for index, step in enumerate(strokes):
            start = turn * 2 * STEPS + step
            gap = (strokes[index + 1] if index + 1 < len(strokes) else 2 * STEPS) - step
            root = harmony.degrees[start // STEPS]
            degree = root + int(steps_up[index]) + (2 if turn == 2 else 0)
            if step % 8 == 0:  # strong beats stand on the chord
                degree = root + 2 * round((degree - root) / 2)
            notes.append(Note(start, min(gap, 4) * 0.9, harmony.pitch(degree, 64)))
    return notes


def voices(harmony: Harmony, generator: np.random.Generator) -> list[Note]:
    """Sung notes: long ones, or short calls with rests between."""
    notes = []
    calls = generator.random() < 0.5
    for bar in range(0, LOOP_BARS, 2):
        tones = harmony.chord(bar, 60)
        if calls:
            notes += [
                Note(bar * STEPS + step, 2.2, int(generator.choice(tones))) for step in (0, 3, 6, 14, 22)
            ]
        else:
            notes.append(Note(bar * STEPS, 14, int(generator.choice(tones))))
            notes.append(Note(bar * STEPS + 18, 8, int(generator.choice(tones))))
    return notes


def drone(harmony: Harmony) -> list[Note]:
    """Tonic and fifth throughout."""
    low = harmony.pitch(0, 45)
    return [Note(0, LOOP_STEPS - 1, low, 0.8), Note(0, LOOP_STEPS - 1, low + 7, 0.6)]
