"""The workbench: its jobs and its library agree, whatever happens to either."""

import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from edm_core.cache import Cache
from edm_core.errors import AudioError, Cancelled
from edm_core.jobs import Kind
from edm_core.service import bench as bench_module
from edm_core.service.analysis_job import analyse_entry, payload_of, run, run_speech
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.timeline import Layer, Recording, Section, Timeline

ROOT = Path(__file__).parents[2]
HANDLERS = """
import time
from edm_core.errors import AudioError

def refuse(payload, progress):
    raise AudioError("it is damaged", subject="tone.wav", remedy="export it again")

def go_on(payload, progress):
    while True:
        progress("beats", 0.5, 1.0)
        time.sleep(0.02)
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Workbench]]:
    """Start a workbench whose analysis is one of the functions above."""
    (tmp_path / "handlers_of_a_bench.py").write_text(HANDLERS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(ROOT))))
    benches = []

    def begin(handler: str) -> Workbench:
        monkeypatch.setitem(bench_module.KINDS, bench_module.KIND, Kind(f"handlers_of_a_bench:{handler}"))
        bench = Workbench(Settings(data_dir=tmp_path / "data"))
        bench.start()
        benches.append(bench)
        return bench

    yield begin
    for bench in benches:
        bench.close()


def until(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def found_in(entry: Entry) -> Timeline:
    recording = Recording(entry.id, duration=2.0, sample_rate=44_100, channels=1)
    return Timeline(recording, (Layer("sections", "model:s@1", (Section(0.0, 2.0, "drop"),)),))


def test_a_failed_analysis_is_told_by_the_library(start: Callable[[str], Workbench], wav: Path) -> None:
    bench = start("refuse")
    entry = bench.library.add_file(wav)
    bench.queue.wait(bench.analyse(entry).id, 15)
    told = bench.library.get(entry.id)
    assert (told.status, told.message) == ("failed", "tone.wav: it is damaged; export it again")


def test_an_upload_is_named_as_its_owner_does(tmp_path: Path, wav: Path) -> None:
    bench = Workbench(Settings(data_dir=tmp_path / "data"))
    with wav.open("rb") as file:
        entry = bench.library.add_upload("holiday.wav", file)
    bench.library.source(entry).write_bytes(b"RIFF, but cut off")
    for attempt in (lambda: analyse_entry(bench.library, entry), lambda: bench.sound(entry)):
        with pytest.raises(AudioError) as caught:
            attempt()
        assert str(caught.value).startswith("holiday.wav: ")


def test_a_stopped_analysis_can_be_begun_again(start: Callable[[str], Workbench], wav: Path) -> None:
    bench = start("go_on")
    entry = bench.library.add_file(wav)
    first = bench.analyse(entry)
    assert bench.analyse(entry).id == first.id
    until(lambda: bench.library.get(entry.id).status == "running")
    bench.cancel(entry)
    bench.queue.wait(first.id, 15)
    assert bench.library.get(entry.id).status == "cancelled"
    assert bench.analyse(entry).id != first.id


def test_a_removed_recording_stays_removed_while_it_is_analysed(
    start: Callable[[str], Workbench], wav: Path
) -> None:
    bench = start("go_on")
    entry = bench.library.add_file(wav)
    job = bench.analyse(entry)
    until(lambda: bench.library.get(entry.id).status == "running")
    bench.remove(entry)
    assert bench.queue.wait(job.id, 15).state == "cancelled"
    assert bench.library.list() == ()


def test_an_erased_recording_is_let_go_of_first(start: Callable[[str], Workbench], wav: Path) -> None:
    bench = start("go_on")
    entry = bench.library.add_file(wav)
    job = bench.analyse(entry)
    until(lambda: bench.library.get(entry.id).status == "running")
    states = []
    erase = bench.library.erase

    def seen(*given: str) -> object:
        states.append(bench.queue.ledger.get(job.id).state)
        return erase(*given)

    bench.library.erase = seen
    assert bench.erase(entry, "ada", "consent withdrawn").recording == entry.id
    assert states == ["cancelled"] and bench.library.list() == ()


def test_a_start_takes_up_what_waits_in_the_library(start: Callable[[str], Workbench], wav: Path) -> None:
    first = start("go_on")
    entry = first.library.add_file(wav)  # added, as the command line does, without a job
    first.close()
    second = start("go_on")
    assert [job.key for job in second.queue.jobs()] == [entry.id]
    second.close()
    assert [job.attempt for job in start("go_on").queue.jobs()] != [0]


def test_a_start_takes_over_what_an_earlier_version_left_in_files(bench: Workbench, entry: Entry) -> None:
    folder = bench.settings.data_dir / "jobs"
    folder.mkdir()
    old = {
        "payload": {"id": entry.id, "settings": {"EDM_LLM_API_KEY": "secret"}},
        "state": "running",
        "attempt": 1,
    }
    (folder / "1.json").write_text(json.dumps({"id": "1", "kind": "analyze", "key": entry.id, **old}))
    (folder / "2.json").write_text(json.dumps({"id": "2", "kind": "dance", "key": "a", **old}))
    (folder / "3.json").write_text("{")
    (folder / "4.json").write_text("[" * 200_000)
    bench.start(work=False)
    (job,) = bench.queue.jobs()
    bench.close()
    assert (job.kind, job.key, job.state, job.payload) == ("analyze", entry.id, "queued", {"id": entry.id})
    assert sorted(path.name for path in folder.iterdir()) == ["2.unread", "3.unread", "4.unread"]


def test_what_is_spoken_belongs_to_the_analysis(bench: Workbench, entry: Entry) -> None:
    speech = bench.queue.submit("speech", entry.id, {"id": entry.id})
    assert bench.analyse(entry).id == speech.id == bench.job(entry).id
    bench.cancel(entry)
    assert bench.job(entry).state == "cancelled" == bench.library.get(entry.id).status
    assert bench.analyse(entry, who="ada", priority=2).kind == "analyze"
    assert (bench.job(entry).who, bench.job(entry).priority) == ("ada", 2)


def test_an_analysis_is_saved_with_its_picture(
    bench: Workbench, entry: Entry, environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analyze(path: Path, *, progress: Any, settings: Settings) -> Timeline:
        progress(SimpleNamespace(stage="beats", share=0.5, remaining=2.0))
        return found_in(entry)

    monkeypatch.setattr("edm_core.analysis.analyze", analyze)
    steps: list[tuple[str, float, float | None]] = []
    run_speech(payload_of(entry), lambda *step: steps.append(step))
    saved = bench.library.get(entry.id)
    assert (saved.status, saved.revision, steps) == ("done", 1, [("beats", 0.5, 2.0)])
    assert max(saved.outline) == 64
    assert bench.library.timeline(entry.id) == found_in(entry)


def test_a_file_that_changed_is_not_saved_under_the_old_id(
    bench: Workbench, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Entry("sha256:" + "1" * 64, "other.wav", "2026-01-01T00:00:00Z")
    monkeypatch.setattr("edm_core.analysis.analyze", lambda path, **options: found_in(other))
    with pytest.raises(AudioError, match="content has changed"):
        analyse_entry(bench.library, entry)
    assert bench.library.get(entry.id).revision == 0


def test_a_stop_passes_through_the_analysis(
    bench: Workbench, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def analyze(path: Path, *, progress: Any, settings: Settings) -> Timeline:
        progress(SimpleNamespace(stage="beats", share=0.5, remaining=2.0))
        raise AssertionError("not reached")

    def stop(*step: Any) -> None:
        raise Cancelled("it was stopped")

    monkeypatch.setattr("edm_core.analysis.analyze", analyze)
    with pytest.raises(Cancelled):
        analyse_entry(bench.library, entry, stop)


def test_a_recording_that_was_removed_while_it_waited_is_no_failure(
    bench: Workbench, entry: Entry, environment: None
) -> None:
    payload = payload_of(entry)
    bench.library.remove(entry.id)
    for handler in (run, run_speech):
        assert handler(payload, lambda *step: None) is None


def test_sounds_are_kept_and_bounded(bench: Workbench, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bench.sound(entry) is bench.sound(entry)
    monkeypatch.setattr(bench_module, "SOUNDS_KEPT", 0)
    bench.remove(entry)
    assert bench._sounds == {}
    assert Cache.of(bench.settings).size() > 0
