import sys

import pytest

from edm_core.content.labels import Label, LabelSet
from edm_core.content.zero_shot import ZeroShot
from edm_core.errors import ModelError

LABELS = LabelSet(
    (Label("Red", "like fire", ("a",)), Label("Blue", "like the sea", ("b",))), "en", "v", "About {}.", 0.6
)


def entailment(texts, candidates, hypothesis_template, multi_label):
    assert hypothesis_template == "About {}." and not multi_label
    ranked = sorted(candidates, reverse=True)
    return [{"sequence": text, "labels": ranked, "scores": [0.8, 0.2]} for text in texts]


def test_shares_come_back_in_the_set_s_order():
    judged = ZeroShot("any", entailment)(["a red car went past", "short"], LABELS)
    assert (judged[0].label, judged[0].confidence) == ("Red", 0.8)
    assert judged[1].reason == "too few words to tell"


def test_nothing_is_loaded_for_nothing():
    assert ZeroShot("no/such")(["hm"], LABELS)[0].status == "abstained"


def test_no_model_named():
    with pytest.raises(ModelError, match="EDM_CONTENT_ENGINE"):
        ZeroShot("")(["a red car went past"], LABELS)


def test_without_transformers_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelError, match="research"):
        ZeroShot("some/model")(["a red car went past"], LABELS)


def test_a_folder_that_is_not_there_is_not_fetched(monkeypatch, tmp_path):
    class Transformers:
        @staticmethod
        def pipeline(*_, **__):
            raise AssertionError

    monkeypatch.setitem(sys.modules, "transformers", Transformers)
    with pytest.raises(ModelError, match="no such folder"):
        ZeroShot(str(tmp_path / "none"))(["a red car went past"], LABELS)


def test_what_transformers_cannot_load_is_said(monkeypatch, tmp_path):
    class Transformers:
        @staticmethod
        def pipeline(*_, **__):
            raise OSError("no config.json")

    monkeypatch.setitem(sys.modules, "transformers", Transformers)
    with pytest.raises(ModelError, match=r"no config\.json"):
        ZeroShot(str(tmp_path))(["a red car went past"], LABELS)
