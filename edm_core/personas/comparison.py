"""Two audiences beside each other: of two recordings, or of one recording scored in two ways.

Of one recording the same items are compared, item by item, and their differences drawn anew for the
interval; of two recordings there is nothing to pair, and each side is drawn by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._codec import encode
from ..evaluation.ratings import Estimate, difference_of
from ..items import Reaction, Target
from .audience import Audience
from .rating_tables import LIKE, alike
from .summaries import SIMULATED


@dataclass(frozen=True, slots=True)
class PersonaDifference:
    """A persona on both sides: its means, and the second less the first with the interval.

    ``versions`` are the persona's on either side, where they are known.
    """

    persona: str
    name: str
    a: float | None
    b: float | None
    difference: Estimate
    versions: tuple[str, str]


@dataclass(frozen=True, slots=True)
class ItemDifference:
    """A persona's scores of one item that both sides have, and the second less the first.

    ``target`` and the times, in seconds, are those of the second.
    """

    persona: str
    target: Target
    start: float
    end: float
    a: float
    b: float
    difference: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the second audience differs from the first; ``items`` are in order of size where ``paired``."""

    paired: bool
    personas: tuple[PersonaDifference, ...]
    items: tuple[ItemDifference, ...]
    consensus: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain values."""
        return {"simulated": True, "note": SIMULATED, **encode(self)}


def compare(
    one: Audience, other: Audience, *, same: Mapping[str, str] | None = None, seed: int = 0
) -> Comparison:
    """Compare two audiences.

    Parameters
    ----------
    one, other : Audience
        Of the same recording they are paired by item, else not.
    same : mapping of str to str, optional
        Personas of the first that stand for another of the second, such as a persona and its clone; by
        default each for itself.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Comparison
        Of the personas that both have.
    """
    ids = (None if side.recording is None else side.recording.id for side in (one, other))
    paired = len(set(ids)) == 1
    there = {row.persona for row in other.personas}
    pairs = [
        (row.persona, partner)
        for row in one.personas
        if (partner := (same or {}).get(row.persona, row.persona)) in there
    ]
    targets = _same_items(one, other) if paired else {}
    personas = tuple(_persona(one, other, a, b, targets, paired, seed) for a, b in pairs)
    items = [found for a, b in pairs for found in _items(one, other, a, b, targets)]
    said = [{item.target: item.consensus for item in side.items} for side in (one, other)]
    if paired:
        both = [(said[0][a], said[1][b]) for a, b in targets.items()]
        sides = [[pair[k] for pair in both if None not in pair] for k in (0, 1)]
    else:
        sides = [list(of_it.values()) for of_it in said]
    known = [[value for value in side if value is not None] for side in sides]
    return Comparison(
        paired, personas, tuple(sorted(items, key=lambda each: -abs(each.difference))),
        difference_of(known[1], known[0], paired=paired, seed=seed),
    )  # fmt: skip


# --- private ---------------------------------------------------------------------------------------


def _same_items(one: Audience, other: Audience) -> dict[Target, Target]:
    """Return which item of the second each of the first is: by what was heard, else by kind and time."""
    heard = {reaction.target: reaction.heard for reaction in other.reactions}
    by_digest = {(target.kind, digest): target for target, digest in heard.items() if digest}
    before = {reaction.target: reaction.heard for reaction in one.reactions}
    found: dict[Target, Target] = {}
    for item in one.items:
        target = by_digest.get((item.target.kind, before.get(item.target, "")))
        if target is None:
            near = [
                (alike((item.start, item.end), (each.start, each.end)), -place)
                for place, each in enumerate(other.items)
                if each.target.kind == item.target.kind
            ]
            share, place = max(near, default=(0.0, 0))
            target = other.items[-place].target if share >= LIKE else None
        if target is not None:
            found[item.target] = target
    return found


def _cells(
    one: Audience, other: Audience, a: str, b: str, targets: Mapping[Target, Target]
) -> list[tuple[Reaction, Reaction]]:
    pairs = ((one.cells.get((a, first)), other.cells.get((b, second))) for first, second in targets.items())
    return [
        (before, after)
        for before, after in pairs
        if before is not None and after is not None and before.status == after.status == "ok"
    ]


def _persona(
    one: Audience, other: Audience, a: str, b: str, targets: Mapping[Target, Target], paired: bool, seed: int
) -> PersonaDifference:
    if paired:
        cells = _cells(one, other, a, b, targets)
        sides = [[pair[k].score for pair in cells] for k in (0, 1)]
    else:
        sides = [
            [cell.score for cell in side.reactions if cell.persona == name]
            for side, name in ((one, a), (other, b))
        ]
    known = [[score for score in side if score is not None] for side in sides]
    means = [sum(side) / len(side) if side else None for side in known]
    return PersonaDifference(
        b, other[b].name, means[0], means[1], difference_of(known[1], known[0], paired=paired, seed=seed),
        (_version(one, a), _version(other, b)),
    )  # fmt: skip


def _items(
    one: Audience, other: Audience, a: str, b: str, targets: Mapping[Target, Target]
) -> list[ItemDifference]:
    return [
        ItemDifference(
            b, after.target, after.start, after.end, before.score, after.score, after.score - before.score
        )
        for before, after in _cells(one, other, a, b, targets)
        if before.score is not None and after.score is not None
    ]


def _version(audience: Audience, persona: str) -> str:
    said = dict.fromkeys(
        cell.persona_version
        for cell in audience.reactions
        if cell.persona == persona and cell.persona_version
    )
    return ", ".join(said)
