"""People beside personas: who rated the same, and how far they agree.

A *voice* is a rater who speaks for themself, or who stands for a persona. A persona is compared with all who
speak for themselves and with those who stand for it; people among each other within what they speak for.
Ratings are of the same item where its digest is the same, else where its kind is and times overlap by half
or more (intersection over union).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal

from ..evaluation.ratings import Estimate, Measure, compared, reliability
from ..items import Reaction, Target
from ..ratings import Rating, newest
from .rating_tables import LIKE, alike

EVERYBODY = "people"
"""The mean of all who speak for the same, as one voice."""

Relation = Literal["person–persona", "persona–persona", "person–person"]
Unit = tuple[str, Target]
"""A recording's id and an item of it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """A rater, and the persona that they stand for; empty where they speak for themself."""

    rater: str
    persona: str = ""

    def __str__(self) -> str:
        return f"{self.rater} as {self.persona}" if self.persona else self.rater


@dataclass(frozen=True, slots=True)
class PanelPair:
    """Two who rated the same items, and what they have in common."""

    relation: Relation
    a: str
    b: str
    n: int
    figures: Mapping[Measure, Estimate]


@dataclass(frozen=True, slots=True)
class Panel:
    """People's ratings beside the reactions of personas.

    ``pairs`` holds, for each relation, every two; ``a`` of a person and a persona is the persona.
    ``reliability`` is Krippendorff's ordinal alpha of the people who speak for the same, by persona; those
    who speak for themselves stand under the empty name. ``unmatched`` are ratings of nothing that was scored.
    """

    ratings: int
    raters: tuple[str, ...]
    pairs: tuple[PanelPair, ...]
    reliability: Mapping[str, Estimate]
    unmatched: tuple[Rating, ...] = ()

    def of(self, relation: Relation) -> tuple[PanelPair, ...]:
        """Return the pairs of one relation."""
        return tuple(pair for pair in self.pairs if pair.relation == relation)

    def rows(self) -> list[dict[str, Any]]:
        """Return one row a pair and measure, for tables."""
        return [
            {"relation": pair.relation, "a": pair.a, "b": pair.b, "measure": measure, "value": figure.value,
             "low": figure.low, "high": figure.high, "n": figure.n, "reason": figure.reason}
            for pair in self.pairs for measure, figure in pair.figures.items()
        ]  # fmt: skip


def panel(
    reactions: Mapping[str, Sequence[Reaction]],
    ratings: Iterable[Rating],
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Panel:
    """Compare personas with people, and each among themselves.

    Parameters
    ----------
    reactions : mapping of str to sequence of Reaction
        By recording's id.
    ratings : iterable of Rating
        In the order in which they were given; of each rater and item the newest counts.
    draws, seed : int
        Of the bootstrap over items.

    Examples
    --------
    >>> heard = [
    ...     Reaction(
    ...         9.0 * i, 9.0 * i + 9, persona="genz", target=Target("passage", i), status="ok",
    ...         score=float(score), distribution=(0.2,) * 5,
    ...     )
    ...     for i, score in enumerate((1, 2, 3, 4, 5, 4))
    ... ]
    >>> song, scores = "sha256:00", (1, 2, 3, 4, 5, 5)
    >>> said = [
    ...     Rating(recording=song, kind="passage", start=9.0 * i, end=9.0 * i + 9, rater="ada", score=score)
    ...     for i, score in enumerate(scores)
    ... ]
    >>> pair = panel({song: heard}, said).of("person–persona")[0]
    >>> pair.a, pair.b, round(pair.figures["kappa"].value, 2), round(pair.figures["mae"].value, 2)
    ('genz', 'ada', 0.96, 0.17)
    """
    given = newest(ratings)
    matches = matched(reactions, given)
    people: dict[Voice, dict[Unit, float]] = {}
    for rating, unit in matches.items():
        people.setdefault(Voice(rating.rater, rating.persona), {})[unit] = float(rating.score or 0)
    people = {voice: people[voice] for voice in sorted(people, key=lambda each: (each.persona, each.rater))}
    scores: dict[str, dict[Unit, float]] = {}
    for recording, of_it in reactions.items():
        for reaction in of_it:
            known = scores.setdefault(reaction.persona, {})
            if reaction.score is not None:
                known[recording, reaction.target] = reaction.score
    by_stance: dict[str, list[Mapping[Unit, float]]] = {}
    for voice, said in people.items():
        by_stance.setdefault(voice.persona, []).append(said)
    together = {
        Voice(EVERYBODY, stance): _together(voices) for stance, voices in by_stance.items() if len(voices) > 1
    }
    pairs = [
        _pair("person–persona", persona, str(voice), scores[persona], said, draws, seed)
        for persona in scores
        for voice, said in (together | people).items()
        if voice.persona in ("", persona)
    ]
    pairs += [
        _pair("persona–persona", a, b, scores[a], scores[b], draws, seed) for a, b in combinations(scores, 2)
    ]
    pairs += [
        _pair("person–person", str(a), str(b), people[a], people[b], draws, seed)
        for a, b in combinations(people, 2)
        if a.persona == b.persona
    ]
    return Panel(
        len(given),
        tuple(sorted({rating.rater for rating in given})),
        tuple(pairs),
        {stance: _reliability(voices, draws, seed) for stance, voices in by_stance.items()},
        tuple(rating for rating in given if rating not in matches),
    )


def matched(reactions: Mapping[str, Sequence[Reaction]], ratings: Iterable[Rating]) -> dict[Rating, Unit]:
    """Return what each rating is about, among the items that personas reacted to.

    Ratings of other items, and of recordings that are not among the reactions, are left out.
    """
    items: dict[str, dict[Target, Reaction]] = {}
    for recording, of_it in reactions.items():
        for one in of_it:
            items.setdefault(recording, {}).setdefault(one.target, one)
    digests = {
        (recording, target.kind, one.heard): target
        for recording, of_it in items.items()
        for target, one in of_it.items()
        if one.heard
    }
    found: dict[Rating, Unit] = {}
    for rating in ratings:
        target = digests.get((rating.recording, rating.kind, rating.heard))
        if target is None:
            target = _overlapping(rating, items.get(rating.recording, {}))
        if target is not None:
            found[rating] = rating.recording, target
    return found


# --- private ---------------------------------------------------------------------------------------


def _overlapping(rating: Rating, items: Mapping[Target, Reaction]) -> Target | None:
    best, share = None, 0.0
    for target, one in items.items():
        common = alike((one.start, one.end), (rating.start, rating.end))
        if target.kind == rating.kind and common > share:
            best, share = target, common
    return best if share >= LIKE else None


def _together(voices: Sequence[Mapping[Unit, float]]) -> dict[Unit, float]:
    given: dict[Unit, list[float]] = {}
    for said in voices:
        for unit, score in said.items():
            given.setdefault(unit, []).append(score)
    return {unit: sum(scores) / len(scores) for unit, scores in given.items()}


def _pair(
    relation: Relation, a: str, b: str, one: Mapping[Unit, float], other: Mapping[Unit, float], draws: int,
    seed: int,
) -> PanelPair:  # fmt: skip
    both = [unit for unit in one if unit in other]
    figures = compared([one[unit] for unit in both], [other[unit] for unit in both], draws=draws, seed=seed)
    return PanelPair(relation, a, b, len(both), figures)


def _reliability(voices: Sequence[Mapping[Unit, float]], draws: int, seed: int) -> Estimate:
    if len(voices) < 2:
        return Estimate(None, reason="only one person rated")
    units = list(dict.fromkeys(unit for said in voices for unit in said))
    table = [[said.get(unit, float("nan")) for unit in units] for said in voices]
    return reliability(table, draws=draws, seed=seed)
