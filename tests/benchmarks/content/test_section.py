import yaml

from benchmarks.content.cases import TRAIN, read
from benchmarks.content.section import section
from edm_core.content import read_labels, read_safety
from edm_core.resources import LABELS


def test_a_small_split_is_reported(tmp_path):
    data = yaml.safe_load(TRAIN.read_text())
    small = {
        "passages": data["passages"][::15],
        "nothing": data["nothing"][:2],
        "repeats": data["repeats"][::6],
    }
    small["safety"] = data["safety"][::12]
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(small))
    text = section(path)
    for part in ("### Topics", "### Tones", "### Safety", "### Repetition", "### Time", "the same result"):
        assert part in text
    assert "nan |" not in text.replace("[nan, nan]", "")


def test_nothing_of_the_training_split_stands_in_the_label_files():
    cases = read(TRAIN)
    known = {
        text
        for name in ("topics", "tones")
        for label in read_labels(LABELS / f"{name}.yaml").labels
        for text in label.prototypes
    }
    terms = read_safety()
    known |= set(terms.clear) | {text for texts in terms.examples.values() for text in texts}
    assert not known & {case.text for case in (*cases.passages, *cases.safety)}
    assert len(cases.passages) >= 240 and len(cases.safety) >= 120
