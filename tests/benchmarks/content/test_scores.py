import numpy as np
import pytest
from sklearn.metrics import f1_score

from benchmarks.content.scores import calibration_error, interval, macro_f1, threshold_for


def test_macro_f1_is_the_library_s():
    random = np.random.default_rng(0)
    truth, said = random.integers(4, size=(2, 60))
    assert macro_f1(truth, said, 4) == pytest.approx(f1_score(truth, said, average="macro"))


def test_a_template_is_drawn_as_a_whole():
    values = np.array([0.0] * 50 + [1.0] * 50)
    alone = interval(lambda rows: float(values[rows].mean()), [str(one) for one in range(100)])
    together = interval(lambda rows: float(values[rows].mean()), ["a"] * 50 + ["b"] * 50)
    assert together == (0.0, 1.0) and 0.3 < alone[0] < 0.5 < alone[1] < 0.7


def test_calibration():
    right = np.array([True, False] * 50)
    assert calibration_error(np.full(100, 0.5), right) == pytest.approx(0.0)
    assert calibration_error(np.full(100, 0.9), right) == pytest.approx(0.4)


def test_the_lowest_threshold_that_does():
    confidence = np.array([0.2, 0.4, 0.6, 0.8])
    assert threshold_for(confidence, np.array([False, False, True, True]), 0.9) == pytest.approx(0.41)
    assert threshold_for(confidence, np.array([False] * 4), 0.9) == 1.0
