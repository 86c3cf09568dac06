"""Keys, chord progressions, and the lines that instruments draw over them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .score import Bar, Note, Pattern

Random = np.random.Generator
NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
SCALES = {"minor": (0, 2, 3, 5, 7, 8, 10), "major": (0, 2, 4, 5, 7, 9, 11), "dorian": (0, 2, 3, 5, 7, 9, 10)}
# Degrees of chords, counted from 0: the first chord, then where it goes.
WALKS = {
    "minor": (
        (0,), (0, 0), (0, 5), (0, 6), (0, 3), (0, 5, 2, 6), (0, 5, 3, 4), (0, 2, 6, 3), (5, 6, 0, 0),
        (0, 6, 5, 6),
        (0, 3, 5, 6), (0, 0, 5, 6), (3, 0, 4, 0), (0, 4, 5, 3), (5, 3, 0, 6),
    ),
    "major": ((0,), (0, 4, 5, 3), (0, 3, 4, 3), (5, 3, 0, 4), (0, 3), (0, 5, 3, 4), (3, 4, 5, 0), (0, 6, 3,
    0)),
}  # fmt: skip


@dataclass(frozen=True)
class Harmony:
    """A key and the chord in every half bar of a turn of the progression."""

    root: int  # pitch class
    mode: str
    chords: tuple[int, ...]  # degree for each half bar

    @property
    def name(self) -> str:
        """Such as ``A minor``."""
        return f"{NAMES[self.root]} {'major' if self.mode == 'major' else 'minor'}"

    def degree(self, bar: int, step: float, steps: int) -> int:
        """Find the chord at a place."""
        half = 1 if step >= steps / 2 else 0
        return self.chords[(2 * bar + half) % len(self.chords)]

    def pitch(self, degree: int, octave: int) -> int:
        """MIDI pitch of a degree of the scale; degrees go on beyond the octave."""
        turn, place = divmod(degree, 7)
        return 12 * (octave + 1 + turn) + self.root + SCALES[self.mode][place]


def draw_harmony(random: Random, root: int | None = None, mode: str | None = None) -> Harmony:
    """Draw a key (unless given) and a progression; chords last half a bar to four bars."""
    root = int(random.integers(12)) if root is None else root
    mode = str(random.choice(["minor", "dorian", "major"], p=[0.72, 0.08, 0.2])) if mode is None else mode
    walks = WALKS["major" if mode == "major" else "minor"]
    walk = walks[int(random.integers(len(walks)))]
    halves = int(random.choice([1, 2, 4, 8], p=[0.08, 0.5, 0.32, 0.1]))
    return Harmony(root, mode, tuple(degree for degree in walk for _ in range(halves)))


def bass_line(random: Random, harmony: Harmony, bars: int, steps: int, rhythm: str = "") -> Pattern:
    """Draw a bass: off the beat, rolling, held, on the kick, plucked at random, in octaves."""
    rhythm = rhythm or str(
        random.choice(["offbeat", "rolling", "held", "free", "octaves", "pulse", "free", "gallop"])
    )
    octave = int(random.choice([1, 2], p=[0.6, 0.4]))
    figure = [int(random.random() < 0.45) for _ in range(steps)]
    figure[0] = int(random.random() < 0.8)
    jumps = random.choice([0, 0, 0, 7, 4, 2, -1], steps)
    accents = random.uniform(0.6, 1.0, steps)
    length = random.uniform(0.5, 1.0)
    out: list[Bar] = []
    for bar in range(bars):
        notes = []
        for step in range(steps):
            degree = harmony.degree(bar, step, steps)
            low = harmony.pitch(degree, octave)
            if rhythm == "offbeat" and step % 4 == 2:
                notes.append(Note(step, 2 * length, low, 1.0))
            elif (rhythm == "rolling" and step % 4) or (rhythm == "gallop" and step % 4 in (0, 2, 3)):
                notes.append(Note(step, length, low, float(accents[step])))
            elif rhythm == "pulse" and step % 2 == 0:
                notes.append(Note(step, 2 * length, low, 0.95))
            elif rhythm == "octaves" and step % 2 == 0:
                notes.append(Note(step, 2 * length, low + 12 * (step % 4 == 2), 0.95))
            elif rhythm == "held" and step % (steps // 2) == 0:
                fresh = step == 0 or degree != harmony.degree(bar, step - 1, steps)
                if fresh:
                    again = harmony.degree(bar, steps // 2, steps) != degree
                    notes.append(Note(step, steps // 2 if again or step else steps, low, 1.0))
            elif rhythm == "free" and figure[step]:
                away = harmony.pitch(degree + int(jumps[step]), octave)
                notes.append(Note(step, length * random.choice([1, 1, 2]), away, float(accents[step])))
        out.append(tuple(notes))
    return tuple(out)


def chord(harmony: Harmony, degree: int, octave: int, kind: str) -> list[int]:
    """Pitches of a chord."""
    places = {
        "triad": (0, 2, 4), "seventh": (0, 2, 4, 6), "open": (0, 4, 9), "fifth": (0, 4, 7), "octave": (0, 7),
        "ninth": (0, 2, 6, 8), "sus": (0, 3, 4),
    }[kind]  # fmt: skip
    pitches = [harmony.pitch(degree + place, octave) for place in places]
    ceiling = 12 * (octave + 2) + 4
    return [pitch - 12 if pitch > ceiling and kind != "octave" else pitch for pitch in pitches]


CHORD_KINDS = ("triad", "triad", "seventh", "open", "fifth", "ninth", "sus")


def held_chords(random: Random, harmony: Harmony, bars: int, steps: int) -> Pattern:
    """Chords as long as the harmony stays, four bars at most."""
    kind, octave = str(random.choice(CHORD_KINDS)), int(random.integers(3, 5))
    longest = 2 * int(random.choice([1, 2, 4]))
    out: list[list[Note]] = [[] for _ in range(bars)]
    half, at = steps // 2, 0
    while at < 2 * bars:
        degree = harmony.chords[at % len(harmony.chords)]
        run = 1
        while (
            at + run < 2 * bars
            and run < longest
            and harmony.chords[(at + run) % len(harmony.chords)] == degree
        ):
            run += 1
        for pitch in chord(harmony, degree, octave, kind):
            out[at // 2].append(Note(half * (at % 2), half * run - 0.2, pitch, 0.9))
        at += run
    return tuple(tuple(bar) for bar in out)


def stabs(random: Random, harmony: Harmony, bars: int, steps: int) -> Pattern:
    """Short chords in a rhythm that repeats every bar or two."""
    kind, octave = str(random.choice(CHORD_KINDS)), int(random.integers(3, 5))
    rhythms = (
        [2, 6, 10, 14],
        [0, 3, 6, 10, 13],
        [0, 6, 12],
        [3, 7, 11, 15],
        [0, 3, 6, 9, 12, 14],
        [4, 12],
        [0],
        [2, 7, 10],
    )
    chosen = [rhythms[int(random.integers(len(rhythms)))] for _ in range(2)]
    turn = int(random.integers(1, 3))
    length = random.choice([0.8, 1.5, 2.5])
    out: list[Bar] = []
    for bar in range(bars):
        notes = []
        for step in chosen[bar % turn]:
            if step < steps:
                pitches = chord(harmony, harmony.degree(bar, step, steps), octave, kind)
                notes += [Note(step, length, pitch, 0.85) for pitch in pitches]
        out.append(tuple(notes))
    return tuple(out)


def chops(random: Random, harmony: Harmony, bars: int, steps: int) -> Pattern:
    """Draw single short notes in a fixed place of every bar or two: shouts, vocal chops."""
    pitch = harmony.pitch(int(random.choice([0, 2, 4, 7])), int(random.integers(3, 6)))
    places = sorted(int(step) for step in random.choice(steps, int(random.integers(1, 6)), replace=False))
    turn, length = int(random.choice([1, 2, 4])), random.uniform(0.6, 3)
    notes = tuple(Note(step, length, pitch, 0.9) for step in places)
    return tuple(notes if bar % turn == turn - 1 else () for bar in range(bars))


def arpeggio(random: Random, harmony: Harmony, bars: int, steps: int) -> Pattern:
    """Play the notes of the chord one after the other."""
    kind, octave = str(random.choice(CHORD_KINDS)), int(random.integers(3, 6))
    stride = float(random.choice([1, 1, 2, 3, 0.5, 4 / 3], p=[0.35, 0.17, 0.23, 0.15, 0.05, 0.05]))
    order = str(random.choice(["up", "down", "both", "random"]))
    length = stride * random.uniform(0.4, 1.2)
    reach = int(random.integers(1, 3))
    accents = random.uniform(0.5, 1, 16)
    shuffle = random.permutation(64)
    out: list[Bar] = []
    count = 0
    for bar in range(bars):
        notes = []
        for step in np.arange(0, steps, stride):
            pitches = chord(harmony, harmony.degree(bar, float(step), steps), octave, kind)
            pitches = [pitch + 12 * turn for turn in range(reach) for pitch in pitches]
            place = {
                "up": count, "down": -count - 1,
                "both": abs((count % (2 * len(pitches) - 2)) - len(pitches) + 1),
                "random": int(shuffle[count % 64]),
            }[order]  # fmt: skip
            notes.append(Note(float(step), length, pitches[place % len(pitches)], float(accents[count % 16])))
            count += 1
        out.append(tuple(notes))
    return tuple(out)


def melody(
    random: Random, harmony: Harmony, bars: int, steps: int, *, density: float = 0.4, octave: int = 5
) -> Pattern:
    """Draw a motif of one or two bars, repeated, answered, moved with the chords."""
    length = int(random.integers(1, 3))
    rhythm = np.flatnonzero(
        random.random(length * steps) < density * np.tile([1.5, 0.5, 1.1, 0.6], length * steps // 4)
    )
    if not len(rhythm):
        rhythm = np.array([0])
    walk = np.cumsum(random.choice([-2, -1, -1, 0, 1, 1, 2, 3], len(rhythm)))
    follow = random.random() < 0.5
    legato = random.uniform(0.4, 1.0)
    ends = np.append(rhythm[1:], length * steps)
    variation = random.choice([-1, 0, 1, 2], len(rhythm))
    out: list[list[Note]] = [[] for _ in range(bars)]
    for turn in range(-(-bars // length)):
        for number, (at, end) in enumerate(zip(rhythm, ends, strict=False)):
            bar, step = turn * length + int(at) // steps, int(at) % steps
            if bar >= bars:
                continue
            base = harmony.degree(bar, step, steps) if follow else 0
            degree = base + int(walk[number]) + int(variation[number]) * (turn % 4 == 3)
            degree = int(np.clip(degree, -4, 11))
            out[bar].append(
                Note(step, min(8.0, legato * float(end - at)), harmony.pitch(degree, octave), 0.9)
            )
    return tuple(tuple(bar) for bar in out)
