"""From loops and strokes to buses: placing, levels, filters, sidechain, effects, echo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .drums import Stroke, runs, strokes
from .notes import LOOP_BARS
from .plan import Plan
from .render import SAMPLE_RATE, Audio
from .writer import LOW, MUSIC

BUSES = ("drums", "low", "music", "effects")
RING_SECONDS = 3.0  # after the last bar
BLOCK = 512  # samples between two steps of a moving filter
CUTOFFS = 256  # it takes so many values on its way

# Level of each part: root mean square of its loop, or peak of its stroke.
LOOP_LEVEL = {
    "bass": 0.13, "bass2": 0.13, "sub": 0.10, "lead": 0.085, "lead2": 0.085, "chords": 0.075, "arp": 0.06,
    "pad": 0.055, "vox": 0.06, "drone": 0.045,
}  # fmt: skip
STROKE_LEVEL = {
    "kick": 0.85, "snare": 0.55, "hat": 0.22, "openhat": 0.22, "ride": 0.17, "perc": 0.22, "shaker": 0.17,
    "roll": 0.38, "tom": 0.5, "crash": 0.35, "impact": 0.6,
}  # fmt: skip
ECHOED = ("lead", "lead2", "arp", "vox", "chords")


def mix(plan: Plan, loops: dict[str, Audio], sounds: dict[str, Audio]) -> dict[str, Audio]:
    """Buses of a piece, each (samples, 2): drums, low, music, effects.

    Parameters
    ----------
    plan : Plan
    loops : dict of str to array
        Eight bars and their ring-out, of every melodic part.
    sounds : dict of str to array
        Drums and effects by path, and ``noise``.
    """
    length = int((plan.time(plan.bars) + RING_SECONDS) * SAMPLE_RATE)
    buses = {name: np.zeros((length, 2), np.float32) for name in BUSES}
    for role in plan.melodic:
        bus = buses["low" if role in LOW else "music"]
        place_loop(bus, plan, role, prepare(plan, role, loops[role]))
    played = strokes(plan)
    drums = {role: sounds[path] for role, path in plan.drums.items()}
    for role in {stroke.drum for stroke in played}:
        place_strokes(buses["drums"], [s for s in played if s.drum == role], drums[role], STROKE_LEVEL[role])
    if plan.break_loop:
        place_break(buses["drums"], plan, sounds[plan.break_loop[0]])
    place_effects(buses["effects"], plan, drums, sounds["noise"])
    ducking = duck(length, [s.time for s in played if s.drum == "kick"], 45.0 / plan.bpm, plan.pump)
    buses["low"] *= ducking[:, None]
    buses["music"] *= (1 - 0.8 * (1 - ducking))[:, None]
    for move in plan.arrangement.sweeps:
        first, last = _sample(plan, move.start), _sample(plan, move.end)
        for name in BUSES[:3] if move.bus == "all" else (move.bus,):
            buses[name][first:last] = sweep(buses[name][first:last], move.low_hz, move.high_hz, move.highpass)
    for start, end in plan.arrangement.rests:
        for name in BUSES[:3]:
            buses[name] = _hushed(buses[name], _sample(plan, start), _sample(plan, end))
    return buses


def prepare(plan: Plan, role: str, loop: Audio) -> Audio:
    """Bring a loop to its level, and give it what belongs to its part: low cut, echo, wobble."""
    from scipy.signal import butter, sosfilt

    audio = loop
    if role in MUSIC:
        cut = butter(2, 70 if role == "drone" else 160, "highpass", fs=SAMPLE_RATE, output="sos")
        audio = sosfilt(cut, audio, axis=0).astype(np.float32)
    if plan.style.name == "dubstep" and role in ("bass", "bass2"):
        audio = wobble(plan, audio, role)
    if role in ECHOED:
        delay = round(0.1875 * plan.bar_seconds * SAMPLE_RATE)  # a dotted eighth
        echoed = audio.copy()
        for turn, share in ((1, 0.3), (2, 0.12)):
            echoed[turn * delay :] += share * audio[: -turn * delay, :: (-1) ** turn]
        audio = echoed
    level = float(np.sqrt(np.mean(np.square(audio[: int(LOOP_BARS * plan.bar_seconds * SAMPLE_RATE)]))))
    # A dense, steady part is as loud as a sparse one at a higher peak: meet in the middle.
    peak = float(np.percentile(np.abs(audio), 99.5))
    return np.asarray(
        audio * (LOOP_LEVEL[role] / np.sqrt(max(level, 1e-6) * max(peak / 3, 1e-6))), np.float32
    )


def place_loop(bus: Audio, plan: Plan, role: str, loop: Audio) -> None:
    """Add a part to its bus where it plays; the loop starts afresh with every section.

    At the end of a loop the notes ring out; one that is cut off earlier ends within a tenth of
    a second.
    """
    bar_samples = plan.bar_seconds * SAMPLE_RATE
    for section in plan.arrangement.sections:
        levels = plan.arrangement.levels[role][section.start : section.end]
        for start, end in runs(levels):
            at = start
            while at < end:
                place = at % LOOP_BARS
                bars = min(LOOP_BARS - place, end - at)
                piece = loop[round(place * bar_samples) :].copy()
                if place + bars < LOOP_BARS:
                    held = round(bars * bar_samples)
                    piece = piece[: held + SAMPLE_RATE // 10]
                    ramp = (
                        np.linspace(1, 0, len(piece) - held, dtype=np.float32) if len(piece) > held else None
                    )
                    if ramp is not None:
                        piece[held:] *= ramp[:, None]
                if place:
                    fade = min(len(piece), SAMPLE_RATE // 400)
                    piece[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)[:, None]
                add(bus, piece * np.float32(levels[at]), _sample(plan, section.start + at))
                at += bars


def place_strokes(bus: Audio, played: list[Stroke], sound: Audio, level: float) -> None:
    """Add a drum's strokes to a bus; `level` is the peak of a full one."""
    scaled = (sound * (level / float(np.abs(sound).max()))).astype(np.float32)
    for stroke in played:
        add(bus, scaled * np.float32(stroke.loudness), round(stroke.time * SAMPLE_RATE))


def place_break(bus: Audio, plan: Plan, sound: Audio) -> None:
    """Add a recorded break without its lowest octaves, at the speed at which its bar lasts the plan's."""
    from scipy.signal import butter, sosfilt

    assert plan.break_loop is not None
    length = int(plan.bar_seconds * SAMPLE_RATE)
    position = np.arange(length) * (plan.break_loop[1] / plan.bar_seconds)
    played = np.stack(
        [np.interp(position, np.arange(len(sound)), channel, right=0.0) for channel in sound.T], 1
    )
    played = sosfilt(butter(2, 140, "highpass", fs=SAMPLE_RATE, output="sos"), played, axis=0)
    played[-441:] *= np.linspace(1, 0, 441)[:, None]
    played = _peaked(played, 0.4)
    for bar in np.flatnonzero(plan.arrangement.levels["break"] > 0):
        add(bus, played * np.float32(plan.arrangement.levels["break"][bar]), _sample(plan, int(bar)))


def place_effects(bus: Audio, plan: Plan, drums: dict[str, Audio], noise: Audio) -> None:
    """Add risers, crashes, impacts, reversed crashes and falling noise."""
    for start, end in runs(plan.arrangement.levels.get("riser", np.zeros(plan.bars))):
        length = _sample(plan, end) - _sample(plan, start)
        rising = sweep(np.resize(noise, (length, 2)).astype(np.float32), 400, 14000)
        rising = sweep(rising, 150, 3000, highpass=True)
        loudness = np.linspace(0.15, 1, length, dtype=np.float32)[:, None] ** 2
        add(bus, _peaked(rising * loudness, 0.35), _sample(plan, start))
    for cue in plan.arrangement.cues:
        at = _sample(plan, cue.bar)
        if cue.kind in ("crash", "impact"):
            add(bus, _peaked(drums[cue.kind], STROKE_LEVEL[cue.kind] * cue.gain), at)
        elif cue.kind == "reverse":
            reverse = _peaked(drums["crash"][::-1], 0.3 * cue.gain)
            add(bus, reverse, max(0, at - len(reverse)))
        elif cue.kind == "downlifter":
            length = int(2 * plan.bar_seconds * SAMPLE_RATE)
            falling = sweep(np.resize(noise, (length, 2)).astype(np.float32), 9000, 200)
            add(
                bus,
                _peaked(falling * np.linspace(1, 0, length, dtype=np.float32)[:, None], 0.25 * cue.gain),
                at,
            )


def sweep(audio: Audio, low_hz: float, high_hz: float, highpass: bool = False) -> Audio:
    """Two-pole filter whose cut-off moves evenly in octaves from `low_hz` to `high_hz`."""
    from scipy.signal import butter, sosfilt

    cutoffs = np.minimum(0.45 * SAMPLE_RATE, np.geomspace(low_hz, high_hz, CUTOFFS))
    kind = "highpass" if highpass else "lowpass"
    filters = [butter(2, hertz, kind, fs=SAMPLE_RATE, output="sos") for hertz in cutoffs]
    out = np.empty_like(audio)
    state = np.zeros((1, 2, audio.shape[1]))
    for start in range(0, len(audio), BLOCK):
        now = filters[start * CUTOFFS // len(audio)]
        out[start : start + BLOCK], state = sosfilt(now, audio[start : start + BLOCK], axis=0, zi=state)
    return out


def wobble(plan: Plan, audio: Audio, role: str) -> Audio:
    """Open and close a low-pass two to eight times a bar, at another rate every bar."""
    from scipy.signal import butter, sosfilt

    generator = np.random.default_rng([plan.seed, 5 if role == "bass" else 6])
    dark = sosfilt(butter(4, 250, fs=SAMPLE_RATE, output="sos"), audio, axis=0).astype(np.float32)
    bar = plan.bar_seconds * SAMPLE_RATE
    rates = generator.choice([2, 3, 4, 4, 6, 8], LOOP_BARS + 1)
    position = np.arange(len(audio)) / bar
    rate = rates[np.minimum(position.astype(int), LOOP_BARS)]
    openness = (0.5 - 0.5 * np.cos(2 * np.pi * rate * position)).astype(np.float32)[:, None] ** 2
    return np.asarray(dark + openness * (audio - dark), np.float32)


def duck(length: int, kicks: list[float], seconds: float, depth: float) -> NDArray[np.float32]:
    """Gain that falls by `depth` at every kick and comes back within `seconds`."""
    span = int(seconds * SAMPLE_RATE)
    shape = (1 - depth * (1 - np.linspace(0, 1, span)) ** 1.5).astype(np.float32)
    gain = np.ones(length, np.float32)
    for kick in kicks:
        start = int(kick * SAMPLE_RATE)
        stop = min(length, start + span)
        gain[start:stop] = np.minimum(gain[start:stop], shape[: stop - start])
    return gain


def add(bus: Audio, audio: Audio, at: int) -> None:
    """Add `audio` to a bus from sample `at`; what goes beyond its end is lost."""
    stop = min(len(bus), at + len(audio))
    if stop > at:
        bus[at:stop] += audio[: stop - at]


def _sample(plan: Plan, bar: float) -> int:
    return round(plan.time(bar) * SAMPLE_RATE)


def _peaked(audio: Audio, peak: float) -> Audio:
    return np.asarray(audio * (peak / max(float(np.abs(audio).max()), 1e-6)), np.float32)


def _hushed(audio: Audio, start: int, end: int) -> Audio:
    ramp = min(SAMPLE_RATE // 200, max(1, (end - start) // 2))
    audio[start : start + ramp] *= np.linspace(1, 0, ramp, dtype=np.float32)[:, None]
    audio[start + ramp : end] = 0
    return audio
