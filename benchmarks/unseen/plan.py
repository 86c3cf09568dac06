"""Everything about a piece before a sound is made: form, style, tempo, key, arrangement, sounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import sounds
from .arrange import arrange
from .forms import Form, in_bars
from .notes import Harmony, draw_harmony
from .styles import STYLES, Style
from .writer import Arrangement

CODECS = ("flac", "mp3", "wav", "mp3")
ALWAYS = ("kick", "snare", "hat", "openhat", "perc", "bass", "bass2", "pad", "roll", "riser")


@dataclass(frozen=True)
class Plan:
    """A piece to render.

    Attributes
    ----------
    name : str
        Its id, and the stem of its files.
    bpm : float
        Quarter notes per minute, constant.
    offset : float
        Seconds of silence before bar 1.
    melodic : dict of str to Sound
        Preset and octave of each melodic part.
    drums : dict of str to str
        Sample or preset of each drum and effect.
    break_loop : (str, float), optional
        A recorded break and the seconds its bar lasts as recorded.
    """

    name: str
    style: Style
    form: Form
    bpm: float
    offset: float
    codec: str
    harmony: Harmony
    arrangement: Arrangement
    melodic: dict[str, sounds.Sound]
    drums: dict[str, str]
    break_loop: tuple[str, float] | None
    pump: float
    contrast_db: float
    seed: int

    @property
    def bars(self) -> int:
        """Number of bars."""
        return self.arrangement.sections[-1].end

    @property
    def bar_seconds(self) -> float:
        """Length of a bar."""
        return 240.0 / self.bpm

    def time(self, bar: float) -> float:
        """Seconds at which a bar (from 0, may be a fraction) begins."""
        return self.offset + bar * self.bar_seconds


def draw_plans(forms: list[Form], count: int, seed: int) -> list[Plan]:
    """Draw `count` pieces: each form in turn, each style in turn, a third of the tempi not whole.

    The same `seed` gives the same plans; a longer list begins with the shorter one.
    """
    plans = []
    for index in range(count):
        form = forms[index % len(forms)]
        # Every ten pieces have every style, and a form that comes again meets another one.
        style = STYLES[(3 * index + 4 * (index // len(STYLES))) % len(STYLES)]
        plans.append(draw_plan(index, form, style, seed))
    return plans


def draw_plan(index: int, form: Form, style: Style, seed: int) -> Plan:
    """Draw one piece."""
    generator = np.random.default_rng([seed, index])
    low, high = style.tempo
    whole = int(generator.integers(low, high + 1))
    bpm = round(whole - float(generator.uniform(0.05, 0.95)), 2) if index % 3 == 2 else float(whole)
    always = frozenset((*ALWAYS, "sub")) if style.sub else frozenset(ALWAYS)
    optional = [role for role in (*style.parts, "ride", "shaker", "drone", "lead2") if role not in always]
    kit = always | {role for role in optional if generator.random() < 0.85} | {"chords"}
    if "lead" not in kit:
        kit -= {"lead2"}
    breaks = sounds.BREAKS.get(style.name, ())
    if breaks and generator.random() < 0.7:
        kit |= {"break"}
    bars = in_bars(form, 240.0 / bpm)
    arrangement = arrange(style, frozenset(kit), form.labels, bars, generator)
    return Plan(
        name=f"unseen_{index + 1:02d}_{style.name}",
        style=style,
        form=form,
        bpm=bpm,
        offset=round(float(generator.choice([0.0, generator.uniform(0.02, 0.6)])), 4),
        codec=CODECS[index % len(CODECS)],
        harmony=draw_harmony(generator, static=style.name == "techno"),
        arrangement=arrangement,
        melodic=_melodic(style, arrangement, generator),
        drums=_drums(style, generator),
        break_loop=breaks[int(generator.integers(len(breaks)))] if "break" in kit else None,
        pump=float(generator.uniform(*style.pump)),
        contrast_db=float(generator.uniform(1.5, 8.5)),
        seed=seed * 1000 + index,
    )


def _melodic(
    style: Style, arrangement: Arrangement, generator: np.random.Generator
) -> dict[str, sounds.Sound]:
    def one(pool: tuple[sounds.Sound, ...]) -> sounds.Sound:
        return pool[int(generator.integers(len(pool)))]

    def bass() -> sounds.Sound:
        return one(sounds.BASS[style.bass_kind[int(generator.integers(len(style.bass_kind)))]])

    drawn = {
        "bass": bass(),
        "bass2": bass(),
        "sub": one(sounds.SUB),
        "lead": one(sounds.LEAD[style.lead_kind]),
        "lead2": one(sounds.LEAD[style.lead_kind] + sounds.PLUCK),
        "arp": one(sounds.PLUCK),
        "chords": one(sounds.CHORDS[style.chord_kind]),
        "pad": one(sounds.PAD),
        "vox": one(sounds.VOX),
        "drone": one(sounds.DRONE),
    }
    heard = {role for role, levels in arrangement.levels.items() if levels.any()}
    return {role: sound for role, sound in drawn.items() if role in heard}


def _drums(style: Style, generator: np.random.Generator) -> dict[str, str]:
    pools = {**sounds.SHARED_DRUMS, **sounds.DRUMS[style.kit]}
    return {role: pool[int(generator.integers(len(pool)))] for role, pool in pools.items()}
