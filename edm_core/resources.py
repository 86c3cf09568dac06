"""Where the files that ship with the package lie: personas, label lists, pages and demo recordings.

They live in top-level folders of the repository (``data/``, ``pages/``, ``app.py``) and nowhere else; a
built wheel carries them inside the package as ``edm_core/_bundled``.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_BUNDLED = _PACKAGE / "_bundled"
ROOT = _BUNDLED if _BUNDLED.is_dir() else _PACKAGE.parent
"""The folder that holds ``data``, ``pages`` and ``app.py``."""

DATA = ROOT / "data"
PERSONAS = DATA / "personas"
LABELS = DATA / "labels"
DEMO = DATA / "demo"
APP = ROOT / "app.py"
