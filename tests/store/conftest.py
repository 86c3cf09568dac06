"""A library that takes any bytes for sound, and a PostgreSQL of the tests' own."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.store.database import database_of

_numbers = itertools.count(1)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(Settings(data_dir=tmp_path / "data"), check=lambda path: None)


class Server:
    """A PostgreSQL that listens on a socket in a folder of its own."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder = programs, folder
        # As root it refuses to run; everywhere else it runs as whoever runs the tests.
        self.user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}

    def call(self, program: str, *arguments: str) -> None:
        if program == "pg_ctl":
            arguments = ("-t", "240", *arguments)  # a busy machine takes longer than the minute it waits
        log = self.folder / "log"
        command = [str(self.programs / program), "-D", str(self.folder / "data"), *arguments]
        with log.open("ab") as out:
            done = subprocess.run(command, stdout=out, stderr=out, cwd=self.folder, check=False, **self.user)
        assert done.returncode == 0, f"{program} failed: {log.read_text()[-2000:]}"

    def start(self) -> None:
        self.call("initdb", "-A", "trust", "-U", "edm", "-E", "UTF8", "--locale=C")
        self.call(
            "pg_ctl",
            "-w",
            "-o",
            f"-k {self.folder} -c listen_addresses=''",
            "-l",
            str(self.folder / "server.log"),
            "start",
        )

    def restart(self) -> None:
        """End it as a crash would, and start it again."""
        self.call("pg_ctl", "-w", "-m", "immediate", "-l", str(self.folder / "server.log"), "restart")

    def stop(self) -> None:
        self.call("pg_ctl", "-w", "-m", "immediate", "stop")

    def new_database(self) -> str:
        import psycopg

        name = f"t{next(_numbers)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://edm@/{name}?host={self.folder}"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """Give a server; where it is not installed the test is skipped, in continuous integration it fails."""
    found = [*sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")), shutil.which("initdb")]
    try:
        import psycopg  # noqa: F401

        missing = None if found[0] else "no PostgreSQL on this machine: apt-get install postgresql"
    except ImportError:
        missing = "no psycopg in this environment: make test-all installs it"
    if missing:
        pytest.fail(missing) if os.environ.get("CI") == "true" else pytest.skip(missing)
    folder = Path(tempfile.mkdtemp(prefix="edm-pg-"))  # short: the path of a socket may have 107 bytes
    server = Server(Path(str(found[0])).parent, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Give settings with an empty database of each kind."""
    url = request.getfixturevalue("postgresql").new_database() if request.param == "postgresql" else ""
    settings = Settings(data_dir=tmp_path / "data", database_url=url)
    yield settings
    database_of(settings).close()
