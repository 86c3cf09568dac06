"""Personas over HTTP, below ``/api/v1``: who there is, what their files say, and what they said before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .._codec import encode
from ..errors import SettingsError
from .bench import workbench
from .problems import problem
from .requests import PRIVATE, about_nothing

if TYPE_CHECKING:
    from ..personas import Persona


def persona_routes(prefix: str) -> list[Route]:
    """Return the routes, below ``prefix``."""
    return [
        about_nothing(f"{prefix}/personas", personas),
        about_nothing(f"{prefix}/personas/{{persona}}", persona),
        about_nothing(f"{prefix}/personas/{{persona}}/versions/{{version}}", persona_version),
    ]


def personas(_: Request) -> Response:
    """List the personas, retired ones too, and what is wrong with files that were left out."""
    from ..personas import read_roster

    roster = read_roster(workbench().settings)
    body = {
        "personas": [_short(each) for each in roster.personas.values()],
        "problems": [error.problem for error in roster.problems],
    }
    return JSONResponse(body, headers=PRIVATE)


def persona(request: Request) -> Response:
    """Give all that a persona's file says, and its versions, the newest first."""
    from ..personas.folder import Folder

    folder = Folder.of(workbench().settings)
    found = folder.editions().get(request.path_params["persona"])
    if found is None:
        return problem(404, "there is no such persona", remedy="GET /api/v1/personas lists them")
    versions = [{"version": each.version, "time": each.time} for each in folder.versions(found.persona.id)]
    body = encode(found.persona) | {"origin": found.origin, "versions": versions}
    return JSONResponse(body, headers=PRIVATE)


def persona_version(request: Request) -> Response:
    """Give what a persona's file said in a version, as scores name it."""
    from ..personas.folder import Folder

    try:
        found = Folder.of(workbench().settings).version(
            request.path_params["persona"], request.path_params["version"]
        )
    except SettingsError as error:
        return problem(404, error.problem, remedy=error.remedy)
    return JSONResponse(encode(found), headers=PRIVATE)


# --- private -----------------------------------------------------------------------------------------


def _short(persona: Persona) -> dict[str, Any]:
    names = ("id", "name", "emoji", "description", "listens_to", "weight", "retired", "version")
    return {name: getattr(persona, name) for name in names}
