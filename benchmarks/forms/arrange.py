"""A club form becomes a piece: what plays in an intro, a buildup, a drop, a breakdown, an outro, a silence.

Nothing marks a section for certain. Drops may be hardly louder than what is around them, buildups may come
without riser or roll, breakdowns may keep their drums; crashes fall on section starts only sometimes, and
elsewhere too. What a listener could well call by another name says so in `also`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from .band import DRUMS
from .desk import Desk, Place, begin, drum_roll, layers, rise
from .human import Form
from .score import Fade, Section, Sweep

Random = np.random.Generator


def arrange(desk: Desk, form: Form) -> tuple[Section, ...]:
    """Fill a form; parts, sweeps and fades are left on the desk."""
    labels = ("", *form.labels, "")
    first, sections, last_cast = 0, [], frozenset[int]()
    for index, bars in enumerate(form.bars):
        place = Place(labels[index + 1], first, bars, labels[index], labels[index + 2])
        mark, sweeps, fades = len(desk.parts), len(desk.sweeps), len(desk.fades)
        for _ in range(4):
            del desk.parts[mark:], desk.sweeps[sweeps:], desk.fades[fades:]
            also = FILL[place.label](desk, place)
            cast = frozenset(part.track for part in desk.parts[mark:] if part.first < first + 4)
            # A change nobody could hear is no section start: draw again, though not for ever.
            changed = len(cast ^ last_cast) / max(1, len(cast | last_cast))
            if changed >= 0.25 or place.label == "silence":
                break
        last_cast = frozenset(
            part.track for part in desk.parts if part.first < first + bars <= part.first + part.bars + 3
        )
        begin(desk, place)
        sections.append(Section(place.label, first, bars, also))
        first += bars
    return tuple(sections)


# --- labels -----------------------------------------------------------------------------------------


def intro(desk: Desk, place: Place) -> tuple[str, ...]:
    """Drums alone, pads alone, a filtered loop, a voice, no drums, or one after the other."""
    random = desk.random
    kind = str(
        random.choice(["drums", "pads", "filtered", "vocal", "drumless", "growing", "growing", "groove"])
    )
    drums, soft = desk.of(*DRUMS), desk.of("pad", "chords", "arp", "vocal")
    gain = -desk.dynamics * random.uniform(0, 6)
    if random.random() < 0.2:
        desk.mark("ambience", place.first, place.bars)
    if kind == "drums":
        layers(desk, place, desk.some(drums, 1, 6), str(random.choice(["enter", "all"])), gain=gain)
    elif kind == "pads":
        layers(
            desk,
            place,
            desk.some(desk.of("pad", "chords"), 1, 2) + desk.some(desk.of("arp", "vocal"), 0, 1),
            "enter",
            gain=gain,
        )
    elif kind == "filtered":
        cast = desk.some(desk.hook, 3, 7)
        layers(desk, place, cast, "all", gain=gain)
        low = random.uniform(150, 700)
        desk.sweeps.append(
            Sweep("all", "lowpass", place.first, place.end, (low, low * random.choice([1, 4, 20])))
        )
    elif kind == "vocal":
        layers(desk, place, desk.of("vocal") + desk.some(desk.of("pad", "chords"), 1, 2), "all", gain=gain)
    elif kind == "drumless":
        layers(desk, place, desk.some(desk.without(desk.hook, *DRUMS), 1, 3), "enter", gain=gain)
    elif kind == "groove":
        layers(desk, place, [*drums, *desk.some(desk.of("bass"), 0, 1)], "enter", gain=gain)
        return ("drop",) if random.random() < 0.1 else ()
    else:
        layers(desk, place, desk.some(drums, 1, 5) + desk.some(soft, 1, 3), "enter", gain=gain)
    if place.after in ("drop", "silence") and place.bars >= 8 and random.random() < 0.35:
        rise(desk, place, min(place.bars, int(random.choice([2, 4, 8]))))
        return ("buildup",)
    return ("buildup",) if kind == "growing" and place.after == "drop" else ()


def buildup(desk: Desk, place: Place) -> tuple[str, ...]:
    """Tension: riser, roll, opening filter, the kick gone or hammering; or just a thin groove that grows."""
    random = desk.random
    kind = str(
        random.choice(
            ["riser", "roll", "both", "thin", "drumless", "hammer"], p=[0.18, 0.2, 0.27, 0.12, 0.13, 0.1]
        )
    )
    low = -desk.dynamics * random.uniform(2, 9)
    tonal = desk.some(desk.of("pad", "chords", "arp", "pluck", "lead", "vocal"), 1, 4)
    cast = list(tonal)
    if kind in ("roll", "both", "riser") and random.random() < 0.5:
        cast += desk.some(desk.of("hat", "percussion", "snare"), 0, 3)
    if kind == "thin":
        cast += desk.without(desk.some(desk.of(*DRUMS), 2, 5), *(["kick"] if random.random() < 0.4 else []))
        cast += desk.some(desk.of("bass"), 0, 1)
    if kind == "hammer" or (kind in ("both", "riser") and random.random() < 0.35):
        cast += desk.of("kick")
    stop = 0 if place.bars < 2 else int(random.choice([0, 0, 1]))
    for track in sorted(set(cast)):
        out = stop if desk.tracks[track].role in DRUMS else 0
        start = 0 if random.random() < 0.75 or place.bars < 8 else place.bars // 2
        desk.play(
            track, place.first + start, place.bars - start - out, "a", (low, low * random.uniform(0, 0.6))
        )
    if kind in ("roll", "both"):
        drum_roll(desk, place, place.bars - stop)
    if kind in ("riser", "both", "drumless") or random.random() < 0.25:
        rise(desk, place, place.bars if random.random() < 0.6 else max(1, place.bars // 2))
    if random.random() < 0.55:
        low = random.uniform(150, 900)
        desk.sweeps.append(
            Sweep("music", "lowpass", place.first, place.end, (low, low * random.uniform(3, 30)))
        )
    if random.random() < 0.35:
        target = random.uniform(120, 500)
        desk.sweeps.append(Sweep("all", "highpass", place.first, place.end, (25.0, target)))
    if random.random() < 0.3:
        gap = random.choice([0.25, 0.5, 1.0])
        if gap < place.bars:
            desk.fades.append(
                Fade(str(random.choice(["drums", "all"])), place.end - gap, place.end, (-90.0, -90.0))
            )
    if kind == "thin":
        return ("intro",) if place.before in ("", "intro") else ("breakdown",)
    return ()


def drop(desk: Desk, place: Place) -> tuple[str, ...]:
    """Play the groove, whole; or half-time, minimal, without melody, thinner."""
    random = desk.random
    kind = str(
        random.choice(["full", "half", "minimal", "rhythm", "varied"], p=[0.45, 0.08, 0.12, 0.1, 0.25])
    )
    cast = list(desk.hook)
    if kind == "minimal":
        cast = sorted(
            {
                *desk.of("kick", "bass"),
                *desk.some(desk.of("hat", "snare", "percussion"), 1, 3),
                *desk.some(desk.hook, 0, 1),
            }
        )
    elif kind == "rhythm":
        cast = desk.without(cast, "lead", "vocal", "pad", "arp", "pluck")
        cast = sorted({*cast, *desk.some(desk.of("lead", "vocal", "chords"), 0, 1)})
    elif kind == "varied" or place.before == "drop":
        cast = [
            track for track in cast if desk.tracks[track].role in ("kick", "bass") or random.random() < 0.7
        ]
        cast = sorted(
            {
                *cast,
                *desk.some(
                    [t for t in desk.of("lead", "arp", "percussion", "vocal", "pad") if t not in cast], 0, 2
                ),
            }
        )
    if place.before == "drop" and random.random() < 0.3:
        cast = desk.without(cast, str(random.choice(["hat", "lead", "pad", "snare"])))
    shape = str(random.choice(["all", "turn", "swap", "rest", "enter"], p=[0.3, 0.25, 0.15, 0.2, 0.1]))
    pattern = "half" if kind == "half" else "a"
    chunk = int(random.choice([16, 16, 32, 32, 64]))
    for start in range(0, place.bars, chunk):
        part = dataclasses.replace(place, first=place.first + start, bars=min(chunk, place.bars - start))
        layers(desk, part, cast, shape, pattern)
        # Long drops move on: a track or three come and go.
        shape = str(random.choice(["all", "turn", "swap", "rest"]))
        pattern = "b" if pattern == "a" and random.random() < 0.3 else "a"
        cast = sorted(set(cast) ^ set(desk.some(desk.without(desk.hook, "kick", "bass"), 0, 3)))
    if place.bars >= 16 and random.random() < 0.25:
        where = place.first + int(random.choice([place.bars // 2, place.bars - 8])) - 1
        desk.fades.append(Fade(str(random.choice(["drums", "bass"])), where, where + 1, (-90.0, -90.0)))
    if place.after in ("drop", "breakdown") and random.random() < 0.15:
        rise(desk, place, min(4, place.bars))
    thin = len(cast) <= 0.5 * len(desk.hook) and kind == "minimal"
    return ("breakdown",) if thin and place.before == "drop" else ()


def breakdown(desk: Desk, place: Place) -> tuple[str, ...]:
    """Something essential is gone: the drums, the kick, the bass, or nearly everything."""
    random = desk.random
    kind = str(
        random.choice(
            ["drumless", "kickless", "bassless", "vocal", "filtered", "solo"],
            p=[0.35, 0.2, 0.08, 0.15, 0.1, 0.12],
        )
    )
    gain = -desk.dynamics * random.uniform(0, 8)
    tonal = desk.of("pad", "chords", "arp", "pluck", "lead", "vocal")
    shape = str(random.choice(["all", "enter", "swap", "enter"]))
    if kind == "drumless":
        layers(desk, place, desk.some(tonal, 1, 5) + desk.some(desk.of("bass"), 0, 1), shape, gain=gain)
    elif kind == "kickless":
        light = desk.some(desk.of("hat", "percussion", "snare"), 1, 3)
        layers(desk, place, desk.some(tonal, 1, 4) + light, shape, gain=gain)
    elif kind == "bassless":
        layers(
            desk,
            place,
            desk.of("kick") + desk.some(desk.of("hat", "percussion"), 0, 2) + desk.some(tonal, 1, 2),
            shape,
            gain=gain,
        )
    elif kind == "vocal":
        layers(
            desk, place, desk.of("vocal", "pad") + desk.some(desk.of("chords", "arp"), 0, 1), "all", "b", gain
        )
    elif kind == "filtered":
        cast = desk.some(desk.without(desk.hook, "kick"), 2, 6)
        layers(desk, place, cast, "all", gain=gain)
        top = random.uniform(200, 1200)
        desk.sweeps.append(Sweep("all", "lowpass", place.first, place.end, (2 * top, top)))
    else:
        layers(desk, place, desk.some(tonal, 1, 1), "all", gain=gain)
    if random.random() < 0.15:
        desk.mark("ambience", place.first, place.bars)
    if place.after == "drop" and place.bars >= 8 and random.random() < 0.4:
        rise(desk, place, min(place.bars, int(random.choice([1, 2, 4, 8]))))
        return ("buildup",)
    return ("drop",) if kind == "bassless" and len(desk.hook) < 7 else ()


def outro(desk: Desk, place: Place) -> tuple[str, ...]:
    """Leaving: drums alone, layer after layer, a fade, or a sudden end."""
    random = desk.random
    kind = str(random.choice(["drums", "leaving", "fade", "pads", "abrupt"], p=[0.3, 0.3, 0.15, 0.15, 0.1]))
    gain = -desk.dynamics * random.uniform(0, 5)
    if kind == "drums":
        layers(desk, place, desk.some(desk.of(*DRUMS), 2, 6), "leave", gain=gain)
    elif kind == "leaving":
        layers(desk, place, desk.some(desk.hook, 3, 8), "leave", gain=gain)
    elif kind == "fade":
        layers(desk, place, desk.without(desk.hook, *(["lead"] if random.random() < 0.7 else [])), "all")
        desk.fades.append(Fade("all", place.first, place.end, (0.0, -random.uniform(20, 50))))
        return ("drop",)
    elif kind == "pads":
        layers(desk, place, desk.some(desk.of("pad", "chords", "arp", "vocal"), 1, 3), "leave", gain=gain)
        return ("breakdown",)
    else:
        layers(desk, place, desk.some(desk.hook, 3, 6), "all")
        return ("drop",) if place.bars >= 8 else ()
    return ()


def silence(desk: Desk, place: Place) -> tuple[str, ...]:
    """Nothing, or nearly: a shout, the end of a riser, an echo."""
    random = desk.random
    kind = str(random.choice(["nothing", "nothing", "shout", "riser", "quiet"]))
    if kind == "shout" and desk.of("vocal"):
        desk.play(desk.of("vocal")[0], place.first, 1, "b", (-4.0, -4.0))
    elif kind == "riser":
        desk.mark("riser", place.first, place.bars)
    elif kind == "quiet":
        for track in desk.some(desk.of("pad", "arp"), 1, 1):
            desk.play(track, place.first, place.bars, "a", (-18.0, -24.0))
    near = place.before if place.before in ("buildup", "breakdown") else "breakdown"
    return (near, "buildup") if kind != "nothing" and near != "buildup" else (near,)


FILL: dict[str, Callable[[Desk, Place], tuple[str, ...]]] = {
    "intro": intro, "buildup": buildup, "drop": drop, "breakdown": breakdown, "outro": outro,
    "silence": silence,
}  # fmt: skip
