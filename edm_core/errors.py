"""The errors of the workbench: few, and each says what was wrong, with which input, and what to do."""

from __future__ import annotations

_LONGEST = 1_500


class EdmError(Exception):
    """Base of every error that the workbench raises on purpose.

    Parameters
    ----------
    problem : str
        What was wrong, in one clause, without a full stop.
    subject : str, optional
        The input it was wrong with: a path, an id, the name of a setting.
    remedy : str, optional
        What the reader can do about it, in one clause.

    Examples
    --------
    >>> str(EdmError("it is empty", subject="track.mp3", remedy="export it again"))
    'track.mp3: it is empty; export it again'
    """

    def __init__(self, problem: str, *, subject: str | None = None, remedy: str | None = None) -> None:
        self.problem = _shortened(problem)
        self.subject = None if subject is None else _shortened(subject)
        self.remedy = None if remedy is None else _shortened(remedy)
        super().__init__(self.problem)

    def __str__(self) -> str:
        where = f"{self.subject}: " if self.subject else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        # One line whatever a library put into its message: a batch prints one line an input.
        return " ".join(f"{where}{self.problem}{remedy}".split())

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.problem, self.subject, self.remedy)


class AudioError(EdmError):
    """A file that cannot be read as sound: missing, empty, damaged, or no audio at all."""


class LimitError(AudioError):
    """A file beyond a limit of the settings (``EDM_MAX_*``)."""


class ModelError(EdmError):
    """Weights that are missing or whose checksum is wrong, or a model that does not answer."""


class SettingsError(EdmError):
    """A setting whose value cannot be used."""


class StorageError(EdmError):
    """A folder of the workbench's own that cannot be written: full, read-only, or not to be made."""


class TimelineError(EdmError):
    """A timeline, layer or item that breaks the rules of the data model."""


class Cancelled(EdmError):
    """Work that was stopped because somebody asked for it."""


def _shortened(text: str) -> str:
    """Return a text of bounded length: what is quoted in it may be as long as any file."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _rebuild(kind: type[EdmError], problem: str, subject: str | None, remedy: str | None) -> EdmError:
    return kind(problem, subject=subject, remedy=remedy)
