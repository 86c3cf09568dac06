import io
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from edm_core.service.bench import Workbench
from edm_core.service.observing.health import Check
from edm_core.service.observing.storage import Kept, counted, owners, sizes
from edm_core.service.observing.system import Hand, Line, Minute, System, system, versions
from edm_core.service.views.system_view import (
    checks_html,
    hands_html,
    kept_html,
    lines_html,
    minutes_html,
    state_html,
    tiles_html,
)
from edm_core.store import Library
from edm_core.store.database import database_of, now_of
from edm_core.store.tables import jobs
from edm_core.timeline import Recording, Timeline


@pytest.fixture
def bench(settings):
    """Give a workbench whose queue is not started, with one recording."""
    bench = Workbench(settings)
    bench.library = Library(settings, check=lambda path: None)
    return bench


def added(bench, name="tone.wav", content=b"tone"):
    entry = bench.library.add_upload(name, io.BytesIO(content))
    bench.library.save_timeline(Timeline(Recording(entry.id, 120.0, 44100, 2, title=f"<b>{name}")))
    return bench.library.get(entry.id)


def put(bench, job, **changes):
    with database_of(bench.settings).writing() as connection:
        connection.execute(sa.update(jobs).where(jobs.c.id == job.id).values(changes))
        return now_of(connection)


def now(bench):
    with database_of(bench.settings).reading() as connection:
        return now_of(connection)


def test_an_empty_workbench_has_queues_and_nothing_in_them(bench):
    found = system(bench)
    assert [line.queue for line in found.lines] == ["music", "speech", "personas"]
    assert not any(line.waiting or line.running for line in found.lines)
    assert (found.running, found.waiting, found.failed, found.hands) == ((), (), (), ())
    assert len(found.minutes) == 60


def test_what_is_done_is_counted_with_the_length_of_its_sound(bench):
    entry = added(bench)
    job = bench.analyse(entry)
    put(bench, job, state="done", finished=now(bench))
    found = system(bench)
    assert found.minutes[-1] == Minute(1, 120.0)
    assert sum(each.jobs for each in found.minutes) == 1


def test_jobs_are_told_by_the_names_of_recordings(bench):
    first, second = added(bench), added(bench, "two.wav", b"two")
    running = bench.analyse(first)
    put(bench, running, state="running", started=now(bench))
    bench.analyse(second)
    found = system(bench)
    assert [task.about for task in found.running] == ["<b>tone.wav"]
    assert [task.about for task in found.waiting] == ["<b>two.wav"]
    line = found.lines[0]
    assert (line.waiting, line.running) == (1, 1)
    assert line.oldest is not None


def test_the_one_whose_turn_is_next_stands_first(bench):
    for name in ("one", "two", "three"):
        bench.analyse(added(bench, name, name.encode()), priority=5 if name == "three" else 0)
    assert [task.about for task in system(bench).waiting] == ["<b>three", "<b>one", "<b>two"]


def test_a_failure_is_told_until_the_same_is_asked_for_again(bench):
    entry = added(bench)
    job = bench.analyse(entry)
    put(bench, job, state="failed", finished=now(bench), message="no sound")
    assert [task.job.message for task in system(bench).failed] == ["no sound"]
    bench.analyse(entry)
    assert system(bench).failed == ()


def test_what_takes_room_is_counted(bench):
    added(bench)
    found = {kept.kind: kept for kept in counted(bench.settings)}
    assert (found["Recordings"].count, found["Recordings"].size) == (1, 4)
    assert found["Analyses"].count == 1
    assert found["Database"].size > 10_000
    until = time.monotonic() + 30
    while sizes(bench.settings) is None and time.monotonic() < until:
        time.sleep(0.05)
    assert sizes(bench.settings)


def test_versions_are_of_what_is_here():
    assert dict(versions())["EDM workbench"]


EMPTY = System((), (), (), (), (), (Minute(0, 0.0),) * 60, None, (), ())


def test_what_comes_from_outside_is_escaped():
    hand = Hand("1", "<host>", 7, ("music",), 3, 1.0, True, "<script>")
    for html in (
        hands_html([hand]),
        lines_html([Line("<q>", 1, 0, 2.0)]),
        kept_html([Kept("<k>", 1, 2)]),
        checks_html([Check("<c>", True, "<s>")]),
        state_html([Check("<c>", False, "<s>", "<r>")]),
    ):
        assert "<script>" not in html
        for text in ("<host>", "<q>", "<k>", "<c>", "<s>", "<r>"):
            assert text not in html


def test_all_is_well_or_what_to_do():
    assert "All is well" in state_html([Check("disk", True, "9 GB")])
    told = state_html([Check("disk", False, "full", "make room"), Check("queue", True, "")])
    assert "One thing needs attention" in told
    assert "make room" in told


def test_an_hour_without_work_says_so():
    assert "Nothing came to an end" in minutes_html(EMPTY.minutes)
    bars = minutes_html((Minute(0, 0.0),) * 59 + (Minute(4, 600.0),))
    assert bars.count("<i ") == 60
    assert 'aria-label="4 jobs in the last hour' in bars


def test_tiles_say_that_nobody_works():
    assert "no worker is alive" in tiles_html(EMPTY)


def test_a_limit_that_is_nearly_reached_stands_out():
    assert "class=full" in kept_html([Kept("Uploads", 1, 95, 100)])
    assert "class=full" not in kept_html([Kept("Uploads", 1, 5, 100)])


def test_owners_are_told_where_there_is_a_limit(bench):
    added(bench)
    with database_of(bench.settings).reading() as connection:
        assert owners(connection, bench.settings) == ()
        limited = replace(bench.settings, quota_mb=1)
        assert owners(connection, limited) == (Kept("nobody said", 1, 4, 1_000_000),)
