"""Rendered mixes as what the network reads and what it should say, one file a mix."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edm_core.models import silero
from edm_core.segmentation._activity_features import cell_features, reference_level, voice_frames

from .hearing import sound_of
from .mixes import Mix, make
from .stock import Stock

KINDS = {
    "show": 0.26,
    "dj set": 0.13,
    "talk": 0.2,
    "music": 0.1,
    "singing": 0.12,
    "noise": 0.12,
    "steady": 0.07,
}
"""How often each kind of mix is rendered for training."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Features (cells, features); speech, music and certain (cells,), bool."""

    kind: str
    features: NDArray[np.float32]
    speech: NDArray[np.bool_]
    music: NDArray[np.bool_]
    certain: NDArray[np.bool_]


def rows_of(mix: Mix) -> Rows:
    """Return what the network is given of a mix."""
    sound = sound_of(mix.samples)
    detector = silero()
    reference = reference_level(sound.spectrum.level)
    features = cell_features(
        sound.spectrum,
        voice_frames(detector, sound.speech, reference),
        detector.frame_seconds,
        reference,
        0,
        len(mix.speech),
    )
    return Rows(mix.kind, features, mix.speech, mix.music, mix.certain)


def render(stock: Stock, seeds: Sequence[int], folder: Path, seconds: float = 60.0) -> None:
    """Render a mix a seed into a folder; those that are there already are kept."""
    folder.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        path = folder / f"{seed:06d}.npz"
        if path.exists():
            continue
        generator = np.random.default_rng(seed)
        kind = str(generator.choice(list(KINDS), p=list(KINDS.values())))
        rows = rows_of(make(kind, stock, generator, seconds))
        scratch = path.with_suffix(".part.npz")
        np.savez(
            scratch,
            kind=kind,
            features=rows.features.astype(np.float16),
            truth=np.stack([rows.speech, rows.music, rows.certain]),
        )
        scratch.rename(path)


def load(folder: Path) -> list[Rows]:
    """Return all mixes of a folder, by name."""
    out = []
    for path in sorted(folder.glob("[0-9]*.npz")):
        if ".part" in path.name:
            continue
        with np.load(path) as stored:
            out.append(Rows(str(stored["kind"]), stored["features"].astype(np.float32), *stored["truth"]))
    return out
