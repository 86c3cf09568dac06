"""Content of a passage: topic, tone, safety, and whether it was said before.

Everything is deterministic and works offline; the label lists lie in ``data/labels`` and can be edited.
"""

from __future__ import annotations

from .describe import VERSION, describe
from .labels import Label, LabelSet, SafetyTerms, labels_version, read_labels, read_safety

__all__ = [
    "VERSION",
    "Label",
    "LabelSet",
    "SafetyTerms",
    "describe",
    "labels_version",
    "read_labels",
    "read_safety",
]
