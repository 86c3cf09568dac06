"""``python -m benchmarks.training``: make the weights that ship with the workbench, from nothing but seeds.

    python -m benchmarks.training.dataset --out DIR/train --count 900 --split train
    python -m benchmarks.training.dataset --out DIR/val --count 150 --seed 100000 --split val
    python -m benchmarks.training --data DIR [--only pulse|form] [--seed 0]

Training sees renderings of the train split of EDM-98's forms, and free compositions; how much each kind of
evidence counts and what the confidences mean is fitted on renderings of the validation split. Renderings of
the test split, and those of any other renderer, are for testing. Needs the ``research`` extra and ``onnx``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from . import export, form, pulse
from .fitting import fit_beats, fit_form


def main() -> None:
    """Train, fit and write the weights that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train/ and val/")
    parser.add_argument("--only", choices=("pulse", "form"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=export.WEIGHTS)
    arguments = parser.parse_args()
    train, val = arguments.data / "train", arguments.data / "val"
    if arguments.only != "form":
        net = pulse.train(pulse.load_groups(train, arguments.seed), arguments.seed, 24, pulse.load_groups(val, 1))
        made = {"seed": arguments.seed, "data": export.describe(train)}
        export.write(net, arguments.out / "pulse.onnx", {"beat": [1, 0, 0, 0, 0], "bars": {}}, made)
        constants = fit_beats(val, arguments.out / "pulse.onnx")
        export.write(net, arguments.out / "pulse.onnx", constants, made | {"fitted on": export.describe(val)})
    if arguments.only != "pulse":
        bars = form.load(val, (0,))
        net_of_form = form.train(form.load(train), arguments.seed, 60, [group[0] for group in bars])
        made = {"seed": arguments.seed, "data": export.describe(train)}
        none = {"form": {}, "boundary": [1, 0], "label": [1, 0]}
        export.write(net_of_form, arguments.out / "form.onnx", none, made)
        constants = fit_form(val, arguments.out)
        export.write(net_of_form, arguments.out / "form.onnx", constants, made | {"fitted on": export.describe(val)})


if __name__ == "__main__":
    main()
