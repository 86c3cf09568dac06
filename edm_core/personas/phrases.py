"""Phrases of a passage, with their times: what evidence is quoted from.

A phrase is a sentence, verbatim, so that its embedding is the one that the passage's own was made from; a
sentence that is too long to be quoted is cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..content.classify import Embeds
from ..content.injection import instructs
from ..content.sentences import sentences_of
from ..timeline import Passage

MOST_WORDS = 30
"""Words of a sentence beyond which it is cut, and ``CUT`` into how long phrases."""
CUT, FEWEST = 16, 4


@dataclass(frozen=True)
class Phrase:
    """Words that stand together, verbatim, with their times in seconds and their embedding."""

    text: str
    start: float
    end: float
    vector: NDArray[np.float32]


def phrases_of(passage: Passage, embed: Embeds) -> tuple[Phrase, ...]:
    """Return the phrases of a passage, less those that instruct whoever judges.

    Parameters
    ----------
    passage : Passage
        Its words give the times; where they are not those of its text, every phrase spans the passage.
    embed : callable
        Embeds the phrases.
    """
    cuts = [cut for cut in _cut(passage.text) if not instructs(cut[0])]
    rows = embed([text for text, _, _ in cuts])
    words = passage.words if len(passage.words) == len(passage.text.split()) else ()
    return tuple(
        Phrase(text, words[first].start, words[last].end, row)
        if words
        else Phrase(text, passage.start, passage.end, row)
        for (text, first, last), row in zip(cuts, rows, strict=True)
    )


def _cut(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield phrases with the places of their first and last word."""
    place = 0
    for sentence in sentences_of(text):
        tokens = sentence.split()
        low = 0
        while low < len(tokens):
            high = len(tokens)
            if high > MOST_WORDS and high - low > CUT + FEWEST:
                high = low + CUT
            part = sentence if high - low == len(tokens) else " ".join(tokens[low:high])
            yield part, place + low, place + high - 1
            low = high
        place += len(tokens)
