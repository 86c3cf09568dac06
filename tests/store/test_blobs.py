"""Blobs: the same cases on disk and in S3."""

from __future__ import annotations

import hashlib
import os
import urllib.request
from pathlib import Path

import pytest

from edm_core.cache import Cache
from edm_core.errors import SettingsError, StorageError
from edm_core.settings import Settings
from edm_core.store.blobs import BLOCK, Blobs, FileBlobs, MissingBlob, blobs_of, key_for


@pytest.fixture(params=["disk", pytest.param("s3", marks=pytest.mark.servers)])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    url = request.getfixturevalue("s3").new_bucket() if request.param == "s3" else ""
    return blobs_of(Settings(data_dir=tmp_path / "data", blob_url=url))


def key_of(data: bytes, kind: str = "sources") -> str:
    return key_for(kind, hashlib.sha256(data).hexdigest())


def test_bytes_come_back_whole_and_in_part(blobs: Blobs) -> None:
    data = os.urandom(3 * BLOCK + 17)
    key = key_of(data)
    assert blobs.size(key) is None
    blobs.put(key, data)
    assert blobs.read(key) == data and blobs.size(key) == len(data)
    assert b"".join(blobs.open(key)) == data
    for start, stop in ((0, 1), (5, 2 * BLOCK), (BLOCK, None), (len(data) - 1, len(data) + 50), (7, 7)):
        assert b"".join(blobs.open(key, start, stop)) == data[start:stop]
    assert list(blobs.open(key, len(data) + 5)) == []


def test_a_file_is_kept_and_can_be_opened_as_one(blobs: Blobs, tmp_path: Path) -> None:
    data = os.urandom(9_000_000)  # more than one part of an upload
    draft = tmp_path / "draft"
    draft.write_bytes(data)
    blobs.put(key_of(data), draft)
    place = blobs.local(key_of(data))
    assert place.read_bytes() == data and place == blobs.local(key_of(data))
    assert draft.exists() == blobs.is_remote


def test_what_is_not_there_is_told(blobs: Blobs) -> None:
    key = key_of(b"nothing")
    for ask in (blobs.open, blobs.read, blobs.local):
        with pytest.raises(MissingBlob, match=r"is not there.*backup"):
            ask(key)
    blobs.delete(key)


def test_deleting_takes_the_copy_on_this_machine_too(blobs: Blobs) -> None:
    key = key_of(b"sound")
    blobs.put(key, b"sound")
    place = blobs.local(key)
    blobs.delete(key)
    assert blobs.size(key) is None and not place.exists()


def test_keys_are_listed_by_their_beginning(blobs: Blobs) -> None:
    sources = {key_of(bytes([index])) for index in range(5)}
    for index in range(5):
        blobs.put(key_of(bytes([index])), bytes([index]))
    blobs.put(key_of(b"timeline", "timelines"), b"timeline")
    assert {each.key for each in blobs.keys("sources/")} == sources
    assert {(each.key, each.size) for each in blobs.keys("timelines/")} == {
        (key_of(b"timeline", "timelines"), 8)
    }
    assert len(list(blobs.keys())) == 6


@pytest.mark.parametrize(
    "key", ["", "../../etc/passwd", "sources/ab/../../x", "sources/ab/" + "g" * 64, "sources/ab/" + "a" * 63]
)
def test_nothing_but_a_key_becomes_a_path(blobs: Blobs, key: str) -> None:
    for act in (blobs.open, blobs.read, blobs.local, blobs.size, blobs.delete):
        with pytest.raises(StorageError, match="no key"):
            act(key)
    with pytest.raises(StorageError, match="no key"):
        blobs.put(key, b"x")


def test_putting_again_renews_the_date(blobs: Blobs, tmp_path: Path) -> None:
    key = key_of(b"sound")
    blobs.put(key, b"sound")
    if isinstance(blobs, FileBlobs):
        os.utime(blobs.place(key), (1, 1))
    first = next(blobs.keys()).modified
    draft = tmp_path / "draft"
    draft.write_bytes(b"sound")
    os.utime(draft, (1, 1))
    blobs.put(key, draft)
    assert next(blobs.keys()).modified >= first and next(blobs.keys()).modified > 1_000


@pytest.mark.servers
def test_an_address_may_be_read_without_credentials(s3, tmp_path: Path) -> None:
    blobs = blobs_of(Settings(data_dir=tmp_path, blob_url=s3.new_bucket()))
    blobs.put(key_of(b"sound"), b"sound")
    address = blobs.address(key_of(b"sound"), 60)
    assert address is not None and "edm-secret" not in address
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"sound"


@pytest.mark.servers
def test_copies_are_bounded_with_the_cache(s3, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, blob_url=s3.new_bucket(), cache_mb=1)
    blobs = blobs_of(settings)
    for index in range(5):
        data = bytes([index]) * 400_000
        blobs.put(key_of(data), data)
        assert blobs.local(key_of(data)).read_bytes() == data
    assert Cache.of(settings).size() <= 1_000_000


@pytest.mark.servers
def test_a_bucket_that_is_not_there_is_named(s3, tmp_path: Path) -> None:
    blobs = blobs_of(Settings(data_dir=tmp_path, blob_url="s3://no-such-bucket/x"))
    with pytest.raises(StorageError, match=r"s3://no-such-bucket/x.*AWS_"):
        blobs.put(key_of(b"sound"), b"sound")


def test_a_draft_of_a_writer_that_died_is_swept(tmp_path: Path) -> None:
    blobs = FileBlobs(tmp_path)
    blobs.put(key_of(b"sound"), b"sound")
    old, new = (blobs.place(key_of(b"sound")).with_name(f".draft-{name}") for name in ("old", "new"))
    for draft in (old, new):
        draft.write_bytes(b"half")
    os.utime(old, (1, 1))
    assert blobs.sweep(3600) == 1 and new.exists() and not old.exists()
    assert [each.key for each in blobs.keys("sources/")] == [key_of(b"sound")]


def test_a_file_of_another_disk_is_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs, draft = FileBlobs(tmp_path / "blobs"), tmp_path / "draft"
    draft.write_bytes(b"sound")
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if self == draft:
            raise OSError(18, "Invalid cross-device link")
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    blobs.put(key_of(b"sound"), draft)
    assert blobs.read(key_of(b"sound")) == b"sound" and not draft.exists()


@pytest.mark.parametrize(
    "url", ["s3://", "ftp://x/y", "s3://key:secret@bucket/x", "nonsense", "file://other/x", "s3://["]
)
def test_addresses_that_cannot_be_used_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="EDM_BLOB_URL") as refusal:
        blobs_of(Settings(data_dir=tmp_path, blob_url=url))
    assert "secret" not in str(refusal.value)
