"""``python -m benchmarks.content.tune``: choose the label files' constants on ``train.yaml``.

The judges are fitted on the label files, which hold no text of ``train.yaml``; the whole of it is held out.
Weights and shrinkage are those with the best macro-F1 of a grid, the temperature has the highest likelihood,
and the threshold of abstention is the lowest at which :data:`LEVEL` of the answers are right. What is printed
is put into the label files by hand. Having chosen among dozens, its own macro-F1 is a little too good.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edm_core.content import LabelSet, read_labels
from edm_core.content.classify import softmax
from edm_core.content.packaged import Packaged
from edm_core.models import minilm
from edm_core.resources import LABELS
from edm_core.settings import Settings

from .cases import TRAIN, Case, read
from .scores import calibration_error, likelihood, macro_f1, threshold_for

LEVEL = {"topics": 0.85, "tones": 0.90}
"""Share of the answers that shall be right."""

GRIDS: dict[str, dict[str, tuple[float, ...]]] = {
    "topics": {
        "shrinkage": (0.3, 0.5, 0.7),
        "word_weight": (0.15, 0.2, 0.25),
        "cue_weight": (0.1, 0.2, 0.3),
        "style_weight": (0.0, 0.03, 0.06, 0.1),
    },
    "tones": {
        "shrinkage": (0.3, 0.5, 0.7),
        "style_weight": (0.1, 0.17, 0.25, 0.35),
        "cue_weight": (0.05, 0.1, 0.15),
    },
}


def main() -> None:
    """Print the constants for both files."""
    judge = Packaged(minilm(), Settings.from_environment())
    cases = read(TRAIN).passages
    for kind, grid in GRIDS.items():
        labels = read_labels(LABELS / f"{kind}.yaml")
        tried = [_with(labels, dict(zip(grid, values, strict=True))) for values in product(*grid.values())]
        best = max(tried, key=lambda one: _f1(judge, one, kind, cases))
        scores, _ = judge.scores([case.text for case in cases], best)
        truth = truth_of(best, kind, cases)
        temperature = min(
            np.geomspace(0.5, 50.0, 60).round(2), key=lambda t: likelihood(softmax(scores, float(t)), truth)
        )
        shares = softmax(scores, float(temperature))
        confidence, right = shares.max(axis=1), shares.argmax(axis=1) == truth
        level = threshold_for(confidence, right, LEVEL[kind])
        print(f"{kind}: macro-F1 {_f1(judge, best, kind, cases):.3f}, accuracy {right.mean():.3f}")
        print({name: getattr(best, name) for name in grid}, f"temperature {temperature:g}")
        print(f"expected calibration error {calibration_error(confidence, right):.3f}")
        print(f"abstain_below {level:g}: answers {(confidence >= level).mean():.3f}", end=", ")
        print(f"of them right {right[confidence >= level].mean():.3f}")


def _with(labels: LabelSet, weights: dict[str, Any]) -> LabelSet:
    return replace(labels, **weights)


def truth_of(labels: LabelSet, kind: str, cases: tuple[Case, ...]) -> NDArray[np.intp]:
    """Return the true labels' places in a label set."""
    return np.array([labels.names.index(getattr(case, kind.removesuffix("s"))) for case in cases])


def _f1(judge: Packaged, labels: LabelSet, kind: str, cases: tuple[Case, ...]) -> float:
    scores, _ = judge.scores([case.text for case in cases], labels)
    return macro_f1(truth_of(labels, kind, cases), scores.argmax(axis=1), len(labels.names))


if __name__ == "__main__":
    main()
