"""``python -m benchmarks.training``: make the weights that ship with the workbench, from nothing but seeds.

    python -m benchmarks.training.dataset --out DIR/train --count 1300 --split train
    python -m benchmarks.training.dataset --out DIR/val --count 150 --seed 100000 --split val
    python -m benchmarks.training --train DIR/train --val DIR/val [--only pulse|form] [--seed 0]

Training sees renderings of the train split of EDM-98's forms, and free compositions; how much each kind of
evidence counts, and what the confidences mean, is fitted on renderings of the validation split. Renderings of
the test split, and those of any other renderer, are for testing. Needs the ``research`` extra; takes half an
hour on one core, and the renderings an hour or two.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from . import export, form, pulse
from .fitting import fit_beats, fit_form

PULSE_EPOCHS, FORM_EPOCHS = 16, 36


def main() -> None:
    """Train, fit and write the weights that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--train", type=Path, nargs="+", required=True, help="folders of renderings")
    parser.add_argument("--val", type=Path, nargs="+", required=True, help="folders of other renderings")
    parser.add_argument("--only", choices=("pulse", "form"))
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=export.WEIGHTS)
    parser.add_argument("--note", default="", help="kept with the weights: the renderer's commit, for one")
    arguments = parser.parse_args()
    torch.set_num_threads(1)  # the same sums in the same order
    train, val, seed = arguments.train, arguments.val, arguments.seed
    made = {"seed": seed, "trained on": export.describe(train), "fitted on": export.describe(val)}
    made |= {"note": arguments.note} if arguments.note else {}
    if arguments.only != "form":
        net = pulse.train(pulse.load_groups(train, seed), seed, PULSE_EPOCHS, pulse.load_groups(val, 1))
        path = arguments.out / "pulse.onnx"
        export.write(net, path, {"beat": [1, 0, 0, 0, 0], "bars": {}}, made)
        export.write(net, path, fit_beats(val, path), made)
    if arguments.only != "pulse":
        checked = [group[0] for group in form.load(val, (0,))]
        forms = form.train(form.load(train), seed, FORM_EPOCHS, checked)
        path = arguments.out / "form.onnx"
        export.write(forms, path, {"form": {}, "boundary": [1, 0], "label": [1, 0]}, made)
        export.write(forms, path, fit_form(val, arguments.out), made)


if __name__ == "__main__":
    main()
