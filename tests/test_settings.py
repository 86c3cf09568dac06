from pathlib import Path

import pytest

from edm_core.errors import SettingsError
from edm_core.settings import Settings


def test_defaults_without_environment():
    settings = Settings.from_environment({})
    assert (settings.max_upload_mb, settings.max_duration_s, settings.max_channels) == (500, 43_200.0, 8)
    assert settings.max_bytes == 500_000_000


def test_empty_means_unset():
    assert Settings.from_environment({"EDM_MAX_UPLOAD_MB": " "}).max_upload_mb == 500


def test_values_are_read():
    settings = Settings.from_environment(
        {"EDM_DATA_DIR": "~/edm", "EDM_MAX_DURATION_S": "12.5", "EDM_WORKERS": "3", "EDM_AUDIO_DIR": "/music"}
    )
    assert settings.data_dir == Path("~/edm").expanduser()
    assert (settings.max_duration_s, settings.workers, settings.audio_dir) == (12.5, 3, Path("/music"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("EDM_MAX_UPLOAD_MB", "many"), ("EDM_WORKERS", "1.5"), ("EDM_MAX_CHANNELS", "0"), ("EDM_MAX_DURATION_S", "-1"),
     ("EDM_MAX_DURATION_S", "nan"), ("EDM_DATA_DIR", "~nobody-of-this-name/edm"), ("EDM_LLM_WORKERS", "0"),
     ("EDM_LLM_TIMEOUT_S", "-1"), ("EDM_LLM_INPUT_PRICE", "-0.1"), ("EDM_LLM_OUTPUT_PRICE", "nan"),
     ("EDM_LLM_RATING", "guess")],
)  # fmt: skip
def test_what_cannot_be_used_is_named(name, value):
    with pytest.raises(SettingsError, match=name):
        Settings.from_environment({name: value})


def test_without_a_home_the_data_folder_must_be_named(monkeypatch):
    def homeless(_path):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "expanduser", homeless)
    with pytest.raises(SettingsError, match="EDM_DATA_DIR"):
        Settings.from_environment({})


def test_nothing_else_reads_the_environment():
    package = Path(__file__).parents[1] / "edm_core"
    readers = [
        path.name
        for path in package.rglob("*.py")
        if "os.environ" in path.read_text() or "getenv" in path.read_text()
    ]
    assert set(readers) <= {"settings.py"}
