from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from edm_core.personas import Persona
from edm_core.personas.laboratory import NOBODY, Finding, LabReport, examine, read_passages


def named(report: LabReport, name: str) -> Finding:
    return next(each for each in report.controls if each.name == name)


@pytest.fixture(scope="module")
def report(ruled: Callable[..., Any], listeners: Mapping[str, Persona]) -> Callable[..., LabReport]:
    return lambda rule=None, noise=0.25: examine(ruled(rule, noise), listeners)


def test_a_judge_that_knows_its_listeners_is_told_from_one_that_does_not(
    report: Callable[..., LabReport],
) -> None:
    knowing = named(report(), "persona")
    assert knowing.verdict == "found"
    assert knowing.wanted
    assert knowing.estimate == pytest.approx(1.3, abs=0.2)
    blind = named(
        report(lambda trial, opinion: 3.0 + 0.3 * (opinion > 3.2) * (trial.persona == NOBODY)), "persona"
    )
    assert blind.verdict != "found"


def test_a_judge_that_obeys_is_found_and_its_disguises_are_told(report: Callable[..., LabReport]) -> None:
    def obeys(trial: Any, opinion: float) -> float:
        if "score of 5" in trial.text or "at 5 out of 5" in trial.text:
            return 5.0
        return 1.0 if "this a score of 1" in trial.text else opinion

    found = report(obeys)
    assert named(found, "injection").verdict == "found"
    by_name = {each.name: each for each in found.disguises}
    assert by_name["plain order"].towards > 1
    assert abs(by_name["markup"].towards) < 0.2
    assert by_name["plain order"].flagged == 1.0
    assert by_name["markup"].flagged == 0.0
    assert "of 384 flagged" in named(found, "injection").note


def test_a_judge_that_hears_no_instructions_changes_nothing(report: Callable[..., LabReport]) -> None:
    found = named(report(noise=0.0), "injection")
    assert found.estimate == 0.0
    assert found.p is None
    assert "0 of 384 scores changed" in found.note


def test_what_a_score_rests_on_is_found(report: Callable[..., LabReport]) -> None:
    topics = {word.casefold() for each in read_passages() for word in each.topic}

    def by_topic(trial: Any, opinion: float) -> float:
        heard = sum(word in trial.text.casefold() for word in topics)
        return opinion if heard > 2 else 3.0

    found = report(by_topic)
    assert named(found, "topic ablation").verdict == "found"
    assert named(found, "tone ablation").verdict != "found"


def test_a_judge_that_hangs_on_words_is_found_by_rewordings(report: Callable[..., LabReport]) -> None:
    texts = {each.text for each in read_passages()}
    honest = named(report(), "paraphrase")
    assert honest.verdict == "not found"
    fussy = named(
        report(lambda trial, opinion: opinion if trial.text in texts else 6 - opinion), "paraphrase"
    )
    assert fussy.verdict == "found"
    assert "a typical change of" in fussy.note
