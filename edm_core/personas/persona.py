"""Persona files: who listens, what they like, and how much that weighs; read from YAML and checked.

What is wrong with a file is said with its path, line and field. A persona's version is a hash of what the
file says, so that a score can tell which edition of the persona made it.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from .._codec import encode
from ..content import read_labels
from ..errors import SettingsError
from ..resources import LABELS
from ..vocabulary import SECTION_LABELS
from .distribution import SCORES as SCORES
from .fields import Fields

ListensTo = Literal["speech", "music", "both"]
EnergyLevel = Literal["low", "medium", "high"]
MOST_BYTES = 200_000
"""Largest persona file that is read."""
TEMPI = (20.0, 400.0)
"""Slowest and fastest tempo that a taste may name, in beats per minute."""

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_RANGE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(\d+(?:\.\d+)?)\s*")


@dataclass(frozen=True, slots=True)
class TempoTaste:
    """How much a listener cares, 0 to 1, for tempi from ``low`` to ``high`` beats per minute."""

    low: float
    high: float
    weight: float


@dataclass(frozen=True, slots=True)
class Tastes:
    """What a listener likes, or dislikes: weights from 0 to 1 by label, and typical sentences."""

    topics: dict[str, float]
    tones: dict[str, float]
    sections: dict[str, float]
    statements: tuple[str, ...]
    energy: dict[str, float]
    tempo: tuple[TempoTaste, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """How many points of the score each kind of reason can move."""

    topic: float
    tone: float
    statements: float
    safety: float
    repetition: float
    section: float = 0.0
    energy: float = 0.0
    tempo: float = 0.0


@dataclass(frozen=True, slots=True)
class Persona:
    """A simulated listener.

    ``who`` says more of them than the ``description`` in lists. ``tolerates`` is the highest severity (0 to
    7) that does not bother them; ``anchors`` are what they say at the scores 1 to 5; ``prompt`` is what a
    language model is told of them; ``weight`` is theirs in the audience's consensus. One that is ``retired``
    keeps its scores and gives no new ones. ``version`` is a hash of all that the file says.
    """

    id: str
    name: str
    emoji: str
    description: str
    age: str
    who: str
    listens_to: ListensTo
    likes: Tastes
    dislikes: Tastes
    rubric: Rubric
    tolerates: int
    anchors: tuple[str, ...]
    prompt: str
    weight: float
    retired: bool
    version: str

    def hears(self, kind: Literal["passage", "section"]) -> bool:
        """Return whether they listen to speech (passages) or to music (sections)."""
        return self.listens_to in ("both", "speech" if kind == "passage" else "music")


def read_persona(path: Path) -> Persona:
    """Read one persona file.

    Raises
    ------
    SettingsError
        If it cannot be read or breaks the schema; the message names line and field.
    """
    try:
        if path.exists() and not path.is_file():  # a device never ends, a pipe may never begin
            raise SettingsError("it is not a plain file", subject=str(path), remedy="give a YAML file")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {error.strerror}", subject=str(path), remedy="check the path"
        ) from None
    return parse_persona(raw, path)


def parse_persona(raw: bytes, path: Path) -> Persona:
    """Read a persona file's content; ``path`` is what errors call it.

    Raises
    ------
    SettingsError
        If it breaks the schema; the message names line and field.
    """
    if len(raw) > MOST_BYTES:
        raise SettingsError(
            f"it is larger than {MOST_BYTES // 1000} kB", subject=str(path), remedy="shorten it"
        )
    fields = Fields(raw, path)
    fields.only("", (*_NEEDED, *_OPTIONAL))
    identity = fields.text("id")
    if not _ID.fullmatch(identity):
        raise fields.wrong("id", f"is {identity!r}; use small letters, digits and underscores")
    anchors = fields.at("anchors")
    if not isinstance(anchors, dict) or sorted(anchors, key=str) != list(SCORES):
        raise fields.wrong("anchors", "must hold one text for each of the scores 1 to 5")
    description = fields.text("description")
    persona = Persona(
        id=identity,
        name=fields.text("name"),
        emoji=fields.text("emoji"),
        description=description,
        age=fields.text("age"),
        who=fields.text("who", default=description),
        listens_to=fields.choice("listens_to", get_args(ListensTo)),  # type: ignore[arg-type]  # one of them
        likes=_tastes(fields, "likes"),
        dislikes=_tastes(fields, "dislikes"),
        rubric=_rubric(fields),
        tolerates=int(fields.number("tolerates", 0, 7)),
        anchors=tuple(fields.text(f"anchors.{score}") for score in SCORES),
        prompt=fields.text("prompt", default=""),
        weight=fields.number("weight", 0, 10, default=1.0),
        retired=fields.flag("retired"),
        version="",
    )
    return _versioned(persona)


_NEEDED = (
    "id", "name", "emoji", "description", "age", "listens_to", "likes", "dislikes", "rubric", "tolerates",
    "anchors",
)  # fmt: skip
_OPTIONAL = ("who", "prompt", "weight", "retired")


@cache
def _labels(kind: str) -> tuple[str, ...]:
    return read_labels(LABELS / f"{kind}.yaml").names


def _versioned(persona: Persona) -> Persona:
    """Return the persona with the hash of what its file says: spelling and order do not matter."""
    said = {key: value for key, value in encode(persona).items() if key not in ("version", "retired")}
    text = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return replace(persona, version=hashlib.sha256(text.encode()).hexdigest()[:12])


def _rubric(fields: Fields) -> Rubric:
    fields.only("rubric", Rubric.__slots__)
    needed = ("topic", "tone", "statements", "safety", "repetition")
    return Rubric(
        **{name: fields.number(f"rubric.{name}", 0, 4) for name in needed},
        **{
            name: fields.number(f"rubric.{name}", 0, 4, default=0.0)
            for name in Rubric.__slots__
            if name not in needed
        },
    )


def _tastes(fields: Fields, place: str) -> Tastes:
    fields.only(place, Tastes.__slots__)
    return Tastes(
        topics=fields.weights(f"{place}.topics", _labels("topics")),
        tones=fields.weights(f"{place}.tones", _labels("tones")),
        sections=fields.weights(f"{place}.sections", SECTION_LABELS),
        statements=fields.texts(f"{place}.statements"),
        energy=fields.weights(f"{place}.energy", get_args(EnergyLevel)),
        tempo=_tempi(fields, f"{place}.tempo"),
    )


def _tempi(fields: Fields, place: str) -> tuple[TempoTaste, ...]:
    tastes = []
    for text, weight in fields.weights(place, None).items():
        match = _RANGE.fullmatch(text)
        low, high = (float(match[1]), float(match[2])) if match else (0.0, 0.0)
        if not TEMPI[0] <= low < high <= TEMPI[1]:
            raise fields.wrong(
                place,
                f"names {text!r}; give a range in beats per minute, such as '120-132', "
                f"from {TEMPI[0]:g} to {TEMPI[1]:g}",
            )
        tastes.append(TempoTaste(low, high, weight))
    return tuple(tastes)
