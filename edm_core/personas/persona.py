"""Persona files: who listens, what they like, and how much that weighs; read from YAML and checked.

What is wrong with a file is said with its path, line and field.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from ..content import read_labels
from ..errors import SettingsError
from ..resources import LABELS, PERSONAS
from ..vocabulary import SECTION_LABELS

ListensTo = Literal["speech", "music", "both"]
SCORES = (1, 2, 3, 4, 5)

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Tastes:
    """What a listener likes, or dislikes: weights from 0 to 1 by label, and typical sentences."""

    topics: dict[str, float]
    tones: dict[str, float]
    sections: dict[str, float]
    statements: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rubric:
    """How many points of the score each kind of reason can move."""

    topic: float
    tone: float
    statements: float
    safety: float
    repetition: float


@dataclass(frozen=True, slots=True)
class Persona:
    """A simulated listener.

    ``tolerates`` is the highest severity (0 to 7) that does not bother them; ``anchors`` are what they say at
    the scores 1 to 5; ``version`` is a hash of the file's bytes.
    """

    id: str
    name: str
    emoji: str
    description: str
    age: str
    listens_to: ListensTo
    likes: Tastes
    dislikes: Tastes
    rubric: Rubric
    tolerates: int
    anchors: tuple[str, ...]
    version: str


def load_personas(folder: Path | None = None) -> dict[str, Persona]:
    """Read every persona file of a folder.

    Parameters
    ----------
    folder : Path, optional
        Where the ``*.yaml`` files lie; the packaged ones by default.

    Returns
    -------
    dict of str to Persona
        By id, in the order of the files' names.

    Raises
    ------
    SettingsError
        If the folder has no persona, a file breaks the schema, or two have the same id.

    Examples
    --------
    >>> load_personas()["genz"].name
    'Gen Z'
    """
    place = PERSONAS if folder is None else folder
    paths = sorted(place.glob("*.yaml"))
    if not paths:
        raise SettingsError("holds no persona", subject=str(place), remedy="put a persona's .yaml file there")
    personas: dict[str, Persona] = {}
    known = _Known()
    for path in paths:
        persona = _read(path, known)
        if persona.id in personas:
            raise SettingsError(
                f"the id {persona.id!r} is taken by another file",
                subject=str(path),
                remedy="give it an id of its own",
            )
        personas[persona.id] = persona
    return personas


def read_persona(path: Path) -> Persona:
    """Read one persona file.

    Raises
    ------
    SettingsError
        If it cannot be read or breaks the schema; the message names line and field.
    """
    return _read(path, _Known())


class _Known:
    """The labels that a persona may name."""

    def __init__(self) -> None:
        self.topics = read_labels(LABELS / "topics.yaml").names
        self.tones = read_labels(LABELS / "tones.yaml").names


def _read(path: Path, known: _Known) -> Persona:
    import yaml

    try:
        if path.exists() and not path.is_file():  # a device never ends, a pipe may never begin
            raise SettingsError("it is not a plain file", subject=str(path), remedy="give a YAML file")
        raw = path.read_bytes()
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where it was built
        data = yaml.load(raw, Loader=loader)  # noqa: S506  # a safe loader, whichever it is
        tree = yaml.compose(raw, Loader=loader)
    except OSError as error:
        raise SettingsError(
            f"cannot be read: {error.strerror}", subject=str(path), remedy="check the path"
        ) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"not YAML: {error}", subject=str(path), remedy="correct it there") from None
    fields = _Fields(path, data, _lines(tree, ""))
    return _persona(fields, known, hashlib.sha256(raw).hexdigest()[:12])


def _persona(fields: _Fields, known: _Known, version: str) -> Persona:
    names = (
        "id",
        "name",
        "emoji",
        "description",
        "age",
        "listens_to",
        "likes",
        "dislikes",
        "rubric",
        "tolerates",
    )
    fields.only("", (*names, "anchors"))
    identity = fields.text("id")
    if not _ID.fullmatch(identity):
        raise fields.wrong("id", f"is {identity!r}; use small letters, digits and underscores")
    listens_to = fields.text("listens_to")
    if listens_to not in get_args(ListensTo):
        raise fields.wrong("listens_to", f"is {listens_to!r}; use {', '.join(get_args(ListensTo))}")
    weights = {name: fields.number(f"rubric.{name}", 0.0, 4.0) for name in Rubric.__slots__}
    fields.only("rubric", Rubric.__slots__)
    tolerates = fields.number("tolerates", 0, 7)
    anchors = fields.at("anchors")
    if not isinstance(anchors, dict) or sorted(anchors, key=str) != list(SCORES):
        raise fields.wrong("anchors", "must hold one text for each of the scores 1 to 5")
    return Persona(
        id=identity,
        name=fields.text("name"),
        emoji=fields.text("emoji"),
        description=fields.text("description"),
        age=fields.text("age"),
        listens_to=listens_to,  # type: ignore[arg-type]  # checked above
        likes=_tastes(fields, "likes", known),
        dislikes=_tastes(fields, "dislikes", known),
        rubric=Rubric(**weights),
        tolerates=int(tolerates),
        anchors=tuple(fields.text(f"anchors.{score}") for score in SCORES),
        version=version,
    )


def _tastes(fields: _Fields, place: str, known: _Known) -> Tastes:
    fields.only(place, Tastes.__slots__)
    return Tastes(
        topics=fields.weights(f"{place}.topics", known.topics),
        tones=fields.weights(f"{place}.tones", known.tones),
        sections=fields.weights(f"{place}.sections", SECTION_LABELS),
        statements=fields.texts(f"{place}.statements"),
    )


class _Fields:
    """A file's values by dotted place, each taken with a check that names line and field."""

    def __init__(self, path: Path, data: Any, lines: dict[str, int]) -> None:
        self.path, self.data, self.lines = path, data, lines
        if not isinstance(data, dict):
            raise self.wrong("", "the file does not hold keys and values")

    def at(self, place: str) -> Any:
        value = self.data
        for key in place.split(".") if place else ():
            if not isinstance(value, dict):
                return None
            value = value.get(int(key) if key.isdigit() else key)
        return value

    def only(self, place: str, names: Collection[str]) -> None:
        value = self.at(place)
        if not isinstance(value, dict):
            raise self.wrong(place, "is missing" if value is None else "does not hold keys and values")
        for key in value:
            if key not in names:
                where = f"{place}.{key}".lstrip(".")
                raise self.wrong(where, f"is not known; known are {', '.join(names)}")

    def text(self, place: str) -> str:
        value = self.at(place)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(place, "is missing" if value is None else "is not a text; put it in quotes")
        return value.strip()

    def texts(self, place: str) -> tuple[str, ...]:
        value = self.at(place)
        if not isinstance(value, list) or not value:
            raise self.wrong(place, "is not a list of sentences")
        for item in value:
            if not isinstance(item, str) or not item.strip():
                raise self.wrong(place, f"holds {item!r}, which is not a text")
        return tuple(item.strip() for item in value)

    def number(self, place: str, low: float, high: float) -> float:
        value = self.at(place)
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise self.wrong(place, f"is {value!r}; give a number from {low:g} to {high:g}")
        return float(value)

    def weights(self, place: str, known: Collection[str]) -> dict[str, float]:
        value = self.at(place)
        if value is None:
            return {}
        if isinstance(value, list):
            value = dict.fromkeys(value, 1.0)
        if not isinstance(value, dict):
            raise self.wrong(place, "is neither a list of labels nor labels with weights")
        for label, weight in value.items():
            if label not in known:
                raise self.wrong(place, f"has the unknown label {label!r}; known are {', '.join(known)}")
            if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1:
                raise self.wrong(place, f"weighs {label!r} with {weight!r}; give a number from 0 to 1")
        return {label: float(weight) for label, weight in value.items()}

    def wrong(self, place: str, problem: str) -> SettingsError:
        known = next((p for p in _upwards(place) if p in self.lines), None)
        line = f"line {self.lines[known]}: " if known else ""
        return SettingsError(f"{line}{place} {problem}".replace("  ", " "), subject=str(self.path))


def _upwards(place: str) -> list[str]:
    parts = place.split(".")
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _lines(node: Any, place: str) -> dict[str, int]:
    """Return the line of every key, by dotted place."""
    lines: dict[str, int] = {}
    if node is None or node.id != "mapping":
        return lines
    for key, value in node.value:
        where = f"{place}.{key.value}".lstrip(".")
        lines[where] = key.start_mark.line + 1
        lines.update(_lines(value, where))
    return lines
