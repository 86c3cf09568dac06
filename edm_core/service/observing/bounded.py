"""Asking what may not answer: in a thread, for a bounded time, and never twice at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")


class Asked(Generic[Answer]):
    """Questions whose answers are kept for a while, and waited for no longer than asked.

    A question that hangs keeps one thread, however often it is asked again.

    Parameters
    ----------
    kept_s : float
        Seconds for which an answer stands.

    Examples
    --------
    >>> asked: Asked[int] = Asked(kept_s=60.0)
    >>> asked.all({"six": lambda: 6}, within_s=1.0)
    {'six': 6}
    """

    def __init__(self, kept_s: float) -> None:
        self._kept_s = kept_s
        self._asked: dict[Hashable, Future[Answer]] = {}
        self._answered: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def all(
        self,
        questions: Mapping[Any, Callable[[], Answer]],
        within_s: float,
        kept_s: Mapping[Any, float] | None = None,
    ) -> dict[Any, Answer | BaseException]:
        """Ask all at once; what was not answered in time stands there as a ``TimeoutError``.

        Parameters
        ----------
        questions : mapping
            Functions by any name; the same name is the same question.
        within_s : float
            Seconds that all of them may take together.
        kept_s : mapping, optional
            Seconds for which the answers of some stand, where it is not as long as the others'.
        """
        until = time.monotonic() + within_s
        kept = {name: (kept_s or {}).get(name, self._kept_s) for name in questions}
        futures = {name: self._future(name, question, kept[name]) for name, question in questions.items()}
        found: dict[Any, Answer | BaseException] = {}
        for name, future in futures.items():
            try:
                found[name] = future.result(max(0.0, until - time.monotonic()))
            except BaseException as error:  # noqa: BLE001 - whoever asked decides what it means
                found[name] = error
        return found

    def forget(self) -> None:
        """Let every question be asked again, also those that still hang."""
        with self._lock:
            self._asked.clear()
            self._answered.clear()

    def _future(self, name: Hashable, question: Callable[[], Answer], kept_s: float) -> Future[Answer]:
        with self._lock:
            known = self._asked.get(name)
            if known is not None and (
                not known.done() or time.monotonic() - self._answered.get(name, 0.0) < kept_s
            ):
                return known
            future: Future[Answer] = Future()
            self._asked[name] = future
        thread = threading.Thread(target=self._answer, args=(name, question, future), name=f"ask-{name}")
        thread.daemon = True
        thread.start()
        return future

    def _answer(self, name: Hashable, question: Callable[[], Answer], future: Future[Answer]) -> None:
        try:
            answer = question()
        except BaseException as error:  # noqa: BLE001 - handed on
            self._answered[name] = time.monotonic()
            future.set_exception(error)
        else:
            self._answered[name] = time.monotonic()
            future.set_result(answer)
