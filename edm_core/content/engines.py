"""Which engine judges topic and tone: packaged, zero-shot or a language model, by the settings."""

from __future__ import annotations

from ..errors import SettingsError
from ..settings import Settings
from .classify import Classifier, Embeds
from .packaged import Packaged

ENGINES = ("packaged", "zero-shot", "language-model")


def classifier(name: str, embed: Embeds, settings: Settings) -> Classifier:
    """Return the engine of a name.

    Parameters
    ----------
    name : str
        ``packaged``, ``zero-shot:MODEL`` (a folder, or an id on a hub) or ``language-model``.
    embed : callable
        What the packaged engine embeds with.
    settings : Settings
        Where its cache lies, and the language model's server.

    Raises
    ------
    SettingsError
        If there is no such engine, or the language model's server is not configured.
    """
    kind, _, model = name.partition(":")
    if kind == "packaged" and not model:
        return Packaged(embed, settings)
    if kind == "zero-shot":
        from .zero_shot import ZeroShot

        return ZeroShot(model)
    if kind == "language-model" and not model:
        from ..remote import Server
        from .language_model import LanguageModel

        return LanguageModel(Server.of(settings))
    raise SettingsError(
        f"there is no engine {name!r}",
        subject="EDM_CONTENT_ENGINE",
        remedy="use packaged, zero-shot:MODEL or language-model",
    )


def judged_by(settings: Settings) -> str:
    """Return what tells results of one engine from another's: results that are kept depend on it.

    Examples
    --------
    >>> judged_by(Settings())
    'packaged'
    """
    if settings.content_engine == "language-model":
        return f"language-model {settings.llm_model} {settings.llm_base_url}"
    return settings.content_engine
