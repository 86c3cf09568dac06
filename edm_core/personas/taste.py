"""Taste: how near a passage is to what a listener likes and dislikes, learnt from the persona's sentences.

A listener's sentences stand at the two ends of the scale, and a passage is rated by its semantic similarity
to them, after Maier et al. (2025), "LLMs Reproduce Human Purchase Intent via Semantic Similarity Elicitation
of Likert Ratings" (arXiv 2510.08338), who place free text on a scale in this way. Beside them stand the
example passages of the label files, each with a topic and a tone for which the persona's file says how much
the listener cares. A ridge regression on both (Hastie, Tibshirani and Friedman 2009, section 3.4.1), from the
embedding and how a thing is said, reads how the two ends differ, in closed form; which sentences are nearest
is what is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..content import read_examples, read_labels
from ..content.classify import Embeds
from ..content.features import features
from ..content.packaged import kept_rows
from ..resources import LABELS
from ..settings import Settings
from .persona import Persona

RIDGE = 5.0
"""Pull of the regression's weights towards nothing."""
OWN_WEIGHT = 10.0
"""How much one of the persona's own sentences counts, beside 1 for an example of the label files.

This and the two around it were chosen, among few, on ``benchmarks/audience/pairs/dev.yaml``.
"""
FULL = 0.6
"""Value of the regression at which likeness moves the score by three quarters of what the rubric allows."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near a passage is to a listener's tastes.

    ``value`` runs from -1 (what they dislike) to 1 (what they like); ``liked`` and ``disliked`` are the
    nearest sentences with the cosine similarity to them.
    """

    value: float
    liked: tuple[str, float]
    disliked: tuple[str, float]

    @property
    def near(self) -> float:
        """The cosine similarity to the nearer sentence of the two."""
        return max(self.liked[1], self.disliked[1])


@dataclass(frozen=True)
class Taste:
    """A listener's taste: weights on what is seen of a text, and the sentences that it was learnt from.

    ``weights`` has shape (f,), ``liked`` and ``disliked`` are embeddings of shape (n, d).
    """

    persona: Persona
    weights: NDArray[np.float64]
    offset: float
    liked: NDArray[np.float32]
    disliked: NDArray[np.float32]

    def __call__(self, rows: NDArray[np.float64], vectors: NDArray[np.float32]) -> list[Likeness]:
        """Return the likeness of texts.

        Parameters
        ----------
        rows : array, shape (n, f)
            Of :func:`seen`.
        vectors : array, shape (n, d)
            Their embeddings.
        """
        values = np.tanh((rows @ self.weights + self.offset) / FULL)
        likes, dislikes = vectors @ self.liked.T, vectors @ self.disliked.T
        return [
            Likeness(
                float(value),
                (self.persona.likes.statements[int(like.argmax())], float(like.max())),
                (self.persona.dislikes.statements[int(dislike.argmax())], float(dislike.max())),
            )
            for value, like, dislike in zip(values, likes, dislikes, strict=True)
        ]

    def nearest(self, vectors: NDArray[np.float32], *, liked: bool) -> int:
        """Return which of several texts is nearest to a sentence that they like, or dislike."""
        rows = self.liked if liked else self.disliked
        return int((vectors @ rows.T).max(axis=1).argmax())


def seen(texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return what a taste reads of texts: their embeddings beside how they are said, shape (n, f)."""
    return np.hstack([vectors, features(texts, read_labels(LABELS / "tones.yaml"))])


def taste_of(persona: Persona, embed: Embeds, settings: Settings | None = None) -> Taste:
    """Return a persona's taste, fitted once a process for each edition of its file."""
    return _fitted(_Edition(persona), embed, settings)


def cares(persona: Persona, topic: str, tone: str) -> float:
    """Return how much a listener cares for a topic in a tone, -1 to 1."""
    rubric = persona.rubric
    whole = rubric.topic + rubric.tone
    of_topic = persona.likes.topics.get(topic, 0.0) - persona.dislikes.topics.get(topic, 0.0)
    of_tone = persona.likes.tones.get(tone, 0.0) - persona.dislikes.tones.get(tone, 0.0)
    return (rubric.topic * of_topic + rubric.tone * of_tone) / whole if whole else 0.0


# --- private ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Edition:
    """A persona that is told apart by its version alone: its tastes cannot be hashed."""

    persona: Persona

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Edition) and self.persona.version == other.persona.version

    def __hash__(self) -> int:
        return hash(self.persona.version)


@lru_cache(maxsize=128)
def _fitted(edition: _Edition, embed: Embeds, settings: Settings | None) -> Taste:
    persona = edition.persona
    likes, dislikes = persona.likes.statements, persona.dislikes.statements
    own = kept_rows((*likes, *dislikes), embed, settings)
    examples = _examples(embed, settings)
    rows = np.vstack([examples.rows, seen((*likes, *dislikes), own)])
    wanted = np.array(
        [cares(persona, topic, tone) for topic, tone in examples.labels]
        + [1.0] * len(likes)
        + [-1.0] * len(dislikes)
    )
    counts = np.array([1.0] * len(examples.labels) + [OWN_WEIGHT] * len(own))
    middle, level = counts @ rows / counts.sum(), float(counts @ wanted / counts.sum())
    rows = rows - middle
    gram = (rows.T * counts) @ rows + RIDGE * np.eye(rows.shape[1])
    weights = np.linalg.solve(gram, rows.T @ (counts * (wanted - level)))
    return Taste(persona, weights, level - float(middle @ weights), own[: len(likes)], own[len(likes) :])


@dataclass(frozen=True)
class _Examples:
    labels: tuple[tuple[str, str], ...]
    rows: NDArray[np.float64]


@lru_cache(maxsize=8)
def _examples(embed: Embeds, settings: Settings | None) -> _Examples:
    found = read_examples()
    texts = tuple(text for _, _, text in found)
    return _Examples(
        tuple((topic, tone) for topic, tone, _ in found), seen(texts, kept_rows(texts, embed, settings))
    )
