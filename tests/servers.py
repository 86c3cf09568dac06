"""Real servers for tests and long runs: each in a folder of its own, gone when it is left.

PostgreSQL, Redis, an S3 (moto) and nginx listen on loopback or on a socket. :class:`Missing` says what has to be
installed where a program is absent; the fixtures in ``conftest.py`` skip or fail with it.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any, ClassVar, Self

LOOPBACK = "127.0.0.1"
PATIENCE = 120.0
"""Seconds that a server may take to come up: the machine may be busy."""
_numbers = itertools.count(1)


class Missing(Exception):
    """What a test needs and this machine does not have; says how to get it."""


def program(name: str, package: str) -> str:
    """Return the path of a program, also of one that only administrators have on theirs."""
    places = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin", "/usr/local/sbin"))
    if (found := shutil.which(name, path=places)) is None:
        raise Missing(f"no {name} on this machine: apt-get install {package}")
    return found


def module(name: str, extra: str) -> None:
    """See that a module can be imported."""
    if importlib.util.find_spec(name) is None:
        raise Missing(f"no {name} in this environment: install edm-workbench[{extra}], as make test-all does")


def free_port(host: str = LOOPBACK) -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], Any], what: str, seconds: float = PATIENCE, every: float = 0.02) -> Any:
    """Wait until something holds, and return what it said.

    Raises
    ------
    TimeoutError
        If it does not within ``seconds``; ``what`` is named.
    """
    end = time.monotonic() + seconds
    while not (found := holds()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(every)
    return found


def answers(port: int, host: str = LOOPBACK) -> bool:
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((host, port)) == 0


class Server:
    """A program with a folder of its own, which is removed when the server is closed.

    Parameters
    ----------
    host : str, optional
        Where it listens besides its socket.
    """

    name: ClassVar[str]

    def __init__(self, host: str = LOOPBACK) -> None:
        self.host = host
        # Short: the path of a socket may have 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix=f"edm-{self.name}-"))
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Start it and wait until it answers."""
        raise NotImplementedError

    def stop(self) -> None:
        """End it as its makers meant it to."""
        self._end("terminate")

    def kill(self) -> None:
        """End it as a crash would."""
        self._end("kill")

    def close(self) -> None:
        """End it and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> str:
        """What it has said, the end of it."""
        path = self.folder / "log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def _run(
        self, *command: str, is_up: Callable[[], bool], environment: dict[str, str] | None = None
    ) -> None:
        with self._log() as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder,
                env={**os.environ, **(environment or {})},
            )  # fmt: skip

        def up() -> bool:
            assert self.process is not None
            assert self.process.poll() is None, f"{self.name} ended: {self.log}"
            return is_up()

        until(up, f"{self.name} comes up")

    def _log(self) -> IO[bytes]:
        return (self.folder / "log").open("ab")

    def _end(self, how: str) -> None:
        if self.process is not None:
            getattr(self.process, how)()
            self.process.wait(PATIENCE)
            self.process = None


class PostgreSQL(Server):
    """A PostgreSQL with a socket in its folder; with a network (``10.1.2.0/24``) it listens on ``host`` too."""

    name = "pg"

    def __init__(self, host: str = "", network: str = "") -> None:
        module("psycopg", "service")
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        other = shutil.which("initdb")
        if not found and other is None:
            raise Missing("no PostgreSQL on this machine: apt-get install postgresql")
        self.programs = (found[-1] if found else Path(str(other))).parent
        super().__init__(host)
        self.network = network
        self.port = free_port(host) if host else 5432
        # As root it refuses to run; everywhere else it runs as whoever runs the tests.
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.folder, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def start(self) -> None:
        if not (self.folder / "data").exists():
            self._call("initdb", "-A", "trust", "-U", "edm", "-E", "UTF8", "--locale=C")
            if self.network:
                with (self.folder / "data" / "pg_hba.conf").open("a") as rules:
                    rules.write(f"host all all {self.network} trust\n")
        options = f"-k {self.folder} -p {self.port} -c listen_addresses='{self.host}' -c max_connections=200"
        self._call("pg_ctl", "-w", "-o", options, "-l", str(self.folder / "server.log"), "start")

    def restart(self) -> None:
        """End it as a crash would, and start it again."""
        self._call("pg_ctl", "-w", "-m", "immediate", "-l", str(self.folder / "server.log"), "restart")

    def stop(self) -> None:
        self._call("pg_ctl", "-w", "-m", "fast", "stop")

    def kill(self) -> None:
        if (self.folder / "data" / "postmaster.pid").exists():
            self._call("pg_ctl", "-w", "-m", "immediate", "stop")

    def new_database(self) -> str:
        """Return the address of an empty database."""
        import psycopg

        name = f"t{next(_numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def url(self, name: str) -> str:
        """Return the address of a database, through the socket."""
        return f"postgresql://edm@/{name}?host={self.folder}&port={self.port}"

    def damage(self, url: str) -> list[str]:
        """Return what ``pg_amcheck`` says against the tables and indexes of a database: nothing, if all is well."""
        database = url.split("?", maxsplit=1)[0].rsplit("/", 1)[1]
        done = subprocess.run(
            [str(self.programs / "pg_amcheck"), "-h", str(self.folder), "-p", str(self.port), "-U", "edm",
             "--install-missing", "--heapallindexed", "-d", database],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return [] if done.returncode == 0 else [f"pg_amcheck: {done.stdout}{done.stderr}".strip()]

    def away(self, url: str) -> str:
        """Return the address of a database as another host knows it."""
        return f"postgresql://edm@{self.host}:{self.port}/{url.split('?')[0].rsplit('/', 1)[1]}"

    def _call(self, name: str, *arguments: str) -> None:
        if name == "pg_ctl":
            arguments = ("-t", "240", *arguments)  # a busy machine takes longer than the minute it waits
        command = [str(self.programs / name), "-D", str(self.folder / "data"), *arguments]
        with self._log() as out:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=self.folder, check=False,
                **self.user,
            )  # fmt: skip
        assert done.returncode == 0, f"{name} failed: {self.log}"


class Redis(Server):
    """A Redis which, as its documentation advises for queues, writes a log ahead and refuses when it is full.

    Parameters
    ----------
    keeps : bool, optional
        Whether it writes the log (``appendfsync everysec``).
    """

    name = "redis"

    def __init__(self, host: str = LOOPBACK, *, keeps: bool = True) -> None:
        self.program = program("redis-server", "redis-server")
        super().__init__(host)
        self.keeps = keeps
        self.port = free_port(host)

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://{self.host}:{self.port}/0"

    def start(self) -> None:
        self._run(
            self.program, "--bind", self.host, "--port", str(self.port), "--dir", str(self.folder),
            "--appendonly", "yes" if self.keeps else "no", "--appendfsync", "everysec", "--save", "",
            "--maxmemory-policy", "noeviction", "--protected-mode", "no", "--daemonize", "no",
            is_up=self._is_up,
        )  # fmt: skip

    def restart(self) -> None:
        """End it as a crash would, and start it again."""
        self.kill()
        self.start()

    def flush(self) -> None:
        """Take everything out of it."""
        self.ask("FLUSHALL")

    def limit(self, size: int) -> None:
        """Bound its memory, in bytes; 0 takes the bound away."""
        self.ask("CONFIG", "SET", "maxmemory", size)

    def ask(self, *command: Any) -> Any:
        """Return what it says to a command."""
        import redis

        with redis.Redis(host=self.host, port=self.port, socket_timeout=30) as client:
            return client.execute_command(*command)

    def _is_up(self) -> bool:
        module("redis", "service")
        import redis

        try:  # while it reads its log it takes connections, and answers that it is loading
            return bool(self.ask("PING"))
        except (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError):
            return False


class S3(Server):
    """An S3 that forgets everything when it ends."""

    name = "s3"

    def __init__(self, host: str = LOOPBACK) -> None:
        module("moto", "servers")
        module("flask_cors", "servers")
        module("boto3", "service")
        super().__init__(host)
        self.port = free_port(host)

    @property
    def environment(self) -> dict[str, str]:
        """What programs need to find it."""
        return {
            "AWS_ENDPOINT_URL": f"http://{self.host}:{self.port}",
            "AWS_ACCESS_KEY_ID": "edm",
            "AWS_SECRET_ACCESS_KEY": "edm-secret",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def start(self) -> None:
        # moto itself asks for credentials, and must not find a developer's own.
        self._run(
            sys.executable, "-m", "moto.server", "-H", self.host, "-p", str(self.port),
            is_up=lambda: answers(self.port, self.host), environment=self.environment,
        )  # fmt: skip

    def client(self) -> Any:
        """Return a client of boto3."""
        import boto3

        names = self.environment
        return boto3.client(
            "s3", endpoint_url=names["AWS_ENDPOINT_URL"], region_name=names["AWS_DEFAULT_REGION"],
            aws_access_key_id=names["AWS_ACCESS_KEY_ID"], aws_secret_access_key=names["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip

    def new_bucket(self) -> str:
        """Return the address of an empty bucket, with a prefix in it."""
        name = f"bucket-{next(_numbers)}"
        self.client().create_bucket(Bucket=name)
        return f"s3://{name}/edm"


class Nginx(Server):
    """An nginx before other servers.

    Parameters
    ----------
    site : str
        What stands in its ``http`` block; ``{port}`` and ``{folder}`` are filled in.
    """

    name = "nginx"

    def __init__(self, site: str) -> None:
        self.program = program("nginx", "nginx-light")
        super().__init__()
        self.port = free_port()
        self.file = self.folder / "nginx.conf"
        user = "user root;" if os.geteuid() == 0 else ""  # its folder is not for everybody
        temporary = " ".join(
            f"{what}_temp_path {self.folder}/{what};"
            for what in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self.file.write_text(
            f"{user} daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/log info;\n"
            f"events {{ worker_connections 1024; }}\n"
            f"http {{ access_log {self.folder}/access; {temporary}\n"
            + site.replace("{port}", str(self.port)).replace("{folder}", str(self.folder))
            + "\n}\n"
        )

    def check(self) -> str:
        """Return what ``nginx -t`` says; it must find nothing to say against the file."""
        done = subprocess.run(
            [self.program, "-t", "-c", str(self.file), "-p", str(self.folder)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stderr

    def start(self) -> None:
        self._run(
            self.program, "-c", str(self.file), "-p", str(self.folder), is_up=lambda: answers(self.port)
        )

    def stop(self) -> None:
        self._end("terminate")

    def kill(self) -> None:
        # Its workers would outlive it, and keep the port.
        self._end("terminate")
