import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import prometheus_client.values
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.testclient import TestClient

from edm_core.errors import SettingsError
from edm_core.service.observing import logs, meters, metrics
from edm_core.service.observing.figures import Figures
from edm_core.settings import Settings


@pytest.fixture(autouse=True)
def alone(tmp_path, monkeypatch):
    """Count from zero, in this process only: files are decided on once a process, tests are many."""
    monkeypatch.setattr(metrics, "share", lambda settings: None)
    monkeypatch.setattr(meters, "share", lambda settings: None)
    monkeypatch.setattr(meters, "_made", None)
    monkeypatch.setattr(prometheus_client.values, "ValueClass", prometheus_client.values.MutexValue)
    return Settings(data_dir=tmp_path / "data")


def values(settings):
    text = metrics.text(settings)[0].decode()
    rows = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


async def hello(request):
    return PlainTextResponse(logs.REQUEST.get())


async def broken(request):
    raise ZeroDivisionError("nobody foresaw it")


async def half(request):
    async def body():
        yield b"one"
        raise ZeroDivisionError("in the middle")

    return StreamingResponse(body())


async def talk(websocket):
    await websocket.accept()
    await websocket.send_text(logs.REQUEST.get())
    await websocket.receive_text()
    await websocket.close()


def application():
    inner = Starlette(routes=[Route("/things/{id}", hello), Route("/predict", hello, methods=["POST"])])
    routes = [
        Route("/broken", broken),
        Route("/half", half),
        Route("/health", hello),
        WebSocketRoute("/stream", talk),
        Mount("/api", inner),
    ]
    return Starlette(routes=routes, middleware=[Middleware(metrics.Measured)])


def test_requests_are_counted_by_template_method_and_status(alone):
    client = TestClient(application())
    for id in ("1", "2", "3"):
        assert client.get(f"/api/things/{id}").status_code == 200
    client.get("/nowhere/1")
    client.get("/nowhere/2")
    found = values(alone)
    assert found['edm_http_requests_total{method="GET",route="/api/things/{id}",status="200"}'] == 3
    assert found['edm_http_requests_total{method="GET",route="other",status="404"}'] == 2
    assert found['edm_http_request_duration_seconds_count{method="GET",route="/api/things/{id}"}'] == 3


def test_a_sane_id_is_kept_and_any_other_replaced(alone):
    client = TestClient(application())
    kept = client.get("/api/things/1", headers={"X-Request-ID": "abc-1"})
    assert kept.text == kept.headers["x-request-id"] == "abc-1"
    made = client.get("/api/things/1", headers={"X-Request-ID": "a b\x00; forged=1"})
    assert made.text == made.headers["x-request-id"]
    assert len(made.text) == 32
    assert not logs.REQUEST.get()


def test_a_fault_is_answered_once_with_the_id_and_logged(alone, caplog):
    answer = TestClient(application()).get("/broken", headers={"X-Request-ID": "r-9"})
    assert answer.status_code == 500
    assert answer.headers["x-request-id"] == "r-9"
    assert "Zero" not in answer.text
    found = values(alone)
    assert found['edm_http_exceptions_total{type="ZeroDivisionError"}'] == 1
    assert found['edm_http_requests_total{method="GET",route="/broken",status="500"}'] == 1
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [ZeroDivisionError]


def test_half_an_answer_does_not_pass_for_a_whole_one(alone):
    with pytest.raises(ZeroDivisionError):
        TestClient(application()).get("/half")


def test_open_pages_are_counted_while_they_are_open(alone):
    with TestClient(application()).websocket_connect("/stream") as page:
        assert len(page.receive_text()) == 32
        assert values(alone)["edm_page_sessions"] == 1
        page.send_text("done")
    assert values(alone)["edm_page_sessions"] == 0


def test_who_leaves_early_is_counted_as_gone(alone):
    async def slow(scope, receive, send):
        await asyncio.Event().wait()

    async def leave():
        scope = {"type": "http", "method": "GET", "path": "/x", "headers": []}
        task = asyncio.create_task(metrics.Measured(slow)(scope, None, None))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with ThreadPoolExecutor(1) as pool:  # a browser of other tests may have a loop in this thread
        pool.submit(asyncio.run, leave()).result()
    assert values(alone)['edm_http_requests_total{method="GET",route="other",status="499"}'] == 1


def test_the_access_log_names_the_request_but_not_its_query(alone, caplog):
    caplog.set_level("INFO", "edm_core.access")
    client = TestClient(application())
    client.get("/api/things/1%20forged?key=secret")
    client.get("/health")
    (line,) = [record for record in caplog.records if record.name == "edm_core.access"]
    assert "GET /api/things/1%20forged 200" in line.getMessage()
    assert "secret" not in line.getMessage()
    assert line.fields["route"] == "/api/things/{id}"
    assert line.fields["bytes"] == 32
    client.get("/api/things/1%0Aforged")
    assert "\n" not in caplog.records[-1].getMessage()


def test_what_the_earlier_system_planned_for_predict_is_there(alone):
    client = TestClient(application())
    client.post("/api/predict")
    client.get("/api/predict")
    found = values(alone)
    assert found["predictions_total"] == 1
    assert found["prediction_errors_total"] == 0
    assert found["prediction_latency_seconds_count"] == 1


def test_an_analysis_is_counted_with_what_it_took_and_how_sure_it_is(alone, demo):
    import edm_core

    timeline = edm_core.analyze(demo / "edm_track.mp3")
    metrics.analysed(timeline)
    metrics.uploaded(5_000)
    metrics.refused("too large")
    metrics.job_ended("analyze", "done")
    found = values(alone)
    assert found["edm_analyses_total"] == 1
    assert found["edm_audio_processed_seconds_total"] == pytest.approx(timeline.recording.duration)
    assert found['edm_model_confidence_sum{stage="tempo"}'] == pytest.approx(timeline.tempo.confidence)
    assert found['edm_uploads_total{outcome="taken"}'] == found['edm_uploads_total{outcome="too large"}'] == 1
    assert found["edm_upload_bytes_total"] == 5_000
    assert found['edm_jobs_finished_total{kind="analyze",outcome="done"}'] == 1
    scored = sum(reaction.score is not None for reaction in timeline.reactions)
    counts = [value for name, value in found.items() if name.startswith("edm_persona_score_count")]
    assert sum(counts) == scored


def test_figures_of_the_database_are_read(settings):
    import sqlalchemy as sa

    from edm_core.service.observing.figures import read
    from edm_core.store.database import database_of, now_of
    from edm_core.store.tables import jobs, presence, workers

    def row(table, **given):
        plain = {c.name: "[]" if c.type.python_type is str else 0 for c in table.columns if not c.nullable}
        return sa.insert(table).values({**plain, **given})

    long_ago = "2026-01-01T00:00:00.000000Z"
    with database_of(settings).writing() as connection:
        now = now_of(connection)
        states = [("queued", long_ago), ("queued", now), ("done", now)]
        for id, (state, created) in zip("123", states, strict=True):
            given = {"id": id, "key": id, "kind": "k", "queue": "music", "state": state, "created": created}
            connection.execute(row(jobs, **given))
        for id, seen in (("alive", now), ("dead", long_ago)):
            connection.execute(row(workers, id=id, seen=seen))
        connection.execute(row(presence, recording="r", author="ada", time=now))
    found = read(settings)
    assert found.waiting == {"music": 2}
    assert found.oldest["music"] > 1000
    assert found.jobs == {("music", "queued"): 2, ("music", "done"): 1}
    assert (found.workers, found.present, found.revisions, found.annotated) == (1, 1, 0, 0)


def test_a_database_that_does_not_answer_leaves_the_rest(alone, monkeypatch):
    from edm_core.service.observing import figures

    monkeypatch.setattr(figures, "read", lambda settings: (_ for _ in ()).throw(OSError("gone")))
    found = values(Settings(data_dir=alone.data_dir / "other"))
    assert found["edm_database_up"] == 0
    assert "edm_workers" not in found


COUNTS = """
    import os, sys
    from edm_core.service.observing import metrics
    from edm_core.settings import Settings
    for _ in range(int(sys.argv[1])):
        metrics.uploaded(10)
    metrics.meters().sessions.inc()
    print("counted", flush=True)
    sys.stdin.read()
"""


def test_processes_add_up_also_those_that_were_killed(tmp_path):
    environment = {**os.environ, "EDM_DATA_DIR": str(tmp_path)}

    def begin(count):
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(COUNTS), str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment,
        )  # fmt: skip
        assert process.stdout.readline() == b"counted\n"
        return process

    def scrape():
        code = """
            import sys
            from edm_core.service.observing import metrics
            from edm_core.settings import Settings
            body, kind = metrics.text(Settings.from_environment())
            sys.stdout.write(body.decode())
        """
        done = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    first, second = begin(3), begin(4)
    both = scrape()
    assert "edm_upload_bytes_total 70.0" in both
    assert "edm_page_sessions 2.0" in both
    assert 'edm_processes{role="service"} 3.0' in both
    first.send_signal(signal.SIGKILL)
    first.wait()
    for _ in range(2):  # buried at the first, still there at the second
        after = scrape()
        assert "edm_upload_bytes_total 70.0" in after
        assert "edm_page_sessions 1.0" in after
    second.communicate()
    assert "edm_upload_bytes_total 70.0" in scrape()
    left = {path.name for path in (tmp_path / "metrics").glob("*/counter_*.db")}
    assert "counter_0.db" in left
    assert f"counter_{first.pid}.db" not in left


@pytest.mark.servers
def test_prometheus_has_nothing_to_say_against_it(alone, promtool, monkeypatch, demo):
    import edm_core
    from edm_core.service.observing import figures

    client = TestClient(application())
    client.get("/api/things/1")
    client.get("/broken")
    metrics.analysed(edm_core.analyze(demo / "edm_track.mp3"))
    metrics.refused("no sound")
    metrics.job_ended("analyze", "failed")
    found = Figures({"music": 1}, {"music": 2.0}, {("music", "done"): 1}, 1, {"done": 1}, 1, 1, 1, 1)
    monkeypatch.setattr(figures, "figures", lambda settings: found)
    body, kind = metrics.text(alone)
    assert kind.startswith("text/plain")
    done = subprocess.run([promtool, "check", "metrics"], input=body, capture_output=True)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    assert not done.stderr


def test_a_worker_without_a_page_can_be_asked_too(alone):
    import urllib.request

    from tests.servers import free_port

    metrics.job_ended("analyze", "done")
    port = free_port()
    with metrics.listening(alone, f"127.0.0.1:{port}"):
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            body = answer.read().decode()
        assert 'edm_jobs_finished_total{kind="analyze",outcome="done"} 1.0' in body
        with pytest.raises(SettingsError, match="in use"):
            metrics.listening(alone, f"127.0.0.1:{port}").__enter__()
    for wrong in ("9101x", "host:", "host:99999"):
        with pytest.raises(SettingsError):
            metrics.listening(alone, wrong).__enter__()


FULL = """
    import itertools, pathlib, sys
    from edm_core.service.observing import metrics
    metrics.uploaded(1)
    with pathlib.Path(sys.argv[1], "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1024))
        except OSError:
            pass
    for number in range(5_000):
        metrics.refused(f"reason {number}")
    print("alive")
"""


@pytest.mark.servers
def test_a_full_disk_ends_no_process_that_counts(disk):
    environment = {**os.environ, "EDM_DATA_DIR": str(disk)}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FULL), str(disk)],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "alive\n"
