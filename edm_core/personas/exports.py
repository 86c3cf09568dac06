"""An audience as plain values and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._codec import encode
from ..items import Reaction

if TYPE_CHECKING:
    from .audience import Audience
    from .moments import Moment
    from .summaries import ItemSummary, PersonaSummary

SCHEMA = 1
COLUMNS = (
    "recording", "title", "persona", "name", "kind", "index", "start", "end", "status", "score",
    "p1", "p2", "p3", "p4", "p5", "confidence", "calibrated", "opinion", "rationale", "note", "evidence",
    "text", "scorer", "persona_version", "model", "prompt_hash", "seed", "time", "heard", "flags",
    "simulated",
)  # fmt: skip
"""Of the table; ``p1`` to ``p5`` are the distribution, times are seconds."""
_STEERS = ("=", "+", "-", "@", "\t", "\r")


def audience_dict(audience: Audience) -> dict[str, Any]:
    """Return an audience as plain values.

    ``matrix`` holds score, confidence and status ``[persona][item]``, None where a persona does not hear it.
    """
    from .summaries import SIMULATED

    recording = audience.recording
    matrix = audience.matrix
    return {
        "schema": SCHEMA,
        "simulated": True,
        "note": SIMULATED,
        "standing": audience.standing,
        "recording": None if recording is None else {
            "id": recording.id, "title": recording.title, "duration": recording.duration,
        },
        "coverage": audience.coverage,
        "consensus": encode(audience.consensus),
        "distribution": _rounded(audience.distribution),
        "personas": [_persona(row) for row in audience.personas],
        "items": [_item(item) for item in audience.items],
        "matrix": {
            "personas": [row.persona for row in audience.personas],
            "items": [[item.target.kind, item.target.index] for item in audience.items],
            "score": [[None if cell is None else cell.score for cell in row] for row in matrix],
            "confidence": [[None if cell is None else cell.confidence for cell in row] for row in matrix],
            "status": [[None if cell is None else cell.status for cell in row] for row in matrix],
        },
        "pairs": [encode(pair) for pair in audience.pairs],
        "alerts": [encode(alert) for alert in audience.alerts],
        "provenance": provenance(audience.reactions),
    }  # fmt: skip


def audience_csv(audience: Audience) -> str:
    """Return one row a reaction, in the order of the personas.

    Text that a spreadsheet would take for a formula begins with an apostrophe.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    said = {item.target: item.text for item in audience.items}
    names = {row.persona: row.name for row in audience.personas}
    recording = audience.recording
    for one in audience.reactions:
        shares = one.distribution or (None,) * 5
        writer.writerow({
            "recording": "" if recording is None else recording.id,
            "title": harmless((recording and recording.title) or ""),
            "persona": one.persona, "name": harmless(names[one.persona]), "kind": one.target.kind,
            "index": one.target.index, "start": f"{one.start:.3f}", "end": f"{one.end:.3f}",
            "status": one.status, "score": one.score,
            **{f"p{place}": share for place, share in enumerate(shares, 1)},
            "confidence": one.confidence, "calibrated": str(one.calibrated).lower(),
            "opinion": harmless(one.opinion or ""), "rationale": harmless(one.rationale or ""),
            "note": harmless(one.note or ""),
            "evidence": harmless(" | ".join(each.quote for each in one.evidence)),
            "text": harmless(said[one.target]), "scorer": one.scorer, "persona_version": one.persona_version,
            "model": harmless(one.model), "prompt_hash": one.prompt_hash, "seed": one.seed, "time": one.time,
            "heard": one.heard, "flags": " ".join(one.flags), "simulated": "true",
        })  # fmt: skip
    return text.getvalue()


def provenance(reactions: Sequence[Reaction]) -> list[dict[str, Any]]:
    """Return what made the scores: a row for each persona, its version, scorer, model, prompt and seed.

    ``first`` and ``last`` are when, ``scored`` of ``reactions`` how many have a score.
    """
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for one in reactions:
        key = (
            one.persona,
            one.persona_version,
            one.scorer,
            one.model,
            one.prompt_hash,
            one.seed,
            one.calibrated,
        )
        names = ("persona", "persona_version", "scorer", "model", "prompt_hash", "seed", "calibrated")
        row = rows.setdefault(
            key, {**dict(zip(names, key, strict=True)), "first": "", "last": "", "reactions": 0, "scored": 0}
        )
        row["reactions"] += 1
        row["scored"] += one.status == "ok"
        if one.time:
            row["first"] = min(row["first"] or one.time, one.time)
            row["last"] = max(row["last"], one.time)
    return list(rows.values())


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula.

    Examples
    --------
    >>> harmless("=1+1"), harmless("a = b")
    ("'=1+1", 'a = b')
    """
    return f"'{text}" if text.lstrip("'").startswith(_STEERS) else text


def meant(text: str) -> str:
    """Return what :func:`harmless` was given.

    Examples
    --------
    >>> [meant(harmless(text)) for text in ("=1+1", "'=1+1", "'tis")]
    ['=1+1', "'=1+1", "'tis"]
    """
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(_STEERS) else text


# --- private ---------------------------------------------------------------------------------------


def _persona(row: PersonaSummary) -> dict[str, Any]:
    return {
        "id": row.persona, "name": row.name, "emoji": row.emoji, "weight": row.weight, "mean": row.mean,
        "low": row.low, "high": row.high, "reason": row.reason, "distribution": _rounded(row.distribution),
        "scored": row.scored, "total": row.total, "coverage": row.coverage,
        "statuses": dict(row.statuses or {}),
        "best": [_moment(one) for one in row.bests], "worst": [_moment(one) for one in row.worsts],
    }  # fmt: skip


def _item(item: ItemSummary) -> dict[str, Any]:
    return {
        "kind": item.target.kind, "index": item.target.index, "start": item.start, "end": item.end,
        "text": item.text, "flagged": item.flagged, "consensus": item.consensus, "spread": item.spread,
        "verdict": item.verdict, "lovers": list(item.lovers), "haters": list(item.haters),
        "scored": item.scored, "total": item.total,
    }  # fmt: skip


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "kind": moment.target.kind, "index": moment.index, "start": moment.start, "end": moment.end,
        "score": moment.score,
    }  # fmt: skip


def _rounded(shares: tuple[float, ...] | None) -> list[float] | None:
    return None if shares is None else [round(share, 6) for share in shares]
