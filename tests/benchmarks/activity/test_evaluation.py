from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.activity import evaluation, packages
from benchmarks.activity.evaluation import Judged, accuracy, confusion, share


def judged(truth, said):
    truth, said = np.array(truth), np.array(said)
    mix = SimpleNamespace(speech=truth % 2 == 1, music=truth >= 2)
    return Judged(mix, {"workbench": said})


def test_accuracy_and_confusion():
    items = [judged([0, 1, 2, 3], [0, 1, 2, 2]), judged([1, 1, 1, 1], [1, 1, 1, 1])]
    mean, low, high = accuracy(items, "workbench")
    assert mean == pytest.approx(0.875) and low == 0.75 and high == 1.0
    table = confusion(items, "workbench")
    assert table.sum() == 8 and table[3, 2] == 1 and table[1, 1] == 5


def test_share_of_nothing_is_unknown():
    flags = [np.array([True, False, True])]
    assert share(flags, [np.array([True, True, False])]) == 0.5
    assert np.isnan(share(flags, [np.zeros(3, bool)]))


def test_first_cells_of_speech():
    speech = np.array([1, 1, 0, 0, 1, 1, 1, 1, 0, 1], bool)
    assert evaluation._first(speech).nonzero()[0].tolist() == [4, 5, 6, 9]


def test_without_packages_the_section_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(packages.shutil, "which", lambda name: None)
    with pytest.raises(packages.NoPackages, match="no apt-get"):
        packages.folder("zaz-data", tmp_path)

    def none(split):
        raise packages.NoPackages("no apt-get here")

    monkeypatch.setattr(evaluation, "stock", none)
    assert evaluation.section(1) == "Left out: no apt-get here.\n"
