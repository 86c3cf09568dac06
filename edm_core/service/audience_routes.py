"""The audience over HTTP: reactions, scoring again, and what they add up to.

Below ``/api/v1``. Everything about scores is a *simulated* audience; answers say so, and whether they are
calibrated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .._codec import encode
from ..errors import SettingsError
from ..joining import SCORINGS
from ..personas.scorers import SCORERS, ScorerName, scorer_of
from ..settings import Settings
from .audience import audience_of, report_of, timeline_of
from .bench import Busy, workbench
from .problems import problem
from .requests import PRIVATE, Asked, Refused, about_recording, as_file, checked_name, only
from .scoring_job import chosen_personas

if TYPE_CHECKING:
    from ..jobs import Job
    from ..personas import Audience
    from ..timeline import Layer, Timeline


def audience_routes(prefix: str) -> list[Route]:
    """Return the routes, below ``prefix``."""
    base = f"{prefix}/recordings/{{id}}"
    return [
        about_recording(f"{base}/reactions", GET=reactions, POST=score),
        about_recording(f"{base}/scoring", GET=scoring, DELETE=stop),
        about_recording(f"{base}/summary", GET=summary),
        about_recording(f"{base}/audience.csv", GET=table),
        about_recording(f"{base}/audience.html", GET=report),
    ]


# --- what personas said ------------------------------------------------------------------------------


def reactions(asked: Asked) -> Response:
    """Give the reactions that are shown, or those after scoring ``?scoring=N``, and every scoring."""
    library = workbench().library
    timeline = timeline_of(library, asked.entry)
    layer = _layer(asked, timeline)
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


def score(asked: Asked) -> Response:
    """Have personas score it again; ``{"personas": […], "scorer": "offline"}``, both may be left out."""
    bench, body = workbench(), asked.body
    only(body, ("personas", "scorer", "author", "note"))
    scorer, names = body.get("scorer", "offline"), body.get("personas")
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise Refused(problem(422, "personas is no list of ids", remedy='send "personas": ["genz"]'))
    note = body.get("note", "")
    if not isinstance(note, str):
        raise Refused(problem(422, "the note is no text"))
    who = checked_name(asked.author, "who asks", "add ?author=NAME") if asked.author else ""
    if asked.entry.revision == 0:
        raise Refused(problem(409, "it has not been analysed yet", remedy="wait until its status is done"))
    known = _scorer(scorer, bench.settings)
    try:
        chosen = chosen_personas(names, bench.settings)
        job = bench.score(asked.entry, list(chosen), known, who=who, note=note)
    except SettingsError as error:
        raise Refused(problem(422, str(error))) from None
    except Busy as error:
        raise Refused(problem(409, error.problem, remedy=error.remedy)) from None
    address = str(asked.request.url.path).removesuffix("reactions") + "scoring"
    return JSONResponse(_job(job), 202, headers={"Location": address})


def scoring(asked: Asked) -> Response:
    """Tell how the newest scoring that was asked for in this run stands."""
    job = workbench().scoring(asked.entry)
    if job is None:
        return problem(404, "nobody has asked for a scoring since the workbench was started")
    return JSONResponse(_job(job), headers=PRIVATE)


def stop(asked: Asked) -> Response:
    """Stop it; the scores stay as they were."""
    workbench().stop_scoring(asked.entry)
    return Response(status_code=204)


# --- what that adds up to ----------------------------------------------------------------------------


def summary(asked: Asked) -> Response:
    """Give the audience as values: means with intervals, moments, consensus, matrix, alerts."""
    return JSONResponse(_audience(asked).to_dict(), headers=PRIVATE)


def table(asked: Asked) -> Response:
    """Give the audience as a table, one row a reaction."""
    return as_file(asked, _audience(asked).to_csv(), "text/csv", "audience.csv")


def report(asked: Asked) -> Response:
    """Give the report: one page that needs nothing else; ``?download=1`` as a file."""
    html = report_of(workbench().library, asked.entry)
    attached = "download" in asked.request.query_params
    return as_file(asked, html, "text/html", "audience.html", attached=attached)


# --- private -----------------------------------------------------------------------------------------


def _audience(asked: Asked) -> Audience:
    library = workbench().library
    timeline = timeline_of(library, asked.entry)
    layer = _layer(asked, timeline)
    said = layer.items if layer is not None else ()
    return audience_of(library, asked.entry, timeline=timeline, reactions=said)


def _layer(asked: Asked, timeline: Timeline) -> Layer | None:
    """Return the reactions that are meant: the chosen ones, or those after a scoring."""
    wanted = asked.request.query_params.get("scoring")
    if wanted is None:
        return timeline.layer("reactions")
    for layer in timeline.layers:
        if layer.kind == "reactions" and layer.source == SCORINGS and str(layer.revision) == wanted:
            return layer
    raise Refused(problem(404, f"there is no scoring {wanted[:20]!r} of it"))


def _about(layer: Layer) -> dict[str, Any]:
    return {name: getattr(layer, name) for name in ("source", "revision", "parent", "time")}


def _scorer(name: Any, settings: Settings) -> ScorerName:
    """Return a scorer's name if there is one that can be asked; what it lacks is told before the job is."""
    if name not in SCORERS:
        raise Refused(problem(422, f"{name!r:.40} is no scorer", remedy=f"use one of {', '.join(SCORERS)}"))
    try:
        scorer_of(name, settings)
    except SettingsError as error:
        raise Refused(problem(422, str(error))) from None
    return name  # type: ignore[no-any-return]


def _job(job: Job) -> dict[str, Any]:
    """Return a job without what it was given: its settings hold keys to servers."""
    names = ("id", "kind", "state", "stage", "share", "remaining", "message")
    about = {name: job.payload.get(name) for name in ("personas", "scorer")}
    return {name: getattr(job, name) for name in names} | about
