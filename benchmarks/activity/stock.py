"""All that the mixes of one split are made of."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from . import noises
from .clips import RATE, Clip, clips
from .tunes import tunes
from .voices import FLITE, can_resing, notes, resung, speakers

SUNG_LINES = {"train": 60, "val": 24, "test": 40}


@dataclass(frozen=True, slots=True)
class Stock:
    """Clips by voice, by collection of tunes, by singer; and recorded noises."""

    split: str
    speech: dict[str, list[Clip]]
    music: dict[str, list[Clip]]
    sung: dict[str, list[Clip]]
    noise: list[Clip]

    def draw(self, kind: str, generator: np.random.Generator) -> Clip:
        """Draw a tune, a sung line or a noise: first the collection, then the clip."""
        if kind == "noise":
            return self.draw_noise(generator)
        groups: dict[str, list[Clip]] = getattr(self, kind)
        group = groups[list(groups)[int(generator.integers(len(groups)))]]
        return group[int(generator.integers(len(group)))]

    def draw_noise(self, generator: np.random.Generator, seconds: float | None = None) -> Clip:
        """Draw a recorded noise (one in three) or a synthetic one, of 4 to 12 s if not said otherwise."""
        if self.noise and generator.uniform() < 1 / 3:
            return self.noise[int(generator.integers(len(self.noise)))]
        kind = list(noises.KINDS)[int(generator.integers(len(noises.KINDS)))]
        return Clip(kind, noises.KINDS[kind](generator, round((seconds or generator.uniform(4, 12)) * RATE)))


@cache
def stock(split: str, *, forms: int = 0, plain: int = 0, seed: int = 0) -> Stock:
    """Return a split's clips.

    Parameters
    ----------
    split : str
        ``train``, ``val`` or ``test``.
    forms : int
        How many renderings of dance music (:mod:`benchmarks.forms`, its own train split) join the music.
    plain : int
        How many plain synthetic tunes (:mod:`benchmarks.activity.tunes`) join the music.
    seed : int
        Seed of the singers.

    Raises
    ------
    NoPackages
        If a package cannot be had here.
    """
    generator = np.random.default_rng(seed)
    recorded, music = clips("speech", split), clips("music", split)
    sung = {f"flite {voice}": notes(voice, generator, SUNG_LINES[split] // 5) for voice in FLITE[split]}
    if can_resing():
        for package, group in recorded.items():
            long = [clip for clip in group if 1.0 <= len(clip.samples) / RATE <= 6.0]
            chosen = long[:: max(1, len(long) // (SUNG_LINES[split] // len(recorded)))]
            sung[package] = [line for clip in chosen if len((line := resung(clip, generator)).samples)]
    if forms:
        music = music | {"benchmarks.forms": _rendered(forms)}
    if plain:
        music = music | {"plain": tunes(np.random.default_rng(seed), plain)}
    noise = [clip for group in clips("noise", split).values() for clip in group]
    return Stock(split, recorded | speakers(split), music, {k: v for k, v in sung.items() if v}, noise)


def _rendered(count: int) -> list[Clip]:
    from ..forms.human import Form
    from ..forms.render import render

    form = Form("short", ("intro", "buildup", "drop", "breakdown", "drop"), (4, 4, 8, 8, 8))
    out = []
    for seed in range(count):
        samples = render(700_000 + seed, rate=RATE, form=form).samples.mean(1)[: 75 * RATE]
        out.append(
            Clip(f"forms/{700_000 + seed}", (samples / max(np.abs(samples).max(), 1e-6)).astype(np.float32))
        )
    return out
