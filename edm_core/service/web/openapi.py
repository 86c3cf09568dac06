"""The API's description: what FastAPI finds in the routes, and what all of them have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from ... import __version__
from ..api import annotation_models, audience_models, legacy_models, models
from ..api.annotation_models import Conflict
from ..api.legacy_models import Fault
from ..api.models import ProblemDetails
from .routing import problem_response

if TYPE_CHECKING:
    from fastapi import FastAPI

ABOUT = """
A recording goes in, a timeline comes out, and people and models both write layers onto it.

Times are seconds. Errors are `application/problem+json` and say what to do. A POST with an `Idempotency-Key`
is done once, however often it is sent. Every answer has an `X-Request-ID`. Where keys are asked for, send
`Authorization: Bearer edm_…`.
"""
TAGS = [
    {"name": "analysis", "description": "A file in, a timeline out"},
    {"name": "recordings", "description": "The library"},
    {"name": "annotations", "description": "What people say of a recording, in revisions"},
    {"name": "audience", "description": "What simulated listeners say: no person was asked"},
    {"name": "ratings", "description": "What people say of passages and sections"},
    {"name": "personas", "description": "The simulated listeners"},
    {"name": "jobs", "description": "Work that takes a while"},
    {"name": "service", "description": "Whether it works, and what is in it"},
    {"name": "earlier systems", "description": "Paths that the two earlier systems had, with their answers"},
]
_EVERYWHERE = (400, 401, 403, 421, 429, 500, 503)
_KEY = {
    "name": "Idempotency-Key", "in": "header", "required": False,
    "description": "The same key with the same request gives the same answer again",
    "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[ -~]+$"},
}  # fmt: skip


def described(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document of an application, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _described(app)
    return app.openapi_schema


# --- private -----------------------------------------------------------------------------------------


def _described(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="EDM workbench",
        version=__version__,
        description=ABOUT,
        tags=TAGS,
        routes=app.routes,
        separate_input_output_schemas=False,
    )
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    _, shared = models_json_schema(
        [(ProblemDetails, "validation"), (Conflict, "validation"), (Fault, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    for name, schema in shared["$defs"].items():
        schemas.setdefault(name, schema)
    _restore_examples(schemas)
    components["responses"] = {f"Problem{status}": problem_response(status) for status in _EVERYWHERE}
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "description": "An API key: `edm keys create`"},
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    }
    document["security"] = [{}, {"bearer": []}, {"key": []}]
    for operations in document["paths"].values():
        for method, operation in operations.items():
            _complete(method, operation)
    return document


def _said(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a parameter that may be left out: in an address there is no null."""
    options = [option for option in schema.get("anyOf", []) if option.get("type") != "null"]
    if len(options) != 1:
        return schema
    rest: dict[str, Any] = {name: value for name, value in schema.items() if name != "anyOf"}
    return rest | dict(options[0])


def _restore_examples(schemas: dict[str, Any]) -> None:
    """Put examples back as they are written: on the way here, what is null in them got lost."""
    for module in (models, annotation_models, audience_models, legacy_models):
        for name, model in vars(module).items():
            more = getattr(model, "model_config", {}).get("json_schema_extra")
            if name in schemas and isinstance(more, dict):
                schemas[name].update(more)
    for name, one in audience_models.persona_examples().items():
        schemas[name]["examples"] = [one]


def _complete(method: str, operation: dict[str, Any]) -> None:
    """Add what every operation may answer with, and what every POST may be sent with."""
    responses = operation["responses"]
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _said(parameter["schema"])
    for status in _EVERYWHERE:
        responses.setdefault(str(status), {"$ref": f"#/components/responses/Problem{status}"})
    if method == "post":
        operation.setdefault("parameters", []).append(_KEY)
        responses.setdefault("409", problem_response(409))
    operation["responses"] = dict(sorted(responses.items()))
