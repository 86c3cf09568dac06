"""The library of earlier versions becomes rows and blobs, whatever happens in between."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from pathlib import Path

import pytest

from edm_core.settings import Settings
from edm_core.store import Library, takeover
from edm_core.store.blobs import FileBlobs
from edm_core.timeline import Layer, Recording, Section, Tempo, Timeline


def timeline(id: str) -> Timeline:
    layers = (
        Layer("sections", "model:s@1", (Section(0.0, 60.0, "drop"),)),
        Layer("tempo", "model:b@1", (Tempo(0.0, 60.0, bpm=128.0),)),
    )
    return Timeline(Recording(id, duration=60.0, sample_rate=44_100, channels=2), layers)


def earlier(data: Path, name: str, *, path: str | None = None, analysed: bool = True) -> Path:
    """Write a recording as versions before did."""
    content = name.encode()
    digest = hashlib.sha256(content).hexdigest()
    place = data / "library" / digest[:2] / digest
    place.mkdir(parents=True)
    if path is None:
        (place / "source").write_bytes(content)
    entry = {
        "id": f"sha256:{digest}", "name": f"{name}.wav", "added": f"2026-01-01T00:00:{len(name):02}.000000Z",
        "status": "done" if analysed else "failed", "chips": ["128 BPM"], "problems": [],
        "parts": [{"start": 0.0, "end": 60.0, "label": "drop"}], "outline": [0, 64, 127], "revision": 3,
    }  # fmt: skip
    if path:
        entry["path"] = path
    if not analysed:
        entry["message"] = "damaged"
    (place / "entry.json").write_text(json.dumps(entry))
    if analysed:
        (place / "timeline.json").write_text(timeline(f"sha256:{digest}").to_json())
    return place


def id_of(place: Path) -> str:
    return f"sha256:{place.name}"


@pytest.mark.parametrize("first", ["list", "page", "get", "add"])
def test_all_of_it_is_taken_over_at_the_first_question(
    settings: Settings, tmp_path: Path, first: str
) -> None:
    (tmp_path / "own.wav").write_bytes(b"own")
    upload = earlier(settings.data_dir, "upload")
    inode = (upload / "source").stat().st_ino
    file = earlier(settings.data_dir, "own", path=str(tmp_path / "own.wav"), analysed=False)
    library = Library(settings, check=lambda path: None)
    if first == "add":
        assert library.add_file(tmp_path / "own.wav").name == "own.wav"
    else:
        getattr(library, first)(*[id_of(upload)] * (first == "get"))
    one, two = library.list()
    assert (one.id, two.id) == (id_of(upload), id_of(file))
    assert (one.name, one.status, one.chips, one.outline, one.revision) == (
        "upload.wav", "done", ("128 BPM",), (0, 64, 127), 3,
    )  # fmt: skip
    assert (two.status, two.message, two.path) == ("failed", "damaged", str(tmp_path / "own.wav"))
    assert library.timeline(one.id) == timeline(one.id) and library.timeline(two.id) is None
    assert library.source(one).read_bytes() == b"upload" and library.source(one).stat().st_ino == inode, (
        "renamed"
    )
    assert [entry.name for entry in library.page(bpm=(128, 128)).entries] == ["upload.wav"] and one.size == 6
    assert not upload.parent.exists() and not file.parent.exists()


@pytest.mark.parametrize("step", ["put", "writing", "unlink", "rmtree"])
def test_cut_off_anywhere_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    settings = Settings(data_dir=tmp_path)
    places = [earlier(tmp_path, name) for name in ("a", "bb", "ccc")]

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    home = {"put": FileBlobs, "unlink": Path, "rmtree": takeover.shutil}.get(
        step, takeover.__dict__.get("Database")
    )
    if step == "writing":
        from edm_core.store.database import Database as home  # noqa: N813
    monkeypatch.setattr(home, step, stop)
    with pytest.raises(KeyboardInterrupt):
        Library(settings).list()
    monkeypatch.undo()
    library = Library(settings)
    assert {entry.id for entry in library.list()} == {id_of(place) for place in places}
    for place, name in zip(places, ("a", "bb", "ccc"), strict=True):
        entry = library.get(id_of(place))
        assert library.source(entry).read_bytes() == name.encode() and library.timeline(entry.id)


def test_what_cannot_be_read_is_set_aside_with_its_files(tmp_path: Path) -> None:
    good, bad, without = (earlier(tmp_path, name) for name in ("good", "bad", "without"))
    (bad / "entry.json").write_text("{")
    (without / "entry.json").unlink()
    library = Library(Settings(data_dir=tmp_path))
    assert [entry.id for entry in library.list()] == [id_of(good)]
    for place, content in ((bad, b"bad"), (without, b"without")):
        assert (tmp_path / "library" / ".unread" / place.name / "source").read_bytes() == content
    assert [entry.id for entry in Library(Settings(data_dir=tmp_path)).list()] == [id_of(good)]


def test_a_damaged_analysis_is_to_be_made_again(tmp_path: Path) -> None:
    place = earlier(tmp_path, "upload")
    (place / "timeline.json").write_text("{")
    library = Library(Settings(data_dir=tmp_path))
    (entry,) = library.list()
    assert entry.status == "queued" and library.timeline(entry.id) is None
    assert library.source(entry).read_bytes() == b"upload"


def _count(data: Path) -> None:
    assert len(Library(Settings(data_dir=data)).list()) == 30


def test_several_processes_take_over_at_once(tmp_path: Path) -> None:
    for index in range(30):
        earlier(tmp_path, f"track {index}")
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=_count, args=(tmp_path,)) for _ in range(3)]
    for other in others:
        other.start()
    for other in others:
        other.join()
        assert other.exitcode == 0


def test_a_library_that_has_nothing_asks_nobody(tmp_path: Path) -> None:
    library = Library(Settings(data_dir=tmp_path / "data"))
    assert library.list() == () and library.page().total == 0 and library.get("0" * 64) is None
    assert library.find("0" * 12) is None and library.tags() == {} and not library.remove("0" * 64)
    assert library.is_new and not (tmp_path / "data").exists()
