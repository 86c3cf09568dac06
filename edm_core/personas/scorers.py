"""The scorers by name."""

from __future__ import annotations

from typing import Literal, get_args

from ..errors import SettingsError
from ..settings import Settings
from .scoring import Scorer

ScorerName = Literal["offline", "language-model", "langflow"]
SCORERS: tuple[str, ...] = get_args(ScorerName)


def scorer_of(name: str, settings: Settings | None = None) -> Scorer:
    """Return a scorer by its name.

    Parameters
    ----------
    name : str
        ``offline``, ``language-model`` (a server that the settings name) or ``langflow`` (a flow on one).
    settings : Settings, optional
        The process's own by default.

    Raises
    ------
    SettingsError
        If there is no such scorer, or the settings name no server for it.

    Examples
    --------
    >>> scorer_of("offline").name
    'offline@2'
    """
    settings = settings or Settings.from_environment()
    if name == "offline":
        from .offline import Offline

        return Offline(settings=settings)
    if name in ("language-model", "langflow"):
        from .language_model import LanguageModelScorer

        return LanguageModelScorer.of(settings, name)  # type: ignore[arg-type]  # one of the two
    raise SettingsError(f"there is no scorer {name!r}", subject="scorer", remedy=f"use {', '.join(SCORERS)}")
