"""Calibration on people's ratings: a higher score never becomes a lower one, and the spread is theirs.

For each persona a cumulative logit (McCullagh 1980) of what people give, on the score:
``P(rating ≤ k | score) = logistic(threshold[k] - slope * (score - 3))`` with ordered thresholds and a slope
above 0, so that the calibrated distributions of two scores never cross. A curve for all personas is fitted
first, pulled weakly to an honest scorer; each persona's own is pulled to it, more the fewer its ratings
(maximum a posteriori with normal priors).

It holds for the scorer, its version and the personas' versions that it was fitted on, and for nobody but the
raters it was fitted on: a handful of people is no public.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._codec import decode, encode
from ..errors import EdmError
from ..evaluation.distributions import (
    Bin,
    calibration_error,
    ks_similarity,
    reliability_curve,
    variance_ratio,
)
from ..items import Reaction
from ..ratings import Rating, newest
from ._ordered_logit import Curve, fitted
from .distribution import confidence, mean, rounded
from .panel import Unit, matched

SCHEMA = 1
FEWEST = 30
"""Ratings below which nothing is calibrated."""
FEWEST_OF_ONE = 10
"""Ratings of a persona below which it stays uncalibrated."""
FOLDS = 5
_IN_A_BIN = 20  # ratings; the share of fewer is mostly chance


class CalibrationError(EdmError):
    """Ratings on which nothing can be calibrated, or a document that is no calibration."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """How predicted distributions of ratings held: before calibration, and after it on items left out.

    ``error`` is the expected calibration error, ``ks`` the likeness of the pooled distributions and
    ``variance`` the ratio of their variances, predicted over given. ``bins`` are by score, ``2`` to ``5``.
    """

    error: float
    ks: float
    variance: float | None
    bins: dict[str, tuple[Bin, ...]]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns a scorer's scores into distributions of people's ratings.

    ``curves`` and ``versions`` are by persona; ``counts`` says on how many ratings each curve rests.
    ``panel`` is a digest of the ratings, ``time`` when it was fitted, ISO 8601 in UTC. ``reasons`` tells why
    a persona stays uncalibrated.
    """

    scorer: str
    versions: dict[str, str]
    curves: dict[str, Curve]
    counts: dict[str, int]
    ratings: int
    raters: int
    panel: str
    time: str
    before: Reliability
    after: Reliability
    reasons: dict[str, str]
    schema: int = SCHEMA

    def __str__(self) -> str:
        people = "1 person" if self.raters == 1 else f"{self.raters} people"
        return f"calibrated on {self.ratings} ratings of {people}"

    def why_not(self, reaction: Reaction) -> str | None:
        """Return why a reaction is not calibrated by this; None where it is."""
        if reaction.status != "ok" or reaction.calibrated:
            return "calibrated already" if reaction.calibrated else "it has no score"
        if reaction.scorer != self.scorer:
            return f"the calibration is of {self.scorer}, not of {reaction.scorer}"
        if reaction.persona not in self.curves:
            return self.reasons.get(reaction.persona, "nobody has rated for this persona")
        if reaction.persona_version != self.versions[reaction.persona]:
            return "the persona has changed since the calibration"
        return None

    def apply(self, reactions: Iterable[Reaction]) -> tuple[Reaction, ...]:
        """Return reactions with calibrated scores; those that it does not hold for stay, and say why."""
        return tuple(self._applied(reaction) for reaction in reactions)

    def to_json(self) -> str:
        """Return the calibration as a document, on one line."""
        return json.dumps(encode(self), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Calibration:
        """Read :meth:`to_json`.

        Raises
        ------
        CalibrationError
            If it is no such document.
        """
        try:
            data = json.loads(text)
            if not isinstance(data, dict) or data.get("schema") != SCHEMA:
                raise CalibrationError(
                    "its schema is not known", subject="calibration", remedy="fit it again"
                )
            return decode(cls, data, "calibration")
        except (ValueError, RecursionError) as error:
            raise CalibrationError(f"no JSON: {error}", subject="calibration") from None
        except CalibrationError:
            raise
        except EdmError as error:
            raise CalibrationError(error.problem, subject=error.subject, remedy="fit it again") from None

    def _applied(self, reaction: Reaction) -> Reaction:
        why = self.why_not(reaction)
        if why is None and reaction.score is not None:
            shares = rounded(self.curves[reaction.persona].distribution(reaction.score))
            return replace(
                reaction,
                score=mean(shares),
                distribution=shares,
                confidence=confidence(shares),
                calibrated=True,
            )
        if reaction.status != "ok" or reaction.calibrated:
            return reaction
        told = f"uncalibrated: {why}"
        return replace(reaction, note=f"{reaction.note}; {told}" if reaction.note else told)


def calibrate(
    reactions: Mapping[str, Sequence[Reaction]],
    ratings: Iterable[Rating],
    *,
    scorer: str = "",
    time: str = "",
    seed: int = 0,
) -> Calibration:
    """Fit a calibration.

    A persona is calibrated on the ratings of those who stand for it, else of those who speak for themselves.

    Parameters
    ----------
    reactions : mapping of str to sequence of Reaction
        By recording's id; not calibrated ones count.
    ratings : iterable of Rating
        In the order in which they were given.
    scorer : str, optional
        Whose scores, such as ``offline@2``; by default the one of most reactions.
    time : str, optional
        When, ISO 8601 in UTC.
    seed : int
        Of the folds in which it is judged.

    Raises
    ------
    CalibrationError
        If there are fewer than 30 ratings of what was scored.
    """
    raw = {
        name: [one for one in of_it if one.status == "ok" and not one.calibrated]
        for name, of_it in reactions.items()
    }
    counts = Counter(one.scorer for of_it in raw.values() for one in of_it)
    scorer = scorer or max(counts, key=lambda name: (counts[name], name), default="")
    given = newest(ratings)
    pairs, versions, reasons = _pairs(raw, given, scorer)
    used = {pair.rating for pair in pairs}
    if len(used) < FEWEST:
        told = [f" ({name}: {reason})" for name, reason in reasons.items() if not reason.startswith("0 ")]
        why = told[0] if told else ""
        raise CalibrationError(
            f"{len(used)} ratings of what {scorer or 'a scorer'} scored are of use{why}, {FEWEST} are needed",
            subject="calibration", remedy="rate more passages",
        )  # fmt: skip
    curves = _fit(pairs)
    return Calibration(
        scorer, {name: versions[name] for name in curves}, curves,
        {name: sum(pair.persona == name for pair in pairs) for name in curves},
        len(used), len({rating.rater for rating in used}), _digest(used), time,
        _judged([pair.shares for pair in pairs], pairs), _judged(_left_out(pairs, seed), pairs), reasons,
    )  # fmt: skip


# --- private ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Pair:
    """A rating, and the score and distribution that a persona gave to the same."""

    persona: str
    unit: Unit
    score: float
    shares: tuple[float, ...]
    rating: Rating

    @property
    def given(self) -> int:
        assert self.rating.score is not None  # those taken back are not among the newest
        return self.rating.score


def _pairs(
    reactions: Mapping[str, Sequence[Reaction]], ratings: Sequence[Rating], scorer: str
) -> tuple[list[_Pair], dict[str, str], dict[str, str]]:
    """Return the pairs of personas with enough ratings, the personas' versions, and why others have none."""
    scored = {name: [one for one in of_it if one.scorer == scorer] for name, of_it in reactions.items()}
    editions: dict[str, Counter[str]] = {}
    for of_it in scored.values():
        for one in of_it:
            editions.setdefault(one.persona, Counter())[one.persona_version] += 1
    versions = {name: max(count, key=lambda each: (count[each], each)) for name, count in editions.items()}
    cells: dict[tuple[str, Unit], Reaction] = {
        (one.persona, (name, one.target)): one
        for name, of_it in scored.items()
        for one in of_it
        if one.persona_version == versions[one.persona]
    }
    about = matched(scored, ratings)
    pairs, reasons = [], {}
    for persona in versions:
        own = [rating for rating in about if rating.persona == persona]
        rated = own or [rating for rating in about if not rating.persona]
        found = [
            _Pair(persona, about[rating], cell.score, cell.distribution, rating)
            for rating in rated
            if (cell := cells.get((persona, about[rating]))) is not None
            and cell.score is not None and cell.distribution is not None
        ]  # fmt: skip
        if len(found) < FEWEST_OF_ONE:
            reasons[persona] = f"{len(found)} ratings for this persona, {FEWEST_OF_ONE} are needed"
        else:
            pairs += found
    return pairs, versions, reasons


def _fit(pairs: Sequence[_Pair]) -> dict[str, Curve]:
    common = fitted([pair.score for pair in pairs], [pair.given for pair in pairs])
    curves = {}
    for name in dict.fromkeys(pair.persona for pair in pairs):
        own = [pair for pair in pairs if pair.persona == name]
        curves[name] = fitted([pair.score for pair in own], [pair.given for pair in own], near=common)
    return curves


def _left_out(pairs: Sequence[_Pair], seed: int) -> list[tuple[float, ...]]:
    """Return what is predicted of each rating by curves that were fitted without its item."""
    import numpy as np

    units = list(dict.fromkeys(pair.unit for pair in pairs))
    order = np.random.default_rng(seed).permutation(len(units))
    fold = {units[place]: number % FOLDS for number, place in enumerate(order)}
    found: list[tuple[float, ...]] = [()] * len(pairs)
    for number in range(FOLDS):
        others = [pair for pair in pairs if fold[pair.unit] != number]
        curves = _fit(others) if others else {}
        for place, pair in enumerate(pairs):
            if fold[pair.unit] == number:
                curve = curves.get(pair.persona)
                found[place] = curve.distribution(pair.score) if curve else pair.shares
    return found


def _judged(predicted: Sequence[Sequence[float]], pairs: Sequence[_Pair]) -> Reliability:
    given = [pair.given for pair in pairs]
    pooled = [math.fsum(shares[place] for shares in predicted) for place in range(5)]
    counts = [given.count(score) for score in range(1, 6)]
    count = min(10, max(2, len(given) // _IN_A_BIN))
    bins = {str(score): each for score, each in reliability_curve(predicted, given, bins=count).items()}
    error = calibration_error(predicted, given, bins=count)
    assert error is not None  # there are ratings
    return Reliability(error, ks_similarity(pooled, counts), variance_ratio(pooled, counts), bins)


def _digest(ratings: Iterable[Rating]) -> str:
    said: list[Any] = sorted(json.dumps(encode(rating), sort_keys=True) for rating in ratings)
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
