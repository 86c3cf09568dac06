"""The room's public names exist, and naming the room costs nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

import edm_core.audio as audio


def test_every_public_name_is_there():
    for name in audio.__all__:
        assert getattr(audio, name) is not None
    assert set(audio.__all__) <= set(dir(audio))


def test_unknown_names_are_refused():
    with pytest.raises(AttributeError, match="nothing"):
        _ = audio.nothing


def test_importing_loads_no_codec():
    heavy = "numpy", "soundfile", "av", "scipy", "mutagen"
    code = f"import sys, edm_core.audio; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"
