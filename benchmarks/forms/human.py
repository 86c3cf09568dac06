"""Forms that people heard in real club tracks: which section follows which, and how many bars each lasts.

Source: the annotations of EDM-98, PyPI package ``edm98`` (98 tracks; labels intro, buildup, drop, breakdown,
outro, silence). The package gives seconds; here they become whole bars at the tempo that fits them best, so
that a form can be filled with any music at any tempo. The package's own split into train, val and test is
kept: a net trained on renderings of one split is judged on forms it never met.
"""

from __future__ import annotations

import functools
import json
from dataclasses import dataclass
from importlib import resources

import numpy as np
import numpy.typing as npt

SPLITS = ("train", "val", "test")
LABELS = ("intro", "buildup", "drop", "breakdown", "outro", "silence")
SLOWEST, FASTEST = 70.0, 180.0


@dataclass(frozen=True)
class Form:
    """Sections of one track, in order: their labels and their lengths in whole bars."""

    id: str
    labels: tuple[str, ...]
    bars: tuple[int, ...]

    @property
    def total(self) -> int:
        """Bars of the whole track."""
        return sum(self.bars)


def edm98_forms(split: str) -> list[Form]:
    """Forms of one split of EDM-98, in the order of its split file.

    Parameters
    ----------
    split : str
        ``train`` (78 forms), ``val`` (10) or ``test`` (10).

    Raises
    ------
    ValueError
        There is no such split.

    Examples
    --------
    >>> len(edm98_forms("test")), edm98_forms("test")[0].labels[0]
    (10, 'intro')
    """
    if split not in SPLITS:
        raise ValueError(f"no split {split!r} of EDM-98: take one of {', '.join(SPLITS)}")
    return list(_read(split))


@functools.cache
def _read(split: str) -> tuple[Form, ...]:
    root = resources.files("edm98") / "resources"
    wanted = (root / "splits" / f"{split}.txt").read_text(encoding="utf-8").split()
    tracks = {}
    for line in (root / "dataset.jsonl").read_text(encoding="utf-8").splitlines():
        if line.strip():
            track = json.loads(line)
            tracks[track["id"]] = track["labels"]
    return tuple(form_of(name, tracks[name]) for name in wanted)


def form_of(name: str, labels: list[tuple[float, str]]) -> Form:
    """Whole bars from section starts in seconds; the last entry is the end of the file.

    Sections that round to nothing (a breath of half a bar before a drop) are given to what went before.
    """
    starts = np.array([start for start, _ in labels])
    bar = 240.0 / fitting_tempo(starts)
    # The file ends anywhere in its last bar, so the last section is not held to the grid.
    edges = np.round((starts - starts[0]) / bar).astype(int)
    edges[-1] = max(edges[-2] + 1, int(np.floor((starts[-1] - starts[0]) / bar + 0.25)))
    kept = [(label, int(b - a)) for (_, label), a, b in zip(labels, edges, edges[1:], strict=False) if b > a]
    return Form(name, tuple(label for label, _ in kept), tuple(bars for _, bars in kept))


def fitting_tempo(starts: npt.NDArray[np.float64]) -> float:
    """Tempo in BPM at which the sections last whole bars, many of them four or eight.

    The misfit is the mean distance of section starts from the bar grid, in seconds, and to a lesser degree
    that from a grid of four bars; a mild preference for 125 BPM settles the octave.
    """
    inside = starts[:-1] - starts[0]
    tempi = np.arange(SLOWEST, FASTEST, 0.05)
    bars = inside[None, :] * tempi[:, None] / 240.0
    off = np.abs(bars - np.round(bars)).mean(1)
    off_fours = np.abs(bars / 4 - np.round(bars / 4)).mean(1)
    misfit = off + 0.5 * off_fours + 0.05 * np.abs(np.log2(tempi / 125.0))
    return float(tempi[np.argmin(misfit)])
