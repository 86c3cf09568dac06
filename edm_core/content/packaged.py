"""The engine of the base install: MiniLM and what the label files name, offline and always the same.

A text becomes its embedding, beside the words, cues and style that the label file asks for. The label files'
own texts, seen the same way, fit a linear discriminant in closed form when they are first needed: a label
that is added is learnt from its sentences at once. Their embeddings are kept on disk by their content.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ..cache import Cache, key_of
from ..errors import StorageError
from ..settings import Settings
from ..timeline import Judgement
from .classify import TOO_SHORT, Embeds, is_too_short, judgement, softmax
from .discriminant import Discriminant, fit
from .features import features
from .labels import LabelSet


class Packaged:
    """Judges by likeness to the label files' texts.

    Parameters
    ----------
    embed : callable
        Turns texts into rows of length 1. If it has an ``identity``, the rows of labels' texts are kept on
        disk.
    settings : Settings, optional
        Where the cache lies; without it nothing is kept on disk.
    """

    def __init__(self, embed: Embeds, settings: Settings | None = None) -> None:
        self._embed, self._settings = embed, settings

    def __call__(self, texts: Sequence[str], labels: LabelSet) -> list[Judgement]:
        """Return one judgement a text."""
        scores, none = self.scores(texts, labels)
        shares = softmax(scores, labels.temperature)
        return [
            TOO_SHORT if is_too_short(text) else judgement(share, labels, none=bool(empty))
            for text, share, empty in zip(texts, shares, none, strict=True)
        ]

    def scores(self, texts: Sequence[str], labels: LabelSet) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return what speaks for each label, and which texts are about nothing in particular.

        Returns
        -------
        array, shape (len(texts), number of labels)
            Log-odds before the temperature.
        array of bool, shape (len(texts),)
        """
        count = len(labels.labels)
        if not texts:
            return np.zeros((0, count)), np.zeros(0, bool)
        rows = np.hstack([self._embed(texts), features(texts, labels)])
        scores = _fitted(labels, self._embed, self._settings)(rows)
        if not labels.none_of_these:
            return scores, np.zeros(len(texts), bool)
        return scores[:, :count], scores[:, count] > scores[:, :count].max(axis=1)


@lru_cache(maxsize=8)
def _fitted(labels: LabelSet, embed: Embeds, settings: Settings | None) -> Discriminant:
    groups = [(label.description, *label.prototypes) for label in labels.labels]
    if labels.none_of_these:
        groups.append(labels.none_of_these)
    texts = tuple(text for group in groups for text in group)
    classes = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    rows = np.hstack([kept_rows(texts, embed, settings), features(texts, labels)])
    return fit(rows, classes, len(groups), labels.shrinkage)


def kept_rows(texts: tuple[str, ...], embed: Embeds, settings: Settings | None) -> NDArray[np.float32]:
    """Return the texts' embeddings, from disk if the same were embedded by the same model before."""
    identity = getattr(embed, "identity", None)
    if identity is None or settings is None:
        return embed(texts)
    cache, key = Cache.of(settings), key_of("rows of labels", identity, texts)
    entry = cache.get(key)
    if entry is not None:
        try:
            found = np.load(entry / "rows.npy")
            if len(found) == len(texts):
                return np.asarray(found, np.float32)
        except (OSError, ValueError, EOFError):
            pass
        cache.drop(key)
    rows = embed(texts)
    # A disk that is full costs time, not the answer.
    with suppress(StorageError), cache.create(key) as draft:
        np.save(draft / "rows.npy", rows)
    return rows
