from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from edm_core.experiments.laboratory import run_of
from edm_core.personas.laboratory import Answer, Design, LabReport, Trial, examine, nobody


class Constant:
    name, identity = "constant@1", "constant@1"

    def __call__(self, trials: Any, personas: Any, progress: Any = None) -> Iterator[tuple[Trial, Answer]]:
        return ((trial, Answer(3.0)) for trial in trials)


def test_a_report_is_recorded_with_its_figures_and_itself() -> None:
    report = examine(Constant(), {"genz": nobody()}, design=Design(passages=6, repeats=2, places=4))
    run = run_of(report)
    assert run.experiment == "judge laboratory"
    assert run.tags == {"judge": "constant@1", "found": "none", "simulated": "yes"}
    assert run.metrics == report.metrics()
    assert run.metrics["missing"] == 0
    assert run.parameters == report.parameters()
    assert LabReport.from_json(run.files["report.json"]) == report
    assert set(run.files) == {"report.json", "report.md", "report.html"}
