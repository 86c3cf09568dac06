"""Having personas score a recording of the library again: what a worker does, and the command line too.

A scoring is kept when it is whole. One that is stopped, or whose process ends, leaves the scores as they
were; what a language model answered until then is in the cache, so that nothing is asked twice.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, SettingsError, TimelineError
from ..personas.scorers import ScorerName
from ..settings import Settings
from ..store import Entry, Library
from .analysis_job import Progress, payload_of, remember_personas
from .audience import timeline_of
from .observing import metrics
from .observing.logs import of_job

if TYPE_CHECKING:
    from ..personas import Persona
    from ..store.scorings import Scoring
    from ..timeline import Reaction, Timeline

__all__ = ["ScorerName", "chosen_personas", "run", "score_entry", "scoring_payload"]

STAGE = "personas"
"""As the analysis calls it."""


def chosen_personas(names: Sequence[str] | None, settings: Settings) -> dict[str, Persona]:
    """Return personas by id, those of ``names`` in that order; without names those that are not retired.

    Raises
    ------
    SettingsError
        If one is not known or retired, or there is none.
    """
    from ..personas import read_roster

    roster = read_roster(settings)
    known, active = roster.personas, roster.active
    for name in names or ():
        if name not in active:
            what = "is retired and gives no new scores" if name in known else "is no persona"
            raise SettingsError(
                f"{name[:40]!r} {what}", subject="personas", remedy=f"use {', '.join(active)}"
            )
    chosen = {name: known[name] for name in names} if names is not None else active
    if not chosen:
        raise SettingsError("nobody is asked", subject="personas", remedy=f"use {', '.join(active)}")
    return chosen


def score_entry(
    library: Library,
    entry: Entry,
    *,
    personas: Sequence[str] | None = None,
    scorer: ScorerName = "offline",
    who: str = "",
    note: str = "",
    request: str | None = None,
    progress: Progress | None = None,
) -> Scoring:
    """Let personas hear a recording as it now is, and keep what they say as its next scoring.

    Parameters
    ----------
    library : Library
        Where the entry is from.
    entry : Entry
        Which recording.
    personas : sequence of str, optional
        Ids; by default those that are not retired.
    scorer : {'offline', 'language-model', 'langflow'}
        What scores.
    who, note : str, optional
        Who asks, and what they say of it.
    request : str, optional
        As :meth:`edm_core.store.scorings.Scorings.add`: scored once however often it is done.
    progress : callable, optional
        Called as the work goes on; what it raises stops it.

    Raises
    ------
    NotAnalysed
        If it has not been analysed yet.
    TimelineError
        If nothing in it is for these personas.
    SettingsError
        If personas or scorer are not known.
    ModelError
        If nothing could be scored, with the reason. Nothing is kept then.
    """
    from ..personas import react, scorer_of

    timeline = timeline_of(library, entry)
    settings = library.settings
    listeners = chosen_personas(personas, settings)
    remember_personas(settings)
    judge = scorer_of(scorer, settings)
    began = time.monotonic()

    def told(share: float) -> None:
        if progress is not None:
            spent = time.monotonic() - began
            progress(STAGE, share, spent / share - spent if share > 0 else None)

    told(0.0)
    reactions = react(
        timeline.passages,
        timeline.sections,
        listeners,
        tempi=_items(timeline, "tempo"),
        keys=_items(timeline, "key"),
        scorer=judge,
        settings=settings,
        time=datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        progress=told,
    )
    _check(reactions, entry)
    usage = getattr(judge, "usage", None)  # what asking a server took and cost belongs to the scoring
    note = " · ".join(filter(None, (note, str(usage.spent) if usage else "")))
    kept = library.scorings.add(
        timeline.recording,
        reactions,
        scorer=judge.name,
        personas={name: persona.version for name, persona in listeners.items()},
        who=who,
        note=note,
        request=request,
    )
    metrics.scored(reactions)
    return kept


def scoring_payload(
    entry: Entry,
    personas: Sequence[str],
    scorer: ScorerName,
    *,
    who: str = "",
    note: str = "",
) -> dict[str, Any]:
    """Return what a worker needs to know; the request's name is new, so that a retry is kept once."""
    about = {"personas": list(personas), "scorer": scorer, "who": who, "note": note}
    return payload_of(entry) | about | {"request": uuid.uuid4().hex}


@of_job
def run(payload: Mapping[str, Any], progress: Progress) -> dict[str, Any] | None:
    """Do the job ``score`` and tell the scoring's number; see :mod:`edm_core.jobs`."""
    library = Library(Settings.from_environment())
    entry = library.get(payload["id"])
    if entry is None:  # it was removed while it waited
        return None
    said = {name: payload[name] for name in ("personas", "scorer", "who", "note", "request")}
    return {"scoring": score_entry(library, entry, progress=progress, **said).number}


# --- private ---------------------------------------------------------------------------------------


def _items(timeline: Timeline, kind: str) -> tuple[Any, ...]:
    layer = timeline.layer(kind)
    return layer.items if layer is not None else ()


def _check(reactions: Sequence[Reaction], entry: Entry) -> None:
    """Refuse what would only take scores away: nothing to hear, or a server that answered nothing."""
    if not reactions:
        raise TimelineError(
            "nothing in it is for these personas", subject=entry.shown, remedy="ask others, or analyse it all"
        )
    reasons = [reaction.note or "no reason is known" for reaction in reactions if reaction.status == "failed"]
    if len(reasons) == len(reactions):
        raise ModelError(f"nothing could be scored: {reasons[0]}", subject=entry.shown)
