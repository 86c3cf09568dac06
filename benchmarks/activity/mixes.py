"""Shows, DJ sets, talk, music, songs and noises with exact truth, ten labels a second.

A mix is a row of blocks: talk, talk over a bed, a tune, a song, noise, silence; or one noise throughout.
Speech is what lies between the beginning and the end of each phrase, pauses and breaths below one second
included. Music is what of the music track, over one second, reaches -40 dB of the loud passages of the mix.
Song is music.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edm_core.audio.running import running_mean
from edm_core.segmentation.activity import runs

from . import damage
from .clips import RATE
from .phrases import PAUSE, even, level, noises, song, talk
from .stock import Stock

CELLS_PER_SECOND = 10
CELL = RATE // CELLS_PER_SECOND
AUDIBLE_DB, DOUBTFUL_DB = -40.0, -50.0
"""Music below the first is not labelled; between the two it is not trained on."""

BLOCKS: dict[str, dict[str, float]] = {
    "show": {"dry": 3, "bed": 4, "tune": 3, "silence": 0.7, "noise": 0.5},
    "dj set": {"tune": 3, "over": 3, "noise": 0.2},
    "talk": {"dry": 5, "noisy": 1.5, "silence": 3, "noise": 0.7},
    "music": {"tune": 5, "silence": 1},
    "singing": {"song": 3, "a cappella": 2, "tune": 1, "dry": 0.7, "silence": 0.5},
    "noise": {"noise": 5, "silence": 0.6, "noisy": 0.7, "tune": 0.5},
    "steady": {"steady": 1},
}
"""Kinds of mixes: how often each kind of block comes."""
SECONDS = {
    "dry": (5, 22), "bed": (7, 28), "over": (3, 14), "noisy": (5, 18), "tune": (6, 26), "song": (8, 24),
    "a cappella": (5, 15), "silence": (1.5, 6), "noise": (3, 12), "steady": (999, 999),
}  # fmt: skip

Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]
Random = np.random.Generator


@dataclass(frozen=True, slots=True)
class Mix:
    """A mix and its truth.

    Parameters
    ----------
    kind : str
        A key of :data:`BLOCKS`.
    samples : array
        Mono at 24 kHz.
    speech, music, sung, noise : array of bool
        What sounds in each cell of 0.1 s.
    certain : array of bool
        Cells to be trained on.
    made_of : tuple of str
        Names of the clips.
    """

    kind: str
    samples: Samples
    speech: Flags
    music: Flags
    sung: Flags
    noise: Flags
    certain: Flags
    made_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    start: int
    end: int
    gain: float  # of the music, as amplitude
    tune: int  # number of the tune; blocks of the same number play on


def make(kind: str, stock: Stock, generator: Random, seconds: float = 75.0) -> Mix:
    """Make a mix of a kind.

    Parameters
    ----------
    kind : str
        A key of :data:`BLOCKS`.
    stock : Stock
        What it is made of.
    generator : numpy Generator
    seconds : float
    """
    count = round(seconds * CELLS_PER_SECOND) * CELL
    blocks = _blocks(kind, generator, count)
    names: list[str] = []
    voice, music, sung, noise = (np.zeros(count, np.float32) for _ in range(4))
    spoken, singing = np.zeros(count, bool), np.zeros(count, bool)
    for block in blocks:
        part = slice(block.start, block.end)
        if block.kind in ("dry", "bed", "over", "noisy"):
            voice[part], spoken[part] = talk(stock, generator, block.end - block.start, names)
        if block.kind in ("noise", "noisy"):
            under = 10 ** (-generator.uniform(6, 24) / 20) if block.kind == "noisy" else level(generator, 8.0)
            noise[part] = under * noises(stock, generator, block.end - block.start, names)
        if block.kind == "steady":
            clip = stock.draw_noise(generator, (block.end - block.start) / RATE)
            noise[part] = even(np.resize(clip.samples, block.end - block.start))
            names.append(clip.name)
        if block.kind in ("song", "a cappella"):
            sung[part], singing[part] = song(stock, generator, block.end - block.start, names)
    music = _music(stock, generator, blocks, count, names)
    total = voice + music + sung + noise
    heard = _cells(total)
    loud = 10 * np.log10(np.percentile(heard, 95) + 1e-12)
    near = 10 * np.log10(running_mean(_cells(music), 11) + 1e-12) - loud
    is_sung = _lasting(_any(singing))
    speech = _lasting(_any(spoken))
    music_cells = (near >= AUDIBLE_DB) | is_sung
    certain = is_sung | (near >= AUDIBLE_DB) | (near < DOUBTFUL_DB)
    return Mix(
        kind,
        _mastered(total, generator),
        speech,
        music_cells,
        is_sung,
        _any(np.abs(noise) > 1e-4),
        certain,
        tuple(dict.fromkeys(names)),
    )


def _blocks(kind: str, generator: Random, count: int) -> list[_Block]:
    weights = BLOCKS[kind]
    chances = np.array(list(weights.values())) / sum(weights.values())
    loudness = level(generator, 6.0)
    goes_on = 0.85 if kind == "dj set" else 0.4
    blocks: list[_Block] = []
    place, tune = 0, 0
    while place < count:
        chosen = str(generator.choice(list(weights), p=chances))
        if blocks and blocks[-1].kind == chosen and chosen in ("silence", "noise"):
            continue
        end = min(count, place + int(generator.uniform(*SECONDS[chosen]) * RATE))
        gain = {
            "tune": loudness,
            "bed": 10 ** (-generator.uniform(6, 24) / 20),
            "over": 10 ** (-generator.uniform(2, 14) / 20),
            "song": loudness * 10 ** (-generator.uniform(0, 10) / 20),
        }.get(chosen, 0.0)
        if gain and not (blocks and blocks[-1].gain and generator.uniform() < goes_on):
            tune += 1
        blocks.append(_Block(chosen, place, end, gain, tune))
        place = end
    return blocks


def _music(stock: Stock, generator: Random, blocks: list[_Block], count: int, names: list[str]) -> Samples:
    """Return the music track: each tune with the gains of its blocks, ducked, faded and crossed."""
    out = np.zeros(count, np.float32)
    for tune in sorted({block.tune for block in blocks if block.gain}):
        rows = [block for block in blocks if block.tune == tune and block.gain]
        clip = stock.draw("music", generator)
        names.append(clip.name)
        beyond = int(generator.choice([0.05, 0.3, 1.0, 3.0]) * RATE)
        start, end = rows[0].start, min(count, rows[-1].end + beyond)
        enter = min(int(generator.choice([0.02, 0.3, 1.5]) * RATE), (rows[0].end - start) // 2)
        knots, gains = [start, start + enter], [0.0, rows[0].gain]
        for before, after in pairwise(rows):
            duck = min(int(generator.uniform(0.1, 0.8) * RATE), (after.end - after.start) // 3)
            knots += [after.start, after.start + duck]
            gains += [before.gain, after.gain]
        knots, gains = [*knots, rows[-1].end, rows[-1].end + beyond], [*gains, rows[-1].gain, 0.0]
        samples = even(clip.samples)
        offset = int(generator.integers(len(samples)))
        index = (offset + np.arange(end - start)) % len(samples)
        out[start:end] += samples[index] * np.interp(np.arange(start, end), knots, gains).astype(np.float32)
    return out


def _mastered(samples: Samples, generator: Random) -> Samples:
    """Bring a mix to any peak level, then do to it what codecs and telephones do."""
    if generator.uniform() < 0.3:
        samples = np.tanh(samples * 3.0).astype(np.float32)
    peak = max(float(np.abs(samples).max()), 1e-6)
    samples = samples * np.float32(10 ** (-generator.uniform(0.3, 18) / 20) / peak)
    if generator.uniform() < 0.5:
        chosen = damage.KINDS[int(generator.integers(len(damage.KINDS)))]
        samples = chosen(samples, generator)
    return samples


def _cells(samples: Samples) -> NDArray[Any]:
    return np.asarray((samples.reshape(-1, CELL).astype(np.float64) ** 2).mean(1))


def _any(flags: Flags) -> Flags:
    """Return which cells are covered by half or more."""
    return np.asarray(flags.reshape(-1, CELL).mean(1) >= 0.5)


def _lasting(cells: Flags) -> Flags:
    """Fill pauses that belong to the speech."""
    out = cells.copy()
    for start, end in runs(~cells):
        if start > 0 and end < len(cells) and end - start < PAUSE * CELLS_PER_SECOND:
            out[start:end] = True
    return out
