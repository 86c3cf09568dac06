import pytest
import yaml

from edm_core.content import labels_version, read_labels, read_safety
from edm_core.errors import SettingsError
from edm_core.resources import LABELS

GOOD = {
    "language": "en",
    "abstain_below": 0.2,
    "temperature": 0.05,
    "labels": [
        {"name": name, "description": "About it.", "prototypes": ["A sentence."]} for name in ("One", "Two")
    ],
}


def test_packaged_files():
    topics, tones = read_labels(LABELS / "topics.yaml"), read_labels(LABELS / "tones.yaml")
    assert len(topics.labels) == 20 and len(tones.labels) == 15
    assert "Weather & Climate" in topics.names and "Positive / Uplifting" in tones.names
    assert read_safety().flag_from == {"hate": 3, "sexual": 5, "violence": 4, "self_harm": 3, "profanity": 4}


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"labels": []}, "labels"),
        ({"labels": [GOOD["labels"][0]] * 2}, "'One' twice"),
        ({"labels": [*GOOD["labels"], {"name": "Three"}]}, "labels[2].prototypes"),
        (
            {"labels": [*GOOD["labels"], {"name": 3, "description": "x", "prototypes": ["y"]}]},
            "labels[2].name",
        ),
        ({"labels": [*GOOD["labels"], {"nme": "x"}]}, "'nme'"),
        ({"temperature": 0}, "temperature"),
        ({"abstain_below": "half"}, "abstain_below"),
        ({"language": ""}, "language"),
        ({"hypothesis": "no place for it"}, "hypothesis"),
        ({"shrinkage": 2}, "shrinkage"),
        ({"styles": ["a"]}, "styles"),
        ({"styles": {"hedges": [1]}}, "styles.hedges"),
        (
            {"labels": [*GOOD["labels"], {**GOOD["labels"][0], "name": "X", "words": ["a"]}]},
            "labels[2].words",
        ),
    ],
)
def test_what_is_wrong_is_named(tmp_path, change, place):
    path = tmp_path / "topics.yaml"
    path.write_text(yaml.safe_dump({**GOOD, **change}))
    with pytest.raises(SettingsError) as error:
        read_labels(path)
    assert str(path) in str(error.value) and place in str(error.value)


@pytest.mark.parametrize("text", ["{", "- a", "", "\x00"])
def test_what_is_no_yaml_or_no_mapping(tmp_path, text):
    path = tmp_path / "topics.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError):
        read_labels(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(SettingsError, match="cannot be read"):
        read_labels(tmp_path / "none.yaml")


def test_safety_severities_are_checked(tmp_path):
    data = yaml.safe_load((LABELS / "safety.yaml").read_text())
    data["categories"]["hate"]["terms"][9] = ["x"]
    path = tmp_path / "safety.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(SettingsError, match="severity"):
        read_safety(path)


def test_the_version_follows_the_bytes(tmp_path):
    path = tmp_path / "topics.yaml"
    path.write_text(yaml.safe_dump(GOOD))
    first = read_labels(path).version
    path.write_text(yaml.safe_dump(GOOD) + "# a comment\n")
    assert read_labels(path).version != first


def test_the_version_of_all_follows_each_file(tmp_path):
    for name in ("topics.yaml", "tones.yaml", "safety.yaml", "safety_examples.yaml", "examples.yaml"):
        (tmp_path / name).write_bytes((LABELS / name).read_bytes())
    assert labels_version(tmp_path) == labels_version()
    (tmp_path / "safety.yaml").write_text((LABELS / "safety.yaml").read_text() + "# mine\n")
    assert labels_version(tmp_path) != labels_version()


def beside(folder, passages):
    (folder / "topics.yaml").write_text(yaml.safe_dump(GOOD))
    (folder / "examples.yaml").write_text(yaml.safe_dump({"language": "en", "passages": passages}))
    return folder / "topics.yaml"


def test_examples_beside_a_file_are_read_with_it(tmp_path):
    path = beside(tmp_path, {"One": {"Glad": ["A glad one."], "Sad": ["A sad one."]}})
    assert read_labels(path).labels[0].prototypes == ("A sentence.", "A glad one.", "A sad one.")
    assert read_labels(path).labels[1].prototypes == ("A sentence.",)


@pytest.mark.parametrize(
    ("passages", "place"),
    [
        ({"Three": {"Glad": ["x"]}}, "passages.Three is no label of topics.yaml"),
        ({"One": ["x"]}, "passages.One"),
        ({"One": {"Glad": "x"}}, "passages.One.Glad"),
        ([], "passages"),
    ],
)
def test_wrong_examples_are_named(tmp_path, passages, place):
    with pytest.raises(SettingsError) as error:
        read_labels(beside(tmp_path, passages))
    assert "examples.yaml" in str(error.value) and place in str(error.value)


def test_the_version_follows_the_examples(tmp_path):
    first = read_labels(beside(tmp_path, {"One": {"Glad": ["x"]}})).version
    assert read_labels(beside(tmp_path, {"One": {"Glad": ["y"]}})).version != first


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (
            lambda data: data["categories"]["hate"]["terms"][3].append("<nobody> dies"),
            "categories.hate.terms",
        ),
        (lambda data: data["harmless"].append("... end"), "harmless"),
        (lambda data: data["contexts"][0]["at_most"].update(boredom=2), "contexts[0].at_most"),
        (lambda data: data["contexts"][0].pop("name"), "contexts[0].name"),
        (lambda data: data.update(groups=[]), "groups"),
        (lambda data: data["categories"].pop("hate"), "categories"),
    ],
)
def test_wrong_patterns_are_named(tmp_path, change, place):
    data = yaml.safe_load((LABELS / "safety.yaml").read_text())
    change(data)
    path = tmp_path / "safety.yaml"
    path.write_text(yaml.safe_dump(data))
    with pytest.raises(SettingsError) as error:
        read_safety(path)
    assert str(path) in str(error.value) and place in str(error.value)
