"""One parser, many inputs: each must end in a result or in an error that was declared, in time and in bounds."""

from __future__ import annotations

import re
import resource
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType

from edm_core.errors import EdmError

from .mutations import mutated

MEMORY_BYTES = 512 << 20
"""What one input may make a parser ask for."""
MOST_FAILURES = 20


class Overdue(BaseException):
    """An input that takes longer than it may."""


@dataclass(frozen=True, slots=True)
class Target:
    """A parser.

    Parameters
    ----------
    name : str
        What it reads.
    seeds : callable
        Returns inputs that are right, made by the project's own writers where there are any.
    parse : callable
        Given an input; what it returns does not matter.
    declared : tuple of exception types
        What it may raise.
    tokens : sequence of bytes
        Pieces that mean something to it.
    extremes : sequence of bytes
        Inputs that are given as they are: deep, long, or standing for far more than they hold.
    seconds : float
        Processor time that one input may take.
    wall : float
        Time that one input may take, where another process does the work.
    """

    name: str
    seeds: Callable[[], Sequence[bytes]]
    parse: Callable[[bytes], object]
    declared: tuple[type[BaseException], ...] = (EdmError,)
    tokens: Sequence[bytes] = ()
    extremes: Sequence[bytes] = ()
    seconds: float = 2.0
    wall: float = 60.0


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that a parser did not bear: which one, what happened, and the bytes."""

    index: int
    what: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the inputs of a target.

    ``refused`` counts those that raised a declared error; ``slowest`` is in seconds of processor time.
    """

    target: str
    inputs: int
    refused: int
    seconds: float
    slowest: float
    failures: tuple[Failure, ...] = field(default=())

    @property
    def held(self) -> bool:
        """Whether the parser bore all of them."""
        return not self.failures


def run(target: Target | str, inputs: int, seed: int = 0) -> Outcome:
    """Give a parser ``inputs`` mutated inputs; the same seed gives the same.

    Of failures of one kind the first is told; after :data:`MOST_FAILURES` kinds it stops. Limits of time hold in the main thread only; elsewhere what took too
    long is told when it has ended.

    Examples
    --------
    >>> def parse(data):
    ...     return int(data)
    >>> outcome = run(Target("numbers", lambda: [b"12"], parse, declared=(ValueError,)), 200)
    >>> outcome.held, outcome.inputs, 0 < outcome.refused < 200
    (True, 200, True)
    """
    if isinstance(target, str):
        from .targets import TARGETS

        target = TARGETS[target]
    seeds = [bytes(seed) for seed in target.seeds()]
    for place, data in enumerate(seeds):
        if problem := _tried(target, data)[0]:
            raise AssertionError(f"{target.name}: seed {place} fails: {problem}")
    begun, refused, slowest, done = time.perf_counter(), 0, 0.0, 0
    failures: list[Failure] = []
    kinds: set[str] = set()
    with _bounded_memory():
        for index in range(inputs):
            data = input_of(target, seeds, seed, index)
            problem, was_refused, took = _tried(target, data)
            done += 1
            refused += was_refused
            slowest = max(slowest, took)
            if problem and (kind := _kind(problem)) not in kinds:
                kinds.add(kind)
                failures.append(Failure(index, problem, data))
                if len(failures) >= MOST_FAILURES:
                    break
    return Outcome(target.name, done, refused, time.perf_counter() - begun, slowest, tuple(failures))


def input_of(target: Target, seeds: Sequence[bytes], seed: int, index: int) -> bytes:
    """Return the input of a number; the first are the seeds and the extremes themselves."""
    known = (*seeds, *target.extremes)
    if index < len(known):
        return known[index]
    return mutated(seeds, Random(f"{seed} {target.name} {index}"), target.tokens)


def _tried(target: Target, data: bytes) -> tuple[str | None, bool, float]:
    """Return what went wrong, whether it was refused, and the processor time it took."""
    begun, wall = time.process_time(), time.monotonic()
    problem, refused = None, False
    try:
        with _alarm(target.seconds):
            target.parse(data)
    except target.declared as error:
        refused = True
        problem = _untold(error)
    except Overdue:
        problem = f"not done after {target.seconds:g} s"
    except Exception as error:  # all others are what is looked for
        problem = f"{type(error).__name__}: {str(error)[:200]!r} at {_place(error)}"
    took = time.process_time() - begun
    if not problem and took > target.seconds:
        problem = f"took {took:.1f} s"
    if not problem and time.monotonic() - wall > target.wall:
        problem = f"took {time.monotonic() - wall:.1f} s by the clock"
    return problem, refused, took


def _kind(problem: str) -> str:
    """Return what failures of one kind have in common: what was raised where, whatever the words."""
    return re.sub(r"[0-9]+ characters|: .* at ", " ", problem)[:200]


def _untold(error: BaseException) -> str | None:
    """Return what is wrong with how a refusal is told: on one line, in words, and not without end."""
    if not isinstance(error, EdmError):
        return None
    text = str(error)
    if not text or "\n" in text:
        return f"{type(error).__name__} is told as {text[:100]!r}"
    return f"{type(error).__name__} is told in {len(text)} characters" if len(text) > 5_000 else None


def _place(error: BaseException) -> str:
    trace, place = error.__traceback__, "?"
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if "edm_core" in name:
            place = f"{name[name.rindex('edm_core') :]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise Overdue

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@contextmanager
def _bounded_memory() -> Iterator[None]:
    """Let whatever asks for too much memory be refused it, where the system can do that."""
    if sys.platform != "linux":
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY_BYTES
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
