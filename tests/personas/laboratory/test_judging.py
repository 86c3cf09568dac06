from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edm_core.errors import Cancelled, SettingsError
from edm_core.items import Reaction
from edm_core.personas import Heard, Offline, Persona
from edm_core.personas.laboratory import (
    NOBODY,
    Design,
    ScorerJudge,
    Trial,
    ask,
    examine,
    judge_of,
    nobody,
    plan,
    read_passages,
)
from edm_core.settings import Settings

SMALL = Design(passages=6, repeats=2, places=4)


class Seeing:
    """A scorer that keeps what it was shown; odd passages get no score."""

    name, identity = "seeing@1", "seeing@1"

    def __init__(self, seed: int, shown: list[Any]) -> None:
        self.seed, self.shown = seed, shown

    def __call__(
        self, heard: Sequence[Heard], personas: Sequence[Persona], progress: Any = None
    ) -> Iterator[Reaction]:
        for each in heard:
            for persona in personas:
                self.shown.append((self.seed, each.text, each.before, persona.id))
                if "hail" in each.text:
                    yield each.reaction(persona, self.name, "failed", note="no hail here", flags=("odd",))
                else:
                    yield each.reaction(
                        persona, self.name, score=2.0, distribution=(0.2, 0.6, 0.2, 0.0, 0.0),
                        model="small", prompt_hash=f"hash of {persona.id}",
                    )  # fmt: skip


def test_every_trial_is_asked_once_with_its_seed_and_what_came_before() -> None:
    shown: list[Any] = []
    judge = ScorerJudge(lambda seed: Seeing(seed, shown))
    trials = [
        Trial("plain", "", "genz", "a", "Rain by noon, and more of it."),
        Trial("plain", "", "tradies", "a", "Rain by noon, and more of it.", seed=1),
        Trial("order", "", "genz", "a", "Rain by noon, and more of it.", before=("Sun.",)),
        Trial("plain", "", "genz", "b", "A storm with hail, they say."),
    ]
    listeners = {name: replace(nobody(), id=name) for name in ("genz", "tradies")}
    answers = dict(judge(trials, listeners))
    assert {(seed, text, before, persona) for seed, text, before, persona in shown} == {
        (trial.seed, trial.text, trial.before, trial.persona) for trial in trials
    }
    assert len(shown) == len(trials)
    assert answers[trials[0]].score == 2.0
    assert answers[trials[3]].score is None
    assert answers[trials[3]].reason == "no hail here"
    assert answers[trials[3]].flagged
    assert judge.models == {"small"}
    assert judge.prompts == {"hash of genz", "hash of tradies"}


def test_a_scorer_that_forgets_one_is_told() -> None:
    class Forgetful(Seeing):
        def __call__(self, heard: Any, personas: Any, progress: Any = None) -> Iterator[Reaction]:
            return iter(())

    ((_, answer),) = ScorerJudge(lambda seed: Forgetful(seed, []))(
        [Trial("plain", "", NOBODY, "a", "Rain by noon.")], {NOBODY: nobody()}
    )
    assert answer.score is None
    assert answer.reason == "seeing@1 gave no answer"


def test_a_scorer_that_only_fails_is_not_asked_for_ever(listeners: Mapping[str, Persona]) -> None:
    asked: list[int] = []

    class Down(Seeing):
        def __call__(self, heard: Any, personas: Any, progress: Any = None) -> Iterator[Reaction]:
            asked.append(len(heard) * len(personas))
            return (
                each.reaction(one, self.name, "failed", note="down") for each in heard for one in personas
            )

    found = examine(ScorerJudge(lambda seed: Down(seed, [])), listeners, design=SMALL)
    assert len(asked) < 4
    assert sum(found.missing.values()) == found.asked > 3 * sum(asked)
    assert any("not asked, as" in reason and reason.endswith("down") for reason in found.missing)
    assert found.found == ()


def test_answers_land_where_their_trials_are(ruled: Any, listeners: Mapping[str, Persona]) -> None:
    laid = plan(read_passages(), list(listeners), SMALL)
    code = {each.id: place / 10 for place, each in enumerate(laid.passages)}
    who = {name: place / 100 for place, name in enumerate([*laid.personas, NOBODY])}
    judge = ruled(lambda trial, _: 2.0 + code[trial.item] + who[trial.persona])
    answers = ask(laid, judge, {**listeners, NOBODY: nobody()})
    for probe, block in laid.blocks.items():
        for (p, i, v), trial in block.trials():
            assert answers.scores[probe][p, i, v] == pytest.approx(
                2.0 + code[trial.item] + who[trial.persona]
            )
    assert answers.asked == laid.count() == judge.asked
    assert np.nansum(answers.shares["plain"], axis=-1) == pytest.approx(1.0)


def test_progress_grows_and_what_it_raises_stops_the_work(
    ruled: Any, listeners: Mapping[str, Persona]
) -> None:
    shares: list[float] = []
    examine(ruled(), listeners, design=SMALL, progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0

    def stop(share: float) -> None:
        if share > 0.3:
            raise Cancelled("stopped")

    judge = ruled()
    with pytest.raises(Cancelled):
        examine(judge, listeners, design=SMALL, progress=stop)
    assert judge.asked < 0.4 * plan(read_passages(), list(listeners), SMALL).count()


def test_the_offline_scorer_is_deterministic_and_obeys_nobody(listeners: Mapping[str, Persona]) -> None:
    two = {name: listeners[name] for name in ("genz", "academic")}
    found = examine(judge_of("offline"), two, design=Design(passages=8, repeats=2, places=4))
    by_name = {each.name: each for each in found.findings}
    assert "deterministic" in by_name["self-inconsistency"].note
    assert by_name["position"].note == "no score changed"
    assert by_name["injection"].note.startswith("32 of 32 flagged; 0 of 32 scores changed")
    assert found.judge == Offline.name


def test_a_judge_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="oracle: no such judge"):
        judge_of("oracle")
    with pytest.raises(SettingsError, match="EDM_LLM_BASE_URL"):
        judge_of("language-model", Settings(data_dir=tmp_path))


def test_a_language_model_is_asked_with_the_seed_of_the_repeat(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, llm_base_url="http://127.0.0.1:9/v1", llm_model="none")
    judge = judge_of("language-model", settings, temperature=0.7)
    assert judge.name.startswith("language-model@")
    seeds = {judge._make(seed).manner.seed for seed in range(3)}
    assert seeds == {0, 1, 2}
    assert {judge._make(seed).manner.temperature for seed in range(3)} == {0.7}
