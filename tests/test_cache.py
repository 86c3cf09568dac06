import os
import threading
import time

import pytest

from edm_core.cache import STALE_SECONDS, Cache, key_of


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path / "cache", 1000)


def put(cache, key, size=10):
    with cache.create(key) as draft:
        (draft / "data").write_bytes(b"x" * size)
    return cache.get(key)


def test_keys_are_of_content_not_of_order():
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of("a", "b") != key_of("ab")
    assert key_of(1) != key_of("1")


def test_missing_is_none(cache):
    assert cache.get(key_of("x")) is None
    assert cache.get("x" * 5_000) is None  # the file system refuses to look
    assert cache.size() == 0
    assert cache.trim() == 0


def test_entry_is_there_whole_after_the_block(cache):
    key = key_of("x")
    with cache.create(key) as draft:
        (draft / "data").write_text("half")
        assert cache.get(key) is None
    assert (cache.get(key) / "data").read_text() == "half"


def test_an_error_leaves_nothing(cache):
    with pytest.raises(RuntimeError), cache.create(key_of("x")) as draft:
        (draft / "data").write_text("half")
        raise RuntimeError
    assert cache.get(key_of("x")) is None
    assert not [path for path in cache.folder.rglob("*") if path.is_file()]


def test_two_writers_of_one_key_agree(cache):
    key, barrier = key_of("x"), threading.Barrier(2)

    def write():
        with cache.create(key) as draft:
            (draft / "data").write_text("same")
            barrier.wait()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (cache.get(key) / "data").read_text() == "same"
    assert len(list(cache.folder.glob("*/*"))) == 1


def test_trimming_drops_what_was_unused_for_longest(cache):
    keys = [key_of(number) for number in range(3)]
    for age, key in zip((300, 200, 100), keys, strict=True):
        entry = put(cache, key, 400)
        os.utime(entry, (time.time() - age,) * 2)
    cache.get(keys[0])  # used again: now the newest
    assert cache.trim() == 400
    assert cache.get(keys[1]) is None
    assert cache.get(keys[0]) is not None
    assert cache.size() == 800


def test_trimming_sweeps_drafts_without_a_writer(cache):
    put(cache, key_of("x"))
    draft = cache.folder / "ab" / ".draft-lost"
    draft.mkdir(parents=True)
    fresh = cache.folder / "ab" / ".draft-fresh"
    fresh.mkdir()
    os.utime(draft, (time.time() - STALE_SECONDS - 1,) * 2)
    cache.trim()
    assert not draft.exists()
    assert fresh.exists()


def test_drop(cache):
    put(cache, key_of("x"))
    cache.drop(key_of("x"))
    assert cache.get(key_of("x")) is None
