from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from edm_core.cli.personas_lab import command
from edm_core.errors import SettingsError
from edm_core.personas.laboratory import read_passages
from edm_core.ratings import Rating
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.store.ratings import Ratings
from edm_core.timeline import Layer, Passage, Reaction, Recording, Target, Timeline

SMALL = ("--personas", "genz,academic", "--size", "quick", "--no-record")


def lab(*arguments: str):
    return CliRunner().invoke(command, [*SMALL, *arguments])


def test_the_offline_scorer_is_examined_and_nothing_is_kept() -> None:
    done = lab("--format", "json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["judge"].startswith("offline@")
    assert [each["name"] for each in report["biases"]][:2] == ["position", "verbosity"]
    assert set(report["personas"]) == {"genz", "academic"}


@pytest.mark.parametrize(
    ("layout", "beginning"),
    [
        ("csv", "kind,name,verdict"),
        ("yaml", "- kind: bias"),
        ("markdown", "# Judge"),
        ("html", "<!doctype"),
        ("table", "offline@"),
    ],
)
def test_every_format_prints(layout: str, beginning: str) -> None:
    done = lab("--format", layout)
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(beginning)


def test_it_writes_where_it_is_told(tmp_path: Path) -> None:
    out = tmp_path / "lab.html"
    assert lab("--format", "html", "--out", str(out)).exit_code == 0
    assert out.read_text(encoding="utf-8").startswith("<!doctype")


@pytest.mark.slow
def test_it_is_kept_as_an_experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path))
    done = CliRunner().invoke(command, [*SMALL[:-1], "--format", "csv"])
    assert done.exit_code == 0, done.output
    assert "recorded as run" in done.stderr
    assert (tmp_path / "mlflow.db").exists()
    assert list((tmp_path / "mlflow-files").rglob("report.html"))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--personas", "nobody_known"), "'nobody_known' is no persona that hears speech"),
        (("--personas", " , "), "names nobody"),
        (("--size", "huge"), "huge"),
        (("--seed", "-1"), "-1"),
    ],
)
def test_arguments_that_cannot_be_used(arguments: tuple[str, ...], problem: str) -> None:
    done = lab(*arguments)
    # `edm` itself ends with 2 for both: usage, and settings that cannot be used.
    assert done.exit_code == 2 or isinstance(done.exception, SettingsError)
    assert problem in done.output + str(done.exception)


def test_without_a_server_a_language_model_is_refused_with_what_to_do() -> None:
    done = lab("--scorer", "language-model")
    assert done.exit_code != 0
    assert "EDM_LLM_BASE_URL" in str(done.exception) + done.output


def test_a_server_that_is_down_gives_no_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"BASE_URL": "http://127.0.0.1:9/v1", "MODEL": "none"}.items():
        monkeypatch.setenv(f"EDM_LLM_{name}", value)
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path))
    done = lab("--scorer", "language-model", "--format", "csv")
    assert done.exit_code == 1
    assert "nothing was scored" in done.stderr
    assert "cannot tell" in done.stdout
    assert ",found," not in done.stdout


def test_a_recording_that_there_is_not_is_told() -> None:
    done = lab("--recording", "no such recording")
    assert done.exit_code != 0
    assert "no such recording" in str(done.exception) + done.output


def test_passages_of_a_recording_are_played_and_its_ratings_are_the_reference(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path))
    library = Library(Settings(data_dir=tmp_path))
    file = BytesIO()
    soundfile.write(file, np.zeros(22_050 * 8), 22_050, format="WAV")
    file.seek(0)
    entry = library.add_upload("show.wav", file)
    passages = tuple(
        Passage(float(n), n + 0.9, text=each.text, language="en")
        for n, each in enumerate(read_passages()[:8])
    )
    reactions = tuple(
        Reaction(each.start, each.end, persona="genz", target=Target("passage", n), status="pending")
        for n, each in enumerate(passages)
    )
    layers = (Layer("passages", "model:a@1", passages), Layer("reactions", "model:b@1", reactions))
    library.save_timeline(Timeline(Recording(entry.id, 8.0, 22_050, 1), layers))
    Ratings(Settings(data_dir=tmp_path)).add(
        Rating(
            recording=entry.id, kind="passage", start=float(n), end=n + 0.9, rater=f"rater {r}", score=1 + (n + r) % 5
        )
        for n in range(7)
        for r in range(5)
    )  # fmt: skip
    done = lab("--recording", "show", "--format", "json")
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert report["source"].startswith("show")
    assert report["passages"] == [f"passage {n}" for n in range(1, 8)]
    assert "35 ratings of 7 passages" in report["reference"]
    by_name = {each["name"]: each for each in report["biases"]}
    assert by_name["under-dispersion"]["estimate"] is not None
