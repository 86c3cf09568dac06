import errno
import stat
import threading
from pathlib import Path

import pytest

from edm_core import _files
from edm_core._files import locked, made, write_atomic, writing
from edm_core.cache import Cache, key_of
from edm_core.errors import StorageError


def test_a_file_is_replaced_whole_and_private(tmp_path):
    file = tmp_path / "entry.json"
    file.write_bytes(b"old and longer")
    write_atomic(file, b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    write_atomic(file, b"new", mode=0o644)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644


def test_what_fails_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    file = tmp_path / "entry.json"
    file.write_bytes(b"old")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(_files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(file, b"new")
    assert file.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["entry.json"]


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"file/below: cannot be written .*EDM_DATA_DIR"):
        made(tmp_path / "file" / "below")


def test_a_full_disk_is_told_from_other_errors(tmp_path):
    with pytest.raises(StorageError, match="No space left"), writing(tmp_path):
        raise OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(FileNotFoundError), writing(tmp_path):
        (tmp_path / "missing").read_text()


def test_a_cache_on_a_full_disk_keeps_nothing_half_written(tmp_path):
    cache = Cache(tmp_path, 1000)
    with pytest.raises(StorageError), cache.create(key_of("x")) as draft:
        (draft / "data").write_text("half")
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_lock_is_held_by_one_at_a_time(tmp_path):
    inside, most = 0, 0
    lock = tmp_path / "below" / ".lock"

    def work():
        nonlocal inside, most
        for _ in range(50):
            with locked(lock):
                inside += 1
                most = max(most, inside)
                Path(tmp_path / "count").write_text(str(inside))
                inside -= 1

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
