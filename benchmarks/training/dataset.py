"""Rendered forms as the networks see them: the front end's arrays and the truth, kept on disk.

    python -m benchmarks.training.dataset --out DIR --count 800 --seed 0 [--split train]

A piece takes some seconds to render and a few megabytes to keep; pieces that are there are not made again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edm_core.audio.spectrum import RATE, Spectrum, SpectrumStream


@dataclass(frozen=True, slots=True)
class Piece:
    """A rendered piece: its front end and its truth."""

    name: str
    spectrum: Spectrum
    truth: dict[str, Any]


def main() -> None:
    """Render what is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0, help="of the first piece; each next has the next")
    parser.add_argument("--split", default="train", help="of the human forms: train, val or test")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    for index, seed in enumerate(range(arguments.seed, arguments.seed + arguments.count), 1):
        path = arguments.out / f"{arguments.split}-{seed:06d}.npz"
        if not path.exists():
            save(path, seed, arguments.split)
        spent = time.monotonic() - started
        left = spent / index * (arguments.count - index)
        print(f"\r{index}/{arguments.count}, {left / 60:.0f} min left ", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def save(path: Path, seed: int, split: str) -> None:
    """Render one piece and keep its front end and truth."""
    from benchmarks.forms.render import render

    made = render(seed, split=split, rate=RATE)
    samples = np.asarray(made.samples, np.float32)
    mono = samples if samples.ndim == 1 else samples.mean(1)
    spectrum = front_end(mono)
    part = path.with_suffix(".part")
    with open(part, "wb") as file:
        np.savez(
            file,
            mel=spectrum.mel,
            level=spectrum.level,
            chroma=spectrum.chroma,
            truth=np.frombuffer(json.dumps(made.truth).encode(), np.uint8),
        )
    part.rename(path)


def front_end(mono: NDArray[np.float32]) -> Spectrum:
    """Return the spectrum of mono sound at 24 kHz."""
    stream = SpectrumStream()
    parts = (stream.push(np.ascontiguousarray(mono, np.float32)), stream.finish())
    return Spectrum(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("mel", "level", "chroma"))
    )


def pieces(folders: Sequence[Path]) -> Iterator[Piece]:
    """Read the pieces of folders, in order of their names."""
    for path in (path for folder in folders for path in sorted(folder.glob("*.npz"))):
        with np.load(path) as arrays:
            spectrum = Spectrum(arrays["mel"], arrays["level"], arrays["chroma"])
            yield Piece(path.stem, spectrum, json.loads(arrays["truth"].tobytes()))


if __name__ == "__main__":
    main()
