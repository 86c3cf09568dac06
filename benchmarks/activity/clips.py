"""Clips of speech, music and noise at one rate: decoded once, cached, and drawn from by the mixes."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .packages import CACHE, SOURCES, Source, files

RATE = 24_000
"""Hertz: the rate of the product's spectral front end."""
LONGEST = {"speech": 12.0, "music": 75.0, "noise": 12.0}
SHORTEST = {"speech": 0.35, "music": 8.0, "noise": 0.3}
"""Seconds."""
COUNT = {"speech": 220, "music": 16, "noise": 60}
"""Clips of a source at most, spread over its files."""

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Clip:
    """A piece of mono sound at :data:`RATE` with a peak of 1, and where it comes from."""

    name: str
    samples: Samples


def clips(kind: str, split: str, cache: Path = CACHE) -> dict[str, list[Clip]]:
    """Return the clips of all sources of a kind and split, by package.

    Raises
    ------
    NoPackages
        If a package cannot be had here.
    """
    chosen = [source for source in SOURCES if (source.kind, source.split) == (kind, split)]
    return {source.package: _clips_of(source, cache) for source in chosen}


def decode(path: Path, seconds: float | None = None) -> Samples:
    """Return a sound file as mono samples; what libsndfile cannot read, ffmpeg does (needs it installed)."""
    command = ["ffmpeg", "-nostdin", "-v", "error", "-threads", "1"]
    command += ["-f", "g722"] if path.suffix == ".g722" else []
    command += ["-t", str(seconds)] if seconds else []
    command += ["-i", str(path), "-ac", "1", "-ar", str(RATE), "-f", "f32le", "-"]
    answer = subprocess.run(command, capture_output=True)
    return np.frombuffer(answer.stdout, np.float32)


def _clips_of(source: Source, cache: Path) -> list[Clip]:
    kept = cache / "clips" / f"{source.kind}-{source.package}.npz"
    if not kept.exists():
        made = _decoded(source, cache)
        kept.parent.mkdir(parents=True, exist_ok=True)
        scratch = kept.with_suffix(".part.npz")
        np.savez(scratch, **{clip.name: _as_int16(clip.samples) for clip in made})  # type: ignore[arg-type]
        scratch.rename(kept)
    with np.load(kept) as stored:
        return [Clip(name, stored[name].astype(np.float32) / np.float32(32767.0)) for name in stored]


def _decoded(source: Source, cache: Path) -> list[Clip]:
    paths = files(source, cache)
    count = COUNT[source.kind]
    wanted = paths if len(paths) <= count else [paths[i * len(paths) // count] for i in range(count)]
    root = cache / "packages" / source.package
    out = []
    for path in wanted:
        samples = decode(path, 2 * LONGEST[source.kind])
        limit = round(LONGEST[source.kind] * RATE)
        first = max(0, (len(samples) - limit) // 2) if source.kind == "music" else 0
        samples = samples[first : first + limit]
        peak = float(np.abs(samples).max(initial=0.0))
        if len(samples) >= SHORTEST[source.kind] * RATE and peak > 1e-3:
            out.append(Clip(str(path.relative_to(root)), samples / peak))
    return out


def _as_int16(samples: Samples) -> NDArray[Any]:
    return np.round(samples * 32767.0).astype(np.int16)
