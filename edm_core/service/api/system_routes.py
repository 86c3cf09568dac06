"""Whether the service works, and what is in it: what probes, monitors and experiments ask."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..bench import workbench
from ..observing import metrics
from ..observing.health import health as status
from ..observing.health import ready as health_checks
from ..web.routing import file_response, problems, router
from .models import Health, ModelInfo, Ready

routes = router("service")
FRESH = {"Cache-Control": "no-store"}


@routes.get(
    "/health",
    operation_id="read_health",
    summary="Whether the process answers",
    response_model=Health,
    responses=problems(),
)
async def health() -> Response:
    """Say that the process answers."""
    return JSONResponse(status(), headers=FRESH)


@routes.get(
    "/ready",
    operation_id="read_readiness",
    summary="Whether requests can be served",
    response_model=Ready,
    responses={503: {"model": Ready, "description": "Something that must work does not"}, **problems()},
)
def ready() -> Response:
    """Ask database, blobs, queue and disk, and say how each stands."""
    checks = health_checks(workbench())
    fine = all(check.ok for check in checks)
    names = ("name", "ok", "seen", "remedy")
    told = [{name: getattr(check, name) for name in names} for check in checks]
    headers = FRESH if fine else {**FRESH, "Retry-After": "5"}
    return JSONResponse({"ready": fine, "checks": told}, 200 if fine else 503, headers=headers)


@routes.get(
    "/metrics",
    operation_id="read_metrics",
    summary="Figures for Prometheus",
    response_class=Response,
    responses={
        200: file_response("text/plain", "application/openmetrics-text", description="Of all processes"),
        **problems(),
    },
)
def figures(request: Request) -> Response:
    """Give the figures of all processes of this machine, and of what lies in the database."""
    text, kind = metrics.text(workbench().settings, request.headers.get("accept", ""))
    return Response(text, headers={**FRESH, "Content-Type": kind})


@routes.get(
    "/model/info",
    operation_id="read_models",
    summary="Weights, versions and checksums",
    response_model=ModelInfo,
    responses=problems(),
)
def model_info() -> Response:
    """Tell what analyses: the stages' versions, and the weights with their checksums."""
    return JSONResponse(model_facts(), headers={"Cache-Control": "private, max-age=60"})


def model_facts() -> dict[str, Any]:
    """Return versions and weights as JSON-like values; where they lie is nobody's business."""
    from ... import __version__
    from ...analysis import versions
    from ...models import WEIGHTS, info

    files = {weights.name: weights.files for weights in WEIGHTS}
    names = ("name", "purpose", "status", "size", "licence", "source")
    found = [
        {name: getattr(model, name) for name in names}
        | {
            "problem": None if model.problem is None else "it is missing or damaged; `edm doctor` says how",
            "files": [{"file": file.name, "sha256": file.sha256} for file in files.get(model.name, ())],
        }
        for model in info(workbench().settings)
    ]
    return {"edm_core": __version__, "stages": versions(), "models": found}
