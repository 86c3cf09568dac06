"""Garbage: what nothing points at goes after a day, and nothing else does."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.store.blobs import FileBlobs, key_for
from edm_core.timeline import Layer, Recording, Section, Timeline


@pytest.fixture
def library(settings: Settings) -> Library:
    return Library(settings, check=lambda path: None)


def aged(library: Library, *but: str) -> None:
    """Make all blobs two days old but some."""
    assert isinstance(library.blobs, FileBlobs)
    for each in library.blobs.keys(""):
        if each.key not in but:
            os.utime(library.blobs.place(each.key), (each.modified - 200_000,) * 2)


def timeline(id: str, label: str) -> Timeline:
    layers = (Layer("sections", "model:s@1", (Section(0.0, 60.0, label),)),)
    return Timeline(Recording(id, duration=60.0, sample_rate=44_100, channels=2), layers)


def test_older_analyses_and_stray_bytes_go_after_a_day(library: Library) -> None:
    entry = library.add_upload("a.wav", io.BytesIO(b"a"))
    library.save_timeline(timeline(entry.id, "drop"))
    library.save_timeline(timeline(entry.id, "outro"))
    library.blobs.put(stray := key_for("sources", "ab" * 32), b"stray")
    assert library.collect(dry_run=False).blobs == (), "younger than a day"
    aged(library)
    told = library.collect()
    assert told.dry_run and len(told.blobs) == 2 and stray in {each.key for each in told.blobs}
    assert told.bytes == sum(each.size for each in told.blobs) > 5
    assert library.blobs.size(stray) == 5
    done = library.collect(dry_run=False)
    assert {each.key for each in done.blobs} == {each.key for each in told.blobs}
    assert len(list(library.blobs.keys(""))) == 2 and library.collect().blobs == ()
    assert library.timeline(entry.id) == timeline(entry.id, "outro")
    assert library.source(entry).read_bytes() == b"a"


def test_saving_the_same_again_renews_it(library: Library) -> None:
    entry = library.add_upload("a.wav", io.BytesIO(b"a"))
    library.save_timeline(timeline(entry.id, "drop"))
    library.save_timeline(timeline(entry.id, "outro"))
    aged(library)
    library.save_timeline(timeline(entry.id, "drop"))
    (gone,) = library.collect(dry_run=False).blobs
    assert library.analysis(entry.id) == timeline(entry.id, "drop") and library.blobs.size(gone.key) is None


def test_uploads_whose_sender_died_go(library: Library) -> None:
    library.add_upload("a.wav", io.BytesIO(b"a"))
    old, new = library.incoming / "old", library.incoming / "new"
    old.write_bytes(b"half")
    new.write_bytes(b"arriving")
    os.utime(old, (1, 1))
    assert library.collect().drafts == 1 and library.collect().draft_bytes == 4 and old.exists()
    assert library.collect(dry_run=False).drafts == 1 and not old.exists() and new.exists()


def test_removing_takes_the_blobs(library: Library, tmp_path: Path) -> None:
    entry = library.add_upload("a.wav", io.BytesIO(b"a"))
    library.save_timeline(timeline(entry.id, "drop"))
    assert library.remove(entry.id) and list(library.blobs.keys("")) == []
    again = library.add_upload("a.wav", io.BytesIO(b"a"))
    assert library.source(again).read_bytes() == b"a" and again.revision == 0


def test_lost_bytes_are_taken_again(library: Library, tmp_path: Path) -> None:
    entry = library.add_upload("a.wav", io.BytesIO(b"a"))
    library.source(entry).unlink()
    assert library.add_upload("other.wav", io.BytesIO(b"a")).name == "a.wav"
    assert library.source(entry).read_bytes() == b"a"
    library.source(entry).unlink()
    (tmp_path / "file.wav").write_bytes(b"a")
    assert library.source(library.add_file(tmp_path / "file.wav")) == tmp_path / "file.wav"
    (tmp_path / "file.wav").unlink()
    assert library.source(library.add_upload("a.wav", io.BytesIO(b"a"))).read_bytes() == b"a"


@pytest.mark.servers
def test_all_of_it_in_s3(s3, settings: Settings) -> None:
    from dataclasses import replace

    library = Library(replace(settings, blob_url=s3.new_bucket()), check=lambda path: None)
    entry = library.add_upload("a.wav", io.BytesIO(b"a" * 1000))
    library.save_timeline(timeline(entry.id, "drop"))
    assert library.source(entry).read_bytes() == b"a" * 1000
    assert library.analysis(entry.id) == timeline(entry.id, "drop")
    assert not list(library.incoming.iterdir()) and library.collect(dry_run=False).blobs == ()
    assert library.add_upload("a.wav", io.BytesIO(b"a" * 1000)) == library.get(entry.id)
    library.erase(entry.id, "ada", "")
    assert list(library.blobs.keys("")) == []
