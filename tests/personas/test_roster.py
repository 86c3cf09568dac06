import pytest

from edm_core.errors import SettingsError
from edm_core.personas import load_personas, own_folder, read_roster
from edm_core.resources import PERSONAS
from edm_core.settings import Settings


@pytest.fixture
def settings(tmp_path):
    settings = Settings(data_dir=tmp_path)
    own_folder(settings).mkdir(parents=True)
    return settings


def edited(settings, file, **changes):
    text = (PERSONAS / "genz.yaml").read_text(encoding="utf-8")
    for old, new in changes.values():
        assert old in text
        text = text.replace(old, new, 1)
    (own_folder(settings) / file).write_text(text, encoding="utf-8")


def test_an_own_edition_replaces_the_packaged(settings):
    edited(settings, "genz.yaml", name=("name: Gen Z", "name: Zed"))
    roster = read_roster(settings)
    assert roster.personas["genz"].name == "Zed" and len(roster.personas) == len(load_personas(PERSONAS))
    assert roster.places["genz"].parent == own_folder(settings)


def test_a_file_that_is_wrong_leaves_the_others_standing(settings):
    (own_folder(settings) / "bad.yaml").write_text("id: bad\nname: [1]\n", encoding="utf-8")
    edited(settings, "good.yaml", id=("id: genz", "id: good"))
    roster = read_roster(settings)
    assert "good" in roster.personas and len(roster.problems) == 1 and "bad.yaml" in str(roster.problems[0])


def test_an_id_that_is_taken_is_told(settings):
    for name in ("a.yaml", "b.yaml"):
        edited(settings, name, id=("id: genz", "id: twin"))
    (problem,) = read_roster(settings).problems
    assert "b.yaml" in str(problem) and "taken by a.yaml" in str(problem)


def test_the_retired_give_no_new_scores(settings):
    edited(settings, "genz.yaml", id=("id: genz", "id: genz\nretired: true"))
    assert "genz" not in load_personas(settings=settings) and read_roster(settings).personas["genz"].retired


def test_a_folder_that_is_named_must_be_right(tmp_path):
    with pytest.raises(SettingsError, match="holds no persona"):
        load_personas(tmp_path)
