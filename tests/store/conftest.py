"""A library that takes any bytes for sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from edm_core.settings import Settings
from edm_core.store import Library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(Settings(data_dir=tmp_path / "data"), check=lambda path: None)
