"""Running means and maxima, in NumPy alone.

SciPy's filters do the same, but importing them takes as long as decoding three minutes of MP3.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Beyond = Literal["mirror", "zero"]
"""What is assumed outside of the values: their mirror image, edge included twice, or nothing."""


def running_mean(
    values: NDArray[Any], size: int, *, axis: int = -1, beyond: Beyond = "mirror"
) -> NDArray[np.float64]:
    """Return the mean over ``size`` values around each.

    Parameters
    ----------
    values : array
        Of any shape.
    size : int
        Width of the window, 1 or more. An even window reaches one value further back than forward.
    axis : int
        Along which the window runs.
    beyond : {"mirror", "zero"}
        What is assumed outside.

    Returns
    -------
    array of float64
        Of the shape of ``values``. Differences of one running sum: where all values are 0, the mean may be a
        rounding error away from it, to either side.

    Examples
    --------
    >>> running_mean(np.array([0.0, 3.0, 6.0]), 3).tolist()
    [1.0, 3.0, 5.0]
    """
    along = np.moveaxis(np.asarray(values), axis, 0)
    before, after = size // 2, size - size // 2 - 1
    total = np.empty((1 + before + len(along) + after, *along.shape[1:]))
    inner = total[1 + before : 1 + before + len(along)]
    inner[:] = along
    total[: 1 + before] = total[len(total) - after :] = 0.0
    if beyond == "mirror" and len(along):
        count = len(along)
        places = np.concatenate([np.arange(-before, 0), np.arange(count, count + after)]) % (2 * count)
        mirrored = inner[np.minimum(places, 2 * count - 1 - places)]
        total[1 : 1 + before], total[len(total) - after :] = mirrored[:before], mirrored[before:]
    np.cumsum(total, axis=0, out=total)
    return np.moveaxis((total[size:] - total[:-size]) / size, 0, axis)


def running_max(values: NDArray[Any], size: int, *, axis: int = -1) -> NDArray[Any]:
    """Return the largest of ``size`` values around each, of those that there are.

    Parameters
    ----------
    values : array
        Of any shape.
    size : int
        Width of the window, 1 or more. An even window reaches one value further back than forward.
    axis : int
        Along which the window runs.

    Examples
    --------
    >>> running_max(np.array([1, 5, 2, 0]), 3).tolist()
    [5, 5, 5, 2]
    """
    along = np.moveaxis(np.asarray(values), axis, 0)
    if not len(along):
        return np.array(values)
    before, after = size // 2, size - size // 2 - 1
    top = np.concatenate(
        [np.repeat(along[:1], before, axis=0), along, np.repeat(along[-1:], after, axis=0)]
    )  # repeating the edge adds nothing that the window does not hold
    width = 1
    while 2 * width <= size:
        top, width = np.maximum(top[:-width], top[width:]), 2 * width
    if width < size:
        top = np.maximum(top[: len(along)], top[size - width :])
    return np.moveaxis(top, 0, axis)
