"""Reasons: what moves a listener's score, by how many points, and how that is said."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ..items import Judgement, Passage, Section, Severities
from .music import Portrait, article_of
from .persona import Persona, TempoTaste
from .taste import Likeness

ALIKE = 0.25
"""Cosine similarity from which a sentence of the persona's says something about a passage."""
LEAST = 0.05
"""Points below which a reason is not worth saying."""
HIT_DB = 3.0
"""Rise in loudness at which a section hits."""
NEAR_BPM = 6.0
"""Beats per minute beyond a range of tempi at which a taste for it has faded."""
BORING_BARS = 48
"""Bars beyond which a section outstays."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that moved the score, by how many points, said in a clause."""

    points: float
    text: str


def spoken_reasons(passage: Passage, likeness: Likeness, persona: Persona) -> tuple[Reason, ...]:
    """Return what speaks for and against a passage.

    Parameters
    ----------
    passage : Passage
        With its content judged.
    likeness : Likeness
        How near it is to what the listener likes and dislikes.
    persona : Persona
        The listener.
    """
    reasons = [
        *_labelled("topic", passage.topic, persona),
        *_labelled("tone", passage.tone, persona),
        *_alike(likeness, persona),
        *unsafe(passage, persona),
        *_again(passage.repeats is not None, persona),
    ]
    return tuple(reason for reason in reasons if abs(reason.points) >= LEAST)


def musical_reasons(section: Section, portrait: Portrait, persona: Persona) -> tuple[Reason, ...]:
    """Return what speaks for and against a section of music.

    Parameters
    ----------
    section : Section
        With its label and how sure that is.
    portrait : Portrait
        What was measured of it.
    persona : Persona
        The listener.
    """
    reasons = [
        *_part(section, portrait, persona),
        *_energy(portrait, persona),
        *_tempo(portrait, persona),
        *_again(portrait.again, persona),
    ]
    return tuple(reason for reason in reasons if abs(reason.points) >= LEAST)


def unsafe(passage: Passage, persona: Persona) -> list[Reason]:
    """Return what puts the listener off, if anything does."""
    severities = {name: int(getattr(passage.safety.categories, name)) for name in Severities.__slots__}
    category = max(severities, key=severities.__getitem__)
    beyond = severities[category] - persona.tolerates
    if passage.safety.status == "unknown" or beyond <= 0 or not persona.rubric.safety:
        return []
    quotes = [item.quote for item in passage.safety.evidence if item.category == category]
    points = -persona.rubric.safety * math.sqrt(beyond / (7 - persona.tolerates))
    name, quoted = category.replace("_", " "), f" (“{quotes[0]}”)" if quotes else ""
    return [Reason(points, f"is put off by {name} of severity {severities[category]}{quoted}")]


def rationale(persona: Persona, reasons: Sequence[Reason]) -> str:
    """Return the reasons as a text: what speaks for it on one line, what against it on another."""
    ordered = sorted(reasons, key=lambda reason: -abs(reason.points))
    parts = []
    for name, wanted in (("For it", True), ("Against it", False)):
        texts = [reason.text for reason in ordered if (reason.points > 0) == wanted]
        if texts:
            line = f"{name}: {'; '.join(texts)}"
            parts.append(line if line.endswith(".”") else f"{line}.")
    return "\n".join(parts) or f"Nothing in it that {persona.name} cares for either way."


# --- speech ----------------------------------------------------------------------------------------


def _labelled(kind: str, judgement: Judgement, persona: Persona) -> list[Reason]:
    """Return what the labels found say, each by how sure it is: also of a judge that would not choose."""
    weight = float(getattr(persona.rubric, kind))
    likes, dislikes = (getattr(tastes, f"{kind}s") for tastes in (persona.likes, persona.dislikes))
    reasons = []
    for place, found in enumerate(judgement.top):
        care = likes.get(found.label, 0.0) - dislikes.get(found.label, 0.0)
        is_answer = place == 0 and judgement.status == "ok"
        points = weight * care * (math.sqrt(found.confidence) if is_answer else found.confidence)
        verb = "likes" if points > 0 else "does not like"
        also = "" if is_answer else "what touches on "
        sure = f"{min(found.confidence, 0.99):.0%} sure"
        reasons.append(Reason(points, f"{verb} {also}the {kind} {found.label} ({sure})"))
    return reasons


def _alike(likeness: Likeness, persona: Persona) -> list[Reason]:
    points = persona.rubric.statements * likeness.value
    kind, (sentence, near) = ("enjoys", likeness.liked) if points > 0 else ("avoids", likeness.disliked)
    if near < ALIKE:  # it is of that kind on the whole, and no sentence says so
        return [Reason(points, f"it is the kind of thing that this listener {kind}")]
    return [Reason(points, f"it resembles what this listener {kind}: “{sentence}”")]


def _again(again: bool, persona: Persona) -> list[Reason]:
    return [Reason(-persona.rubric.repetition, "has heard it before in this recording")] if again else []


# --- music -----------------------------------------------------------------------------------------


def _part(section: Section, portrait: Portrait, persona: Persona) -> list[Reason]:
    care = persona.likes.sections.get(section.label, 0.0) - persona.dislikes.sections.get(section.label, 0.0)
    sure = 1.0 if section.confidence is None else section.confidence
    name = {"other": "a part that is none of the usual"}.get(
        section.label, f"{article_of(section.label)} {section.label}"
    )
    verb = "likes" if care > 0 else "does not like"
    told = "" if section.confidence is None else f" ({min(sure, 0.99):.0%} sure)"
    reasons = [Reason(persona.rubric.section * care * math.sqrt(sure), f"{verb} {name}{told}")]
    if care > 0 and (portrait.rise_db or 0.0) >= HIT_DB:
        hit = f"it comes in {portrait.rise_db:.1f} dB louder than what was before"
        reasons.append(Reason(0.4 * persona.rubric.energy, hit))
    if portrait.bars is not None and portrait.bars > BORING_BARS:
        reasons.append(Reason(-0.4 * persona.rubric.section, f"it goes on for {portrait.bars} bars"))
    return reasons


def _energy(portrait: Portrait, persona: Persona) -> list[Reason]:
    if portrait.level is None or portrait.level_db is None:
        return []
    care = persona.likes.energy.get(portrait.level, 0.0) - persona.dislikes.energy.get(portrait.level, 0.0)
    verb = "likes" if care > 0 else "does not like"
    how = (
        "the loudest part"
        if portrait.level_db > -0.05
        else f"{-portrait.level_db:.1f} dB below the loudest part"
    )
    return [Reason(persona.rubric.energy * care, f"{verb} {portrait.level} energy ({how})")]


def _tempo(portrait: Portrait, persona: Persona) -> list[Reason]:
    if portrait.bpm is None:
        return []
    bpm = portrait.bpm
    care = max((_reach(each, bpm) for each in persona.likes.tempo), default=0.0) - max(
        (_reach(each, bpm) for each in persona.dislikes.tempo), default=0.0
    )
    verb = "likes" if care > 0 else "does not like"
    return [Reason(persona.rubric.tempo * care, f"{verb} a tempo of {bpm:.1f} BPM")]


def _reach(taste: TempoTaste, bpm: float) -> float:
    """Return a taste's weight at a tempo, which fades over a few beats per minute beyond its range."""
    beyond = max(taste.low - bpm, bpm - taste.high, 0.0)
    return taste.weight * max(0.0, 1.0 - beyond / NEAR_BPM)
