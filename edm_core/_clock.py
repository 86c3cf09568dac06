"""Times as people read them; the player writes them the same way (``frontend/src/time.ts``)."""

from __future__ import annotations

import math


def clock(seconds: float, decimals: int = 0) -> str:
    """Return a time or duration as ``m:ss``, from an hour on as ``h:mm:ss``.

    Parameters
    ----------
    seconds : float
        From 0.
    decimals : int
        Digits after the point. They are rounded; without any, the fraction is cut off, so that what is shown
        is never ahead of the sound.

    Examples
    --------
    >>> clock(132.9), clock(3_725.0), clock(75.0421, 3)
    ('2:12', '1:02:05', '1:15.042')
    """
    scale = 10**decimals
    whole, fraction = divmod(round(seconds * scale) if decimals else math.floor(seconds + 1e-6), scale)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
    return f"{text}.{fraction:0{decimals}d}" if decimals else text
