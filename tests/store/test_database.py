"""Opening, migrating, and what must never be changed or lost."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from edm_core.annotation import Annotation
from edm_core.errors import SettingsError, StorageError
from edm_core.ratings import Rating
from edm_core.settings import Settings
from edm_core.store import database, engines
from edm_core.store.annotations import Annotations
from edm_core.store.calibrations import Calibrations
from edm_core.store.database import HEAD, database_of, has_annotations
from edm_core.store.ratings import Ratings
from edm_core.store.scorings import Scorings
from edm_core.store.tables import APPEND_ONLY, metadata
from edm_core.timeline import Recording

SONG = "sha256:" + "1" * 64


def save(settings: Settings, number: int, padding: int = 0) -> None:
    annotation = Annotation(notes=f"{number}" + os.urandom(padding).hex())
    Annotations(settings).save(SONG, "ada", annotation, parent=number - 1 or None, duration=60.0, tool="test")


def test_from_nothing_the_tables_are_what_the_code_thinks(settings: Settings) -> None:
    with database_of(settings).reading() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_head_is_the_last_of_the_steps() -> None:
    script = ScriptDirectory(str(Path(database.__file__).parent / "migrations"))
    assert script.get_heads() == [HEAD]


def test_migrating_twice_changes_nothing(settings: Settings) -> None:
    save(settings, 1)
    base = database_of(settings)
    base.close()
    assert len(Annotations(settings).history(SONG)) == 1
    with base.writing() as connection:  # as if it had not been looked at before
        engines.upgrade(connection)
    assert len(Annotations(settings).history(SONG)) == 1


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_what_was_added_stays(settings: Settings, table: str, change: str) -> None:
    Annotations(settings).save(SONG, "ada", Annotation(events=()), parent=None, duration=60.0, tool="test")
    Scorings(settings).add(Recording(SONG, 60.0, 44_100, 2), (), scorer="offline@2", personas={})
    Ratings(settings).rate(Rating(recording=SONG, kind="passage", start=0, end=9, rater="ada", score=4))
    Calibrations(settings).add("offline@2", {})
    column = metadata.tables[table].columns.keys()[0]
    with pytest.raises(StorageError, match="only ever added"), database_of(settings).writing() as connection:
        connection.exec_driver_sql(change.format(table, column, column))
    with database_of(settings).reading() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() > 0


def test_a_database_of_before_the_audience_gets_its_tables_and_keeps_what_it_has(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = database_of(settings)
    with monkeypatch.context() as before:
        before.setattr(database, "HEAD", "0001")
        before.setattr(database, "upgrade", lambda connection: engines.upgrade(connection, "0001"))
        with base.writing() as connection:
            assert not sa.inspect(connection).has_table("scorings")
            connection.execute(sa.insert(metadata.tables["recordings"]).values(id=SONG, duration=60.0))
            row = {
                "recording": SONG, "author": "ada", "number": 1, "time": "2026-01-01T00:00:00Z", "tool": "test",
                "flags": "[]", "note": "", "subject": "{}", "digest": "0" * 64, "summary": "",
            }  # fmt: skip
            connection.execute(sa.insert(metadata.tables["revisions"]).values(row))
    base.close()
    Scorings(settings).add(Recording(SONG, 60.0, 44_100, 2), (), scorer="offline@2", personas={})
    assert [one.number for one in Annotations(settings).history(SONG)] == [1]
    with base.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_two_revisions_cannot_have_one_number(settings: Settings) -> None:
    save(settings, 1)
    base = database_of(settings)
    with base.reading() as connection:
        row = dict(connection.execute(sa.select(metadata.tables["revisions"])).mappings().one())
    with pytest.raises(StorageError), base.writing() as connection:
        connection.execute(sa.insert(metadata.tables["revisions"]).values(row | {"id": 99}))


def test_what_fails_halfway_has_not_happened(settings: Settings) -> None:
    save(settings, 1)
    with pytest.raises(ZeroDivisionError), database_of(settings).writing() as connection:
        connection.exec_driver_sql("DELETE FROM presence")
        connection.exec_driver_sql("INSERT INTO presence VALUES ('a', 'b', 'c')")
        raise ZeroDivisionError
    with database_of(settings).reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM presence").scalar() == 0


def test_sqlite_flushes_and_writes_ahead_and_is_private(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    assert not has_annotations(settings)
    with database_of(settings).writing() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]
    assert has_annotations(settings)
    for name in ("edm.db", "edm.db-wal"):
        assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600


def test_a_database_of_a_newer_workbench_is_left_alone(settings: Settings) -> None:
    save(settings, 1)
    base = database_of(settings)
    with base.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    base.close()
    with pytest.raises(StorageError, match=r"newer version.*update"):
        Annotations(settings).history(SONG)


def test_a_file_that_is_no_database_is_named_and_left(tmp_path: Path) -> None:
    (tmp_path / "edm.db").write_bytes(b"not a database, but somebody's file" * 100)
    before = (tmp_path / "edm.db").read_bytes()
    with pytest.raises(StorageError, match=r"edm\.db.*backup"):
        Annotations(Settings(data_dir=tmp_path)).history(SONG)
    assert (tmp_path / "edm.db").read_bytes() == before


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "nonsense", "sqlite://", "sqlite:///:memory:", "sqlite:///file:x?uri=true"]
)
def test_addresses_that_cannot_be_used_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(SettingsError, match="EDM_DATABASE_URL"):
        Annotations(Settings(data_dir=tmp_path, database_url=url))


def test_an_address_may_name_a_file_elsewhere(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "a", database_url=f"sqlite:///{tmp_path}/b/own.db")
    save(settings, 1)
    assert (tmp_path / "b" / "own.db").is_file() and not (tmp_path / "a").exists()


def test_another_file_in_its_place_is_opened_anew(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    save(settings, 1)
    base = database_of(settings)
    base.close()  # so that its log is in the file
    shutil.copy(tmp_path / "edm.db", tmp_path / "backup")
    save(settings, 2)
    for file in tmp_path.glob("edm.db*"):
        file.unlink()
    (tmp_path / "backup").rename(tmp_path / "edm.db")
    store = Annotations(settings)
    assert [one.number for one in store.history(SONG)] == [1]
    (tmp_path / "edm.db").unlink()
    for file in tmp_path.glob("edm.db-*"):
        file.unlink()
    assert store.history(SONG) == ()
    save(settings, 1)
    assert len(store.history(SONG)) == 1


def test_many_databases_in_one_process_do_not_stay_open(tmp_path: Path) -> None:
    stores = [Annotations(Settings(data_dir=tmp_path / str(index))) for index in range(20)]
    for store in stores:
        store.see(SONG, "ada")
    assert len(database._open) <= 8
    assert all(len(store.present(SONG)) == 1 for store in stores)  # the ones that were closed too


def test_a_full_database_says_so_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    save(settings, 1)
    base = database_of(settings)
    assert base._engine is not None
    pages = {"limit": 60}

    @sa.event.listens_for(base._engine, "checkout")
    def _limit(raw, _record, _proxy) -> None:
        raw.execute(f"PRAGMA max_page_count={pages['limit']}")

    with pytest.raises(StorageError, match=r"full.*make room"):
        save(settings, 2, padding=1_000_000)
    assert [one.number for one in Annotations(settings).history(SONG)] == [1]
    assert Annotations(settings).annotation(SONG, "ada").notes == "1"
    pages["limit"] = 1_000_000
    save(settings, 2, padding=1_000_000)
    assert [one.number for one in Annotations(settings).history(SONG)] == [2, 1]


@pytest.fixture
def small_disk(tmp_path: Path):
    """Give a disk of 3 MB; only root may make one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("only root may mount a small disk; a database with a limit stands for it above")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=False)


@pytest.mark.skipif(sys.platform != "linux" or shutil.which("mount") is None, reason="mounts a small disk")
def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    settings = Settings(data_dir=small_disk)
    saved = 0
    with pytest.raises(StorageError, match=r"make room|cannot be written"):
        for number in range(1, 1000):
            save(settings, number, padding=30_000)
            saved = number
    store = Annotations(settings)
    assert saved > 3
    assert [one.number for one in store.history(SONG)] == list(range(saved, 0, -1))
    with database_of(settings).reading() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    save(settings, saved + 1, padding=30_000)
    assert len(store.history(SONG)) == saved + 1
    database_of(settings).close()
