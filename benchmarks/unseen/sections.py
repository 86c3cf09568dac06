"""How a section of each label is written: ways to choose from, and what they do to a ``Writer``."""

from __future__ import annotations

from collections.abc import Callable

from .styles import Style
from .writer import Writer

Ways = Callable[[Style, int, str], tuple[str, ...]]


def _intro_ways(style: Style, bars: int, _: str) -> tuple[str, ...]:
    if bars < 4:
        return ("beat",)
    return ("beat", "beat", "tops") if style.steady_drums else ("beat", "atmos", "melody", "tops", "mixed")


def _buildup_ways(_: Style, bars: int, __: str) -> tuple[str, ...]:
    return ("roll", "filter") if bars <= 2 else ("roll", "roll", "riser", "filter", "plain")


def _drop_ways(style: Style, _: int, __: str) -> tuple[str, ...]:
    return style.drop_kinds


def _breakdown_ways(style: Style, _: int, __: str) -> tuple[str, ...]:
    steady = ("drums", "groove") if style.steady_drums else ()
    return ("pad", "pad", "drums", "melody", "groove", *steady)


def _outro_ways(_: Style, bars: int, __: str) -> tuple[str, ...]:
    return ("abrupt", "fade", "atmos") if bars < 8 else ("mirror", "mirror", "fade", "abrupt", "atmos")


def _silence_ways(_: Style, bars: int, __: str) -> tuple[str, ...]:
    return ("empty", "call") if bars <= 2 else ("drone",)


WAYS: dict[str, Ways] = {
    "intro": _intro_ways,
    "buildup": _buildup_ways,
    "drop": _drop_ways,
    "breakdown": _breakdown_ways,
    "outro": _outro_ways,
    "silence": _silence_ways,
}


def write(writer: Writer, label: str, way: str, start: int, end: int, following: str) -> None:
    """Write bars `start` to `end` as a section of `label`, one of its ways; `following` is the next label."""
    writers = {
        "intro": _intro, "buildup": _buildup, "drop": _drop,
        "breakdown": _breakdown, "outro": _outro, "silence": _silence,
    }  # fmt: skip
    writers[label](writer, way, start, end)
    if following == "drop" and label in ("breakdown", "intro") and end - start >= 8 and writer.chance(0.6):
        writer.on("riser", end - 4, end)
    if end - start >= 8 and following != "end" and writer.chance(0.5):
        writer.cue("reverse", end, 0.7)


def _phrase(bars: int) -> int:
    return 8 if bars >= 24 else 4 if bars >= 8 else max(1, bars // 2)


def _intro(w: Writer, way: str, start: int, end: int) -> None:
    bars = end - start
    half = start + max(1, bars // 2)
    if way in ("atmos", "melody"):
        w.on("pad drone", start, end, 0.8)
        if way == "melody":
            w.on(w.pick("arp", "chords"), start, end, 0.8)
        w.on(w.pick("vox", "arp", "chords"), half, end, 0.7)
        if w.chance(0.5):
            w.on("hat shaker", max(half, end - 8), end, 0.6)
        w.sweep("music", start, end, w.generator.uniform(300, 900), 9000)
        return
    if way == "mixed":
        w.on("pad drone vox", start, half, 0.8)
        w.on(w.pick("arp", "chords"), half, end, 0.7)
        start, bars = half, end - half
        w.cue("crash", half, 0.5)
    entries = ["kick hat", "perc shaker", "snare", "openhat break", "ride"]
    if way == "tops":
        entries = ["hat shaker drone", "perc", "break openhat", "snare", "ride"]
    melodic = w.pick("bass", "arp", "chords", "drone")
    entries.insert(int(w.generator.integers(2, 5)), melodic)
    step = max(1, min(_phrase(bars), bars // 3))
    for index, roles in enumerate(entries):
        at = start + index * step
        if at < end:
            w.on(roles, at, end, 0.85)
    if way == "beat" and w.chance(0.4):
        w.sweep("all", start, end, 250, 14000)


def _buildup(w: Writer, way: str, start: int, end: int) -> None:
    bars = end - start
    half = start + bars // 2
    lifted = w.pick("chords", "arp", "lead")
    if way == "plain":
        w.on("kick", start, end - 1)
        w.on("snare hat perc", start, end)
        w.on("chords pad", start, end, 0.8)
        if w.chance(0.4):
            w.on("bass", start, half, 0.7)
    elif way == "filter":
        w.on("hat openhat perc chords", start, end)
        w.on(lifted, start, end)
        if w.chance(0.6):
            w.on("kick", start, end)
        w.sweep("all", start, end, w.generator.uniform(180, 400), 16000)
    elif way == "riser":
        w.on("pad riser", start, end)
        w.on(lifted, start, end)
        w.on("vox", half, end, 0.8)
        if w.chance(0.5):
            w.on("hat", half, end, 0.7)
        w.sweep("music", start, end, w.generator.uniform(300, 900), 15000)
    else:
        rolled = min(bars, 8 if w.chance(0.6) else 4)
        w.on("pad", start, end, 0.8)
        w.on(lifted, start, end)
        w.on("roll", end - rolled, end)
        w.on("riser", end - min(bars, 16), end)
        if w.chance(0.7) and w.style.kick[0].startswith("9..."):
            w.on("kick", start, end - min(2, bars // 2))
        if bars > 4:
            w.on("hat shaker", half, end, 0.8)
        w.sweep("music", start, end, w.generator.uniform(300, 1200), 15000)
        if w.chance(0.5):
            w.sweep("drums", end - rolled, end, 30, w.generator.uniform(250, 700), highpass=True)
    if w.chance(0.4):
        w.out.rests.append((end - w.generator.choice([0.25, 0.5, 1.0]) if bars > 1 else end - 0.25, end))


def _drop(w: Writer, way: str, start: int, end: int) -> None:
    bars = end - start
    second = w.drops % 2 == 1 and w.chance(0.7)
    bass, lead = ("bass2", "lead2") if second else ("bass", "lead")
    bass = bass if bass in w.out.levels else "bass"
    lead = lead if lead in w.out.levels else "lead"
    w.on(f"kick snare hat sub {bass}", start, end)
    hook = w.pick(lead, "chords", "arp")
    later = [role for role in ("ride", "perc", "vox", lead, "arp", "chords", "pad") if role in w.out.levels]
    if way == "full":
        w.on(f"openhat perc break {hook} chords", start, end)
        w.on("pad", start, end, 0.6)
        if w.chance(0.5):
            w.on(lead, start, end)
    else:
        w.on(w.pick("perc", "shaker", "openhat", "break"), start, end)
        if w.chance(0.6):
            w.on(w.pick("chords", "vox", "arp"), start, end, 0.6)
    step = 16 if bars >= 48 else 8
    for at in range(start + step, end, step):
        fresh = [role for role in later if not w.out.levels[role][at]]
        for role in w.generator.permutation(fresh)[: 1 + (bars >= 32)]:
            w.on(str(role), at, end, 0.8)
        if w.chance(0.25):
            w.off(w.pick("openhat", "pad", "chords", lead, "ride"), at, end)
    if bars >= 32 and w.chance(0.35):  # a turn in the middle: some bars without kick
        turn = start + bars // 2 // 8 * 8
        gap = 4 if w.chance(0.6) else 2
        w.off("kick snare sub", turn - gap, turn)
        w.cue("crash", turn, 0.7)
    for at in range(start + 8, end + 1, 8):
        w.cue(w.pick("fill-kick", "fill-snare", "fill-tom", "fill-none", "fill-none"), at)
    if w.chance(0.9):
        w.cue("crash", start)
    if w.chance(0.5):
        w.cue("impact", start, 0.8)


def _breakdown(w: Writer, way: str, start: int, end: int) -> None:
    bars = end - start
    half = start + max(1, bars // 2)
    w.on("pad", start, end)
    if way == "pad":
        w.on(w.pick("chords", "vox", "drone", "arp"), start, end, 0.8)
        w.on(w.pick("vox", "lead", "arp"), half, end, 0.8)
    elif way == "melody":
        w.on("arp", start, end)
        w.on(w.pick("lead", "vox", "chords"), half if w.chance(0.6) else start, end, 0.8)
        if w.chance(0.4):
            w.on("hat shaker", half, end, 0.6)
    elif way == "drums":
        w.on("snare hat perc break", start, end, 0.8)
        w.on("chords vox", start, end, 0.8)
        if w.chance(0.3):
            w.on("kick", half, end, 0.8)
    else:
        low = w.chance(0.4)
        w.on("bass" if low else "kick", start, end, 0.8)
        w.on(w.pick("hat", "perc shaker"), start, end, 0.8)
        w.on(w.pick("chords", "vox", "drone"), start, end, 0.8)
    if w.chance(0.5):
        w.cue("downlifter", start, 0.8)
    if w.chance(0.3):
        w.sweep("music", start, end, w.generator.uniform(600, 2000), 12000)


def _outro(w: Writer, way: str, start: int, end: int) -> None:
    bars = end - start
    if way == "atmos":
        w.on("pad drone", start, end, 0.8)
        w.on(w.pick("arp", "chords", "vox"), start, start + max(1, bars // 2), 0.7)
        w.out.fades.append((end - max(1, bars // 2), end))
        return
    w.on("kick hat", start, end)
    if way == "mirror":
        leaving = [
            "perc shaker",
            "snare break",
            "openhat",
            w.pick("bass", "chords", "arp"),
            w.pick("ride", "drone"),
        ]
        step = max(1, bars // 4)
        for index, roles in enumerate(leaving):
            w.on(roles, start, min(end, start + (4 - index % 4) * step), 0.85)
    elif way == "fade":
        w.on("snare perc", start, end)
        w.on(w.pick("chords", "arp", "pad") + " pad", start, end, 0.8)
        if w.chance(0.5):
            w.on("bass", start, end, 0.8)
        w.out.fades.append((start + bars // 4, end))
    else:
        w.on("snare openhat", start, end)
        w.on(w.pick("bass", "chords", "pad"), start, end, 0.8)


def _silence(w: Writer, way: str, start: int, end: int) -> None:
    if way == "drone":
        w.on("drone", start, end, 0.35)
        w.on("vox", start, end, 0.35)
    elif way == "call":
        w.on("vox", start, end, 0.7)
