"""The page Personas as a script, without a browser: who is listed, what is edited, saved and refused."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from edm_core.content import describe
from edm_core.personas.folder import Folder
from edm_core.personas.writing import blank
from edm_core.service import open_workbench
from edm_core.service.bench import Workbench
from edm_core.service.scoring_job import score_entry
from edm_core.settings import Settings
from edm_core.store import Entry
from edm_core.timeline import Layer, Passage, Recording, Timeline

NAVIGATION = Path(__file__).parents[2] / "pages" / "_navigation.py"
NAMES = "{Dad} _x_ [l](http://a) :red[b] $x$ 👩‍👩‍👧 שלום <b>"


@pytest.fixture
def bench(tmp_path: Path) -> Workbench:
    """A workbench whose queue is not started."""
    return open_workbench(Settings(data_dir=tmp_path / "data"))


@pytest.fixture
def folder(bench: Workbench) -> Folder:
    """The user's folder, with one persona of their own whose name is hard on every format."""
    folder = Folder.of(bench.settings)
    folder.create("dad", NAMES)
    return folder


def page(**query: str) -> AppTest:
    app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(str(NAVIGATION.parent / "personas.py"))
    app.run()
    assert not app.exception, app.exception
    return app


def click(app: AppTest, key: str) -> None:
    app.button(key=key).click().run()
    assert not app.exception, app.exception


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def texts(elements: Any) -> str:
    return "\n".join(element.value for element in elements)


def test_everybody_is_a_card_and_simulated_is_said(folder: Folder) -> None:
    app = page()
    links = [element.proto.label for element in app.get("page_link")]
    assert len(links) == len(folder.editions())
    assert "\\{Dad\\} \\_x\\_ \\[l\\]" in "\n".join(links)
    assert "your own" in html(app)
    assert "Simulated" in texts(app.caption)
    assert "uncalibrated" in texts(app.caption)


def test_a_new_persona_is_made_and_opened(folder: Folder) -> None:
    app = page()
    app.text_input(key="new-name").input("Night Nurse")
    app.selectbox(key="new-from").select("genz")
    next(button for button in app.button if button.label == "Make it").click().run()
    assert app.query_params["persona"] == "night_nurse"
    assert folder.edition("night_nurse").persona.name == "Night Nurse"
    assert "Night Nurse" in html(app)


def test_an_id_that_is_taken_or_none_is_refused(folder: Folder) -> None:
    before = set(folder.editions())
    for id, told in (("genz", "there already"), ("../../x", "no id")):
        app = page()
        app.text_input(key="new-name").input("Nobody")
        app.text_input(key="new-id").input(id)
        next(button for button in app.button if button.label == "Make it").click().run()
        assert told in texts(app.error)
        assert set(folder.editions()) == before
    assert folder.edition("genz").origin == "packaged"


def test_a_slider_is_tried_before_it_is_saved(folder: Folder) -> None:
    app = page(persona="genz")
    assert "with your changes" not in html(app)
    app.slider(key="form-genz-0-topics.Entertainment").set_value(-1.0).run()
    assert "with your changes, before" in html(app)
    assert folder.edition("genz").origin == "packaged"
    click(app, "save")
    saved = folder.edition("genz")
    assert (saved.origin, saved.persona.dislikes.topics["Entertainment"]) == ("edited", 1.0)
    assert "Entertainment" not in saved.persona.likes.topics
    assert "with your changes" not in html(app)
    click(app, "reset")
    assert folder.edition("genz").origin == "packaged"
    assert len(folder.versions("genz")) == 2


def test_what_was_changed_can_be_discarded(folder: Folder) -> None:
    app = page(persona="dad")
    app.text_input(key="form-dad-0-name").input("Mum").run()
    click(app, "discard")
    assert app.text_input(key="form-dad-1-name").value == NAMES
    assert folder.edition("dad").persona.name == NAMES


def test_a_wrong_field_is_told_and_not_saved(folder: Folder) -> None:
    app = page(persona="dad")
    view(app, "YAML")
    wrong = folder.edition("dad").text.replace("tolerates: 4", "tolerates: 40")
    app.text_area(key="yaml-1").input(wrong).run()
    line = wrong.splitlines().index("tolerates: 40") + 1
    assert f"line {line}\\: tolerates is 40" in texts(app.error)
    assert app.button(key="save").disabled
    view(app, "Form")
    assert "tolerates is 40" in texts(app.warning)
    view(app, "YAML")
    app.text_area(key="yaml-3").input(wrong.replace("40", "3  # few")).run()
    click(app, "save")
    assert folder.edition("dad").text == wrong.replace("40", "3  # few")


def test_what_the_form_says_stands_in_the_file_and_back(folder: Folder) -> None:
    app = page(persona="dad")
    app.slider(key="form-dad-0-tones.Humorous").set_value(0.5).run()
    view(app, "YAML")
    assert "Humorous: 0.5" in str(app.text_area(key="yaml-1").value)
    view(app, "Form")
    assert app.slider(key="form-dad-2-tones.Humorous").value == 0.5
    assert folder.edition("dad").persona.likes.tones == {}


def test_who_saves_second_sees_both(folder: Folder) -> None:
    app = page(persona="dad")
    app.text_input(key="form-dad-0-age").input("40").run()
    theirs = folder.edition("dad")
    folder.save(theirs.text.replace("tolerates: 4", "tolerates: 1"), base=theirs.mark)
    click(app, "save")
    assert "somebody else has saved" in texts(app.error)
    assert folder.edition("dad").persona.tolerates == 1
    assert "age: 18–80 → 40" in html(app)
    assert "tolerates: 1 → 4" in html(app)
    click(app, "save-mine")
    assert (folder.edition("dad").persona.age, folder.edition("dad").persona.tolerates) == ("40", 4)


def test_the_id_is_not_changed_by_hand(folder: Folder) -> None:
    app = page(persona="dad")
    view(app, "YAML")
    app.text_area(key="yaml-1").input(blank("genz", "Other")).run()
    click(app, "save")
    assert "clone dad" in texts(app.error).replace("\\", "")
    assert folder.edition("genz").origin == "packaged"


def test_retired_and_back(folder: Folder) -> None:
    app = page(persona="dad")
    click(app, "retire")
    assert folder.edition("dad").persona.retired
    assert "retired" in html(app)
    listed = page()
    assert NAMES not in html(listed)
    listed.toggle(key="retired").set_value(True).run()
    assert len(listed.get("page_link")) == len(folder.editions())
    click(app, "retire")
    assert not folder.edition("dad").persona.retired


def test_going_back_to_the_packaged_edition_leaves_nothing_to_save(folder: Folder) -> None:
    genz = folder.edition("genz")
    folder.save(genz.text.replace(f"tolerates: {genz.persona.tolerates}", "tolerates: 0"))
    app = page(persona="genz")
    assert app.slider(key="form-genz-0-tolerates").value == 0
    click(app, "reset")
    assert app.slider(key="form-genz-1-tolerates").value == genz.persona.tolerates
    assert "Not saved yet." not in texts(app.caption)


def test_what_is_not_saved_comes_before_retiring(folder: Folder) -> None:
    app = page(persona="dad")
    app.text_input(key="form-dad-0-age").input("40").run()
    click(app, "retire")
    assert "save or discard first" in texts(app.error)
    assert not folder.edition("dad").persona.retired


def test_a_copy_is_made_and_opened(folder: Folder) -> None:
    app = page(persona="dad")
    next(button for button in app.button if button.label == "Clone").click().run()
    assert app.query_params["persona"] == "dad_copy"
    assert folder.edition("dad_copy").persona.name == f"{NAMES} (copy)"


def test_own_ones_can_be_deleted(folder: Folder) -> None:
    app = page(persona="dad")
    click(app, "delete")
    assert "dad" not in folder.editions()
    assert "persona" not in app.query_params


def test_versions_are_compared_and_taken_up(folder: Folder) -> None:
    first = folder.edition("dad")
    folder.save(first.text.replace("tolerates: 4", "tolerates: 1"))
    app = page(persona="dad")
    view(app, "Versions")
    assert "tolerates: 4 → 1" in html(app)
    click(app, "take-up")
    click(app, "save")
    assert folder.edition("dad").persona == first.persona


def test_the_prompt_is_shown_word_for_word(folder: Folder) -> None:
    folder.save(folder.edition("dad").text + "prompt: |\n  You {are} {{a}} 'dad'.\n")
    app = page(persona="dad")
    view(app, "Prompt")
    assert "You {are} {{a}} 'dad'." in texts(app.code)


def test_a_broken_file_is_shown_and_repaired(folder: Folder) -> None:
    text = blank("mum", "Mum").replace("tolerates: 4", "tolerates: 40")
    (folder.own / "mother_[x].yaml").write_text(text)
    app = page()
    assert "tolerates is 40" in texts(app.error)
    area = next(area for area in app.text_area if area.value == text)
    area.input(text.replace("40", "4")).run()
    click(app, "repair-mother_[x].yaml")
    assert folder.edition("mum").path.name == "mother_[x].yaml"
    assert not app.error


def test_unknown_and_odd_addresses(folder: Folder) -> None:
    assert "no such persona" in html(page(persona="../../etc/passwd<img>"))
    assert "<img>" not in html(page(persona="<img>"))


def test_nothing_to_hear(folder: Folder) -> None:
    app = page(persona="dad")
    app.text_area(key="try-text").input("   ").run()
    assert "Write what they hear" in texts(app.caption)
    app.radio(key="try-from").set_value("A recording").run()
    assert "No recording has been analysed yet" in texts(app.caption)


def view(app: AppTest, name: str) -> None:
    (group,) = (each for each in app.button_group if each.key == "view")
    group.set_value(name).run()
    assert not app.exception, app.exception


# --- with a recording ------------------------------------------------------------------------------


@pytest.fixture
def entry(bench: Workbench, folder: Folder) -> Entry:
    """A recording of two passages, which two packaged personas and the user's own have scored."""
    file = BytesIO()
    soundfile.write(file, np.zeros(22_050), 22_050, format="WAV")
    file.seek(0)
    entry = bench.library.add_upload("show.wav", file)
    texts = ("Free tickets for the festival at midnight.", "The committee will report on pensions.")
    spoken = [Passage(place / 2, place / 2 + 0.5, text=text) for place, text in enumerate(texts)]
    layers = (Layer("passages", "model:a@1", describe(spoken)),)
    saved = bench.library.save_timeline(Timeline(Recording(entry.id, 1.0, 22_050, 1), layers))
    assert saved is not None
    score_entry(bench.library, saved, personas=["genz", "tradies", "dad"])
    return saved


def test_cards_tell_the_mean_over_the_library(bench: Workbench, entry: Entry) -> None:
    shown = html(page())
    assert shown.count("mean over 1 recording<") == 3
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    said = [each.score for each in timeline.reactions if each.persona == "genz" and each.score is not None]
    assert f"<b>{sum(said) / len(said):.1f}</b>" in shown


def test_who_has_scored_is_retired_rather_than_deleted(folder: Folder, entry: Entry) -> None:
    app = page(persona="dad")
    click(app, "delete")
    assert "retire it instead" in texts(app.error)
    assert "dad" in folder.editions()


def test_an_address_names_a_passage_to_try(bench: Workbench, entry: Entry) -> None:
    app = page(persona="genz", recording=entry.digest[:12], passage="2")
    assert app.selectbox(key=f"try-{entry.id}").value == "passage 2"
    assert "pensions" in texts(app.caption)
    timeline = bench.library.timeline(entry.id)
    assert timeline is not None
    (said,) = [each for each in timeline.reactions if each.persona == "genz" and each.target.index == 1]
    assert f"<b>{said.score:.1f}</b>" in html(app)
    assert (
        page(persona="genz", recording="nothing", passage="x").selectbox(key="try-recording").value
        == entry.id
    )
