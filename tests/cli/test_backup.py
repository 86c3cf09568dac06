import io

import pytest

from edm_core.settings import Settings
from edm_core.store import Library


@pytest.fixture
def one(tmp_path):
    """Give the settings of a library with a recording."""
    settings = Settings(data_dir=tmp_path / "one")
    Library(settings, check=lambda path: None).add_upload("tone.wav", io.BytesIO(b"tone"))
    return settings


def test_there_and_back(edm, one, tmp_path):
    done = edm("backup", tmp_path / "kept", EDM_DATA_DIR=str(one.data_dir))
    assert done.returncode == 0, done.stderr
    assert "1 files copied" in done.stderr
    assert done.stdout.strip().startswith(str(tmp_path / "kept" / "snapshots"))
    other = Settings(data_dir=tmp_path / "two")
    back = edm("restore", tmp_path / "kept", EDM_DATA_DIR=str(other.data_dir))
    assert back.returncode == 0, back.stderr
    assert " s ago: " in back.stdout
    assert [entry.name for entry in Library(other).list()] == ["tone.wav"]


def test_what_is_there_is_not_written_over_unasked(edm, one, tmp_path):
    edm("backup", tmp_path / "kept.tar", EDM_DATA_DIR=str(one.data_dir))
    refused = edm("restore", tmp_path / "kept.tar", EDM_DATA_DIR=str(one.data_dir))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    done = edm("restore", tmp_path / "kept.tar", "--force", EDM_DATA_DIR=str(one.data_dir))
    assert done.returncode == 0, done.stderr
    assert "before-restore-" in done.stderr


def test_what_is_no_backup_is_said(edm, tmp_path):
    (tmp_path / "x.tar").write_bytes(b"no archive")
    done = edm("restore", tmp_path / "x.tar", EDM_DATA_DIR=str(tmp_path / "two"))
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
