"""Scoring, summaries, people's ratings and calibration by command, on a recording of the library."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from edm_core.content import describe
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.timeline import Layer, Passage, Recording, Timeline

TEXTS = (
    "Free tickets for the festival, and the headliner has just dropped a surprise album at midnight.",
    "The committee will publish its report on pension reform in the autumn.",
    "I laughed so hard at that video that I had to send it to everyone.",
    "Shares closed lower as investors waited for the central bank.",
    "Where do you get cheap noodles at three in the morning after the club?",
    "The minister declined to comment on the minutes of the meeting.",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with one recording of six passages that nobody has scored."""
    folder = tmp_path_factory.mktemp("data")
    library = Library(Settings(data_dir=folder))
    file = io.BytesIO()
    soundfile.write(file, np.zeros(22_050 * 2), 22_050, format="WAV")
    file.seek(0)
    entry = library.add_upload("show {x}.wav", file)
    spoken = [Passage(place * 0.3, place * 0.3 + 0.3, text=text) for place, text in enumerate(TEXTS)]
    layers = (Layer("passages", "model:a@1", describe(spoken)),)
    assert library.save_timeline(Timeline(Recording(entry.id, 2.0, 22_050, 1), layers)) is not None
    return folder


@pytest.fixture
def own(edm: Callable[..., Any], data: Path) -> Callable[..., Any]:
    return lambda *arguments: edm("personas", *arguments, EDM_DATA_DIR=str(data))


def test_scoring_again_adds_and_what_cannot_be_scored_is_told(own: Callable[..., Any], data: Path) -> None:
    first = own("score", "show {x}", "--personas", "genz,tradies", "--format", "json")
    assert first.returncode == 0, first.stderr
    (row,) = json.loads(first.stdout)
    assert (row["scored"], row["personas"]) == ("12 of 12", "genz,tradies")
    again = own("score", "show {x}", "nothing", "--personas", "genz", "--format", "json")
    assert (again.returncode, "nothing" in again.stderr) == (1, True)
    assert json.loads(again.stdout)[0]["scoring"] == row["scoring"] + 1
    assert (data / "personas" / ".versions" / "genz").is_dir()
    nobody = own("score", "show {x}", "--personas", "nobody")
    assert (nobody.returncode, "is no persona" in nobody.stderr) == (1, True)
    server = own("score", "show {x}", "--scorer", "language-model")
    assert (server.returncode, "EDM_LLM_BASE_URL" in server.stderr) == (1, True)


def test_a_file_that_the_library_does_not_know_is_added_and_analysed(
    edm: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "hum.wav"
    soundfile.write(file, 0.2 * np.sin(2 * np.pi * 110 * np.arange(22_050 * 2) / 22_050), 22_050)
    done = edm("personas", "score", file, EDM_DATA_DIR=str(tmp_path / "data"))
    (entry,) = Library(Settings(data_dir=tmp_path / "data")).list()
    assert (entry.name, entry.status) == ("hum.wav", "done")
    assert (done.returncode, "nothing in it is for these personas" in done.stderr) == (1, True)


def test_the_summary_in_every_format(own: Callable[..., Any], tmp_path: Path) -> None:
    assert own("score", "show {x}", "--personas", "genz,tradies").returncode == 0
    table = own("summary", "show {x}").stdout
    assert "Gen Z" in table
    assert "simulated audience, uncalibrated" in table
    assert {"personas", "items"} <= set(json.loads(own("summary", "show {x}", "--format", "json").stdout))
    rows = list(csv.DictReader(io.StringIO(own("summary", "show {x}", "--format", "csv").stdout)))
    assert len(rows) == 12
    assert "personas:" in own("summary", "show {x}", "--format", "yaml").stdout
    report = tmp_path / "report.html"
    assert own("summary", "show {x}", "--format", "html", "--out", report).returncode == 0
    assert "simulated audience" in report.read_text().lower()
    assert own("summary", "show {x}", "--out", tmp_path / "no" / "folder").returncode == 1
    assert own("summary", "nothing").returncode == 1


def test_ratings_come_in_once_and_agree(own: Callable[..., Any], tmp_path: Path) -> None:
    assert own("score", "show {x}", "--personas", "genz,tradies").returncode == 0
    assert "nobody has rated" in own("agreement", "show {x}").stderr
    table = tmp_path / "panel.csv"
    scores = (5, 1, 5, 2, 4, 1)
    lines = [f"show {{x}},{place},ada,{score},passage" for place, score in enumerate(scores)]
    table.write_text("\n".join(["recording,index,rater,score,kind", *lines, "show {x},1,ben,9,passage"]))
    done = own("ratings", "import", table)
    assert (done.returncode, "6 new of 6" in done.stdout) == (1, True)
    assert "line 8" in done.stderr
    assert "0 new of 6" in own("ratings", "import", table).stdout
    rows = json.loads(own("agreement", "--format", "json").stdout)
    (kappa,) = [row for row in rows if (row["a"], row["b"], row["measure"]) == ("genz", "ada", "kappa")]
    assert kappa["value"] > 0.3
    assert kappa["n"] == 6
    shown = own("agreement", "show {x}").stdout
    assert "genz – ada" in shown and "--all" in shown and "genz – tradies" not in shown
    assert "tradies" in own("agreement", "show {x}", "--all").stdout
    exported = own("ratings", "export", "show {x}").stdout
    assert [row["score"] for row in csv.DictReader(io.StringIO(exported))] == [str(score) for score in scores]
    assert len(json.loads(own("ratings", "export", "--format", "json").stdout)) == 6
    few = own("calibrate")
    assert (few.returncode, "30" in few.stderr, "Traceback" in few.stderr) == (1, True, False)
    assert own("ratings", "import", tmp_path / "none.csv").returncode == 1
