"""Make ``grid.json``: grids with their beats and bars worked out one by one, for Python and the editor to agree on.

    python tests/data/make_grid.py

The arithmetic here is on purpose the plainest there is, in whole and exact numbers, and shares nothing with
:mod:`edm_core.grid`.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

CASES = [
    ("one segment from a downbeat", [("0.02", "128", 4, 1, None)], "10"),
    ("two beats before the first bar", [("0.25", "120", 4, 3, None)], "6"),
    ("three in a bar", [("1", "90", 3, 1, None)], "8"),
    ("faster from here on", [("0", "120", 4, 1, None), ("8", "150", 4, 1, None)], "14"),
    ("a bar cut short", [("0", "120", 4, 1, None), ("3.5", "120", 4, 1, None)], "8"),
    ("a new segment in mid-bar goes on counting", [("0", "120", 4, 1, None), ("3", "100", 4, 3, None)], "8"),
    ("other meter", [("0.5", "120", 4, 1, None), ("4.5", "120", 3, 1, None)], "9"),
    ("a late segment: the last gap is longer", [("0", "120", 4, 1, None), ("4.2", "120", 4, 1, None)], "8"),
    (
        "an early segment: the last gap is shorter",
        [("0", "120", 4, 1, None), ("3.8", "120", 4, 1, None)],
        "8",
    ),
    ("a hole", [("0.5", "120", 4, 1, "4.5"), ("9", "120", 4, 1, None)], "13"),
    ("an end within a bar", [("0", "120", 4, 1, "3.2")], "9"),
    ("begins late", [("31.7", "174", 4, 1, None)], "35"),
    ("ends before it begins", [("5", "120", 4, 1, None)], "4"),
    ("no segment", [], "4"),
]


def beats_of(segments, duration):
    """Walk from beat to beat."""
    beats, bar = [], 0
    for number, (time, bpm, size, position, end) in enumerate(segments):
        period = Fraction(60) / Fraction(bpm)
        at, limit = Fraction(time), Fraction(duration)
        if end is not None:
            limit = min(limit, Fraction(end))
        elif number + 1 < len(segments):
            # Up to half a beat before the next segment, so that no two beats fall together.
            limit = min(limit, Fraction(segments[number + 1][0]) - period / 2)
        first = True
        while at < limit or (first and at < Fraction(duration)):
            bar += position == 1
            beats.append((at, bar, position))
            at, position, first = at + period, position % size + 1, False
    return beats


def case(name, segments, duration):
    """Work out one case, with questions a beat's breadth around every third beat."""
    beats = beats_of(segments, duration)
    places = []
    for index, (at, bar, position) in enumerate(beats[:-1]):
        if index % 3 == 0:
            places += [[float(at), bar, position], [float(at + Fraction("0.1")), bar, position]]
    if beats:
        places.append([float(beats[0][0]) - 0.01, None, None])
    first = {}
    for at, bar, position in beats:
        first.setdefault((bar, position), at)
    times = [[bar, position, float(at)] for (bar, position), at in list(first.items())[::2] if bar]
    keys = ("time", "bpm", "beats_per_bar", "position", "end")
    written = [
        dict(zip(keys, [float(s[0]), float(s[1]), s[2], s[3], s[4] and float(s[4])], strict=True))
        for s in segments
    ]
    return {
        "name": name,
        "segments": written,
        "duration": float(duration),
        "beats": [[round(float(at), 9), bar, position] for at, bar, position in beats],
        "places": places,
        "times": times,
    }


if __name__ == "__main__":
    document = {"made_by": "tests/data/make_grid.py", "cases": [case(*values) for values in CASES]}
    text = json.dumps(document, separators=(", ", ": ")).replace('{"name"', '\n{"name"')  # a case a line
    Path(__file__).with_name("grid.json").write_text(text + "\n")
