"""Rate limits: shared by processes, kept to where counting fails, and never a reason for a fault."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from limits import parse
from limits.strategies import FixedWindowRateLimiter, SlidingWindowCounterRateLimiter

from edm_core.errors import SettingsError
from edm_core.service.access import limits
from edm_core.service.access.hits import FileStorage
from edm_core.service.access.limits import Counter, address_of, parsed
from edm_core.settings import Settings
from tests.servers import Redis

from .guarded import client, made, settings_in, using

_HITS = """
import sys
from pathlib import Path
from limits import parse
from limits.strategies import SlidingWindowCounterRateLimiter
from edm_core.service.access.hits import FileStorage

limiter = SlidingWindowCounterRateLimiter(FileStorage(Path(sys.argv[1])))
print(sum(limiter.hit(parse("150/hour"), "one") for _ in range(100)))
"""


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the clock stand, ten seconds into a window of an hour; calling what this gives turns it on."""
    start = time.time() // 3600 * 3600 + 10
    moved = [0.0]
    monkeypatch.setattr("time.time", lambda: start + moved[0])
    return lambda seconds: moved.__setitem__(0, moved[0] + seconds)


def test_a_key_has_a_limit_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = using(monkeypatch, settings_in(tmp_path, rate_limit="3/hour", api_keys_required=True))
    (_, one), (_, two) = made(settings), made(settings)
    seen = [client().get("/api/v1/x", headers=one) for _ in range(5)]
    assert [answer.status_code for answer in seen] == [200, 200, 200, 429, 429]
    assert [answer.headers["ratelimit-remaining"] for answer in seen] == ["2", "1", "0", "0", "0"]
    assert seen[0].headers["ratelimit-limit"] == "3" and "retry-after" not in seen[0].headers
    assert 1 <= int(seen[3].headers["retry-after"]) <= 3600
    assert int(seen[3].headers["ratelimit-reset"]) == int(seen[3].headers["retry-after"])
    assert seen[3].headers["content-type"] == "application/problem+json"
    assert client().get("/api/v1/x", headers=two).status_code == 200
    assert client().get("/health").status_code == 200


def test_without_a_key_the_address_is_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path, rate_limit="2/hour"))
    near = client("127.0.0.1", client=("127.0.0.1", 1))
    other = client("127.0.0.1", client=("127.0.0.2", 1))
    assert [near.get("/api/v1/x").status_code for _ in range(3)] == [200, 200, 429]
    assert other.get("/api/v1/x").status_code == 200
    assert near.get("/static/js/index.js").status_code == 200  # a page is a hundred of these


def test_without_a_limit_nothing_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path))
    assert "ratelimit-limit" not in client().get("/api/v1/x").headers
    assert not (tmp_path / "data" / "limits.db").exists()


def test_several_limits_hold_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    using(monkeypatch, settings_in(tmp_path, rate_limit="100/hour; 2/minute"))
    assert [client().get("/api/v1/x").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    "text",
    ["many", "10", "10/fortnight", "0/minute", "-1/minute", "600/minute and more", ";", "1/minute;" * 5_000],
)
def test_a_limit_that_is_none_is_said_at_start(text: str) -> None:
    with pytest.raises(SettingsError, match="EDM_RATE_LIMIT"):
        parsed(Settings(rate_limit=text))


def test_what_a_limit_may_look_like() -> None:
    assert parsed(Settings()) == ()
    (item,) = parsed(Settings(rate_limit="600/minute"))
    assert (item.amount, item.get_expiry()) == (600, 60)
    assert len(parsed(Settings(rate_limit="600/minute;20 per second"))) == 2


@pytest.mark.parametrize("limiter", [SlidingWindowCounterRateLimiter, FixedWindowRateLimiter])
def test_windows_go_by(tmp_path: Path, steady: Any, limiter: Any) -> None:
    counted = limiter(FileStorage(tmp_path / "limits.db"))
    item = parse("4/minute")
    assert [counted.hit(item, "one") for _ in range(6)] == [True] * 4 + [False] * 2
    assert not counted.test(item, "one") and counted.get_window_stats(item, "one").remaining == 0
    assert counted.hit(item, "two")
    steady(121)
    assert counted.test(item, "one") and counted.get_window_stats(item, "one").remaining == 4
    assert counted.hit(item, "one")
    counted.clear(item, "one")
    assert counted.get_window_stats(item, "one").remaining == 4


def test_half_of_the_last_window_still_counts(tmp_path: Path, steady: Any) -> None:
    counted = SlidingWindowCounterRateLimiter(FileStorage(tmp_path / "limits.db"))
    item = parse("10/minute")
    assert all(counted.hit(item, "one") for _ in range(10))
    steady(80)  # ten seconds into the first window were gone: half of the second is
    assert sum(counted.hit(item, "one") for _ in range(10)) == 5


def test_the_storage_does_what_the_library_asks(tmp_path: Path, steady: Any) -> None:
    storage = FileStorage(tmp_path / "limits.db")
    assert storage.check() and storage.get("one") == 0 and storage.get_expiry("one") == time.time()
    assert [storage.incr("one", 60), storage.incr("one", 60, 5), storage.get("one")] == [1, 6, 6]
    assert storage.get_expiry("one") == time.time() + 60
    steady(61)
    assert storage.get("one") == 0 and storage.incr("one", 60) == 1
    assert storage.reset() == 1 and storage.get("one") == 0


def test_what_is_over_is_swept_away(tmp_path: Path, steady: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edm_core.service.access.hits._SWEPT_EVERY_S", 0.0)
    storage = FileStorage(tmp_path / "limits.db")
    for number in range(50):
        storage.incr(f"address {number}", 60)
    steady(61)
    storage.incr("last", 60)
    assert storage.reset() == 1


def test_processes_and_threads_count_together(tmp_path: Path) -> None:
    file = tmp_path / "limits.db"
    running = [
        subprocess.Popen([sys.executable, "-c", _HITS, str(file)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    let_in = [int(each.communicate(timeout=120)[0]) for each in running]
    assert sum(let_in) == 150
    limiter = SlidingWindowCounterRateLimiter(FileStorage(file))
    seen: list[bool] = []
    threads = [
        threading.Thread(target=lambda: seen.extend(limiter.hit(parse("30/hour"), "two") for _ in range(20)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(seen) == 30


def test_a_damaged_file_is_begun_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_in(tmp_path)
    file = tmp_path / "data" / "limits.db"
    file.parent.mkdir()
    file.write_bytes(b"no database at all" * 500)
    counter = Counter(settings)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            verdict = asyncio.run(counter.hit(parsed(Settings(rate_limit="2/hour")), "one"))
    assert verdict is not None and not verdict.allowed  # counted here meanwhile
    assert sum("for itself" in record.message for record in caplog.records) == 1
    counter._failed = -limits.math.inf
    again = asyncio.run(counter.hit(parsed(Settings(rate_limit="2/hour")), "one"))
    assert again is not None and again.allowed and FileStorage(file).check()


def test_a_folder_that_cannot_be_written_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "data").write_text("a file in the way")
    using(monkeypatch, settings_in(tmp_path, rate_limit="3/hour"))
    with caplog.at_level(logging.WARNING):
        assert [client().get("/api/v1/x").status_code for _ in range(5)] == [200] * 3 + [429] * 2
    assert sum("for itself" in record.message for record in caplog.records) == 1


def test_a_held_file_does_not_hold_up_requests(tmp_path: Path) -> None:
    import sqlite3

    counter = Counter(settings_in(tmp_path))
    items = parsed(Settings(rate_limit="100/hour"))
    asyncio.run(counter.hit(items, "one"))
    other = sqlite3.connect(tmp_path / "data" / "limits.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    verdict = asyncio.run(counter.hit(items, "one"))
    assert verdict is not None and verdict.allowed and counter._failed > 0
    other.execute("ROLLBACK")


def test_addresses_of_one_customer_count_as_one() -> None:
    def of(host: str) -> str:
        return address_of({"type": "http", "client": (host, 1)})

    assert of("203.0.113.9") == "203.0.113.9" != of("203.0.113.8")
    assert of("2001:db8:1:2:3::4") == of("2001:db8:1:2::9") != of("2001:db8:1:3::4")
    assert of("testclient") == "testclient" and address_of({"type": "http"}) == "nowhere"


@pytest.mark.servers
def test_machines_count_together_on_redis(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, redis: Redis
) -> None:
    items = parsed(Settings(rate_limit="5/hour"))
    settings = settings_in(tmp_path, queue_url=redis.url)
    seen = [asyncio.run(Counter(settings).hit(items, "one")) for _ in range(7)]  # each in a loop of its own
    assert [verdict.allowed for verdict in seen if verdict] == [True] * 5 + [False] * 2
    assert seen[0] and seen[0].remaining == 4 and seen[6] and 1 <= seen[6].reset_s <= 3600
    assert not (tmp_path / "data").exists()
    using(monkeypatch, settings_in(tmp_path, queue_url=redis.url, rate_limit="2/hour"))
    assert [client().get("/api/v1/x").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.servers  # what the extra `service` brings
def test_redis_that_is_away_is_no_fault(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    counter = Counter(settings_in(tmp_path, queue_url="redis://edm:sesame@127.0.0.1:1/0"))
    items = parsed(Settings(rate_limit="2/hour"))

    async def ask() -> list[bool]:
        return [(await counter.hit(items, "one")).allowed for _ in range(4)]  # type: ignore[union-attr]

    with caplog.at_level(logging.DEBUG):
        assert asyncio.run(ask()) == [True, True, False, False]
    assert sum("for itself" in record.message for record in caplog.records) == 1
    assert "sesame" not in caplog.text
