"""A persona as a form, and what the form makes of it. Pure.

Likes and dislikes are one scale on a form, from −1 to 1; in a file they are two lists. Only what was changed
on the form changes the persona, so that opening one and saving it leaves it as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from ...content import read_labels
from ...errors import SettingsError
from ...personas import Persona, parse_persona
from ...personas.folder import Edition
from ...personas.persona import SCORES, EnergyLevel, Tastes, TempoTaste
from ...personas.writing import to_yaml
from ...resources import LABELS
from ...vocabulary import SECTION_LABELS

TEXTS = ("name", "emoji", "age", "description", "who", "prompt")
KINDS = ("topics", "tones", "sections", "energy")
"""What is liked and disliked by label."""
RUBRIC = {
    "topic": "Topic",
    "tone": "Tone",
    "statements": "Likeness to their sentences",
    "safety": "Unsafe words",
    "repetition": "Heard before",
    "section": "Kind of section",
    "energy": "Energy",
    "tempo": "Tempo",
}
"""Reasons, as people call them."""


@dataclass
class Desk:
    """A persona on the desk: the edition it began with, and the text as it stands now.

    ``began`` is the text when the form or the editor was opened; ``opened`` counts how often that was.
    """

    mark: str
    saved: str
    began: str
    text: str
    opened: int = 0

    @classmethod
    def of(cls, edition: Edition, opened: int = 0) -> Desk:
        """Return an edition as it is opened."""
        return cls(edition.mark, edition.text, edition.text, edition.text, opened)

    @property
    def changed(self) -> bool:
        """Whether there is something to be saved."""
        return self.text != self.saved

    def reopen(self) -> None:
        """Begin anew with the text as it stands: another view of it is opened."""
        self.began, self.opened = self.text, self.opened + 1

    def take(self, said: Mapping[str, Any]) -> None:
        """Take over what was said on a form that was opened with a persona that is right."""
        opened = read(self.began)
        if isinstance(opened, Persona):
            now = edited(opened, said)
            self.text = self.began if now == opened else to_yaml(now)

    def persona(self) -> Persona | SettingsError:
        """Return what the text says, or why it is no persona."""
        return read(self.text)


def read(text: str) -> Persona | SettingsError:
    """Return what a text says, or why it is no persona; errors call it nothing."""
    try:
        return parse_persona(text.encode(errors="replace"), Path())
    except SettingsError as error:
        return SettingsError(error.problem, remedy=error.remedy)


def labels(kind: str) -> tuple[str, ...]:
    """Return what can be liked or disliked of a kind.

    Examples
    --------
    >>> labels("energy")
    ('low', 'medium', 'high')
    """
    if kind == "energy":
        return get_args(EnergyLevel)
    if kind == "sections":
        return tuple(label for label in SECTION_LABELS if label != "silence")
    return read_labels(LABELS / f"{kind}.yaml").names


def leaning(persona: Persona, kind: str, label: str) -> float:
    """Return how much a listener likes a label, from −1 (not at all) to 1."""
    likes, dislikes = (getattr(tastes, kind) for tastes in (persona.likes, persona.dislikes))
    return round(float(likes.get(label, 0.0) - dislikes.get(label, 0.0)), 4)


def tempi(persona: Persona) -> list[dict[str, float]]:
    """Return the tempi that a listener likes and dislikes, as rows of a table."""
    return [
        {"from": taste.low, "to": taste.high, "leaning": sign * taste.weight}
        for sign, tastes in ((1, persona.likes), (-1, persona.dislikes))
        for taste in tastes.tempo
    ]


def edited(persona: Persona, said: Mapping[str, Any]) -> Persona:
    """Return a persona with what was said on a form.

    Parameters
    ----------
    persona : Persona
        As the form was opened.
    said : mapping of str to object
        By place: ``name``, ``listens_to``, ``tolerates``, ``weight``, ``rubric.topic``, ``anchors.1``,
        ``topics.Food`` (a leaning), ``likes.statements`` (one a line), ``tempo`` (rows). What is not there,
        or as it was, is left alone.
    """
    for place, value in said.items():
        if value != current(persona, place):
            persona = _put(persona, place, value)
    return persona


def current(persona: Persona, place: str) -> Any:
    """Return what a form shows at a place."""
    head, _, rest = place.partition(".")
    if head == "rubric":
        return getattr(persona.rubric, rest)
    if head == "anchors":
        return persona.anchors[int(rest) - 1]
    if head in KINDS:
        return leaning(persona, head, rest)
    if head == "tempo":
        return tempi(persona)
    if rest == "statements":
        return "\n".join(" ".join(text.split()) for text in getattr(persona, head).statements)
    return getattr(persona, place)


# --- private ---------------------------------------------------------------------------------------


def _put(persona: Persona, place: str, value: Any) -> Persona:
    head, _, rest = place.partition(".")
    if head == "rubric":
        return replace(persona, rubric=replace(persona.rubric, **{rest: float(value)}))
    if head == "anchors":
        said = dict(zip(SCORES, persona.anchors, strict=True)) | {int(rest): value.strip()}
        return replace(persona, anchors=tuple(said[score] for score in SCORES))
    if head in KINDS:
        return _lean(persona, head, rest, float(value))
    if head == "tempo":
        return _with_tempi(persona, value)
    if rest == "statements":
        lines = tuple(line.strip() for line in value.splitlines() if line.strip())
        return replace(persona, **{head: replace(getattr(persona, head), statements=lines)})
    if head == "description" and persona.who == persona.description:  # nothing else was said of them
        return replace(persona, description=value.strip(), who=value.strip())
    plain: dict[str, Any] = {head: value.strip() if isinstance(value, str) else value}
    return replace(persona, **plain)


def _lean(persona: Persona, kind: str, label: str, value: float) -> Persona:
    def with_weight(tastes: Tastes, weight: float) -> Tastes:
        rest = {name: old for name, old in getattr(tastes, kind).items() if name != label}
        weights: dict[str, Any] = {kind: {**rest, label: round(weight, 4)} if weight > 0 else rest}
        return replace(tastes, **weights)

    return replace(
        persona, likes=with_weight(persona.likes, value), dislikes=with_weight(persona.dislikes, -value)
    )


def _with_tempi(persona: Persona, rows: Sequence[Mapping[str, Any]]) -> Persona:
    tastes: tuple[list[TempoTaste], list[TempoTaste]] = ([], [])
    for row in rows:
        low, high, value = (row.get(name) for name in ("from", "to", "leaning"))
        if low is None or high is None or not value:
            continue  # a row that is still being typed
        tastes[value < 0].append(TempoTaste(float(low), float(high), abs(float(value))))
    return replace(
        persona,
        likes=replace(persona.likes, tempo=tuple(tastes[0])),
        dislikes=replace(persona.dislikes, tempo=tuple(tastes[1])),
    )
