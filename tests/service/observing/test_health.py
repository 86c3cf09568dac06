import socket
import threading
import time

import pytest

from edm_core.service.observing import health
from edm_core.settings import Settings


class Queue:
    works = True


class Bench:
    """A workbench as far as readiness looks at it."""

    def __init__(self, settings):
        self.settings, self.queue = settings, Queue()


@pytest.fixture(autouse=True)
def forgotten():
    health._asked.forget()


def checked(settings, embedded=True):
    bench = Bench(settings)
    bench.queue.works = embedded
    health.ready(bench)  # models and recordings are looked at meanwhile
    until = time.monotonic() + 60
    while (
        any(check.seen == "no answer in time" for check in health.ready(bench)) and time.monotonic() < until
    ):
        time.sleep(0.05)
    return {check.name: check for check in health.ready(bench)}


def test_all_is_well_here(settings):
    found = checked(settings)
    assert list(found) == ["database", "recordings", "queue", "workers", "disk", "models"]
    assert health.is_ready(tuple(found.values())), found
    kind = "PostgreSQL" if settings.database_url else "SQLite"
    assert kind in found["database"].seen


def test_without_a_worker_it_is_not_ready(settings):
    found = checked(settings, embedded=False)
    assert not found["workers"].ok
    assert "edm worker" in found["workers"].remedy
    assert not health.document(tuple(found.values()))["ready"]


def test_a_database_that_hangs_is_told_within_two_seconds(tmp_path, monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(health, "database", lambda settings: release.wait(60))
    bench = Bench(Settings(data_dir=tmp_path))
    asking = time.monotonic()
    found = {check.name: check for check in health.ready(bench)}
    assert time.monotonic() - asking < 2.5  # two, and what a busy machine adds
    assert not found["database"].ok
    before = threading.active_count()
    for _ in range(3):
        health.ready(bench)
    assert threading.active_count() <= before + 3  # one thread hangs, however often it is asked
    release.set()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    found = checked(Settings(data_dir=tmp_path / "file" / "below"))
    assert not found["database"].ok
    assert not found["disk"].ok
    assert "EDM_DATA_DIR" in found["disk"].remedy


@pytest.mark.servers  # what the extra `service` brings
def test_a_queue_that_does_not_answer_says_nothing_of_its_password(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        url = f"redis://:sesame@127.0.0.1:{taken.getsockname()[1]}/0"
        found = checked(Settings(data_dir=tmp_path, queue_url=url))
    assert not found["queue"].ok
    assert "sesame" not in str(found["queue"])


@pytest.mark.servers
def test_a_full_redis_is_not_ready(redis, tmp_path):
    settings = Settings(data_dir=tmp_path, queue_url=redis.url)
    assert health.queue(settings).ok
    redis.limit(1_000_000)
    found = health.queue(settings)
    assert not found.ok
    assert "full" in found.seen


@pytest.mark.servers
def test_recordings_in_s3_are_looked_at_by_writing(s3, tmp_path):
    settings = Settings(data_dir=tmp_path, blob_url=s3.new_bucket())
    assert health.recordings(settings).ok
    missing = Settings(data_dir=tmp_path, blob_url="s3://no-such-bucket-is-here")
    assert not checked(missing)["recordings"].ok
