"""Content of a passage: topic, tone, safety, and whether it was said before.

What is packaged is deterministic and works offline; the label lists lie in ``data/labels`` and can be edited.
"""

from __future__ import annotations

from .classify import Classifier
from .describe import VERSION, describe
from .engines import ENGINES, classifier, judged_by
from .labels import Label, LabelSet, labels_version, read_examples, read_labels
from .lexicon import SafetyTerms, read_safety

__all__ = [
    "ENGINES",
    "VERSION",
    "Classifier",
    "Label",
    "LabelSet",
    "SafetyTerms",
    "classifier",
    "describe",
    "judged_by",
    "labels_version",
    "read_examples",
    "read_labels",
    "read_safety",
]
