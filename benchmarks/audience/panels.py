"""Panels whose opinions are planted: synthetic listeners of synthetic passages, made anew from a seed.

No person rated anything here. Passages are put together from texts that were written to have a topic and a
tone (``benchmarks/content/test.yaml``, on which no part of the scorer was fitted), so that what a persona
makes of each is known by construction: the care that its file states for that topic and that tone, not what
the scorer finds in the text. On top of it comes what no scorer can know: how lenient those are who stand for
a persona, an effect of each passage on everybody and on them, and each member's bias, noise and style, as
some keep to the middle of the scale and some to its ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.content.cases import Case, read
from edm_core.content import describe
from edm_core.items import Passage, Reaction
from edm_core.joining import digest_of
from edm_core.personas.persona import Persona
from edm_core.personas.reactions import react
from edm_core.ratings import Rating

RECORDING = "sha256:planted"
PASSAGES, MEMBERS = 160, 12
ANSWERED = 0.75
"""Share of the passages that a member rates."""
OPINION = 1.1
"""Points that the full care for a topic or a tone moves."""
LENIENT, LENIENT_SD = 0.3, 0.4
"""Points that those who stand for a persona give above what is planted: mean and spread over personas."""
SHARED_SD, OWN_SD, BIAS_SD, NOISE_SD = 0.25, 0.35, 0.4, 0.6
"""Points: of a passage for everybody, and for one persona's people; of a member, and of each answer."""
STYLES: dict[str, tuple[float, float]] = {"plain": (1.0, 0.6), "extreme": (1.7, 0.2), "middling": (0.55, 0.2)}
"""Factor on the distance from 3, and share of the members."""
_SECONDS = 20.0


@dataclass(frozen=True)
class Stage:
    """Passages, what each is about, and what the offline scorer makes of them."""

    passages: tuple[Passage, ...]
    cases: tuple[tuple[Case, ...], ...]
    reactions: tuple[Reaction, ...]


def stage(personas: Mapping[str, Persona], *, count: int = PASSAGES, seed: int = 0) -> Stage:
    """Return passages of one or two texts of a topic, described and scored.

    Parameters
    ----------
    personas : mapping of str to Persona
        Those that listen to speech react.
    count : int
        Of the passages.
    seed : int
        Of the choice of texts.
    """
    random = np.random.default_rng(seed)
    texts = list(read().passages)
    order = [texts[place] for place in random.permutation(len(texts))]
    cases: list[tuple[Case, ...]] = []
    while len(cases) < count:
        first = order.pop()
        second = next((one for one in order if one.topic == first.topic), None)
        if second is not None and len(cases) % 3 == 0:
            order.remove(second)
            cases.append((first, second))
        else:
            cases.append((first,))
    passages: list[Passage] = []
    for place, parts in enumerate(cases):
        text = " ".join(part.text for part in parts)
        begin = place * _SECONDS
        # One by one: none may be taken for a repetition of another.
        passages += describe([Passage(begin, begin + _SECONDS, text=text, language="en")])
    return Stage(tuple(passages), tuple(cases), react(passages, personas=personas))


def opinion(persona: Persona, cases: Sequence[Case]) -> float:
    """Return what is planted: the persona's care for topic and tone, -2 to 2, mean over the texts."""
    likes, dislikes = persona.likes, persona.dislikes
    cares = [
        likes.topics.get(case.topic, 0.0) - dislikes.topics.get(case.topic, 0.0)
        + likes.tones.get(case.tone, 0.0) - dislikes.tones.get(case.tone, 0.0)
        for case in cases
    ]  # fmt: skip
    return float(np.mean(cares))


def panel_of(stage: Stage, personas: Mapping[str, Persona], seed: int) -> list[Rating]:
    """Return the ratings of a panel: ``MEMBERS`` members for each persona that reacts to speech."""
    random = np.random.default_rng(seed)
    shared = random.normal(0.0, SHARED_SD, len(stage.passages))
    digests = [digest_of(passage) for passage in stage.passages]
    factors, shares = zip(*STYLES.values(), strict=True)
    ratings = []
    for name in dict.fromkeys(reaction.persona for reaction in stage.reactions):
        planted = np.array([opinion(personas[name], cases) for cases in stage.cases])
        latent = 3.0 + random.normal(LENIENT, LENIENT_SD) + OPINION * planted
        latent += shared + random.normal(0.0, OWN_SD, len(planted))
        for member in range(MEMBERS):
            felt = latent + random.normal(0.0, BIAS_SD) + random.normal(0.0, NOISE_SD, len(latent))
            stretched = 3.0 + random.choice(factors, p=shares) * (felt - 3.0)
            scores = np.clip(np.round(stretched), 1, 5).astype(int)
            ratings += [
                Rating(
                    recording=RECORDING, kind="passage", start=passage.start, end=passage.end,
                    rater=f"{name} {member + 1}", score=int(scores[place]), heard=digests[place],
                    persona=name,
                )
                for place, passage in enumerate(stage.passages)
                if random.random() < ANSWERED
            ]  # fmt: skip
    return ratings
