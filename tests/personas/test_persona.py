import pytest
import yaml

from edm_core.errors import SettingsError
from edm_core.personas import load_personas, read_persona
from edm_core.resources import PERSONAS

PACKAGED = ["advertiser", "business_owner", "genz", "stay_at_home_mum", "tradies"]


def changed(tmp_path, change):
    data = yaml.safe_load((PERSONAS / "genz.yaml").read_text())
    change(data)
    path = tmp_path / "persona.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False))
    return path


def test_packaged_personas():
    personas = load_personas()
    assert list(personas) == PACKAGED
    assert [personas[name].emoji for name in PACKAGED] == ["💼", "🥸", "🔥", "⚽️", "😎"]
    for persona in personas.values():
        assert len(persona.anchors) == 5 and len(persona.version) == 12
        assert persona.likes.statements and persona.dislikes.statements
        assert not set(persona.likes.topics) & set(persona.dislikes.topics)
        assert not set(persona.likes.tones) & set(persona.dislikes.tones)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda d: d.pop("name"), "name is missing"),
        (lambda d: d.update(id="Gen Z"), "id is 'Gen Z'"),
        (lambda d: d.update(age=20), "age is not a text"),
        (lambda d: d.update(colour="red"), "colour is not known"),
        (lambda d: d.update(listens_to="radio"), "listens_to is 'radio'"),
        (lambda d: d["likes"]["topics"].update(Sprots=1), "unknown label 'Sprots'"),
        (lambda d: d["likes"]["tones"].update(Humorous=2), "weighs 'Humorous' with 2"),
        (lambda d: d["likes"].update(statements=[]), "likes.statements is not a list"),
        (lambda d: d["dislikes"].update(sections=["chorus"]), "unknown label 'chorus'"),
        (lambda d: d["rubric"].pop("tone"), "rubric.tone is None"),
        (lambda d: d["anchors"].pop(3), "anchors must hold"),
        (lambda d: d["anchors"].update({2: ""}), "anchors.2 is not a text"),
        (lambda d: d.update(tolerates=True), "tolerates is True"),
        (lambda d: d.update(likes="fun"), "likes does not hold"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, change, field):
    path = changed(tmp_path, change)
    with pytest.raises(SettingsError) as error:
        read_persona(path)
    assert str(path) in str(error.value) and field in str(error.value)


def test_the_line_is_told(tmp_path):
    path = tmp_path / "persona.yaml"
    path.write_text((PERSONAS / "genz.yaml").read_text().replace("listens_to: speech", "listens_to: radio"))
    line = path.read_text().splitlines().index("listens_to: radio") + 1
    with pytest.raises(SettingsError, match=f"line {line}: listens_to"):
        read_persona(path)


@pytest.mark.parametrize("text", ["", "- a", "id: [", "\x00", "just words"])
def test_what_is_no_persona_at_all(tmp_path, text):
    path = tmp_path / "persona.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        read_persona(path)


def test_two_with_one_id(tmp_path):
    text = (PERSONAS / "genz.yaml").read_text()
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text(text)
    with pytest.raises(SettingsError, match="taken"):
        load_personas(tmp_path)


def test_an_empty_folder(tmp_path):
    with pytest.raises(SettingsError, match="no persona"):
        load_personas(tmp_path)


def test_the_version_follows_the_bytes(tmp_path):
    path = changed(tmp_path, lambda d: d.update(age="18–26"))
    assert read_persona(path).version != load_personas()["genz"].version
