"""SubRip: numbered captions, each up to an empty line. Nothing specifies it; times are ``00:00:01,000``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..annotation import Annotation
from .cues import Cue, annotation_of_cues, blocks_of, clock, cues_of, flat
from .errors import ExchangeError
from .reading import Notes, Reading

NAME = "srt"
TITLE = "SubRip"
HOLDS = "holds passages, or names of sections where nothing is said"
MANY = False

_STYLE = re.compile(r"</?(?:[ibus]|font)(?: [^>]*)?>|\{\\[^}]*\}", re.IGNORECASE)


def read(text: str, name: str, duration: float | None, notes: Notes) -> Reading:
    """Return captions as passages, without their styles; or as sections, where they are named so."""
    cues = []
    for place, start, end, lines in blocks_of(text, name):
        cues.append(Cue(place, start, end, " ".join(_STYLE.sub("", " ".join(lines)).split())))
    if not cues:
        raise ExchangeError("no captions in it", subject=name, remedy="give a SubRip file")
    return Reading((annotation_of_cues(cues, name, duration, notes),), notes.findings, NAME)


def write(annotations: Sequence[Annotation]) -> str:
    """Return a caption for each passage."""
    return "\n".join(
        f"{number}\n{clock(cue.start, ',')} --> {clock(cue.end, ',')}\n{flat(cue.text)}\n"
        for number, cue in enumerate(cues_of(annotations[0]), 1)
    )
