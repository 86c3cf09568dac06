"""The API's description as a document, and as a page that asks nobody else for anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from .openapi import described
from .problems import refused
from .routing import router

routes = router("service", prefix="/api")
POLICY = (
    "default-src 'none'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; "  # it sizes its boxes in place
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""Of the page alone."""
_KEPT = {"Cache-Control": "public, max-age=86400"}
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>EDM workbench: the API</title>
<link rel="icon" href="{base}/docs/favicon.png">
<link rel="stylesheet" href="{base}/docs/swagger-ui.css">
<link rel="stylesheet" href="{base}/docs/page.css">
</head>
<body>
<div id="swagger-ui" data-description="{base}/openapi.json"></div>
<noscript>It needs JavaScript; what it shows is <a href="{base}/openapi.json">this</a>.</noscript>
<script src="{base}/docs/swagger-ui-bundle.js"></script>
<script src="{base}/docs/page.js"></script>
</body>
</html>
"""
_SCRIPT = """
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
follow();
dark.addEventListener("change", follow);
const place = document.getElementById("swagger-ui");
SwaggerUIBundle({
  url: place.dataset.description,
  domNode: place,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
"""
_STYLE = """
html { background: #fff; }
html.dark-mode { background: #1c2022; }
body { margin: 0; }
.swagger-ui .info { margin: 24px 0; }
.swagger-ui .info p { line-height: 1.8; }
.swagger-ui .info p code { padding: 1px 5px; }
"""
_OURS = {"page.js": ("text/javascript", _SCRIPT), "page.css": ("text/css", _STYLE)}
_THEIRS = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")


@routes.get("/openapi.json", include_in_schema=False)
def description(request: Request) -> Response:
    """Give the OpenAPI document."""
    return JSONResponse(described(request.app), headers={"Cache-Control": "no-cache"})


@routes.get("/docs", include_in_schema=False)
def page() -> Response:
    """Give the page that shows it and tries it out."""
    return HTMLResponse(_PAGE.format(base="/api"), headers={"Content-Security-Policy": POLICY})


@routes.get("/docs/{name}", include_in_schema=False)
def part(name: str) -> Response:
    """Give what the page is made of."""
    if name in _OURS:
        kind, text = _OURS[name]
        return Response(text, media_type=kind, headers=_KEPT)
    if name not in _THEIRS:
        raise refused(404, "there is nothing at this address")
    return FileResponse(_folder() / name, headers=_KEPT)


@cache
def _folder() -> Path:
    """Return where the package lies that brings the page; it is found, and not run."""
    from importlib.util import find_spec

    found = find_spec("fastapi_offline")
    assert found is not None and found.origin is not None
    return Path(found.origin).parent / "static"
