"""The built JavaScript, which ships with the package under names that hold a hash of their content."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from ..errors import EdmError

FOLDER = Path(__file__).resolve().parent / "static"


@cache
def script(name: Literal["player", "widget", "editor", "edit", "audience"]) -> str:
    """Return a bundle's text: ``player``, ``editor`` and ``audience`` for pages, the others for notebooks.

    Raises
    ------
    EdmError
        If there is not exactly one build of it.
    """
    found = sorted(FOLDER.glob(f"{name}-*.js"))
    if len(found) != 1:
        raise EdmError(
            f"{len(found)} builds of {name!r} instead of one",
            subject=str(FOLDER),
            remedy="install the package again, or run `npm ci && npm run build` in frontend/",
        )
    return found[0].read_text(encoding="utf-8")
