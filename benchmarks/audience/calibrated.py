"""How well calibrated scores hold on passages they were not fitted on, in panels with planted opinions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from edm_core.evaluation.distributions import calibration_error, ks_similarity, variance_ratio
from edm_core.evaluation.ratings import spearman_of
from edm_core.items import Reaction
from edm_core.personas import load_personas
from edm_core.personas.calibration import calibrate
from edm_core.personas.persona import Persona
from edm_core.ratings import Rating

from .panels import MEMBERS, RECORDING, Stage, panel_of, stage

SEEDS = 20
LEAST_KS, LEAST_VARIANCE, MOST_VARIANCE, MOST_ERROR = 0.88, 0.8, 1.2, 0.05


@dataclass(frozen=True)
class Trial:
    """Figures of one panel on the passages left out, by persona; ``error`` is over all of them."""

    ks: np.ndarray[Any, np.dtype[np.float64]]
    variance: np.ndarray[Any, np.dtype[np.float64]]
    rank: np.ndarray[Any, np.dtype[np.float64]]
    error: float


def rows(personas: Mapping[str, Persona] | None = None, *, seeds: int = SEEDS) -> list[dict[str, str]]:
    """Return a row a measure: median over panels, in brackets the middle 95 % of them.

    Beside the scores before and after calibration stands what the ratings of the other half alone would
    predict: one distribution a persona, whatever the passage.
    """
    return table(judged(load_personas() if personas is None else personas, seeds)[0])


def section(*, seeds: int = SEEDS) -> str:
    """Return Markdown: what the panels are made of, and the table."""
    trials, made = judged(load_personas(), seeds)
    lines = [f"Planted panels, {made}. Median over panels, in brackets the middle 95 % of them.", ""]
    for place, row in enumerate(table(trials)):
        if not place:
            lines += [f"| {' | '.join(row)} |", "|---" * len(row) + "|"]
        lines.append(f"| {' | '.join(row.values())} |")
    return "\n".join(lines)


def table(trials: Mapping[str, Sequence[Trial]]) -> list[dict[str, str]]:
    """Return a row a measure of trials by kind."""
    return [
        _row(name, goal, trials, figure, reached)
        for name, goal, figure, reached in (
            ("likeness of distributions (KS), median persona", f"≥ {LEAST_KS}", _middle_ks, _like),
            ("likeness of distributions (KS), worst persona", f"≥ {LEAST_KS}", _worst_ks, _like),
            ("ratio of variances, median persona", _VARIANCES, _middle_variance, _fits),
            ("ratio of variances, persona farthest from 1", _VARIANCES, _worst_variance, _fits),
            ("expected calibration error", f"≤ {MOST_ERROR}", _error, _sure),
            ("rank correlation with the panel's means, median persona", "", _rank, None),
        )
    ]


def judged(personas: Mapping[str, Persona], seeds: int) -> tuple[dict[str, list[Trial]], str]:
    """Judge panels of several seeds, each on half of the passages; also say what they are made of."""
    began = time.perf_counter()
    scene = stage(personas)
    found: dict[str, list[Trial]] = {"uncalibrated": [], "calibrated": [], "no scorer": []}
    count = 0
    for seed in range(seeds):
        ratings = panel_of(scene, personas, seed)
        count += len(ratings)
        half = _half(scene, seed)
        known, left_out = (
            [one for one in scene.reactions if (one.target.index in half) is inside]
            for inside in (True, False)
        )
        made = calibrate({RECORDING: known}, ratings, seed=seed)
        found["uncalibrated"].append(_judge(left_out, ratings))
        found["calibrated"].append(_judge(made.apply(left_out), ratings))
        found["no scorer"].append(_judge(_blind(known, left_out, ratings), ratings))
    names = {reaction.persona for reaction in scene.reactions}
    said = (
        f"synthetic: {seeds} panels of {MEMBERS} members for each of {len(names)} personas, "
        f"{len(scene.passages)} passages, {count // seeds} ratings a panel, half of the passages to fit; "
        f"{time.perf_counter() - began:.0f} s"
    )
    return found, said


# --- private ---------------------------------------------------------------------------------------


def _half(scene: Stage, seed: int) -> set[int]:
    order = np.random.default_rng([seed, 1]).permutation(len(scene.passages))
    return set(order[: len(order) // 2].tolist())


def _judge(reactions: Sequence[Reaction], ratings: Sequence[Rating]) -> Trial:
    shares = {(one.persona, one.heard): one.distribution for one in reactions if one.distribution is not None}
    pairs = [
        (rating.persona, rating.heard, shares[rating.persona, rating.heard], rating.score)
        for rating in ratings
        if (rating.persona, rating.heard) in shares and rating.score is not None
    ]
    ks, variance, rank = [], [], []
    for persona in dict.fromkeys(pair[0] for pair in pairs):
        own = [pair for pair in pairs if pair[0] == persona]
        said = np.sum([pair[2] for pair in own], axis=0)
        given = np.bincount([pair[3] for pair in own], minlength=6)[1:]
        ks.append(ks_similarity(said, given))
        variance.append(variance_ratio(said, given) or np.nan)
        by_passage: dict[str, list[int]] = {}
        for _, heard, _, score in own:
            by_passage.setdefault(heard, []).append(score)
        means = [float(np.mean(scores)) for scores in by_passage.values()]
        predicted = [float(np.dot(shares[persona, heard], range(1, 6))) for heard in by_passage]
        rank.append(spearman_of(predicted, means, draws=0).value or 0.0)
    error = calibration_error([pair[2] for pair in pairs], [pair[3] for pair in pairs])
    assert error is not None
    return Trial(np.array(ks), np.array(variance), np.array(rank), error)


def _blind(
    known: Sequence[Reaction], left_out: Sequence[Reaction], ratings: Sequence[Rating]
) -> list[Reaction]:
    """Return reactions that all have the distribution of their persona's ratings of the other passages."""
    heard = {one.heard for one in known}
    counts: dict[str, list[int]] = {}
    for rating in ratings:
        if rating.heard in heard and rating.score is not None:
            counts.setdefault(rating.persona, [0] * 5)[rating.score - 1] += 1
    pooled = {name: tuple(count / sum(of_it) for count in of_it) for name, of_it in counts.items()}
    return [replace(one, distribution=pooled[one.persona]) for one in left_out if one.status == "ok"]


_VARIANCES = f"{LEAST_VARIANCE}–{MOST_VARIANCE}"


def _middle_ks(trial: Trial) -> float:
    return float(np.median(trial.ks))


def _worst_ks(trial: Trial) -> float:
    return float(trial.ks.min())


def _middle_variance(trial: Trial) -> float:
    return float(np.median(trial.variance))


def _worst_variance(trial: Trial) -> float:
    return float(trial.variance[np.abs(np.log(trial.variance)).argmax()])


def _error(trial: Trial) -> float:
    return trial.error


def _rank(trial: Trial) -> float:
    return float(np.median(trial.rank))


def _like(value: float) -> bool:
    return value >= LEAST_KS


def _fits(value: float) -> bool:
    return LEAST_VARIANCE <= value <= MOST_VARIANCE


def _sure(value: float) -> bool:
    return value <= MOST_ERROR


def _row(
    name: str, goal: str, trials: Mapping[str, Sequence[Trial]], figure: Callable[[Trial], float],
    reached: Callable[[float], bool] | None,
) -> dict[str, str]:  # fmt: skip
    values = {kind: [figure(trial) for trial in of_it] for kind, of_it in trials.items()}
    count = (
        "" if reached is None else f"{sum(map(reached, values['calibrated']))} of {len(values['calibrated'])}"
    )
    return {
        "measure": name,
        "goal": goal,
        **{kind: _shown(of_it) for kind, of_it in values.items()},
        "panels that reach it": count,
    }


def _shown(values: Sequence[float]) -> str:
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
    return f"{middle:.3f} [{low:.3f}, {high:.3f}]"


if __name__ == "__main__":
    print(section())
