"""Linear discriminant analysis in closed form: which class a row of features belongs to.

One mean a class and one covariance for all, which is drawn towards a sphere so that it can be inverted and
does not follow chance. Reference: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning"
(2009), section 4.3; Friedman, "Regularized Discriminant Analysis" (JASA 1989) for the shrinkage.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Discriminant:
    """Weights, shape (f, classes), and offsets, shape (classes,)."""

    weights: NDArray[np.float64]
    offsets: NDArray[np.float64]

    def __call__(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a score a class, shape (len(rows), classes); the softmax of a row is its odds."""
        return np.asarray(rows @ self.weights + self.offsets)


def fit(rows: NDArray[np.float64], classes: NDArray[np.intp], count: int, shrinkage: float) -> Discriminant:
    """Fit the classes 0 to ``count`` - 1, each as likely as the others whatever its number of rows.

    Parameters
    ----------
    rows : array, shape (n, f)
        With at least one row of each class.
    classes : array of int, shape (n,)
        The class of each row.
    count : int
        How many classes there are.
    shrinkage : float
        From 0, the covariance as it is, to 1, a sphere.

    Examples
    --------
    >>> import numpy as np
    >>> rows = np.array([[0.0, 0.0], [0.2, 0.1], [1.0, 1.0], [0.9, 1.2]])
    >>> model = fit(rows, np.array([0, 0, 1, 1]), 2, 0.5)
    >>> model(np.array([[0.9, 0.9]])).argmax()
    np.int64(1)
    """
    means = np.stack([rows[classes == one].mean(axis=0) for one in range(count)])
    spread = rows - means[classes]
    covariance = spread.T @ spread / len(rows)
    level = float(np.trace(covariance)) / len(covariance) or 1.0
    covariance = (1.0 - shrinkage) * covariance + shrinkage * level * np.eye(len(covariance))
    covariance += 1e-9 * level * np.eye(len(covariance))  # without shrinkage it may have no inverse
    weights = np.linalg.solve(covariance, means.T)
    return Discriminant(weights, -0.5 * np.einsum("cf,fc->c", means, weights))
