"""What the stage of the Audience page shows, as plain values: the player's, and what an audience adds up to.

``frontend/src/jury/types.ts`` declares the same shape.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..items import Reaction, Target
from ..personas import Audience, ItemSummary, Moment, PersonaSummary, hearing
from ..personas.comparison import Comparison
from ..personas.panel import matched
from ..ratings import Rating, newest
from ..timeline import Timeline
from .props import reaction_props, view

if TYPE_CHECKING:
    from ..audio import Peaks


@dataclass(frozen=True, slots=True)
class Beside:
    """An earlier scoring of the same recording, by name, and how the one that is shown differs from it."""

    name: str
    comparison: Comparison


def audience_view(
    timeline: Timeline,
    audience: Audience,
    *,
    audio_url: str,
    peaks: Peaks | None,
    peaks_url: str,
    title: str | None = None,
    ratings: Iterable[Rating] = (),
    ratings_url: str | None = None,
    rater: str = "",
    selected: tuple[str, Target] | None = None,
    beside: Beside | None = None,
    at: float = 0.0,
) -> dict[str, Any]:
    """Return what the stage of the Audience page is given. Pure.

    Parameters
    ----------
    timeline : Timeline
        What was heard.
    audience : Audience
        What its reactions add up to, with the personas' names and faces.
    audio_url, peaks, peaks_url, title, at
        As :func:`edm_core.waveform.view` takes them.
    ratings : iterable of Rating
        What people said of the recording, in the order in which they did.
    ratings_url : str, optional
        Where ratings are posted; without it nobody can rate.
    rater : str, optional
        Who rates; empty asks the browser, and then the person.
    selected : tuple of str and Target, optional
        The persona and the item whose card is open at first.
    beside : Beside, optional
        An earlier scoring, for comparison.

    Returns
    -------
    dict
        JSON-like values.

    Examples
    --------
    >>> from edm_core.timeline import Layer, Passage, Recording, Timeline
    >>> one = Reaction(
    ...     0.0, 9.0, persona="genz", target=Target("passage", 0), status="ok", score=3.0,
    ...     distribution=(0.2,) * 5,
    ... )
    >>> timeline = Timeline(
    ...     Recording("sha256:00", 9.0, 44100, 2),
    ...     (Layer("passages", "model:words@1", (Passage(0.0, 9.0, text="Hello."),)),
    ...      Layer("reactions", "model:personas@1", (one,))),
    ... )  # fmt: skip
    >>> props = audience_view(
    ...     timeline, Audience.of(timeline), audio_url="/a", peaks=None, peaks_url="/p"
    ... )
    >>> [(item["kind"], item["consensus"]) for item in props["jury"]["items"]]
    [('passage', 3.0)]
    """
    props = view(
        replace(timeline, layers=tuple(layer for layer in timeline.layers if layer.kind != "reactions")),
        title=title, audio_url=audio_url, peaks=peaks, peaks_url=peaks_url, personas={}, at=at,
    )  # fmt: skip
    heard = {each.target: each for each in hearing(
        timeline.passages, timeline.sections, tempi=_items(timeline, "tempo"), keys=_items(timeline, "key")
    )}  # fmt: skip
    return props | {
        "personas": [
            {"id": row.persona, "name": row.name or row.persona, "emoji": row.emoji}
            for row in audience.personas
        ],
        "reactions": [_judged(reaction) for reaction in audience.reactions],
        "jury": {
            "standing": audience.standing,
            "calibration": audience.calibration,
            "rows": [_row(row, audience) for row in audience.personas],
            "items": [
                _item(item)
                | ({"heard": known.digest, "facts": list(known.facts())} if (known := heard.get(item.target))
                   else {"heard": "", "facts": []})
                for item in audience.items
            ],
            "alerts": [
                {"rule": alert.rule, "severity": alert.severity, "message": alert.message,
                 "persona": alert.persona or None, "start": _time(alert.start), "end": _time(alert.end)}
                for alert in audience.alerts
            ],
            "ratings": {"url": ratings_url, "rater": rater, "said": _said(timeline, audience, ratings)},
            "selected": None if selected is None else {"persona": selected[0], **_target(selected[1])},
            "compare": None if beside is None else _beside(beside),
        },
    }  # fmt: skip


def place_of(audience: Audience, persona: str, seconds: float) -> tuple[str, Target] | None:
    """Return the cell that an address means: a persona and a time; None where nobody scored anything.

    Without a known persona it is the one that scores lowest there.

    Examples
    --------
    >>> one = Reaction(
    ...     0.0, 9.0, persona="genz", target=Target("passage", 0), status="ok", score=3.0,
    ...     distribution=(0.2,) * 5,
    ... )
    >>> place_of(Audience.gather([one]), "nobody", 4.0)
    ('genz', Target(kind='passage', index=0))
    """
    own = [reaction for reaction in audience.reactions if reaction.persona == persona]
    cells = own or list(audience.reactions)
    if not cells:
        return None

    def away(reaction: Reaction) -> float:
        return max(reaction.start - seconds, seconds - reaction.end, 0.0)

    def score(reaction: Reaction) -> float:
        return 6.0 if reaction.score is None else reaction.score

    nearest = min(cells, key=lambda each: (away(each) or float(seconds == each.end), score(each), each.start))
    return nearest.persona, nearest.target


# --- private ---------------------------------------------------------------------------------------


def _items(timeline: Timeline, kind: str) -> Sequence[Any]:
    layer = timeline.layer(kind)
    return () if layer is None else layer.items


def _judged(reaction: Reaction) -> dict[str, Any]:
    return reaction_props(reaction) | {
        "personaVersion": reaction.persona_version,
        "model": reaction.model,
        "promptHash": reaction.prompt_hash,
        "seed": reaction.seed,
        "time": reaction.time,
        "flags": list(reaction.flags),
    }


def _row(row: PersonaSummary, audience: Audience) -> dict[str, Any]:
    return {
        "persona": row.persona,
        "mean": row.mean,
        "interval": None if row.low is None or row.high is None else [row.low, row.high],
        "why": row.reason,
        "scored": row.scored,
        "total": row.total,
        "weight": row.weight,
        "divergence": _divergence(row.persona, audience),
        "moments": [
            {"persona": row.persona, "kind": kind, "time": _time(moment.start), "score": moment.score,
             "target": _target(moment.target)}
            for kind, moment in _moments(row)
        ],
    }  # fmt: skip


def _moments(row: PersonaSummary) -> list[tuple[str, Moment]]:
    """Return best and worst moments, the outermost first of each."""
    return [*(("best", each) for each in row.bests), *(("worst", each) for each in row.worsts)]


def _divergence(persona: str, audience: Audience) -> float | None:
    """Return how far a persona is from the weighted mean of the others, in points, over what both scored."""
    apart = []
    weights = {row.persona: row.weight for row in audience.personas}
    for item in audience.items:
        cell = audience.cells.get((persona, item.target))
        others = [
            (weights[row.persona], other.score)
            for row in audience.personas
            if row.persona != persona
            and (other := audience.cells.get((row.persona, item.target))) is not None
            and other.score is not None
        ]
        whole = sum(weight for weight, _ in others)
        if cell is not None and cell.score is not None and whole:
            apart.append(abs(cell.score - sum(weight * score for weight, score in others) / whole))
    return sum(apart) / len(apart) if apart else None


def _item(item: ItemSummary) -> dict[str, Any]:
    return {
        **_target(item.target),
        "start": _time(item.start),
        "end": _time(item.end),
        "consensus": item.consensus,
        "divergence": item.spread,
    }


def _said(timeline: Timeline, audience: Audience, ratings: Iterable[Rating]) -> list[dict[str, Any]]:
    """Return what people said of what personas reacted to."""
    found = matched({timeline.recording.id: audience.reactions}, newest(ratings))
    return [
        {**_target(target), "rater": rating.rater, "persona": rating.persona, "score": rating.score,
         "note": rating.note}
        for rating, (_, target) in found.items()
    ]  # fmt: skip


def _beside(beside: Beside) -> dict[str, Any]:
    rows = ((each.persona, each.difference) for each in beside.comparison.personas)
    return {
        "name": beside.name,
        "was": [
            {"persona": each.persona, **_target(each.target), "score": each.a}
            for each in beside.comparison.items
        ],
        "rows": [
            {"persona": persona, "difference": found.value, "pairs": found.n,
             "interval": None if found.low is None or found.high is None else [found.low, found.high]}
            for persona, found in rows
            if found.value is not None
        ],
    }  # fmt: skip


def _target(target: Target) -> dict[str, Any]:
    return {"kind": target.kind, "index": target.index}


def _time(seconds: float) -> float:
    return round(seconds, 4)
