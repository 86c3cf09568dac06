import hashlib
import os

import pytest

from edm_core.errors import ModelError
from edm_core.models import verify
from edm_core.models.verify import verified
from edm_core.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"weights")
    return path


SHA = hashlib.sha256(b"weights").hexdigest()


def test_right_checksum_passes_and_is_remembered(weights, settings, monkeypatch):
    assert verified(weights, SHA, settings) == weights

    def refuse(path):
        raise AssertionError("hashed again")

    monkeypatch.setattr(verify, "digest", refuse)
    assert verified(weights, SHA, settings) == weights


def test_wrong_checksum_names_file_and_remedy(weights, settings):
    with pytest.raises(ModelError) as error:
        verified(weights, "0" * 64, settings)
    assert str(weights) in str(error.value) and "install" in str(error.value)


def test_a_changed_file_is_hashed_again(weights, settings):
    verified(weights, SHA, settings)
    weights.write_bytes(b"WEIGHTS")
    os.utime(weights, ns=(1, 1))
    with pytest.raises(ModelError):
        verified(weights, SHA, settings)


def test_a_torn_stamp_is_not_believed(weights, settings):
    verified(weights, SHA, settings)
    (stamp,) = (settings.data_dir / "models" / ".verified").glob("*.json")
    stamp.write_text("{")
    assert verified(weights, SHA, settings) == weights


def test_an_unwritable_data_folder_only_costs_time(weights, tmp_path):
    blocker = tmp_path / "file"
    blocker.write_text("")
    assert verified(weights, SHA, Settings(data_dir=blocker / "data")) == weights


def test_missing_file_is_a_model_error(tmp_path, settings):
    with pytest.raises(ModelError):
        verified(tmp_path / "none", SHA, settings)
