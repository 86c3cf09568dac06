"""The built files: one of each, small, and closed."""

from __future__ import annotations

import gzip
import re

import pytest

from edm_core.errors import EdmError
from edm_core.waveform import assets

LARGEST_GZIPPED = 60_000


@pytest.mark.parametrize("name", ["player", "widget"])
def test_a_bundle_is_small_and_asks_nobody(name):
    text = assets.script(name)
    assert len(gzip.compress(text.encode())) <= LARGEST_GZIPPED
    addresses = set(re.findall(r"https?://[^\"'`\s)]+", text))
    assert addresses <= {"http://www.w3.org/2000/svg"}  # a name, not an address
    assert "innerHTML" not in text and "insertAdjacentHTML" not in text and "eval(" not in text


@pytest.mark.parametrize("builds", [0, 2])
def test_anything_but_one_build_is_said(tmp_path, monkeypatch, builds):
    for number in range(builds):
        (tmp_path / f"player-{number}.js").write_text("")
    monkeypatch.setattr(assets, "FOLDER", tmp_path)
    assets.script.cache_clear()
    try:
        with pytest.raises(EdmError, match="npm run build"):
            assets.script("player")
    finally:
        assets.script.cache_clear()
