"""The offline scorer: a distribution over 1 to 5 made of named reasons, the same every time.

Each reason moves the score by points: of speech topic and tone by how sure they are and how much the listener
cares, likeness to what the listener likes or dislikes, words beyond what they tolerate, and repetition; of
music the part, its energy and its tempo. The points shift the middle of a discrete bell over 1 to 5, whose
width says how little is known. Text is only ever compared and counted, never obeyed; sentences that instruct
whoever judges are flagged and left out, so that a passage scores as it would without them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..content.classify import Embeds
from ..content.injection import flags_of, without_instructions
from ..content.sentences import sentences_of, vector_of
from ..items import Evidence, Passage, Reaction, Section
from ..settings import Settings
from .distribution import confidence, distribution_of, mean
from .music import Portrait
from .persona import Persona
from .phrases import Phrase, phrases_of
from .reasons import ALIKE, Reason, musical_reasons, rationale, spoken_reasons, unsafe
from .scoring import Heard, Told
from .taste import Likeness, Taste, seen, taste_of

VERSION = "2"
SCORER = f"offline@{VERSION}"

FARTHEST = 0.15
"""Cosine similarity below which nothing that the persona's file says is about a passage."""
LANGUAGE = "en"
"""What the packaged text model reads."""
_CLEAR = 0.6  # cosine similarity at which a sentence leaves little doubt
_MOST_QUOTED = 3
_TOGETHER = 200  # passages whose sentences are embedded at one go


class Offline:
    """The offline scorer.

    Parameters
    ----------
    embed : callable, optional
        Turns texts into rows of length 1; the packaged MiniLM by default.
    settings : Settings, optional
        Where the packaged model's cache lies; from the environment by default.
    """

    name = SCORER
    identity = SCORER

    def __init__(self, embed: Embeds | None = None, settings: Settings | None = None) -> None:
        self._embed, self._settings = embed, settings or Settings.from_environment()

    def __call__(
        self, heard: Sequence[Heard], personas: Sequence[Persona], progress: Told | None = None
    ) -> Iterator[Reaction]:
        """Yield each persona's reaction to each thing heard."""
        tell = progress or (lambda _: None)
        spoken = [each for each in heard if isinstance(each.item, Passage)]
        if spoken and personas:
            yield from self._spoken(spoken, personas, tell)
        for each in heard:
            if isinstance(each.item, Section):
                portrait = each.portrait or Portrait(each.item.label)
                yield from (_musical(each, each.item, portrait, persona) for persona in personas)
        tell(1.0)

    def _spoken(self, heard: Sequence[Heard], personas: Sequence[Persona], tell: Told) -> Iterator[Reaction]:
        embed = self._embed or self._packaged()
        tastes = [taste_of(persona, embed, self._settings) for persona in personas]
        for low in range(0, len(heard), _TOGETHER):
            group = heard[low : low + _TOGETHER]
            passages = [each.item for each in group if isinstance(each.item, Passage)]
            texts = [
                without_instructions(passage.text) if passage.language in (None, LANGUAGE) else ""
                for passage in passages
            ]
            embed(
                [sentence for text in texts for sentence in sentences_of(text)]
            )  # at one go, and remembered
            vectors = np.stack([vector_of(text, embed) for text in texts])
            rows = seen(texts, vectors)
            for place, (each, passage) in enumerate(zip(group, passages, strict=True)):
                tell((low + place) / len(heard))
                phrases = phrases_of(passage, embed) if vectors[place].any() else ()
                for taste in tastes:
                    # One by one: a product with many rows may round another way than one with few.
                    (likeness,) = taste(rows[place : place + 1], vectors[place : place + 1])
                    yield react_to(each, passage, taste, likeness, phrases)

    def _packaged(self) -> Embeds:
        from ..models import minilm

        self._embed = minilm(settings=self._settings)
        return self._embed


def react_to(
    heard: Heard, passage: Passage, taste: Taste, likeness: Likeness, phrases: Sequence[Phrase]
) -> Reaction:
    """Return how a persona takes a passage.

    Parameters
    ----------
    heard : Heard
        What is heard.
    passage : Passage
        The same, with its content judged; what is pending or failed makes the reaction so.
    taste : Taste
        The listener's.
    likeness : Likeness
        How near the passage is to it.
    phrases : sequence of Phrase
        The passage's, from which evidence is quoted; none if it cannot be read.
    """
    persona, flags = taste.persona, flags_of(passage.text)
    for status in ("failed", "pending"):
        for judged in (passage.topic, passage.tone):
            if judged.status == status:
                note = judged.reason or f"the passage's content is {status}"
                return heard.reaction(persona, SCORER, status, note=note, flags=flags)
    blame = unsafe(passage, persona)
    is_judged = "ok" in (passage.topic.status, passage.tone.status)
    if not blame and (not phrases or (not is_judged and likeness.near < FARTHEST)):
        reason = passage.topic.reason or "neither topic nor tone could be told"
        return heard.reaction(persona, SCORER, "abstained", note=reason, flags=flags)
    reasons = spoken_reasons(passage, likeness, persona)
    known = [judged.confidence or 0.0 for judged in (passage.topic, passage.tone)]
    known.append(min(1.0, max(0.0, likeness.near - ALIKE) / (_CLEAR - ALIKE)))
    unjudged = "safety could not be judged" if passage.safety.status == "unknown" else None
    points = sum(reason.points for reason in reasons)
    evidence = _quotes(passage, taste, phrases, liked=points >= 0, blamed=bool(blame))
    return _scored(heard, persona, reasons, sum(known) / len(known), evidence, unjudged, flags)


# --- private ---------------------------------------------------------------------------------------


def _musical(heard: Heard, section: Section, portrait: Portrait, persona: Persona) -> Reaction:
    reasons = musical_reasons(section, portrait, persona)
    measured = (portrait.level is not None, portrait.bpm is not None)
    sure = 0.0 if section.confidence is None else section.confidence
    if not sure and not any(measured):
        return heard.reaction(persona, SCORER, "abstained", note="nothing was measured of this section")
    known = (sure + sum(measured)) / 3
    return _scored(heard, persona, reasons, known, (heard.bars(),), None, ())


def _scored(
    heard: Heard,
    persona: Persona,
    reasons: Sequence[Reason],
    known: float,
    evidence: tuple[Evidence, ...],
    note: str | None,
    flags: tuple[str, ...],
) -> Reaction:
    distribution = distribution_of(sum(reason.points for reason in reasons), known)
    score = mean(distribution)
    return heard.reaction(
        persona,
        SCORER,
        score=score,
        distribution=distribution,
        confidence=confidence(distribution),
        opinion=persona.anchors[round(score) - 1],
        rationale=rationale(persona, reasons),
        note=note,
        evidence=evidence,
        flags=flags,
    )


def _quotes(
    passage: Passage, taste: Taste, phrases: Sequence[Phrase], *, liked: bool, blamed: bool
) -> tuple[Evidence, ...]:
    """Return the words that put the listener off, if any do, and the phrase nearest to what decided."""
    found = list(passage.safety.evidence[:_MOST_QUOTED]) if blamed else []
    if phrases:
        best = phrases[taste.nearest(np.stack([phrase.vector for phrase in phrases]), liked=liked)]
        found.append(Evidence(best.text, best.start, best.end))
    return tuple(found)
