"""The diverging scale of scores, the same in the player (``frontend/src/colour.ts``) and in figures."""

from __future__ import annotations

LOW, MIDDLE, HIGH = (240, 116, 64), (228, 212, 232), (72, 160, 245)
"""Orange to blue through a pale lilac: told apart with any kind of colour vision."""
SPREAD = 0.7
"""Exponent of the distance from 3; below 1 it spreads the middle, where most scores lie."""


def score_colour(score: float, opacity: float = 1.0) -> str:
    """Return the colour of a score from 1 to 5 as CSS, diverging around 3.

    Examples
    --------
    >>> score_colour(3), score_colour(5)
    ('rgba(228, 212, 232, 1.000)', 'rgba(72, 160, 245, 1.000)')
    """
    place = min(1.0, max(-1.0, (score - 3) / 2))
    amount = abs(place) ** SPREAD
    end = LOW if place < 0 else HIGH
    mixed = (round(a + (b - a) * amount) for a, b in zip(MIDDLE, end, strict=True))
    return f"rgba({', '.join(map(str, mixed))}, {opacity:.3f})"


def opacity_of(confidence: float | None) -> float:
    """Return a confidence as opacity: faint, but never invisible; one that is not known counts as a half."""
    return 0.35 + 0.65 * min(1.0, max(0.0, 0.5 if confidence is None else confidence))
