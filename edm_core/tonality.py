"""Names of musical keys: as musicians, DJ software and corpora write them.

On the Camelot wheel a fifth up is one number on, C major is 8B and A minor 8A; Open Key counts from C major
as 1d and A minor as 1m.
"""

from __future__ import annotations

import re

NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
"""Pitch classes from C, as they are mostly written."""

_PITCHES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_SIGNS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}
_WRITTEN = re.compile(r"([A-Ga-g])([#♯b♭]?)[\s:_-]*(major|maj|dur|minor|min|moll|m|M|)")
_CAMELOT = re.compile(r"(1[0-2]|0?[1-9])([ABab])")
_OPEN = re.compile(r"(1[0-2]|0?[1-9])([dmDM])")


def key_name(tonic: int, *, minor: bool) -> str:
    """Return the name of a key from its tonic's pitch class (C is 0).

    Examples
    --------
    >>> key_name(9, minor=True)
    'A minor'
    """
    return f"{NAMES[tonic % 12]} {'minor' if minor else 'major'}"


def camelot(tonic: int, *, minor: bool) -> str:
    """Return the place of a key on the Camelot wheel.

    Examples
    --------
    >>> camelot(9, minor=True), camelot(0, minor=False), camelot(7, minor=False)
    ('8A', '8B', '9B')
    """
    major = tonic + 3 if minor else tonic
    return f"{(major * 7 + 7) % 12 + 1}{'A' if minor else 'B'}"


def read_key(text: str) -> tuple[int, bool] | None:
    """Return tonic (pitch class) and whether it is minor, of a key written in any of the usual ways.

    Examples
    --------
    >>> [read_key(text) for text in ("A minor", "Am", "A:min", "8A", "1m", "a")]
    [(9, True), (9, True), (9, True), (9, True), (9, True), (9, True)]
    >>> read_key("Bb"), read_key("6B"), read_key("H dur")
    ((10, False), (10, False), None)
    """
    text = text.strip()
    if match := _CAMELOT.fullmatch(text):
        return _on_wheel(int(match[1]) - 8, match[2] in "Aa")
    if match := _OPEN.fullmatch(text):
        return _on_wheel(int(match[1]) - 1, match[2] in "mM")
    match = _WRITTEN.fullmatch(text)
    if match is None:
        return None
    mode = match[3]
    minor = mode in ("minor", "min", "moll", "m") or (mode == "" and match[1].islower())
    return (_PITCHES[match[1].upper()] + _SIGNS[match[2]]) % 12, minor


def _on_wheel(fifths: int, minor: bool) -> tuple[int, bool]:
    return (fifths * 7 + (9 if minor else 0)) % 12, minor
