"""What the reactions of one persona add up to, and what all make of one item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from ..evaluation.ratings import DRAWS, Estimate, mean_of
from ..items import Passage, Reaction, Section, Status, Target
from .moments import Moment, moments_of

SIMULATED = "Simulated audience: no person was asked, and nothing here says that people would answer so."
UNKNOWN_FACE = "👤"
SPLIT, UNITED = 2.0, 0.75
"""Points between the highest and the lowest score of an item from which it splits, up to which it unites."""

Verdict = Literal["unites", "splits", "", "one voice", "not scored"]


class PersonaLike(Protocol):
    """What a summary needs of a persona."""

    @property
    def name(self) -> str:
        """As people call it."""

    @property
    def emoji(self) -> str:
        """Its face."""

    @property
    def weight(self) -> float:
        """Its weight in the consensus."""


@dataclass(frozen=True, slots=True)
class PersonaSummary:
    """A persona's reactions in short.

    ``mean`` is over the ``scored`` of ``total`` reactions, None if none is; ``low`` and ``high`` are its
    interval, both None where ``reason`` says why. ``distribution`` is the mean of the distributions,
    ``statuses`` counts reactions by status. ``bests`` and ``worsts`` are as
    :func:`~edm_core.personas.moments.moments_of` finds them.
    """

    persona: str
    mean: float | None
    scored: int
    total: int
    low: float | None = None
    high: float | None = None
    reason: str | None = None
    distribution: tuple[float, ...] | None = None
    statuses: Mapping[Status, int] | None = None
    bests: tuple[Moment, ...] = ()
    worsts: tuple[Moment, ...] = ()
    name: str = ""
    emoji: str = UNKNOWN_FACE
    weight: float = 1.0

    @property
    def best(self) -> Moment | None:
        """The best moment, the earliest of equals; None where all scores are alike."""
        return self.bests[0] if self.bests else None

    @property
    def worst(self) -> Moment | None:
        """The worst moment, the earliest of equals; None where all scores are alike."""
        return self.worsts[0] if self.worsts else None

    @property
    def coverage(self) -> str:
        """How many reactions have a score, such as ``17 of 18``."""
        return f"{self.scored} of {self.total}"


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """What the personas make of one passage or section.

    ``consensus`` is the mean of the scores, weighted by the personas' weights; ``spread`` is from the lowest
    to the highest, None below two scores. ``lovers`` gave 4 and more, ``haters`` 2 and less. ``text`` is what
    is said, or the section's label.
    """

    target: Target
    start: float
    end: float
    consensus: float | None
    spread: float | None
    scored: int
    total: int
    lovers: tuple[str, ...] = ()
    haters: tuple[str, ...] = ()
    text: str = ""
    flagged: bool = False

    @property
    def verdict(self) -> Verdict:
        """Whether it unites the personas or splits them; empty in between."""
        if self.spread is None:
            return "one voice" if self.scored else "not scored"
        return "splits" if self.spread >= SPLIT else "unites" if self.spread <= UNITED else ""


@dataclass(frozen=True, slots=True)
class PersonaPair:
    """Two personas, and how far they rank the items that both scored alike (Spearman)."""

    a: str
    b: str
    correlation: Estimate


def summary(reactions: Iterable[Reaction]) -> dict[str, PersonaSummary]:
    """Return each persona's summary, by id in alphabetical order; intervals are left to ``Audience``."""
    by_persona: dict[str, list[Reaction]] = {}
    for reaction in reactions:
        by_persona.setdefault(reaction.persona, []).append(reaction)
    return {name: summary_of(name, by_persona[name], None, 1, draws=0) for name in sorted(by_persona)}


def summary_of(
    name: str, reactions: Sequence[Reaction], persona: PersonaLike | None, most: int, seed: int = 0,
    *, draws: int = DRAWS,
) -> PersonaSummary:  # fmt: skip
    """Return the summary of one persona's reactions; ``most`` is how many best and worst moments."""
    scored = [reaction for reaction in reactions if reaction.score is not None]
    scores = [reaction.score for reaction in scored if reaction.score is not None]
    mean = mean_of(scores, draws=draws, seed=seed)
    bests, worsts = moments_of(scored, most)
    shares = [reaction.distribution for reaction in scored if reaction.distribution is not None]
    return PersonaSummary(
        name, mean.value, len(scored), len(reactions), mean.low, mean.high, mean.reason,
        pooled([(1.0, one) for one in shares]),
        dict(Counter(reaction.status for reaction in reactions)), bests, worsts,
        persona.name if persona else name, persona.emoji if persona else UNKNOWN_FACE,
        persona.weight if persona else 1.0,
    )  # fmt: skip


def item_summary(
    target: Target, reactions: Sequence[Reaction], weights: Mapping[str, float], item: Any
) -> ItemSummary:
    """Return what the personas make of an item, given all reactions to it and the personas' weights."""
    scores = {reaction.persona: reaction.score for reaction in reactions if reaction.score is not None}
    whole = sum(weights[name] for name in scores)
    first = reactions[0]
    text = item.text if isinstance(item, Passage) else item.label if isinstance(item, Section) else ""
    return ItemSummary(
        target, first.start, first.end,
        sum(weights[name] * score for name, score in scores.items()) / whole if whole else None,
        max(scores.values()) - min(scores.values()) if len(scores) > 1 else None,
        len(scores), len(reactions),
        tuple(sorted((name for name, score in scores.items() if score >= 4), key=lambda each: -scores[each])),
        tuple(sorted((name for name, score in scores.items() if score <= 2), key=scores.__getitem__)),
        text, isinstance(item, Passage) and item.safety.status == "flagged",
    )  # fmt: skip


def pooled(shares: Sequence[tuple[float, tuple[float, ...]]]) -> tuple[float, ...] | None:
    """Return the mean of distributions with their weights, None where nothing weighs."""
    whole = sum(weight for weight, _ in shares)
    if not whole:
        return None
    return tuple(sum(weight * one[place] for weight, one in shares) / whole for place in range(5))
