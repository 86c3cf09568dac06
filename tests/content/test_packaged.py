import numpy as np

from edm_core.content.labels import Label, LabelSet
from edm_core.content.packaged import Packaged
from edm_core.settings import Settings

AXES = {"red": (1, 0), "crimson sky": (0.9, 0.1), "blue": (0, 1), "azure sea": (0.1, 0.9), "hello": (-1, -1)}
LABELS = LabelSet((Label("Red", "red", ("crimson sky",)), Label("Blue", "blue", ("azure sea",))), "en", "v")


class Embed:
    identity: str | None = "model-1"

    def __init__(self):
        self.asked = []

    def __call__(self, texts):
        self.asked.append(tuple(texts))
        return np.array([AXES.get(text, (1, 0) if "red" in text else (0, 1)) for text in texts], np.float32)


def test_likeness_decides():
    judged = Packaged(Embed())(["a red car went past", "the wide open sea again", "too short"], LABELS)
    assert [one.label for one in judged] == ["Red", "Blue", None]
    assert judged[2].reason == "too few words to tell"


def test_what_is_most_like_small_talk_gets_no_label():
    labels = LabelSet(LABELS.labels, "en", "w", none_of_these=("hello",))
    embed = Embed()
    AXES["hello to you all today"] = (-1, -1)
    (judged,) = Packaged(embed)(["hello to you all today"], labels)
    assert judged.reason == "about nothing in particular"


def test_rows_of_labels_are_embedded_once_a_machine(tmp_path):
    settings = Settings(data_dir=tmp_path)
    first, second = Embed(), Embed()
    one = Packaged(first, settings)(["a red car went past"], LABELS)
    two = Packaged(second, settings)(["a red car went past"], LABELS)
    assert one == two
    assert any("crimson sky" in asked for asked in first.asked)
    assert not any("crimson sky" in asked for asked in second.asked)


def test_another_model_has_other_rows(tmp_path):
    settings = Settings(data_dir=tmp_path)
    Packaged(Embed(), settings)(["a red car went past"], LABELS)
    other = Embed()
    other.identity = "model-2"
    Packaged(other, settings)(["a red car went past"], LABELS)
    assert any("crimson sky" in asked for asked in other.asked)


def test_a_damaged_entry_is_made_anew(tmp_path):
    settings = Settings(data_dir=tmp_path)
    Packaged(Embed(), settings)(["a red car went past"], LABELS)
    (entry,) = tmp_path.rglob("rows.npy")
    entry.write_bytes(b"no array")
    again = Embed()
    assert Packaged(again, settings)(["a red car went past"], LABELS)[0].label == "Red"
    assert any("crimson sky" in asked for asked in again.asked)


def test_a_cache_that_cannot_be_written_costs_no_answer(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    assert Packaged(Embed(), Settings(data_dir=blocked))(["a red car went past"], LABELS)[0].label == "Red"
