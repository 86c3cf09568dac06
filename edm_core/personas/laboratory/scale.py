"""How a judge uses the scale: too much of it in the middle, too little of it at all.

Answers of language models vary less than people's: Bisbee et al. (2024), "Synthetic Replacements for Human
Survey Data?", Political Analysis 32, 401–416; Maier et al. (2025), arXiv 2510.08338. Too little is less
than a reference allows: a panel of people where there is one, else an even use of the scale over passages of
which half were written to please a listener and half to annoy. What is measured is the distribution of all
predicted scores together: between passages and, where the judge gives distributions, within them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from .design import Plan
from .finding import Finding, beyond, mean_of
from .judging import Answers
from .measures import Floats, against_limit

_WORSE_SHARE, _WORSE_RATIO = 0.2, 0.6  # beyond the limits: what is worth finding there


@dataclass(frozen=True, slots=True)
class Reference:
    """How people, or an even use of the scale, spread over it.

    Parameters
    ----------
    middle : float
        Share of ratings that are 3.
    variance : float
        Of the ratings.
    tolerance : float
        How many times the share may be exceeded, and the variance fallen short of.
    middle_error, log_variance_error : float
        Standard errors, of a panel.
    source : str
        What it is.
    """

    middle: float
    variance: float
    tolerance: float
    source: str
    middle_error: float = 0.0
    log_variance_error: float = 0.0

    @property
    def limits(self) -> tuple[float, float]:
        """Highest share of 3 and lowest variance that are tolerated."""
        return self.middle * self.tolerance, self.variance / self.tolerance


EVEN = Reference(
    0.2, 2.0, 2.0, "an even use of the scale by listeners of whom each hears as much to like as to dislike"
)
"""What stands in for people while there are none: every score equally often; a factor of 2 is tolerated."""


def panel_reference(ratings: Sequence[Sequence[int]]) -> Reference:
    """Return how a panel spread over the scale.

    Parameters
    ----------
    ratings : sequence of sequences of int
        People's ratings, 1 to 5, of each passage that is played.

    Examples
    --------
    >>> round(panel_reference([[1, 2, 5], [4, 4, 3], [2, 3, 1], [5, 4, 5], [2, 2, 3]]).middle, 2)
    0.2
    """
    counts = np.array(
        [[sum(rating == score for rating in each) for score in range(1, 6)] for each in ratings]
    )
    weights = counts / max(1, counts.sum())

    in_middle = against_limit(
        lambda drawn: (drawn @ weights[:, 2]) / (drawn @ weights.sum(axis=1)), len(counts), 1.0, "above"
    )
    spread = against_limit(lambda drawn: _log_variance(drawn @ weights), len(counts), 0.0, "below")
    return Reference(
        in_middle.estimate, float(np.exp(spread.estimate)), 1.25,
        f"a panel's {counts.sum()} ratings of {len(counts)} passages",
        in_middle.error, spread.error,
    )  # fmt: skip


def middle(plan: Plan, answers: Answers, reference: Reference | None) -> Finding:
    """Look for mid-scale collapse: more scores of 3 than the reference allows."""
    name, title = "mid-scale collapse", "Mid-scale collapse: too many scores are 3"
    sides, held = _sides(plan, answers, reference), reference or EVEN
    if not sides:
        return _without_reference(answers, name, title, "share")
    mass = np.nan_to_num(mean_of(answers.shares["plain"][..., 2], 2))
    limit = held.limits[0]
    tested = against_limit(
        lambda drawn: _balanced(drawn, mass, sides),
        sides[0].shape[1], limit, "above", held.middle_error * held.tolerance,
    )  # fmt: skip
    return beyond(
        name, title, tested, limit, "share", limit + _WORSE_SHARE,
        f"share of 3 against at most {limit:.2f}, {held.tolerance:g} times that of {held.source}; "
        "jackknife over passages",
    )  # fmt: skip


def dispersion(plan: Plan, answers: Answers, reference: Reference | None) -> Finding:
    """Look for under-dispersion: less variance of all predicted scores than the reference allows."""
    name, title = "under-dispersion", "Under-dispersion: scores vary too little"
    sides, held = _sides(plan, answers, reference), reference or EVEN
    if not sides:
        return _without_reference(answers, name, title, "of the reference's variance")
    shares = np.nan_to_num(mean_of(answers.shares["plain"], 2))

    def measure(drawn: Floats) -> Floats:
        pooled = np.stack([_balanced(drawn, shares[..., score], sides) for score in range(5)], axis=-1)
        return np.asarray(_log_variance(pooled) - np.log(held.variance))

    limit = 1 / held.tolerance
    tested = against_limit(measure, sides[0].shape[1], float(np.log(limit)), "below", held.log_variance_error)
    found = beyond(
        name, title, tested, float(np.log(limit)), "of the reference's variance",
        float(np.log(limit * _WORSE_RATIO)),
        f"variance of all predicted scores against at least {limit:.2f} of that of {held.source} "
        f"({held.variance:.2f}); jackknife over passages",
    )  # fmt: skip
    return _exponentiated(found)


def _sides(plan: Plan, answers: Answers, reference: Reference | None) -> list[Floats]:
    """Return what is pooled, persona × passage: all alike, or what is to please and what to annoy."""
    known = np.isfinite(answers.scores["plain"]).any(axis=2)
    if reference is not None and reference is not EVEN:
        return [np.asarray(known, np.float64)]
    sides = [np.asarray((plan.marks == mark) & known, np.float64) for mark in (1, -1)]
    return sides if all(side.sum() >= 5 for side in sides) else []


def _balanced(drawn: Floats, values: Floats, sides: Sequence[Floats]) -> Floats:
    """Return the mean of the sides' means, which weigh the same, for each drawn set of passages."""
    means: list[Floats] = []
    for side in sides:
        total = np.asarray(drawn @ side.sum(axis=0), np.float64)
        nothing = np.full(len(drawn), np.nan)
        means.append(np.divide(drawn @ (values * side).sum(axis=0), total, out=nothing, where=total > 0))
    return np.asarray(np.mean(means, axis=0))


def _without_reference(answers: Answers, name: str, title: str, unit: str) -> Finding:
    is_answered = np.isfinite(answers.scores["plain"]).any(axis=2).mean() > 0.5
    return Finding(
        name, title, None, None, None, unit, 0.0, None, None, 0, "passages", None, 0.0, 0.0,
        "cannot tell", "",
        "nothing to hold it against: neither people's ratings of these passages nor enough passages written "
        "to please or to annoy these listeners" if is_answered else "too few answers",
    )  # fmt: skip


def _log_variance(shares: Floats) -> Floats:
    scale = np.arange(1.0, 6.0)
    total = shares.sum(axis=-1)
    mean = shares @ scale / total
    return np.asarray(np.log(np.maximum(shares @ scale**2 / total - mean**2, 1e-6)))


def _exponentiated(found: Finding) -> Finding:
    def back(value: float | None) -> float | None:
        return None if value is None else float(np.exp(value))

    return replace(
        found, estimate=back(found.estimate), low=back(found.low), high=back(found.high),
        limit=float(np.exp(found.limit)), worth=float(np.exp(found.worth)),
    )  # fmt: skip
