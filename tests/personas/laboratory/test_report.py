from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from edm_core.errors import EdmError
from edm_core.personas import Persona
from edm_core.personas.laboratory import Design, LabReport, examine

SMALL = Design(passages=8, repeats=2, places=4)


@pytest.fixture(scope="module")
def report(ruled: Callable[..., Any], listeners: Mapping[str, Persona]) -> LabReport:
    return examine(
        ruled(lambda trial, opinion: opinion + 0.5 * len(trial.before) / 3), listeners, design=SMALL
    )


def test_json_gives_it_back(report: LabReport) -> None:
    assert LabReport.from_json(report.to_json()) == report
    assert json.loads(report.to_json())["version"] == "laboratory@1"
    for text in ("", "[]", '{"judge": 3}'):
        with pytest.raises(EdmError):
            LabReport.from_json(text)


def test_rows_metrics_and_parameters_say_the_same(report: LabReport) -> None:
    rows = report.rows()
    assert [row["name"] for row in rows] == [each.name for each in report.findings]
    assert len({tuple(row) for row in rows}) == 1
    metrics = report.metrics()
    assert metrics["position"] == report.biases[0].estimate
    assert metrics["position_found"] == float("position" in report.found)
    assert all(re.fullmatch(r"[\w.]+", name) and isinstance(value, float) for name, value in metrics.items())
    assert report.parameters()["design.seed"] == "0"
    assert "genz" in report.parameters()["personas"]


def test_markdown_has_whole_tables(report: LabReport) -> None:
    text = replace(report, judge="a|b").to_markdown()
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert len(tables) == 4
    for table in tables:
        assert len({line.count("|") for line in table.splitlines()}) == 1
    assert "simulated audience" in text


class Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_html_needs_nothing_else_and_escapes_what_others_wrote(report: LabReport) -> None:
    rude = "<script>alert(1)</script>"
    page = Read()
    page.feed(replace(report, judge=rude, source=rude, identity=rude, missing={rude: 1}).to_html())
    assert "script" not in page.tags
    assert page.links == []
    assert rude in page.text
    assert "simulated audience" in page.text
    for each in report.findings:
        assert each.title in page.text
    assert page.tags.count("section") == len(report.findings)


def test_by_place_shows_the_slope(report: LabReport) -> None:
    assert len(report.by_place) == 4
    assert report.by_place[-1] - report.by_place[0] == pytest.approx(0.5, abs=0.2)
    assert sum(report.by_place) == pytest.approx(0, abs=0.01)
