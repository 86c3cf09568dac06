"""Which passage repeats an earlier one: nearly the same words, or the same thing in other words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

OVERLAP, NEARNESS = 0.8, 0.9
"""Share of words in common, and cosine similarity, from which a passage repeats another."""
FEWEST_WORDS = 5
"""Shorter passages, such as "Thank you", are not called repetitions."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def find_repeats(texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> list[int | None]:
    """Return, for each text, the index of the earliest text that it repeats, or None.

    Parameters
    ----------
    texts : sequence of str
        In order of time.
    vectors : array, shape (len(texts), d), optional
        Embeddings; a row of zeros, or no array, leaves the comparison to the words.

    Examples
    --------
    >>> find_repeats(["Call now for the best price.", "And the news.", "call now, for the best price"])
    [None, None, 0]
    """
    bags = [_bag(text) for text in texts]
    found: list[int | None] = []
    for index, bag in enumerate(bags):
        found.append(None)
        if sum(bag.values()) < FEWEST_WORDS:
            continue
        near = vectors[:index] @ vectors[index] if vectors is not None and index else None
        for earlier in range(index):
            if sum(bags[earlier].values()) < FEWEST_WORDS:
                continue
            alike = near is not None and float(near[earlier]) >= NEARNESS
            if alike or _overlap(bags[earlier], bag) >= OVERLAP:
                found[-1] = earlier
                break
    return found


def _bag(text: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for word in _WORD.findall(text.casefold()):
        counts[word] = counts.get(word, 0) + 1
    return counts


def _overlap(first: dict[str, int], second: dict[str, int]) -> float:
    """Return the words in common over the mean number of words (the Dice coefficient of multisets)."""
    total = sum(first.values()) + sum(second.values())
    small, large = sorted((first, second), key=len)
    common = sum(min(count, large.get(word, 0)) for word, count in small.items())
    return 2 * common / total if total else 0.0
