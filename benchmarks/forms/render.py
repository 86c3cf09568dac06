"""One seed, one piece of electronic music: sound and everything that is true of it.

Nets that find beats and sections are trained and judged on these pieces, so the aim is width, not
beauty. Nothing is sampled; nothing is the same in all pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import grooves
from .arrange import arrange
from .band import draw_band
from .desk import Desk
from .free import arrange_freely
from .harmony import draw_harmony
from .human import Form, edm98_forms
from .master import master
from .perform import perform
from .score import Duck, Score, Section, Sound, stream
from .truth import activity_rows, boundaries

Random = np.random.Generator
FREE = 0.45
SHORTEST, LONGEST = 110.0, 310.0  # seconds of a club piece


@dataclass(frozen=True)
class Rendering:
    """Sound, shape (samples, channels), its rate in Hz, and its truth as the development set writes it."""

    samples: Sound
    rate: int
    truth: dict[str, Any]


def render(seed: int, *, split: str = "train", rate: int = 44100, form: Form | None = None) -> Rendering:
    """Make a piece: style, form, band, mix and master all drawn from the seed.

    Parameters
    ----------
    seed : int
        Same seed, split, rate and form: same samples. The truth does not depend on the rate.
    split : str
        Which forms of EDM-98 to draw from: ``train``, ``val`` or ``test``; the splits' pieces differ in
        everything else too.
    rate : int
        Sampling rate in Hz.
    form : Form, optional
        Fill this form instead of a drawn one.

    Examples
    --------
    >>> short = Form("short", ("intro", "drop"), (2, 2))
    >>> piece = render(1, rate=8000, form=short)
    >>> [section["label"] for section in piece.truth["sections"]]
    ['intro', 'drop']
    """
    seed = int(stream(seed, split).integers(2**62))
    score = compose(seed, split, form)
    channels = int(stream(seed, "channels").choice([1, 2], p=[0.4, 0.6]))
    mix = perform(score, seed, rate, channels)
    samples = np.ascontiguousarray(master(mix, seed, rate).T)
    return Rendering(samples, rate, truth_of(score, len(samples) / rate, f"form_{split}_{seed:019d}"))


def compose(seed: int, split: str, form: Form | None) -> Score:
    """Everything but the sound."""
    random = stream(seed, "piece")
    free = form is None and random.random() < FREE
    name = grooves.draw_style(random)
    style = grooves.STYLES[name]
    meter = 3 if random.random() < 0.03 else 4
    tempo = float(random.uniform(*style.tempo))
    tempo = round(tempo) if random.random() < 0.5 else round(tempo, 3)
    key = draw_harmony(random)
    band = draw_band(seed, name, meter, key, chip=name == "chip" or (free and random.random() < 0.25))
    desk = Desk(seed, band, meter)
    if free:
        bars, sections = arrange_freely(desk), tuple[Section, ...]()
    else:
        form = form or _varied(random, split, tempo, meter)
        bars, sections = form.total, arrange(desk, form)
    tempi = _tempi(random, tempo, [section.first for section in sections[1:]], bars)
    pickup = int(random.integers(1, 4)) if random.random() < (0.15 if free else 0.04) else 0
    return Score(
        style=name,
        meter=meter,
        feel=grooves.draw_feel(random, style),
        tempi=tempi,
        accept=(tempo, tempo / 2) if style.half_tempo else (tempo,),
        bars=bars,
        key=key.name,
        tracks=tuple(desk.tracks),
        parts=tuple(part for part in desk.parts if part.first < bars),
        sections=sections,
        sweeps=tuple(desk.sweeps),
        fades=tuple(desk.fades),
        duck=_duck(random, name),
        drive=float(random.uniform(0, 14)) if random.random() < 0.25 else 0.0,
        tuning=float(random.uniform(-45, 45)) if random.random() < 0.25 else 0.0,
        pickup=min(pickup, meter - 1),
        lead=float(random.uniform(0, 3)) if random.random() < 0.4 else 0.0,
        tail=float(random.choice([0.0, random.uniform(0.1, 4)])),
    )


def _varied(random: Random, split: str, tempo: float, meter: int) -> Form:
    """Draw a form of the split, some of its sections longer or shorter, of a length that a track has."""
    forms = edm98_forms(split)
    form = forms[int(random.integers(len(forms)))]
    factors = random.choice([0.5, 1, 1, 1, 1, 2], len(form.bars))
    bars = [
        count if label == "silence" else max(1, int(count * f))
        for label, count, f in zip(form.labels, form.bars, factors, strict=False)
    ]
    if random.random() < 0.6:  # most music counts in fours
        bars = [
            count if label == "silence" or count < 3 else max(4, 4 * round(count / 4))
            for label, count in zip(form.labels, bars, strict=False)
        ]
    second = tempo / (60 * meter)
    while sum(bars) > LONGEST * second:
        longest = int(np.argmax(bars))
        bars[longest] //= 2
    while sum(bars) < SHORTEST * second:
        bars = [
            count if label == "silence" else 2 * count
            for label, count in zip(form.labels, bars, strict=False)
        ]
    return Form(form.id, form.labels, tuple(bars))


def _tempi(random: Random, tempo: float, starts: list[int], bars: int) -> tuple[tuple[int, float], ...]:
    """One tempo; in a few pieces another one from a section on."""
    if random.random() >= 0.03 or bars < 24:
        return ((0, tempo),)
    places = [bar for bar in starts if 8 <= bar <= bars - 8] or [4 * (bars // 8)]
    other = float(np.clip(tempo * random.choice([0.8, 0.9, 1.1, 1.25]), 65, 190))
    return ((0, tempo), (int(random.choice(places)), round(other, 2)))


def _duck(random: Random, style: str) -> Duck | None:
    if style in ("chip", "rock", "ambient") or random.random() < 0.4:
        return None
    buses = ("bass", "music") if random.random() < 0.7 else ("bass",)
    return Duck(
        float(random.uniform(0.2, 1.0)), float(random.uniform(0.08, 0.4)), buses, bool(random.random() < 0.2)
    )


def truth_of(score: Score, duration: float, name: str) -> dict[str, Any]:
    """Write the truth as the development set does; beats go on to the end of the last bar."""
    times = score.bar_times()
    beats = np.concatenate(
        [np.linspace(a, b, score.meter, endpoint=False) for a, b in zip(times, times[1:], strict=False)]
    )
    before = times[0] - np.arange(score.pickup, 0, -1) * 60.0 / score.tempi[0][1]
    ends = [*[first for first, _ in score.tempi[1:]], score.bars]
    segments = [
        {"start": round(float(times[first]), 4), "end": round(float(times[end]), 4), "bpm": bpm}
        for (first, bpm), end in zip(score.tempi, ends, strict=False)
    ]
    main = max(segments, key=lambda segment: segment["end"] - segment["start"])["bpm"]
    tempo: dict[str, Any] = {"bpm": main, "constant": len(segments) == 1, "accept": [main]}
    if len(segments) == 1:
        tempo["accept"] = list(score.accept)
    else:
        tempo["segments"] = segments
    activity = score.activity()
    heard = np.flatnonzero(activity.any(1))
    names = tuple(score.tracks[int(index)].name for index in heard)
    return {
        "id": name,
        "duration": round(duration, 4),
        "family": "form",
        "style": score.style,
        "offset": round(score.lead, 4),
        "tempo": tempo,
        "meter": score.meter,
        "key": score.key,
        "beats": [round(float(time), 4) for time in (*before, *beats)],
        "downbeats": [round(float(time), 4) for time in times[:-1]],
        "boundaries": boundaries(activity[heard], [section.first for section in score.sections[1:]], times),
        "sections": [
            {
                "start": round(float(times[section.first]), 4),
                "end": round(float(times[section.first + section.bars]), 4),
                "bars": [section.first, section.first + section.bars],
                "label": section.label,
                "also": sorted(set(section.also) - {section.label}),
            }
            for section in score.sections
        ],
        "activity": activity_rows(names, activity[heard]),
    }
