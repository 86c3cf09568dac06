"""What every test has: a data folder of its own, no settings from outside, and real servers for the asking.

A server that is not installed skips the test and says what to install; in continuous integration it fails it.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import settings as examples

from edm_core.settings import Settings
from edm_core.store.database import database_of
from tests.hosts import Clock, Network, small_disk
from tests.servers import S3, Missing, Nginx, PostgreSQL, Redis, program

# The same examples at every run, and no clock: the machine that runs them may be busy.
examples.register_profile("steady", derandomize=True, deadline=None)
examples.load_profile("steady")

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session", autouse=True)
def _own_environment(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One data folder a session: what was analysed once is in its stage cache."""
    for name in [name for name in os.environ if name.startswith("EDM_")]:
        if name != "EDM_BENCHMARK_DIR":
            del os.environ[name]
    os.environ["EDM_DATA_DIR"] = str(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def demo() -> Path:
    """Return the folder of the demo recordings."""
    return ROOT / "data" / "demo"


def _without(message: object) -> NoReturn:
    pytest.fail(str(message)) if os.environ.get("CI") == "true" else pytest.skip(str(message))
    raise AssertionError


@pytest.fixture(autouse=True)
def _own_loop(request: pytest.FixtureRequest) -> Iterator[None]:
    """Hide the event loop that the browser's driver leaves running in this thread from who has no browser."""
    loop = asyncio._get_running_loop()
    if loop is None or "chromium" in request.fixturenames:
        yield
        return
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Give Debian's Chromium; where there is none the test is skipped, in continuous integration it fails.

    One for the whole session: two drivers cannot run in one process.
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        _without("no chromium on this machine: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Whether sound may start without a click is not what is tested here.
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        flags.append("--autoplay-policy=no-user-gesture-required")
        browser = playwright.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """Give a PostgreSQL: ``new_database()`` returns the address of an empty one, ``restart()`` is a crash."""
    with _up(PostgreSQL) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    with _up(Redis) as server:
        yield server


@pytest.fixture
def redis(redis_server: Redis) -> Redis:
    """Give a Redis that runs, is empty and has no limit."""
    if redis_server.process is None or redis_server.process.poll() is not None:
        redis_server.start()
    redis_server.limit(0)
    redis_server.flush()
    return redis_server


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3]:
    with _up(S3) as server:
        yield server


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """Give an S3 that this process's environment names; ``new_bucket()`` returns the address of an empty one."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server


@pytest.fixture
def nginx() -> Iterator[Callable[[str], Nginx]]:
    """Give a function that starts an nginx with what stands in its ``http`` block."""
    with ExitStack() as stack:
        yield lambda site: stack.enter_context(_up(lambda: Nginx(site)))


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    """Give a clock for other processes, which can be set while they run."""
    try:
        return Clock(tmp_path / "clock")
    except Missing as missing:
        _without(missing)


@pytest.fixture
def network() -> Iterator[Network]:
    """Give three hosts on a network of their own, which can be cut off."""
    with _up(Network) as made:
        yield made


@pytest.fixture
def disk() -> Iterator[Path]:
    """Give a folder on a disk of three megabytes."""
    with _up(lambda: small_disk(3_000_000)) as folder:
        yield folder


@pytest.fixture(scope="session")
def promtool() -> str:
    """Give the program that checks what Prometheus reads."""
    try:
        return program("promtool", "prometheus")
    except Missing as missing:
        _without(missing)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Give settings with an empty database of each kind."""
    url = request.getfixturevalue("postgresql").new_database() if request.param == "postgresql" else ""
    settings = Settings(data_dir=tmp_path / "data", database_url=url)
    yield settings
    database_of(settings).close()


@contextmanager
def _up(make: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    with ExitStack() as stack:
        try:
            made = stack.enter_context(make())
        except Missing as missing:
            _without(missing)
        yield made
