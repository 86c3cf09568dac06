"""The five biases that the laboratory looks for in a judge's answers.

Position and verbosity of judges: Zheng et al. (2023), arXiv 2306.05685; Wang et al. (2023), arXiv 2305.17926.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from .design import Plan
from .finding import WORTH_KNOWING, Finding, adjusted, beyond, mean_of, points
from .judging import Answers
from .measures import Floats, against_limit, sign_flips, slope_within
from .scale import Reference, dispersion, middle

INCONSISTENT = 0.2
"""Share of the scores' variance that repeats may make up: the rest, an intraclass correlation of .8, is what
Koo and Li (2016), Journal of Chiropractic Medicine 15, 155–163, call good."""
_WORSE_NOISE = 2.0


def biases(
    plan: Plan, answers: Answers, reference: Reference | None = None, seed: int = 0
) -> tuple[Finding, ...]:
    """Look for the five biases; the chance of any false alarm among them is 5 % at most.

    Parameters
    ----------
    plan : Plan
    answers : Answers
    reference : Reference, optional
        What the use of the scale is held against: by default :data:`EVEN`, over passages that were written to
        please or to annoy; without such passages those two findings are not made.
    seed : int, optional
        Of the permutations.
    """
    found = (
        _position(plan, answers, seed),
        _verbosity(answers, seed),
        middle(plan, answers, reference),
        dispersion(plan, answers, reference),
        _inconsistency(answers),
    )
    return adjusted(found)


def _position(plan: Plan, answers: Answers, seed: int) -> Finding:
    block = plan.blocks["order"]
    assert block.place is not None
    scores = answers.scores["order"]
    # Rows with a hole say nothing of places. What came before may move all personas alike: they are no units.
    centred = mean_of(np.where(np.isfinite(scores).all(axis=2, keepdims=True), scores, np.nan), 2)[:, :, None]
    tested = slope_within(mean_of(scores - centred, 0), block.place, seed)
    return points(
        "position", "Position: the score depends on the place in the session", tested, tests=5,
        unit="points", units="passages", worth=WORTH_KNOWING,
        test=f"from the first of {block.shape[2]} places to the last, in balanced orders; scores permuted "
        "within passages",
    )  # fmt: skip


def _verbosity(answers: Answers, seed: int) -> Finding:
    plain = mean_of(answers.scores["plain"], 2)[:, :, None]
    tested = sign_flips(mean_of(answers.scores["padding"] - plain, (0, 2)), seed)
    return points(
        "verbosity", "Verbosity: filler moves the score", tested, tests=5,
        unit="points", units="passages", worth=WORTH_KNOWING,
        test="with filler before or after, less without; signs flipped by passage",
    )  # fmt: skip


def _inconsistency(answers: Answers) -> Finding:
    name, title = "self-inconsistency", "Self-inconsistency: repeats disagree"
    scores = answers.scores["plain"]
    scores = scores[:, np.isfinite(scores).all(axis=2).any(axis=0)]
    whole = np.isfinite(scores).all(axis=2)
    repeats = scores.shape[2]
    within = np.where(whole, np.nan_to_num(scores).var(axis=2, ddof=1), 0.0)
    means = np.where(whole, np.nan_to_num(scores).mean(axis=2), 0.0)
    if whole.any() and not np.ptp(scores[whole], axis=1).any():
        return Finding(
            name, title, 0.0, 0.0, 0.0, "of the variance", INCONSISTENT, None, None, int(whole.sum()),
            "personas × passages", None, INCONSISTENT, 1.0, "not found",
            "variance over repeats", "deterministic: no repeat gave another score",
        )  # fmt: skip
    count, squares, sums = whole.sum(axis=0), (means**2).sum(axis=0), means.sum(axis=0)

    def measure(drawn: Floats) -> Floats:
        n = np.maximum(drawn @ count, 2.0)
        noise = (drawn @ within.sum(axis=0)) / n
        between = repeats * (drawn @ squares - (drawn @ sums) ** 2 / n) / (n - 1)
        return np.asarray(np.log(np.maximum(noise, 1e-9)) - np.log(np.maximum(between, 1e-9)))

    def ratio(share: float) -> float:
        return float(-np.log(1 + repeats * (1 - share) / share))

    limit = ratio(INCONSISTENT)
    tested = against_limit(measure, scores.shape[1], limit, "above")
    found = beyond(
        name, title, tested, limit, "of the variance", ratio(INCONSISTENT * _WORSE_NOISE),
        f"variance of repeats as a share of all variance against at most {INCONSISTENT:g}; jackknife over "
        "passages",
    )  # fmt: skip

    def back(value: float | None) -> float | None:
        return None if value is None else float(1 / (1 + max(0.0, np.exp(-value) - 1) / repeats))

    return replace(
        found, estimate=back(found.estimate), low=back(found.low), high=back(found.high),
        limit=INCONSISTENT, worth=INCONSISTENT * _WORSE_NOISE,
    )  # fmt: skip
