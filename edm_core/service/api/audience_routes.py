"""The audience over HTTP: reactions, scoring again, and what they add up to.

Below ``/api/v1``. Everything about scores is a *simulated* audience; answers say so, and whether they are
calibrated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Body, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..._codec import encode
from ...errors import SettingsError
from ...joining import SCORINGS
from ...personas.scorers import SCORERS, ScorerName, scorer_of
from ...settings import Settings
from ..audience import audience_of, report_of, timeline_of
from ..bench import Busy, workbench
from ..scoring_job import chosen_personas
from ..web.problems import problem, refused
from ..web.requests import PRIVATE, Asked, Author, RecordingId, about, as_file, checked_name, name_of, only
from ..web.routing import file_response, problems, router
from .audience_models import Reactions, ScoreRequest, Summary
from .job_view import job_facts
from .models import Job, Like

if TYPE_CHECKING:
    from ... import jobs as ledger
    from ...personas import Audience
    from ...timeline import Layer, Timeline


routes = router("audience")
_BASE = "/recordings/{id}"
_Scoring = Annotated[
    str | None,
    Query(description="After which scoring, by its number", examples=["1"]),
]


# --- what personas said ------------------------------------------------------------------------------


@routes.get(
    f"{_BASE}/reactions",
    operation_id="read_reactions",
    summary="What personas said",
    response_model=Reactions,
    responses=problems(404),
)
def reactions(id: RecordingId, scoring: _Scoring = None) -> Response:
    """Give the reactions that are shown, or those after a scoring, and every scoring there was."""
    asked = about(id)
    library = workbench().library
    timeline = timeline_of(library, asked.entry)
    layer = _layer(timeline, scoring)
    items = layer.items if layer is not None else ()
    audience = audience_of(library, asked.entry, timeline=timeline, reactions=items)
    body = {
        "simulated": True,
        "standing": audience.standing,
        "layer": None if layer is None else _about(layer),
        "coverage": {row.persona: row.coverage for row in audience.personas},
        "reactions": encode(audience.reactions),
        "scorings": [
            {**encode(each), "coverage": each.coverage} for each in library.scorings.history(asked.entry.id)
        ],
    }
    return JSONResponse(body, headers=PRIVATE)


@routes.post(
    f"{_BASE}/reactions",
    operation_id="score_again",
    summary="Have personas score it again",
    status_code=202,
    response_model=Job,
    responses=problems(404, 409, 413, 415),
)
def score(
    request: Request,
    id: RecordingId,
    body: Annotated[dict[str, Any], Like(ScoreRequest), Body()] = {},  # noqa: B006 - never changed
    author: Author = None,
) -> Response:
    """Queue a scoring by named personas, or by all; `Location` tells how it stands."""
    job = queued_scoring(about(id, body, author), name_of(request))
    address = request.url.path.removesuffix("reactions") + "scoring"
    return JSONResponse(job_facts(job), 202, headers={"Location": address})


@routes.get(
    f"{_BASE}/scoring",
    operation_id="read_scoring",
    summary="How the newest scoring stands",
    response_model=Job,
    responses=problems(404),
)
def scoring(id: RecordingId) -> Response:
    """Tell how the newest scoring that was asked for stands."""
    job = workbench().scoring(about(id).entry)
    if job is None:
        return problem(404, "nobody has asked for a scoring")
    return JSONResponse(job_facts(job), headers=PRIVATE)


@routes.delete(
    f"{_BASE}/scoring",
    operation_id="stop_scoring",
    summary="Stop scoring it",
    status_code=204,
    responses=problems(404),
)
def stop(id: RecordingId) -> Response:
    """Stop whatever scores it; the scores stay as they were."""
    workbench().stop_scoring(about(id).entry)
    return Response(status_code=204)


# --- what that adds up to ----------------------------------------------------------------------------


@routes.get(
    f"{_BASE}/summary",
    operation_id="read_summary",
    summary="What the audience adds up to",
    response_model=Summary,
    responses=problems(404),
)
def summary(id: RecordingId, scoring: _Scoring = None) -> Response:
    """Give the audience as values: means with intervals, moments, consensus, matrix, alerts."""
    return JSONResponse(_audience(about(id), scoring).to_dict(), headers=PRIVATE)


@routes.get(
    f"{_BASE}/audience.csv",
    operation_id="read_audience_table",
    summary="The audience as a table",
    response_class=Response,
    responses={200: file_response("text/csv", description="One row a reaction"), **problems(404)},
)
def table(id: RecordingId, scoring: _Scoring = None) -> Response:
    """Give the audience as a table, one row a reaction."""
    asked = about(id)
    return as_file(asked, _audience(asked, scoring).to_csv(), "text/csv", "audience.csv")


@routes.get(
    f"{_BASE}/audience.html",
    operation_id="read_report",
    summary="The audience as a page",
    response_class=Response,
    responses={
        200: file_response("text/html", description="A page that needs nothing else"),
        **problems(404),
    },
)
def report(
    id: RecordingId,
    download: Annotated[str | None, Query(description="Anything: as a file to be kept")] = None,
) -> Response:
    """Give the report: one page that needs nothing else."""
    asked = about(id)
    html = report_of(workbench().library, asked.entry)
    return as_file(asked, html, "text/html", "audience.html", attached=download is not None)


def queued_scoring(asked: Asked, name: str) -> ledger.Job:
    """Queue a scoring; what is asked for is checked before it is.

    Parameters
    ----------
    asked : Asked
        The recording, and ``personas``, ``scorer``, ``author`` and ``note``.
    name : str
        Of who asks, where no author is given.

    Raises
    ------
    Refused
        If it cannot be asked for.
    """
    bench, body = workbench(), asked.body
    only(body, ("personas", "scorer", "author", "note"))
    scorer, names = body.get("scorer", "offline"), body.get("personas")
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise refused(422, "personas is no list of ids", remedy='send "personas": ["genz"]')
    note = body.get("note", "")
    if not isinstance(note, str):
        raise refused(422, "the note is no text")
    who = checked_name(asked.author, "who asks", "add ?author=NAME") if asked.author else name
    if asked.entry.revision == 0:
        raise refused(409, "it has not been analysed yet", remedy="wait until its status is done")
    known = _scorer(scorer, bench.settings)
    try:
        chosen = chosen_personas(names, bench.settings)
        return bench.score(asked.entry, list(chosen), known, who=who, note=note)
    except SettingsError as error:
        raise refused(422, str(error)) from None
    except Busy as error:
        raise refused(409, error.problem, remedy=error.remedy) from None


# --- private -----------------------------------------------------------------------------------------


def _audience(asked: Asked, scoring: str | None) -> Audience:
    library = workbench().library
    timeline = timeline_of(library, asked.entry)
    layer = _layer(timeline, scoring)
    said = layer.items if layer is not None else ()
    return audience_of(library, asked.entry, timeline=timeline, reactions=said)


def _layer(timeline: Timeline, wanted: str | None) -> Layer | None:
    """Return the reactions that are meant: the chosen ones, or those after a scoring."""
    if wanted is None:
        return timeline.layer("reactions")
    for layer in timeline.layers:
        if layer.kind == "reactions" and layer.source == SCORINGS and str(layer.revision) == wanted:
            return layer
    raise refused(404, f"there is no scoring {wanted[:20]!r} of it", remedy="the timeline has their numbers")


def _about(layer: Layer) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in ("source", "revision", "parent", "time")}


def _scorer(name: Any, settings: Settings) -> ScorerName:
    """Return a scorer's name if there is one that can be asked; what it lacks is told before the job is."""
    if name not in SCORERS:
        raise refused(422, f"{name!r:.40} is no scorer", remedy=f"use one of {', '.join(SCORERS)}")
    try:
        scorer_of(name, settings)
    except SettingsError as error:
        raise refused(422, str(error)) from None
    return name  # type: ignore[no-any-return]
