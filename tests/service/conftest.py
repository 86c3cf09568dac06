"""A workbench on a temporary folder with one recording of two seconds, and a client for its routes."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from starlette.applications import Starlette
from starlette.testclient import TestClient

from edm_core.items import Reaction
from edm_core.personas import Heard, Persona
from edm_core.service import middleware, open_workbench, routes
from edm_core.service.api.mounted import api
from edm_core.service.bench import Workbench
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.timeline import Judgement, Layer, Passage, Recording, Safety, Section, Timeline

from .contract import CheckedClient, Contract


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    return open_workbench(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def environment(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process find the bench's settings as a worker process does."""
    for name, value in bench.settings.environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    path = tmp_path / "tone.wav"
    time = np.arange(88_200) / 44_100
    soundfile.write(
        path,
        0.5 * np.sin(2 * np.pi * 440 * time) * np.linspace(0.1, 1.0, len(time)),
        44_100,
    )
    return path


@pytest.fixture
def entry(bench: Workbench, wav: Path) -> Entry:
    return bench.library.add_file(wav)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract(api().openapi())


@pytest.fixture
def client(bench: Workbench, contract: Contract) -> Iterator[TestClient]:
    """Give a client of the routes behind their guards; every answer is held against its description."""
    app = Starlette(routes=routes(), middleware=middleware())
    with CheckedClient(app, base_url="http://localhost") as client:
        client.contract = contract
        yield client


@pytest.fixture
def heard(bench: Workbench, entry: Entry) -> Timeline:
    """Give the recording an analysis in which two things are said, and nobody has reacted yet."""
    judged = {"tone": Judgement("ok", "Informative", 0.8), "safety": Safety("clear")}
    passages = (
        Passage(0.0, 0.9, text="The new album sounds amazing, go and see them live tonight.",
                topic=Judgement("ok", "Entertainment", 0.9), **judged),
        Passage(1.0, 1.9, text="Traffic is slow on the ring road this morning.",
                topic=Judgement("ok", "Community & Local", 0.9), **judged),
    )  # fmt: skip
    timeline = Timeline(
        Recording(entry.id, 2.0, 44_100, 1, title="Tone"),
        (
            Layer("sections", "model:sections@1", (Section(0.0, 2.0, "drop", 0.8),)),
            Layer("passages", "model:content@1", passages, time="2026-01-01T00:00:00Z"),
        ),
    )
    bench.library.save_timeline(timeline)
    return timeline


EVEN = (0.2,) * 5


class Judge:
    """Scores everything 3, or fails with a reason."""

    name = "judge@1"
    identity = "judge"

    def __init__(self, fails: Callable[[Persona], str | None] = lambda persona: None) -> None:
        self.fails = fails

    def __call__(
        self, heard: Sequence[Heard], personas: Sequence[Persona], progress: Any = None
    ) -> Iterator[Reaction]:
        for count, persona in enumerate(personas, 1):
            for each in heard:
                if reason := self.fails(persona):
                    yield each.reaction(persona, self.name, "failed", note=reason)
                else:
                    yield each.reaction(persona, self.name, score=3.0, distribution=EVEN)
            progress(count / len(personas))


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    one = Judge()
    monkeypatch.setattr("edm_core.personas.scorer_of", lambda name, settings: one)
    return one
