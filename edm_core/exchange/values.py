"""Numbers, times and names as files have them."""

from __future__ import annotations

import math
import re
from typing import Any

from ..errors import EdmError
from ..grid import GridSegment
from ..items import Key
from ..tonality import camelot, key_name, read_key
from .errors import ExchangeError
from .reading import Notes

LONGEST_S = 172_800.0
"""No recording is longer than two days; what says so would make beats without end."""

SHORTEST_S = 0.001
"""Shorter is no recording, but a length that was not known."""

_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+(?:[.,]\d*)?)")
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")


def number(value: Any, place: str) -> float:
    """Return a finite number; text is read too, with a point or a comma.

    Raises
    ------
    ExchangeError
        Naming the place, such as ``song.yaml: structure[3].bar``.
    """
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        value = float(value.strip().replace(",", "."))
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ExchangeError(f"{_shown(value)} is no number", subject=place)
    try:
        result = float(value)
    except OverflowError:
        result = math.inf
    if not math.isfinite(result):
        raise ExchangeError(f"{_shown(value)} is no finite number", subject=place)
    return result


def seconds(value: Any, place: str) -> float:
    """Return a time in seconds: a number, or text such as ``1:02.5``.

    Examples
    --------
    >>> seconds("0:00.004", "here"), seconds("1:02:03", "here"), seconds("30,02", "here")
    (0.004, 3723.0, 30.02)
    """
    if isinstance(value, str) and (match := _CLOCK.fullmatch(value.strip())) and len(value) < 40:
        hours, minutes, rest = match.groups()
        if float(rest.replace(",", ".")) >= 60 or (hours and int(minutes) >= 60):
            raise ExchangeError(f"{value!r} is not a time", subject=place, remedy="give 1:02:03.5 or seconds")
        value = int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))
    result = number(value, place)
    if result < 0:
        raise ExchangeError(
            f"{_shown(value)} is not a time", subject=place, remedy="times are seconds from 0"
        )
    if result > LONGEST_S:
        raise ExchangeError(
            f"a time of {result:g} s", subject=place, remedy=f"times are seconds, up to {LONGEST_S:g}"
        )
    return result


def share(value: Any, place: str, notes: Notes) -> float | None:
    """Return a confidence from 0 to 1; what is none is noted and left out."""
    if value is None:
        return None
    try:
        result = number(value, place)
    except ExchangeError:
        result = -1.0
    if 0 <= result <= 1:
        return result
    notes.say("unread", f"{place.rsplit(': ')[-1]}: {_shown(value)} is no confidence from 0 to 1")
    return None


def length(value: Any, place: str, notes: Notes) -> float | None:
    """Return the length of a recording; less than a millisecond means that it was not known."""
    if value is None:
        return None
    result = seconds(value, place)
    if result < SHORTEST_S:
        notes.say("no_duration", f"{place.rsplit(': ')[-1]} is {result:g}")
        return None
    return result


def meter_of(value: Any, notes: Notes, place: str) -> int:
    """Return beats in a bar of ``4/4``, ``[4, 4]``, ``4``; 4 where nothing is said."""
    if value is None:
        return 4
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, str):
        first = first.split("/")[0]
    try:
        beats = number(first, place)
    except ExchangeError:
        beats = 0.0
    if beats == int(beats) and 1 <= beats <= 32:
        return int(beats)
    notes.say(
        "unread", f"{place.rsplit(': ')[-1]}: {_shown(value)} is no metre: 4/4 was taken", layer="meter"
    )
    return 4


def segment(
    bpm: Any, downbeat: Any, meter: int, place: str, notes: Notes, *, position: int = 1
) -> GridSegment | None:
    """Return a segment of a grid; None, with a note, where the tempo is none."""
    if bpm is None:
        return None
    try:
        tempo = number(bpm, place)
        if tempo == 0:
            raise ExchangeError("a tempo of 0", subject=place)
        made = GridSegment(0.0, tempo, meter, position)
    except EdmError:
        notes.say(
            "unread", f"{place.rsplit(': ')[-1]}: {_shown(bpm)} is no tempo: no grid was made", layer="tempo"
        )
        return None
    if downbeat is None:
        notes.say(
            "unread", f"a tempo of {tempo:g} BPM without a downbeat: the grid begins at 0", layer="beats"
        )
        return made
    return GridSegment(seconds(downbeat, place), tempo, meter, position)


def key_of(value: Any, end: float, notes: Notes) -> tuple[Key, ...] | None:
    """Return a key over the whole recording; None, with a note, where it is none."""
    if value is None or not str(value).strip():
        return None
    found = read_key(str(value))
    if found is None:
        notes.say("unread", f"{_shown(value)} is no key", layer="key")
        return None
    tonic, minor = found
    return (Key(0.0, end, name=key_name(tonic, minor=minor), camelot=camelot(tonic, minor=minor)),)


def stem(name: str) -> str | None:
    """Return a file's name without folders and ending, as that of its recording; None for standard input.

    Examples
    --------
    >>> stem("C:/Music/a b.lab"), stem("song.mix.txt"), stem("-")
    ('a b', 'song.mix', None)
    """
    last = re.split(r"[/\\]", name)[-1]
    return (last.rpartition(".")[0] or last) if last not in ("", "-") else None


def text(value: Any) -> str | None:
    """Return text as it stands, numbers as text, and None for what is empty."""
    if value is None or value == "" or isinstance(value, dict | list):
        return None
    return str(value)


def _shown(value: Any) -> str:
    try:
        shown = repr(value)
    except ValueError:  # a whole number of very many digits
        shown = "a number too long to print"
    return shown if len(shown) <= 40 else shown[:37] + "..."
