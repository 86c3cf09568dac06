import numpy as np
import pytest

from edm_core.content.discriminant import fit


@pytest.mark.parametrize("shrinkage", [0.0, 0.3, 0.9, 1.0])
def test_it_is_the_library_s_discriminant(shrinkage):
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    random = np.random.default_rng(0)
    classes = np.repeat([0, 1, 2], [5, 30, 12])
    rows = random.normal(size=(47, 6)) + classes[:, None] * np.array([1, 0, 0, 0.5, 0, 0])
    ours = fit(rows, classes, 3, shrinkage)(rows)
    peer = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=shrinkage, priors=[1 / 3] * 3).fit(
        rows, classes
    )
    # The library weighs each class's covariance by its prior, ours by its rows: the same choices, nearly.
    assert (ours.argmax(axis=1) == peer.predict(rows)).mean() > 0.9


def test_the_number_of_rows_is_no_prior():
    rows = np.array([[0.0]] * 99 + [[1.0]])
    model = fit(rows, np.array([0] * 99 + [1]), 2, 0.5)
    assert model(np.array([[0.6]])).argmax() == 1 and model(np.array([[0.4]])).argmax() == 0


def test_one_text_a_class_is_enough():
    model = fit(np.eye(3), np.arange(3), 3, 0.5)
    assert (model(np.eye(3)).argmax(axis=1) == np.arange(3)).all()
