"""Which of two passages a listener would rather hear: scores beside hand-written preferences, and peers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edm_core.content import describe
from edm_core.content.sentences import vector_of
from edm_core.items import Passage
from edm_core.models import minilm
from edm_core.personas import load_personas, react
from edm_core.personas.persona import Persona
from edm_core.resources import PERSONAS

FOLDER = Path(__file__).with_name("pairs")
GOAL = 0.90
DRAWS = 2_000
Floats = NDArray[np.float64]
Judge = Callable[[Persona, Sequence[str]], Floats]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two passages of which a listener likes one, and what the pair is about."""

    persona: str
    kind: str
    liked: str
    disliked: str


@dataclass(frozen=True)
class Judged:
    """Scores of the liked and the disliked passages, NaN where there is none, in the order of the pairs."""

    pairs: tuple[Pair, ...]
    liked: Floats
    disliked: Floats

    def ranked(self, rows: NDArray[np.intp] | None = None) -> float:
        """Return the area under the ROC curve over all passages; without a score it is a tie."""
        chosen = np.arange(len(self.pairs)) if rows is None else rows
        liked, disliked = self.liked[chosen, None], self.disliked[None, chosen]
        with np.errstate(invalid="ignore"):
            wins = (liked > disliked) + 0.5 * ((liked == disliked) | np.isnan(liked) | np.isnan(disliked))
        return float(wins.mean())

    def right(self, rows: NDArray[np.intp] | None = None) -> float:
        """Return the share of pairs whose liked passage scores higher."""
        chosen = np.arange(len(self.pairs)) if rows is None else rows
        return float((self.liked[chosen] > self.disliked[chosen]).mean())

    def interval(self, figure: Callable[[NDArray[np.intp]], float]) -> tuple[float, float]:
        """Return the middle 95 % of a figure over pairs that are drawn anew."""
        random = np.random.default_rng(0)
        drawn = [figure(random.integers(0, len(self.pairs), len(self.pairs))) for _ in range(DRAWS)]
        low, high = np.quantile(drawn, [0.025, 0.975])
        return float(low), float(high)


def read(split: str) -> tuple[Pair, ...]:
    """Return the pairs of ``dev`` or ``test``."""
    import yaml

    rows = yaml.safe_load((FOLDER / f"{split}.yaml").read_text(encoding="utf-8"))
    return tuple(Pair(**row) for row in rows)


def judged(pairs: Sequence[Pair], judge: Judge) -> Judged:
    """Let a judge score both passages of every pair."""
    personas = load_personas(PERSONAS)
    scores: dict[tuple[str, str], float] = {}
    for name in dict.fromkeys(pair.persona for pair in pairs):
        texts = [text for pair in pairs if pair.persona == name for text in (pair.liked, pair.disliked)]
        scores |= {
            (name, text): float(s) for text, s in zip(texts, judge(personas[name], texts), strict=True)
        }
    liked, disliked = (
        np.array([scores[pair.persona, getattr(pair, side)] for pair in pairs])
        for side in ("liked", "disliked")
    )
    return Judged(tuple(pairs), liked, disliked)


def offline(persona: Persona, texts: Sequence[str]) -> Floats:
    """Score with the offline scorer, each passage as if nothing had been said before."""
    spoken = [Passage(20.0 * place, 20.0 * place + 15.0, text=text) for place, text in enumerate(texts)]
    alone = [replace(passage, repeats=None, repetition=None) for passage in describe(spoken)]
    reactions = react(alone, personas={persona.id: persona}, force=True)
    return np.array([np.nan if each.score is None else each.score for each in reactions])


def by_description(persona: Persona, texts: Sequence[str]) -> Floats:
    """Return the cosine of a passage and the persona's description."""
    embed = minilm()
    wanted = vector_of(f"{persona.description} {persona.who}", embed)
    return np.array([vector_of(text, embed) @ wanted for text in texts], float)


def by_sentences(persona: Persona, texts: Sequence[str]) -> Floats:
    """Return the cosine of the nearest sentence that they like, less that of the nearest they dislike."""
    embed = minilm()
    likes, dislikes = (embed(tastes.statements) for tastes in (persona.likes, persona.dislikes))
    rows = np.stack([vector_of(text, embed) for text in texts])
    return np.asarray((rows @ likes.T).max(axis=1) - (rows @ dislikes.T).max(axis=1), float)


JUDGES: dict[str, Judge] = {
    "ours, offline": offline,
    "MiniLM: nearest liked less nearest disliked sentence": by_sentences,
    "MiniLM: likeness to the description": by_description,
}


def section() -> str:
    """Return Markdown: every judge on both splits, and ours by persona and by kind of pair."""
    lines = ["| scorer | split | pairs | AUC [95 %] | pairs in order [95 %] |", "|---|---|---|---|---|"]
    ours: dict[str, Judged] = {}
    for split in ("test", "dev"):
        pairs = read(split)
        for name, judge in JUDGES.items():
            found = judged(pairs, judge)
            if judge is offline:
                ours[split] = found
            auc, order = (
                f"{figure():.3f} [{low:.3f}, {high:.3f}]"
                for figure in (found.ranked, found.right)
                for low, high in [found.interval(figure)]
            )
            lines.append(f"| {name} | {split} | {len(pairs)} | {auc} | {order} |")
    lines += ["", f"Goal: AUC ≥ {GOAL:.2f} offline on the test pairs.", "", *_parts(ours["test"])]
    return "\n".join(lines)


def _parts(found: Judged) -> list[str]:
    lines = []
    for name in ("persona", "kind"):
        groups = dict.fromkeys(getattr(pair, name) for pair in found.pairs)
        parts = []
        for group in groups:
            rows = np.array([i for i, pair in enumerate(found.pairs) if getattr(pair, name) == group])
            parts.append(f"{group} {found.ranked(rows):.2f} ({len(rows)})")
        lines.append(f"AUC of ours on the test pairs by {name} (pairs): {', '.join(parts)}.")
    return lines
