"""A short recording with everything on it, as the player is given it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from edm_core.audio import Peaks
from edm_core.timeline import (
    Beat,
    Event,
    Evidence,
    Judgement,
    Key,
    Layer,
    Meter,
    Passage,
    Reaction,
    Recording,
    Safety,
    Section,
    Severities,
    Span,
    Target,
    Tempo,
    Timeline,
    Word,
)

DURATION = 16.0


@dataclass(frozen=True)
class Persona:
    name: str
    emoji: str


PERSONAS = {"mum": Persona("Stay At Home Mum", "🧺"), "genz": Persona("Gen Z", "🎧")}


def reaction(persona: str, index: int, score: float | None, start: float, end: float) -> Reaction:
    distribution = None
    if score is not None:
        low = int(score)
        distribution = tuple(
            {low: 1 - (score - low), low + 1: score - low}.get(step, 0.0) for step in range(1, 6)
        )
    return Reaction(
        start,
        end,
        confidence=None if score is None else 0.6,
        persona=persona,
        target=Target("passage", index),
        status="abstained" if score is None else "ok",
        score=score,
        distribution=distribution,
        opinion=None if score is None else "Fine.",
        note="too few words" if score is None else None,
        scorer="offline@1",
        evidence=(Evidence("good morning", start, start + 0.5),),
    )


def whole_timeline(path: str | None = None) -> Timeline:
    recording = Recording("sha256:aa", DURATION, 8_000, 1, path=path, title="<b>Loop</b>")
    words = (
        Word(0.5, 0.9, text="Good", probability=0.9),
        Word(1.0, 1.6, text="morning.", probability=0.4),
    )
    flagged = Safety("flagged", Severities(self_harm=1, profanity=2))
    passages = (
        Passage(
            0.5,
            4.0,
            text="Good morning.",
            language="en",
            words=words,
            topic=Judgement("ok", "Weather", 0.8),
            tone=Judgement("abstained", reason="too short"),
            safety=Safety("clear"),
        ),
        Passage(8.0, 12.0, text="Damn.", safety=flagged),
    )
    layers = (
        Layer(
            "activity",
            "model:activity@1",
            (Span(0, 4, "speech", 0.9), Span(4, 8, "music"), Span(8, 16, "speech+music")),
        ),
        Layer("tempo", "model:beats@1", (Tempo(0, DURATION, confidence=0.9, bpm=120.0),)),
        Layer("meter", "model:beats@1", (Meter(0, DURATION, beats_per_bar=4),)),
        Layer("key", "model:key@1", (Key(0, DURATION, name="A minor", camelot="8A"),)),
        Layer(
            "beats",
            "model:beats@1",
            tuple(Beat(i / 2, confidence=1.0, position=i % 4 + 1, bar=i // 4 + 1) for i in range(32)),
        ),
        Layer(
            "sections",
            "model:sections@1",
            (
                Section(0, 8, "buildup", start_bar=1, end_bar=4),
                Section(8, DURATION, "drop", 0.7, start_bar=5, end_bar=8),
            ),
        ),
        Layer("events", "model:sections@1", (Event(8.0, "drop", bar=5),)),
        Layer("passages", "model:passages@1", passages),
        Layer(
            "reactions",
            "model:personas@1",
            (
                reaction("genz", 0, 2.25, 0.5, 4.0),
                reaction("mum", 0, 4.0, 0.5, 4.0),
                reaction("stranger", 0, None, 0.5, 4.0),
                reaction("genz", 1, 4.5, 8.0, 12.0),
                reaction("mum", 1, 4.0, 8.0, 12.0),
            ),
        ),
    )
    return Timeline(recording, layers)


def ramp_peaks() -> Peaks:
    level = np.zeros((500, 8), np.int8)
    level[:, 1::2] = (np.arange(500) % 100)[:, None]
    level[:, ::2] = -level[:, 1::2]
    coarse = level.reshape(125, 4, 8)
    coarse = np.where(np.arange(8) % 2, coarse.max(1), coarse.min(1)).astype(np.int8)
    return Peaks(8_000, 256, (level, coarse))


@pytest.fixture(scope="session")
def timeline() -> Timeline:
    return whole_timeline()


@pytest.fixture(scope="session")
def peaks() -> Peaks:
    return ramp_peaks()


@pytest.fixture(scope="session")
def personas() -> dict[str, Persona]:
    return PERSONAS
