"""Who plays: the instruments of one piece, their sounds, levels and patterns, drawn for a style."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from . import grooves, harmony, percussion, tones
from .grooves import Style
from .harmony import Harmony
from .score import Colour, Pattern, Track, stream

Random = np.random.Generator

DRUMS = ("kick", "snare", "hat", "percussion", "break")
# Mean level in dB beside the kick (drums: peak; others: strength), and how far pieces stray from it.
LEVELS = {
    "kick": (0.0, 2.0), "snare": (-3.0, 3.0), "hat": (-12.0, 4.5), "percussion": (-9.0, 4.0),
    "break": (-5.0, 4.0),
    "tom": (-5.0, 3.0), "bass": (-1.0, 3.5), "sub": (-3.0, 3.0), "pad": (-9.0, 4.0), "chords": (-6.0, 4.0),
    "arp": (-8.0, 4.0),
    "pluck": (-6.0, 4.0), "lead": (-5.0, 4.0), "vocal": (-4.0, 4.0), "ambience": (-24.0, 6.0),
    "riser": (-15.0, 6.0),
    "roll": (-6.0, 4.0), "crash": (-8.0, 5.0), "impact": (-3.0, 5.0), "swell": (-8.0, 5.0),
    "fall": (-12.0, 5.0),
}  # fmt: skip
LINES: dict[str, Callable[[Random, Harmony, int, int], Pattern]] = {
    "bass": harmony.bass_line, "sub": harmony.bass_line, "pad": harmony.held_chords, "chords": harmony.stabs,
    "arp": harmony.arpeggio, "pluck": harmony.melody, "lead": harmony.melody, "vocal": harmony.melody,
}  # fmt: skip
BUS = {"bass": "bass", "sub": "bass", **dict.fromkeys((*DRUMS, "tom", "roll", "crash"), "drums")}
BUS |= dict.fromkeys(("riser", "impact", "swell", "fall", "ambience"), "effects")


def draw_band(seed: int, name: str, meter: int, key: Harmony, *, chip: bool = False) -> tuple[Track, ...]:
    """Every track of a piece in a style; arrangements choose from them."""
    style, random = grooves.STYLES[name], stream(seed, "band")
    steps = 4 * meter
    wet = random.uniform(0, 0.5)
    loose = random.choice([0.0, 0.0, random.uniform(0.001, 0.008)])
    # The second part of a piece may have other chords.
    other = key if random.random() < 0.5 else harmony.draw_harmony(random, key.root, key.mode)
    tracks = [*kit(seed, style, meter, loose), *fills_and_effects(seed, style, steps)]
    for role, count in tonal_roles(random, name):
        for number in range(count):
            inner = stream(seed, "line", role, number)
            sound = "chip" if chip and role not in ("vocal", "sub") else role
            sound = {"sub": "sub"}.get(role, sound)
            length = int(inner.choice([1, 2, 4, 8], p=[0.05, 0.2, 0.5, 0.25]))
            draw = harmony.chops if role == "vocal" and inner.random() < 0.4 else LINES[role]
            patterns = {"a": draw(inner, key, length, steps), "b": draw(inner, other, length, steps)}
            if role in ("pluck", "lead", "vocal") and inner.random() < 0.35:
                patterns["b"] = harmony.melody(inner, key, length, steps, density=0.2, octave=4)
            colour = draw_colour(inner, role, wet, loose)
            tracks.append(
                Track(
                    f"{role} {number + 1}",
                    role,
                    BUS.get(role, "music"),
                    tones.draw(sound, inner),
                    colour,
                    patterns,
                )
            )
    return tuple(tracks)


def tonal_roles(random: Random, style: str) -> list[tuple[str, int]]:
    """How many of which."""
    sparse = style in ("ambient", "techno", "trap", "hip-hop")
    counts = {
        "bass": int(random.choice([1, 1, 2])), "sub": int(random.random() < 0.3),
        "pad": int(random.integers(1, 3)),
        "chords": int(random.integers(0, 3)), "arp": int(random.integers(0, 3)),
        "pluck": int(random.integers(0, 2)),
        "lead": int(random.integers(0 if sparse else 1, 3)),
        "vocal": int(random.random() < 0.45) + int(random.random() < 0.1),
    }  # fmt: skip
    return [(role, count) for role, count in counts.items() if count]


def kit(seed: int, style: Style, meter: int, loose: float) -> list[Track]:
    """Draw the drums: each with a groove `a`, a busier or different `b`, a half-time `half` and a `fill`."""
    random, steps = stream(seed, "kit"), 4 * meter
    kicks, snares = (
        (grooves.THREE["kick"], grooves.THREE["snare"]) if meter == 3 else (style.kicks, style.snares)
    )
    slow = ("x...............", "x.........o.....", "x.............x.")
    rows: list[tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = [
        ("kick", style.kick, kicks, kicks, slow),
        ("snare", style.snare, snares, snares, grooves.LATE),
    ]
    if random.random() < 0.5:
        rows.append(("snare", str(random.choice(["snare", "clap", "rim"])), snares, snares, grooves.LATE))
    if random.random() < 0.92:
        rows.append(("hat", style.hat, grooves.HATS, grooves.HATS, grooves.HATS))
    if random.random() < 0.65:
        rows.append(("hat", "open hat", grooves.OPEN_HATS, grooves.OPEN_HATS, grooves.OPEN_HATS))
    if random.random() < 0.5:
        rows.append(
            ("hat", str(random.choice(["ride", "shaker"])), grooves.RIDES, grooves.HATS, grooves.RIDES)
        )
    for _ in range(int(random.integers(0, 4))):
        rhythms = tuple(
            grooves.euclid(int(random.integers(1, 9)), 16, int(random.integers(16))) for _ in range(2)
        )
        rows.append(("percussion", "percussion", rhythms, rhythms, rhythms))
    tracks = []
    for number, (role, sound, main, other, half) in enumerate(rows):
        inner = stream(seed, "drum", number)
        texts = {"a": grooves.take(inner, main, steps), "b": grooves.take(inner, other, steps, changes=0.6)}
        texts["half"] = grooves.take(inner, half, steps, changes=0.2)
        pitch = float(inner.integers(48, 72))
        patterns = {variant: grooves.loop(inner, text, pitch=pitch) for variant, text in texts.items()}
        patterns["fill"] = grooves.fill(inner, steps, role)
        colour = draw_colour(inner, role, 0.15, 0.0 if role == "kick" else loose)
        voice = percussion.draw(sound, inner)
        tracks.append(Track(f"{role} {number + 1}", role, "drums", voice, colour, patterns))
    if random.random() < style.breaks:
        tracks.append(break_loop(seed, steps, loose))
        if random.random() < 0.4:  # the loop is all the drums there are
            tracks = [
                track for track in tracks if track.role not in ("kick", "snare") or random.random() < 0.3
            ]
    return tracks


def break_loop(seed: int, steps: int, loose: float) -> Track:
    """Drum loop in one track, as if sampled."""
    random = stream(seed, "break")
    hits = (percussion.KICK, percussion.SNARE, percussion.HAT)
    patterns = {variant: grooves.breakbeat(random, steps, *hits) for variant in ("a", "b")}
    patterns["fill"] = patterns["b"][-1:]
    colour = draw_colour(random, "break", 0.2, loose)
    return Track("break", "break", "drums", percussion.draw("break", random), colour, patterns)


def fills_and_effects(seed: int, style: Style, steps: int) -> list[Track]:
    """Draw what marks the form: toms, rolls, crashes, risers, impacts, falls, a room."""
    random = stream(seed, "marks")
    tracks = []
    for role in ("tom", "roll", "crash", "impact", "swell", "riser", "fall", "ambience"):
        inner = stream(seed, "mark", role)
        if role in ("tom", "crash"):
            voice = percussion.draw(role, inner)
        elif role == "roll":
            voice = percussion.draw(str(inner.choice([style.snare, "snare", "clap", "rim"])), inner)
        else:
            voice = tones.draw({"fall": "riser"}.get(role, role), inner)
        patterns = {"fill": grooves.fill(inner, steps, role)} if role == "tom" else {}
        colour = draw_colour(random, role, 0.3, 0.0)
        tracks.append(Track(role, role, BUS[role], voice, colour, patterns))
    return tracks


def draw_colour(random: Random, role: str, wet: float, loose: float) -> Colour:
    """Level, place and treatment of a track."""
    mean, spread = LEVELS[role]
    low = role in ("kick", "bass", "sub", "impact")
    gate = (
        tuple(int(step) for step in np.flatnonzero(random.random(16) < 0.6))
        if role == "pad" and random.random() < 0.15
        else ()
    )
    return Colour(
        # Now and then something is far too loud, hats and off-beat basses too: music is like that.
        gain=float(random.normal(mean, spread)) + (7.0 if random.random() < 0.05 else 0.0),
        pan=0.0 if low or random.random() < 0.3 else float(random.uniform(-0.6, 0.6)),
        drive=float(random.choice([0.0, 0.0, 0.0, random.uniform(3, 20)])),
        highpass=0.0 if low else float(random.choice([0.0, random.uniform(60, 500)])),
        lowpass=float(random.choice([0.0, 0.0, np.exp(random.uniform(*np.log((1500, 12000))))])),
        reverb=0.0 if low and random.random() < 0.9 else float(wet * random.uniform(0, 1.4)),
        echo=float(random.uniform(0.15, 0.6))
        if not low and role not in DRUMS and random.random() < 0.35
        else 0.0,
        echo_steps=float(random.choice([2, 3, 3, 4, 6])),
        gate=gate,
        jitter=loose,
        release=float(random.choice([0.03, 0.15, 0.6, 1.5])),
    )
