"""Phrases of a passage, with their times: what evidence is quoted from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..content.classify import Embeds
from ..timeline import Passage

LONGEST, SHORTEST = 16, 4
"""Most words in a phrase, and fewest: what is left over joins the phrase before."""

_ENDS = (".", "!", "?", "…", ";", ":")


@dataclass(frozen=True)
class Phrase:
    """Words that stand together, verbatim, with their times in seconds and their embedding."""

    text: str
    start: float
    end: float
    vector: NDArray[np.float32]


def phrases_of(passage: Passage, vector: NDArray[np.float32], embed: Embeds) -> tuple[Phrase, ...]:
    """Return the phrases of a passage.

    Parameters
    ----------
    passage : Passage
        Its words give the times; without words, every phrase spans the passage.
    vector : array, shape (d,)
        The passage's own embedding, which is that of its phrase if there is only one; zeros if the passage
        cannot be read, and then nothing is quoted.
    embed : callable
        Embeds the phrases.
    """
    cuts = _cut(passage) if vector.any() else []
    rows = embed([text for text, _, _ in cuts]) if len(cuts) > 1 else vector[None][: len(cuts)]
    return tuple(Phrase(*cut, row) for cut, row in zip(cuts, rows, strict=True))


def _cut(passage: Passage) -> list[tuple[str, float, float]]:
    tokens = [(word.text, word.start, word.end) for word in passage.words] or [
        (text, passage.start, passage.end) for text in passage.text.split()
    ]
    phrases: list[tuple[str, float, float]] = []
    low = 0
    for high in range(1, len(tokens) + 1):
        text = tokens[high - 1][0]
        count = high - low
        comma = text.endswith(",") and count > LONGEST // 2
        left = len(tokens) - high
        if high == len(tokens) or (count >= SHORTEST and (text.endswith(_ENDS) or comma or count >= LONGEST)):
            if 0 < left < SHORTEST:
                continue
            part = tokens[low:high]
            phrases.append((" ".join(token for token, _, _ in part), part[0][1], part[-1][2]))
            low = high
    return phrases
