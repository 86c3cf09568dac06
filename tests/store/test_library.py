"""The library: what is kept, under which name, and what happens to it with two writers and bad input."""

import hashlib
import io
import multiprocessing
from pathlib import Path

import pytest

from edm_core.annotation import Annotation
from edm_core.errors import AudioError, LimitError, StorageError
from edm_core.settings import Settings
from edm_core.store import Library
from edm_core.store.database import database_of
from edm_core.timeline import Layer, Problem, Recording, Section, Timeline


def upload(library: Library, data: bytes = b"sound", name: str = "track.mp3"):
    return library.add_upload(name, io.BytesIO(data))


def analysis(id: str, label: str = "drop") -> Timeline:
    recording = Recording(id, duration=60.0, sample_rate=44_100, channels=2, title="Title", artist="Artist")
    sections = Layer("sections", "model:sections@1", (Section(0.0, 60.0, label),))
    return Timeline(recording, (sections,), problems=(Problem("words", "no weights"),))


def leftovers(library: Library) -> list[Path]:
    return [
        path for path in library.folder.rglob("*") if ".draft" in path.name or ".incoming" in str(path.parent)
    ]


def test_an_upload_is_kept_under_the_digest_of_its_bytes(library: Library) -> None:
    entry = upload(library, b"sound", "../../../etc/cron.d/track.mp3")
    digest = hashlib.sha256(b"sound").hexdigest()
    assert entry.id == f"sha256:{digest}" and entry.name == "track.mp3" and entry.status == "queued"
    assert library.source(entry) == library.settings.data_dir / "blobs" / "sources" / digest[:2] / digest
    assert library.source(entry).read_bytes() == b"sound"
    assert not leftovers(library)


def test_the_same_bytes_are_one_entry(library: Library) -> None:
    first = upload(library, name="one.mp3")
    assert upload(library, name="two.mp3") == first
    assert len(library.list()) == 1


@pytest.mark.parametrize("data", [b"x" * 11, b"x" * 5_000_000])
def test_an_upload_beyond_the_limit_leaves_nothing(library: Library, data: bytes) -> None:
    with pytest.raises(LimitError, match=r"big\.wav: it is larger than"):
        library.add_upload("big.wav", io.BytesIO(data), limit=10)
    assert library.list() == () and not leftovers(library)


def test_an_empty_upload_is_refused(library: Library) -> None:
    with pytest.raises(AudioError, match="empty"):
        upload(library, b"")


def test_a_refused_upload_is_named_as_its_owner_does(tmp_path: Path) -> None:
    def refuse(path: Path) -> None:
        raise AudioError("no sound in it", subject=str(path), remedy="export it again")

    library = Library(Settings(data_dir=tmp_path), check=refuse)
    with pytest.raises(AudioError) as refusal:
        upload(library, name="text.mp3")
    assert str(refusal.value) == "text.mp3: no sound in it; export it again"
    assert library.list() == () and not leftovers(library)


def test_an_analysis_fills_the_card(library: Library) -> None:
    entry = upload(library)
    saved = library.save_timeline(analysis(entry.id), outline=[0, 64, 127])
    assert saved is not None and saved == library.get(entry.id)
    assert (saved.status, saved.title, saved.duration, saved.outline) == ("done", "Title", 60.0, (0, 64, 127))
    assert saved.problems == (Problem("words", "no weights"),) and saved.revision == 1
    assert library.timeline(entry.id) == analysis(entry.id)
    assert library.save_timeline(analysis(entry.id, "intro")).revision == 2


def test_what_people_say_stands_beside_the_analysis_and_on_the_card(library: Library) -> None:
    entry = upload(library)
    library.save_timeline(analysis(entry.id))
    heard = Annotation(sections=(Section(0.0, 20.0, "intro"), Section(20.0, 60.0, "drop")))
    library.annotations.save(entry.id, "ada", heard, parent=None, duration=60.0, tool="test")
    timeline = library.timeline(entry.id)
    assert timeline is not None and [section.label for section in timeline.sections] == ["intro", "drop"]
    assert timeline.layer("sections", "model:sections@1") == analysis(entry.id).layer("sections")
    (card,) = library.list()
    assert [part.label for part in card.parts] == ["intro", "drop"] and library.get(entry.id) == card
    assert library.analysis(entry.id) == analysis(entry.id)
    again = library.save_timeline(analysis(entry.id, "outro"))
    assert again is not None and [part.label for part in again.parts] == ["intro", "drop"], (
        "people's word stands"
    )


def test_annotations_that_cannot_be_read_leave_the_analysis(library: Library) -> None:
    entry = upload(library)
    library.save_timeline(analysis(entry.id))
    library.annotations.save(entry.id, "ada", Annotation(events=()), parent=None, duration=60.0, tool="test")
    with database_of(library.settings).writing() as connection:
        connection.exec_driver_sql("DROP TABLE revision_contents")
    timeline = library.timeline(entry.id)
    assert timeline is not None and timeline.sections == analysis(entry.id).sections
    assert [problem.stage for problem in timeline.problems] == ["words", "annotations"]


def test_a_database_that_cannot_be_read_is_named(library: Library) -> None:
    upload(library)
    database_of(library.settings).close()
    for file in library.settings.data_dir.glob("edm.db*"):
        file.unlink()
    (library.settings.data_dir / "edm.db").write_bytes(b"this is no database" * 100)
    for ask in (library.list, library.page):
        with pytest.raises(StorageError, match=r"edm\.db.*backup"):
            ask()


def test_a_status_carries_its_reason_until_the_next(library: Library) -> None:
    entry = upload(library)
    assert library.set_status(entry.id, "failed", "damaged").message == "damaged"
    assert library.set_status(entry.id, "queued").message is None


def test_what_was_removed_stays_removed(library: Library) -> None:
    entry = upload(library)
    assert library.remove(entry.id)
    assert library.get(entry.id) is None and library.list() == () and not library.remove(entry.id)
    # A worker that finishes later must not bring it back.
    assert library.save_timeline(analysis(entry.id)) is None
    assert library.set_status(entry.id, "done") is None
    assert library.list() == () and not leftovers(library)


@pytest.mark.parametrize(
    "id", ["", "..", "../" * 8 + "etc/passwd", "sha256:", "0" * 63, "0" * 65, "g" * 64, "%2e%2e", "*"]
)
def test_only_whole_ids_reach_the_disk(library: Library, id: str) -> None:
    upload(library)
    assert library.get(id) is None and library.find(id) is None
    assert library.timeline(id) is None and library.analysis(id) is None and not library.remove(id)


def test_an_address_may_hold_the_first_digits(library: Library) -> None:
    entry = upload(library)
    assert library.find(entry.digest[:12]) == entry == library.get(entry.digest) == library.get(entry.id)
    assert library.find(entry.digest[:5]) is None


def test_search_and_order(library: Library) -> None:
    first, second = upload(library, b"1", "first.mp3"), upload(library, b"2", "second.mp3")
    assert library.list() == (second, first)
    assert library.list("FIRST") == (first,)


def test_another_process_is_seen(library: Library) -> None:
    entry = upload(library)
    assert library.get(entry.id).status == "queued"
    Library(library.settings).set_status(entry.id, "running")
    assert library.get(entry.id).status == "running"


def test_a_moved_file_is_found_again_by_its_content(tmp_path: Path, library: Library) -> None:
    old, new = tmp_path / "old.wav", tmp_path / "new.wav"
    old.write_bytes(b"sound")
    entry = library.add_file(old)
    assert library.source(entry) == old
    old.rename(new)
    with pytest.raises(AudioError, match="not there any more"):
        library.source(entry)
    assert library.source(library.add_file(new)) == new
    assert library.remove(entry.id) and new.is_file()


def test_a_folder_is_reported_file_by_file(tmp_path: Path) -> None:
    def check(path: Path) -> None:
        if path.read_bytes() == b"text":
            raise AudioError("no sound in it", subject=str(path), remedy="export it again")

    library = Library(Settings(data_dir=tmp_path / "data"), check=check)
    music = tmp_path / "music"
    (music / "deep").mkdir(parents=True)
    for name, data in {
        "a.wav": b"a",
        "copy.wav": b"a",
        "b.mp3": b"text",
        "notes.txt": b"n",
        ".c.wav": b"c",
    }.items():
        (music / name).write_bytes(data)
    (music / "deep" / "d.flac").write_bytes(b"d")
    flat = library.add_folder(music, recursive=False)
    assert [entry.name for entry in flat.added] == ["a.wav"] and not flat.known
    assert [(Path(item.path).name, item.reason) for item in flat.refused] == [
        ("b.mp3", "no sound in it; export it again")
    ]
    deep = library.add_folder(music)
    assert [entry.name for entry in deep.added] == ["d.flac"] and [entry.name for entry in deep.known] == [
        "a.wav"
    ]


def test_a_folder_without_audio_teaches(tmp_path: Path, library: Library) -> None:
    with pytest.raises(AudioError, match="no sound files"):
        library.add_folder(tmp_path)
    with pytest.raises(AudioError, match="not a folder"):
        library.add_folder(tmp_path / "missing")


def _write(data_dir: Path, id: str, count: int) -> None:
    library = Library(Settings(data_dir=data_dir))
    for index in range(count):
        library.set_status(id, "failed", f"{index} " * 200)
        library.save_timeline(analysis(id))


def test_two_processes_write_and_a_third_never_reads_half(tmp_path: Path) -> None:
    library = Library(Settings(data_dir=tmp_path), check=lambda path: None)
    entry = upload(library)
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path, entry.id, 25)) for _ in range(2)]
    for writer in writers:
        writer.start()
    reads = 0
    while any(writer.is_alive() for writer in writers):
        assert library.get(entry.id).name == "track.mp3"
        assert library.analysis(entry.id) in (None, analysis(entry.id))
        reads += 1
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert reads and library.get(entry.id).status in ("done", "failed")
    assert library.get(entry.id).duration == 60.0 and library.get(entry.id).revision == 50
    assert not leftovers(library)
