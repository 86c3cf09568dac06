"""The client against a real server: what it gives is what the package gives."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
import uvicorn
from starlette.applications import Starlette

from edm_core.annotation import Annotation
from edm_core.client import Client, ConflictError, ServiceError
from edm_core.items import Section
from edm_core.service import middleware, open_workbench, routes
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.timeline import Layer, Recording, Timeline


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return open_workbench(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def there(bench: Workbench) -> Iterator[Client]:
    """Give a client of a server that has no workers."""
    listener = socket.create_server(("127.0.0.1", 0))
    app = Starlette(routes=routes(), middleware=middleware())
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with Client(f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
        yield client
    server.should_exit = True
    thread.join()


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.3 * np.sin(np.arange(44_100) * 0.06), 44_100)
    return path


def analysed(bench: Workbench, id: str) -> Timeline:
    sections = (Section(0.0, 1.0, "drop", 0.9),)
    timeline = Timeline(
        Recording(id, 1.0, 44_100, 1, title="Tone"), (Layer("sections", "model:sections@1", sections),)
    )
    bench.library.save_timeline(timeline)
    return timeline


def test_a_file_is_added_listed_tagged_and_removed(there: Client, wav: Path) -> None:
    added = there.add(wav)
    assert (added.name, added.status) == ("tone.wav", "queued")
    assert [each.id for each in there.recordings()] == [added.id]
    assert there.tag(added.id, add=["festival"]).tags == ("festival",)
    assert [each.id for each in there.recordings(tags=["festival"])] == [added.id]
    assert list(there.recordings(search="nothing of the kind")) == []
    there.remove(added.id)
    assert list(there.recordings()) == []
    with pytest.raises(ServiceError, match="no such recording"):
        there.recording(added.id)


def test_a_timeline_comes_as_it_was_saved(there: Client, bench: Workbench, wav: Path) -> None:
    added = there.add(wav)
    timeline = analysed(bench, added.id)
    assert there.wait(added.id).status == "done"
    assert there.timeline(added.id).sections == timeline.sections


def test_an_analysis_that_failed_says_why(there: Client, bench: Workbench, wav: Path) -> None:
    added = there.add(wav)
    bench.library.set_status(added.id, "failed", "it is cut short")
    with pytest.raises(ServiceError, match="it is cut short"):
        there.wait(added.id)


def test_waiting_ends(there: Client, wav: Path) -> None:
    added = there.add(wav)
    steps: list[str] = []
    with pytest.raises(ServiceError, match="takes longer than 0"):
        there.wait(added.id, timeout=0.0, progress=lambda step: steps.append(step.stage))


def test_sound_comes_back(there: Client, wav: Path, tmp_path: Path) -> None:
    added = there.add(wav)
    copy = there.download(added.id, tmp_path / "copy.wav")
    assert copy.read_bytes() == wav.read_bytes()


def test_a_save_that_came_too_late_gives_both_versions(there: Client, bench: Workbench, wav: Path) -> None:
    id = there.add(wav).id
    analysed(bench, id)
    assert there.annotation(id, "ada").annotation is None
    mine = Annotation(sections=(Section(0.0, 1.0, "intro"),))
    assert there.save(id, "ada", mine, parent=None).number == 1
    theirs = Annotation(sections=(Section(0.0, 1.0, "outro"),))
    assert there.save(id, "ada", theirs, parent=1, note="heard again").number == 2
    with pytest.raises(ConflictError) as conflict:
        there.save(id, "ada", Annotation(sections=(Section(0.0, 1.0, "drop"),)), parent=1)
    assert conflict.value.theirs[0] == 2
    assert [section.label for section in conflict.value.theirs[1].sections] == ["outro"]
    assert conflict.value.base is not None and conflict.value.base[0] == 1
    assert conflict.value.clashes
    line = there.annotation(id, "ada")
    assert line.revision == 2 and line.annotation == conflict.value.theirs[1]


def test_jobs_are_listed_stopped_and_begun_again(there: Client, wav: Path) -> None:
    added = there.add(wav)
    (job,) = there.jobs(state="queued")
    assert (job.kind, job.key) == ("analyze", added.id)
    there.cancel(job.id)
    assert there.job(job.id).state == "cancelled"
    assert [step.state for step in there.follow(job.id)][-1] == "cancelled"
    assert there.retry(job.id).state == "queued"


def test_personas_and_models_are_told(there: Client) -> None:
    assert {"genz", "advertiser"} <= {persona["id"] for persona in there.personas()}
    assert there.models()["models"]
