"""The audience of a recording: what the reactions of simulated listeners add up to.

Only reactions that are ``ok`` count, and how many those are is always told. Intervals are 95 % by the
percentile bootstrap over a persona's items, seeded: they say how much a mean hangs on single passages of
this recording, and nothing about people. Neighbouring passages are not independent, so they are rather too
narrow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..evaluation.ratings import Estimate, mean_of, spearman_of
from ..items import Passage, Reaction, Recording, Section, Status, Target
from .moments import LEAST_CONTRAST, Moment, moments_of

if TYPE_CHECKING:
    from ..timeline import Timeline
    from .alerts import Alert

__all__ = ["LEAST_CONTRAST", "Audience", "ItemSummary", "Moment", "PersonaPair", "PersonaSummary", "summary"]

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


@dataclass(frozen=True)
class Audience:
    """The simulated audience of a recording. Made by :meth:`of` or :meth:`gather`.

    ``personas`` are in the order of the personas given, those unknown last; ``items`` in order of time.
    ``consensus`` is the mean of the items' consensus. ``calibration`` says on what scores were calibrated,
    empty where they were not.
    """

    recording: Recording | None
    personas: tuple[PersonaSummary, ...]
    items: tuple[ItemSummary, ...]
    consensus: Estimate
    distribution: tuple[float, ...] | None
    reactions: tuple[Reaction, ...]
    calibration: str = ""
    seed: int = 0

    @classmethod
    def of(
        cls,
        timeline: Timeline,
        personas: Mapping[str, PersonaLike] | None = None,
        *,
        reactions: Sequence[Reaction] | None = None,
        calibration: str = "",
        most: int = 3,
        seed: int = 0,
    ) -> Audience:
        """Return the audience of a timeline.

        Parameters
        ----------
        timeline : Timeline
            Its chosen reactions, passages and sections.
        personas : mapping of str to Persona, optional
            By id: names, faces, weights, and the order. A persona that is not among them is shown by its id.
        reactions : sequence of Reaction, optional
            Other reactions to the same items: an earlier layer, calibrated ones, or those of some personas.
        calibration : str, optional
            On what the scores were calibrated, such as ``"calibrated on 240 ratings of 6 people"``.
        most : int
            How many best and worst moments of each persona.
        seed : int
            Of the bootstrap.
        """
        items = {Target("passage", index): item for index, item in enumerate(timeline.passages)} | {
            Target("section", index): item for index, item in enumerate(timeline.sections)
        }
        return cls.gather(
            timeline.reactions if reactions is None else reactions,
            personas,
            items=items,
            recording=timeline.recording,
            calibration=calibration,
            most=most,
            seed=seed,
        )

    @classmethod
    def gather(
        cls,
        reactions: Iterable[Reaction],
        personas: Mapping[str, PersonaLike] | None = None,
        *,
        items: Mapping[Target, Any] | None = None,
        recording: Recording | None = None,
        calibration: str = "",
        most: int = 3,
        seed: int = 0,
    ) -> Audience:
        """Return the audience of reactions; of several by one persona to one item the last counts.

        Examples
        --------
        >>> one = Reaction(
        ...     0.0, 9.0, persona="genz", target=Target("passage", 0), status="ok", score=3.0,
        ...     distribution=(0.2,) * 5,
        ... )
        >>> found = Audience.gather([one])
        >>> found.personas[0].coverage, found.personas[0].reason, found.standing
        ('1 of 1', 'fewer than 5 scores', 'uncalibrated')
        """
        known, items = personas or {}, items or {}
        kept = {(each.persona, each.target): each for each in reactions}
        ids = dict.fromkeys(name for name, _ in kept)
        ordered = [name for name in known if name in ids] + sorted(name for name in ids if name not in known)
        by_persona: dict[str, list[Reaction]] = {name: [] for name in ordered}
        by_target: dict[Target, list[Reaction]] = {}
        for reaction in sorted(kept.values(), key=_place):
            by_persona[reaction.persona].append(reaction)
            by_target.setdefault(reaction.target, []).append(reaction)
        rows = tuple(
            _persona(name, by_persona[name], known.get(name), most, seed + place)
            for place, name in enumerate(ordered)
        )
        weights = {row.persona: row.weight for row in rows}
        columns = tuple(_item(target, by_target[target], weights, items.get(target)) for target in by_target)
        said = [column.consensus for column in columns if column.consensus is not None]
        return cls(
            recording, rows, columns, mean_of(said, seed=seed), _pooled(rows),
            tuple(reaction for name in ordered for reaction in by_persona[name]), calibration, seed,
        )  # fmt: skip

    def __getitem__(self, persona: str) -> PersonaSummary:
        """Return the summary of a persona, by id."""
        return next(row for row in self.personas if row.persona == persona)

    @cached_property
    def cells(self) -> Mapping[tuple[str, Target], Reaction]:
        """Reactions by persona and item; a persona that does not hear an item has none."""
        return {(reaction.persona, reaction.target): reaction for reaction in self.reactions}

    @cached_property
    def matrix(self) -> tuple[tuple[Reaction | None, ...], ...]:
        """Reactions, ``[persona][item]``; nothing is ever filled in."""
        return tuple(
            tuple(self.cells.get((row.persona, column.target)) for column in self.items)
            for row in self.personas
        )

    @cached_property
    def pairs(self) -> tuple[PersonaPair, ...]:
        """How alike any two personas rank the items."""
        return _pairs(self)

    @cached_property
    def alerts(self) -> tuple[Alert, ...]:
        """What somebody should look at, in order of time (:data:`~edm_core.personas.alerts.RULES`)."""
        from .alerts import alerts_of

        return alerts_of(self)

    @property
    def standing(self) -> str:
        """What the scores may be taken for: ``uncalibrated``, or on what they were calibrated."""
        scored = [reaction for reaction in self.reactions if reaction.status == "ok"]
        sure = sum(reaction.calibrated for reaction in scored)
        if not sure:
            return "uncalibrated"
        said = self.calibration or "calibrated on ratings by people"
        return (
            said if sure == len(scored) else f"{sure} of {len(scored)} scores {said}, the others uncalibrated"
        )

    @property
    def scored(self) -> int:
        """How many reactions have a score."""
        return sum(row.scored for row in self.personas)

    @property
    def coverage(self) -> str:
        """How many reactions have a score, such as ``85 of 90``."""
        return f"{self.scored} of {len(self.reactions)}"


def summary(reactions: Iterable[Reaction]) -> dict[str, PersonaSummary]:
    """Return each persona's summary, by id in alphabetical order."""
    by_persona: dict[str, list[Reaction]] = {}
    for reaction in reactions:
        by_persona.setdefault(reaction.persona, []).append(reaction)
    return {name: _persona(name, by_persona[name], None, 1, 0) for name in sorted(by_persona)}


# --- private ---------------------------------------------------------------------------------------


def _place(reaction: Reaction) -> tuple[float, str, int]:
    return reaction.start, reaction.target.kind, reaction.target.index


def _persona(
    name: str, reactions: Sequence[Reaction], persona: PersonaLike | None, most: int, seed: int
) -> PersonaSummary:
    scored = [reaction for reaction in reactions if reaction.score is not None]
    mean = mean_of([reaction.score for reaction in scored if reaction.score is not None], seed=seed)
    bests, worsts = moments_of(scored, most)
    shares = [reaction.distribution for reaction in scored if reaction.distribution is not None]
    return PersonaSummary(
        name, mean.value, len(scored), len(reactions), mean.low, mean.high, mean.reason,
        _weighted([(1.0, one) for one in shares]),
        dict(Counter(reaction.status for reaction in reactions)), bests, worsts,
        persona.name if persona else name, persona.emoji if persona else UNKNOWN_FACE,
        persona.weight if persona else 1.0,
    )  # fmt: skip


def _item(
    target: Target, reactions: Sequence[Reaction], weights: Mapping[str, float], item: Any
) -> ItemSummary:
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


def _pairs(audience: Audience) -> tuple[PersonaPair, ...]:
    scores = {
        row.persona: [None if cell is None else cell.score for cell in cells]
        for row, cells in zip(audience.personas, audience.matrix, strict=True)
    }
    found = []
    for a, b in combinations(scores, 2):
        both = [
            (one, other) for one, other in zip(scores[a], scores[b], strict=True) if None not in (one, other)
        ]
        one, other = ([pair[side] for pair in both] for side in (0, 1))
        found.append(PersonaPair(a, b, spearman_of(one, other, seed=audience.seed)))  # type: ignore[arg-type]
    return tuple(found)


def _pooled(rows: Sequence[PersonaSummary]) -> tuple[float, ...] | None:
    return _weighted([(row.weight, row.distribution) for row in rows if row.distribution is not None])


def _weighted(shares: Sequence[tuple[float, tuple[float, ...]]]) -> tuple[float, ...] | None:
    whole = sum(weight for weight, _ in shares)
    if not whole:
        return None
    return tuple(sum(weight * one[place] for weight, one in shares) / whole for place in range(5))
