"""What a check says, and how things that follow each other become one finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from ..timeline import LayerKind

Severity = Literal["note", "warning", "error"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the mildest to the gravest."""

Kind = Literal[
    "missing_beat", "double_beat", "irregular_beat", "bar_position", "bar_number", "bar_length",
    "tempo_mismatch", "tempo_octave", "tempo_range", "key_name",
    "off_downbeat", "shifted_downbeats", "bars_disagree", "odd_length", "too_short", "too_long",
    "weak_drop", "lonely_buildup", "intro_not_first", "outro_not_last", "no_contrast", "wrong_repeat",
    "no_beats", "drop_event", "loud_silence", "no_music", "outside", "low_confidence",
]  # fmt: skip
"""Kinds of findings; :mod:`edm_core.evaluation.checks` says what each means."""


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


def runs(places: Iterable[int], *, apart: int = 1) -> list[list[int]]:
    """Return rising numbers in groups whose members are at most ``apart`` from the one before.

    Examples
    --------
    >>> runs([2, 3, 4, 9])
    [[2, 3, 4], [9]]
    """
    groups: list[list[int]] = []
    for place in places:
        if groups and place - groups[-1][-1] <= apart:
            groups[-1].append(place)
        else:
            groups.append([place])
    return groups


def plural(count: int, word: str) -> str:
    """Return a count with its word: ``1 beat``, ``2 beats``."""
    return f"{count} {word}{'' if count == 1 else 's'}"
