"""Sending and receiving with bounds: of time, of size, of patience.

An answer is read no further than ``limit`` bytes and no longer than the time-out, however slowly it comes.
What the server may do better later (too many requests, an error of its own, a lost connection) is sent
again, after growing pauses or the one that it asks for; what took too long is not, because a server that is
overloaded would only be asked for more.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ModelError, SettingsError

if TYPE_CHECKING:
    import httpx2

    from .usage import Usage

T = TypeVar("T")

TIMEOUT, RETRIES = 60.0, 2
"""Seconds that an answer may take, and how often a request is sent again."""

MOST_BYTES = 1_000_000
"""Size from which an answer is refused."""

MOST_PATIENCE = 30.0
"""Longest pause, in seconds, that a server may ask for with ``Retry-After``."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0
_LATER = (408, 409, 425, 429)


class Unanswered(ModelError):
    """A server that gave no answer at all: down, slow, overloaded, or not the one that was meant."""


class RefusedError(Exception):
    """A status that is no success, with what the server says to it."""

    def __init__(self, status: int, text: str, headers: Mapping[str, str]) -> None:
        super().__init__(text)
        self.status, self.text, self.headers = status, " ".join(text.split())[:200], headers


class _TooLongError(Exception):
    """An answer beyond the limit."""


def shown(address: str) -> str:
    """Return an address as it may be shown: without a password in it.

    Examples
    --------
    >>> shown("https://me:secret@llm.example.org/v1")
    'https://llm.example.org/v1'
    """
    return re.sub(r"(?<=://)[^/?#]*@", "", address)


def check_address(base_url: str, example: str) -> None:
    """Raise SettingsError unless it is the address of a server, such as ``example``."""
    if not base_url.startswith(("http://", "https://")):
        raise SettingsError(
            "is no address of a server", subject=repr(base_url), remedy=f"give one such as {example}"
        )


def bounds(timeout: float, limit: int = MOST_BYTES) -> dict[str, Any]:
    """Return options of an ``httpx2.Client`` that keep its answers within time and size."""

    def bound(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _TooLongError("it is compressed, so that its size cannot be told")
        response.stream = _bounded(response.stream, limit, time.monotonic() + timeout)

    return {"event_hooks": {"response": [bound]}, "headers": {"Accept-Encoding": "identity"}}


def patiently(
    send: Callable[[], T], where: str, *, timeout: float, retries: int, usage: Usage | None = None
) -> T:
    """Return what ``send`` returns, trying again where that may help.

    Parameters
    ----------
    send : callable
        Sends once; raises ``httpx2.HTTPError`` or :class:`RefusedError`.
    where : str
        What errors call the server.
    timeout : float
        Seconds that are waited for an answer, for the message.
    retries : int
        How often it is sent again.
    usage : Usage, optional
        Told of every request.

    Raises
    ------
    ModelError
        If no answer comes, or one that is too long.
    """
    import httpx2

    for attempt in range(retries + 1):
        last = attempt == retries
        if usage is not None:
            usage.add(requests=1, retried=int(attempt > 0))
        try:
            return send()
        except httpx2.TimeoutException:
            raise Unanswered(
                f"no answer within {timeout:g} s", subject=where, remedy="see whether it is overloaded"
            ) from None
        except _TooLongError as error:
            raise ModelError(
                f"its answer is refused: {error}", subject=where, remedy="try another model or server"
            ) from None
        except httpx2.HTTPError as error:
            if last:
                raise Unanswered(
                    f"it cannot be reached ({error})",
                    subject=where,
                    remedy="start the server or correct its address",
                ) from None
            pause = _pause(attempt)
        except RefusedError as refusal:
            asked = _asked_pause(refusal.headers)
            may_help = refusal.status in _LATER or refusal.status >= 500
            if last or not may_help or (asked or 0.0) > MOST_PATIENCE:
                raise _explained(refusal, where, attempt + 1, asked) from None
            pause = asked if asked is not None else _pause(attempt)
        time.sleep(pause)
    raise AssertionError("the last attempt returns or raises")


# --- private ---------------------------------------------------------------------------------------


def _bounded(stream: Any, limit: int, until: float) -> httpx2.SyncByteStream:
    import httpx2

    class Bounded(httpx2.SyncByteStream):
        def __iter__(self) -> Iterator[bytes]:
            size = 0
            for chunk in stream:
                size += len(chunk)
                if size > limit:
                    raise _TooLongError(f"it is larger than {limit / 1e6:g} MB")
                if time.monotonic() > until:
                    raise httpx2.ReadTimeout("the answer does not end")
                yield chunk

        def close(self) -> None:
            stream.close()

    return Bounded()


def _pause(attempt: int) -> float:
    # Shortened by chance, so that clients that were turned away together do not come back together.
    return float(min(_FIRST_PAUSE * 2.0**attempt, _LONGEST_PAUSE) * (1 - 0.25 * random.random()))  # noqa: S311


def _asked_pause(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the server asks to wait (RFC 9110, 10.2.3: a number or a date), if it does."""
    text = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        then = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _explained(refusal: RefusedError, where: str, tries: int, asked: float | None) -> ModelError:
    status = refusal.status
    if status in (401, 403):
        return Unanswered("it refuses the key", subject=where, remedy="set the API key it asks for")
    if status == 404:
        return Unanswered(
            "it knows no such model or service",
            subject=where,
            remedy="correct the address or the model's name",
        )
    if asked is not None and asked > MOST_PATIENCE:
        return Unanswered(
            f"it asks to wait {asked:.0f} s (error {status})", subject=where, remedy="try later"
        )
    if status == 429:
        return Unanswered(
            f"it still asks for patience after {tries} tries", subject=where, remedy="try later"
        )
    is_its_own = status >= 500 or status < 400 or status in _LATER  # and not the question's fault
    kind = Unanswered if is_its_own else ModelError
    return kind(f"it answers with error {status}: {refusal.text}", subject=where, remedy="look at its log")
