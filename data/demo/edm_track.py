"""The demo track: 72 bars of house in F minor at 126 BPM, and the truth about it.

At 44.1 kHz a beat of 126 BPM is exactly 21,000 samples, so every event lies on the grid to the sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import instruments as i
import numpy as np
from instruments import SAMPLE_RATE, Array, place

BPM = 126.0
BEAT = 21_000  # samples
STEP, BAR = BEAT // 4, BEAT * 4
LEAD = 4_410  # samples of silence in front: 0.1 s
TAIL = round(2.6 * SAMPLE_RATE)  # the last echoes

TITLE = "Loopback Sunrise"

# Label and length in bars.
FORM = (
    ("intro", 8),
    ("buildup", 8),
    ("drop", 16),
    ("breakdown", 8),
    ("buildup", 8),
    ("drop", 16),
    ("outro", 8),
)
BARS = sum(bars for _, bars in FORM)

# Changes inside a section that a listener may also hear as a boundary: bar (from 0), strength.
MINOR = ((4, 0.3), (12, 0.25), (24, 0.35), (44, 0.3), (56, 0.3), (68, 0.3))

# One chord a bar, eight bars: bass note, then the chord as it lies under the fingers.
PROGRESSION = (
    (29, (53, 60, 65, 68)),  # Fm
    (25, (53, 61, 65, 68)),  # Db
    (32, (56, 60, 63, 68)),  # Ab
    (27, (55, 58, 63, 70)),  # Eb
    (29, (53, 60, 65, 72)),  # Fm
    (25, (53, 61, 65, 73)),  # Db
    (34, (53, 58, 61, 70)),  # Bbm
    (24, (52, 60, 64, 67)),  # C
)

# (sixteenth, length in sixteenths, pitch) for each bar of the progression.
MELODY = (
    ((0, 3, 72), (3, 3, 70), (6, 2, 68), (8, 3, 72), (11, 3, 77), (14, 2, 75)),
    ((0, 3, 77), (3, 3, 75), (6, 2, 73), (8, 6, 68), (14, 2, 70)),
    ((0, 3, 72), (3, 3, 70), (6, 2, 68), (8, 3, 72), (11, 3, 75), (14, 2, 72)),
    ((0, 6, 70), (6, 2, 67), (8, 3, 70), (11, 3, 75), (14, 2, 73)),
    ((0, 3, 72), (3, 3, 70), (6, 2, 68), (8, 3, 72), (11, 3, 80), (14, 2, 79)),
    ((0, 3, 77), (3, 3, 75), (6, 2, 73), (8, 3, 77), (11, 5, 80)),
    ((0, 3, 77), (3, 3, 73), (6, 2, 70), (8, 3, 73), (11, 3, 77), (14, 2, 80)),
    ((0, 6, 79), (6, 2, 76), (8, 4, 72), (12, 4, 76)),
)

_BASS_STEPS = ((2, 0), (3, 0), (6, 0), (7, 0), (10, 0), (11, 12), (14, 0), (15, 0))
_ARPEGGIO = (0, 1, 2, 3, 2, 1, 3, 2, 0, 2, 1, 3, 2, 3, 1, 2)
_STABS = ((0, 3), (3, 3), (6, 4), (10, 3), (13, 3))


def starts_of(form: tuple[tuple[str, int], ...] = FORM) -> list[int]:
    """First bar, counted from 0, of each section.

    >>> starts_of((("intro", 8), ("drop", 16), ("outro", 8)))
    [0, 8, 24]
    """
    return [sum(bars for _, bars in form[:index]) for index in range(len(form))]


def truth() -> dict[str, Any]:
    """What is certain about the track: tempo, beats, bars, boundaries, sections, key. Times in seconds."""
    duration = (LEAD + BARS * BAR + TAIL) / SAMPLE_RATE
    beats = [(LEAD + index * BEAT) / SAMPLE_RATE for index in range(4 * BARS)]
    starts = starts_of()
    ends = [_time(start) for start in starts[1:]] + [duration]
    marks = [(bar, 1.0, True) for bar in starts[1:]] + [(bar, strength, False) for bar, strength in MINOR]
    return {
        "id": "edm_track",
        "audio": "edm_track.mp3",
        "duration": round(duration, 4),
        "family": "demo",
        "offset": LEAD / SAMPLE_RATE,
        "source": {"licence": "CC0-1.0", "made_by": "make_demo.py", "title": TITLE},
        "tempo": {"bpm": BPM, "constant": True, "accept": [BPM]},
        "meter": 4,
        "key": "F minor",
        "beats": [round(time, 4) for time in beats],
        "downbeats": [round(time, 4) for time in beats[::4]],
        "boundaries": [
            {"time": round(_time(bar), 4), "bar": bar, "strength": strength, "major": major}
            for bar, strength, major in sorted(marks)
        ],
        "sections": [
            {
                "start": round(_time(bar) if bar else 0.0, 4),
                "end": round(end, 4),
                "bars": [bar, bar + bars],
                "label": label,
                "also": [],
            }
            for (label, bars), bar, end in zip(FORM, starts, ends, strict=True)
        ],
    }


def _time(bar: int) -> float:
    return (LEAD + bar * BAR) / SAMPLE_RATE


# --- the arrangement --------------------------------------------------------------------------------


@dataclass
class _Mix:
    """The buses that the parts play into, and where the kick falls."""

    generator: np.random.Generator
    samples: int = LEAD + BARS * BAR + TAIL
    hits: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("drums", "bass", "chords", "lead", "arpeggio", "keys", "effects"):
            setattr(self, name, np.zeros((self.samples, 2)))

    drums: Array = field(init=False)
    bass: Array = field(init=False)
    chords: Array = field(init=False)
    lead: Array = field(init=False)
    arpeggio: Array = field(init=False)
    keys: Array = field(init=False)
    effects: Array = field(init=False)


def render(seed: int = 126) -> Array:
    """Play the track: stereo, shape (n, 2), about -10 LUFS, deterministic for a seed."""
    mix = _Mix(np.random.default_rng(seed))
    _play_drums(mix)
    _play_bass(mix)
    _play_chords(mix)
    _play_lead(mix)
    _play_arpeggio(mix)
    _play_keys(mix)
    _play_effects(mix)
    return i.mastered(_balance(mix), -10.0)


def _at(bar: float, step: float = 0) -> int:
    return LEAD + round(bar * BAR + step * STEP)


def _curve(points: Sequence[tuple[float, float]], samples: int) -> Array:
    """A value for each sample, straight in log2 between (bar, value) points."""
    places = [_at(bar) for bar, _ in points]
    return np.asarray(2 ** np.interp(np.arange(samples), places, [np.log2(value) for _, value in points]))


def _play_drums(mix: _Mix) -> None:
    random = mix.generator
    snare = i.snare(random)
    _play_kick(mix)
    _play_clap_and_hats(mix)
    for bar in (23, 31, 55, 63):  # fills
        for step, level in ((12, 0.4), (13, 0.3), (14, 0.45), (15, 0.55)):
            place(mix.drums, snare, _at(bar, step), level)
    for first in (8, 40):
        _play_roll(mix, snare, first)
    # In a buildup the drums lose their weight, and it comes back with the drop.
    corners: list[tuple[float, float]] = [(0, 20), (7.9, 20), (8, 60), (11.9, 260), (15.9, 400), (16, 20)]
    corners += [(39.9, 20), (40, 90), (47.9, 400), (48, 20), (72, 20)]
    mix.drums[:] = i.swept_filter(mix.drums, _curve(corners, mix.samples), "highpass", 2)


def _play_kick(mix: _Mix) -> None:
    kick = i.kick(mix.generator)
    for bar in [*range(12), *range(16, 32), *range(40, 44), *range(48, 72)]:
        for beat in range(3 if bar in (23, 31, 55, 63) else 4):  # a fill takes the last beat
            mix.hits.append(_at(bar, 4 * beat))
            place(mix.drums, kick, mix.hits[-1], 0.95 if bar >= 16 else 0.7)


def _play_clap_and_hats(mix: _Mix) -> None:
    random = mix.generator
    clap = i.clap(random)
    hats = [i.cymbal(random, 0.028, 7500, 0.12) for _ in range(4)]
    open_hat, ride = i.cymbal(random, 0.11, 6500, 0.12), i.cymbal(random, 0.32, 5200, 0.4)
    for bar in [*range(4, 8), *range(16, 32), *range(48, 68)]:
        for step in (4, 12):
            place(mix.drums, clap, _at(bar, step), 0.62 if bar >= 16 else 0.28)
    for bar in [*range(2, 12), *range(16, 32), *range(42, 44), *range(48, 72)]:
        for step in (2, 6, 10, 14):
            place(mix.drums, open_hat, _at(bar, step), 0.4 if 16 <= bar < 64 else 0.2)
    for bar in [*range(4, 12), *range(16, 32), *range(48, 68)]:
        for step in range(16):
            level = (0.07, 0.126, 0.168, 0.112)[step % 4] * random.uniform(0.8, 1.15)
            place(mix.drums, hats[step % 4], _at(bar, step + (0.12 if step % 2 else 0)), level)
    for bar in [*range(24, 32), *range(48, 64)]:
        for step in range(0, 16, 2):
            place(mix.drums, ride, _at(bar, step), 0.2 if step % 4 else 0.26)


def _play_roll(mix: _Mix, snare: Array, first: int) -> None:
    """Eight bars of snare: quarters, eighths, sixteenths, thirty-seconds; the last beat stays empty."""
    for bar in range(first + 2, first + 8):
        every = {0: 4, 1: 4, 2: 4, 3: 4, 4: 2, 5: 2, 6: 1, 7: 0.5}[bar - first]
        last = 12 if bar == first + 7 else 16
        for step in np.arange(0, last, every):
            share = (bar - first + step / 16) / 8
            place(mix.drums, snare, _at(bar, float(step)), 0.08 + 0.42 * share**2)


def _play_bass(mix: _Mix) -> None:
    notes = {
        pitch: i.reese(pitch + 12, STEP / SAMPLE_RATE * 0.96, mix.generator) for pitch in _bass_pitches()
    }
    long = {root: i.reese(root + 12, 2 * STEP / SAMPLE_RATE * 0.96, mix.generator) for root, _ in PROGRESSION}
    for bar in [*range(16, 32), *range(48, 68)]:
        root, _ = PROGRESSION[bar % 8]
        if bar >= 64:  # the outro keeps to the off-beat
            for step in (2, 6, 10, 14):
                place(mix.bass, long[root], _at(bar, step), 0.55)
            continue
        for step, up in _BASS_STEPS:
            place(mix.bass, notes[root + up], _at(bar, step), 1.0 if step % 4 == 2 else 0.85)
    for bar in range(32, 40):  # under the breakdown: only a soft sub
        root, _ = PROGRESSION[bar % 8]
        t = i.ramp(BAR / SAMPLE_RATE)
        sub = i.faded(np.sin(2 * np.pi * i.frequency(root + 12) * t), 0.08, 0.15)
        place(mix.bass, sub, _at(bar), 0.13)


def _bass_pitches() -> list[int]:
    return sorted({root + up for root, _ in PROGRESSION for _, up in _BASS_STEPS})


def _play_chords(mix: _Mix) -> None:
    held = {chord: i.supersaw(chord, BAR / SAMPLE_RATE, mix.generator) for _, chord in PROGRESSION}
    stabs = {
        (chord, length): i.supersaw(
            tuple(pitch + 12 for pitch in chord[1:]), 0.9 * length * STEP / SAMPLE_RATE, mix.generator
        )
        for _, chord in PROGRESSION
        for length in {length for _, length in _STABS}
    }
    for bar in range(8, 64):
        _, chord = PROGRESSION[bar % 8]
        in_drop = 16 <= bar < 32 or 48 <= bar < 64
        end = 12 if bar in (15, 47) else 16  # the gap before the drop
        place(
            mix.chords, i.faded(held[chord][: end * STEP], 0.004, 0.03), _at(bar), 0.62 if in_drop else 0.75
        )
        if in_drop:
            for step, length in _STABS:
                place(mix.chords, stabs[chord, length], _at(bar, step), 0.5)
    cutoff = _curve(
        [(0, 300), (8, 350), (15.7, 7000), (16, 15000), (32, 15000), (32.01, 700), (36, 1100), (40, 600)]
        + [(47.7, 8500), (48, 15000), (63.9, 15000), (64, 400), (72, 400)],
        mix.samples,
    )
    mix.chords[:] = i.butter(i.swept_filter(mix.chords, cutoff, "lowpass", 3), "highpass", 170)
    mix.chords += 0.7 * i.butter(mix.chords, "highpass", 5000)  # air


def _play_lead(mix: _Mix) -> None:
    for bar in [*range(16, 32), *range(48, 64)]:
        for step, length, pitch in MELODY[bar % 8]:
            pitches = (pitch, pitch + 12) if bar >= 48 or bar % 8 >= 4 else (pitch,)
            tone = i.supersaw(pitches, length * STEP / SAMPLE_RATE * 0.97, mix.generator, 0.11)
            place(mix.lead, tone, _at(bar, step), 0.8)
    mix.lead[:] = i.butter(i.butter(mix.lead, "lowpass", 11000, 1), "highpass", 280)
    mix.lead += 0.4 * i.butter(mix.lead, "highpass", 4000)


def _play_arpeggio(mix: _Mix) -> None:
    tones: dict[int, Array] = {}
    for bar in [*range(32), *range(40, 72)]:
        _, chord = PROGRESSION[bar % 8]
        end = 12 if bar in (15, 47) else 16
        for step in range(end):
            pitch = chord[_ARPEGGIO[step]] + 12
            if pitch not in tones:
                tones[pitch] = i.pluck(pitch, 0.4, 1.1, 0.22)
            position = 0.6 * (-1) ** step
            level = 0.42 if step % 3 == 0 else 0.3
            place(mix.arpeggio, i.panned(tones[pitch], position), _at(bar, step), level)
    cutoff = _curve(
        [
            (0, 500),
            (8, 2600),
            (15.7, 9000),
            (16, 6000),
            (40, 1500),
            (47.7, 12000),
            (48, 7000),
            (64, 5000),
            (72, 350),
        ],
        mix.samples,
    )
    mix.arpeggio[:] = i.swept_filter(mix.arpeggio, cutoff, "lowpass", 2)


def _play_keys(mix: _Mix) -> None:
    """The breakdown's melody, slower and softer, on an electric piano."""
    for bar in range(32, 40):
        _, chord = PROGRESSION[bar % 8]
        for pitch in chord:
            place(mix.keys, i.electric_piano(pitch, 1.85, 0.45), _at(bar), 0.17)
        for step, length, pitch in MELODY[bar % 8]:
            if step in (0, 6, 8, 11):
                tone = i.electric_piano(pitch, max(0.5, length * STEP / SAMPLE_RATE * 1.8), 0.7)
                place(mix.keys, tone, _at(bar, step), 0.3)


def _play_effects(mix: _Mix) -> None:
    random = mix.generator
    crash = i.cymbal(random, 0.75, 3800, 0.1)
    for bar in (0, 16, 24, 32, 48, 56, 64):
        place(mix.effects, crash, _at(bar), 0.24 if bar in (0, 24, 56) else 0.38)
    boom = i.impact(random)
    for bar in (16, 32, 48, 64):
        place(mix.effects, boom, _at(bar), 0.5)
    for first in (8, 40):
        length = (7.75 * BAR) / SAMPLE_RATE
        place(mix.effects, i.riser(length, random), _at(first), 0.3)
    for bar in (0, 16, 32, 64):
        place(mix.effects, i.faller(2 * BAR / SAMPLE_RATE, random), _at(bar), 0.22)
    sweep = i.riser(2 * BAR / SAMPLE_RATE, random)
    for bar in (6, 22, 30, 38, 54):
        place(mix.effects, sweep, _at(bar), 0.14)


def _balance(mix: _Mix) -> Array:
    hits = np.array(mix.hits, dtype=np.int64)
    deep, light = i.pumping(mix.samples, hits, 0.85), i.pumping(mix.samples, hits, 0.5)
    room = i.reverb(0.05 * mix.drums + 0.25 * mix.effects, mix.generator, 1.6)
    echo = i.ping_pong(0.5 * mix.lead + 0.6 * mix.arpeggio + 0.3 * mix.keys, 3 * STEP, 0.5)
    send = 0.3 * mix.chords + 0.45 * mix.lead + 0.4 * mix.arpeggio + 0.8 * mix.keys + 0.4 * echo
    hall = i.reverb(send, mix.generator, 2.8)
    music = (
        0.62 * mix.chords + 0.5 * mix.lead + 0.5 * mix.arpeggio + 0.8 * mix.keys + 0.5 * echo + 0.42 * hall
    )
    total = mix.drums + 0.72 * mix.bass * deep + music * deep**0.9 + mix.effects * light + room * light
    # The gap before each drop is dry but for what rings on, an eighth as loud.
    gap = np.ones(mix.samples)
    for bar in (15, 47):
        gap[_at(bar, 12) : _at(bar + 1)] = 0.12
    total[:] *= np.minimum(1, np.convolve(gap, np.ones(221) / 221, "same"))[:, None]
    fade = np.ones(mix.samples)
    fade[-round(1.5 * SAMPLE_RATE) :] = np.linspace(1, 0, round(1.5 * SAMPLE_RATE)) ** 2
    total[:LEAD] = 0
    return np.asarray(total * fade[:, None])
