"""Every persona's reaction to everything that it listens to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..content import describe
from ..content.classify import Embeds
from ..items import Key, Passage, Reaction, Section, Target, Tempo
from ..joining import can_be_heard
from ..settings import Settings
from .music import portraits
from .offline import Offline
from .persona import Persona
from .roster import load_personas
from .scoring import Heard, Scorer, Told


def react(
    passages: Sequence[Passage],
    sections: Sequence[Section] = (),
    personas: Mapping[str, Persona] | None = None,
    *,
    tempi: Sequence[Tempo] = (),
    keys: Sequence[Key] = (),
    scorer: Scorer | None = None,
    embed: Embeds | None = None,
    settings: Settings | None = None,
    force: bool = False,
    time: str = "",
    progress: Told | None = None,
) -> tuple[Reaction, ...]:
    """Let personas listen.

    Parameters
    ----------
    passages : sequence of Passage
        With their content judged by :func:`edm_core.content.describe`.
    sections : sequence of Section, optional
        Music, for the personas that listen to it.
    personas : mapping of str to Persona, optional
        Listeners by id; by default those that are not retired.
    tempi, keys : sequence of Tempo, Key, optional
        Of the music.
    scorer : Scorer, optional
        The offline scorer by default.
    embed : callable, optional
        Turns texts into rows of length 1, for the offline scorer; the packaged MiniLM by default.
    settings : Settings, optional
        The process's own by default.
    force : bool, optional
        Let personas hear passages even if they listen to music only.
    time : str, optional
        When, ISO 8601 in UTC, to be noted with each reaction: without it the same input gives the same
        bytes.
    progress : callable, optional
        Told the share that is done.

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
        If the personas of the user's own folder cannot be read at all.
    """
    listeners = load_personas(settings=settings) if personas is None else personas
    if scorer is None:
        scorer = Offline(embed, settings)
    heard = hearing(passages, sections, tempi=tempi, keys=keys)
    groups: dict[tuple[str, ...], list[Heard]] = {}
    for each in heard:
        ears = tuple(
            name
            for name, one in listeners.items()
            if one.hears(each.target.kind) or (force and each.target.kind == "passage")
        )
        groups.setdefault(ears, []).append(each)
    whole, done = sum(len(ears) * len(group) for ears, group in groups.items()), 0
    reactions: list[Reaction] = []
    for ears, group in groups.items():
        size = len(ears) * len(group)

        def told(share: float, done: int = done, size: int = size) -> None:
            if progress is not None:
                progress((done + share * size) / whole)

        reactions += scorer(group, [listeners[name] for name in ears], told) if ears else ()
        done += size
    if time:
        reactions = [reaction if reaction.time else replace(reaction, time=time) for reaction in reactions]
    return tuple(
        sorted(reactions, key=lambda one: (one.start, one.persona, one.target.kind, one.target.index))
    )


def hearing(
    passages: Sequence[Passage],
    sections: Sequence[Section] = (),
    *,
    tempi: Sequence[Tempo] = (),
    keys: Sequence[Key] = (),
) -> tuple[Heard, ...]:
    """Return what there is to hear: passages, then sections with their portraits."""
    spoken = (Heard(Target("passage", index), passage) for index, passage in enumerate(passages))
    played = (
        Heard(Target("section", index), section, portrait)
        for index, (section, portrait) in enumerate(
            zip(sections, portraits(sections, tempi, keys), strict=True)
        )
        if can_be_heard(section)
    )
    return (*spoken, *played)


def try_text(
    persona: Persona,
    text: str,
    *,
    scorer: Scorer | None = None,
    embed: Embeds | None = None,
    settings: Settings | None = None,
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
    (reaction,) = react(
        described, personas={persona.id: persona}, scorer=scorer, embed=embed, settings=settings, force=True
    )
    return reaction
