"""Write rendered forms like the development set: ``audio/<id>.flac`` and ``truth/<id>.json``.

python -m benchmarks.forms --out DIR --count N [--seed S] [--split train] [--rate 44100]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import soundfile

from .human import SPLITS
from .render import render


def main() -> None:
    """Render pieces of seeds S, S + 1 and so on."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.forms", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where audio/ and truth/ go")
    parser.add_argument("--count", type=int, required=True, metavar="N", help="how many pieces")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="seed of the first [default: 0]")
    parser.add_argument("--split", choices=SPLITS, default="train", help="whose forms [default: train]")
    parser.add_argument("--rate", type=int, default=44100, help="sampling rate in Hz [default: 44100]")
    arguments = parser.parse_args()
    for folder in ("audio", "truth"):
        (arguments.out / folder).mkdir(parents=True, exist_ok=True)
    for seed in range(arguments.seed, arguments.seed + arguments.count):
        piece = render(seed, split=arguments.split, rate=arguments.rate)
        name = f"form_{arguments.split}_{seed:05d}"
        audio = f"audio/{name}.flac"
        soundfile.write(arguments.out / audio, piece.samples, piece.rate, subtype="PCM_16")
        truth = piece.truth | {"id": name, "audio": audio}
        (arguments.out / "truth" / f"{name}.json").write_text(
            json.dumps(truth, indent=1) + "\n", encoding="utf-8"
        )
        print(f"  {name:24s} {truth['duration']:7.1f} s  {truth['style']}", flush=True)


if __name__ == "__main__":
    main()
