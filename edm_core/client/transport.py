"""Asking a workbench elsewhere: bounded in time, sent again where that is safe, refusals as errors.

What only reads is sent again when the connection fails or the server says that it is busy. What writes
carries an ``Idempotency-Key``, by which the server does it once however often it arrives.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..errors import SettingsError
from .errors import ServiceError

if TYPE_CHECKING:
    import httpx2

RETRIES = 4
MOST_PATIENCE = 30.0
"""Longest pause, in seconds, that a server may ask for."""
_BUSY = (429, 503)
_REPEATABLE = ("GET", "HEAD", "DELETE", "POST")
_FIRST_PAUSE = 0.25


class Transport:
    """A connection to a workbench.

    Parameters
    ----------
    address : str
        Such as ``http://127.0.0.1:8000``; ``/api/v1`` is added.
    key : str
        An API key, if the workbench asks for one.
    timeout : float
        Seconds that an answer may take to go on.
    through : httpx2.BaseTransport, optional
        What carries the requests, for tests.

    Raises
    ------
    SettingsError
        If the address is none.
    """

    def __init__(
        self, address: str, key: str = "", timeout: float = 60.0, through: httpx2.BaseTransport | None = None
    ) -> None:
        import httpx2

        if not address.startswith(("http://", "https://")):
            raise SettingsError(
                f"{address!r} is no address", subject="client", remedy="give one like http://127.0.0.1:8000"
            )
        self.address = address.rstrip("/").removesuffix("/api/v1")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx2.Client(
            base_url=f"{self.address}/api/v1/", headers=headers, timeout=timeout, transport=through,
            follow_redirects=False,
        )  # fmt: skip
        self._pause: Callable[[float], None] = time.sleep

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def ask(self, method: str, path: str, **options: Any) -> httpx2.Response:
        """Send a request and return the answer, which is no refusal; takes what :meth:`answer` takes.

        Raises
        ------
        ServiceError
            If it is refused or not answered.
        """
        return checked(self.answer(method, path, **options), path)

    def answer(
        self,
        method: str,
        path: str,
        *,
        body: Callable[[], Mapping[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> httpx2.Response:
        """Send a request, again where that is safe and may help, and return what is answered.

        Parameters
        ----------
        method, path : str
            Path below ``/api/v1``.
        body : callable, optional
            Returns what is sent, as options of httpx2: a file is opened anew each time.
        headers : mapping, optional
            More headers.
        **options
            Of httpx2, such as ``params`` and ``json``.

        Raises
        ------
        ServiceError
            If there is no answer.
        """
        import httpx2

        sent = dict(headers or {})
        if method == "POST":
            sent.setdefault("Idempotency-Key", uuid.uuid4().hex)
        pause = _FIRST_PAUSE
        for attempts_left in reversed(range(RETRIES + 1)):
            wanted = pause
            try:
                answer = self._http.request(method, path, headers=sent, **(body() if body else {}), **options)
            except httpx2.HTTPError as error:
                # What was sent may have been done: only what may be done twice is sent twice.
                again = method in _REPEATABLE and not isinstance(error, httpx2.ReadTimeout)
                if not attempts_left or not (again or isinstance(error, httpx2.ConnectError)):
                    raise self._unanswered(error) from None
            else:
                wanted = _seconds(answer.headers.get("retry-after"), pause)
                if answer.status_code not in _BUSY or not attempts_left or wanted > MOST_PATIENCE:
                    return answer
            self._pause(wanted)
            pause *= 2
        raise AssertionError("unreachable")

    @contextmanager
    def streamed(self, path: str, **options: Any) -> Iterator[httpx2.Response]:
        """Give an answer that is read as it comes.

        Raises
        ------
        ServiceError
            If it is refused, not answered or cut off.
        """
        import httpx2

        try:
            with self._http.stream("GET", path, **options) as answer:
                if answer.status_code >= 400:
                    answer.read()
                yield checked(answer, path)
        except httpx2.HTTPError as error:
            raise self._unanswered(error) from None

    def _unanswered(self, error: Exception) -> ServiceError:
        return ServiceError(
            f"it does not answer ({str(error) or type(error).__name__})",
            subject=self.address,
            remedy="check that it runs: edm serve",
        )


def checked(answer: httpx2.Response, subject: str) -> httpx2.Response:
    """Return an answer that is no refusal.

    Raises
    ------
    ServiceError
        If it is one.
    """
    if answer.status_code >= 400:
        raise refusal(answer, subject)
    return answer


def refusal(answer: httpx2.Response, subject: str) -> ServiceError:
    """Return a refused answer as an error, in the server's words where it sent any."""
    said = problem_in(answer)
    return ServiceError(
        str(said.get("detail") or f"it was answered with {answer.status_code}"),
        subject=subject,
        remedy=said.get("remedy"),
        status=answer.status_code,
        request=answer.headers.get("x-request-id", ""),
    )


def problem_in(answer: httpx2.Response) -> dict[str, Any]:
    """Return the problem (RFC 9457) that an answer holds; empty where there is none."""
    if "json" not in answer.headers.get("content-type", ""):
        return {}
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _seconds(text: str | None, otherwise: float) -> float:
    return float(text) if text and text.isdigit() else otherwise
