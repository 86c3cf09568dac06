"""The folder of YAML files: what is saved shows there, and what is changed there comes in."""

from __future__ import annotations

import errno
import logging
import re
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from edm_core import exchange
from edm_core.annotation import Annotation, Subject
from edm_core.errors import StorageError
from edm_core.grid import GridSegment
from edm_core.items import Event, Section, Word
from edm_core.settings import Settings
from edm_core.store import mirror
from edm_core.store.annotations import Annotations

SONG = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64
PARTS = Annotation(
    recording=Subject(title="Night/drive"),
    sections=(Section(0.0, 20.0, "intro"), Section(20.0, 40.0, "drop"), Section(40.0, 60.0, "outro")),
    grid=(GridSegment(0.02, 128.0),),
    events=(Event(20.0, "drop"),),
    words=(Word(1.0, 1.5, text="so", probability=0.5),),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "yaml"


@pytest.fixture
def store(tmp_path: Path, folder: Path) -> Annotations:
    return Annotations(Settings(data_dir=tmp_path / "data", annotation_dir=folder))


def save(store: Annotations, annotation: Annotation, author: str = "ada") -> int:
    head = store.head(SONG, author)
    parent = head.number if head else None
    return store.save(SONG, author, annotation, parent=parent, duration=60.0, tool="test").number


def only(folder: Path) -> Path:
    (file,) = [file for file in folder.rglob("*.yaml") if ".conflict" not in file.name]
    return file


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def outcome(store: Annotations, **more: Any) -> list[tuple[str, int | None]]:
    return [(each.what, each.revision) for each in store.sync(**more)]


def labels(store: Annotations, number: int | None = None) -> list[str]:
    return [part.label for part in store.annotation(SONG, "ada", number).sections or ()]


# --- out ---------------------------------------------------------------------------------------------


def test_every_revision_is_shown_in_one_file_a_line(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    assert only(folder).name == "Night_drive.111111111111.ada.yaml"
    document = yaml.safe_load(only(folder).read_bytes())
    assert [part["label"] for part in document["structure"]] == ["intro", "drop", "outro"]
    assert document["edm"]["rest"]["edm"] == {"recording": SONG, "author": "ada", "revision": 1}
    save(store, replace(PARTS, notes="later"))
    assert yaml.safe_load(only(folder).read_bytes())["metadata"]["notes"] == "later"
    store.restore(SONG, "ada", 1, by="bob")
    assert yaml.safe_load(only(folder).read_bytes())["edm"]["rest"]["edm"]["revision"] == 3
    save(store, PARTS, author="Bob J. O'Hara")
    assert sorted(file.name for file in folder.glob("*.yaml")) == [
        "Night_drive.111111111111.ada.yaml", "Night_drive.111111111111.bob j%2E o%27hara.yaml",
    ]  # fmt: skip
    assert {each.what for each in store.sync()} == {"same"}


def test_a_folder_that_is_set_later_is_filled(tmp_path: Path, folder: Path) -> None:
    save(Annotations(Settings(data_dir=tmp_path / "data")), PARTS)
    store = Annotations(Settings(data_dir=tmp_path / "data", annotation_dir=folder))
    assert outcome(store) == [("written", 1)]
    assert outcome(store) == [("same", None)]
    only(folder).unlink()
    assert outcome(store) == [("written", 1)]


def test_a_file_may_be_moved_and_renamed_within_the_folder(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    (folder / "reference").mkdir()
    only(folder).rename(folder / "reference" / "my name.111111111111.ada.yaml")
    save(store, replace(PARTS, notes="x"))
    assert only(folder).parent.name == "reference"
    assert yaml.safe_load(only(folder).read_bytes())["metadata"]["notes"] == "x"


def test_what_a_dead_writer_left_is_swept_up_and_nothing_else(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    (folder / ".draft-ab12_xyz").write_bytes(b"")
    (folder / ".draft-of-mine").write_bytes(b"x")
    store.sync()
    assert sorted(file.name for file in folder.glob(".draft*")) == [".draft-of-mine"]


def test_without_a_folder_there_is_nothing_to_sync(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="EDM_ANNOTATION_DIR"):
        Annotations(Settings(data_dir=tmp_path)).sync()


def test_a_file_that_cannot_be_written_takes_nothing_from_the_save(
    store: Annotations, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    save(store, PARTS)
    before = only(folder).read_bytes()

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, caplog.at_level(logging.WARNING):
        patch.setattr(mirror, "write_atomic", full)
        assert save(store, replace(PARTS, notes="x")) == 2
    assert "revision 2 is saved" in caplog.text
    assert only(folder).read_bytes() == before and store.head(SONG, "ada").number == 2  # type: ignore[union-attr]
    assert outcome(store) == [("written", 2)]


def test_threads_that_save_leave_the_newest_in_the_file(store: Annotations, folder: Path) -> None:
    authors = [f"rater {index}" for index in range(4)]

    def work(author: str) -> None:
        for number in range(3):
            save(store, replace(PARTS, notes=str(number)), author)

    threads = [threading.Thread(target=work, args=(author,)) for author in authors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(folder.glob("*.yaml"))) == 4
    assert {each.what for each in store.sync()} == {"same"}
    for file in folder.glob("*.yaml"):
        assert yaml.safe_load(file.read_bytes())["metadata"]["notes"] == "2"


@examples(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["inside", "outside", "stale", "sync"]), st.integers(0, 2)), max_size=12
    )
)
def test_whoever_writes_when_no_word_is_lost(tmp_path_factory: pytest.TempPathFactory, steps: Any) -> None:
    """Words that stood in the file when somebody synced or saved are in the history, or in a file kept aside."""
    place = tmp_path_factory.mktemp("words")
    folder = place / "yaml"
    store = Annotations(Settings(data_dir=place / "data", annotation_dir=folder))
    save(store, PARTS)
    versions = [only(folder).read_text()]
    words: set[str] = set()

    def edited(text: str, part: int, word: str) -> str:
        lines = text.splitlines()
        places = [index for index, line in enumerate(lines) if line.startswith("- {bar:")]
        index = places[min(part, len(places) - 1)]
        lines[index] = re.sub(r"label: [^,}]+", f"label: {word}", lines[index])
        return "\n".join(lines) + "\n"

    for number, (step, part) in enumerate(steps):
        file = only(folder)
        if step in ("inside", "sync"):
            words |= set(re.findall(r"word\d+", file.read_text().partition("\nedm:")[0]))
        if step == "sync":
            store.sync()
        elif step == "inside":
            said = store.annotation(SONG, "ada")
            parts = list(said.sections or ())
            parts[part % len(parts)] = replace(
                parts[part % len(parts)], label="other", original=f"word{number}"
            )
            save(store, replace(said, sections=tuple(parts)))
            words.add(f"word{number}")
        else:
            before = versions[part % len(versions)] if step == "stale" else file.read_text()
            file.write_text(edited(before, part, f"word{number}"))
        versions.append(only(folder).read_text())
    words |= set(re.findall(r"word\d+", only(folder).read_text().partition("\nedm:")[0]))
    assert "refused" not in {each.what for each in store.sync()}
    kept = {
        str(section.original)
        for revision in store.history(SONG)
        for section in store.annotation(SONG, "ada", revision.number).sections or ()
    }
    aside = "".join(file.read_text() for file in folder.glob("*.conflict*.yaml"))
    assert words <= kept | set(re.findall(r"word\d+", aside))
    assert {each.what for each in store.sync()} == {"same"}


@pytest.mark.parametrize("title", ["???", "..", "\u2603" * 200, "a/b\\c", "CON", "x" * 500, "\u97f3" * 60])
@pytest.mark.parametrize("author", ["ada", "\u97f3" * 64, "%2e", "a b@c+d", "x.conflict"])
def test_every_name_makes_a_file_that_is_found_again(
    store: Annotations, folder: Path, title: str, author: str
) -> None:
    save(store, replace(PARTS, recording=Subject(title=title)), author)
    save(store, replace(PARTS, recording=Subject(title="other"), notes="x"), author)
    file = only(folder)
    assert file.parent == folder and not file.name.startswith(".")
    change(file, "label: drop", "label: breakdown")
    (told,) = store.sync()
    assert (told.what, told.revision) == ("saved", 3)


# --- in ----------------------------------------------------------------------------------------------


def test_what_is_changed_in_the_file_comes_in_as_a_revision(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    change(only(folder), "label: drop, time: 20.0", "label: breakdown, time: 21.5")
    assert outcome(store) == [("saved", 2)]
    head = store.head(SONG, "ada")
    assert head is not None and (head.parent, head.tool) == (1, "sync")
    assert head.summary == "boundary moved from 20.00 to 21.50, drop became breakdown"
    said = store.annotation(SONG, "ada")
    assert (said.words, said.events, said.grid) == (PARTS.words, PARTS.events, PARTS.grid)
    assert "edm" not in said.rest
    assert outcome(store) == [("same", None)]


def test_a_change_outside_and_a_save_inside_are_merged(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    outside = only(folder).read_text().replace("label: outro", "label: breakdown")
    assert PARTS.sections is not None
    save(store, replace(PARTS, sections=(replace(PARTS.sections[0], label="buildup"), *PARTS.sections[1:])))
    only(folder).write_text(outside)  # an editor that had the file open all the time
    assert outcome(store) == [("merged", 3)]
    assert labels(store) == ["buildup", "drop", "breakdown"]
    assert "breakdown" in only(folder).read_text() and "buildup" in only(folder).read_text()


def test_a_save_takes_in_first_what_was_changed_in_the_file(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    change(only(folder), "label: outro", "label: breakdown")
    assert PARTS.sections is not None
    mine = replace(PARTS, sections=(replace(PARTS.sections[0], label="buildup"), *PARTS.sections[1:]))
    assert save(store, mine) == 2
    assert labels(store, 2) == ["buildup", "drop", "outro"]
    assert labels(store) == ["buildup", "drop", "breakdown"]
    assert outcome(store) == [("same", None)]


def test_what_clashes_is_kept_aside_and_nothing_is_overwritten(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    outside = only(folder).read_text().replace("label: drop", "label: breakdown") + "# by hand\n"
    assert PARTS.sections is not None
    save(
        store,
        replace(
            PARTS,
            sections=(PARTS.sections[0], replace(PARTS.sections[1], label="buildup"), PARTS.sections[2]),
        ),
    )
    only(folder).write_text(outside)
    (told,) = store.sync()
    assert (told.what, told.revision) == ("conflict", 2)
    aside = folder / f"{only(folder).stem}.conflict.yaml"
    assert aside.name in told.message and only(folder).name in told.message and "revision 1" in told.message
    assert aside.read_text() == outside
    assert len(store.history(SONG)) == 2 and "buildup" in only(folder).read_text()
    only(folder).write_text(outside)
    store.sync()
    assert (folder / f"{only(folder).stem}.conflict-2.yaml").read_text() == outside
    assert mirror.Mirror(folder, store).waiting() == tuple(
        sorted(each.name for each in folder.glob("*.conflict*"))
    )
    assert outcome(store) == [("same", None)]


def test_an_old_version_that_git_brings_back_is_no_change(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    old = only(folder).read_bytes()
    save(store, replace(PARTS, notes="x"))
    only(folder).write_bytes(old)
    (folder / ".edm-seen.json").unlink()
    assert outcome(store) == [("written", 2)]
    assert len(store.history(SONG)) == 2


def test_a_program_that_leaves_out_the_block_deletes_nothing_else(store: Annotations, folder: Path) -> None:
    save(store, PARTS)
    document = yaml.safe_load(only(folder).read_bytes())
    del document["edm"]
    document["structure"][1]["label"] = "breakdown"
    only(folder).write_text(yaml.safe_dump(document))
    assert outcome(store) == [("saved", 2)]
    said = store.annotation(SONG, "ada")
    assert labels(store) == ["intro", "breakdown", "outro"]
    assert (said.words, said.events) == (PARTS.words, PARTS.events)


@pytest.mark.parametrize("memory", ["[broken", "[1]", "3", '{"x": 1}'])
def test_without_block_and_memory_the_name_tells_whose_it_is(
    store: Annotations, folder: Path, memory: str
) -> None:
    save(store, PARTS)
    document = yaml.safe_load(only(folder).read_bytes())
    del document["edm"]
    document["structure"][1]["label"] = "breakdown"
    only(folder).write_text(yaml.safe_dump(document))
    (folder / ".edm-seen.json").write_text(memory)
    assert outcome(store) == [("conflict", 1)]
    assert "breakdown" in next(folder.glob("*.conflict.yaml")).read_text()
    assert labels(store) == ["intro", "drop", "outro"]


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"structure: [",
        b"\xff\xfe\x00",
        b"a: &a [1]\nb: [*a, *a]\n",
        b"- 1\n",
        b"edm: {version: 1}\nstructure: 3\n",
    ],
)
def test_a_file_that_cannot_be_read_is_told_and_left(
    store: Annotations, folder: Path, broken: bytes, caplog: Any
) -> None:
    save(store, PARTS)
    file = only(folder)
    file.write_bytes(broken)
    (told,) = store.sync()
    assert told.what == "refused" and told.message
    assert file.read_bytes() == broken and len(store.history(SONG)) == 1
    with caplog.at_level(logging.WARNING):
        assert save(store, replace(PARTS, notes="x")) == 2
    assert file.read_bytes() == broken and file.name in caplog.text
    file.unlink()
    assert outcome(store) == [("written", 2)]


def test_the_folder_can_be_the_source(store: Annotations, folder: Path, tmp_path: Path) -> None:
    save(store, replace(PARTS, rest={"jams": [1]}))
    save(store, replace(PARTS, rest={"jams": [1]}, tier="verified"))
    fresh = Annotations(Settings(data_dir=tmp_path / "fresh", annotation_dir=folder))
    assert outcome(fresh) == [("saved", 1)]
    before, after = store.annotation(SONG, "ada"), fresh.annotation(SONG, "ada")
    assert replace(after, modified=None) == replace(before, modified=None)
    assert outcome(fresh) == [("same", None)]


def test_files_of_other_origin_are_taken_in_and_left_as_they_are(store: Annotations, folder: Path) -> None:
    folder.mkdir()
    foreign = folder / "reference.yaml"
    text = "# mine\nfile: C:\\Music\\song.flac\nbpm: 120\ndownbeat: 0\nannotations:\n- [1, intro, '0:00']\n- [9, drop, '0:16']\n"
    foreign.write_text(text)
    asked = []

    def find(subject: Subject, name: str) -> Subject:
        asked.append((subject.path, name))
        return Subject(SONG, duration=60.0)

    assert [each.what for each in store.sync()] == ["refused"]
    assert [each.what for each in store.sync(find)] == ["refused"]
    assert outcome(store, find=find, author="Ada") == [("saved", 1), ("written", 1)]
    assert asked[-1] == ("C:\\Music\\song.flac", "reference.yaml")
    assert [(part.start, part.end) for part in store.annotation(SONG, "ada").sections or ()] == [
        (0.0, 16.0),
        (16.0, 60.0),
    ]
    assert foreign.read_text() == text
    assert outcome(store) == [("same", None), ("same", None)]
    foreign.write_text(text.replace("drop", "breakdown"))
    assert ("saved", 2) in outcome(store, find=find)
    assert labels(store) == ["intro", "breakdown"]
    foreign.write_text(text.replace("intro", "buildup"))
    said = store.annotation(SONG, "ada")
    save(store, replace(said, sections=tuple(replace(part, label="other") for part in said.sections or ())))
    assert ("conflict", 3) in outcome(store, find=find)
    assert foreign.read_text() == text.replace("intro", "buildup") and not list(folder.glob("*.conflict*"))


def test_a_file_of_several_is_not_guessed_at(store: Annotations, folder: Path) -> None:
    folder.mkdir()
    two = [replace(PARTS, recording=Subject(SONG, duration=60.0), author=author) for author in ("ada", "bob")]
    (folder / "both.yaml").write_bytes(exchange.write(two, "yaml").data)
    (told,) = store.sync()
    assert told.what == "refused" and "edm annotations import" in told.message


def test_links_out_of_the_folder_are_not_followed(store: Annotations, folder: Path, tmp_path: Path) -> None:
    save(store, PARTS)
    only(folder).rename(tmp_path / "elsewhere.yaml")
    (folder / "link.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    change(tmp_path / "elsewhere.yaml", "label: drop", "label: breakdown")
    assert outcome(store) == [("written", 1)]
    assert labels(store) == ["intro", "drop", "outro"]
