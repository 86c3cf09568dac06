"""Files are named by their content, and files that cannot be read are refused before anything is read."""

from __future__ import annotations

import hashlib
import os

import pytest

from edm_core.audio.identity import content_id, display_path, opened
from edm_core.errors import AudioError, LimitError
from edm_core.settings import Settings


def refused(path, settings=None) -> AudioError:
    with pytest.raises(AudioError) as caught, opened(path, settings):
        pass
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    return caught.value


def test_id_is_the_digest_of_the_bytes(tmp_path):
    data = os.urandom(3_000_000)
    (tmp_path / "a").write_bytes(data)
    assert content_id(tmp_path / "a") == f"sha256:{hashlib.sha256(data).hexdigest()}"


def test_missing_folder_and_empty(tmp_path):
    (tmp_path / "empty.wav").touch()
    assert "no such file" in refused(tmp_path / "none.wav").problem
    assert "no such file" in refused(tmp_path / "empty.wav" / "below").problem
    assert "folder" in refused(tmp_path).problem
    assert "empty" in refused(tmp_path / "empty.wav").problem
    assert "cannot be opened" in refused("a\0b").problem


def test_a_named_pipe_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "a.wav")
    assert "plain file" in refused(tmp_path / "a.wav").problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission(tmp_path):
    (tmp_path / "a.wav").write_bytes(b"x")
    (tmp_path / "a.wav").chmod(0)
    assert "may not be read" in refused(tmp_path / "a.wav").problem


def test_size_limit(tmp_path):
    (tmp_path / "a.wav").write_bytes(bytes(1_000_001))
    error = refused(tmp_path / "a.wav", Settings(max_upload_mb=1))
    assert isinstance(error, LimitError)
    assert "EDM_MAX_UPLOAD_MB" in error.remedy


@pytest.mark.parametrize("change", ["unlink", "append", "truncate", "replace"])
def test_a_file_that_changes_meanwhile(change, tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(b"abcd")
    with opened(path) as source:
        source.check()
        if change == "unlink":
            path.unlink()
        elif change == "append":
            path.write_bytes(b"abcde")
        elif change == "truncate":
            os.truncate(path, 2)
        else:
            (tmp_path / "b").write_bytes(b"abcd")
            (tmp_path / "b").replace(path)
        with pytest.raises(AudioError, match="vanished" if change == "unlink" else "changed"):
            source.check()


def test_names_in_any_encoding_can_be_shown(tmp_path):
    name = os.fsdecode(b"we\xffird.wav")
    display_path(tmp_path / name).encode()
    str(refused(tmp_path / name)).isprintable()
