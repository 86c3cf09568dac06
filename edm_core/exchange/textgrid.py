"""TextGrid of Praat: tiers of intervals and of points.

Source: the Praat manual, *TextGrid file formats*: of a text file, only numbers that stand free, texts in
quotes and flags in angle brackets count, so that the long and the short form are read alike. Tiers are known
by their names: ``sections`` (or the one tier of intervals there is), ``activity``, ``words``, ``passages``,
``key``, ``events``. An interval without text says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..annotation import Annotation, Subject
from ..items import Event, Key, Passage, Span, Word
from ..vocabulary import ACTIVITY_LABELS, read_section, write_section
from .errors import ExchangeError
from .reading import Notes, Reading
from .rows import Row, parts_of
from .values import key_of, length, number, seconds, stem

NAME = "textgrid"
TITLE = "TextGrid"
HOLDS = "holds tiers of sections, activity, words, passages, keys and events"
MANY = False

_TOKEN = re.compile(
    r'"(?:[^"]|"")*"|(?<!\S)![^\n]*|(?<!\S)<[a-z]+>(?!\S)|(?<!\S)[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?(?!\S)'
)
_NAMES = {
    "section": "sections", "structure": "sections", "segments": "sections", "segment": "sections",
    "form": "sections", "word": "words", "passage": "passages", "speech": "passages",
    "transcript": "passages", "keys": "key", "event": "events", "points": "events",
}  # fmt: skip
_MOST = 10_000_000  # items of a tier: a file that promises more runs out before
_KINDS = ("sections", "activity", "words", "passages", "key", "events")


@dataclass(frozen=True, slots=True)
class _Tier:
    name: str
    is_points: bool
    entries: tuple[tuple[float, float, str], ...]


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return what the tiers that are known by name say."""
    end, tiers = _tiers(text, name)
    duration = duration or length(end, f"{name}: xmax", notes)
    found: dict[str, _Tier] = {}
    intervals = [tier for tier in tiers if not tier.is_points]
    for tier in tiers:
        plain = tier.name.casefold().strip()
        kind = plain if plain in _KINDS else _NAMES.get(plain)
        if (
            kind is None
            and intervals == [tier]
            and any(read_section(word).known for _, _, word in tier.entries)
        ):
            kind = "sections"
        if kind is None or kind in found or (kind == "events") != tier.is_points:
            notes.say("unread", f"the tier {tier.name!r} was not read", severity="note")
        else:
            found[kind] = tier
    values: dict[str, Any] = {
        kind: _items(kind, tier, notes) for kind, tier in found.items() if kind != "sections"
    }
    if "sections" in found:
        rows = [Row(name, word, start, stop) for start, stop, word in found["sections"].entries]
        parts = parts_of(rows, notes, grid=None, duration=duration)
        values["sections"] = parts.sections
        if parts.events:
            events = (*values.get("events", ()), *parts.events)
            values["events"] = tuple(sorted(events, key=lambda event: event.time))
    return Reading((Annotation(Subject(path=stem(name), duration=duration), **values),), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return the long form, with a tier for each kind that was annotated."""
    (annotation,) = annotations
    spans = [getattr(annotation, kind) for kind in ("sections", "activity", "words", "passages", "key")]
    last = [item.end for items in spans for item in items or ()]
    end = (
        annotation.recording.duration
        or max([*last, *(e.time for e in annotation.events or ())], default=0.0)
        or 1.0
    )
    tiers = [
        (kind, _texts(kind, items)) for kind in _KINDS if (items := getattr(annotation, kind)) is not None
    ]
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {_time(end)}"]
    lines += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for index, (kind, entries) in enumerate(tiers, 1):
        lines.append(f"    item [{index}]:")
        lines += [f"        {line}" for line in _tier_lines(kind, entries, end)]
    return "\n".join(lines) + "\n"


# --- reading ---------------------------------------------------------------------------------------


def _tiers(text: str, name: str) -> tuple[float, list[_Tier]]:
    """Return where the file says that it ends, and its tiers."""
    tokens = (match[0] for match in _TOKEN.finditer(text) if match[0][0] != "!")

    def next_text(what: str) -> str:
        token = next(tokens, "")
        if not token.startswith('"'):
            raise ExchangeError(f"{what} is missing", subject=name, remedy="save it again as a text file")
        return token[1:-1].replace('""', '"')

    def next_number(place: str) -> float:
        return seconds(next(tokens, "nothing"), f"{name}: {place}")

    def next_count(place: str) -> int:
        return min(int(number(next(tokens, "nothing"), f"{name}: {place}")), _MOST)

    if next_text("its type") != "ooTextFile" or next_text("its class") != "TextGrid":
        raise ExchangeError("no TextGrid", subject=name, remedy="give a TextGrid that Praat saved as text")
    next_number("xmin")
    end = next_number("xmax")
    if next(tokens, "") != "<exists>":
        return end, []
    tiers = []
    for index in range(1, next_count("size") + 1):
        place = f"tier {index}"
        kind, called = next_text(f"the class of {place}"), next_text(f"the name of {place}")
        next_number(place)
        next_number(place)
        is_points = kind == "TextTier"
        entries = []
        for count in range(1, next_count(place) + 1):
            where = f"{called or place}, {'point' if is_points else 'interval'} {count}"
            start = next_number(where)
            stop = start if is_points else next_number(where)
            word = next_text(f"the text of {where}")
            if word.strip() or is_points:
                entries.append((start, stop, word))
        tiers.append(_Tier(called, is_points, tuple(entries)))
    return end, tiers


def _items(kind: str, tier: _Tier, notes: Notes) -> tuple[Any, ...]:
    made: list[Any] = []
    for start, stop, word in sorted(tier.entries):
        if kind == "events":
            made.append(Event(start, word))
            continue
        if stop <= start:
            notes.say("no_end", f"{kind}: {word!r} at {start:.3f} s has no length: it was left out", start)
            continue
        if kind == "activity":
            if word in ACTIVITY_LABELS:
                made.append(Span(start, stop, word))
            else:
                notes.say("unread", f"{word!r} is no activity: it was left out", start, layer="activity")
        elif kind == "words":
            made.append(Word(start, stop, text=word, probability=None))
        elif kind == "passages":
            made.append(Passage(start, stop, text=word))
        else:
            made += [
                Key(start, stop, name=key.name, camelot=key.camelot)
                for key in key_of(word, stop, notes) or ()
            ]
    return tuple(made)


# --- writing ---------------------------------------------------------------------------------------


def _texts(kind: str, items: Iterable[Any]) -> list[tuple[float, float, str]]:
    """Return intervals or points with their texts; of intervals that overlap, the first."""
    entries: list[tuple[float, float, str]] = []
    for item in items:
        if kind == "sections":
            word = write_section(item.label, item.original) or item.label
        else:
            word = item.text if kind in ("words", "passages") else item.name if kind == "key" else item.label
        start, end = (item.time, item.time) if kind == "events" else (item.start, item.end)
        if kind == "events" or not entries or start >= entries[-1][1] - 1e-6:
            entries.append((start, end, word))
    return entries


def _tier_lines(kind: str, entries: list[tuple[float, float, str]], end: float) -> Iterator[str]:
    is_points = kind == "events"
    yield f'class = "{"TextTier" if is_points else "IntervalTier"}"'
    yield f'name = "{kind}"'
    yield "xmin = 0"
    yield f"xmax = {_time(end)}"
    whole = entries if is_points else [*_filled(entries, end)]
    yield f"{'points' if is_points else 'intervals'}: size = {len(whole)}"
    for index, (start, stop, word) in enumerate(whole, 1):
        quoted = word.replace('"', '""')
        if is_points:
            yield f"points [{index}]:"
            yield f"    number = {_time(start)}"
            yield f'    mark = "{quoted}"'
        else:
            yield f"intervals [{index}]:"
            yield f"    xmin = {_time(start)}"
            yield f"    xmax = {_time(stop)}"
            yield f'    text = "{quoted}"'


def _filled(entries: list[tuple[float, float, str]], end: float) -> Iterator[tuple[float, float, str]]:
    """Give intervals without a gap: what nothing is said of has an empty text."""
    edge = 0.0
    for start, stop, word in entries:
        if start > edge + 1e-6:
            yield edge, start, ""
        yield start, stop, word
        edge = stop
    if edge < end - 1e-6:
        yield edge, end, ""


def _time(time: float) -> str:
    return f"{time:.6f}".rstrip("0").rstrip(".")
