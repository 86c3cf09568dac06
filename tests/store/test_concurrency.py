"""Many writers at once, and writers that die: what was acknowledged is there, and whole."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from edm_core.annotation import Annotation
from edm_core.errors import StorageError
from edm_core.items import Event
from edm_core.settings import Settings
from edm_core.store.annotations import Annotations, Conflict
from edm_core.store.database import database_of
from edm_core.store.ratings import Ratings
from edm_core.store.revisions import packed
from edm_core.store.scorings import Scorings

SCRIPT = Path(__file__).with_name("writer_process.py")
SONG = "sha256:" + "1" * 64
WRITERS, SAVES, KILLS = 8, 20, 50


def started(settings: Settings, what: str, *arguments: str) -> subprocess.Popen[str]:
    places = (str(settings.data_dir), settings.database_url, str(settings.annotation_dir or ""))
    command = [sys.executable, str(SCRIPT), what, *places, SONG, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def numbers(process: subprocess.Popen[str]) -> list[int]:
    out, _ = process.communicate()
    assert process.returncode == 0
    return [int(line) for line in out.split()]


def script() -> Any:
    spec = importlib.util.spec_from_file_location("writer_process", SCRIPT)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def said(number: int) -> Annotation:
    return script().said(number)  # type: ignore[no-any-return]


def test_eight_writers_on_one_line_lose_nothing(settings: Settings) -> None:
    """They start together on a database that is not there yet: its tables are made once."""
    writers = [started(settings, "share", f"writer {index}", str(SAVES)) for index in range(WRITERS)]
    acknowledged = [number for writer in writers for number in numbers(writer)]
    assert sorted(acknowledged) == list(range(1, WRITERS * SAVES + 1))
    store = Annotations(settings)
    assert [one.number for one in store.history(SONG, "team")] == list(range(WRITERS * SAVES, 0, -1))
    events = store.annotation(SONG, "team").events
    assert events is not None
    assert {event.label for event in events} == {
        f"writer {a} {b}" for a in range(WRITERS) for b in range(SAVES)
    }


def test_killed_in_the_middle_fifty_times_nothing_is_lost_and_nothing_torn(settings: Settings) -> None:
    acknowledged = numbers(started(settings, "killed", str(KILLS)))
    assert len(acknowledged) >= KILLS
    store = Annotations(settings)
    history = store.history(SONG, "ada")
    assert [one.number for one in history] == list(range(len(history), 0, -1))
    assert set(acknowledged) <= {one.number for one in history}
    for revision in history:
        annotation = store.annotation(SONG, "ada", revision.number)
        expected = said(revision.number)
        assert (annotation.sections, annotation.events, annotation.notes) == (
            expected.sections,
            expected.events,
            expected.notes,
        )
        assert packed(annotation, SONG, "ada", 600.0).digest == revision.digest
    assert len(store.audit(SONG, limit=10_000)) == len(history)
    draft = store.draft(SONG, "ada")
    assert draft is None or draft.annotation == said(draft.base + 1 if draft.base else 1)
    if not settings.database_url:
        with database_of(settings).reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def test_scorings_and_ratings_of_writers_that_are_killed_are_whole(settings: Settings) -> None:
    acknowledged = numbers(started(settings, "scoring", "15"))
    scorings, ratings = Scorings(settings), Ratings(settings)
    history = scorings.history(SONG)
    assert [one.number for one in history] == list(range(len(history), 0, -1))
    assert set(acknowledged) <= {one.number for one in history}
    heard = script().heard
    for one in history:
        assert scorings.reactions(SONG, one.number) == heard(one.number)
    given = Counter(rating.rater for rating in ratings.history(SONG))
    for number in acknowledged:
        assert given[f"r{number}"] == number
    assert all(count == int(rater[1:]) for rater, count in given.items()), "all of them or none"


def test_the_mirror_is_whole_and_newest_after_writers_that_share_and_writers_that_die(tmp_path: Path) -> None:
    folder = tmp_path / "yaml"
    settings = Settings(data_dir=tmp_path / "data", annotation_dir=folder)
    writers = [started(settings, "share", f"writer {index}", "5") for index in range(3)]
    assert sorted(number for writer in writers for number in numbers(writer)) == list(range(1, 16))
    store = Annotations(settings)
    assert [each.what for each in store.sync()] == ["same"]
    acknowledged = numbers(started(settings, "killed", "12"))
    history = store.history(SONG, "ada")
    assert {one.number for one in history} >= set(acknowledged)
    assert {each.what for each in store.sync()} <= {"same", "written"}
    assert store.history(SONG, "ada") == history  # nothing came in that nobody wrote
    assert not [
        path for path in folder.iterdir() if "conflict" in path.name or path.name.startswith(".draft")
    ]
    for revision in store.lines(SONG):
        (file,) = folder.glob(f"*.{revision.author}.yaml")
        assert f"revision: {revision.number}\n" in file.read_text()


def test_threads_that_save_at_once_one_wins_and_the_others_are_told(settings: Settings) -> None:
    store = Annotations(settings)
    store.save(SONG, "ada", Annotation(events=()), parent=None, duration=60.0, tool="test")
    barrier = threading.Barrier(6)
    results: list[object] = []

    def save(index: int) -> None:
        barrier.wait()
        try:
            mine = Annotation(events=(Event(float(index), "drop"),))
            results.append(store.save(SONG, "ada", mine, parent=1, duration=60.0, tool="test").number)
        except Conflict as conflict:
            results.append(conflict.theirs.number)

    threads = [threading.Thread(target=save, args=(index,)) for index in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [2] * 6
    assert len(store.history(SONG)) == 2


@pytest.mark.servers
def test_what_was_acknowledged_outlives_a_crash_of_the_server(postgresql: Any, tmp_path: Path) -> None:
    store = Annotations(Settings(data_dir=tmp_path, database_url=postgresql.new_database()))
    for number in range(1, 6):
        store.save(SONG, "ada", said(number), parent=number - 1 or None, duration=600.0, tool="test")
        postgresql.restart()
    assert [one.number for one in store.history(SONG)] == [5, 4, 3, 2, 1]


@pytest.mark.servers  # what the extra `service` brings
def test_a_server_that_is_not_there_is_named_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://edm:secret@/edm?host={tmp_path}"
    with pytest.raises(StorageError) as caught:
        Annotations(Settings(data_dir=tmp_path, database_url=url)).head(SONG, "ada")
    assert "secret" not in str(caught.value) and "EDM_DATABASE_URL" in str(caught.value)
