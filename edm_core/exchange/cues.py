"""Captions: stretches of text in time, and what of an annotation they stand for.

Speech is passages, a cue each; where nobody set passages, words in a row. Without speech, sections are cues
with their names, as chapters are. Read again, cues that are all named like sections are sections.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..annotation import Annotation, Subject
from ..items import Passage, Word
from ..vocabulary import read_section, write_section
from .errors import ExchangeError
from .reading import Notes
from .rows import Row, parts_of
from .values import LONGEST_S, stem

_TIME = r"(?:([0-9]{1,6}):)?([0-9]{1,2}):([0-9]{1,2})[.,]([0-9]{1,6})"
TIMING = re.compile(rf"[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}(?:[ \t].*)?")
STAMP = re.compile(rf"<{_TIME}>")

_LONGEST_S, _PAUSE_S = 6.0, 1.0  # of a cue made of words, and between two of them


@dataclass(frozen=True, slots=True)
class Cue:
    """A stretch and its text, of one or several lines; words where they have times of their own."""

    place: str
    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()


def blocks_of(text: str, name: str) -> Iterator[tuple[str, float, float, list[str]]]:
    """Give each cue's place, start, end and lines; what stands before its line of times is passed over."""
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        match = TIMING.fullmatch(lines[index])
        index += 1
        if match is None:
            if "-->" in lines[index - 1]:
                raise ExchangeError(
                    f"{lines[index - 1].strip()[:60]!r} are no times", subject=f"{name}: line {index}",
                    remedy="write 00:00:01.000 --> 00:00:02.500",
                )  # fmt: skip
            continue
        place = f"{name}: line {index}"
        start, end = time_of(match.groups()[:4], place), time_of(match.groups()[4:], place)
        first = index
        while index < len(lines) and lines[index].strip() and not TIMING.fullmatch(lines[index]):
            index += 1
        found = lines[first:index]
        if index < len(lines) and lines[index].strip() and found and found[-1].strip().isdecimal():
            found.pop()  # the number of the next, which no empty line parts from this one
        yield place, start, end, found


def annotation_of_cues(cues: Sequence[Cue], name: str, duration: float | None, notes: Notes) -> Annotation:
    """Return cues as sections, if all are named like them, else as passages and words."""
    subject = Subject(path=stem(name), duration=duration)
    if cues and all(cue.text and read_section(cue.text).known for cue in cues):
        notes.say("unread", "its texts are names of sections: they were read as such", severity="note")
        rows = [Row(cue.place, cue.text, cue.start, cue.end) for cue in cues]
        parts = parts_of(rows, notes, grid=None, duration=duration)
        return Annotation(subject, sections=parts.sections or None, events=parts.events or None)
    kept = []
    for cue in cues:
        if cue.end > cue.start and cue.text:
            kept.append(cue)
        else:
            what = "no text" if cue.end > cue.start else "no length"
            message = f"{cue.place.rsplit(': ')[-1]}: a cue at {cue.start:.3f} s has {what}: it was left out"
            notes.say("no_end", message, cue.start, layer="passages")
    if any(b.start < a.start for a, b in zip(kept, kept[1:], strict=False)):
        notes.say("unsorted", "cues are not in order of time: they were sorted", layer="passages")
    kept.sort(key=lambda cue: cue.start)
    words = sorted((word for cue in kept for word in cue.words), key=lambda word: word.start)
    passages = tuple(Passage(cue.start, cue.end, text=cue.text) for cue in kept)
    return Annotation(subject, passages=passages, words=tuple(words) if words else None)


def cues_of(annotation: Annotation) -> list[Cue]:
    """Return the cues that stand for an annotation, with the words in each."""
    words = annotation.words or ()
    if annotation.passages is not None or not words:
        spans = [(passage.start, passage.end, passage.text) for passage in annotation.passages or ()]
        if not spans and annotation.sections and annotation.passages is None:
            spans = [
                (s.start, s.end, write_section(s.label, s.original) or s.label) for s in annotation.sections
            ]
        return [*_with_words(spans, words)]
    cues: list[list[Word]] = []
    for word in words:
        last = cues[-1] if cues else None
        if last and word.start - last[-1].end <= _PAUSE_S and word.end - last[0].start <= _LONGEST_S:
            last.append(word)
        else:
            cues.append([word])
    return [
        Cue("", cue[0].start, max(word.end for word in cue), " ".join(word.text for word in cue), tuple(cue))
        for cue in cues
    ]


def clock(time: float, point: str) -> str:
    """Return a time as hours, minutes, seconds and milliseconds.

    Examples
    --------
    >>> clock(3725.0425, ",")
    '01:02:05,042'
    """
    whole = round(time * 1000)
    seconds, milliseconds = divmod(whole, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{point}{milliseconds:03d}"


def time_of(groups: Sequence[str | None], place: str) -> float:
    """Return the seconds of hours (or None), minutes, seconds and a fraction."""
    hours, minutes, whole, fraction = groups
    time = int(hours or 0) * 3600 + int(minutes or 0) * 60 + float(f"{whole}.{fraction}")
    if time > LONGEST_S:
        raise ExchangeError(f"a time of {time:g} s", subject=place, remedy=f"times go up to {LONGEST_S:g} s")
    return round(time, 6)


def flat(text: str) -> str:
    """Return a text as lines that no cue ends at, and in which none looks like times."""
    lines = [line.strip() for line in text.replace("-->", "→").splitlines()]
    return "\n".join(line for line in lines if line)


# --- private ---------------------------------------------------------------------------------------


def _with_words(spans: Sequence[tuple[float, float, str]], words: Sequence[Word]) -> Iterator[Cue]:
    """Give cues with the words that lie in them and make up their texts."""
    at = 0
    for start, end, text in spans:
        while at < len(words) and words[at].start < start - 1e-6:
            at += 1
        inside = []
        while at < len(words) and words[at].end <= end + 1e-6:
            inside.append(words[at])
            at += 1
        same = " ".join(word.text for word in inside) == " ".join(text.split())
        yield Cue("", start, end, text, tuple(inside) if same else ())
