from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from edm_core.personas import Persona
from edm_core.personas.laboratory import (
    Design,
    Finding,
    LabReport,
    examine,
    panel_reference,
    passages_of,
    read_passages,
)
from edm_core.personas.laboratory.scale import EVEN

FIVE = ("position", "verbosity", "mid-scale collapse", "under-dispersion", "self-inconsistency")


@pytest.fixture(scope="module")
def report(ruled: Callable[..., Any], listeners: Mapping[str, Persona]) -> Callable[..., LabReport]:
    def made(rule: Any = None, noise: float = 0.25, **more: Any) -> LabReport:
        return examine(ruled(rule, noise), listeners, **more)

    return made


def named(report: LabReport, name: str) -> Finding:
    return next(each for each in report.findings if each.name == name)


def test_an_honest_judge_shows_none_and_the_design_could_have_told(report: Callable[..., LabReport]) -> None:
    found = report()
    assert [each.name for each in found.biases] == list(FIVE)
    assert {each.verdict for each in found.biases} == {"not found"}
    assert all(each.power > 0.8 for each in found.biases)
    assert found.found == ()


def test_a_judge_that_tires_is_found_by_what_it_heard_before(report: Callable[..., LabReport]) -> None:
    found = report(lambda trial, opinion: opinion - 0.6 * len(trial.before) / 7)
    assert found.found == ("position",)
    position = named(found, "position")
    assert position.estimate == pytest.approx(-0.6, abs=0.1)
    assert position.low < -0.6 < position.high or abs(position.estimate + 0.6) < 0.1
    assert found.by_place[0] > 0.2 > -0.2 > found.by_place[-1]


def test_a_judge_that_likes_length_is_found_by_filler(report: Callable[..., LabReport]) -> None:
    found = report(lambda trial, opinion: opinion + 0.012 * (len(trial.text.split()) - 42))
    assert found.found == ("verbosity",)
    assert named(found, "verbosity").estimate == pytest.approx(0.3, abs=0.1)


def test_a_judge_that_answers_three_is_found(report: Callable[..., LabReport]) -> None:
    found = report(lambda trial, opinion: 3.0 if (len(trial.item) + len(trial.persona)) % 4 else opinion)
    assert "mid-scale collapse" in found.found
    assert named(found, "mid-scale collapse").estimate > 0.6


def test_a_judge_that_holds_back_is_found(report: Callable[..., LabReport]) -> None:
    found = report(lambda _, opinion: 4.0 + 0.3 * (opinion - 3.0))
    assert found.found == ("under-dispersion",)


def test_a_judge_that_wavers_is_found(report: Callable[..., LabReport]) -> None:
    found = report(noise=0.9)
    assert "self-inconsistency" in found.found
    assert named(found, "self-inconsistency").estimate > 0.3


def test_a_judge_without_chance_is_called_deterministic(report: Callable[..., LabReport]) -> None:
    found = named(report(noise=0.0), "self-inconsistency")
    assert found.verdict == "not found"
    assert found.p is None
    assert "deterministic" in found.note


def test_a_judge_that_always_says_the_same_collapses_and_has_no_variance(
    report: Callable[..., LabReport],
) -> None:
    found = report(lambda _trial, _opinion: 3.0)
    assert set(found.found) == {"mid-scale collapse", "under-dispersion"}
    assert named(found, "position").note == "no score changed"


def test_a_judge_that_fails_is_no_finding(report: Callable[..., LabReport]) -> None:
    found = report(lambda _trial, _opinion: None)
    assert {each.verdict for each in found.findings} == {"cannot tell"}
    assert all(each.estimate is None and each.p is None for each in found.findings)
    assert {each.note for each in found.biases} == {"too few answers"}
    assert found.missing == {"it had no opinion": found.asked}
    assert found.to_html() and found.to_markdown()


def test_single_failures_leave_the_rest(report: Callable[..., LabReport]) -> None:
    found = report(lambda trial, opinion: None if len(trial.text) % 11 == 0 else opinion)
    assert sum(found.missing.values()) > 50
    assert all(each.estimate is not None for each in found.biases)


def test_too_few_answers_cannot_tell(ruled: Callable[..., Any], listeners: Mapping[str, Persona]) -> None:
    small = Design(passages=6, repeats=2, places=4)
    found = examine(ruled(noise=1.0), {"genz": listeners["genz"]}, design=small)
    assert {each.verdict for each in found.biases[:2]} == {"cannot tell"}


def test_without_marks_or_ratings_the_use_of_the_scale_is_not_judged(
    ruled: Callable[..., Any], listeners: Mapping[str, Persona]
) -> None:
    from dataclasses import replace

    bare = [replace(each, pleases=frozenset(), annoys=frozenset()) for each in read_passages()]
    found = examine(ruled(), listeners, bare)
    for name in ("mid-scale collapse", "under-dispersion"):
        assert named(found, name).verdict == "cannot tell"
        assert "nothing to hold it against" in named(found, name).note


def test_people_are_the_reference_where_they_rated(report: Callable[..., LabReport]) -> None:
    random = np.random.default_rng(0)
    outspoken = panel_reference([random.choice([1, 5], 8).tolist() for _ in range(24)])
    mild = panel_reference([random.choice([2, 3, 4], 8).tolist() for _ in range(24)])
    assert "under-dispersion" in report(reference=outspoken).found
    assert "under-dispersion" not in report(reference=mild).found
    assert report(reference=mild).reference == mild.source


def test_a_panels_uncertainty_counts() -> None:
    few = panel_reference([[1, 5], [2, 4], [3, 3], [1, 2], [5, 4], [3, 1]])
    many = panel_reference([[1, 5], [2, 4], [3, 3], [1, 2], [5, 4], [3, 1]] * 10)
    assert few.middle == pytest.approx(many.middle)
    assert few.variance == pytest.approx(many.variance)
    assert few.middle_error > 2 * many.middle_error > 0
    assert few.log_variance_error > 2 * many.log_variance_error > 0
    assert EVEN.limits == (0.4, 1.0)


def test_passages_of_a_recording_are_enough(
    ruled: Callable[..., Any], listeners: Mapping[str, Persona]
) -> None:
    from edm_core.items import Passage

    spoken = [Passage(10.0 * n, 10.0 * n + 9, text=each.text) for n, each in enumerate(read_passages())]
    played = passages_of(spoken, 12)
    found = examine(ruled(), listeners, played, source="a recording")
    assert found.source == "a recording"
    assert named(found, "verbosity").verdict == "not found"
    assert named(found, "topic ablation").note == "no words are marked in these passages"
