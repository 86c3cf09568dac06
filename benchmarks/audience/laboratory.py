"""Whether the judge laboratory finds biases that are there, and none that are not.

Simulated judges with planted biases, seeded: no model is asked, so these figures are about the laboratory and
about no judge. Every laboratory is the usual one over the packaged passages; its answers are drawn anew.

A simulated judge has an opinion of each persona × passage: 1.3 points above or below the middle where the
passage was written to please or to annoy, and a standard deviation of .5 around that, .2 of it shared by all
personas. Each answer adds noise (standard deviation .35), a quirk of the wording (.15, and .1 that all
personas share), and in sessions a mood (.1 a session) and what came before (.1, shared by all); it is a
discrete bell of width .7 over 1 to 5, whose mean is the score.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edm_core.personas.laboratory import Answers, Block, Plan, biases, plan, read_passages

PERSONAS = (
    "academic",
    "advertiser",
    "business_owner",
    "genz",
    "parents",
    "regional",
    "stay_at_home_mum",
    "tradies",
)
"""Fewer listeners than the laboratory takes by itself: with more of them it has more power."""
LABORATORIES = 300
NAMES = ("position", "verbosity", "mid-scale collapse", "under-dispersion", "self-inconsistency")
POWER_GOAL, ALARM_GOAL = 0.95, 0.05
_MEAN = 3.2  # of a judge's opinions: not the middle of the scale
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated judge.

    Parameters
    ----------
    position : float
        Points that the last place of a session gains on the first.
    verbosity : float
        Points that filler adds.
    collapse : float
        Share of persona × passage to which it says 3, whatever it thinks.
    shrunk : float
        Share by which its answers are drawn towards their mean, and its bells narrowed.
    noise : float
        Standard deviation of repeats, in points.
    opinion : float
        How far what pleases or annoys lies from the middle.
    whole : bool
        Whether it answers with a whole score and no distribution, as many models do.
    """

    position: float = 0.0
    verbosity: float = 0.0
    collapse: float = 0.0
    shrunk: float = 0.0
    noise: float = 0.35
    opinion: float = 1.3
    whole: bool = False

    def answers(self, laid: Plan, random: np.random.Generator) -> Answers:
        """Return what it says to a plan."""
        shape = laid.marks.shape
        latent = self.opinion * laid.marks + random.normal(0, 0.46, shape) + random.normal(0, 0.2, shape[1])
        centre = _MEAN + latent - latent.mean()
        blind = random.random(shape) < self.collapse
        shares = {
            probe: self._shares(block, laid, centre, blind, random)
            for probe, block in laid.blocks.items()
            if probe in ("plain", "order", "padding")
        }
        scores = {probe: each @ np.arange(1.0, 6.0) for probe, each in shares.items()}
        return Answers(scores, shares, np.zeros(laid.asks.shape, bool))

    def _shares(
        self, block: Block, laid: Plan, centre: Floats, blind: NDArray[np.bool_], random: np.random.Generator
    ) -> Floats:
        ids = [each.id for each in laid.passages]
        columns = [ids.index(item) for item in block.items]
        people, items, variants = block.shape
        said = np.repeat(centre[:, columns, None], variants, axis=2)
        if block.probe == "padding":
            said = said + random.normal(0, 0.15, block.shape) + random.normal(0, 0.1, (1, items, variants))
            said += self.verbosity
        if block.place is not None:
            said = (
                said + random.normal(0, 0.1, (people, 1, variants)) + random.normal(0, 0.1, (items, variants))
            )
            said += self.position * (block.place / block.place.max() - 0.5)
        said = said + random.normal(0, self.noise, block.shape)
        said = _MEAN + (1 - self.shrunk) * (said - _MEAN)
        said = np.where(blind[:, columns, None], 3.0, said)
        if self.whole:
            return np.asarray(np.eye(5)[np.clip(np.rint(said), 1, 5).astype(int) - 1])
        width = np.where(blind[:, columns, None], 0.3, 0.7 * (1 - self.shrunk))[..., None]
        bell = np.exp(-((np.arange(1.0, 6.0) - np.clip(said, 1.0, 5.0)[..., None]) ** 2) / (2 * width**2))
        return np.asarray(bell / bell.sum(axis=-1, keepdims=True))


HONEST = Simulated()
PLANTED = {
    "position": (replace(HONEST, position=0.3), "+.3 points from the first place to the last"),
    "verbosity": (replace(HONEST, verbosity=0.2), "+.2 points by filler"),
    "mid-scale collapse": (replace(HONEST, collapse=0.6), "says 3 to six in ten persona × passage"),
    "under-dispersion": (replace(HONEST, shrunk=0.5), "answers and bells half as wide"),
    "self-inconsistency": (
        replace(HONEST, noise=0.8), "repeats with a standard deviation of .8 points instead of .35"
    ),
}  # fmt: skip
"""Biased judges, and what was planted in each."""
WITHOUT = {
    "honest": (HONEST, "none of the five"),
    "honest, mild": (replace(HONEST, opinion=0.9), "none; opinions .9 points from the middle"),
    "honest, whole scores": (replace(HONEST, whole=True), "none; answers 1, 2, 3, 4 or 5 and no shares"),
    "at the limit of mid-scale collapse": (replace(HONEST, collapse=0.283), "share of 3 just tolerated"),
    "at the limit of under-dispersion": (replace(HONEST, shrunk=0.372), "variance just tolerated"),
    "at the limit of self-inconsistency": (replace(HONEST, noise=0.455), "noise just tolerated"),
}
"""Judges in which nothing is to be found, some of them only just."""


def rows(
    count: int = LABORATORIES, seed: int = 0, progress: Callable[[str], None] | None = None
) -> list[dict[str, Any]]:
    """Return a row for each simulated judge: how often what was planted was found, and anything else.

    Parameters
    ----------
    count : int
        Laboratories for each judge.
    seed : int
        Of their answers.
    progress : callable, optional
        Told each judge's name.

    Returns
    -------
    list of dict
        ``judge``, ``planted``, ``goal``, ``power`` (of what was planted) or ``alarms`` (any of the five, with
        a Wilson interval each), ``reached``, how often each of the five was found, and what they were
        estimated at on average.
    """
    laid = plan(read_passages(), PERSONAS)
    table = []
    for name, (judge, about) in {**PLANTED, **WITHOUT}.items():
        if progress is not None:
            progress(name)
        found, estimates = _examined(judge, laid, count, seed)
        is_planted = name in PLANTED
        hits = int((found[:, NAMES.index(name)] if is_planted else found.any(axis=1)).sum())
        share, (low, high) = hits / count, wilson(hits, count)
        table.append(
            {
                "judge": name, "planted": about, "laboratories": count,
                "what": "power" if is_planted else "false alarms", "share": share, "low": low, "high": high,
                "goal": f"≥ {POWER_GOAL}" if is_planted else f"≤ {ALARM_GOAL}",
                "reached": share >= POWER_GOAL if is_planted else share <= ALARM_GOAL,
                **_named("found", found.mean(axis=0)),
                **_named("mean", estimates),
            }
        )  # fmt: skip
    return table


def section(count: int = LABORATORIES, seed: int = 0) -> str:
    """Return the figures as Markdown."""
    found = rows(count, seed)
    lines = [
        f"{count} laboratories for each simulated judge ({len(PERSONAS)} personas, the usual design). Power:",
        "the planted bias is found; false alarms: any of the five is found where none was planted. 95 %",
        "Wilson intervals. The judges at a limit have just as much of something as is tolerated: the worst",
        "case. The last five columns are how often each bias was found.",
        "",
        "| simulated judge | planted | | share | goal | " + " | ".join(NAMES) + " |",
        "|---" * (5 + len(NAMES)) + "|",
    ]
    for row in found:
        kept = "" if row["reached"] else " (**not reached**)"
        lines.append(
            f"| {row['judge']} | {row['planted']} | {row['what']} "
            f"| {row['share']:.3f} [{row['low']:.3f}, {row['high']:.3f}] | {row['goal']}{kept} | "
            + " | ".join(f"{row[f'found {name}']:.3f}" for name in NAMES)
            + " |"
        )
    return "\n".join(lines)


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval (1927) of a share.

    >>> [round(edge, 3) for edge in wilson(0, 300)]
    [0.0, 0.013]
    """
    z, share = 1.959964, hits / count
    middle = (share + z**2 / (2 * count)) / (1 + z**2 / count)
    half = z * math.sqrt(share * (1 - share) / count + z**2 / (4 * count**2)) / (1 + z**2 / count)
    return max(0.0, middle - half), min(1.0, middle + half)


def _named(what: str, values: Floats) -> dict[str, float]:
    return {f"{what} {name}": round(float(value), 3) for name, value in zip(NAMES, values, strict=True)}


def _examined(judge: Simulated, laid: Plan, count: int, seed: int) -> tuple[NDArray[np.bool_], Floats]:
    """Return which biases each laboratory finds, shape (count, 5), and the mean of their estimates."""
    verdicts, estimates = [], []
    for number in range(count):
        answers = judge.answers(laid, np.random.default_rng([seed, number]))
        found = biases(laid, answers, seed=number)
        verdicts.append([each.verdict == "found" for each in found])
        estimates.append([np.nan if each.estimate is None else each.estimate for each in found])
    return np.array(verdicts), np.asarray(np.mean(estimates, axis=0), np.float64)


if __name__ == "__main__":
    print(section())
