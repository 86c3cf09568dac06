"""The log of every process, set up in one place: lines for people or, as ``EDM_LOG_FORMAT`` says, JSON.

Whatever is logged while a request is answered or a job is done carries its id: :data:`REQUEST`, :data:`JOB`
and :data:`WORKER` hold them for the thread or task that runs. Secrets are masked before a line is written.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import wraps
from typing import Any

from ...errors import SettingsError
from ...settings import DEFAULT_LOG_LEVEL, Settings
from .masking import masked

Handler = Callable[[Mapping[str, Any], Any], Any]
"""What does a job: called with its payload and its progress."""
REQUEST: ContextVar[str] = ContextVar("request", default="")
"""Id of the request that is being answered; empty: none is."""
JOB: ContextVar[str] = ContextVar("job", default="")
"""Id of the job that is being done."""
WORKER: ContextVar[str] = ContextVar("worker", default="")
"""Id of the worker that does it."""
TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s%(ids)s"
_IDS = {"request": REQUEST, "job": JOB, "worker": WORKER}
_ours: logging.Handler | None = None


def set_up(settings: Settings, *, quiet: bool = False) -> None:
    """Begin the log of this process, in place of an earlier one.

    Parameters
    ----------
    settings : Settings
        Level, format and file; and the secrets that are masked.
    quiet : bool, optional
        Log nothing where neither level nor file was chosen: commands print the problems of their inputs, the
        log is for those who look for causes. What serves logs from its default level on.

    Raises
    ------
    SettingsError
        If the level is none, or the file cannot be written.
    """
    global _ours
    if settings.log_level.upper() not in logging.getLevelNamesMapping():
        raise SettingsError(
            f"{settings.log_level!r} is no level",
            subject="EDM_LOG_LEVEL",
            remedy="use DEBUG, INFO, WARNING or ERROR",
        )
    try:
        handler = (
            logging.FileHandler(settings.log_file, encoding="utf-8")
            if settings.log_file
            else logging.StreamHandler(sys.stderr)
        )
    except OSError as error:
        raise SettingsError(
            f"{settings.log_file} cannot be written ({error.strerror})",
            subject="EDM_LOG_FILE",
            remedy="name a file in a folder that is there",
        ) from None
    handler.setFormatter(JsonLines() if settings.log_format == "json" else Lines())
    handler.addFilter(_Ids())
    handler.addFilter(Masked(settings))
    if not quiet:
        handler.setLevel(settings.log_level.upper())  # also for those that were given a level of their own
    unchosen = settings.log_level == DEFAULT_LOG_LEVEL and settings.log_file is None
    root = logging.getLogger()
    root.setLevel(logging.CRITICAL if quiet and unchosen else settings.log_level.upper())
    if _ours is not None:
        root.removeHandler(_ours)
        _ours.close()
    root.addHandler(handler)
    _ours = handler
    logging.captureWarnings(settings.log_format == "json")  # else they would stand between lines of JSON


def gather() -> None:
    """Have what the pages' framework logs go through this log too, now and whenever it makes another logger.

    It gives each of its loggers, and the server's, a handler of their own, whose lines would be neither JSON
    nor masked. Does nothing where it is not loaded, or no log was begun here.
    """
    if _ours is None or "streamlit.logger" not in sys.modules:
        return
    framework: Any = sys.modules["streamlit.logger"]

    def gathered(logger: logging.Logger) -> None:
        if (handler := vars(logger).pop("streamlit_console_handler", None)) is not None:
            logger.removeHandler(handler)
        logger.propagate = logger.name != "uvicorn.access"  # its lines are written here, with their ids

    framework.setup_formatter = gathered
    for logger in tuple(framework._loggers.values()):
        gathered(logger)


def begin_worker() -> None:
    """Begin the log and the figures of a process that does jobs; it is named to :mod:`edm_core.jobs`."""
    from .metrics_files import share

    settings = Settings.from_environment()
    set_up(settings)
    share(settings)
    WORKER.set(f"{socket.gethostname()}/{os.getpid()}")


@contextmanager
def about(*, request: str = "", job: str = "", worker: str = "") -> Iterator[None]:
    """Give every line that is logged in the block these ids.

    Examples
    --------
    >>> with about(job="00012"):
    ...     JOB.get()
    '00012'
    """
    given = {"request": request, "job": job, "worker": worker}
    with ExitStack() as stack:
        for name, value in given.items():
            if value:
                stack.callback(_IDS[name].reset, _IDS[name].set(value))
        yield


def of_job(handler: Handler) -> Handler:
    """Return a handler of jobs all of whose lines carry the job's id."""

    @wraps(handler)
    def logged(payload: Mapping[str, Any], progress: Any) -> Any:
        job = payload.get("job")
        with about(job=str(job["id"]) if job else ""):
            return handler(payload, progress)

    return logged


class Lines(logging.Formatter):
    """One line for people; ids stand at its end."""

    def __init__(self) -> None:
        super().__init__(TEXT)


class JsonLines(logging.Formatter):
    """One JSON object a line: time (ISO 8601, UTC), level, logger, message, ids, and the exception if any."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "given_ids", {})
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            trace = record.exc_text or self.formatException(record.exc_info)
            line["exception"] = {"type": record.exc_info[0].__name__, "trace": trace}
        return json.dumps(line, ensure_ascii=False, default=str)


class Masked(logging.Filter):
    """Put an ellipsis in the place of every secret, also in tracebacks; see :mod:`.masking`.

    Parameters
    ----------
    settings : Settings
        Whose secrets are known by their text.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def filter(self, record: logging.LogRecord) -> bool:
        """Mask the record; it is always written."""
        try:
            message = record.getMessage()
        except (TypeError, ValueError) as error:
            message = f"a message of {record.name} that cannot be put together: {type(error).__name__}"
        record.msg, record.args = masked(message, self._settings), ()
        if record.exc_info and record.exc_info[1] is not None:
            text = record.exc_text or logging.Formatter().formatException(record.exc_info)
            record.exc_text = masked(text, self._settings)
        if record.stack_info:
            record.stack_info = masked(record.stack_info, self._settings)
        return True


class _Ids(logging.Filter):
    """Note the ids in the record while its thread is the one that they belong to."""

    def filter(self, record: logging.LogRecord) -> bool:
        ids = {name: value for name, variable in _IDS.items() if (value := variable.get())}
        record.given_ids = ids
        record.ids = "".join(f" {name}={value}" for name, value in ids.items())
        return True
