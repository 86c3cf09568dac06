"""``edm library``: what it lists, tags, erases and collects, and how it says so."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from edm_core.cli.library import command
from edm_core.settings import Settings
from edm_core.store import Entry, Library
from edm_core.store.blobs import FileBlobs, key_for


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EDM_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def library() -> Library:
    return Library(Settings.from_environment(), check=lambda path: None)


@pytest.fixture
def entries(library: Library) -> list[Entry]:
    return [library.add_upload(f"{name}.wav", io.BytesIO(name.encode())) for name in ("night", "morning")]


def run(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(command, list(arguments), input=typed)


def listed(*arguments: str) -> list[str]:
    return [row["name"] for row in json.loads(run("list", *arguments, "--format", "json").stdout)]


def test_recordings_are_listed_searched_and_ordered(entries: list[Entry]) -> None:
    assert listed() == ["morning.wav", "night.wav"] and listed("--ascending") == ["night.wav", "morning.wav"]
    assert listed("--search", "NIGHT") == ["night.wav"] and listed("--status", "done") == []
    assert listed("--limit", "1", "--offset", "1") == ["night.wav"] and listed("--bpm", "100-") == []
    table = run("list").stdout
    assert "night.wav" in table and entries[0].digest[:12] in table
    rows = list(csv.DictReader(io.StringIO(run("list", "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == [entries[1].id, entries[0].id]
    assert (
        "1 of 2" in run("list", "--limit", "1").stderr
        and "nothing matches" in run("list", "--tag", "x").stderr
    )


@pytest.mark.parametrize("bounds", ["-", "fast", "120-fast", ""])
def test_a_range_that_is_none_is_refused(entries: list[Entry], bounds: str) -> None:
    done = run("list", "--bpm", bounds)
    assert done.exit_code == 2 and "no range" in done.stderr


def test_tags_are_given_and_taken(library: Library, entries: list[Entry]) -> None:
    done = run(
        "tag", entries[0].digest[:12], "morning", "--add", "Warm", "--add", "peak time", "--format", "json"
    )
    assert (
        done.exit_code == 0
        and [row["tags"] for row in json.loads(done.stdout)] == [["peak time", "warm"]] * 2
    )
    run("tag", "night.wav", "--remove", "warm")
    assert library.tags() == {"peak time": 2, "warm": 1} and listed("--tag", "warm") == ["morning.wav"]


def test_one_that_is_not_there_does_not_stop_the_others(library: Library, entries: list[Entry]) -> None:
    done = run("tag", "nobody", "night.wav", "--add", "warm")
    assert done.exit_code == 1 and "nobody" in done.stderr and library.tags() == {"warm": 1}


def test_erasing_asks_for_the_id(library: Library, entries: list[Entry]) -> None:
    id = entries[0].digest
    for typed in ("yes\n", "\n", f"{entries[1].digest[:12]}\n"):
        assert run("erase", id[:12], "--reason", "why", typed=typed).exit_code == 1
    assert len(library.list()) == 2
    done = run(
        "erase", id[:12], "--reason", "asked for", "--by", "Ada", "--format", "json", typed=f"{id[:12]}\n"
    )
    (row,) = json.loads(done.stdout)
    assert (row["recording"], row["by"], row["reason"], row["entries"]) == (
        f"sha256:{id}",
        "ada",
        "asked for",
        1,
    )
    assert [entry.name for entry in library.list()] == ["morning.wav"]
    assert [row.what for row in library.annotations.audit(f"sha256:{id}")] == ["erase"]


def test_erasing_can_be_told_not_to_ask(library: Library, entries: list[Entry]) -> None:
    assert run("erase", entries[0].id, "--reason", "asked for", "--yes").exit_code == 0
    assert run("erase", entries[1].id, "--yes").exit_code == 2, "without a reason"
    assert run("erase", "0" * 64, "--reason", "x", "--yes").exit_code == 1
    assert len(library.list()) == 1


def test_garbage_is_told_before_it_is_deleted(library: Library, entries: list[Entry]) -> None:
    blobs = library.blobs
    assert isinstance(blobs, FileBlobs)
    blobs.put(key := key_for("timelines", "ab" * 32), b"stray")
    os.utime(blobs.place(key), (1, 1))
    told = run("collect")
    assert (
        key[:20] in told.stdout and "1 blob, 0.0 MB: could be deleted" in told.stderr and blobs.size(key) == 5
    )
    done = run("collect", "--delete", "--format", "json")
    assert json.loads(done.stdout) == [{"key": key, "bytes": 5}] and blobs.size(key) is None
    assert len(library.list()) == 2


def test_an_empty_library_is_no_fault(data: Path) -> None:
    assert run("list").exit_code == 0 and run("list", "--format", "json").stdout.strip() == "[]"
    assert run("collect").exit_code == 0 and not data.exists()
