"""How things that follow each other become one finding, and how they are counted."""

from __future__ import annotations

from collections.abc import Iterable


def runs(places: Iterable[int], *, apart: int = 1) -> list[list[int]]:
    """Return rising numbers in groups whose members are at most ``apart`` from the one before.

    Examples
    --------
    >>> runs([2, 3, 4, 9])
    [[2, 3, 4], [9]]
    """
    groups: list[list[int]] = []
    for place in places:
        if groups and place - groups[-1][-1] <= apart:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def plural(count: int, word: str) -> str:
    """Return a count with its word: ``1 beat``, ``2 beats``."""
    return f"{count} {word}{'' if count == 1 else 's'}"
