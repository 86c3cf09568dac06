"""Figures of a judge of labels: macro-F1, intervals by bootstrap over templates, calibration, abstention."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.intp]

DRAWS = 1000


def macro_f1(truth: Labels, said: Labels, count: int) -> float:
    """Return the mean F1 of the classes that occur in the truth.

    Examples
    --------
    >>> import numpy as np
    >>> macro_f1(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), 2)
    0.7333333333333334
    """
    found = []
    for one in range(count):
        right = int(((truth == one) & (said == one)).sum())
        total = int((truth == one).sum()) + int((said == one).sum())
        if (truth == one).any():
            found.append(2.0 * right / total)
    return float(np.mean(found))


def interval(
    measure: Callable[[NDArray[np.intp]], float], templates: Sequence[str], draws: int = DRAWS
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a measure of chosen rows, drawn by template.

    Parameters
    ----------
    measure : callable
        Takes indices of rows.
    templates : sequence of str
        What each row was made from; rows of one template are drawn together.
    """
    random = np.random.default_rng(1)
    names = sorted(set(templates))
    rows = [np.flatnonzero(np.asarray(templates) == name) for name in names]
    drawn = [
        measure(np.concatenate([rows[one] for one in random.integers(len(rows), size=len(rows))]))
        for _ in range(draws)
    ]
    low, high = np.nanpercentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.bool_], bins: int = 10) -> float:
    """Return the expected calibration error over bins of equal width (Guo and others, ICML 2017)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(
        sum(
            (place == one).mean() * abs(confidence[place == one].mean() - right[place == one].mean())
            for one in np.unique(place)
        )
    )


def likelihood(shares: NDArray[np.float64], truth: Labels) -> float:
    """Return the mean negative log-likelihood of the truth."""
    return float(-np.log(shares[np.arange(len(truth)), truth] + 1e-12).mean())


def threshold_for(confidence: NDArray[np.float64], right: NDArray[np.bool_], accuracy: float) -> float:
    """Return the lowest confidence from which answers reach an accuracy; 1 if none does."""
    for level in np.round(np.arange(0.0, 1.0, 0.01), 2):
        answered = confidence >= level
        if answered.any() and right[answered].mean() >= accuracy:
            return float(level)
    return 1.0
