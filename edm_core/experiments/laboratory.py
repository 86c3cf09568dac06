"""A laboratory's report as a run."""

from __future__ import annotations

from ..personas.laboratory import LabReport
from .tracking import Run

EXPERIMENT = "judge laboratory"


def run_of(report: LabReport) -> Run:
    """Return what is recorded of a laboratory: its design, its figures, and the report itself."""
    return Run(
        experiment=EXPERIMENT,
        name=f"{report.judge} {report.time}",
        parameters=report.parameters(),
        metrics=report.metrics(),
        tags={"judge": report.judge, "found": ", ".join(report.found) or "none", "simulated": "yes"},
        files={
            "report.json": report.to_json(),
            "report.md": report.to_markdown(),
            "report.html": report.to_html(),
        },
    )
