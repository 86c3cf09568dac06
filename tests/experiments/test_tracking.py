from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from edm_core.errors import SettingsError, StorageError
from edm_core.experiments import Run, record, tracking_uri
from edm_core.settings import Settings

RUN = Run(
    "a kind",
    "the first",
    {"seed": "3", "nothing": ""},
    {"power": 0.97},
    {"simulated": "yes"},
    {"report.md": "# Ä"},
)


RUNNING = {"info": {"run_id": "r1", "experiment_id": "1", "start_time": 1, "status": "RUNNING"}, "data": {}}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=tmp_path_factory.mktemp("data folder 50%"))


def client(settings: Settings):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri(settings))


@pytest.mark.slow
def test_a_run_is_kept_whole_in_the_data_folder(settings: Settings) -> None:
    told: list[str] = []
    first, second = record(RUN, settings, told.append), record(RUN, settings, told.append)
    assert len(told) == 1
    assert first != second
    kept = client(settings).get_run(first)
    assert kept.info.status == "FINISHED"
    assert kept.data.params == {"seed": "3"}
    assert kept.data.metrics == {"power": 0.97}
    assert kept.data.tags["simulated"] == "yes"
    assert kept.info.run_name == "the first"
    files = list((settings.data_dir / "mlflow-files").rglob("report.md"))
    assert {path.read_text(encoding="utf-8") for path in files} == {"# Ä"}
    assert all(any(run in str(path) for path in files) for run in (first, second))


@pytest.mark.slow
def test_an_experiment_that_was_deleted_comes_back(settings: Settings) -> None:
    record(RUN, settings)
    known = client(settings).get_experiment_by_name(RUN.experiment)
    client(settings).delete_experiment(known.experiment_id)
    again = record(RUN, settings)
    assert client(settings).get_run(again).info.experiment_id == known.experiment_id


@pytest.mark.slow
def test_a_run_that_breaks_off_is_marked_as_failed(settings: Settings) -> None:
    with pytest.raises(StorageError, match="could not be recorded"):
        record(Run("broken", "n", files={"report.md": "whole", "../../outside.md": "no"}), settings)
    experiment = client(settings).get_experiment_by_name("broken")
    (run,) = client(settings).search_runs([experiment.experiment_id])
    assert run.info.status == "FAILED"
    assert not list(settings.data_dir.rglob("outside.md"))


@pytest.mark.parametrize(
    ("uri", "error", "said"),
    [
        ("nonsense://x", SettingsError, "MLflow knows no such place"),
        ("sqlite:////proc/nowhere/mlflow.db", StorageError, "could not be recorded"),
        ("http://user:secret@127.0.0.1:9", StorageError, "could not be recorded"),
        ("postgresql://user:secret@127.0.0.1:9/runs", StorageError, "could not be recorded"),
    ],
)
def test_where_it_cannot_be_recorded_is_told_without_the_password(
    uri: str, error: type[Exception], said: str, tmp_path: Path
) -> None:
    with pytest.raises(error, match=said) as caught:
        record(RUN, Settings(data_dir=tmp_path, mlflow_tracking_uri=uri))
    assert "secret" not in str(caught.value)


def test_a_server_is_spoken_to_and_says_itself_where_files_go(tmp_path: Path) -> None:
    asked: list[tuple[str, dict[str, object]]] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if "get-by-name" in self.path:
                self.answer({"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}, 404)
            else:
                self.answer({"run": RUNNING}, 200)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append((self.path, body))
            run = {
                "info": {"run_id": "r1", "experiment_id": "1", "start_time": 1, "status": "RUNNING"},
                "data": {},
            }
            self.answer({"experiment_id": "1", "run": run, "run_info": run["info"]}, 200)

        def answer(self, data: object, status: int) -> None:
            text = json.dumps(data).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        uri = f"http://127.0.0.1:{server.server_port}"
        run = Run("a kind", "n", {"long": "x" * 9_000}, {"power": 1.0})
        assert record(run, Settings(data_dir=tmp_path, mlflow_tracking_uri=uri)) == "r1"
    finally:
        server.shutdown()
        server.server_close()
    bodies = {path.rsplit("/", 2)[-2] + "/" + path.rsplit("/", 1)[-1]: body for path, body in asked}
    assert "artifact_location" not in bodies["experiments/create"]
    (param,) = bodies["runs/log-batch"]["params"]
    assert len(param["value"]) == 5_000
    assert bodies["runs/update"]["status"] == "FINISHED"


def test_mlflow_is_loaded_late_and_told_to_report_nothing() -> None:
    code = (
        "import sys, os, edm_core.experiments as e\n"
        "assert not any(name.startswith(('mlflow', 'sqlalchemy')) for name in sys.modules)\n"
        "from edm_core.experiments.tracking import _client\n"
        "_client('http://127.0.0.1:9')\n"
        "import mlflow.telemetry.utils as telemetry\n"
        "telemetry._is_ci_env_or_testing = lambda: False\n"
        "assert telemetry.is_telemetry_disabled()\n"
        "from mlflow.telemetry.client import get_telemetry_client\n"
        "assert get_telemetry_client() is None\n"
    )
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("MLFLOW_DISABLE_TELEMETRY", "CI", "PYTEST_CURRENT_TEST")
    }
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=120)
