"""``python -m benchmarks.activity``: remake the weights of the judge of activity, or measure it.

    python -m benchmarks.activity render --split val --count 60 --out DIR/val
    python -m benchmarks.activity render --split train --count 663 --out DIR/train
    python -m benchmarks.activity train --train DIR/train --val DIR/val --out NETWORK [--seed 0] [--epochs 36]
    python -m benchmarks.activity.join NETWORK… --out edm_core/models/weights/activity.onnx
    python -m benchmarks.activity evaluate [--count 10]
    python -m benchmarks.activity manifest

``render`` fetches Debian packages with apt-get (1.6 GB, kept in the user's cache, never installed) and needs
ffmpeg, flite, espeak-ng and pyworld; ``train`` needs the ``research`` extra. Each takes some minutes on one
core. ``manifest`` prints which packages serve what, with versions and licences. After training, put the new
checksum into ``edm_core/models/catalogue.py``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from . import dataset
from .evaluation import COUNT, section
from .packages import CACHE, SOURCES, version
from .stock import stock

FIRST_SEED = {"train": 0, "val": 100_000}
FORMS, PLAIN = {"train": 12, "val": 0}, {"train": 24, "val": 0}
"""Renderings of dance music, and plain synthetic tunes, that join the packages' tunes."""


def main() -> None:
    """Run the step that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.activity",
        description=__doc__,
        formatter_class=argparse.RawTextHelpFormatter,
    )
    steps = parser.add_subparsers(dest="step", required=True)
    render = steps.add_parser("render")
    render.add_argument("--split", choices=tuple(FIRST_SEED), required=True)
    render.add_argument("--count", type=int, required=True)
    render.add_argument("--out", type=Path, required=True)
    fit = steps.add_parser("train")
    fit.add_argument("--train", type=Path, required=True)
    fit.add_argument("--val", type=Path, required=True)
    fit.add_argument("--out", type=Path, required=True, help="the network, an ONNX file")
    fit.add_argument("--seed", type=int, default=0)
    fit.add_argument("--epochs", type=int, default=36)
    evaluate = steps.add_parser("evaluate")
    evaluate.add_argument("--count", type=int, default=COUNT, help="mixes of each kind")
    steps.add_parser("manifest")
    arguments = parser.parse_args()
    if arguments.step == "render":
        first = FIRST_SEED[arguments.split]
        material = stock(arguments.split, forms=FORMS[arguments.split], plain=PLAIN[arguments.split])
        dataset.render(material, range(first, first + arguments.count), arguments.out)
    elif arguments.step == "train":
        _train(arguments.train, arguments.val, arguments.out, arguments.seed, arguments.epochs)
    elif arguments.step == "evaluate":
        print(section(arguments.count))
    else:
        print(manifest())


def manifest(cache: Path = CACHE) -> str:
    """Return the packages as a Markdown table, with the versions of those that were fetched."""
    lines = ["| package | version | serves as | in | files | licence |", "|---|---|---|---|---|---|"]
    for source in SOURCES:
        fetched = (cache / "packages" / source.package).is_dir()
        known = version(source.package, cache) if fetched else "not fetched"
        lines.append(
            f"| {source.package} | {known} | {source.kind} | {source.split} "
            f"| `{source.files}` | {source.licence} |"
        )
    return "\n".join(lines)


def _train(train_folder: Path, val_folder: Path, out: Path, seed: int, epochs: int) -> None:
    import torch

    from ..training import export
    from . import training

    torch.set_num_threads(1)  # the same sums in the same order
    rows, checked = dataset.load(train_folder), dataset.load(val_folder)
    net = training.train(rows, checked, seed, epochs)
    made = {"seed": seed, "epochs": epochs, "trained on": export.describe([train_folder])}
    made["packages"] = ", ".join(sorted({source.package for source in SOURCES if source.split == "train"}))
    export.write(net, out, {}, made)


if __name__ == "__main__":
    main()
