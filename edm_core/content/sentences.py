"""Sentences of a passage, and the passage's embedding made from theirs.

A passage is often about one thing in several sentences; read one by one they are clearer than read as one
long text, and their embeddings serve topic, tone, repetition and the personas alike.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from .classify import Embeds

FEWEST_WORDS = 4
"""A shorter sentence is read together with the one before it."""

_END = re.compile(r"(?<=[.!?…])[\"”’']?\s+")


def sentences_of(text: str) -> tuple[str, ...]:
    """Return the sentences of a text; none of a text without words.

    Examples
    --------
    >>> sentences_of("Rain is coming tonight. Yes. The roads will be wet by noon.")
    ('Rain is coming tonight. Yes.', 'The roads will be wet by noon.')
    """
    found: list[str] = []
    for part in _END.split(text.strip()):
        if found and (len(part.split()) < FEWEST_WORDS or len(found[-1].split()) < FEWEST_WORDS):
            found[-1] = f"{found[-1]} {part}"
        elif part:
            found.append(part)
    return tuple(found)


def vector_of(text: str, embed: Embeds) -> NDArray[np.float32]:
    """Return a text's embedding: the mean of its sentences', by their words, scaled to length 1."""
    sentences = sentences_of(text)
    rows = embed(list(sentences) or [""])
    weights = np.array([len(sentence.split()) for sentence in sentences] or [1], np.float32)
    mean = weights @ rows / weights.sum()
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)
