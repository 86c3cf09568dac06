"""Agreement of labels: what raters say at every point of a time grid, and the usual measures of that.

Labels are coded from 0, -1 where a rater says nothing. All measures are computed from matrices of counts, the
last two axes being labels, so that a bootstrap can add them up in any mixture; a measure that is not defined
there (nobody uses a second label, say) is NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

HOP_S = 0.1
"""Spacing of the time grid in seconds, that of mir_eval's ``frame_size``."""

Stretch = tuple[float, float, str]
"""Start, end and label."""


def points(duration: float) -> int:
    """Return how many points of the grid lie in a recording."""
    return int(duration / HOP_S)


def codes_of(stretches: Sequence[Stretch], labels: Sequence[str], count: int) -> NDArray[Any]:
    """Return the code of the label at each point of the grid, -1 where there is none.

    Where stretches overlap, the one that begins later counts.

    Examples
    --------
    >>> codes_of([(0.0, 0.2, "intro"), (0.3, 0.5, "drop")], ["intro", "drop"], 5).tolist()
    [0, 0, -1, 1, 1]
    """
    import numpy as np

    times = np.arange(count) * HOP_S
    ordered = sorted(stretches)
    starts, ends = (np.array([stretch[side] for stretch in ordered], dtype=float) for side in (0, 1))
    names = np.array([labels.index(stretch[2]) for stretch in ordered], dtype=int)
    if not len(starts):
        return np.full(count, -1)
    # A boundary at 0.3 s is meant to be on the third point, which floating point puts at 0.30000000000000004.
    at = np.searchsorted(starts, times + 1e-9, side="right") - 1
    inside = (at >= 0) & (times + 1e-9 < ends[at])
    return np.where(inside, names[at], -1)


def confusions(one: NDArray[Any], other: NDArray[Any], labels: int, blocks: NDArray[Any]) -> NDArray[Any]:
    """Count pairs of labels in each block, where both say something: ``(blocks, labels, labels)``."""
    import numpy as np

    size = int(blocks.max(initial=-1)) + 1
    both = (one >= 0) & (other >= 0)
    flat = (blocks[both] * labels + one[both]) * labels + other[both]
    return np.bincount(flat, minlength=size * labels * labels).reshape(size, labels, labels).astype(float)


def coincidences(codes: NDArray[Any], labels: int, blocks: NDArray[Any]) -> NDArray[Any]:
    """Return the coincidence matrix of each block (Krippendorff 2011): ``(blocks, labels, labels)``.

    A point at which m raters say something gives m (m - 1) ordered pairs, each of weight 1 / (m - 1); one at
    which a single rater speaks gives none.

    Parameters
    ----------
    codes : array, shape (raters, points)
    labels : int
    blocks : array, shape (points,)
    """
    import numpy as np

    size = int(blocks.max(initial=-1)) + 1
    said = np.stack([(codes == label).sum(axis=0) for label in range(labels)], axis=1).astype(float)
    voices = said.sum(axis=1)
    usable = voices >= 2
    said, where = said[usable], blocks[usable]
    weight = 1.0 / (voices[usable] - 1.0)
    found = np.zeros((size, labels, labels))
    for one in range(labels):
        for other in range(labels):
            pairs = said[:, one] * (said[:, other] - (one == other)) * weight
            found[:, one, other] = np.bincount(where, pairs, minlength=size)
    return found


def alpha(matrix: NDArray[Any]) -> NDArray[Any]:
    """Return Krippendorff's alpha for nominal labels, of coincidence matrices.

    Krippendorff, K. (2011), Computing Krippendorff's Alpha-Reliability: 1 - (n - 1) (n - sum of the diagonal)
    / (n² - sum of squared totals).

    Examples
    --------
    >>> import numpy as np
    >>> codes = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]])
    >>> print(f"{alpha(coincidences(codes, 2, np.zeros(10, int)).sum(axis=0)):.3f}")  # his example A
    0.095
    """
    import numpy as np

    totals = matrix.sum(axis=-1)
    number = totals.sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = number - np.trace(matrix, axis1=-2, axis2=-1)
        expected = number**2 - (totals**2).sum(axis=-1)
        return np.where(expected > 1e-9, 1.0 - (number - 1.0) * observed / expected, np.nan)


def kappa(matrix: NDArray[Any]) -> NDArray[Any]:
    """Return Cohen's kappa (1960) of confusion matrices.

    Examples
    --------
    >>> import numpy as np
    >>> print(f"{kappa(np.array([[20.0, 5.0], [10.0, 15.0]])):.2f}")
    0.40
    """
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        shares = matrix / matrix.sum(axis=(-2, -1), keepdims=True)
        same = np.trace(shares, axis1=-2, axis2=-1)
        chance = (shares.sum(axis=-1) * shares.sum(axis=-2)).sum(axis=-1)
        return np.where(1.0 - chance > 1e-12, (same - chance) / (1.0 - chance), np.nan)


def v_measure(matrix: NDArray[Any]) -> NDArray[Any]:
    """Return the V-measure (Rosenberg and Hirschberg 2007) of confusion matrices; names do not matter."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        joint = matrix / matrix.sum(axis=(-2, -1), keepdims=True)
        rows, columns = joint.sum(axis=-1), joint.sum(axis=-2)
        of_rows, of_columns = _entropy(rows), _entropy(columns)
        both = _entropy(joint.reshape(*joint.shape[:-2], -1))
        homogeneity = np.where(of_rows > 1e-12, (of_rows + of_columns - both) / of_rows, 1.0)
        completeness = np.where(of_columns > 1e-12, (of_rows + of_columns - both) / of_columns, 1.0)
        value = 2 * homogeneity * completeness / (homogeneity + completeness)
    value = np.where(homogeneity + completeness > 1e-12, value, 0.0)
    return np.where(np.isfinite(rows.sum(axis=-1)), value, np.nan)


def share(counts: NDArray[Any]) -> NDArray[Any]:
    """Return the first of two counts over the second."""
    import numpy as np

    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(counts[..., 1] > 0, counts[..., 0] / counts[..., 1], np.nan)


def _entropy(shares: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    terms: NDArray[Any] = shares * np.log(np.where(shares > 0, shares, 1.0))
    entropy: NDArray[Any] = -terms.sum(axis=-1)
    return entropy
