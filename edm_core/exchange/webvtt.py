"""WebVTT (W3C, *The Web Video Text Tracks Format*): captions with times inside them, or chapters.

Words with times of their own are written between timestamps, ``<00:00:01.000>Good<00:00:01.500>``, and a
speaker as a voice, ``<v ada>``. Comments, styles and regions are passed over.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from ..annotation import Annotation
from ..items import Word
from .cues import STAMP, Cue, annotation_of_cues, blocks_of, clock, cues_of, flat, time_of
from .errors import ExchangeError
from .reading import Notes, Reading

NAME = "webvtt"
TITLE = "WebVTT"
HOLDS = "holds passages with their words, or names of sections where nothing is said"
MANY = False

_PART = re.compile(r"<[^>]*>?|[^<]+")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
_BLOCK = re.compile(r"(?:^|\n\n)[ \t]*(?:NOTE|STYLE|REGION)(?=[ \t\n]|$).*?(?=\n[ \t]*\n|$)", re.DOTALL)


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return cues as passages, and what lies between timestamps as words; or chapters as sections."""
    if not text.lstrip("\ufeff").startswith("WEBVTT"):
        raise ExchangeError("it does not begin with WEBVTT", subject=name, remedy="give a WebVTT file")
    body = text.partition("\n\n")[2] if "-->" not in text.partition("\n\n")[0] else text.partition("\n")[2]
    skipped = text[: len(text) - len(body)].count("\n")
    cues = []
    voices = 0
    for place, start, end, lines in blocks_of(_BLOCK.sub(_empty, "\n\n" + body), name):
        place = f"{name}: line {int(place.rsplit(' ', 1)[-1]) + skipped - 2}"
        plain, words, speakers = _payload(" ".join(line.strip() for line in lines), start, end, place)
        voices += bool(speakers and not words)
        cues.append(Cue(place, start, end, plain, words))
    if voices:
        notes.say(
            "unread",
            f"who speaks was left out of {voices} cues without words",
            severity="note",
            layer="words",
        )
    return Reading((annotation_of_cues(cues, name, duration, notes),), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a cue for each passage, with its words between timestamps."""
    blocks = ["WEBVTT\n"]
    for cue in cues_of(annotations[0]):
        text = "".join(_spoken(cue)) if cue.words else html.escape(flat(cue.text), quote=False)
        blocks.append(f"{clock(cue.start, '.')} --> {clock(cue.end, '.')}\n{text}\n")
    return "\n".join(blocks)


# --- private ---------------------------------------------------------------------------------------


def _empty(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")  # so that lines keep their numbers


def _payload(text: str, start: float, end: float, place: str) -> tuple[str, tuple[Word, ...], bool]:
    """Return a cue's text without tags, its words if it has timestamps, and whether speakers are named."""
    pieces: list[tuple[float | None, str, str | None]] = []  # since when, text, who
    since: float | None = None
    speaker: str | None = None
    named = False
    for part in _PART.findall(text):
        if stamp := STAMP.fullmatch(part):
            since = time_of(stamp.groups(), place)
        elif voice := _VOICE.fullmatch(part):
            speaker, named = html.unescape(voice[1]).strip() or None, True
        elif part == "</v>":
            speaker = None
        elif not part.startswith("<"):
            pieces.append((since, html.unescape(part), speaker))
    plain = " ".join("".join(piece for _, piece, _ in pieces).split())
    stamps = sorted({since for since, _, _ in pieces if since is not None} | _stamps(text, place))
    if not stamps:
        return plain, (), named
    words = []
    for since_, group in groupby(pieces, key=lambda piece: piece[0]):
        members = list(group)
        spoken = " ".join("".join(piece for _, piece, _ in members).split())
        begins = start if since_ is None else since_
        stops = next((stamp for stamp in stamps if stamp > begins + 1e-6), end)
        if spoken and stops > begins:
            who = next((speaker for _, _, speaker in members if speaker), None)
            words.append(Word(begins, stops, text=spoken, probability=None, speaker=who))
    return plain, tuple(words), named


def _stamps(text: str, place: str) -> set[float]:
    return {time_of(stamp.groups(), place) for stamp in STAMP.finditer(text)}


def _spoken(cue: Cue) -> Iterator[str]:
    """Give a cue's words, each after its beginning and before its end."""
    at, who = cue.start, None
    for index, word in enumerate(cue.words):
        if index:
            yield " "
        if word.speaker != who:
            yield ("</v>" if who else "") + (
                f"<v {html.escape(word.speaker, quote=False)}>" if word.speaker else ""
            )
            who = word.speaker
        if clock(word.start, ".") != clock(at, ".") or index == 0:
            yield f"<{clock(word.start, '.')}>"
        yield html.escape(" ".join(word.text.split()), quote=False)
        at = word.end
        yield f"<{clock(word.end, '.')}>"
    yield "</v>" if who else ""
