"""Trivial judges of labels, to say what the packaged engine adds; shares have the shape (texts, labels)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edm_core.content import LabelSet
from edm_core.content.classify import Embeds, softmax

Shares = NDArray[np.float64]


def majority(texts: Sequence[str], labels: LabelSet, truth: NDArray[np.intp]) -> Shares:
    """Say the commonest label of the training texts, always."""
    counts = np.bincount(truth, minlength=len(labels.names)).astype(np.float64)
    return np.tile(counts / counts.sum(), (len(texts), 1))


def descriptions(texts: Sequence[str], labels: LabelSet, embed: Embeds) -> Shares:
    """Say the label whose description is nearest: MiniLM without any example."""
    known = embed([f"{label.name}: {label.description}" for label in labels.labels])
    return softmax((embed(texts) @ known.T).astype(np.float64), 0.05)


def words(texts: Sequence[str], labels: LabelSet, known: Sequence[str], truth: NDArray[np.intp]) -> Shares:
    """Count words: multinomial naive Bayes on the training texts."""
    from sklearn.feature_extraction.text import CountVectorizer  # type: ignore[import-untyped]
    from sklearn.naive_bayes import MultinomialNB  # type: ignore[import-untyped]

    counts = CountVectorizer(ngram_range=(1, 2), binary=True)
    model = MultinomialNB(alpha=0.1, fit_prior=False).fit(counts.fit_transform(known), truth)
    shares = np.zeros((len(texts), len(labels.names)))
    shares[:, model.classes_] = model.predict_proba(counts.transform(texts))
    return shares
