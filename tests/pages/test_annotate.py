"""The page Annotate as a script, without a browser: who, which recording, and what the editor is given."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from edm_core.annotation import Annotation
from edm_core.cache import Cache
from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.service.views.picture import outline_of
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.store.assignments import assign
from edm_core.timeline import Layer, Section, Timeline

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A workbench whose queue is not started: what is submitted stays waiting."""
    return open_workbench(Settings(data_dir=tmp_path / "data"))


def tone(hertz: float) -> BytesIO:
    file = BytesIO()
    soundfile.write(file, 0.5 * np.sin(2 * np.pi * hertz * np.arange(88_200) / 44_100), 44_100, format="WAV")
    file.seek(0)
    return file


def analysed(bench: Workbench, name: str) -> Entry:
    from edm_core.audio import load

    entry = bench.library.add_upload(name, tone(440.0 + len(name)))
    sound = load(bench.library.source(entry), settings=bench.settings, cache=Cache.of(bench.settings))
    parts = (Section(0.0, 1.0, "intro"), Section(1.0, sound.recording.duration, "drop"))
    layers = (Layer("sections", "model:sections@1", parts),)
    saved = bench.library.save_timeline(Timeline(sound.recording, layers), outline_of(sound.peaks))
    assert saved is not None
    return saved


def saved(bench: Workbench, entry: Entry, author: str) -> None:
    heard = Annotation(sections=(Section(0.0, 2.0, "drop"),))
    bench.library.annotations.save(entry.id, author, heard, parent=None, duration=2.0, tool="test")


def page(**query: str) -> AppTest:
    app = AppTest.from_file(NAVIGATION, default_timeout=20)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(str(NAVIGATION.parent / "annotate.py"))
    app.run()
    assert not app.exception
    return app


def props_of(app: AppTest) -> dict[str, Any]:
    """What the editor is given; the component that keeps the name comes first."""
    found = [json.loads(each.proto.json) for each in app.get("bidi_component")]
    (props,) = [each for each in found if "recording" in each]
    return props


def text_of(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def links_of(app: AppTest) -> list[str]:
    return [link.proto.label for link in app.get("page_link")]


def test_the_editor_gets_the_next_recording_of_the_queue(bench: Workbench) -> None:
    first, second = analysed(bench, "a.wav"), analysed(bench, "bb.wav")
    app = page(author="Ada")
    props = props_of(app)
    assert props["recording"]["id"] == first.id and props["author"] == "ada"
    assert (props["annotation"], props["revision"], props["draft"]) == (None, None, None)
    assert [part["label"] for part in props["suggestion"]["sections"]] == ["intro", "drop"]
    assert props["url"] == f"/api/v1/recordings/{first.digest}/annotations"
    assert props["next"] == {"id": second.id, "title": "bb.wav"} and props["previous"] is None
    # The address can be passed on as it stands.
    assert (app.query_params["recording"], app.query_params["author"]) == (first.digest[:12], "ada")


def test_a_link_opens_a_moment_and_a_revision(bench: Workbench) -> None:
    analysed(bench, "a.wav")
    other = analysed(bench, "bb.wav")
    saved(bench, other, "ada")
    props = props_of(page(author="ada", recording=other.digest[:12], at="0:01.5", revision="1"))
    assert (props["recording"]["id"], props["at"], props["show"]) == (other.id, 1.5, 1)
    assert props["revision"] == 1 and props["annotation"]["sections"][0]["label"] == "drop"


def test_a_draft_and_what_others_say_are_there(bench: Workbench) -> None:
    entry = analysed(bench, "a.wav")
    saved(bench, entry, "bob")
    draft = Annotation(sections=(Section(0.0, 1.0, "outro"),))
    bench.library.annotations.keep_draft(entry.id, "ada", None, draft)
    props = props_of(page(author="ada"))
    assert props["draft"]["annotation"]["sections"][0]["label"] == "outro"
    assert [(each["author"], each["revision"]) for each in props["others"]] == [("bob", 1)]
    assert "path" not in json.dumps(props["others"])


@pytest.mark.parametrize(("kind", "suggested"), [("blind", True), ("unaided", False)])
def test_a_blind_pass_hides_what_others_say_until_it_is_saved(
    bench: Workbench, kind: Any, suggested: bool
) -> None:
    entry = analysed(bench, "a.wav")
    saved(bench, entry, "bob")
    assign(bench.library.annotations, [entry.id], "ada", by="bob", kind=kind)
    props = props_of(page(author="ada"))
    assert props["others"] == [] and (props["suggestion"] is not None) == suggested
    assert kind in props["task"].lower() and "bob" in props["task"]
    saved(bench, entry, "ada")
    props = props_of(page(author="ada", recording=entry.digest[:12]))
    assert len(props["others"]) == 1 and props["suggestion"] is not None and props["task"] is None


def test_the_recording_before_is_the_one_saved_last(bench: Workbench) -> None:
    first, second = analysed(bench, "a.wav"), analysed(bench, "bb.wav")
    saved(bench, first, "ada")
    props = props_of(page(author="ada"))
    assert props["recording"]["id"] == second.id and props["previous"]["id"] == first.id
    assert props["next"] is None


def test_without_a_name_the_browser_is_asked_and_then_the_person(bench: Workbench) -> None:
    entry = analysed(bench, "a.wav")
    app = page()
    (keeper,) = app.get("bidi_component")
    assert json.loads(keeper.proto.json) == {"name": "", "forget": False} and "Who" not in text_of(app)
    named = page(author="  ")
    assert "Who annotates?" in text_of(named) and "no name" in named.warning[0].value
    named.text_input(key="typed-name").set_value(" Ada ")
    named.button[0].click().run()
    assert not named.exception and props_of(named)["recording"]["id"] == entry.id
    assert named.query_params["author"] == "ada"


def test_somebody_else_can_take_over(bench: Workbench) -> None:
    analysed(bench, "a.wav")
    app = page(author="ada")
    next(button for button in app.button if button.label == "Somebody else").click().run()
    assert "Who annotates?" in text_of(app) and "author" not in app.query_params
    (keeper,) = app.get("bidi_component")
    assert json.loads(keeper.proto.json)["forget"] is True


def test_a_queue_that_is_done_says_what_to_do(bench: Workbench) -> None:
    entry = analysed(bench, "a.wav")
    saved(bench, entry, "ada")
    app = page(author="ada")
    assert "Nothing waits for you" in text_of(app) and "a\\.wav" in links_of(app)


def test_an_empty_library_and_an_unknown_recording_teach(bench: Workbench) -> None:
    app = page(author="ada")
    assert "Nothing to annotate yet" in text_of(app) and "Open the library" in links_of(app)
    analysed(bench, "a.wav")
    app = page(author="ada", recording="ffffffffffff")
    assert "not in the library" in text_of(app) and "Open the library" in links_of(app)


def test_a_recording_without_an_analysis_waits_or_is_annotated_from_nothing(bench: Workbench) -> None:
    entry = bench.library.add_upload("tone.wav", tone(300.0))
    app = page(author="ada")
    assert "being analysed" in text_of(app) and app.get("progress")
    bench.library.set_status(entry.id, "failed", "no weights")
    props = props_of(page(author="ada"))
    assert props["suggestion"] is None and props["recording"]["duration"] == pytest.approx(2.0)
    bench.library.source(entry).unlink()
    bench = open_workbench(bench.settings)
    app = page(author="ada", recording=entry.digest[:12])
    assert "cannot be annotated" in app.error[0].value


def test_what_was_analysed_is_annotated_also_while_its_file_is_away(bench: Workbench) -> None:
    entry = analysed(bench, "a.wav")
    bench.library.source(entry).unlink()
    open_workbench(bench.settings)
    app = page(author="ada")
    assert "cannot be played" in app.error[0].value and props_of(app)["peaks"] is None
