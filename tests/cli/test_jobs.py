"""``edm jobs``: what is listed, and what becomes of jobs that are stopped and begun again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from edm_core.cli import main
from edm_core.jobs import Job
from edm_core.jobs.claims import Claims
from edm_core.service.bench import Workbench
from edm_core.settings import Settings

Call = CliRunner()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workbench:
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path / "data"))
    return Workbench(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def job(bench: Workbench) -> Job:
    return bench.queue.submit("analyze", f"sha256:{'0' * 64}", {"id": "a"}, who="ada")


def edm(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["jobs", *arguments])


def test_jobs_are_listed_newest_first(bench: Workbench, job: Job) -> None:
    newer = bench.queue.submit("score", "b", {"personas": ["genz"]})
    assert [each["id"] for each in json.loads(edm("list", "--format", "json").stdout)] == [newer.id, job.id]
    table = edm("list").stdout
    assert job.id in table and "analyze" in table and "queued" in table
    rows = list(csv.DictReader(io.StringIO(edm("list", "--queue", "personas", "--format", "csv").stdout)))
    assert [json.loads(row["payload"]) for row in rows] == [{"personas": ["genz"]}]
    for narrower in (["--kind", "analyze"], ["--before", newer.id], ["--queue", "music"]):
        assert [each["id"] for each in yaml.safe_load(edm("list", *narrower, "--format", "yaml").stdout)] == [
            job.id
        ]
    assert len(json.loads(edm("list", "--limit", "1", "--format", "json").stdout)) == 1


def test_that_there_are_none_is_said_aside(bench: Workbench) -> None:
    none = edm("list", "--state", "failed")
    assert (none.exit_code, none.stdout, none.stderr) == (0, "", "there are none\n")
    assert edm("list", "--state", "failed", "--format", "json").stdout == "[]\n"


def test_a_job_is_shown_whole(job: Job) -> None:
    (shown,) = json.loads(edm("show", job.id, "--format", "json").stdout)
    assert shown["payload"] == {"id": "a"} and shown["who"] == "ada" and shown["state"] == "queued"
    assert '{"id": "a"}' in edm("show", job.id).stdout
    missing = edm("show", "1", job.id, "--format", "json")
    assert missing.exit_code == 1 and "1: there is no such job" in missing.stderr
    assert len(json.loads(missing.stdout)) == 1


def test_a_job_is_stopped_and_begun_again(bench: Workbench, job: Job) -> None:
    (stopped,) = json.loads(edm("cancel", job.id, "--format", "json").stdout)
    assert stopped["state"] == "cancelled"
    again = edm("cancel", job.id)
    assert again.exit_code == 1 and "it is cancelled; there is nothing to stop" in again.stderr
    (queued,) = json.loads(edm("retry", job.id, "--format", "json").stdout)
    assert (queued["id"], queued["state"]) == (job.id, "queued")
    claims = Claims(bench.queue.ledger)
    running = claims.claim(["music"], "one")
    assert "stopping" in edm("cancel", job.id).stdout
    assert running is not None and bench.queue.ledger.get(job.id).stop
    claims.finish(running, "done")
    done = edm("retry", job.id, "1")
    assert done.exit_code == 1 and done.stdout == ""
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [job.id, "1"]


def test_arguments_that_cannot_be_used_are_refused(bench: Workbench) -> None:
    assert edm("list", "--state", "lost").exit_code == 2
    assert edm("show").exit_code == 2
