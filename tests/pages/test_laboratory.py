"""The page Judge laboratory as a script: nothing examined yet, an examination asked for, and a report."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from edm_core.personas.laboratory import LabReport
from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.service.laboratory_job import Examination, examined, keep
from edm_core.settings import Settings
from edm_core.store import Library

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A workbench whose queue is not started."""
    return open_workbench(Settings(data_dir=tmp_path / "data"))


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> LabReport:
    library = Library(Settings(data_dir=tmp_path_factory.mktemp("data")))
    return examined(library, Examination(personas=("genz", "tradies"), size="quick"))


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(str(NAVIGATION.parent / "laboratory.py"))
    app.run()
    assert not app.exception, app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def test_without_a_report_it_says_what_to_do(bench: Workbench) -> None:
    app = page()
    assert "No judge has been examined yet" in html(app)
    assert list(app.radio[0].options) == ["offline"]  # no server is configured


def test_an_examination_is_asked_for_once(bench: Workbench) -> None:
    app = page()
    app.multiselect[0].set_value(["genz"])
    next(button for button in app.button if button.label == "Examine").click()
    app.run()
    assert not app.exception, app.exception
    job = bench.examination()
    assert job is not None
    assert job.payload["examination"]["personas"] == ["genz"]
    assert any("Waiting for its turn" in each.proto.text for each in app.get("progress"))


def test_the_report_of_the_address_is_shown(bench: Workbench, report: LabReport) -> None:
    older, newer = keep(report, bench.settings), keep(report, bench.settings)
    app = page(report=older)
    assert app.selectbox[0].value == older != newer
    assert report.biases[0].title in html(app)
    assert "<script" not in html(app)
