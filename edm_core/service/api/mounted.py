"""The HTTP API: one application, mounted beside the pages by ``app.py`` and run alone by ``edm serve``.

Everything stands under ``/api/v1``; the paths that the earlier systems had answer too
(:mod:`.legacy`, :mod:`.legacy_annotator`). Only recordings of the library are served, by their whole id.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.routing import BaseRoute, Route

from ..bench import open_workbench
from ..web.documentation import routes as documentation_routes
from ..web.faults import tell_faults
from ..web.openapi import described
from ..web.routing import PREFIX
from .annotations import routes as annotation_routes
from .audience_routes import routes as audience_routes
from .job_routes import routes as job_routes
from .legacy import routes as broadcast_routes
from .legacy_annotator import routes as annotator_routes
from .persona_routes import routes as persona_routes
from .predict_routes import routes as predict_routes
from .rating_routes import routes as rating_routes
from .recording_routes import routes as recording_routes
from .sound_routes import routes as sound_routes
from .system_routes import routes as system_routes

if TYPE_CHECKING:
    from ...settings import Settings

__all__ = ["PREFIX", "api", "routes"]

_PARTS = (
    predict_routes, recording_routes, sound_routes, job_routes, annotation_routes, audience_routes,
    rating_routes, persona_routes, system_routes, broadcast_routes, annotator_routes, documentation_routes,
)  # fmt: skip


def api(settings: Settings | None = None) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    settings : Settings, optional
        Opens the workbench with them; by default the one that is open, or that of the environment.

    Examples
    --------
    >>> "/api/v1/recordings" in api().openapi()["paths"]
    True
    """
    if settings is not None:
        open_workbench(settings)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for part in _PARTS:
        app.router.routes.extend(part.routes)
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    tell_faults(app)
    return app


def routes() -> list[BaseRoute]:
    """Return the routes, to be mounted beside the pages: all below ``/api``, and paths of earlier systems."""
    app = api()
    paths = [route.path for route in broadcast_routes.routes if isinstance(route, Route)]
    return [Route("/api/{rest:path}", app), *(Route(path, app) for path in dict.fromkeys(paths))]
