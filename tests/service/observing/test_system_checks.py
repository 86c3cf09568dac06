import http.server
import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from edm_core.service.observing import system_checks
from edm_core.service.observing.system_checks import langflow, looked_at, redis_findings
from edm_core.settings import Settings
from edm_core.store.database import database_of, now_of
from edm_core.store.tables import jobs


def seen(settings):
    return {finding.check: finding for finding in looked_at(settings)}


def touch(settings):
    with database_of(settings).writing() as connection:
        return now_of(connection)


def test_a_database_in_use_is_well(settings):
    touch(settings)
    found = seen(settings)
    assert not [finding for finding in found.values() if finding.status != "ok"]
    if settings.database_url:
        assert found["database"].seen.startswith("PostgreSQL")
        assert found["database keeps what it says"].seen == "yes"
    else:
        assert found["database's log"].seen == "wal"
        assert found["database is sound"].seen == "ok"


def test_nothing_is_made_by_looking(tmp_path):
    settings = Settings(data_dir=tmp_path)
    assert seen(settings)["database"].seen.startswith("none yet")
    assert not (tmp_path / "edm.db").exists()


def test_a_damaged_database_is_found(tmp_path):
    settings = Settings(data_dir=tmp_path)
    (tmp_path / "edm.db").write_bytes(b"this is no database" * 100)
    found = seen(settings)["database"]
    assert found.status == "failed"
    assert "backup" in found.remedy


def test_jobs_that_nobody_does_are_told(settings):
    now = touch(settings)
    plain = {c.name: "" if c.type.python_type is str else 0 for c in jobs.columns if not c.nullable}
    row = {**plain, "id": "1", "state": "queued", "created": now, "due": now, "queue": "music"}
    with database_of(settings).writing() as connection:
        connection.execute(sa.insert(jobs).values(row))
    found = seen(settings)["workers"]
    assert found.status == "warning"
    assert "edm worker" in found.remedy


@pytest.mark.parametrize(
    ("told", "check", "status"),
    [
        ({"redis_version": "3.2.1"}, "queue", "warning"),
        ({"redis_version": "7.2.0"}, "queue", "ok"),
        ({"maxmemory_policy": "allkeys-lru"}, "queue's memory", "failed"),
        ({"maxmemory_policy": "noeviction", "maxmemory": 4_000_000}, "queue's memory", "ok"),
    ],
)
def test_a_queue_that_drops_jobs_is_found(told, check, status):
    found = {finding.check: finding for finding in redis_findings(told)}
    assert found[check].status == status
    assert bool(found[check].remedy) == (status != "ok")


@pytest.mark.servers
def test_a_real_queue_is_asked(redis, tmp_path):
    settings = Settings(data_dir=tmp_path, queue_url=redis.url)
    found = seen(settings)
    assert found["queue"].seen.startswith("Redis ")
    assert found["queue's memory"].status == "ok"
    assert found["clock of the queue"].status == "ok"
    redis.ask("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    try:
        assert seen(settings)["queue's memory"].status == "failed"
    finally:
        redis.ask("CONFIG", "SET", "maxmemory-policy", "noeviction")


def test_a_clock_that_is_wrong_is_told(settings, monkeypatch):
    from datetime import UTC, datetime, timedelta

    class Later(datetime):
        @classmethod
        def now(cls, tz=UTC):
            return datetime.now(tz) + timedelta(hours=1)

    touch(settings)
    if not settings.database_url:
        pytest.skip("SQLite takes the time from this machine")
    monkeypatch.setattr(system_checks, "datetime", Later)
    found = seen(settings)["clock of the database"]
    assert found.status == "warning"
    assert "3600" in found.seen or "3599" in found.seen


def test_keys_that_are_asked_for_have_to_be_there(tmp_path):
    from edm_core.store.keys import keys_of

    settings = Settings(data_dir=tmp_path, public_url="https://edm.example.org")
    assert seen(settings)["API keys"].status == "warning"
    keys_of(settings).create("ada", "admin", by="test")
    assert seen(settings)["API keys"].status == "ok"


def test_langflow_is_asked_only_where_it_is_named(tmp_path):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *_):
            pass

    assert langflow(Settings(data_dir=tmp_path)) is None
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        settings = Settings(data_dir=tmp_path, langflow_base_url=f"http://127.0.0.1:{server.server_port}/")
        assert langflow(settings).status == "warning"
        assert langflow(replace(settings, langflow_flow="score")).status == "ok"
    finally:
        server.shutdown()
        server.server_close()
    assert langflow(settings).status == "failed"
