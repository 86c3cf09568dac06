"""Many recordings, one after the other or several at a time: what breaks on one leaves the others alone."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..analysis import analyze
from ..audio.identity import display_path
from ..errors import EdmError, SettingsError
from ..progress import Progress
from ..timeline import Timeline
from .ending import ENDING, end_tidily_when_told
from .output import fault

Results = Generator[tuple[Path, Timeline | EdmError], None, None]
"""Files as they are done, each with its timeline or what was wrong; to be closed if not read to the end."""

Tell = Callable[..., None]

log = logging.getLogger(__name__)


def analyse_each(files: Sequence[Path], options: dict[str, Any], tell: Tell, *, workers: int = 1) -> Results:
    """Analyse files, several at a time if there are workers for it.

    Parameters
    ----------
    files : sequence of Path
        In the order in which they are begun.
    options : dict
        Passed on to :func:`edm_core.analyze`.
    tell : callable
        Hears of the progress, see :func:`~edm_core.cli.output.progress_bar`.
    workers : int, optional
        Files at the same time, each in a process of its own; with 1 it is this process.

    Raises
    ------
    SettingsError
        If the options ask for what does not exist: that is no file's fault.
    """
    workers = min(workers, len(files))
    return _in_processes(files, options, tell, workers) if workers > 1 else _one_by_one(files, options, tell)


def _one_by_one(files: Sequence[Path], options: dict[str, Any], tell: Tell) -> Results:
    for done, path in enumerate(files):

        def progress(step: Progress, done: int = done, name: str = path.name) -> None:
            tell(name, done + step.share, step.stage, step.remaining)

        tell(path.name, done)
        yield path, _attempt(path, {**options, "progress": progress})


def _in_processes(files: Sequence[Path], options: dict[str, Any], tell: Tell, workers: int) -> Results:
    # A pool a process, not one of several: so it is known whose file a process was at when it died.
    idle = [_pool() for _ in range(workers)]
    busy: dict[Future[Timeline | EdmError], tuple[Path, ProcessPoolExecutor]] = {}
    waiting = deque(files)
    try:
        while waiting or busy:
            while waiting and idle:
                with _undisturbed():
                    pool, path = idle.pop(), waiting.popleft()
                    busy[pool.submit(_attempt_here, path, options)] = path, pool
            for task in wait(busy, return_when=FIRST_COMPLETED).done:
                path, pool = busy.pop(task)
                result: Timeline | EdmError
                try:
                    result = task.result()
                except BrokenProcessPool:
                    pool.shutdown()
                    pool = _pool()
                    result = EdmError(
                        "the process that analysed it died",
                        subject=display_path(path),
                        remedy="try it alone, with fewer workers or more memory",
                    )
                idle.append(pool)
                tell(path.name, len(files) - len(waiting) - len(busy))
                yield path, result
    finally:
        if busy:  # stopped midway: nobody waits for what the processes are at
            for child in multiprocessing.active_children():
                child.terminate()
        for pool in (*idle, *(pool for _, pool in busy.values())):
            pool.shutdown(cancel_futures=True)


def _pool() -> ProcessPoolExecutor:
    return ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Put off signals while processes are started: one is never started without being noted.

    They inherit that they hear no Ctrl-C, which reaches everything in a terminal: this process decides.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, *ENDING})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin() -> None:
    if ENDING & signal.sigpending():
        os._exit(1)
    end_tidily_when_told()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)


def _attempt_here(path: Path, options: dict[str, Any]) -> Timeline | EdmError:
    try:
        return _attempt(path, options)
    except SystemExit as told:  # the pool would take it for a result, and go on
        os._exit(int(str(told.code)))


def _attempt(path: Path, options: dict[str, Any]) -> Timeline | EdmError:
    try:
        return analyze(path, **options)
    except SettingsError:
        raise
    except EdmError as error:
        return error
    except Exception as error:  # whatever it is, the other files are still to be analysed
        log.error("analysing %s", path, exc_info=True)
        return fault(error, subject=display_path(path))
