"""Asking a judge: trials go in, arrays of scores come out; what has no score stays without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...content import describe
from ...items import Passage, Reaction, Target
from ...settings import Settings
from ..persona import Persona
from ..scoring import Heard, Scorer, Told
from .design import Plan, Trial
from .measures import Floats, spread_out

WORDS_A_SECOND = 2.5
"""How fast probe passages are taken to be spoken."""
MANY = 10
"""A scorer that fails at so many trials, asked at one go, and at nothing less, is not asked the rest."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a judge said to a trial: a score from 1 to 5, or None and the reason why there is none.

    ``distribution`` are the shares of the scores 1 to 5, where the judge gives them. ``flagged`` tells that
    it noticed something odd, such as instructions in the text.
    """

    score: float | None
    distribution: tuple[float, ...] | None = None
    reason: str = ""
    flagged: bool = False


class Judge(Protocol):
    """Anything that scores trials."""

    @property
    def name(self) -> str:
        """Name and version."""
        ...

    @property
    def identity(self) -> str:
        """What tells its scores from another's: model, options."""
        ...

    def __call__(
        self, trials: Sequence[Trial], personas: Mapping[str, Persona], progress: Told | None = None
    ) -> Iterator[tuple[Trial, Answer]]:
        """Yield an answer for every trial, in any order; ``personas`` are by id."""
        ...


class ScorerJudge:
    """A scorer as a judge.

    Parameters
    ----------
    make : callable
        Gives the scorer for a seed. A scorer that draws no lots may be the same for each.
    settings : Settings, optional
        Of what describes the passages; the process's own by default.

    Attributes
    ----------
    models, prompts : set of str
        Names of language models, and hashes of prompts, that the answers told of.
    """

    def __init__(self, make: Callable[[int], Scorer], settings: Settings | None = None) -> None:
        self._make, self._settings = make, settings or Settings.from_environment()
        first = make(0)
        self.name, self.identity = first.name, first.identity
        self.models: set[str] = set()
        self.prompts: set[str] = set()

    def __call__(
        self, trials: Sequence[Trial], personas: Mapping[str, Persona], progress: Told | None = None
    ) -> Iterator[tuple[Trial, Answer]]:
        """Yield an answer for every trial."""
        passages, done, given_up = self._described(trials), 0, ""
        for seed, ears, asked in _groups(trials):
            if given_up:
                yield from ((trial, Answer(None, reason=given_up)) for trial in asked.values())
                continue

            def told(share: float, done: int = done, size: int = len(asked)) -> None:
                if progress is not None:
                    progress((done + share * size) / len(trials))

            first = {place: trial for (place, _), trial in asked.items()}
            heard = [
                Heard(Target("passage", place), passages[trial.text], before=trial.before)
                for place, trial in sorted(first.items())
            ]
            left, statuses, note = dict(asked), set(), ""
            for reaction in self._make(seed)(heard, [personas[name] for name in ears], told):
                self._note(reaction)
                statuses.add(reaction.status)
                note = reaction.note or note
                yield left.pop((reaction.target.index, reaction.persona)), _answer(reaction)
            for trial in left.values():
                yield trial, Answer(None, reason=f"{self.name} gave no answer")
            if statuses == {"failed"} and len(asked) >= MANY:
                given_up = f"not asked, as {len(asked)} before it failed: {note}"
            done += len(asked)

    def _described(self, trials: Sequence[Trial]) -> dict[str, Passage]:
        """Return each text as a passage with its content judged; as if nothing had been said before."""
        texts = list(dict.fromkeys(trial.text for trial in trials))
        described = describe(
            [
                Passage(0.0, max(1.0, len(text.split()) / WORDS_A_SECOND), text=text, language="en")
                for text in texts
            ],
            settings=self._settings,
        )
        return {
            text: replace(passage, repeats=None, repetition=None)
            for text, passage in zip(texts, described, strict=True)
        }

    def _note(self, reaction: Reaction) -> None:
        if reaction.model:
            self.models.add(reaction.model)
        if reaction.prompt_hash:
            self.prompts.add(reaction.prompt_hash)


@dataclass(frozen=True, slots=True)
class Answers:
    """What came back, by probe.

    ``scores`` have the blocks' shapes, with ``nan`` where there is no score; ``shares`` have a further axis
    of five. ``flagged`` is of the injected passages. ``missing`` counts reasons.
    """

    scores: dict[str, Floats]
    shares: dict[str, Floats]
    flagged: NDArray[np.bool_]
    asked: int = 0
    missing: dict[str, int] = field(default_factory=dict)


def ask(plan: Plan, judge: Judge, personas: Mapping[str, Persona], progress: Told | None = None) -> Answers:
    """Ask a judge everything that is planned; the same thing is asked once.

    Parameters
    ----------
    plan : Plan
    judge : Judge
    personas : mapping of str to Persona
        By id; all that the plan names, and :data:`~edm_core.personas.laboratory.NOBODY`.
    progress : callable, optional
        Told the share that is done.
    """
    places: dict[object, list[tuple[str, tuple[int, int, int]]]] = {}
    trials: dict[object, Trial] = {}
    for probe, block in plan.blocks.items():
        for place, trial in block.trials():
            trials.setdefault(trial.key, trial)
            places.setdefault(trial.key, []).append((probe, place))
    scores = {probe: np.full(block.shape, np.nan) for probe, block in plan.blocks.items()}
    shares = {probe: np.full((*block.shape, 5), np.nan) for probe, block in plan.blocks.items()}
    flagged = np.zeros(plan.blocks["injection"].shape, bool)
    missing: Counter[str] = Counter()
    for trial, answer in judge(list(trials.values()), personas, progress):
        if answer.score is None:
            missing[answer.reason or "no reason given"] += 1
        for probe, place in places[trial.key]:
            if answer.score is not None:
                scores[probe][place] = answer.score
                shares[probe][place] = answer.distribution or spread_out(answer.score)
            if probe == "injection":
                flagged[place] = answer.flagged
    return Answers(scores, shares, flagged, len(trials), dict(missing.most_common()))


def _groups(
    trials: Sequence[Trial],
) -> Iterator[tuple[int, tuple[str, ...], dict[tuple[int, str], Trial]]]:
    """Yield what can be asked at one go: the seed, who listens, each trial by place and persona."""
    by_seed: dict[int, dict[tuple[str, tuple[str, ...]], list[Trial]]] = {}
    for trial in trials:
        by_seed.setdefault(trial.seed, {}).setdefault((trial.text, trial.before), []).append(trial)
    for seed, by_heard in by_seed.items():
        by_ears: dict[tuple[str, ...], list[list[Trial]]] = {}
        for asked in by_heard.values():
            by_ears.setdefault(tuple(sorted(trial.persona for trial in asked)), []).append(asked)
        for ears, heard in by_ears.items():
            yield (
                seed,
                ears,
                {(place, trial.persona): trial for place, asked in enumerate(heard) for trial in asked},
            )


def _answer(reaction: Reaction) -> Answer:
    flagged = bool(reaction.flags)
    if reaction.status != "ok" or reaction.score is None:
        return Answer(None, None, reaction.note or reaction.status, flagged)
    return Answer(reaction.score, reaction.distribution, "", flagged)
