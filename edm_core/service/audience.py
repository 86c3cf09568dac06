"""The audience of a recording of the library: calibrated where that holds, beside what people say.

Scores are kept raw, and a calibration is applied whenever they are shown, so that it can be fitted anew or
taken back without losing any.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from ..errors import EdmError, TimelineError
from ..store import Entry, Library

if TYPE_CHECKING:
    from ..personas import Audience
    from ..personas.calibration import Calibration
    from ..personas.panel import Panel
    from ..ratings import Rating
    from ..timeline import Reaction, Timeline


class NotAnalysed(TimelineError):
    """A recording of which nothing is known yet."""


_log = logging.getLogger(__name__)


def timeline_of(library: Library, entry: Entry) -> Timeline:
    """Return a recording's timeline, with what personas scored again.

    Raises
    ------
    NotAnalysed
        If it has not been analysed yet.
    """
    timeline = library.timeline(entry.id)
    if timeline is None:
        raise NotAnalysed(
            "it has not been analysed yet", subject=entry.shown, remedy="wait until its status is done"
        )
    return timeline


def audience_of(
    library: Library,
    entry: Entry,
    *,
    timeline: Timeline | None = None,
    reactions: Sequence[Reaction] | None = None,
) -> Audience:
    """Return the simulated audience of a recording.

    Parameters
    ----------
    library : Library
        Where the entry is from.
    entry : Entry
        Which recording.
    timeline : Timeline, optional
        Its timeline, where that is known already.
    reactions : sequence of Reaction, optional
        Other reactions to the same items, such as those of an earlier scoring.

    Raises
    ------
    NotAnalysed
        If it has not been analysed yet.
    """
    from ..personas import Audience, read_roster

    timeline = timeline or timeline_of(library, entry)
    said = timeline.reactions if reactions is None else reactions
    calibrations = calibrations_of(library, said)
    return Audience.of(
        timeline,
        read_roster(library.settings).personas,
        reactions=calibrated(said, calibrations),
        calibration="; ".join(str(calibration) for calibration in calibrations.values()),
    )


def report_of(library: Library, entry: Entry) -> str:
    """Return a recording's report as one page: its audience, beside what people say of it.

    Raises
    ------
    NotAnalysed
        If it has not been analysed yet.
    """
    timeline = timeline_of(library, entry)
    people = panel_of(library, [entry])
    calibrations = calibrations_of(library, timeline.reactions)
    return audience_of(library, entry, timeline=timeline).to_html(
        calibration=next(iter(calibrations.values()), None), panel=people if people.ratings else None
    )


def calibrations_of(library: Library, reactions: Iterable[Reaction]) -> dict[str, Calibration]:
    """Return the calibrations that hold for the scorers of some reactions, by scorer.

    One that cannot be read is told of in the log; its scores stay uncalibrated, which is said of them too.
    """
    found = {}
    for scorer in dict.fromkeys(each.scorer for each in reactions if each.status == "ok"):
        document = library.calibrations.newest(scorer)
        if document is None:
            continue
        try:
            found[scorer] = _read(json.dumps(document, sort_keys=True))
        except EdmError as error:
            _log.warning("the calibration of %s cannot be read: %s", scorer, error)
    return found


def calibrated(
    reactions: Sequence[Reaction], calibrations: Mapping[str, Calibration]
) -> tuple[Reaction, ...]:
    """Return reactions, those of a scorer that has a calibration as it makes them, in the same order."""
    return tuple(
        shown
        for reaction in reactions
        for shown in (
            calibrations[reaction.scorer].apply([reaction]) if reaction.scorer in calibrations else [reaction]
        )
    )


def rated(library: Library, ratings: Iterable[Rating]) -> dict[str, tuple[Reaction, ...]]:
    """Return the raw reactions to the recordings that ratings are of, by id, without those that are gone."""
    found = {}
    for id in dict.fromkeys(rating.recording for rating in ratings):
        timeline = library.timeline(id)
        if timeline is not None:
            found[id] = timeline.reactions
    return found


def panel_of(library: Library, entries: Iterable[Entry] | None = None, *, draws: int = 1000) -> Panel:
    """Return how personas and people agree, on some recordings or on all that were rated.

    Raw scores are compared: a calibration has seen these very ratings, and would agree with them too well.

    Parameters
    ----------
    library : Library
        Of the recordings.
    entries : iterable of Entry, optional
        Which.
    draws : int
        Of the bootstrap.
    """
    from ..personas.panel import panel

    wanted = [None] if entries is None else [entry.id for entry in entries]
    ratings = [rating for id in wanted for rating in library.ratings.newest(id)]
    return panel(rated(library, ratings), ratings, draws=draws)


def fit_calibration(library: Library, scorer: str = "", *, who: str = "") -> Calibration:
    """Fit a calibration on all that people rated, and keep it as the one that holds.

    Parameters
    ----------
    library : Library
        Of the recordings.
    scorer : str, optional
        Whose scores, by name and version; by default the one of most reactions.
    who : str, optional
        Who fits it.

    Raises
    ------
    CalibrationError
        If there are too few ratings.
    """
    from ..personas.calibration import calibrate

    ratings = library.ratings.newest()
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    made = calibrate(rated(library, ratings), ratings, scorer=scorer, time=now)
    library.calibrations.add(made.scorer, json.loads(made.to_json()), who=who)
    return made


@lru_cache(maxsize=16)
def _read(text: str) -> Calibration:
    from ..personas.calibration import Calibration

    return Calibration.from_json(text)
