import io
import json
import os
import subprocess
import sys
import textwrap
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from edm_core.annotation import Annotation
from edm_core.errors import StorageError
from edm_core.settings import Settings
from edm_core.store import Annotations, Library
from edm_core.store.backup import back_up, default_place
from edm_core.store.database import database_of
from edm_core.store.dump import tables
from edm_core.store.restore import restore
from edm_core.store.snapshots import prune
from edm_core.timeline import Recording, Section, Timeline


def rows(settings):
    """Return all rows that a backup keeps, but for the audit of restoring."""
    with database_of(settings).reading() as connection:
        found = {
            table.name: [tuple(row) for row in connection.execute(sa.select(table))] for table in tables()
        }
    found["audit"] = [row for row in found["audit"] if row[3] != "restore"]
    return {name: sorted(kept, key=repr) for name, kept in found.items()}


def filled(settings):
    """Give a library of two recordings, one analysed and annotated, and a file of its owner's."""
    library = Library(settings, check=lambda path: None)
    first = library.add_upload("one.wav", io.BytesIO(b"one" * 1000))
    library.add_upload("two.wav", io.BytesIO(b"two" * 1000))
    library.save_timeline(Timeline(Recording(first.id, 60.0, 44100, 2, title="Öne ☃")))
    annotate(settings, first.id, 12.0)
    persona = settings.data_dir / "personas" / "mine.yaml"
    persona.parent.mkdir(parents=True, exist_ok=True)
    persona.write_text("id: mine\n")
    return library, first


def annotate(settings, id, boundary):
    store = Annotations(settings)
    head = store.head(id, "ada")
    heard = Annotation(sections=(Section(0.0, boundary, "intro"), Section(boundary, 60.0, "drop")))
    return store.save(id, "ada", heard, parent=head.number if head else None, duration=60.0, tool="test")


@pytest.fixture
def elsewhere(tmp_path, request):
    """Give a function for settings of another, empty machine with a database of a kind."""
    made = []

    def settings(kind="sqlite"):
        url = request.getfixturevalue("postgresql").new_database() if kind == "postgresql" else ""
        made.append(Settings(data_dir=tmp_path / f"other-{len(made)}", database_url=url))
        return made[-1]

    yield settings
    for one in made:
        database_of(one).close()


@pytest.mark.parametrize("name", ["backup", "backup.tar"])
def test_what_was_backed_up_is_back(settings, elsewhere, tmp_path, name):
    _, first = filled(settings)
    done = back_up(settings, tmp_path / name)
    assert (done.copied, done.present, done.gone) == (3, 0, ())
    other = elsewhere()
    restored = restore(other, tmp_path / name)
    assert restored.began == done.began
    assert (restored.rows, restored.blobs, restored.aside) == (done.rows, 3, None)
    assert rows(other) == rows(settings)
    again = Library(other)
    assert again.source(again.get(first.id)).read_bytes() == b"one" * 1000
    assert again.timeline(first.id).sections[0].end == 12.0
    assert (other.data_dir / "personas" / "mine.yaml").read_text() == "id: mine\n"
    assert {row.what for row in Annotations(other).audit()} >= {"restore"}


@pytest.mark.servers
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_backup_goes_into_the_other_database_and_counts_on(settings, elsewhere, tmp_path, kind):
    _, first = filled(settings)
    back_up(settings, tmp_path / "backup")
    other = elsewhere(kind)
    restore(other, tmp_path / "backup")
    assert rows(other) == rows(settings)
    annotate(other, first.id, 14.0)
    assert [each.number for each in Annotations(other).history(first.id, "ada")] == [2, 1]


def test_the_second_backup_copies_only_what_is_new(settings, elsewhere, tmp_path):
    library, _ = filled(settings)
    back_up(settings, tmp_path / "backup")
    library.add_upload("three.wav", io.BytesIO(b"three"))
    done = back_up(settings, tmp_path / "backup")
    assert (done.copied, done.bytes, done.present) == (1, 5, 3)
    other = elsewhere()
    restore(other, tmp_path / "backup")
    assert len(Library(other).list()) == 3


def test_without_audio_the_findings_are_kept(settings, elsewhere, tmp_path):
    _, first = filled(settings)
    assert back_up(settings, tmp_path / "backup", audio=False).copied == 1
    other = elsewhere()
    restore(other, tmp_path / "backup")
    assert Library(other).timeline(first.id) is not None
    assert Library(other).get(first.id).title == "Öne ☃"


def test_a_file_of_its_owner_is_not_copied_but_told(settings, tmp_path):
    place = tmp_path / "track.wav"
    place.write_bytes(b"mine")
    Library(settings, check=lambda path: None).add_file(place)
    done = back_up(settings, tmp_path / "backup")
    assert (done.copied, done.elsewhere) == (0, 1)


WRITER = """
    import sys
    from edm_core.annotation import Annotation
    from edm_core.settings import Settings
    from edm_core.store import Annotations
    from edm_core.timeline import Section
    store = Annotations(Settings.from_environment())
    for number in range(1, 100_000):
        heard = Annotation(sections=(Section(0.0, number / 1e4, "intro"), Section(number / 1e4, 60.0, "drop")))
        store.save("sha256:" + "ab" * 32, sys.argv[1], heard,
                   parent=number - 1 or None, duration=60.0, tool="test")
        print(number, flush=True)
"""


def test_while_others_write_everything_acknowledged_before_is_in_it(settings, elsewhere, tmp_path):
    environment = {**settings.inherited(), **settings.environment()}
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), author],
            stdout=subprocess.PIPE, env=environment, text=True,
        )
        for author in ("ada", "ben")
    ]  # fmt: skip
    try:
        acknowledged = []
        for writer in writers:
            for _ in range(5):
                last = int(writer.stdout.readline())
            acknowledged.append(last)
        done = [back_up(settings, tmp_path / "backup") for _ in range(3)]
        assert all(writer.poll() is None for writer in writers)
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    for each in done:
        other = elsewhere()
        restore(other, each.place)
        store = Annotations(other)
        for author, least in zip(("ada", "ben"), acknowledged, strict=True):
            found = store.history("sha256:" + "ab" * 32, author)
            assert found[0].number >= least
            assert [one.number for one in found] == list(range(found[0].number, 0, -1))
            heard = store.annotation("sha256:" + "ab" * 32, author)  # with all that it points to
            assert heard.sections[0].end == found[0].number / 1e4


def test_over_something_only_by_force_which_moves_it_aside(settings, elsewhere, tmp_path):
    filled(settings)
    back_up(settings, tmp_path / "backup")
    _, first = filled(other := elsewhere())
    annotate(other, first.id, 19.0)
    before = rows(other)
    with pytest.raises(StorageError, match="--force"):
        restore(other, tmp_path / "backup")
    assert rows(other) == before
    done = restore(other, tmp_path / "backup", force=True)
    assert rows(other) == rows(settings)
    aside = Settings(data_dir=tmp_path / "other-0" / done.aside.rpartition("/")[2])
    assert rows(aside) == before


@pytest.mark.servers
def test_by_force_into_postgresql_the_old_tables_become_a_schema(elsewhere, tmp_path):
    filled(one := elsewhere())
    back_up(one, tmp_path / "backup")
    filled(other := elsewhere("postgresql"))
    done = restore(other, tmp_path / "backup", force=True)
    assert rows(other) == rows(one)
    schema = done.aside.split()[1]
    with database_of(other).reading() as connection:
        assert connection.exec_driver_sql(f"SELECT count(*) FROM {schema}.entries").scalar_one() == 2


def test_what_was_erased_meanwhile_does_not_come_back(settings, tmp_path):
    library, first = filled(settings)
    back_up(settings, tmp_path / "backup")
    library.erase(first.id, "ada", "consent was taken back")
    done = restore(settings, tmp_path / "backup", force=True)
    assert done.erased == (first.id,)
    assert Library(settings).get(first.id) is None
    assert not Annotations(settings).history(first.id)
    assert len(Library(settings).list()) == 1


def damage(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    "what", ["tables/revisions.jsonl.gz", "manifest.json", "files/personas/mine.yaml", "blob"]
)
@pytest.mark.parametrize("how", ["changed", "missing"])
def test_a_damaged_backup_changes_nothing(elsewhere, tmp_path, what, how):
    filled(one := elsewhere())
    done = back_up(one, tmp_path / "backup")
    blob = next((tmp_path / "backup" / "blobs" / "sources").rglob("?" * 64))
    path = blob if what == "blob" else done.place / what
    damage(path) if how == "changed" else path.unlink()
    other = elsewhere()
    with pytest.raises(StorageError):
        restore(other, done.place)
    assert not list(other.data_dir.glob("*"))


def test_a_backup_of_a_newer_version_is_refused(elsewhere, tmp_path):
    from edm_core.store.backup import sealed

    filled(one := elsewhere())
    done = back_up(one, tmp_path / "backup")
    manifest = json.loads((done.place / "manifest.json").read_text())
    manifest["database"]["step"] = "9999"
    manifest["seal"] = sealed(manifest)
    (done.place / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StorageError, match="update edm-workbench"):
        restore(elsewhere(), done.place)


def test_a_backup_cut_off_is_none(elsewhere, tmp_path, monkeypatch):
    filled(one := elsewhere())

    def cut_off(name, at, of):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up(one, tmp_path / "backup", told=cut_off)
    assert not list((tmp_path / "backup" / "snapshots").iterdir())
    with pytest.raises(StorageError, match="no backup"):
        restore(elsewhere(), tmp_path / "backup")


def test_secrets_are_not_in_it(elsewhere, tmp_path):
    settings = replace(elsewhere(), llm_api_key="hush-hush", queue_url="redis://:sesame@localhost/0")
    filled(settings)
    done = back_up(settings, tmp_path / "backup")
    text = (done.place / "manifest.json").read_text()
    assert "hush-hush" not in text
    assert "sesame" not in text
    assert json.loads(text)["settings"]["max_upload_mb"] == "500"


def test_only_the_newest_snapshots_are_kept_and_what_they_point_to(elsewhere, tmp_path):
    settings, to = elsewhere(), tmp_path / "backup"
    library, first = filled(settings)
    back_up(settings, to)
    library.erase(first.id, "ada", "consent was taken back")
    newer = [back_up(settings, to).place for _ in range(2)]
    blobs = list((to / "blobs").rglob("?" * 64))
    assert len(blobs) == 3
    assert prune(to, 2).blobs == 0  # they are young: another backup may be about to point to them
    old = time.time() - 2 * 24 * 3600
    for blob in blobs:
        os.utime(blob, (old, old))
    done = prune(to, 2)
    assert (done.blobs, done.snapshots) == (2, ())
    assert sorted((to / "snapshots").iterdir()) == newer
    other = elsewhere()
    restore(other, to)
    assert [entry.name for entry in Library(other).list()] == ["two.wav"]


def test_nothing_is_deleted_while_a_snapshot_cannot_be_read(elsewhere, tmp_path):
    settings, to = elsewhere(), tmp_path / "backup"
    filled(settings)
    places = [back_up(settings, to).place for _ in range(2)]
    damage(places[1] / "manifest.json")
    with pytest.raises(StorageError):
        prune(to, 1)
    assert sorted((to / "snapshots").iterdir()) == places


def test_where_it_cannot_go_is_said(elsewhere, tmp_path):
    settings = elsewhere()
    for place in ("backup.tar.gz", "backup.zip"):
        with pytest.raises(StorageError, match=r"\.tar"):
            back_up(settings, tmp_path / place)
    assert default_place(settings).name == f"{settings.data_dir.name}-backup"


@pytest.mark.servers
def test_recordings_in_s3_are_copied_and_put_back(elsewhere, tmp_path, s3):
    one = replace(elsewhere(), blob_url=s3.new_bucket())
    filled(one)
    assert back_up(one, tmp_path / "backup").copied == 3
    other = replace(elsewhere(), blob_url=s3.new_bucket())
    assert restore(other, tmp_path / "backup").blobs == 3
    assert all(Library(other).source(entry).stat().st_size == 3000 for entry in Library(other).list())
