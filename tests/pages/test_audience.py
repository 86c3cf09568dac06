"""The page Audience as a script, without a browser: empty states, what the stage is given, and what is asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from edm_core.audio import load
from edm_core.cache import Cache
from edm_core.items import Reaction, Target
from edm_core.ratings import Rating
from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.service.views.picture import outline_of
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.timeline import Layer, Passage, Timeline

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"
SCORES = {"genz": (1.5, 4.0, 3.0), "tradies": (3.5, 4.5, None)}


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A workbench whose queue is not started."""
    return open_workbench(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def entry(bench: Workbench, tmp_path: Path) -> Entry:
    """Three passages that two personas have heard."""
    return added(bench, tmp_path / "show.wav", SCORES)


def added(bench: Workbench, path: Path, scores: Mapping[str, tuple[float | None, ...]]) -> Entry:
    soundfile.write(path, 0.3 * np.sin(np.arange(30 * 8_000) / 3), 8_000)
    bench.library.add_file(path)
    sound = load(path, settings=bench.settings, cache=Cache.of(bench.settings))
    passages = tuple(
        Passage(10.0 * index, 10.0 * (index + 1), text=f"Some words, {index}.") for index in range(3)
    )
    reactions = tuple(
        reaction(persona, index, score)
        for index in range(3)
        for persona, given in scores.items()
        for score in given[index : index + 1]
    )
    layers = [Layer("passages", "model:words@1", passages)]
    if reactions:
        layers.append(Layer("reactions", "model:personas@2", reactions, time="2026-01-01T00:00:00Z"))
    entry = bench.library.save_timeline(Timeline(sound.recording, tuple(layers)), outline_of(sound.peaks))
    assert entry is not None
    return entry


def reaction(persona: str, index: int, score: float | None) -> Reaction:
    said: dict[str, Any] = {"status": "abstained", "note": "too short"}
    if score is not None:
        said = {"status": "ok", "score": score, "distribution": (0.2,) * 5, "confidence": 0.4}
    return Reaction(
        10.0 * index,
        10.0 * (index + 1),
        persona=persona,
        target=Target("passage", index),
        scorer="offline@2",
        **said,
    )


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(str(NAVIGATION.parent / "audience.py"))
    app.run()
    assert not app.exception, app.exception
    return app


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def props(app: AppTest) -> dict[str, Any]:
    (stage,) = app.get("bidi_component")
    found: dict[str, Any] = json.loads(stage.proto.json)
    return found


def test_an_empty_library_says_what_to_do(bench: Workbench) -> None:
    app = page()
    assert "Nobody listens yet" in html(app)
    assert [link.proto.label for link in app.get("page_link")] == ["Open the library"]


def test_a_link_to_nothing_says_so(bench: Workbench, entry: Entry) -> None:
    assert "not in the library" in html(page(recording="ffffffffffff"))


def test_what_nobody_heard_can_be_scored(bench: Workbench, tmp_path: Path) -> None:
    added(bench, tmp_path / "unheard.wav", {})
    app = page()
    assert "Nobody has heard unheard" in html(app)
    app.button[0].click().run()
    assert not app.exception
    (job,) = bench.queue.jobs()
    assert (job.kind, "genz" in job.payload["personas"], job.payload["scorer"]) == ("score", True, "offline")


def test_the_stage_is_given_the_audience_of_the_address(bench: Workbench, entry: Entry) -> None:
    shown = props(page(recording=entry.digest[:12], persona="tradies", t="0:12", author="ada"))
    assert shown["jury"]["selected"] == {"persona": "tradies", "kind": "passage", "index": 1}
    assert shown["at"] == 12.0
    assert shown["jury"]["ratings"] == {
        "url": f"/api/v1/recordings/{entry.digest}/ratings", "rater": "ada", "said": [],
    }  # fmt: skip
    assert shown["jury"]["standing"] == "uncalibrated"
    assert {row["persona"]: (row["scored"], row["total"]) for row in shown["jury"]["rows"]} == {
        "genz": (3, 3), "tradies": (2, 3),
    }  # fmt: skip


def test_without_ratings_no_figure_of_fidelity_is_shown(bench: Workbench, entry: Entry) -> None:
    app = page()
    assert "Nobody has rated this yet" in html(app)
    assert not [frame for frame in app.dataframe if "weighted kappa" in frame.value.columns]
    rating = Rating(recording=entry.id, kind="passage", start=0.0, end=10.0, rater="ada", score=2)
    bench.library.ratings.rate(rating)
    app = page()
    (said,) = props(app)["jury"]["ratings"]["said"]
    assert (said["rater"], said["score"], said["index"]) == ("ada", 2, 0)
    (frame,) = [frame for frame in app.dataframe if "weighted kappa" in frame.value.columns]
    assert set(frame.value["both rated"]) == {1}
    assert all(text.startswith("–") for text in frame.value["weighted kappa"])


def test_a_language_model_is_offered_only_where_one_is_set_up(bench: Workbench, entry: Entry) -> None:
    assert page().radio(key="scorer").options == ["offline: rules and sentence likeness, the same every time"]
    open_workbench(
        Settings(data_dir=bench.settings.data_dir, llm_base_url="http://localhost:1/v1", llm_model="small")
    )
    assert "language model" in page().radio(key="scorer").options


def test_scoring_again_stands_beside_the_earlier_one(bench: Workbench, entry: Entry) -> None:
    before = page()
    assert before.selectbox(key=f"beside-{entry.digest[:12]}").options == ["Compare with …"]
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    bench.library.scorings.add(
        timeline.recording, [reaction("genz", index, 4.5) for index in range(3)], scorer="offline@2",
        personas={"genz": "0a1b"},
    )  # fmt: skip
    app = page()
    earlier = app.selectbox(key=f"beside-{entry.digest[:12]}").options[1]
    assert earlier.startswith("Scored before: 2026-01-01")
    app.selectbox(key=f"beside-{entry.digest[:12]}").set_value("personas@2#1").run()
    assert not app.exception
    compared = props(app)["jury"]["compare"]
    assert {row["persona"]: round(row["difference"], 2) for row in compared["rows"]}["genz"] == 1.67
    assert props(app)["reactions"][0]["score"] == 4.5
