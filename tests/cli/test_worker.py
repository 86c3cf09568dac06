"""``edm worker``: does what is queued, and ends in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from click.testing import CliRunner

from edm_core.cli import main
from edm_core.errors import SettingsError
from edm_core.personas.scorers import SCORERS
from edm_core.service.bench import Workbench
from edm_core.service.laboratory_job import Examination
from edm_core.settings import Settings
from tests.servers import free_port, until


def test_a_worker_does_what_is_queued_and_ends_in_good_order(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    queue = Workbench(settings).queue
    port = free_port()
    command = [sys.executable, "-c", "from edm_core.cli import run; run()", "worker", "--queues", "personas"]
    command += ["--metrics", str(port)]
    worker = subprocess.Popen(command, env=settings.inherited(), stderr=subprocess.PIPE, text=True)
    until(lambda: queue.ledger.figures().workers, "the worker signs the roll")
    (signed,) = queue.ledger.figures().workers
    assert (signed.pid, signed.queues, signed.alive) == (worker.pid, ("personas",), True)
    unfit = Workbench(settings).examine(Examination(scorer=SCORERS[0], size="vast"))
    assert "no size 'vast'" in queue.wait(unfit.id, 60).message
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        assert b'edm_jobs_finished_total{kind="laboratory",outcome="failed"} 1.0' in answer.read()
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == 0, said
    assert said.splitlines()[0] == "Working on personas (1). Stop with Ctrl-C."
    assert said.splitlines()[-1] == "Stopped."
    assert queue.ledger.figures().workers == ()


@pytest.mark.parametrize("queues", ["music,video", ","])
def test_unknown_queues_are_refused(queues: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path))
    with pytest.raises(SettingsError, match="use music, speech, personas"):
        CliRunner().invoke(main, ["worker", "--queues", queues], catch_exceptions=False)
    assert os.listdir(tmp_path) == []
