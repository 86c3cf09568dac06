"""The laboratory as a job: what it keeps, what it refuses, and that it runs in a worker."""

import json

import pytest

from edm_core.errors import Cancelled, EdmError, SettingsError
from edm_core.jobs import Kind, Ledger
from edm_core.jobs.claims import Claims
from edm_core.service.laboratory_job import (
    Examination,
    examined,
    keep,
    kept,
    laboratory_payload,
    listeners,
    run,
)
from edm_core.settings import Settings
from edm_core.store import Library

SMALL = Examination(personas=("genz", "tradies"), size="quick")


@pytest.fixture
def library(tmp_path, monkeypatch):
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path))
    return Library(Settings(data_dir=tmp_path))


def test_a_run_keeps_a_report_and_tells_how_far_it_is(library):
    shares = []
    run(laboratory_payload(SMALL), lambda stage, share, left: shares.append((stage, share)))
    (one,) = kept(library.settings)
    assert one.report.judge == "offline@2" and set(one.report.personas) == {"genz", "tradies"}
    assert shares and all(stage == "laboratory" and 0 <= share <= 1 for stage, share in shares)
    assert (library.settings.data_dir / "mlflow.db").is_file()


def test_reports_come_newest_first_and_damaged_ones_are_left_out(library):
    report = examined(library, SMALL)
    names = [keep(report, library.settings), keep(report, library.settings)]
    (library.settings.data_dir / "laboratory" / "0-damaged.json").write_text("{")
    assert [one.name for one in kept(library.settings)] == sorted(names, reverse=True)


def test_a_report_that_cannot_be_recorded_is_kept_all_the_same(library, monkeypatch):
    monkeypatch.setattr("edm_core.experiments.record", lambda *_: (_ for _ in ()).throw(EdmError("no")))
    run(laboratory_payload(SMALL), lambda *_: None)
    assert len(kept(library.settings)) == 1


def test_a_job_that_is_done_twice_keeps_one_report(library):
    ledger = Ledger(library.settings, {"laboratory": Kind("edm_core.service.laboratory_job:run")})
    ledger.submit("laboratory", "offline")
    claims = Claims(ledger)
    stale = claims.claim(["music"], "one")
    claims.give_back(stale)
    job = claims.claim(["music"], "two")
    with pytest.raises(Cancelled, match="another worker"):
        run(laboratory_payload(SMALL) | {"job": {"id": stale.id, "attempt": stale.attempt}}, lambda *_: None)
    assert kept(library.settings) == ()
    payload = laboratory_payload(SMALL) | {"job": {"id": job.id, "attempt": job.attempt}}
    names = {run(payload, lambda *_: None)["report"] for _ in range(2)}
    assert names == {one.name for one in kept(library.settings)} and len(names) == 1


def test_a_payload_survives_json(library):
    payload = json.loads(json.dumps(laboratory_payload(SMALL)))
    assert payload["examination"]["personas"] == ["genz", "tradies"]


@pytest.mark.parametrize(
    ("wanted", "error", "says"),
    [
        (Examination(size="vast"), SettingsError, "no size 'vast'"),
        (Examination(scorer="oracle"), SettingsError, "no such judge"),
        (Examination(scorer="language-model"), SettingsError, "EDM_LLM"),
        (Examination(personas=("nobody",)), SettingsError, "no persona that hears speech"),
        (Examination(recording="abcdef0123"), EdmError, "not in the library"),
    ],
)
def test_what_cannot_be_examined_is_told(library, wanted, error, says):
    with pytest.raises(error, match=says):
        examined(library, wanted)


def test_all_that_hear_speech_listen_by_default(library):
    assert len(listeners((), library.settings)) == 11
    assert list(listeners(("tradies", "genz", "tradies"), library.settings)) == ["tradies", "genz"]
