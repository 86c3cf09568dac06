"""The audience of a recording: what the reactions of simulated listeners add up to.

Only reactions that are ``ok`` count, and how many those are is always told. Intervals are 95 % by the
percentile bootstrap over a persona's items, seeded: they say how much a mean hangs on single passages of
this recording, and nothing about people. Neighbouring passages are not independent, so they are rather too
narrow.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any

from ..evaluation.ratings import Estimate, mean_of, spearman_of
from ..items import Reaction, Recording, Target
from .summaries import ItemSummary, PersonaLike, PersonaPair, PersonaSummary, item_summary, pooled, summary_of

if TYPE_CHECKING:
    from ..timeline import Timeline
    from .alerts import Alert
    from .calibration import Calibration
    from .panel import Panel


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
        # The same draws for every persona: they hear the same items.
        rows = tuple(summary_of(name, by_persona[name], known.get(name), most, seed) for name in ordered)
        weights = {row.persona: row.weight for row in rows}
        columns = tuple(
            item_summary(target, by_target[target], weights, items.get(target)) for target in by_target
        )
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

    def to_dict(self) -> dict[str, Any]:
        """Return the audience as plain values (:mod:`edm_core.personas.exports`)."""
        from .exports import audience_dict

        return audience_dict(self)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return :meth:`to_dict` as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=indent)

    def to_csv(self) -> str:
        """Return one row a reaction (:data:`edm_core.personas.exports.COLUMNS`)."""
        from .exports import audience_csv

        return audience_csv(self)

    def to_html(self, *, calibration: Calibration | None = None, panel: Panel | None = None) -> str:
        """Return a report that needs neither network nor script (:mod:`edm_core.personas.report`)."""
        from .report import report

        return report(self, calibration=calibration, panel=panel)

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


# --- private ---------------------------------------------------------------------------------------


_PAIR_DRAWS = 300  # of the bootstrap; personas make many pairs


def _place(reaction: Reaction) -> tuple[float, str, int]:
    return reaction.start, reaction.target.kind, reaction.target.index


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
        found.append(PersonaPair(a, b, spearman_of(one, other, draws=_PAIR_DRAWS, seed=audience.seed)))  # type: ignore[arg-type]
    return tuple(found)


def _pooled(rows: Sequence[PersonaSummary]) -> tuple[float, ...] | None:
    return pooled([(row.weight, row.distribution) for row in rows if row.distribution is not None])
