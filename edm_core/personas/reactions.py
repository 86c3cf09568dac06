"""Every persona's reaction to every passage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..content import describe
from ..content.classify import Embeds
from ..content.sentences import vector_of
from ..settings import Settings
from ..timeline import Passage, Reaction, Section, Target
from .offline import SCORER, score
from .persona import Persona, load_personas
from .phrases import phrases_of


def react(
    passages: Sequence[Passage],
    sections: Sequence[Section] = (),
    personas: Mapping[str, Persona] | None = None,
    *,
    embed: Embeds | None = None,
    settings: Settings | None = None,
    force: bool = False,
) -> tuple[Reaction, ...]:
    """Let personas listen.

    Parameters
    ----------
    passages : sequence of Passage
        With their content judged by :func:`edm_core.content.describe`.
    sections : sequence of Section, optional
        Music, for the personas that listen to it. This scorer reads speech only and abstains from music.
    personas : mapping of str to Persona, optional
        Listeners by id; the packaged ones by default.
    embed : callable, optional
        Turns texts into rows of length 1; the packaged MiniLM by default.
    settings : Settings, optional
        The process's own by default.
    force : bool, optional
        Let personas hear passages even if they listen to music only.

    Returns
    -------
    tuple of Reaction
        In order of start, then of persona's id. Statuses are ``ok``, ``failed``, ``abstained`` and
        ``pending``; only ``ok`` has a score.

    Raises
    ------
    ModelError
        If the embedding model is missing or damaged.
    SettingsError
        If a persona file is wrong.
    """
    listeners = load_personas() if personas is None else personas
    hearing = [one for one in listeners.values() if force or one.listens_to in ("speech", "both")]
    reactions = [
        _unheard(section, index, persona)
        for persona in listeners.values()
        if persona.listens_to in ("music", "both")
        for index, section in enumerate(sections)
    ]
    if passages and hearing:
        if embed is None:
            from ..models import minilm

            embed = minilm(settings=settings)
        for index, passage in enumerate(passages):
            vector = vector_of(passage.text if passage.language in (None, "en") else "", embed)
            phrases = phrases_of(passage, vector, embed)
            reactions += [score(passage, index, persona, vector, phrases, embed) for persona in hearing]
    return tuple(
        sorted(reactions, key=lambda one: (one.start, one.persona, one.target.kind, one.target.index))
    )


def try_text(
    persona: Persona, text: str, *, embed: Embeds | None = None, settings: Settings | None = None
) -> Reaction:
    """Return how a persona would take a text, as if it had been spoken at a usual pace.

    Parameters
    ----------
    persona : Persona
        The listener.
    text : str
        English text of a passage's length.
    """
    seconds = max(1.0, len(text.split()) / 2.5)
    described = describe([Passage(0.0, seconds, text=text)], embed=embed, settings=settings)
    (reaction,) = react(described, personas={persona.id: persona}, embed=embed, settings=settings, force=True)
    return reaction


def _unheard(section: Section, index: int, persona: Persona) -> Reaction:
    return Reaction(
        section.start,
        section.end,
        persona=persona.id,
        target=Target("section", index),
        status="abstained",
        note="the offline scorer reads speech only",
        scorer=SCORER,
    )
