"""The servers and hosts that the other tests stand on do what they are there for."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hosts import Clock, Host, Network, fill
from tests.servers import LOOPBACK, S3, Nginx, PostgreSQL, Redis, answers, free_port, until

pytestmark = pytest.mark.servers
TIME = "import time; print(time.time())"


def test_a_database_outlives_a_crash_of_its_server(postgresql: PostgreSQL) -> None:
    import psycopg

    url = postgresql.new_database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE t AS SELECT 7 AS x")
        postgresql.restart()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT x FROM t").fetchone() == (7,)


def test_a_queue_outlives_a_kill_and_refuses_when_it_is_full(redis: Redis) -> None:
    from redis.exceptions import OutOfMemoryError

    redis.ask("SET", "a", "kept by its log")
    # While a flush is under way it may acknowledge up to two seconds before it writes.
    until(
        lambda: any(b"kept by" in log.read_bytes() for log in redis.folder.rglob("*.aof*")), "it is written"
    )
    redis.restart()
    assert redis.ask("GET", "a") == b"kept by its log"
    redis.ask("SET", "b", "2")
    redis.limit(1)
    with pytest.raises(OutOfMemoryError):
        redis.ask("SET", "c", "3")
    redis.limit(0)
    redis.flush()
    assert redis.ask("DBSIZE") == 0


def test_what_is_put_into_a_bucket_is_found_by_the_environment(s3: S3) -> None:
    import boto3

    bucket = s3.new_bucket().split("/")[2]
    boto3.client("s3").put_object(Bucket=bucket, Key="k", Body=b"0123456789")
    part = boto3.client("s3").get_object(Bucket=bucket, Key="k", Range="bytes=2-4")["Body"].read()
    assert part == b"234"


def test_nginx_stands_before_a_server(nginx: Callable[[str], Nginx], tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("behind")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(port), "--bind", LOOPBACK, "--directory", str(tmp_path)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        until(lambda: answers(port), "the server comes up")
        front = nginx(
            f"server {{ listen 127.0.0.1:{{port}}; location / {{ proxy_pass http://127.0.0.1:{port}; }} }}"
        )
        assert "successful" in front.check()
        with urllib.request.urlopen(f"http://{LOOPBACK}:{front.port}/") as answer:
            assert answer.read() == b"behind"
    finally:
        server.kill()
        server.wait()
    front.stop()
    assert not answers(front.port)


def test_a_process_has_the_clock_it_is_given(clock: Clock) -> None:
    clock.set(3600)
    told = subprocess.run(
        [sys.executable, "-c", TIME], env={**os.environ, **clock.environment}, capture_output=True, check=True
    )
    assert 3500 < float(told.stdout) - time.time() < 3700


def test_a_full_disk_is_full(disk: Path) -> None:
    file = fill(disk)
    assert 2_000_000 < file.stat().st_size <= 3_100_000
    with pytest.raises(OSError, match="No space"):
        (disk / "more").write_bytes(b"0" * 8192)
    file.unlink()
    (disk / "more").write_bytes(b"0" * 8192)


def test_a_host_is_cut_off_and_joined_again(network: Network) -> None:
    with Redis(network.address) as server:
        ask = f"import socket; socket.create_connection(('{network.address}', {server.port}), 2)"
        first, second, _ = network.hosts

        def hears(host: Host) -> bool:
            command = host.command([sys.executable, "-c", ask])
            return subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0

        assert hears(first) and hears(second)
        network.cut(first)
        assert not hears(first) and hears(second)
        network.join(first)
        until(lambda: hears(first), "it is back")
