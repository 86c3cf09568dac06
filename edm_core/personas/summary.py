"""What the reactions of each persona add up to. Only reactions that are ``ok`` count; coverage is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..timeline import Reaction, Target

LEAST_CONTRAST = 0.05
"""Scores closer together than this have no best and no worst."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A passage or section that stands out: what it is, when it starts, and its score."""

    target: Target
    start: float
    score: float

    @property
    def index(self) -> int:
        """The item's place in its layer."""
        return self.target.index


@dataclass(frozen=True, slots=True)
class PersonaSummary:
    """A persona's reactions in short.

    ``mean`` is over the ``scored`` of ``total`` reactions, None if none is. ``best`` and ``worst`` are the
    earliest of equals, and None where all scores are alike.
    """

    persona: str
    mean: float | None
    scored: int
    total: int
    best: Moment | None
    worst: Moment | None

    @property
    def coverage(self) -> str:
        """How many reactions have a score, such as ``17 of 18``."""
        return f"{self.scored} of {self.total}"


def summary(reactions: Iterable[Reaction]) -> dict[str, PersonaSummary]:
    """Return each persona's summary, by id in alphabetical order."""
    by_persona: dict[str, list[Reaction]] = {}
    for reaction in reactions:
        by_persona.setdefault(reaction.persona, []).append(reaction)
    return {persona: _one(persona, by_persona[persona]) for persona in sorted(by_persona)}


def _one(persona: str, reactions: list[Reaction]) -> PersonaSummary:
    scored = [(reaction.score, reaction) for reaction in reactions if reaction.score is not None]
    mean = sum(score for score, _ in scored) / len(scored) if scored else None
    best = max(scored, key=lambda pair: (pair[0], -pair[1].start), default=None)
    worst = min(scored, key=lambda pair: (pair[0], pair[1].start), default=None)
    if best is None or worst is None or best[0] - worst[0] < LEAST_CONTRAST:
        return PersonaSummary(persona, mean, len(scored), len(reactions), None, None)
    return PersonaSummary(persona, mean, len(scored), len(reactions), _moment(*best), _moment(*worst))


def _moment(score: float, reaction: Reaction) -> Moment:
    return Moment(reaction.target, reaction.start, score)
