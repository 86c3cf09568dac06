"""Rate limits, shared by all processes that serve: by API key or person, by address for everybody else.

Requests are counted in Redis where the jobs are handed out there, otherwise in a file of the data folder.
Where counting fails, each process counts for itself until it works again: a limit is no reason to answer 500.
"""

from __future__ import annotations

import asyncio
import logging
import math
import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from starlette.datastructures import MutableHeaders

from ..._files import made
from ...errors import SettingsError
from ..web.problems import problem
from .sites import path_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from limits import RateLimitItem
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from ...settings import Settings

log = logging.getLogger(__name__)

FAILURES = "30/minute"
"""How often an address may show a key that is none."""
UNCOUNTED = ("/static/", "/_stcore/", "/component/", "/media/", "/health", "/api/v1/health")
"""What a page loads of itself is not counted: one page is a hundred requests."""
_LONGEST = 200  # characters of limits: many take their reader long
_AGAIN_S = 10.0  # after that time a storage that failed is tried again
_ANSWERS_S = 0.5


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a limit says of a request."""

    allowed: bool
    limit: int
    remaining: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        """Return what the caller is told of it."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }
        return told if self.allowed else {**told, "Retry-After": str(self.reset_s)}


def parsed(settings: Settings) -> tuple[RateLimitItem, ...]:
    """Return the limits of the settings, such as ``600/minute``, or ``600/minute; 20/second``.

    Raises
    ------
    SettingsError
        If they cannot be understood.
    """
    return _parsed(settings.rate_limit)


@lru_cache(maxsize=32)
def _parsed(text: str) -> tuple[RateLimitItem, ...]:
    if not text:
        return ()
    from limits import parse_many

    try:
        items = tuple(parse_many(text)) if len(text) <= _LONGEST else ()
    except ValueError:
        items = ()
    if not items or any(item.amount < 1 or item.multiples < 1 for item in items):
        raise SettingsError(
            f"{text[:60]!r} is no limit", subject="EDM_RATE_LIMIT", remedy="give 600/minute, or unset it"
        )
    return items


class Counter:
    """Counts the hits of one database's servers.

    Parameters
    ----------
    settings : Settings
        Where the counters lie.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._strategy: Any = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own: Any = None
        self._failed = -math.inf

    async def hit(self, items: Sequence[RateLimitItem], who: str) -> Verdict | None:
        """Count a request of somebody, and return what the strictest limit says; nothing without limits."""
        if not items:
            return None
        if time.monotonic() - self._failed > _AGAIN_S:
            try:
                return await self._asked(items, who)
            except Exception as error:  # noqa: BLE001 - whatever it is, the request is not to blame
                self._failed = time.monotonic()
                log.warning("requests are counted by each process for itself: %s", _reason(error))
        return self._alone(items, who)

    async def _asked(self, items: Sequence[RateLimitItem], who: str) -> Verdict:
        strategy = self._shared()
        found = []
        for item in items:
            if self._settings.queue_url:
                allowed, stats = await strategy.hit(item, who), await strategy.get_window_stats(item, who)
            else:
                allowed, stats = strategy.hit(item, who), strategy.get_window_stats(item, who)
            found.append(_verdict(item, allowed, stats))
        return _strictest(found)

    def _alone(self, items: Sequence[RateLimitItem], who: str) -> Verdict:
        from limits.storage import MemoryStorage
        from limits.strategies import SlidingWindowCounterRateLimiter

        if self._own is None:
            self._own = SlidingWindowCounterRateLimiter(MemoryStorage())
        found = []
        for item in items:
            allowed = self._own.hit(item, who)
            found.append(_verdict(item, allowed, self._own.get_window_stats(item, who)))
        return _strictest(found)

    def _shared(self) -> Any:
        """Return the strategy over what all processes see; connections belong to the loop they began in."""
        if self._settings.queue_url:
            loop = asyncio.get_running_loop()
            if self._strategy is None or self._loop is not loop:
                self._strategy, self._loop = _on_redis(self._settings.queue_url), loop
        elif self._strategy is None:
            from limits.strategies import SlidingWindowCounterRateLimiter

            from .hits import FileStorage

            storage = FileStorage(made(self._settings.data_dir) / "limits.db")
            self._strategy = SlidingWindowCounterRateLimiter(storage)
        return self._strategy


def _on_redis(url: str) -> Any:
    from limits.aio.storage import RedisStorage
    from limits.aio.strategies import SlidingWindowCounterRateLimiter

    address = url.replace("valkey", "redis", 1) if url.startswith("valkey") else url
    if address.startswith("unix:"):
        address = f"redis+{address}"
    options: dict[str, Any] = {"socket_timeout": _ANSWERS_S, "socket_connect_timeout": _ANSWERS_S}
    storage = RedisStorage(f"async+{address}", implementation="redispy", key_prefix="edm-limits", **options)
    return SlidingWindowCounterRateLimiter(storage)


def _verdict(item: RateLimitItem, allowed: bool, stats: Any) -> Verdict:
    reset = max(1, math.ceil(stats.reset_time - time.time()))
    return Verdict(allowed, item.amount, stats.remaining if allowed else 0, reset)


def _strictest(found: Sequence[Verdict]) -> Verdict:
    refused = [each for each in found if not each.allowed]
    return (
        max(refused, key=lambda each: each.reset_s)
        if refused
        else min(found, key=lambda each: each.remaining)
    )


def _reason(error: Exception) -> str:
    from ..observing.masking import masked

    return masked(f"{type(error).__name__}: {error}")


_counters: dict[tuple[str, str], Counter] = {}


def counter_of(settings: Settings) -> Counter:
    """Return the counter of a process for these settings."""
    key = (str(settings.data_dir), settings.queue_url)
    if key not in _counters:
        if len(_counters) >= 8:
            _counters.pop(next(iter(_counters)))
        _counters[key] = Counter(settings)
    return _counters[key]


async def failure(settings: Settings, address: str) -> Verdict | None:
    """Count that an address showed a key that is none."""
    return await counter_of(settings).hit(_parsed(FAILURES), f"failed {address}")


def too_many(verdict: Verdict) -> Any:
    """Return the refusal: 429, and when to come back."""
    return problem(
        429,
        "there were too many requests",
        remedy=f"come back in {verdict.reset_s} s",
        headers=verdict.headers(),
    )


class Limited:
    """Count what the guard has let in, and refuse what is too much. It stands behind the guard."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with what is left of the limit, or answer 429."""
        from ..bench import workbench

        if scope["type"] != "http" or path_of(scope).startswith(UNCOUNTED):
            await self.app(scope, receive, send)
            return
        settings = workbench().settings
        items = parsed(settings)
        if not items:
            await self.app(scope, receive, send)
            return
        caller = scope.get("state", {}).get("caller")
        who = (caller.identity if caller is not None else "") or address_of(scope)
        verdict = await counter_of(settings).hit(items, who)
        assert verdict is not None
        if not verdict.allowed:
            await too_many(verdict)(scope, receive, send)
            return

        async def send_told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in verdict.headers().items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_told)


def address_of(scope: Scope) -> str:
    """Return where a request comes from; of IPv6 the network that a provider gives to one customer."""
    import ipaddress

    host = str((scope.get("client") or ("nowhere",))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 6:
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host
