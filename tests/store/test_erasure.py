"""Erasing a recording: all of it goes, nothing of others, and only this way."""

from __future__ import annotations

import io
import os
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from edm_core.annotation import Annotation
from edm_core.cache import Cache, key_of
from edm_core.errors import EdmError, StorageError
from edm_core.items import Reaction, Target
from edm_core.ratings import Rating
from edm_core.settings import Settings
from edm_core.store import Library, erasure
from edm_core.store.assignments import assign
from edm_core.store.database import database_of
from edm_core.store.tables import metadata
from edm_core.timeline import Layer, Recording, Section, Timeline


def timeline(id: str, label: str = "drop") -> Timeline:
    recording = Recording(id, duration=60.0, sample_rate=44_100, channels=2, title="Secret title")
    return Timeline(recording, (Layer("sections", "model:s@1", (Section(0.0, 60.0, label),)),))


@pytest.fixture
def library(settings: Settings, tmp_path: Path) -> Library:
    return Library(replace(settings, annotation_dir=tmp_path / "yaml"), check=lambda path: None)


def told(library: Library, name: str) -> str:
    """Enter a recording of which everything there can be is said; return its id."""
    entry = library.add_upload(f"{name}.wav", io.BytesIO(name.encode()))
    id = entry.id
    library.save_timeline(timeline(id))
    library.save_timeline(timeline(id, "outro"))
    shared, own = (
        (Section(0.0, 60.0, "drop"),),
        (Section(0.0, at := ord(name[0]) / 4, "intro"), Section(at, 60.0, "drop")),
    )
    said = {"duration": 60.0, "tool": "test", "note": f"secret of {name}"}
    library.annotations.save(id, "ada", Annotation(sections=shared), parent=None, **said)
    library.annotations.save(id, "ada", Annotation(sections=own, notes=f"notes of {name}"), parent=1, **said)
    library.annotations.keep_draft(id, "ada", 2, Annotation(notes=f"draft of {name}"))
    library.annotations.see(id, "ada")
    assign(library.annotations, [id], "ben", by="ada")
    heard = Reaction(0.0, 9.0, persona="genz", target=Target("section", 0), status="abstained", note=name)
    library.scorings.add(timeline(id).recording, [heard], scorer="offline@2", personas={"genz": "v1"})
    library.ratings.rate(Rating(recording=id, kind="section", start=0, end=60, rater="ben", score=2))
    library.tag([id], add=["private"])
    return id


def dump(library: Library) -> dict[str, list[dict[str, object]]]:
    with database_of(library.settings).reading() as connection:
        return {
            name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for name, table in metadata.tables.items()
        }


def naming(library: Library, id: str, name: str) -> dict[str, int]:
    """Return in which tables a recording is still named, and in how many rows."""
    marks = (id, f"of {name}", f"{name}.wav")
    found = {
        table: sum(any(mark in str(row.values()) for mark in marks) for row in rows)
        for table, rows in dump(library).items()
    }
    return {table: count for table, count in found.items() if count}


def test_all_of_a_recording_goes_and_all_of_others_stays(library: Library, tmp_path: Path) -> None:
    id, other = told(library, "one"), told(library, "two")
    before = naming(library, other, "two")
    cache = Cache.of(library.settings)
    with cache.create(key_of("beats", id)) as draft:
        (draft / "found.json").write_text("{}")
    files = {path.name for path in (tmp_path / "yaml").rglob("*.yaml")}
    assert len(files) == 2
    erased = library.erase(id, "Ada", "consent withdrawn")
    assert naming(library, id, "one") == {"audit": before["audit"] + 1, "erasures": 1}
    assert naming(library, other, "two") == before
    assert erased.counts == {
        "entries": 1, "blobs": 2, "revisions": 2, "scorings": 1, "ratings": 1, "drafts": 1, "assignments": 1,
        "contents": 2, "jobs": 0, "answers": 0,
    }  # fmt: skip
    assert (erased.who, erased.reason, erased.named_in) == ("ada", "consent withdrawn", ())
    assert library.get(id) is None and library.analysis(id) is None
    keys = [each.key for each in library.blobs.keys("")]
    assert len(keys) == 3 and not any(id.removeprefix("sha256:") in key for key in keys), (
        "two of them garbage"
    )
    assert not any(id.encode() in library.blobs.read(key) for key in keys)
    assert cache.get(key_of("beats", id)) is None
    assert {path.name for path in (tmp_path / "yaml").rglob("*.yaml")} == {
        name for name in files if other.removeprefix("sha256:")[:12] in name
    }
    assert not any(id in path.read_text() for path in (tmp_path / "yaml").rglob("*") if path.is_file())
    assert library.annotations.annotation(other, "ada").notes == "notes of two"
    assert [reaction.note for reaction in library.scorings.reactions(other, 1)] == ["two"]


def test_the_audit_keeps_who_did_what_and_when_and_why_it_was_erased(library: Library) -> None:
    id = told(library, "one")
    before = library.annotations.audit(id)
    library.erase(id, "dora", "asked for by mail")
    first, *rest = library.annotations.audit(id)
    assert (first.who, first.what, first.recording) == ("dora", "erase", id)
    assert first.detail.startswith("asked for by mail (") and "2 revisions" in first.detail
    assert [(row.who, row.what, row.time) for row in rest] == [
        (row.who, row.what, row.time) for row in before
    ]
    assert {row.detail for row in rest} == {""}


def test_what_was_erased_cannot_be_written_again_until_it_is_added_again(library: Library) -> None:
    id = told(library, "one")
    library.erase(id, "ada", "")
    said = Annotation(notes="late")
    rating = Rating(recording=id, kind="section", start=0, end=60, rater="ben", score=2)
    late = (
        lambda: library.annotations.save(id, "ada", said, parent=None, duration=60.0, tool="test"),
        lambda: library.annotations.keep_draft(id, "ada", None, said),
        lambda: library.scorings.add(timeline(id).recording, (), scorer="offline@2", personas={}),
        lambda: library.ratings.rate(rating),
        lambda: assign(library.annotations, [id], "ben", by="ada"),
    )
    for write in late:
        with pytest.raises(StorageError, match=r"erased.*add the recording again"):
            write()
    library.annotations.see(id, "ada")
    assert library.save_timeline(timeline(id)) is None
    assert set(naming(library, id, "one")) == {"audit", "erasures"}
    assert library.add_upload("one.wav", io.BytesIO(b"one")).id == id and library.timeline(id) is None
    for write in late:
        write()
    assert library.erase(id, "ada", "again").counts["revisions"] == 1


def test_only_an_erasure_may_delete(library: Library) -> None:
    id, other = told(library, "one"), told(library, "two")
    base = database_of(library.settings)
    opened = f"INSERT INTO erasures (recording, time, open) VALUES ('{id}', '', 1)"
    for change in (
        f"DELETE FROM revisions WHERE recording = '{other}'",
        f"DELETE FROM scorings WHERE recording = '{other}'",
        f"DELETE FROM ratings WHERE recording = '{other}'",
        f"DELETE FROM revision_contents WHERE revision = (SELECT max(id) FROM revisions WHERE recording = '{other}')",
        f"UPDATE revisions SET note = '' WHERE recording = '{id}'",
        f"UPDATE ratings SET score = 5 WHERE recording = '{id}'",
        f"UPDATE audit SET detail = '' WHERE recording = '{other}'",
        f"UPDATE audit SET who = '', detail = '' WHERE recording = '{id}'",
        f"UPDATE audit SET detail = 'x' WHERE recording = '{id}'",
        f"DELETE FROM audit WHERE recording = '{id}'",
        "UPDATE contents SET kind = 'x'",
    ):
        with pytest.raises(StorageError, match="only ever added"), base.writing() as connection:
            connection.exec_driver_sql(opened)
            connection.exec_driver_sql(change)
    before = dump(library)
    with pytest.raises(StorageError), base.writing() as connection:
        connection.exec_driver_sql(opened)
        connection.exec_driver_sql("DELETE FROM contents")  # others use some of them
    assert dump(library) == before


def test_one_that_was_cut_off_is_finished_later(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    id = told(library, "one")
    monkeypatch.setattr(
        type(library.blobs), "delete", lambda self, key: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        library.erase(id, "ada", "")
    assert library.get(id) is None and len(list(library.blobs.keys(""))) == 3
    monkeypatch.undo()
    other = Library(library.settings, check=lambda path: None)
    other.collect(dry_run=False)
    assert list(other.blobs.keys("")) == []
    assert all(row["blobs"] is None and row["open"] == 0 for row in dump(other)["erasures"])


def test_bytes_that_were_added_again_in_between_stay(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = told(library, "one")
    monkeypatch.setattr(erasure, "finish", lambda *_: None)
    library.erase(id, "ada", "")
    again = library.add_upload("one.wav", io.BytesIO(b"one"))
    monkeypatch.undo()
    library.collect(dry_run=False)
    assert library.source(again).read_bytes() == b"one"


def test_what_only_names_it_is_told_and_left(library: Library, tmp_path: Path) -> None:
    id = told(library, "one")
    reports = library.settings.data_dir / "laboratory"
    reports.mkdir()
    (reports / "report.json").write_text(f'{{"recording": "{id}"}}')
    foreign = tmp_path / "yaml" / "mine.yaml"
    foreign.write_text(f"recording: {id}\n")
    library.calibrations.add("offline@2", {"of": [id]})
    erased = library.erase(id, "ada", "")
    assert erased.named_in == ("calibration 1 of offline@2", "laboratory/report.json", os.fspath(foreign))
    assert foreign.exists() and (reports / "report.json").exists()


def test_a_file_in_its_folder_stays(library: Library, tmp_path: Path) -> None:
    (tmp_path / "own.wav").write_bytes(b"own")
    entry = library.add_file(tmp_path / "own.wav")
    assert library.erase(entry.id, "ada", "").counts["blobs"] == 0 and (tmp_path / "own.wav").exists()


def test_a_cache_that_was_at_work_is_emptied_once_more(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = told(library, "one")
    library.erase(id, "ada", "")
    base, cache = database_of(library.settings), Cache.of(library.settings)

    def kept() -> bool:
        with cache.create(key_of("late")) as draft:
            (draft / "x").write_text("x")
        erasure.forget_cached(base, library.settings)
        return cache.get(key_of("late")) is not None

    assert kept(), "it was emptied a moment ago"
    monkeypatch.setattr(erasure, "AGAIN", erasure.AGAIN * 0)
    assert not kept() and kept()


@pytest.mark.parametrize("id", ["", "sha256:" + "0" * 64, "../x", "0" * 12])
def test_what_nobody_knows_cannot_be_erased(library: Library, id: str) -> None:
    told(library, "one")
    with pytest.raises(StorageError, match="nothing is known"):
        library.erase(id, "ada", "")
    assert len(library.list()) == 1


def test_somebody_has_to_be_named(library: Library) -> None:
    id = told(library, "one")
    with pytest.raises(EdmError):
        library.erase(id, " ", "")
    assert library.get(id) is not None


def test_what_was_removed_before_can_still_be_erased(library: Library) -> None:
    id = told(library, "one")
    library.remove(id)
    assert library.annotations.history(id)
    assert library.erase(id, "ada", "").counts["revisions"] == 2
    assert library.annotations.history(id) == () and list(library.blobs.keys("")) == []
