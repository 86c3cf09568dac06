"""The API as an application of its own: what each process of ``edm serve`` runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ...settings import Settings

OURS = (
    "predict", "health", "ready", "metrics", "model", "recordings", "tags", "personas", "jobs",
)  # fmt: skip
"""What paths under ``/api/v1`` begin with; alone, they answer without the prefix too."""


def application(settings: Settings) -> ASGIApp:
    """Return the API behind everything that guards it, with and without its prefix.

    Parameters
    ----------
    settings : Settings
        Opens the workbench with them.
    """
    from ..access.security import middleware
    from ..api.mounted import api

    app: ASGIApp = api(settings)
    for each in reversed(middleware()):
        app = each.cls(app, *each.args, **each.kwargs)
    return Unprefixed(app)


class Unprefixed:
    """Let ``/predict`` stand for ``/api/v1/predict``, and lead ``/`` to the API's page.

    It stands before all others, so that whoever guards, counts or limits knows one path for one thing.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on under its whole path."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if path == "/" and scope["method"] in ("GET", "HEAD"):
                await RedirectResponse("/api/docs", 307)(scope, receive, send)
                return
            if path.split("/", 2)[1] in OURS:
                raw = scope.get("raw_path") or path.encode()
                scope = {**scope, "path": f"/api/v1{path}", "raw_path": b"/api/v1" + raw}
        await self.app(scope, receive, send)
