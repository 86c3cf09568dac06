"""Findings: what does not agree in a timeline or a file of annotations, or is not plausible, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from .timeline import LayerKind

Severity = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the mildest to the gravest."""

CheckKind = Literal[
    "missing_beat", "double_beat", "irregular_beat", "bar_position", "bar_number", "bar_length",
    "tempo_mismatch", "tempo_octave", "tempo_range", "key_name",
    "off_downbeat", "shifted_downbeats", "bars_disagree", "odd_length", "too_short", "too_long",
    "weak_drop", "lonely_buildup", "intro_not_first", "outro_not_last", "no_contrast", "wrong_repeat",
    "no_beats", "drop_event", "loud_silence", "no_music", "outside", "low_confidence",
]  # fmt: skip
"""What :mod:`edm_core.evaluation.checks` looks for, and explains."""

ReadingKind = Literal[
    "unsorted", "overlap", "gap", "unknown_label", "no_end", "no_duration", "unread", "encoding"
]
"""What reading a file adds: items out of order, over each other or with nothing between them; a label that no
table knows (kept as ``other``); an end or a length that the file does not tell; a part that was not
understood; text in another encoding than it should be in. Messages say how each was repaired."""

Kind = Literal[CheckKind, ReadingKind]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not agree, or is not plausible.

    ``start`` and ``end`` are seconds; ``end`` is None for a moment. ``layer`` is the kind of layer it is
    about, ``bar`` and ``beat`` the bar and position in which it begins (None where there are no beats), and
    ``count`` how many items in a row it is true of.
    """

    kind: Kind
    severity: Severity
    start: float
    end: float | None
    message: str
    layer: LayerKind
    bar: int | None = None
    beat: int | None = None
    count: int = 1
