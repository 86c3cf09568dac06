"""How well activity is told on mixes of packages that training never touched, beside simpler ways.

The peers see the same mixes. *Silero and level* is the obvious rule (and the workbench's own idea before it
had a network): a voice detector for speech, and whatever else is loud enough is music.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .clips import RATE
from .hearing import sound_of
from .mixes import CELL, Mix, make
from .noises import KINDS as NOISES
from .packages import SOURCES, NoPackages
from .phrases import even, phrase
from .stock import Stock, stock
from .systems import LABELS, Codes, asked, peers

KINDS = ("show", "dj set", "talk", "music")
"""The mixes that the accuracy is stated for; songs and noises have tables of their own."""
COUNT, SECONDS = 10, 75.0
SEED = 900_000
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A mix and what each system says of its cells: 1 speech, 2 music, 3 both."""

    mix: Mix
    said: dict[str, Codes]

    @property
    def truth(self) -> Codes:
        """What is true of the cells."""
        return self.mix.speech + 2 * self.mix.music.astype(np.int64)


def judged(material: Stock, kinds: Sequence[str], count: int = COUNT) -> list[Judged]:
    """Make mixes of the kinds and ask every system."""
    systems = peers()
    out = []
    for kind in kinds:
        for number in range(count):
            mix = make(kind, material, np.random.default_rng(SEED + number), SECONDS)
            sound = sound_of(mix.samples)
            out.append(Judged(mix, {name: ask(sound, len(mix.speech)) for name, ask in systems.items()}))
    return out


def accuracy(items: Sequence[Judged], system: str) -> tuple[float, float, float]:
    """Return the share of cells with the right label, and its 95 % interval by bootstrap over mixes."""
    rates = np.array([(item.said[system] == item.truth).mean() for item in items])
    drawn = np.random.default_rng(0).integers(len(rates), size=(RESAMPLES, len(rates)))
    low, high = np.percentile(rates[drawn].mean(1), (2.5, 97.5))
    return float(rates.mean()), float(low), float(high)


def confusion(items: Sequence[Judged], system: str) -> NDArray[np.int64]:
    """Return counts of cells, shape (true label, said label)."""
    table = np.zeros((4, 4), np.int64)
    for item in items:
        np.add.at(table, (item.truth, item.said[system]), 1)
    return table


def share(flags: Sequence[NDArray[np.bool_]], among: Sequence[NDArray[np.bool_]]) -> float:
    """Return the share of true among the cells of another kind; NaN without any."""
    chosen = np.concatenate([f[a] for f, a in zip(flags, among, strict=True)])
    return float(chosen.mean()) if len(chosen) else float("nan")


def section(count: int = COUNT) -> str:
    """Return what ``RESULTS.md`` says about activity, as Markdown.

    Takes some minutes the first time (230 MB of packages are fetched and decoded), then about one. Without
    apt it says so instead.
    """
    try:
        material = stock("test")
    except NoPackages as reason:
        return f"Left out: {reason}.\n"
    items = judged(material, KINDS, count)
    songs, noises = judged(material, ("singing",), count), judged(material, ("noise",), count)
    lines = [_about(material, items), "", *_accuracy_table(items), "", *_label_table(items), ""]
    lines += [*_confusion_table(items), "", *_others_table(items, songs, noises), ""]
    lines += [*_singers_table(material), "", *_noises_table(material)]
    return "\n".join(lines) + "\n"


def _about(material: Stock, items: Sequence[Judged]) -> str:
    test = [source for source in SOURCES if source.split == "test"]
    minutes = sum(len(item.truth) for item in items) / 600
    return f"""\
{len(items)} mixes ({minutes:.0f} min) of voices, tunes and noises from packages that training did not use
({", ".join(source.package for source in test)}; synthetic voices {
        ", ".join(name for name in material.speech if " " in name)
    }).
Half of them went through MP3, Opus, a telephone, clipping, a low rate or a hiss. Ten labels a second, four
labels; noise, tones and applause are `silence`. Intervals: 95 %, bootstrap over mixes."""


def _accuracy_table(items: Sequence[Judged]) -> list[str]:
    lines = ["| system | all | " + " | ".join(KINDS) + " |", "|---|---|" + "---|" * len(KINDS)]
    for system in items[0].said:
        mean, low, high = accuracy(items, system)
        parts = [accuracy([item for item in items if item.mix.kind == kind], system)[0] for kind in KINDS]
        cells = " | ".join(f"{part:.3f}" for part in parts)
        lines.append(f"| {system} | {mean:.3f} ({low:.3f}–{high:.3f}) | {cells} |")
    return lines


def _label_table(items: Sequence[Judged]) -> list[str]:
    lines = ["| system, recall / precision | " + " | ".join(LABELS) + " |", "|---|" + "---|" * len(LABELS)]
    for system in items[0].said:
        table = confusion(items, system)
        right = table.diagonal()
        recall, precision = right / np.maximum(table.sum(1), 1), right / np.maximum(table.sum(0), 1)
        cells = " | ".join(f"{r:.3f} / {p:.3f}" for r, p in zip(recall, precision, strict=True))
        lines.append(f"| {system} | {cells} |")
    return lines


def _confusion_table(items: Sequence[Judged]) -> list[str]:
    table = confusion(items, "workbench") / 10
    lines = ["| workbench: seconds, true ↓ said → | " + " | ".join(LABELS) + " |"]
    lines.append("|---|" + "---|" * len(LABELS))
    for label, row in zip(LABELS, table, strict=True):
        lines.append(f"| {label} | " + " | ".join(f"{value:.0f}" for value in row) + " |")
    return lines


def _others_table(items: Sequence[Judged], songs: Sequence[Judged], noises: Sequence[Judged]) -> list[str]:
    """Tell of each label by itself: speech found, songs and noises not taken for speech."""
    asked = (
        "speech found",
        "first 0.3 s of it",
        "sung time taken for speech",
        "music alone taken for speech",
        "noise taken for speech",
        "noise taken for music",
    )
    lines = ["| system | " + " | ".join(asked) + " |", "|---|" + "---|" * len(asked)]
    everything = [*items, *songs, *noises]
    for system in items[0].said:
        spoken = [(item.said[system] & 1) > 0 for item in everything]
        tuned = [(item.said[system] & 2) > 0 for item in everything]
        truth = [item.mix for item in everything]
        noise = [mix.noise & ~mix.speech & ~mix.music for mix in truth]
        values = (
            share(spoken, [mix.speech for mix in truth]),
            share(spoken, [_first(mix.speech) for mix in truth]),
            share(spoken, [mix.sung & ~mix.speech for mix in truth]),
            share(spoken, [mix.music & ~mix.sung & ~mix.speech for mix in truth]),
            share(spoken, noise),
            share(tuned, noise),
        )
        lines.append(f"| {system} | " + " | ".join(f"{value:.3f}" for value in values) + " |")
    return lines


def _singers_table(material: Stock) -> list[str]:
    """Tell how much of the singing of each singer is taken for speech, alone and over a tune."""
    systems = peers()
    lines = ["| sung time taken for speech: alone / over a tune | " + " | ".join(systems) + " |"]
    lines.append("|---|" + "---|" * len(systems))
    for singer, group in material.sung.items():
        rows = [phrase(clip) for clip in group[:6]]
        samples = np.concatenate([row[0] for row in rows])
        samples = samples[: len(samples) // CELL * CELL]
        tune = np.resize(even(material.draw("music", np.random.default_rng(SEED)).samples), len(samples))
        said = []
        for ask in systems.values():
            alone, over = (float((asked(ask, sound) & 1).mean()) for sound in (samples, samples + tune))
            said.append(f"{alone:.2f} / {over:.2f}")
        lines.append(f"| {singer} ({len(samples) / RATE:.0f} s) | " + " | ".join(said) + " |")
    return lines


def _noises_table(material: Stock) -> list[str]:
    """Tell what each kind of noise, alone for 15 s, is taken for."""
    systems = peers()
    lines = ["| noise: taken for speech / for music | " + " | ".join(systems) + " |"]
    lines.append("|---|" + "---|" * len(systems))
    made = {
        name: [kind(np.random.default_rng(seed), 15 * RATE) for seed in range(3)]
        for name, kind in NOISES.items()
    }
    made["recorded"] = [np.resize(clip.samples, 15 * RATE) for clip in material.noise[::8]]
    for name, sounds in made.items():
        said = []
        for ask in systems.values():
            codes = np.concatenate([asked(ask, 0.3 * samples) for samples in sounds])
            said.append(f"{(codes & 1 > 0).mean():.2f} / {(codes & 2 > 0).mean():.2f}")
        lines.append(f"| {name} | " + " | ".join(said) + " |")
    return lines


def _first(speech: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the first three cells of every stretch of speech that does not begin the recording."""
    begins = np.flatnonzero(speech[1:] & ~speech[:-1]) + 1
    out = np.zeros(len(speech), bool)
    for start in begins:
        out[start : start + 3] = True
    return out & speech
