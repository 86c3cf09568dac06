"""Every label that a timeline uses, with its colour, its key and its aliases in other formats.

Section colours are safe for colour-blind eyes (Okabe and Ito 2008, plus a grey for silence) and are the
same in the app, in notebooks, in exports and in the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, get_args

SectionLabel = Literal["intro", "buildup", "drop", "breakdown", "outro", "silence", "other"]
ActivityLabel = Literal["speech", "music", "speech+music", "silence"]

SECTION_LABELS: tuple[SectionLabel, ...] = get_args(SectionLabel)
ACTIVITY_LABELS: tuple[ActivityLabel, ...] = get_args(ActivityLabel)
SPEECH_LABELS: tuple[ActivityLabel, ...] = ("speech", "speech+music")
"""Activity in which somebody speaks."""

SECTION_COLOURS: dict[SectionLabel, str] = {
    "intro": "#56B4E9",
    "buildup": "#E69F00",
    "drop": "#D55E00",
    "breakdown": "#0072B2",
    "outro": "#CC79A7",
    "silence": "#7A7A7A",
    "other": "#009E73",
}

ACTIVITY_COLOURS: dict[ActivityLabel, str] = {
    "speech": "#F0E442",
    "music": "#56B4E9",
    "speech+music": "#009E73",
    "silence": "#7A7A7A",
}

SCORE_LOW, SCORE_MIDDLE, SCORE_HIGH = (240, 116, 64), (228, 212, 232), (72, 160, 245)
"""Of the scores 1, 3 and 5: orange to blue through pale lilac, told apart with any kind of colour vision."""
SCORE_SPREAD = 0.7
"""Exponent of the distance from 3; below 1 it spreads the middle, where most scores lie."""

_ALIASES: dict[str, SectionLabel] = {
    "build": "buildup",
    "build up": "buildup",
    "breakbuild": "buildup",
    "breakdown buildup": "buildup",
    "riser": "buildup",
    "break": "breakdown",
    "break down": "breakdown",
    "bridge": "breakdown",
    "introduction": "intro",
    "mix in": "intro",
    "ending": "outro",
    "mix out": "outro",
    "fade out": "outro",
    "silent": "silence",
    "unlabeled": "other",
    "unlabelled": "other",
    "default": "other",
    "segment": "other",
}
_EVENTS = frozenset({"kick in", "kick out"})
_NUMBERED = re.compile(r"^(?P<word>.*?)[ ]*[0-9]+$")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a word of another format is read: our label, the word as it stood, and whether it is an instant.

    A word that is not ``known`` means nothing here: its label is ``other``.
    """

    label: SectionLabel
    original: str
    is_event: bool = False
    known: bool = True


def score_colour(score: float, opacity: float = 1.0) -> str:
    """Return the colour of a score from 1 to 5 as CSS, diverging around 3 (``frontend/src/colour.ts`` too).

    Examples
    --------
    >>> score_colour(3), score_colour(5)
    ('rgba(228, 212, 232, 1.000)', 'rgba(72, 160, 245, 1.000)')
    """
    place = min(1.0, max(-1.0, (score - 3) / 2))
    amount = abs(place) ** SCORE_SPREAD
    end = SCORE_LOW if place < 0 else SCORE_HIGH
    mixed = (round(a + (b - a) * amount) for a, b in zip(SCORE_MIDDLE, end, strict=True))
    return f"rgba({', '.join(map(str, mixed))}, {opacity:.3f})"


def opacity_of(confidence: float | None) -> float:
    """Return a confidence as opacity: faint, but never invisible; one that is not known counts as a half."""
    return 0.35 + 0.65 * min(1.0, max(0.0, 0.5 if confidence is None else confidence))


def read_section(word: str) -> Reading:
    """Map any word to a section label.

    Total and idempotent: every text gives a label of :data:`SECTION_LABELS`, unknown words give ``other``,
    and a label of ours gives itself. Case, hyphens, underscores and a trailing number are ignored.

    Parameters
    ----------
    word : str
        Label as it stands in a file.

    Returns
    -------
    Reading
        The label; ``original`` keeps the word, so that nothing is lost.

    Examples
    --------
    >>> read_section("Breakdown-Buildup").label
    'buildup'
    >>> read_section("segment7").label, read_section("segment7").original
    ('other', 'segment7')
    >>> read_section("kick in").is_event
    True
    """
    plain = " ".join(re.split(r"[\s_\-]+", word.strip().casefold())).strip()
    if plain in _EVENTS:
        return Reading("other", word, is_event=True)
    numbered = _NUMBERED.match(plain)
    for candidate in (plain, numbered["word"] if numbered else plain):
        for label in SECTION_LABELS:
            if candidate == label:
                return Reading(label, word)
        if candidate in _ALIASES:
            return Reading(_ALIASES[candidate], word)
    return Reading("other", word, known=False)


def write_section(
    label: str, original: str | None = None, words: Collection[str] | None = None
) -> str | None:
    """Return the word that stands for a label in a file: the inverse of :func:`read_section`.

    Parameters
    ----------
    label : str
        One of :data:`SECTION_LABELS`.
    original : str, optional
        The word that a file once had for it. It is written where it still means the label.
    words : collection of str, optional
        All that the format permits; by default it permits every word.

    Returns
    -------
    str or None
        None where the format has no word for it.

    Examples
    --------
    >>> write_section("buildup", "Riser 2"), write_section("drop", "Riser 2")
    ('Riser 2', 'drop')
    >>> write_section("other", "chorus", words=("intro", "drop")) is None
    True
    """
    if original is not None and (words is None or original in words):
        reading = read_section(original)
        if reading.label == label and not reading.is_event and original.strip():
            return original
    return label if words is None or label in words else None
