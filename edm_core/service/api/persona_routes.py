"""Personas over HTTP, below ``/api/v1``: who there is, what their files say, and what they said before."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from starlette.responses import JSONResponse, Response

from ..._codec import encode
from ...errors import SettingsError
from ...personas.persona import Persona
from ..bench import workbench
from ..web.problems import problem
from ..web.requests import PRIVATE
from ..web.routing import problems, router
from .audience_models import PersonaDocument, Personas

routes = router("personas")
_Id = Annotated[str, Path(description="Its id", examples=["genz"])]


@routes.get(
    "/personas",
    operation_id="list_personas",
    summary="The simulated listeners",
    response_model=Personas,
    responses=problems(),
)
def personas() -> Response:
    """List the personas, retired ones too, and what is wrong with files that were left out."""
    from ...personas import read_roster

    roster = read_roster(workbench().settings)
    body = {
        "personas": [_short(each) for each in roster.personas.values()],
        "problems": [error.problem for error in roster.problems],
    }
    return JSONResponse(body, headers=PRIVATE)


@routes.get(
    "/personas/{persona}",
    operation_id="read_persona",
    summary="All that a persona's file says",
    response_model=PersonaDocument,
    responses=problems(404),
)
def persona(persona: _Id) -> Response:
    """Give all that a persona's file says, and its versions, the newest first."""
    from ...personas.folder import Folder

    folder = Folder.of(workbench().settings)
    found = folder.editions().get(persona)
    if found is None:
        return problem(404, "there is no such persona", remedy="GET /api/v1/personas lists them")
    versions = [{"version": each.version, "time": each.time} for each in folder.versions(found.persona.id)]
    body = encode(found.persona) | {"origin": found.origin, "versions": versions}
    return JSONResponse(body, headers=PRIVATE)


@routes.get(
    "/personas/{persona}/versions/{version}",
    operation_id="read_persona_version",
    summary="What a persona's file said in a version",
    response_model=Persona,
    responses=problems(404),
)
def persona_version(
    persona: _Id, version: Annotated[str, Path(description="As scores name it", examples=["current"])]
) -> Response:
    """Give what a persona's file said in a version, as scores name it."""
    from ...personas.folder import Folder

    try:
        found = Folder.of(workbench().settings).version(persona, version)
    except SettingsError as error:
        return problem(404, error.problem, remedy=error.remedy)
    return JSONResponse(encode(found), headers=PRIVATE)


# --- private -----------------------------------------------------------------------------------------


def _short(persona: Persona) -> dict[str, Any]:
    names = ("id", "name", "emoji", "description", "listens_to", "weight", "retired", "version")
    return {name: getattr(persona, name) for name in names}
