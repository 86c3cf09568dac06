"""The offline scorer: a distribution over 1 to 5 made of named reasons, the same every time.

Each reason moves the score by points: topic and tone by how sure they are and how much the listener cares,
likeness to sentences that the listener likes or dislikes, words beyond what they tolerate, and repetition.
The points shift the middle of a discrete bell over 1 to 5, whose width says how little is known. Text is
only ever compared and counted, so instructions in it have no effect.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..content.classify import Embeds, embedded
from ..content.sentences import vector_of
from ..items import Evidence, Judgement, Passage, Reaction, Severities
from ..settings import Settings
from .persona import SCORES, Persona, Tastes
from .phrases import Phrase, phrases_of
from .scoring import Heard, Told

VERSION = "1"
SCORER = f"offline@{VERSION}"

ALIKE = 0.25
"""Cosine similarity from which a sentence of the persona file says something about a passage."""

_FULL = 0.35  # similarity beyond ALIKE at which a sentence counts fully, less what is on the other side
_NARROW, _WIDE = 0.65, 1.25  # width of the bell, in points, where all is known and where little is
_MOST_POINTS = 1.9


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that moved the score, by how many points, said in a clause."""

    points: float
    text: str


class Offline:
    """The offline scorer.

    Parameters
    ----------
    embed : callable, optional
        Turns texts into rows of length 1; the packaged MiniLM by default.
    settings : Settings, optional
        The process's own by default.
    """

    name = SCORER
    identity = SCORER

    def __init__(self, embed: Embeds | None = None, settings: Settings | None = None) -> None:
        self._embed, self._settings = embed, settings

    def __call__(
        self, heard: Sequence[Heard], personas: Sequence[Persona], progress: Told | None = None
    ) -> Iterator[Reaction]:
        """Yield each persona's reaction to each thing heard."""
        if self._embed is None and any(each.text for each in heard):
            from ..models import minilm

            self._embed = minilm(settings=self._settings)
        for place, each in enumerate(heard):
            if progress is not None:
                progress(place / len(heard))
            if isinstance(each.item, Passage):
                assert self._embed is not None
                passage, embed = each.item, self._embed
                vector = vector_of(passage.text if passage.language in (None, "en") else "", embed)
                phrases = phrases_of(passage, vector, embed)
                yield from (score(each, persona, vector, phrases, embed) for persona in personas)
            else:
                yield from (
                    each.reaction(persona, SCORER, "abstained", note="the offline scorer reads speech only")
                    for persona in personas
                )


def score(
    heard: Heard,
    persona: Persona,
    vector: NDArray[np.float32],
    phrases: Sequence[Phrase],
    embed: Embeds,
) -> Reaction:
    """Return how a persona takes a passage.

    Parameters
    ----------
    heard : Heard
        A passage with its content judged; what is pending or failed makes the reaction so.
    persona : Persona
        The listener.
    vector : array, shape (d,)
        The passage's embedding; zeros if it cannot be read.
    phrases : sequence of Phrase
        Its phrases with their embeddings, from which evidence is quoted.
    embed : callable
        Embeds the persona's sentences.
    """
    passage = heard.item
    assert isinstance(passage, Passage)
    for status in ("failed", "pending"):
        for judged in (passage.topic, passage.tone):
            if judged.status == status:
                note = judged.reason or f"the passage's content is {status}"
                return heard.reaction(persona, SCORER, status, note=note)
    liked, disliked = (_nearest(vector, tastes, embed) for tastes in (persona.likes, persona.dislikes))
    blame = _unsafe(passage, persona)
    is_judged = "ok" in (passage.topic.status, passage.tone.status)
    if not is_judged and not blame and max(liked[1], disliked[1]) < ALIKE:
        note = passage.topic.reason or "neither topic nor tone could be told"
        return heard.reaction(persona, SCORER, "abstained", note=note)
    reasons = [
        *_label_reasons("topic", passage.topic, persona),
        *_label_reasons("tone", passage.tone, persona),
        *_likeness(liked, disliked, persona),
        *blame,
    ]
    if passage.repeats is not None and persona.rubric.repetition:
        reasons.append(Reason(-persona.rubric.repetition, "has heard it before in this recording"))
    points = sum(reason.points for reason in reasons)
    distribution = bell(
        3.0 + _MOST_POINTS * math.tanh(points / _MOST_POINTS), _width(passage, liked, disliked)
    )
    mean = sum(place * share for place, share in zip(SCORES, distribution, strict=True))
    return heard.reaction(
        persona,
        SCORER,
        confidence=_confidence(distribution),
        score=round(mean, 4),
        distribution=distribution,
        opinion=persona.anchors[round(mean) - 1],
        rationale=_rationale(persona, reasons),
        note="safety could not be judged" if passage.safety.status == "unknown" else None,
        evidence=_evidence(passage, phrases, liked if points >= 0 else disliked, persona, bool(blame), embed),
    )


def bell(middle: float, width: float) -> tuple[float, ...]:
    """Return five probabilities, highest around ``middle``; they add up to 1.

    Examples
    --------
    >>> [round(share, 2) for share in bell(4.0, 0.7)]
    [0.0, 0.01, 0.21, 0.58, 0.21]
    """
    raw = [math.exp(-((place - middle) ** 2) / (2 * width**2)) for place in SCORES]
    shares = [round(value / sum(raw), 4) for value in raw]
    largest = max(range(5), key=shares.__getitem__)
    shares[largest] = round(shares[largest] + 1.0 - sum(shares), 4)
    return tuple(shares)


# --- private ---------------------------------------------------------------------------------------


def _label_reasons(kind: str, judgement: Judgement, persona: Persona) -> list[Reason]:
    if judgement.status != "ok":
        return []
    weight = float(getattr(persona.rubric, kind))
    likes, dislikes = (getattr(tastes, f"{kind}s") for tastes in (persona.likes, persona.dislikes))
    reasons = []
    # Only the confident part of the runners-up counts: they are what the passage also touches.
    for place, found in enumerate(judgement.top or ()):
        care = likes.get(found.label, 0.0) - dislikes.get(found.label, 0.0)
        points = weight * care * (math.sqrt(found.confidence) if place == 0 else found.confidence)
        if abs(points) >= 0.05:
            verb = "likes" if points > 0 else "does not like"
            also = "" if place == 0 else "what touches on "
            reasons.append(
                Reason(
                    points, f"{verb} {also}the {kind} {found.label} ({min(found.confidence, 0.99):.0%} sure)"
                )
            )
    return reasons


def _nearest(vector: NDArray[np.float32], tastes: Tastes, embed: Embeds) -> tuple[str, float]:
    """Return the sentence nearest to the passage, and how near it is."""
    if not tastes.statements:
        return "", 0.0
    nearness = embedded(tastes.statements, embed) @ vector
    place = int(np.argmax(nearness))
    return tastes.statements[place], float(nearness[place])


def _likeness(liked: tuple[str, float], disliked: tuple[str, float], persona: Persona) -> list[Reason]:
    strength = max(0.0, liked[1] - ALIKE), max(0.0, disliked[1] - ALIKE)
    share = float(np.clip((strength[0] - strength[1]) / _FULL, -1.0, 1.0))
    points = persona.rubric.statements * share
    if abs(points) < 0.05:
        return []
    sentence = (liked if points > 0 else disliked)[0]
    kind = "enjoys" if points > 0 else "avoids"
    return [Reason(points, f"it resembles what this listener {kind}: “{sentence}”")]


def _unsafe(passage: Passage, persona: Persona) -> list[Reason]:
    severities = {name: int(getattr(passage.safety.categories, name)) for name in Severities.__slots__}
    category = max(severities, key=severities.__getitem__)
    beyond = severities[category] - persona.tolerates
    if passage.safety.status == "unknown" or beyond <= 0 or not persona.rubric.safety:
        return []
    quotes = [item.quote for item in passage.safety.evidence if item.category == category]
    points = -persona.rubric.safety * math.sqrt(beyond / (7 - persona.tolerates))
    name = category.replace("_", " ")
    return [Reason(points, f"is put off by {name} of severity {severities[category]} (“{quotes[0]}”)")]


def _width(passage: Passage, liked: tuple[str, float], disliked: tuple[str, float]) -> float:
    """Return the bell's width: the less is known of the passage, the wider."""
    known = [judged.confidence or 0.0 for judged in (passage.topic, passage.tone)]
    known.append(min(1.0, max(0.0, max(liked[1], disliked[1]) - ALIKE) / _FULL))
    return _WIDE - (_WIDE - _NARROW) * sum(known) / len(known)


def _confidence(distribution: tuple[float, ...]) -> float:
    """Return 1 for one certain score and 0 for all five alike, by the standard deviation."""
    mean = sum(place * share for place, share in zip(SCORES, distribution, strict=True))
    variance = sum(share * (place - mean) ** 2 for place, share in zip(SCORES, distribution, strict=True))
    return round(min(1.0, max(0.0, 1.0 - math.sqrt(variance / 2.0))), 4)


def _rationale(persona: Persona, reasons: Sequence[Reason]) -> str:
    ordered = sorted(reasons, key=lambda reason: -abs(reason.points))
    parts = []
    for name, wanted in (("For it", True), ("Against it", False)):
        texts = [reason.text for reason in ordered if (reason.points > 0) == wanted]
        if texts:
            line = f"{name}: {'; '.join(texts)}"
            parts.append(line if line.endswith(".”") else f"{line}.")
    return "\n".join(parts) or f"Nothing in it that {persona.name} cares for either way."


def _evidence(
    passage: Passage,
    phrases: Sequence[Phrase],
    nearest: tuple[str, float],
    persona: Persona,
    is_unsafe: bool,
    embed: Embeds,
) -> tuple[Evidence, ...]:
    found = list(passage.safety.evidence[:3]) if is_unsafe else []
    if phrases and nearest[0]:
        statements = next(
            tastes.statements
            for tastes in (persona.likes, persona.dislikes)
            if nearest[0] in tastes.statements
        )
        wanted = embedded(statements, embed)[statements.index(nearest[0])]
        best = max(phrases, key=lambda phrase: (float(phrase.vector @ wanted), -phrase.start))
        found.append(Evidence(best.text, best.start, best.end))
    return tuple(found)
