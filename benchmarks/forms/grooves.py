"""Styles and their drum grammar: tempo, feel, and where kick, snare, hats and percussion fall.

Rhythms are written as sixteenths of a 4/4 bar (``x`` a hit, ``o`` a soft one). They are common property of
their styles; every piece takes one of each and changes it a little.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .score import STRAIGHT, Bar, Feel, Note, Pattern

Random = np.random.Generator


@dataclass(frozen=True)
class Style:
    """What makes pieces of a style alike."""

    tempo: tuple[float, float]  # BPM
    kicks: tuple[str, ...]
    snares: tuple[str, ...]
    kick: str = "kick"  # recipes of percussion.py
    snare: str = "snare"
    hat: str = "closed hat"
    swing: float = 0.2  # chance of a swung feel
    breaks: float = 0.1  # chance of a break loop besides
    weight: float = 1.0
    half_tempo: bool = False  # half the tempo is right too


FOUR = ("x...x...x...x...", "x...x...x...x...", "x...x...x...x...", "x...x...x...x.o.", "x...x...x..xx...")
BACK = ("....x.......x...", "....x.......x...", "....x.......x..o", "....x..o.o..x...")
LATE = ("........x.......", "........x.......", "........x.....o.")
BROKEN = (
    "x.........x.....", "x.x.......xx....", "x.x...x...x.....", "x..x......x.....", "x.....x...x..x..",
    "x..x..x...x.....",
    "..x..x....x..x..", "x......x..x.....",
)  # fmt: skip

STYLES: dict[str, Style] = {
    "house": Style((115, 130), FOUR, (*BACK, "................"), snare="clap", swing=0.45, weight=2),
    "techno": Style((122, 150), FOUR, (*BACK, "................", "............x..."), snare="clap",
    swing=0.15, weight=2),
    "trance": Style((128, 142), FOUR, BACK, snare="clap", swing=0.05, weight=1.5),
    "progressive": Style((118, 130), FOUR, BACK, snare="clap", swing=0.1, weight=1.5),
    "big room": Style((124, 132), FOUR, BACK, snare="clap", swing=0.0, weight=1),
    "electro": Style(
        (108, 140), ("x.....x...x.....", "x..x..x...x.....", "x......x..x.....", "x.....x....x..x."), BACK,
        swing=0.1, breaks=0.2
    ),
    "breakbeat": Style((100, 145), BROKEN, ("....x..o.o..x..o", "....x.......x...", "....x....o.....x"),
    swing=0.4, breaks=0.7),
    "drum and bass": Style(
        (160, 180), ("x.........x.....", "x..x......x.....", "x.x.......x.....", "x.........xx...."),
        ("....x.......x...", "....x..o.o..x...", "....x.......x..o"), breaks=0.6, swing=0.15, weight=2,
        half_tempo=True,
    ),
    "garage": Style((126, 138), ("x.........x.....", "x......x..x.....", "x.......x.x..x.."), BACK,
    snare="clap", swing=0.9),
    "dubstep": Style(
        (136, 146), ("x...............", "x.........x.....", "x.....x.........", "x..x......x..x.."), LATE,
        weight=1.5, half_tempo=True
    ),
    "trap": Style(
        (130, 160), ("x.....x.......x.", "x......x..x.....", "x..........x..x.", "x.....x...x....."), LATE,
        snare="clap",
        half_tempo=True,
    ),
    "hip-hop": Style(
        (70, 110), ("x.....x.x.......", "x......x..x.....", "x.x.......x..x..", "x..x...xx......."), BACK,
        kick="acoustic kick",
        swing=0.6, breaks=0.4,
    ),
    "hardcore": Style((150, 180), FOUR[:1], ("....x.......x...", "................"), kick="hard kick",
    snare="clap", swing=0.0),
    "synthwave": Style((80, 128), ("x...x...x...x...", "x.......x.x.....", "x.......x......."), BACK[:1],
    swing=0.0),
    "chip": Style(
        (90, 170), ("x...x...x...x...", "x.......x.......", "x..x..x.x.......", "x.x.....x.x....."), BACK,
        kick="chip kick",
        snare="chip snare", hat="chip hat", swing=0.1, weight=1.5,
    ),
    "ambient": Style((70, 120), ("x...............", "x.........x.....", "x.......x......."),
    ("........o.......", "............o..."), weight=0.7),
    "rock": Style(
        (90, 175), ("x.......x.......", "x.x.....x.x.....", "x......xx.......", "x.......x.x....."), BACK[:1],
        kick="acoustic kick",
        swing=0.1,
    ),
}  # fmt: skip

THREE = {
    "kick": ("x...........", "x.......x...", "x...x...x...", "x.....x....."),
    "snare": ("....x...x...", "........x...", "....x......."),
}
HATS = (
    "..x...x...x...x.", "x.x.x.x.x.x.x.x.", "x.xxx.xxx.xxx.xx", "xoxoxoxoxoxoxoxo", "..xo..xo..xo..xo",
    "x..x..x.x..x..x.",
    "x...x...x...x...", "....x.......x...", "oxx.oxx.oxx.oxx.",
)  # fmt: skip
OPEN_HATS = (
    "..x...x...x...x.",
    "..x...x...x...x.",
    "......x.......x.",
    "..............x.",
    "..x.......x.....",
    "x.......x.......",
)
RIDES = ("x...x...x...x...", "..x...x...x...x.", "x.x.x.x.x.x.x.x.", "x..x..x.x..x..x.")


def draw_style(random: Random) -> str:
    """Draw a style's name."""
    names = list(STYLES)
    weights = np.array([STYLES[name].weight for name in names])
    return str(random.choice(names, p=weights / weights.sum()))


def draw_feel(random: Random, style: Style) -> Feel:
    """Straight, swung sixteenths, swung eighths, or triplets."""
    if random.random() >= style.swing:
        return STRAIGHT
    kind = random.random()
    late = random.uniform(0.02, 0.085)
    if kind < 0.65:
        return (0.0, 0.25 + late, 0.5, 0.75 + late)
    if kind < 0.85:
        return (0.0, 0.25 + late / 2, 0.5 + late, 0.75 + late * 0.75)
    return (0.0, 1 / 3, 2 / 3, 5 / 6)  # written eighths fall on the third triplet


def bar_of(text: str, pitch: float = 60.0) -> list[Note]:
    """Hits of one written bar."""
    return [
        Note(float(step), 1.0, pitch, 1.0 if mark == "x" else 0.4)
        for step, mark in enumerate(text)
        if mark in "xo"
    ]


def take(random: Random, rhythms: tuple[str, ...], steps: int, *, changes: float = 0.3) -> str:
    """One of the rhythms, of the right length, perhaps with a hit more or less on a weak step."""
    text = list((rhythms[int(random.integers(len(rhythms)))] * 2)[:steps])
    if text[0] == "x" and text.count("x") > 1 and random.random() < 0.06:
        text[0] = "."  # not every bar begins with a kick
    while random.random() < changes:
        weak = [step for step in range(steps) if step % 4]
        step = int(random.choice(weak))
        text[step] = "." if text[step] != "." else str(random.choice(["x", "o"]))
    return "".join(text)


def euclid(hits: int, steps: int, turn: int) -> str:
    """Hits spread as evenly as steps allow (Toussaint 2005)."""
    return "".join("x" if (((step + turn) * hits) % steps) < hits else "." for step in range(steps))


def loop(
    random: Random, text: str, *, pitch: float = 60.0, bars: int = 4, alter: float = 0.3, accent: float = 0.2
) -> Pattern:
    """Repeat a bar, the last one sometimes different, no two hits quite equally strong."""
    last = take(random, (text,), len(text), changes=0.7) if random.random() < alter else text
    strengths = 1 - accent * random.random(len(text))
    out: list[Bar] = []
    for bar in range(bars):
        notes = bar_of(last if bar == bars - 1 else text, pitch)
        out.append(
            tuple(Note(n.step, n.length, n.pitch, n.strength * float(strengths[int(n.step)])) for n in notes)
        )
    return tuple(out)


def breakbeat(random: Random, steps: int, kick: float, snare: float, hat: float) -> Pattern:
    """Draw four bars of a drummer: kick and snare, ghost notes, hats, some slices swapped."""
    stride = int(random.choice([1, 2, 2]))
    bars: list[list[Note]] = []
    first, second = take(random, BROKEN, steps), take(random, BROKEN, steps)
    for number in range(4):
        notes = bar_of(second if number % 2 else first, kick)
        notes += bar_of(("....x..o.o..x..." if random.random() < 0.5 else "....x.......x..o")[:steps], snare)
        notes += [
            Note(float(s), 1, hat, random.uniform(0.4, 1))
            for s in range(0, steps, stride)
            if random.random() < 0.9
        ]
        bars.append([note for note in notes if note.strength > 0.5 or random.random() < 0.8])
    if random.random() < 0.4:  # half a bar repeated where something else was
        half = steps // 2
        bars[3] = [note for note in bars[3] if note.step < half]
        bars[3] += [Note(note.step + half, 1, note.pitch, note.strength) for note in bars[3]]
    return tuple(tuple(bar) for bar in bars)


def fill(random: Random, steps: int, role: str) -> Pattern:
    """Draw the last bar of a phrase: a roll, a break, a stop."""
    kind = str(random.choice(["roll", "scatter", "stop", "late"]))
    start = int(random.choice([0, steps // 2, steps - 4]))
    notes = bar_of("x...x...x...x..."[:start]) if role == "kick" else []
    if role == "snare" and start:
        notes = list(bar_of("....x.......x..."[:start]))
    if kind == "roll" and role in ("snare", "tom"):
        stride = float(random.choice([1, 2, 0.5, 4 / 3]))
        places = np.arange(start, steps, stride)
        notes += [
            Note(float(s), 1, 60 - 5.0 * i * (role == "tom"), 0.5 + 0.5 * i / len(places))
            for i, s in enumerate(places)
        ]
    elif kind == "scatter" or role == "tom":
        for step in range(start, steps):
            if random.random() < 0.4:
                notes.append(Note(float(step), 1, float(random.integers(50, 70)), random.uniform(0.4, 1)))
    elif kind == "late":
        notes.append(Note(float(steps - 2), 1, 60, 1.0))
    return (tuple(notes),)


def roll(random: Random, bars: int, steps: int) -> Pattern:
    """Draw a roll that grows denser over a buildup: quarters, eighths, sixteenths, thirty-seconds."""
    strides = [8.0, 4.0, 2.0, 1.0, 0.5][int(random.integers(0, 3)) :]
    steady = random.random() < 0.2
    out: list[Bar] = []
    for bar in range(bars):
        notes = []
        for half in range(2):
            way = (2 * bar + half) / (2 * bars)
            stride = strides[-2] if steady else strides[min(len(strides) - 1, int(way**0.8 * len(strides)))]
            places = np.arange(half * steps / 2, (half + 1) * steps / 2, stride)
            notes += [Note(float(step), 1, 60 + 12 * way, 0.35 + 0.65 * way) for step in places]
        out.append(tuple(notes))
    return tuple(out)
